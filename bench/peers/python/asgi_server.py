"""python-socketio on uvicorn: broadcasts the payloads of POST /broadcast, and sends those of POST /to/ROOM to rooms."""

import json
import socket
import sys
import threading

import os

import socketio
import uvicorn

sio = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=[], http_compression=False)


@sio.event
async def connect(sid, environ, auth):
    room = (auth or {}).get("room")
    if room:
        await sio.enter_room(sid, room)


async def publish(scope, receive, send):
    """Handles other HTTP requests: the two ways to publish."""
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    payload = json.loads(body)
    if scope["path"].startswith("/to/"):
        await sio.emit("notification", payload, room=scope["path"][len("/to/") :])
    else:
        await sio.emit("new_listing", payload)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})


def end_with_input():
    """Exits when standard input closes, since the parent process has ended then."""
    sys.stdin.read()
    os._exit(0)


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    app = socketio.ASGIApp(sio, other_asgi_app=publish)
    config = uvicorn.Config(
        app, log_level="warning", loop="uvloop", http="httptools", ws_per_message_deflate=False, lifespan="off"
    )
    threading.Thread(target=end_with_input, daemon=True).start()
    print(f"READY http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
