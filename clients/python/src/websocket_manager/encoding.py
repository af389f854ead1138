"""How values become the JSON that is sent, and how many listings go into one request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Union

from .errors import FieldError, InvalidInputError, invalid
from .payloads import ListingError, ListingResult

PIECE_LISTINGS = 500
"""How many listings go into one request at most: the server stores them in one transaction, which others wait for."""

PIECE_BYTES = 1_000_000
"""How long a request of several listings gets. The server takes 16 MiB unless set otherwise, many proxies 1 MiB."""

Entry = Union[bytes, ListingResult]
"""A listing as it is sent, or its rejection where it cannot be sent."""


def encode(value: Mapping[str, object]) -> bytes:
    """Encodes an object; times become ISO 8601, decimals numbers.

    Raises `InvalidInputError` for what JSON cannot hold, and names the fields.
    """
    try:
        return _dump(value)
    except (TypeError, ValueError, RecursionError) as error:
        wrong = [FieldError(str(name), why) for name, why in _faults(value)]
        raise invalid(*(wrong or [FieldError("", str(error))])) from None


def encode_listing(listing: object) -> bytes:
    """Encodes a listing; whether its fields are right is for the server to say."""
    if isinstance(listing, Mapping):
        return encode(listing)
    advice = "give a dict with title, link and source"
    if isinstance(listing, (list, tuple)):
        advice = "broadcast_new_listings takes many"
    raise invalid(FieldError("", f"a value of type {type(listing).__name__} is no listing; {advice}"))


def pieces(listings: Iterable[object]) -> Iterator[list[Entry]]:
    """Cuts listings into pieces, each small enough for one request. Takes no more of them than it gives."""
    piece: list[Entry] = []
    size = 1  # the first bracket; each listing brings a comma, or the last bracket
    for listing in listings:
        entry = _entry(listing)
        grows = len(entry) + 1 if isinstance(entry, bytes) else 0
        if piece and (len(piece) == PIECE_LISTINGS or size + grows > PIECE_BYTES):
            yield piece
            piece, size = [], 1
        piece.append(entry)
        size += grows
    if piece:
        yield piece


def rejected(error: InvalidInputError) -> ListingResult:
    """A refusal as the result of the one listing that it is about."""
    why: ListingError = {"code": error.code, "message": error.detail}
    if error.errors:
        why["errors"] = [wrong._asdict() for wrong in error.errors]
    return {"status": "rejected", "price": None, "error": why}


def _entry(listing: object) -> Entry:
    """One listing that cannot be sent must not keep the others from being sent."""
    try:
        return encode_listing(listing)
    except InvalidInputError as error:
        return rejected(error)


def _dump(value: object) -> bytes:
    # NaN is no JSON. Encoding to UTF-8 here finds halves of surrogate pairs, which are no text.
    return json.dumps(value, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _plain(value: object) -> object:
    """What JSON does not know, as something that it knows."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):  # `datetime` is a `date`
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"a value of type {type(value).__name__} cannot be sent as JSON")


def _faults(value: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, field in value.items() if isinstance(value, Mapping) else ():
        try:
            _dump({name: field})
        except (TypeError, ValueError, RecursionError) as error:
            yield name, str(error)
