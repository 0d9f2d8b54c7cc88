"""A running server that sends to subscriptions that are records, and of moves of time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from charges import shop
from notes import notes
from receiver import Receiver, status

from emulator.server.run import Running, running
from emulator.settings import Settings

CLOCK = "/_emulator/worlds/default/clock"
HOOKS = "/_emulator/worlds/default/webhooks/small"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def served(stack: ExitStack, api: Any) -> Running:
    settings = Settings(log_format="none", port=0)
    return stack.enter_context(running(api.board, settings))


def received(stack: ExitStack, *answers: Any) -> Receiver:
    made = Receiver(*answers)
    stack.callback(made.close)
    return made


def test_a_subscription_that_is_deleted_is_sent_nothing_more(
    stack: ExitStack, tmp_path: Path
) -> None:
    """What waited to be tried again has failed, and nobody is called."""
    api = shop(tmp_path, retry={"delays": ["1m"]})
    server, receiver = served(stack, api), received(stack, status(500))
    root = f"{server.url}/small"
    made = requests.post(f"{root}/hooks", json={"url": receiver.url}).json()
    requests.post(f"{root}/charges", json={"amount": 1})
    receiver.wait(1)

    requests.delete(f"{root}/hooks/{made['id']}")
    requests.patch(server.url + CLOCK, json={"advance": "2m"})

    (delivery,) = requests.get(server.url + HOOKS).json()["deliveries"]
    assert (delivery["state"], len(receiver.received)) == ("failed", 1)


def test_a_move_of_time_is_told_when_the_clock_comes_there(
    stack: ExitStack, tmp_path: Path
) -> None:
    """Before the clock's reply, and at the time of the move."""
    api = notes(tmp_path)
    server, receiver = served(stack, api), received(stack)
    requests.post(server.url + HOOKS, json={"url": receiver.url})
    requests.delete(f"{server.url}{HOOKS}?subscription=1")
    requests.post(f"{server.url}/small/notes", json={})

    requests.patch(server.url + CLOCK, json={"advance": "1h"})

    (delivery,) = requests.get(server.url + HOOKS).json()["deliveries"]
    assert (delivery["state"], len(receiver.received)) == ("delivered", 1)
    assert delivery["attempts"][0]["at"] in delivery["body"]


def test_a_move_of_time_is_told_by_itself(stack: ExitStack, tmp_path: Path) -> None:
    """Real time is enough: nobody has to ask."""
    api = notes(tmp_path)
    api.world.outbox.subscriptions.clear()
    server, receiver = served(stack, api), received(stack)
    requests.post(server.url + HOOKS, json={"url": receiver.url})
    requests.post(f"{server.url}/small/notes", json={})
    requests.patch(server.url + CLOCK, json={"advance": 1.9, "resume": True})

    receiver.wait(1)

    assert b'"is":"sent"' in receiver.received[0].body
