"""Answers that are no success, as exceptions that say what to do."""

from __future__ import annotations

import pickle

import pytest
from conftest import QUICK
from gateway import Gateway, Says
from program import World

from websocket_manager import (
    AuthenticationError,
    Client,
    ConfigurationError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    ServerError,
    SuperBotError,
    UnavailableError,
)


def test_each_wrong_field_of_a_listing_is_named(client: Client) -> None:
    with pytest.raises(InvalidInputError) as refused:
        client.broadcast_new_listing({"title": "", "link": "javascript:alert(1)", "source": "k s l", "price": -1})
    assert [error.field for error in refused.value.errors] == ["title", "link", "source"]
    assert refused.value.status == 422
    for name in ("title", "link", "source"):
        assert f"{name}: " in str(refused.value)


def test_a_wrong_optional_field_is_a_warning(client: Client) -> None:
    listing = {"title": "Lamp", "link": "https://example.org/warned", "source": "ksl", "price": -1, "condition": "Good"}
    published = client.broadcast_new_listing(listing)
    assert [warning["field"] for warning in published["warnings"]] == ["price", "condition"]
    assert published["price"] is None
    listing = {"title": "Lamp", "link": "https://example.org/unwarned", "source": "ksl", "price": 1}
    assert "warnings" not in client.broadcast_new_listings([listing])["items"][0]


def test_a_wrong_part_of_anything_else_is_named(client: Client) -> None:
    with pytest.raises(InvalidInputError) as refused:
        client.notify_user("ann", "No Such Word!", {})
    assert [error.field for error in refused.value.errors] == ["type"]
    with pytest.raises(InvalidInputError) as refused:
        client.broadcast_system_message("x", "loud")  # type: ignore[arg-type]
    assert [error.field for error in refused.value.errors] == ["level"]
    with pytest.raises(InvalidInputError) as refused:
        client.broadcast_scraper_status({"ksl": "yes"})  # type: ignore[dict-item]
    assert [error.field for error in refused.value.errors] == ["ksl"]
    with pytest.raises(InvalidInputError) as refused:
        client.broadcast_scraper_status(["ksl"])  # type: ignore[arg-type]
    assert [error.field for error in refused.value.errors] == [""]


def test_what_json_cannot_hold_is_named_and_not_sent(world: World) -> None:
    circle: dict[str, object] = {}
    circle["circle"] = circle
    with Gateway(world.url) as gateway, Client(gateway.url, world.publish_token) as client:
        for value in (float("nan"), {1, 2}, "\ud800", circle):
            with pytest.raises(InvalidInputError) as refused:
                client.broadcast_new_listing({"title": "x", "price": value})
            assert [error.field for error in refused.value.errors] == ["price"]
        with pytest.raises(InvalidInputError) as refused:
            client.notify_user("ann", "custom", {"at": object()})
        assert [error.field for error in refused.value.errors] == ["data"]
        with pytest.raises(InvalidInputError):
            client.broadcast_scraper_status({"ksl"})  # type: ignore[arg-type]
        assert gateway.requests == []


def test_what_is_no_listing_is_said_to_be_none(client: Client) -> None:
    with pytest.raises(InvalidInputError, match="list is no listing; broadcast_new_listings takes many"):
        client.broadcast_new_listing([{"title": "x"}])  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="NoneType is no listing; give a dict"):
        client.broadcast_new_listing(None)  # type: ignore[arg-type]


def test_nobody_is_not_found(client: Client) -> None:
    with pytest.raises(NotFoundError, match='there is no user "nobody"'):
        client.notify_user("nobody", "custom", {})


def test_a_disabled_user_is_told_nothing(client: Client, world: World) -> None:
    world.superbot.add_user("gone")
    world.superbot.command("user", "disable", "gone")
    with pytest.raises(ConflictError) as refused:
        client.notify_user("gone", "custom", {})
    assert refused.value.code == "user_disabled"


