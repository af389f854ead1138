"""Many listings at once: cut into requests, joined in order, and no bad one in the way of the others."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from conftest import QUICK
from gateway import Gateway, Says
from program import SuperBot, World

from websocket_manager import Client, Retries, ServerError, UnavailableError
from websocket_manager.encoding import PIECE_BYTES, PIECE_LISTINGS, pieces


def listing(link: str, number: int, **more: object) -> dict[str, object]:
    return {"title": f"Number {number}", "price": number, "link": f"{link}/{number}", "source": "ksl", **more}


def sent(gateway: Gateway) -> list[list[dict[str, Any]]]:
    """The arrays that went through the gateway."""
    return [json.loads(request.body) for request in gateway.requests]


def test_many_listings_are_sent_in_pieces_and_joined_in_order(world: World, link: str) -> None:
    before = world.last_seq()
    with Gateway(world.url) as gateway, Client(gateway.url, world.publish_token) as client:
        result = client.broadcast_new_listings(listing(link, n) for n in range(1201))
        assert [len(array) for array in sent(gateway)] == [PIECE_LISTINGS, PIECE_LISTINGS, 201]
        assert len(set(gateway.keys)) == 3, "each piece is a request of its own"
    assert (result["created"], result["rejected"], len(result["items"])) == (1201, 0, 1201)
    assert [item["price"] for item in result["items"]] == list(range(1201))
    told = world.heard_since(before)
    assert [event["id"] for event in told] == [item["id"] for item in result["items"]]
    assert [event["link"] for event in told] == [f"{link}/{n}" for n in range(1201)]


def test_long_listings_are_sent_in_shorter_pieces(world: World, link: str) -> None:
    with Gateway(world.url) as gateway, Client(gateway.url, world.publish_token) as client:
        result = client.broadcast_new_listings([listing(link, n, description="ü" * 19_000) for n in range(60)])
        sizes = [len(request.body) for request in gateway.requests]
    assert len(sizes) == 3
    assert max(sizes) <= PIECE_BYTES
    assert [item["price"] for item in result["items"]] == list(range(60))


def test_a_server_that_takes_less_is_sent_less(link: str) -> None:
    with SuperBot(limits__listing_body_bytes=2000) as superbot:
        token = superbot.token("publish")
        with Client(superbot.url, token) as client:
            long = listing(link, 20, description="x" * 3000)
            result = client.broadcast_new_listings([*(listing(link, n) for n in range(20)), long, listing(link, 21)])
    assert (result["created"], result["rejected"]) == (21, 1)
    assert result["items"][20]["error"]["code"] == "too_large"
    assert [item["price"] for item in result["items"] if "id" in item] == [*range(20), 21]


def test_a_bad_listing_keeps_no_other_back(client: Client, link: str) -> None:
    deep: Any = {}
    for _ in range(200):
        deep = {"deeper": deep}
    bad: list[Any] = [
        listing(link, 1, price=float("nan")),
        {**listing(link, 2), "title": deep},
        {**listing(link, 3), "link": "javascript:alert(1)"},
        None,
        listing(link, 5, price=10**400),
    ]
    # What no server has asked for harms none either.
    extras: list[Any] = [deep, 10**400, "x", [], None]
    good = [listing(link, 10 * n + 10, extra=extra) for n, extra in enumerate(extras)]
    mixed = [one for pair in zip(good, bad) for one in pair]
    result = client.broadcast_new_listings(mixed)
    assert (result["created"], result["rejected"], len(result["items"])) == (5, 5, 10)
    assert [item["price"] for item in result["items"][::2]] == [10, 20, 30, 40, 50]
    errors = [item["error"] for item in result["items"][1::2]]
    assert [error["code"] for error in errors] == ["invalid", "invalid", "invalid", "invalid", "bad_request"]
    assert [error["errors"][0]["field"] for error in errors if "errors" in error] == ["price", "title", "link", ""]
    assert "NoneType is no listing" in errors[3]["message"]


def test_nothing_is_sent_for_nothing(world: World) -> None:
    nothing = {"created": 0, "updated": 0, "unchanged": 0, "rejected": 0, "items": []}
    with Gateway(world.url) as gateway, Client(gateway.url, world.publish_token) as client:
        assert client.broadcast_new_listings([]) == nothing
        assert client.broadcast_new_listings([None, 7])["rejected"] == 2  # type: ignore[list-item]
        assert gateway.requests == []


def test_a_single_listing_is_no_batch(client: Client, link: str) -> None:
    with pytest.raises(TypeError, match="broadcast_new_listing takes a single dict"):
        client.broadcast_new_listings(listing(link, 1))  # type: ignore[arg-type]


def test_a_batch_that_breaks_off_says_what_is_done(world: World, link: str) -> None:
    class Restless(Gateway):
        """Goes away after the first request."""

        def arrived(self, request: Any) -> Any:
            super().arrived(request)
            return None if len(self.requests) == 1 else Says(503)

    listings = [listing(link, n) for n in range(PIECE_LISTINGS + 10)]
    with Restless(world.url) as gateway:
        with Client(gateway.url, world.publish_token, retries=Retries(tries=2, first_wait=0)) as client:
            with pytest.raises(UnavailableError) as failed:
                client.broadcast_new_listings(listings)
    assert failed.value.done is not None
    assert (failed.value.done["created"], len(failed.value.done["items"])) == (PIECE_LISTINGS, PIECE_LISTINGS)
    with Client(world.url, world.publish_token, retries=QUICK) as client:
        again = client.broadcast_new_listings(listings)
    assert (again["unchanged"], again["created"]) == (PIECE_LISTINGS, 10)


def test_results_that_are_not_one_for_each_are_no_results(world: World, link: str) -> None:
    answer = Says(200, body=b'{"created": 1, "items": [{"status": "created"}]}')
    with Gateway(world.url, answer) as gateway, Client(gateway.url, world.publish_token) as client:
        with pytest.raises(ServerError, match="what became of each listing"):
            client.broadcast_new_listings([listing(link, 1), listing(link, 2)])


def test_pieces_keep_their_bounds_and_lose_nothing() -> None:
    chance = random.Random(7)
    for sizes in [[1], [1, 10], [10, 5_000], [10_000, 400_000], [400_000, 1_100_000], [1, 300_000]] * 3:
        texts = ["x" * chance.choice(sizes) for _ in range(chance.randint(0, 1_500_000 // max(sizes) + 20))]
        texts = texts[: 2 * PIECE_LISTINGS + 20]
        taken: list[str] = []
        seen = 0
        for piece in pieces(noted(texts, taken)):
            assert len(taken) <= seen + len(piece) + 1, "no more is taken from a long source than is needed"
            body = b"[" + b",".join(entry for entry in piece if isinstance(entry, bytes)) + b"]"
            assert len(body) <= PIECE_BYTES or len(piece) == 1
            assert 1 <= len(piece) <= PIECE_LISTINGS
            assert [len(one["title"]) for one in json.loads(body)] == [len(t) for t in texts[seen : seen + len(piece)]]
            seen += len(piece)
        assert seen == len(texts)


def noted(texts: list[str], taken: list[str]) -> Iterator[dict[str, str]]:
    """Listings with these titles; `taken` are the titles of those that were asked for."""
    for text in texts:
        taken.append(text)
        yield {"title": text}
