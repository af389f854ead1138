"""Flask-SocketIO, on threads or gevent: broadcasts payloads of POST /broadcast, sends those of /to/ROOM to rooms."""

import sys

MODE = sys.argv[1]
if MODE == "gevent":
    from gevent import monkey

    monkey.patch_all()

import logging
import os
import socket
import threading

from flask import Flask, request
from flask_socketio import SocketIO, join_room

app = Flask(__name__)
io = SocketIO(app, async_mode=MODE, http_compression=False)
logging.getLogger("werkzeug").setLevel(logging.ERROR)


@io.on("connect")
def connect(auth=None):
    room = (auth or {}).get("room")
    if room:
        join_room(room)


@app.post("/broadcast")
def broadcast():
    io.emit("new_listing", request.get_json())
    return {}


@app.post("/to/<room>")
def to(room):
    io.emit("notification", request.get_json(), to=room)
    return {}


def free_port():
    """Returns a port that is free now; these servers do not accept a bound socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def end_with_input():
    """Exits when standard input closes, since the parent process has ended then."""
    os.read(0, 1)
    os._exit(0)


def main():
    port = free_port()
    if MODE == "gevent":
        from gevent.pywsgi import WSGIServer
        from geventwebsocket.handler import WebSocketHandler

        server = WSGIServer(("127.0.0.1", port), app, handler_class=WebSocketHandler, log=None, backlog=4096)
        server.start()
        print(f"READY http://127.0.0.1:{port}", flush=True)
        server.serve_forever()
    else:
        threading.Thread(target=end_with_input, daemon=True).start()
        print(f"READY http://127.0.0.1:{port}", flush=True)
        io.run(app, host="127.0.0.1", port=port, allow_unsafe_werkzeug=True)


if __name__ == "__main__":
    main()
