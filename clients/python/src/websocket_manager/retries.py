"""When to try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

RETRIED_STATUSES = frozenset({429, 502, 503, 504, 507})
"""Too many requests; the server, or a proxy before it, cannot do it now; its disk is full."""


@dataclass(frozen=True)
class Retries:
    """How long to keep trying. All times are in seconds."""

    tries: int = 8
    """How often a request is sent at most; 1 means never again."""
    give_up_after: float = 60.0
    """No try begins later than this after the first, and none waits for the server longer than what is left of it."""
    first_wait: float = 0.5
    """The wait after the first failure; each further one is twice as long."""
    longest_wait: float = 8.0
    """The wait never gets longer than this, unless the server asks for it."""

    def __post_init__(self) -> None:
        if self.tries < 1 or self.give_up_after <= 0 or self.first_wait < 0 or self.longest_wait < 0:
            raise ValueError(f"{self} would never try")

    def wait(self, failures: int, retry_after: float | None, jitter: float) -> float:
        """How long to wait after so many failures; never less than the server asked for.

        `jitter` is a random number from 0 to 1: programs that failed together should not come back together.
        """
        # Beyond 2 ** 30 the longest wait has won long ago.
        backoff = min(self.longest_wait, self.first_wait * 2.0 ** min(failures - 1, 30)) * (1 + jitter) / 2
        if retry_after is None:
            return backoff
        return max(backoff, retry_after + self.first_wait * jitter)


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Reads the header `Retry-After`: seconds or a date (RFC 9110, section 10.2.3); `None` where it makes no sense."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    return max(0.0, (date - now).total_seconds())
