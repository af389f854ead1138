"""Bad days: what is tried again, for how long, and that nothing comes twice of it."""

from __future__ import annotations

import logging
import random
import socket
import threading
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Callable

import httpx
import pytest
from conftest import QUICK
from gateway import CUT, HALF, RESET, SILENT, Gateway, Says
from program import SuperBot, World

from websocket_manager import Client, Retries, UnavailableError
from websocket_manager.retries import parse_retry_after


@pytest.mark.parametrize("turn", [CUT, RESET, HALF])
def test_a_listing_whose_answer_was_lost_is_stored_and_told_once(world: World, link: str, turn: str) -> None:
    before = world.last_seq()
    with Gateway(world.url, turn) as gateway, Client(gateway.url, world.publish_token, retries=QUICK) as client:
        published = client.broadcast_new_listing({"title": "Sofa", "link": link, "source": "ksl"})
        assert len(gateway.requests) == 2
        assert gateway.keys[0] == gateway.keys[1] is not None
    assert published["status"] == "unchanged", "the first try has stored it"
    assert [(event["event"], event["id"]) for event in world.heard_since(before)] == [("new_listing", published["id"])]


def test_a_batch_whose_answer_was_lost_is_told_once(world: World, link: str) -> None:
    before = world.last_seq()
    with Gateway(world.url, CUT) as gateway, Client(gateway.url, world.publish_token, retries=QUICK) as client:
        result = client.broadcast_new_listings(
            {"title": "x", "link": f"{link}/{n}", "source": "ksl"} for n in range(20)
        )
    assert (result["unchanged"], len(result["items"])) == (20, 20)
    told = [event["id"] for event in world.heard_since(before)]
    assert told == [item["id"] for item in result["items"]]


@pytest.mark.parametrize("turn", [CUT, RESET, HALF])
@pytest.mark.parametrize(
    ("event", "call"),
    [
        ("notification", lambda client: client.notify_user("ann", "custom", {"message": "once"})),
        ("system_message", lambda client: client.broadcast_system_message("once")),
    ],
)
def test_what_has_an_idempotency_key_is_told_once(
    world: World, turn: str, event: str, call: Callable[[Client], object]
) -> None:
    before = world.last_seq()
    with Gateway(world.url, turn, turn) as gateway, Client(gateway.url, world.publish_token, retries=QUICK) as client:
        answer = call(client)
        assert len(gateway.requests) == 3
        assert len(set(gateway.keys)) == 1
        call(client)
        assert len(set(gateway.keys)) == 2, "another call is another request"
    first, second = world.heard_since(before)
    assert (first["event"], second["event"]) == (event, event)
    assert isinstance(answer, dict) and answer["seq"] == first["seq"]


def test_a_status_and_a_question_are_tried_again_too(world: World) -> None:
    with (
        Gateway(world.url, CUT, None, CUT) as gateway,
        Client(gateway.url, world.publish_token, retries=QUICK) as client,
    ):
        assert client.broadcast_scraper_status({"ksl": True})["ksl"] is True
        assert client.get_connected_users()["count"] >= 0
        assert [request.method for request in gateway.requests] == ["PUT", "PUT", "GET", "GET"]


@pytest.mark.parametrize("status", [429, 502, 503, 504, 507])
def test_what_may_pass_is_tried_again(world: World, status: int) -> None:
    with Gateway(world.url, Says(status), Says(status)) as gateway:
        with Client(gateway.url, world.publish_token, retries=QUICK) as client:
            client.broadcast_system_message("x")
        assert len(gateway.requests) == 3
        assert len(set(gateway.keys)) == 1


def test_the_servers_rate_limit_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    with SuperBot(limits__publish_requests_per_second=1) as superbot:
        token = superbot.token("publish")
        with Client(superbot.url, token) as client:
            waits = recorded(client, sleep=True)
            seqs = [client.broadcast_system_message(str(n))["seq"] for n in range(3)]
    assert len(set(seqs)) == 3
    assert waits and min(waits) >= 1, "the server asks for a second"
    assert "POST /api/system-messages: 429 rate_limited" in caplog.text


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(world: World, status: int) -> None:
    in_a_minute = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=60), usegmt=True)
    turns = [Says(status, {"Retry-After": value}) for value in ("7", in_a_minute, "soon")]
    with Gateway(world.url, *turns) as gateway:
        with Client(gateway.url, world.publish_token, retries=Retries(give_up_after=1000, first_wait=0.1)) as client:
            waits = recorded(client)
            client.broadcast_system_message("x")
    assert 7 <= waits[0] <= 7.1
    assert 50 < waits[1] <= 60.1
    assert waits[2] <= 0.4


def test_the_number_of_tries_is_bounded(world: World) -> None:
    with Gateway(world.url, *[Says(503, {"Retry-After": "0"})] * 9) as gateway:
        with Client(gateway.url, world.publish_token, retries=Retries(tries=3, first_wait=0)) as client:
            with pytest.raises(UnavailableError) as failed:
                client.broadcast_system_message("x")
        assert len(gateway.requests) == failed.value.tries == 3
    assert (failed.value.status, failed.value.retry_after) == (503, 0)
    assert "/api/system-messages: given up after 3 tries: 503" in str(failed.value)


