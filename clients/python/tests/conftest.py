"""What tests are given."""

from __future__ import annotations

import os
from collections.abc import Iterator

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
