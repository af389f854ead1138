"""What tests are given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import description
import httpx
import pytest
from program import SuperBot, World, without_superbot

from websocket_manager import Client, Retries

QUICK = Retries(first_wait=0.01, longest_wait=0.05)
"""Retries that do not keep a test waiting."""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps the settings of whoever runs the tests out of them; SUPERBOT_BIN stays."""
    for name in set(os.environ) - set(without_superbot(dict(os.environ))) - {"SUPERBOT_BIN"}:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def described_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks every answer of a server under test against its description."""
    send = httpx.Client.send

    def send_and_check(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        response = send(client, request, **options)
        if request.url.port in SuperBot.ports and not options.get("stream"):
            content_type = response.headers.get("content-type", "")
            description.check(request.method, str(request.url), response.status_code, content_type, response.content)
        return response

    monkeypatch.setattr(httpx.Client, "send", send_and_check)


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """A running server, which many tests share: each publishes under links of its own."""
    with SuperBot() as superbot:
        yield World(superbot)


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with Client(world.url, world.publish_token, retries=QUICK) as client:
        yield client


@pytest.fixture
def link(request: pytest.FixtureRequest) -> str:
    """A link that no other test uses."""
    return f"https://example.org/{request.node.name}"
