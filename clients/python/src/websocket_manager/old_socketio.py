"""What is left of Flask-SocketIO: enough for an old program to start, and to say what to change in it."""

from __future__ import annotations

import warnings
from typing import Any, NoReturn

ADVICE = (
    "Super-Bot serves Socket.IO itself, so there is nothing to initialise in this program any more. "
    "Set SUPERBOT_URL and SUPERBOT_TOKEN to publish to the server, run this program's own pages with app.run(...) or "
    "any other WSGI server, on another port than Super-Bot's, and drop init_socketio"
)

# What `socketio.run` took beside that which `app.run` takes.
_OPTIONS_OF_SOCKETIO = ("allow_unsafe_werkzeug", "log_output", "reloader_options")


def init_socketio(app: object = None, *args: object, **options: object) -> SocketIO:
    """Does nothing but warn that there is nothing to do, so that old programs keep running."""
    warnings.warn(f"init_socketio does nothing: {ADVICE}.", FutureWarning, stacklevel=2)
    return SocketIO()


class SocketIO:
    """Stands where Flask-SocketIO's object stood."""

    def run(self, app: Any, host: str | None = None, port: int | None = None, **options: Any) -> None:
        """Runs the program's own pages, as `app.run` does."""
        for name in _OPTIONS_OF_SOCKETIO:
            options.pop(name, None)
        app.run(host=host, port=port, **options)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"socketio.{name} is gone: {ADVICE}. To publish, call the functions of websocket_manager")
