"""What can keep a call from being done, as exceptions that a program can tell apart.

    SuperBotError
      ConfigurationError     no token, or an address that is none
      UnavailableError       still not done after all retries
      ResponseError          the server answered, but not with success
        InvalidInputError    what was given is not right; `errors` names each field
        AuthenticationError  the token is not valid, or may not do this
        NotFoundError        there is no such user
        ConflictError        the user is disabled, or an idempotency key was used for something else
        ServerError          the server failed, or what answered is no Super-Bot

The arguments of each are its attributes, so that exceptions can be pickled on their way between processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .payloads import BatchResult


class FieldError(NamedTuple):
    """A field that is wrong."""

    field: str
    """The path to the field; empty for the whole."""
    message: str
    """What was given and what would be right."""


class SuperBotError(Exception):
    """A call could not be done."""

    done: BatchResult | None = None
    """For a batch that broke off: what became of the listings before."""


class ConfigurationError(SuperBotError):
    """The settings do not say how to reach a server."""


class UnavailableError(SuperBotError):
    """The call was not done, however often it was tried; the reason is that of the last try."""

    def __init__(self, request: str, reason: str, tries: int, status: int | None, retry_after: float | None) -> None:
        super().__init__(request, reason, tries, status, retry_after)
        self.request = request
        self.reason = reason
        self.tries = tries
        self.status = status
        """The HTTP status of the last answer; `None` where there was none."""
        self.retry_after = retry_after
        """In how many seconds the server wants to be asked again, where it said so."""

    def __str__(self) -> str:
        times = "1 try" if self.tries == 1 else f"{self.tries} tries"
        return f"{self.request}: given up after {times}: {self.reason}"


class ResponseError(SuperBotError):
    """The server answered, but not with success."""

    def __init__(self, status: int, code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> None:
        super().__init__(status, code, detail, errors)
        self.status = status
        """The HTTP status."""
        self.code = code
        """A stable word for programs to branch on; empty where something else than Super-Bot answered."""
        self.detail = detail
        """The reason in words. Where several fields are wrong it names the first and how many there are."""
        self.errors = errors

    def __str__(self) -> str:
        reason = in_words(self.errors) or self.detail
        return f"{self.status} {self.code}: {reason}" if self.code else f"{self.status}: {reason}"


class InvalidInputError(ResponseError):
    """What was given is not right."""


class AuthenticationError(ResponseError):
    """The token is not valid, or may not do this."""


class NotFoundError(ResponseError):
    """There is no such user."""


class ConflictError(ResponseError):
    """The user is disabled, or an idempotency key was used before for something else."""


class ServerError(ResponseError):
    """The server failed, or what answered is no Super-Bot."""


BY_STATUS: dict[int, type[ResponseError]] = {
    400: InvalidInputError,
    401: AuthenticationError,
    403: AuthenticationError,
    404: NotFoundError,
    409: ConflictError,
    413: InvalidInputError,
    422: InvalidInputError,
}


def invalid(*errors: FieldError) -> InvalidInputError:
    """The exception for input that need not be sent to be known as wrong, as the server would have put it."""
    return InvalidInputError(422, "invalid", in_words(errors), errors)


def in_words(errors: Iterable[FieldError]) -> str:
    """Every wrong field, in one line."""
    return "; ".join(f"{error.field}: {error.message}" if error.field else error.message for error in errors)
