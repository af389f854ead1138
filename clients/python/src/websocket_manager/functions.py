"""The publishing functions, for the server that the environment names."""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Mapping

from .client import Client
from .payloads import BatchResult, ConnectedUsers, Level, ListingResult, Message, Notification

# At most one, made when it is first needed. As in `Transport`, there is no lock that a fork could find held.
_clients: dict[str, Client] = {}


def broadcast_new_listing(listing: Mapping[str, object]) -> ListingResult:
    """Stores a listing and tells of it: see `Client.broadcast_new_listing`."""
    return _client().broadcast_new_listing(listing)


def broadcast_new_listings(listings: Iterable[Mapping[str, object]]) -> BatchResult:
    """Stores any number of listings and tells of them: see `Client.broadcast_new_listings`."""
    return _client().broadcast_new_listings(listings)


def notify_user(
    username: str, type: str, data: Mapping[str, object], *, idempotency_key: str | None = None
) -> Notification:
    """Tells one user something: see `Client.notify_user`."""
    return _client().notify_user(username, type, data, idempotency_key=idempotency_key)


def broadcast_scraper_status(status: Mapping[str, bool], *, idempotency_key: str | None = None) -> dict[str, bool]:
    """Says which scrapers run: see `Client.broadcast_scraper_status`."""
    return _client().broadcast_scraper_status(status, idempotency_key=idempotency_key)


def broadcast_system_message(message: str, level: Level = "info", *, idempotency_key: str | None = None) -> Message:
    """Tells everyone something: see `Client.broadcast_system_message`."""
    return _client().broadcast_system_message(message, level, idempotency_key=idempotency_key)


def get_connected_users() -> ConnectedUsers:
    """Who is connected right now: see `Client.get_connected_users`."""
    return _client().get_connected_users()


def _client() -> Client:
    client = _clients.get("default")
    # A second thread may make one too. It has opened nothing yet, so that nothing has to be closed.
    return _clients.setdefault("default", Client()) if client is None else client


@atexit.register
def _close() -> None:
    for client in _clients.values():
        client.close()