@pytest.mark.parametrize("name", ["", ".", "..", "\ud800", None])
def test_a_name_that_would_be_another_path_is_no_name(client: Client, name: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        client.notify_user(name, "custom", {})
    assert refused.value.errors[0].field == "username"


@pytest.mark.parametrize("key", ["", "x" * 256, "ü", "a\nb"])
def test_an_impossible_idempotency_key_is_refused(client: Client, key: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        client.broadcast_system_message("x", idempotency_key=key)
    assert refused.value.errors[0].field == "Idempotency-Key"


def test_a_key_of_another_call_is_refused(client: Client) -> None:
    client.broadcast_system_message("one", idempotency_key="clash")
    with pytest.raises(ConflictError) as refused:
        client.broadcast_system_message("two", idempotency_key="clash")
    assert refused.value.code == "idempotency_mismatch"


def test_a_wrong_token_is_not_authenticated(world: World) -> None:
    with Client(world.url, "sbt_wrong") as client, pytest.raises(AuthenticationError) as refused:
        client.broadcast_system_message("x")
    assert (refused.value.status, refused.value.code) == (401, "unauthenticated")


def test_a_users_token_may_not_publish(world: World) -> None:
    with Client(world.url, world.user_token) as client, pytest.raises(AuthenticationError) as refused:
        client.broadcast_system_message("x")
    assert refused.value.status == 403


def test_without_a_token_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="superbot token create"):
        Client()
    with pytest.raises(ConfigurationError, match="superbot token create"):
        Client(token=" \n")
    monkeypatch.setenv("SUPERBOT_TOKEN", "sbt_1")
    assert repr(Client()) == "Client('http://127.0.0.1:5000')"


def test_a_token_from_a_file_may_end_in_a_line_break(world: World) -> None:
    with Client(f"{world.url}/", f"{world.publish_token}\n") as client:
        assert client.get_connected_users()["count"] >= 0


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:5000", "ftp://a", "http://", "http://a:b", "http://a?b=c", "http://u:pass@a"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="SUPERBOT_URL") as refused:
        Client(url, "sbt_1")
    assert "pass@" not in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Says(200, body=b"<html>Sign in to the hotel's network</html>"), ServerError, "is no Super-Bot"),
        (Says(200, body=b"[]"), ServerError, "is no Super-Bot"),
        (Says(404, body=b"no such page"), ServerError, "404: Not Found, says http://"),
        (
            Says(301, {"Location": "https://example.org/"}),
            ServerError,
            "sends on to https://example.org/; set SUPERBOT_URL",
        ),
        (Says(500, body=b'{"code": "internal", "detail": "its log says what"}'), ServerError, "500 internal: its log"),
        (Says(422, body=b'{"code": "invalid", "detail": "x", "errors": [7]}'), ServerError, "422: "),
        (Says(401, body=b"<html>"), AuthenticationError, "401: Unauthorized"),
        (Says(403, body=b"<html>"), AuthenticationError, "403: Forbidden"),
        (Says(413, body=b"<html>"), InvalidInputError, "413: "),
    ],
)
def test_what_something_else_answers_is_told_apart(
    world: World, answer: Says, kind: type[SuperBotError], words: str
) -> None:
    with Gateway(world.url, answer) as gateway, Client(gateway.url, world.publish_token) as client:
        with pytest.raises(kind) as refused:
            client.broadcast_system_message("x")
        assert type(refused.value) is kind
        assert words in str(refused.value)
        assert len(gateway.requests) == 1, "what is answered for good is not tried again"


def test_exceptions_pass_between_processes(client: Client, world: World) -> None:
    with pytest.raises(InvalidInputError) as refused:
        client.broadcast_new_listing({})
    with (
        Client("http://127.0.0.1:9", "sbt_1", retries=QUICK) as nowhere,
        pytest.raises(UnavailableError) as unavailable,
    ):
        nowhere.broadcast_new_listings([{}])
    for error in (refused.value, unavailable.value):
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert (str(copy), vars(copy)) == (str(error), vars(error))