def test_the_time_is_bounded_by_what_the_server_asks_for(world: World) -> None:
    with Gateway(world.url, Says(503, {"Retry-After": "3600"})) as gateway:
        with Client(gateway.url, world.publish_token) as client, pytest.raises(UnavailableError) as failed:
            client.broadcast_system_message("x")
        assert len(gateway.requests) == failed.value.tries == 1
    assert failed.value.retry_after == 3600


def test_the_time_is_bounded_while_nothing_is_answered(world: World) -> None:
    with Gateway(world.url, SILENT) as gateway:
        with Client(gateway.url, world.publish_token, retries=Retries(give_up_after=0.2)) as client:
            with pytest.raises(UnavailableError) as failed:
                client.broadcast_system_message("x")
        assert len(gateway.requests) == 1
    assert isinstance(failed.value.__cause__, httpx.ReadTimeout)
    waited = failed.value.__cause__.request.extensions["timeout"]
    assert max(waited.values()) <= 0.2, "the timeouts are cut to what is left"


def test_an_answer_that_does_not_come_is_not_waited_for(world: World) -> None:
    before = world.last_seq()
    with Gateway(world.url, SILENT) as gateway:
        with Client(gateway.url, world.publish_token, timeout=0.2, retries=QUICK) as client:
            client.broadcast_system_message("late")
        assert len(gateway.requests) >= 2
    assert [event["message"] for event in world.heard_since(before)] == ["late"]


def test_a_connection_that_is_not_made_is_not_waited_for() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        # With its queue full, the kernel leaves further connections unanswered.
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Client(url, "sbt_1", connect_timeout=0.1, retries=Retries(tries=2, first_wait=0)) as client:
            with pytest.raises(UnavailableError, match="ConnectTimeout") as failed:
                client.broadcast_system_message("x")
        for one in waiting:
            one.close()
    assert (failed.value.tries, failed.value.status) == (2, None)
    assert isinstance(failed.value.__cause__, httpx.ConnectTimeout)
    assert failed.value.__cause__.request.extensions["timeout"]["connect"] == 0.1


def test_a_server_that_comes_back_is_found(world: World) -> None:
    with SuperBot() as superbot:
        token = superbot.token("publish")
        with Client(superbot.url, token, retries=Retries(tries=1000, longest_wait=0.1)) as client:
            assert client.broadcast_system_message("before")["seq"] > 0
            superbot.stop()
            with FirstFailure() as failure:
                answers: list[int] = []
                call = threading.Thread(target=lambda: answers.append(client.broadcast_system_message("after")["seq"]))
                call.start()
                assert failure.wait(10)
                superbot.resume()
                call.join()
    assert len(answers) == 1


def test_a_server_that_does_not_come_back_is_given_up() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        with Client(f"http://127.0.0.1:{taken.getsockname()[1]}", "sbt_1", retries=QUICK) as client:
            with pytest.raises(UnavailableError) as failed:
                client.get_connected_users()
    assert (failed.value.tries, failed.value.status) == (QUICK.tries, None)
    assert isinstance(failed.value.__cause__, httpx.ConnectError)


def test_waits_keep_their_bounds() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        first, longest = chance.uniform(0, 2), chance.uniform(0, 20)
        retries = Retries(first_wait=first, longest_wait=longest)
        failures, asked = chance.randint(1, 2000), chance.choice([None, 0.0, chance.uniform(0, 100)])
        wait = retries.wait(failures, asked, chance.random())
        assert wait <= max(longest, (asked or 0) + first)
        assert wait >= max(asked or 0, min(longest, first * 2.0 ** min(failures - 1, 100)) / 2)
    for wrong in ({"tries": 0}, {"give_up_after": 0}, {"first_wait": -1}, {"longest_wait": -1}):
        with pytest.raises(ValueError, match="would never try"):
            Retries(**wrong)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("Thu, 09 Oct 2025 10:30:05 GMT", 5.0),
        ("Thu, 09 Oct 2025 10:30:05 -0000", 5.0),
        ("Thu, 09 Oct 2025 12:29:59 +0200", 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, datetime(2025, 10, 9, 10, 30, tzinfo=timezone.utc)) == seconds


def recorded(client: Client, sleep: bool = False) -> list[float]:
    """The waits of a client, as they come; unless told to sleep, it does not."""
    waits: list[float] = []
    slept = client._transport._sleep

    def record(seconds: float) -> None:
        waits.append(seconds)
        if sleep:
            slept(seconds)

    client._transport._sleep = record
    return waits


class FirstFailure(logging.Handler):
    """Tells when a client has had its first failure."""

    def __enter__(self) -> threading.Event:
        self.noticed = threading.Event()
        logging.getLogger("websocket_manager").addHandler(self)
        return self.noticed

    def __exit__(self, *_: object) -> None:
        logging.getLogger("websocket_manager").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.noticed.set()
