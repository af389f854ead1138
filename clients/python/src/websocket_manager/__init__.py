"""Publishes to a Super-Bot server: the five functions, and a client for programs that need more than one.

The functions find the server through the environment variables `SUPERBOT_URL` and `SUPERBOT_TOKEN`. When a call
returns, what it published is on the server's disk. When it cannot be done, it raises a `SuperBotError`.
"""

from ._version import __version__
from .client import Client
from .errors import (
    AuthenticationError,
    ConfigurationError,
    ConflictError,
    FieldError,
    InvalidInputError,
    NotFoundError,
    ResponseError,
    ServerError,
    SuperBotError,
    UnavailableError,
)
from .functions import (
    broadcast_new_listing,
    broadcast_new_listings,
    broadcast_scraper_status,
    broadcast_system_message,
    get_connected_users,
    notify_user,
)
from .old_socketio import init_socketio
from .payloads import (
    BatchResult,
    ConnectedUser,
    ConnectedUsers,
    FieldWarning,
    Level,
    ListingError,
    ListingResult,
    Message,
    Notification,
    PricePeriod,
)
from .retries import Retries

__all__ = [
    "AuthenticationError",
    "BatchResult",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "ConnectedUser",
    "ConnectedUsers",
    "FieldError",
    "FieldWarning",
    "InvalidInputError",
    "Level",
    "ListingError",
    "ListingResult",
    "Message",
    "NotFoundError",
    "Notification",
    "PricePeriod",
    "ResponseError",
    "Retries",
    "ServerError",
    "SuperBotError",
    "UnavailableError",
    "__version__",
    "broadcast_new_listing",
    "broadcast_new_listings",
    "broadcast_scraper_status",
    "broadcast_system_message",
    "get_connected_users",
    "init_socketio",
    "notify_user",
]
