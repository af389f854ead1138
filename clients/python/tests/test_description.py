"""The check of answers refuses what the description does not say."""

from __future__ import annotations

import json

import description
import pytest

USER = {"username": "ann", "is_admin": False}


def answered(path: str, status: int, body: object, media_type: str = "application/json") -> None:
    description.check("GET", path, status, media_type, json.dumps(body).encode())


def test_described_answers_pass() -> None:
    answered("/api/auth/me", 200, USER)
    answered("/healthz", 200, "not of the API")
    description.check("DELETE", "http://127.0.0.1/api/listings/7", 204, "", b"")


@pytest.mark.parametrize(
    ("path", "status", "body", "media_type"),
    [
        ("/api/auth/me", 200, {**USER, "undescribed": 1}, "application/json"),
        ("/api/auth/me", 200, {**USER, "is_admin": "no"}, "application/json"),
        ("/api/auth/me", 200, USER, "text/html"),
        ("/api/auth/me", 418, USER, "application/json"),
        ("/api/price-alerts", 200, {"items": [{"id": 1}]}, "application/json"),
        ("/api/nowhere", 200, {}, "application/json"),
        ("/api/nowhere", 404, {"undescribed": 1}, "application/problem+json"),
    ],
)
def test_other_answers_do_not(path: str, status: int, body: object, media_type: str) -> None:
    with pytest.raises(description.NotDescribed):
        answered(path, status, body, media_type)
