"""What the server answers, as types. It may answer more than these name."""

from __future__ import annotations

from typing import Any, Literal, Optional, TypedDict

Level = Literal["info", "success", "warning", "error"]
"""How much a system message matters."""

Status = Literal["created", "updated", "unchanged", "rejected"]

PricePeriod = Literal["hour", "day", "week", "month", "year", "area"]
"""What a recurring price is for."""


class _ListingError(TypedDict):
    code: str
    message: str


class ListingError(_ListingError, total=False):
    """Why a listing was rejected."""

    errors: list[dict[str, str]]
    """Each with the `field` that is wrong and a `message`; missing where no field is to blame."""


class FieldWarning(TypedDict):
    """An optional field of a listing that was left out, cut, or read as something else."""

    field: str
    message: str


class _ListingResult(TypedDict):
    status: Status


class ListingResult(_ListingResult, total=False):
    """What became of one listing."""

    id: int
    """The server's number for the listing; missing when it was rejected."""
    price: Optional[float]
    """The price as understood: 0 for free, `None` where the ad states none."""
    price_per: PricePeriod
    """The period that the price is for; missing for the price of a sale."""
    previous_price: Optional[float]
    """There when the price has changed."""
    warnings: list[FieldWarning]
    """Optional fields that were wrong, and how each was handled; missing where there are none."""
    error: ListingError
    """There when the listing was rejected."""


class BatchResult(TypedDict):
    """What became of many listings: how many of each, and one item for each listing, in order."""

    created: int
    updated: int
    unchanged: int
    rejected: int
    items: list[ListingResult]


class Notification(TypedDict):
    """A notification that was stored."""

    id: int
    seq: int


class Message(TypedDict):
    """A system message that was stored."""

    seq: int


class ConnectedUser(TypedDict):
    """A user with at least one connection."""

    username: str
    connections: int
    connected_at: str


class ConnectedUsers(TypedDict):
    """Who is connected right now; `connections` counts anonymous ones too, `count` only users."""

    count: int
    connections: int
    users: list[ConnectedUser]


Answer = dict[str, Any]
"""Any answer of the server, before it is known which of the above it is."""
