"""Threads, forks and the end of a program."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Callable

import pytest
from conftest import QUICK
from gateway import Gateway
from program import World
from scripts import environment, run

from websocket_manager import Client, ListingResult, functions


def test_threads_may_share_a_client(client: Client, world: World, link: str) -> None:
    before = world.last_seq()
    results: list[ListingResult] = []

    def publish(thread: int) -> None:
        for n in range(20):
            listing = {"title": "x", "price": thread * 100 + n, "link": f"{link}/{thread}/{n}", "source": "ksl"}
            results.append(client.broadcast_new_listing(listing))

    in_threads(8, publish)
    assert {result["status"] for result in results} == {"created"}
    assert sorted(result["price"] or 0 for result in results) == [t * 100 + n for t in range(8) for n in range(20)]
    assert {event["id"] for event in world.heard_since(before)} == {result["id"] for result in results}


def test_threads_that_are_first_share_one_client(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPERBOT_URL", world.url)
    monkeypatch.setenv("SUPERBOT_TOKEN", world.publish_token)
    monkeypatch.setattr(functions, "_clients", {})
    barrier = threading.Barrier(16)
    clients: list[Client] = []

    def publish(_: int) -> None:
        barrier.wait()
        functions.get_connected_users()
        clients.append(functions._client())

    in_threads(16, publish)
    assert len(clients) == 16
    assert len(set(clients)) == 1
    functions._close()


def test_a_client_that_was_closed_can_be_used_again(world: World) -> None:
    with Gateway(world.url) as gateway:
        client = Client(gateway.url, world.publish_token, retries=QUICK)
        for _ in range(2):
            client.get_connected_users()
            client.get_connected_users()
            client.close()
            client.close()
        assert gateway.connections == 2


FORKS = """
import os, sys
from websocket_manager import broadcast_system_message

broadcast_system_message("before")
child = os.fork()
for n in range(30):
    broadcast_system_message(f"{'parent' if child else 'child'} {n}")
if child == 0:
    sys.exit(0)  # with all that happens at the end of a program
assert os.waitpid(child, 0)[1] == 0
broadcast_system_message("after")
"""


def test_a_fork_opens_connections_of_its_own(world: World) -> None:
    before = world.last_seq()
    with Gateway(world.url) as gateway:
        run(FORKS, environment(gateway.url, world.publish_token))
        assert gateway.connections >= 2
    told = [event["message"] for event in world.heard_since(before)]
    assert sorted(told) == sorted(
        ["before", "after", *(f"{who} {n}" for who in ("parent", "child") for n in range(30))]
    )


FORKS_AMONG_THREADS = """
import os, threading
from websocket_manager import broadcast_system_message

broadcast_system_message("before")
done = threading.Event()

def busy():
    while not done.is_set():
        broadcast_system_message("busy")

threads = [threading.Thread(target=busy) for _ in range(4)]
for thread in threads:
    thread.start()
for n in range(8):
    child = os.fork()
    if child == 0:
        broadcast_system_message(f"child {n}")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
done.set()
for thread in threads:
    thread.join()
"""


def test_a_fork_in_the_middle_of_requests_does_not_hang(world: World) -> None:
    before = world.last_seq()
    run(FORKS_AMONG_THREADS, environment(world.url, world.publish_token))
    told = [event["message"] for event in world.heard_since(before)]
    assert [message for message in told if message.startswith("child")] == [f"child {n}" for n in range(8)]


def test_a_program_leaves_nothing_open_at_its_end(world: World) -> None:
    script = "from websocket_manager import get_connected_users; get_connected_users()"
    assert run(script, environment(world.url, world.publish_token), "-X", "dev").stderr == ""


LAST_WORDS = """
import atexit
atexit.register(lambda: broadcast_system_message("last words"))
# Registered later, and so run before: what closes the connections.
from websocket_manager import broadcast_system_message
broadcast_system_message("first words")
"""


def test_a_program_may_have_last_words(world: World) -> None:
    before = world.last_seq()
    assert run(LAST_WORDS, environment(world.url, world.publish_token)).stderr == ""
    assert [event["message"] for event in world.heard_since(before)] == ["first words", "last words"]


def in_threads(count: int, work: Callable[[int], None]) -> None:
    """Does the work in threads, each with its number; what one of them raises fails the test."""
    with ThreadPoolExecutor(count) as pool:
        for _ in pool.map(work, range(count)):
            pass
