"""python-socketio's client with its default reconnection; prints a line for every greeting and every listing it receives."""

import json
import sys

import socketio

order = json.loads(sys.argv[1])
sio = socketio.Client()
sio.on("connection_status", lambda _: print("connected", flush=True))
sio.on("new_listing", lambda listing: print(listing["title"], flush=True))
sio.connect(order["url"], auth=order["auth"], transports=order["transports"])
sio.wait()
