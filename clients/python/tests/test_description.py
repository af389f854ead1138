"""The check of answers refuses what the description does not say."""

from __future__ import annotations

import json

import description
import pytest

USER = {"id": 1, "username": "ann", "is_admin": False, "created_at": "2026-01-31T10:30:00Z"}


def answered(path: str, status: int, body: object, media_type: str = "application/json") -> None:
    description.check("GET", path, status, media_type, json.dumps(body).encode())


def test_described_answers_pass() -> None:
    answered("/api/auth/me", 200, USER)
    answered("/healthz", 200, "not of the API")
    description.check("DELETE", "http://127.0.0.1/api/listings/7", 204, "", b"")


def test_every_line_of_ndjson_is_checked() -> None:
    line = {"status": "created", "id": 7, "price": 5}

    def check(*lines: object) -> None:
        body = "".join(json.dumps(one) + "\n" for one in lines).encode()
        description.check("POST", "/api/listings", 200, "application/x-ndjson", body)

    check(line, {**line, "id": 8})
    with pytest.raises(description.NotDescribed):
        check(line, {**line, "status": "lost"})


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
