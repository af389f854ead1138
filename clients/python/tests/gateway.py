"""A door before the server, on loopback, that treats requests as a bad day would."""

from __future__ import annotations

import gzip
import os
import socket
import struct
import threading
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple, Union
from urllib.parse import urlsplit

import description

CUT = "cut"
"""The server does its work, and the connection breaks before its answer arrives."""
RESET = "reset"
"""The same, as when a machine on the way is restarted."""
HALF = "half"
"""The connection breaks in the middle of the answer."""
SILENT = "silent"
"""No answer comes, ever, and the server hears of nothing."""


class Says(NamedTuple):
    """An answer that the server knows nothing of."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b""


class Request(NamedTuple):
    """What arrived at the door."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Turn = Union[str, Says, None]
"""What becomes of a request; `None`: it is passed on."""


class Gateway:
    """Spoils the first requests, each in its turn, and passes all others on."""

    def __init__(self, url: str, *turns: Turn) -> None:
        gateway = self

        class Handler(_Handler):
            door = gateway

        self.upstream = urlsplit(url)
        self.requests: list[Request] = []
        self.connections = 0
        self.faults: list[description.NotDescribed] = []
        self.closed = threading.Event()
        self._turns: list[Turn] = list(turns)
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> Gateway:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()
        if self.faults:
            raise self.faults[0]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def keys(self) -> list[str | None]:
        """The idempotency keys that the requests carried."""
        return [request.headers.get("idempotency-key") for request in self.requests]

    def arrived(self, request: Request) -> Turn:
        """Notes a request and says what is to become of it."""
        with self._lock:
            self.requests.append(request)
            return self._turns.pop(0) if self._turns else None

    def check(self, request: Request, response: HTTPResponse, body: bytes) -> None:
        """Notes what is not described about an answer of the server; the test's thread raises it."""
        if response.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            content_type = response.getheader("Content-Type", "")
            description.check(request.method, request.path, response.status, content_type, body)
        except description.NotDescribed as error:
            self.faults.append(error)

    def opened(self) -> None:
        with self._lock:
            self.connections += 1


class _Handler(BaseHTTPRequestHandler):
    door: Gateway
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.door.opened()

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:  # a client that gave up
            self.close_connection = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, body)
        turn = self.door.arrived(request)
        if isinstance(turn, Says):
            self._answer(turn.status, list(turn.headers.items()), turn.body)
        elif turn == SILENT:
            self.door.closed.wait()
            self.close_connection = True
        else:
            self._pass_on(request, turn)

    do_GET = do_PUT = do_POST

    def _pass_on(self, request: Request, turn: str | None) -> None:
        upstream = HTTPConnection(self.door.upstream.hostname or "", self.door.upstream.port)
        try:
            upstream.request(request.method, request.path, request.body, request.headers)
            response = upstream.getresponse()
            body = response.read()
        finally:
            upstream.close()
        self.door.check(request, response, body)
        if turn is None:
            self._answer(response.status, response.getheaders(), body)
            return
        if turn == HALF:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body[: len(body) // 2])
        if turn == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        self.close_connection = True

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: what arrived is in `requests`."""
