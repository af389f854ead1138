"""One connection of python-socketio's client, told what to do by its arguments; prints what it saw as JSON."""

import json
import sys
import threading

import socketio

DEADLINE_S = 15


def main() -> None:
    order = json.loads(sys.argv[1])
    sio = socketio.Client(reconnection=False)
    seen: dict = {}
    arrived = {name: threading.Event() for name in order["events"]}

    for name in order["events"]:
        sio.on(name, handler(seen, arrived, name))
    sio.on("connect_error", lambda data=None: seen.setdefault("connect_error", data))
    try:
        sio.connect(
            order["url"],
            headers=order.get("headers", {}),
            auth=order.get("auth"),
            transports=order["transports"],
            wait_timeout=DEADLINE_S,
        )
    except socketio.exceptions.ConnectionError as error:
        print(json.dumps({"refused": str(error), "connect_error": seen.get("connect_error")}))
        return

    # Whoever started this now publishes what is waited for below: not sooner, for only then is this connection live.
    if "connection_status" in arrived:
        wait(arrived, "connection_status")
    print("connected", flush=True)
    if order.get("binary"):
        data = bytes([0, 1, 2, 255])
        sio.emit("message", (data, {"deep": [data, "text"]}, 7))
        wait(arrived, "message-back")
        acknowledged = sio.call("message-with-ack", (data, "text"), timeout=DEADLINE_S)
        seen["echoed"] = seen.pop("message-back") == [data, {"deep": [data, "text"]}, 7]
        seen["acknowledged"] = list(acknowledged) == [data, "text"]
    else:
        seen["subscribed"] = sio.call("subscribe_scraper_status", timeout=DEADLINE_S)
        seen["read"] = sio.call("notification_read", {"ids": []}, timeout=DEADLINE_S)
        sio.emit("ping")
        for name in arrived:
            wait(arrived, name)
    seen["transport"] = sio.transport()
    sio.disconnect()
    print(json.dumps(seen))


def handler(seen: dict, arrived: dict, name: str):
    def handle(*args):
        if name not in seen:
            seen[name] = args[0] if len(args) == 1 else list(args)
            arrived[name].set()

    return handle


def wait(arrived: dict, name: str) -> None:
    if not arrived[name].wait(DEADLINE_S):
        sys.exit(f"{name} did not come within {DEADLINE_S} s")


main()
