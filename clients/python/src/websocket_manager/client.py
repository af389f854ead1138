"""A client of one server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import cast
from urllib.parse import quote

from .encoding import Entry, encode, encode_listing, pieces, rejected
from .errors import FieldError, InvalidInputError, ServerError, SuperBotError, invalid
from .payloads import Answer, BatchResult, ConnectedUsers, Level, ListingResult, Message, Notification
from .retries import Retries
from .transport import Transport

DEFAULT_URL = "http://127.0.0.1:5000"


class Client:
    """Publishes to one server. Threads may share it, and so may processes that are forked.

    Without `url` and `token` it takes those of the environment, `SUPERBOT_URL` and `SUPERBOT_TOKEN`. `timeout` is how
    long it waits for the server to say something, `connect_timeout` for a connection, in seconds and for each try.
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 30.0,
        connect_timeout: float = 5.0,
        retries: Retries = Retries(),
    ) -> None:
        url = os.environ.get("SUPERBOT_URL", DEFAULT_URL) if url is None else url
        token = os.environ.get("SUPERBOT_TOKEN", "") if token is None else token
        self._transport = Transport(url, token, timeout, connect_timeout, retries)

    def __repr__(self) -> str:
        return f"Client({self._transport.url!r})"

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections. A later call opens new ones."""
        self._transport.close()

    def broadcast_new_listing(self, listing: Mapping[str, object]) -> ListingResult:
        """Stores a listing, and tells of it where it is new or has changed.

        It needs `title`, `link` and `source`; `price` may be a number or what a person would write. A listing that is
        known, by its source and link, is `updated` or `unchanged`. After a retry the answer may be `unchanged` for a
        listing that the first try has stored: it was told all the same, and once.
        """
        answer = self._write("POST", "/api/listings", encode_listing(listing))
        return cast(ListingResult, answer)

    def broadcast_new_listings(self, listings: Iterable[Mapping[str, object]]) -> BatchResult:
        """Stores any number of listings, some hundred with each request, and says what became of each, in order.

        One that is not right is `rejected` and keeps none of the others back. Where a request fails altogether, the
        exception's `done` says what became of the listings before; it is safe to send all of them again.
        """
        if isinstance(listings, Mapping):
            raise TypeError("listings must be a list of dicts; broadcast_new_listing takes a single dict")
        done: BatchResult = {"created": 0, "updated": 0, "unchanged": 0, "rejected": 0, "items": []}
        try:
            for piece in pieces(listings):
                for result in self._publish(piece):
                    done[result["status"]] += 1
                    done["items"].append(result)
        except SuperBotError as error:
            error.done = done
            raise
        return done

    def notify_user(
        self, username: str, type: str, data: Mapping[str, object], *, idempotency_key: str | None = None
    ) -> Notification:
        """Tells one user something, on every connection of theirs, now or when they come back.

        `type` is `price_alert`, `saved_search`, `custom` or any other word of `a-z 0-9 _ . -`. Two calls with the same
        `idempotency_key` within a day tell it once, also from different runs of a program.
        """
        path = f"/api/users/{_segment(username)}/notifications"
        answer = self._write("POST", path, encode({"type": type, "data": data}), idempotency_key)
        return cast(Notification, answer)

    def broadcast_scraper_status(
        self, status: Mapping[str, bool], *, idempotency_key: str | None = None
    ) -> dict[str, bool]:
        """Says which scrapers run; what is not mentioned stays as it is. Answers with the status of every source."""
        return self._write("PUT", "/api/scraper-status", encode(status), idempotency_key)

    def broadcast_system_message(
        self, message: str, level: Level = "info", *, idempotency_key: str | None = None
    ) -> Message:
        """Tells everyone something. Two calls with the same `idempotency_key` within a day tell it once."""
        body = encode({"message": message, "level": level})
        return cast(Message, self._write("POST", "/api/system-messages", body, idempotency_key))

    def get_connected_users(self) -> ConnectedUsers:
        """Who is connected right now."""
        return cast(ConnectedUsers, self._transport.send("GET", "/api/connected-users"))

    def _write(self, method: str, path: str, body: bytes, key: str | None = None) -> Answer:
        """Sends a request whose tries all carry the same key. Listings, known by their links, would not need one."""
        if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
            raise invalid(FieldError("Idempotency-Key", "must be 1 to 255 printable characters of ASCII"))
        return self._transport.send(method, path, body, key or uuid.uuid4().hex)

    def _publish(self, piece: list[Entry]) -> Iterator[ListingResult]:
        """The results of a piece as they become known."""
        results = self._send_listings([entry for entry in piece if isinstance(entry, bytes)])
        for entry in piece:
            yield next(results) if isinstance(entry, bytes) else entry

    def _send_listings(self, listings: list[bytes]) -> Iterator[ListingResult]:
        """Sends listings as an array; one that is refused as a whole is halved, until the listing at fault is alone."""
        if not listings:
            return
        try:
            answer = self._write("POST", "/api/listings", b"[" + b",".join(listings) + b"]")
        except InvalidInputError as refused:
            if len(listings) == 1:
                yield rejected(refused)
            else:
                middle = len(listings) // 2
                yield from self._send_listings(listings[:middle])
                yield from self._send_listings(listings[middle:])
            return
        items = answer.get("items")
        if not isinstance(items, list) or len(items) != len(listings):
            raise ServerError(200, "", "the server did not say what became of each listing")
        yield from items


def _segment(username: str) -> str:
    """A name as a part of a path. These would be no part of it, or another path; no user has such a name."""
    if not isinstance(username, str) or username in ("", ".", ".."):
        raise invalid(FieldError("username", f"{username!r} is no name of a user"))
    try:
        return quote(username, safe="")
    except UnicodeEncodeError:
        raise invalid(FieldError("username", "is no text")) from None
