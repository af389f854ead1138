"""The token is shown to the server and to nobody else."""

from __future__ import annotations

import logging
import traceback

import pytest
from conftest import QUICK
from gateway import CUT, Gateway, Says
from program import World

from websocket_manager import Client, ConfigurationError, SuperBotError


def test_nothing_that_is_printed_has_the_token_in_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    token = world.publish_token
    caplog.set_level(logging.DEBUG)
    printed = []
    with Gateway(world.url, CUT, Says(503)) as gateway:
        client = Client(gateway.url, token, retries=QUICK)
        client.broadcast_system_message("a secret")
        printed += [repr(client), str(vars(client)), str(vars(client._transport))]
        client.close()
    for wrong in (Client(world.url, token + "x"), Client(gateway.url, token, retries=QUICK)):
        with wrong, pytest.raises(SuperBotError) as failed:
            wrong.broadcast_system_message("a secret")
        printed.append("".join(traceback.format_exception(type(failed.value), failed.value, failed.tb)))
        printed.append(repr(failed.value))
        printed.append(repr(vars(failed.value)))
    assert "trying again" in caplog.text
    for text in (*printed, caplog.text):
        assert token not in text


@pytest.mark.parametrize(("url", "token"), [("http://a", "sbt_1 2"), ("http://a", "sbt_ü"), ("sbt_12", "http://a")])
def test_a_token_that_is_none_is_not_shown_either(url: str, token: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Client(url, token)
    assert "sbt_" not in str(refused.value)


def test_no_handler_is_installed() -> None:
    assert logging.getLogger("websocket_manager").handlers == []
