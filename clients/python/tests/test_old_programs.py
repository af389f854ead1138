"""Programs that were written for the Python Super-Bot."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from program import World
from scripts import environment, run

from websocket_manager import init_socketio

OLD_PROGRAM = """
from websocket_manager import broadcast_new_listing, broadcast_scraper_status, broadcast_system_message
from websocket_manager import get_connected_users, notify_user

listing_data = {'id': 123, 'title': '2002 Corvette Z06', 'price': 28000, 'link': 'https://...', 'source': 'craigslist'}
broadcast_new_listing(listing_data)
notify_user('ann', 'price_alert', {'message': 'It got cheaper', 'listing': listing_data})
broadcast_scraper_status({'facebook': True, 'craigslist': False, 'ksl': True})
broadcast_system_message('Maintenance in 10 minutes', 'warning')
print(f"Connected: {get_connected_users()}")
"""

OLD_START = """
from websocket_manager import init_socketio
socketio = init_socketio(app)
socketio.run(app, host="0.0.0.0", port=5000, debug=True)
"""


class App:
    """As much of a Flask application as is needed."""

    def __init__(self) -> None:
        self.ran: list[dict[str, Any]] = []

    def run(self, host: object = None, port: object = None, debug: object = None, **options: object) -> None:
        self.ran.append({"host": host, "port": port, "debug": debug, **options})


def test_the_five_calls_of_an_old_program_work_unchanged(world: World) -> None:
    before = world.last_seq()
    ran = run(OLD_PROGRAM, environment(world.url, world.publish_token))
    assert re.match(r"Connected: \{'count': \d+, ", ran.stdout)
    assert ran.stderr == ""
    told = [event for event in world.heard_since(before) if event["event"] != "scraper_status_update"]
    assert [event["event"] for event in told] == ["new_listing", "notification", "system_message"]
    listing, notification, message = told
    assert (listing["title"], listing["price"], listing["link"]) == ("2002 Corvette Z06", 28000, "https://...")
    assert (notification["type"], notification["data"]["listing"]["id"]) == ("price_alert", 123)
    assert (message["message"], message["level"]) == ("Maintenance in 10 minutes", "warning")
    status = world.get("/api/status")
    assert (status["facebook"], status["craigslist"], status["ksl"]) == (True, False, True)


def test_an_old_program_starts_and_is_told_what_to_change() -> None:
    app = App()
    with pytest.warns(FutureWarning, match="SUPERBOT_URL and SUPERBOT_TOKEN") as warned:
        exec(OLD_START, {"app": app})
    assert len(warned) == 1
    assert app.ran == [{"host": "0.0.0.0", "port": 5000, "debug": True}]


def test_options_that_only_socketio_had_are_dropped() -> None:
    app = App()
    with pytest.warns(FutureWarning):
        socketio = init_socketio(app, cors_allowed_origins="*")
    socketio.run(app, port=8000, allow_unsafe_werkzeug=True, log_output=False, use_reloader=False)
    assert app.ran == [{"host": None, "port": 8000, "debug": None, "use_reloader": False}]


def test_what_else_was_done_with_socketio_explains_itself() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        socketio = init_socketio(App())
    assert not hasattr(socketio, "emit")
    with pytest.raises(AttributeError, match="socketio.emit is gone: .* call the functions of websocket_manager"):
        socketio.emit("new_listing", {})


def test_the_warning_is_seen_without_asking_for_it_and_names_the_line(world: World, tmp_path: Path) -> None:
    (tmp_path / "webshop.py").write_text(
        "from websocket_manager import init_socketio\n\nsocketio = init_socketio(None)\n"
    )
    settings = environment(world.url, world.publish_token)
    settings["PYTHONPATH"] += os.pathsep + str(tmp_path)
    ran = run("import webshop", settings)
    assert f"{tmp_path}/webshop.py:3: FutureWarning: init_socketio does nothing: " in ran.stderr
