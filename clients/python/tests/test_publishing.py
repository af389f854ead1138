"""The five functions, as those who are told see them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal

import httpx
import pytest
from program import World

import websocket_manager
from websocket_manager import Client, functions


@pytest.fixture
def environment(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings as an old program gets them."""
    monkeypatch.setenv("SUPERBOT_URL", world.url)
    monkeypatch.setenv("SUPERBOT_TOKEN", world.publish_token)
    monkeypatch.setattr(functions, "_clients", {})
    yield
    functions._close()


def test_a_new_listing_is_stored_and_told(client: Client, world: World, link: str) -> None:
    before = world.last_seq()
    published = client.broadcast_new_listing({"title": "Road bike", "price": "$250 OBO", "link": link, "source": "ksl"})
    assert (published["status"], published["price"]) == ("created", 250)
    [event] = world.heard_since(before)
    assert (event["event"], event["id"], event["title"]) == ("new_listing", published["id"], "Road bike")
    assert (event["price"], event["link"], event["source"]) == (250, link, "ksl")


def test_a_rent_has_its_period(client: Client, world: World, link: str) -> None:
    before = world.last_seq()
    listing = {"title": "Flat", "price": 500, "price_per": "month", "link": link, "source": "ksl"}
    published = client.broadcast_new_listing(listing)
    assert (published["price"], published["price_per"]) == (500, "month")
    [event] = world.heard_since(before)
    assert (event["price"], event["price_per"]) == (500, "month")


def test_a_known_listing_is_updated_or_unchanged(client: Client, link: str) -> None:
    listing = {"title": "Road bike", "price": 250, "link": link, "source": "ksl"}
    first = client.broadcast_new_listing(listing)
    assert client.broadcast_new_listing(listing)["status"] == "unchanged"
    updated = client.broadcast_new_listing({**listing, "price": 200})
    assert updated == {"status": "updated", "id": first["id"], "price": 200, "previous_price": 250}


def test_times_and_decimals_are_sent_as_what_they_are(client: Client, world: World, link: str) -> None:
    put_up = datetime(2025, 10, 9, 10, 30, tzinfo=timezone.utc)
    listing = {"title": "Lamp", "price": Decimal("24.99"), "link": link, "source": "ksl", "created_at": put_up}
    published = client.broadcast_new_listing(listing)
    assert published["price"] == 24.99
    assert world.get(f"/api/listings/{published['id']}")["created_at"] == "2025-10-09T10:30:00Z"


def test_a_notification_reaches_its_user_with_its_data_untouched(client: Client, world: World) -> None:
    before = world.last_seq()
    data = {"z": 1.0, "a": {"message": "Grüße <b>"}}
    sent = client.notify_user("ann", "price_alert", data)
    [event] = world.heard_since(before)
    assert (event["event"], event["type"], event["data"]) == ("notification", "price_alert", data)
    assert list(event["data"]) == ["z", "a"]
    assert (event["id"], event["seq"]) == (sent["id"], sent["seq"])


@pytest.mark.parametrize("name", ["å b", "50% off?", "a.b", "...", "x#y&z", "%2e%2e"])
def test_any_name_of_a_user_finds_its_user(client: Client, world: World, name: str) -> None:
    world.superbot.add_user(name)
    assert client.notify_user(name, "custom", {})["id"] > 0


def test_the_same_idempotency_key_tells_once(client: Client, world: World) -> None:
    before = world.last_seq()
    first = client.notify_user("ann", "custom", {"n": 1}, idempotency_key="run 7")
    assert client.notify_user("ann", "custom", {"n": 1}, idempotency_key="run 7") == first
    message = client.broadcast_system_message("Hello", idempotency_key="run 7 says hello")
    assert client.broadcast_system_message("Hello", idempotency_key="run 7 says hello") == message
    assert [event["event"] for event in world.heard_since(before)] == ["notification", "system_message"]


def test_two_calls_without_a_key_are_two_messages(client: Client, world: World) -> None:
    before = world.last_seq()
    for _ in range(2):
        client.broadcast_system_message("Again")
    assert len(world.heard_since(before)) == 2


def test_a_scraper_status_is_merged(client: Client, world: World) -> None:
    client.broadcast_scraper_status({"facebook": True})
    merged = client.broadcast_scraper_status({"ksl": True, "my-shop": False})
    assert merged == {"craigslist": False, "facebook": True, "ksl": True, "my-shop": False}
    assert world.get("/api/status") == merged


def test_everyone_hears_a_system_message(client: Client, world: World) -> None:
    before = world.last_seq()
    sent = [
        client.broadcast_system_message("Maintenance in 10 minutes", "warning"),
        client.broadcast_system_message("Done"),
    ]
    events = world.heard_since(before)
    assert [(event["message"], event["level"]) for event in events] == [
        ("Maintenance in 10 minutes", "warning"),
        ("Done", "info"),
    ]
    assert [event["seq"] for event in events] == [message["seq"] for message in sent]


def test_who_is_connected_is_known(client: Client, world: World) -> None:
    world.superbot.add_user("bo")
    token = world.superbot.token("user", "bo")
    assert "bo" not in [user["username"] for user in client.get_connected_users()["users"]]
    # A Socket.IO connection over long-polling: open, CONNECT with a token, and read what answers that.
    address, query = f"{world.url}/socket.io/", {"EIO": "4", "transport": "polling"}
    with httpx.Client(trust_env=False) as browser:
        query["sid"] = browser.get(address, params=query).text.split('"sid":"')[1].split('"')[0]
        browser.post(address, params=query, content=f'40{{"token":"{token}"}}').raise_for_status()
        while "connection_status" not in browser.get(address, params=query).text:
            pass  # each of these waits for the next packets
        connected = client.get_connected_users()
        [bo] = [user for user in connected["users"] if user["username"] == "bo"]
        assert bo["connections"] == 1
        assert connected["count"] == len(connected["users"]) <= connected["connections"]
        browser.post(address, params=query, content="1").raise_for_status()


@pytest.mark.usefixtures("environment")
def test_the_functions_take_their_server_from_the_environment(world: World, link: str) -> None:
    listing: dict[str, object] = {"title": "Sofa", "price": 90, "link": link, "source": "facebook"}
    before = world.last_seq()
    assert websocket_manager.broadcast_new_listing(listing)["status"] == "created"
    assert websocket_manager.broadcast_new_listings([listing])["unchanged"] == 1
    websocket_manager.notify_user("ann", "custom", {"message": "hello"})
    websocket_manager.broadcast_system_message("Hello", "success")
    assert websocket_manager.broadcast_scraper_status({"facebook": False})["facebook"] is False
    assert "users" in websocket_manager.get_connected_users()
    told = [event["event"] for event in world.heard_since(before)]
    assert told[:3] == ["new_listing", "notification", "system_message"]
    assert len(functions._clients) == 1
