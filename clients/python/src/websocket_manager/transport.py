"""One request to the server, with retries, over connections that belong to this process."""

from __future__ import annotations

import logging
import os
import random
import time
from datetime import datetime, timezone
from typing import Callable, NamedTuple, cast

import httpx

from ._version import __version__
from .errors import BY_STATUS, ConfigurationError, FieldError, ResponseError, ServerError, UnavailableError
from .payloads import Answer
from .retries import RETRIED_STATUSES, Retries, parse_retry_after

logger = logging.getLogger("websocket_manager")


class Failure(NamedTuple):
    """A try that failed in a way that the next one may not."""

    reason: str
    status: int | None = None
    retry_after: float | None = None
    cause: Exception | None = None


class Transport:
    """Sends requests. Threads may share it, and processes that are forked while it is in use."""

    def __init__(self, url: str, token: str, timeout: float, connect_timeout: float, retries: Retries) -> None:
        self.url = parse_url(url)
        # These headers hide the token when they are printed; nothing else here holds it.
        self._headers = httpx.Headers(
            {
                "Authorization": f"Bearer {parse_token(token)}",
                "Accept": "application/json",
                "User-Agent": f"superbot-python/{__version__}",
            }
        )
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._retries = retries
        self._sleep: Callable[[float], None] = time.sleep
        # By process: after a fork, both would write into the same sockets. No lock guards it; a fork may find one held.
        self._connections: dict[int, httpx.Client] = {}

    def close(self) -> None:
        """Closes the connections of this process. Another request opens new ones."""
        connections = self._connections.pop(os.getpid(), None)
        if connections is not None:
            connections.close()

    def send(self, method: str, path: str, body: bytes | None = None, key: str | None = None) -> Answer:
        """Sends a request until it is answered for good; `key` tells the server which tries are the same request.

        Raises `ResponseError` for an answer that is no success, and `UnavailableError` when there was none to the end.
        """
        headers = {} if body is None else {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        deadline = time.monotonic() + self._retries.give_up_after
        tries = 0
        while True:
            tries += 1
            outcome = self._try(method, path, body, headers, deadline - time.monotonic())
            if not isinstance(outcome, Failure):
                return outcome
            wait = self._retries.wait(tries, outcome.retry_after, random.random())
            if tries == self._retries.tries or wait >= deadline - time.monotonic():
                request = f"{method} {self.url}{path}"
                raise UnavailableError(
                    request, outcome.reason, tries, outcome.status, outcome.retry_after
                ) from outcome.cause
            logger.warning("%s %s: %s; trying again in %.1f s", method, path, outcome.reason, wait)
            self._sleep(wait)

    def _try(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], left: float
    ) -> Answer | Failure:
        left = max(left, 0.001)  # 0 would mean: do not wait at all
        timeout = httpx.Timeout(min(self._timeout, left), connect=min(self._connect_timeout, left))
        try:
            response = self._open_connections().request(
                method, self.url + path, content=body, headers=headers, timeout=timeout
            )
        except httpx.RequestError as error:
            # Some of these come after the server has done its work. That it is not done twice, `key` makes sure.
            return Failure(f"{type(error).__name__}: {error}".rstrip(" :."), cause=error)
        if response.status_code in RETRIED_STATUSES:
            retry_after = parse_retry_after(response.headers.get("Retry-After"), datetime.now(timezone.utc))
            return Failure(str(problem(response)), response.status_code, retry_after)
        if not response.is_success:
            raise problem(response)
        return answer(response)

    def _open_connections(self) -> httpx.Client:
        connections = self._connections.get(os.getpid())
        if connections is None:
            made = httpx.Client(headers=self._headers)
            connections = self._connections.setdefault(os.getpid(), made)
            if connections is not made:  # another thread was first
                made.close()
        return connections


def parse_url(url: str) -> str:
    """The address of a server, perhaps with a path that a proxy serves it under."""
    # Errors do not show what was given: it may be a token that got into the wrong place.
    try:
        parts = httpx.URL(url.strip())
    except httpx.InvalidURL:
        parts = httpx.URL("")
    if parts.scheme not in ("http", "https") or not parts.host or parts.query or parts.fragment:
        raise ConfigurationError("the address of the server (SUPERBOT_URL) must be like http://127.0.0.1:5000")
    if parts.userinfo:
        raise ConfigurationError("the address of the server (SUPERBOT_URL) has a password in it, which is not needed")
    return str(parts).rstrip("/")


def parse_token(token: str) -> str:
    """A token that can stand in a header."""
    token = token.strip()
    if not token:
        raise ConfigurationError(
            "there is no token: set SUPERBOT_TOKEN (make one with `superbot token create --name N --scope publish`)"
        )
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise ConfigurationError("SUPERBOT_TOKEN has characters in it that no token has")
    return token


def answer(response: httpx.Response) -> Answer:
    """The object that a server answers with."""
    try:
        value = response.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ServerError(response.status_code, "", f"what answers at {response.url} is no Super-Bot")
    return cast(Answer, value)


def problem(response: httpx.Response) -> ResponseError:
    """The exception for an answer that is no success: the server's own words (RFC 9457), where it has any."""
    status = response.status_code
    try:
        body = response.json()
        code, detail = str(body["code"]), str(body["detail"])
        errors = tuple(FieldError(str(error["field"]), str(error["message"])) for error in body.get("errors", ()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return _wordless(response)
    return BY_STATUS.get(status, ServerError)(status, code, detail, errors)


def _wordless(response: httpx.Response) -> ResponseError:
    """Something else than Super-Bot answered, such as a proxy: only what any server means by it can be relied upon."""
    status = response.status_code
    detail = f"{response.reason_phrase}, says {response.url}"
    if "Location" in response.headers:
        detail += f", and sends on to {response.headers['Location']}; set SUPERBOT_URL to where the server is"
    kind = BY_STATUS[status] if status in (401, 403, 413) else ServerError
    return kind(status, "", detail)
