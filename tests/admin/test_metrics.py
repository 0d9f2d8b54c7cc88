"""Metrics: what was counted, as a Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from asking import board_of, reply_of
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as read_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families

from emulator.admin.admin import Admin
from emulator.admin.counts import BOUNDS, Counts
from emulator.engine.dispatcher import Dispatcher
from emulator.server.run import running
from emulator.world.outbox import Outcome

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    """Every sample, by its name and its labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def test_replies_are_counted_by_what_they_were(stack: ExitStack) -> None:
    """By operation and refusal: never by a path or by anything that a client writes."""
    board = board_of()
    server = stack.enter_context(running(board, board.settings))
    for path in ("1", "2", "nope"):
        requests.get(f"{server.url}/hooks/v1/parcels/{path}")
    requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
    requests.get(f"{server.url}/hooks/v1/nothing/{'x' * 50}")
    requests.get(f"{server.url}/nobody/{'y' * 50}")

    reply = requests.get(f"{server.url}/_emulator/metrics")

    found = samples(reply.text)
    counted = {
        dict(labels)["operation"]
        + " "
        + dict(labels)["status"]
        + " "
        + dict(labels)["refusal"]: value
        for (name, labels), value in found.items()
        if name == "emulator_replies_total" and dict(labels)["provider"] == "hooks"
    }
    assert counted == {
        "readParcel 200 ": 2,
        "readParcel 404 invalid_path": 1,
        "createParcel 201 ": 1,
        " 404 no_route": 1,
    }
    assert "xxx" not in reply.text
    assert "yyy" not in reply.text
    hooks = (("provider", "hooks"),)
    assert found["emulator_reply_seconds_count", hooks] == 5
    assert 0 < found["emulator_reply_seconds_sum", hooks] < 60
    assert found["emulator_worlds", ()] == 1
    assert found["emulator_journal_entries", ()] == 5


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=0.0.4;q=0.5", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        (
            "application/openmetrics-text;version=\\x00evil",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        (
            "application/openmetrics-text; version=9.9.9.x; q=1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
    ],
)
def test_the_form_is_what_was_asked_for(admin: Admin, accept: str, media: str) -> None:
    """And never a text that was sent."""
    reply = reply_of(admin, "GET", "/metrics", accept=accept)

    told = dict(reply.headers)["Content-Type"]
    assert told.partition("; escaping")[0] == media
    read: Any = text_string_to_metric_families
    if "openmetrics" in media:
        read = read_openmetrics
    names = {family.name for family in read(reply.body.decode())}
    assert {"emulator_replies", "emulator_bugs", "emulator_worlds"} <= names


def test_buckets_are_cumulative(admin: Admin) -> None:
    """A reply that took as long as a bound is in its bucket."""
    for seconds in (0.0, BOUNDS[0], 0.3, 99.0):
        admin.counts.replied(("hooks", "readParcel", ""), 200, seconds)

    found = samples(reply_of(admin, "GET", "/metrics").body.decode())

    def at_most(bound: str) -> float:
        labels = (("le", bound), ("provider", "hooks"))
        return found["emulator_reply_seconds_bucket", labels]

    assert [at_most(one) for one in ("0.0005", "0.25", "0.5", "10.0", "+Inf")] == [
        2,
        2,
        3,
        3,
        4,
    ]


def test_attempts_are_counted_by_outcome() -> None:
    """Taken, answered with something else, or not answered at all."""
    counts = Counts()

    for outcome in (
        Outcome(200),
        Outcome(200),
        Outcome(500, "5xx"),
        Outcome(None, "x"),
    ):
        counts.attempted("hooks", outcome)

    assert counts.attempts == {
        ("hooks", "accepted"): 2,
        ("hooks", "refused"): 1,
        ("hooks", "unanswered"): 1,
    }


def test_bugs_are_counted(stack: ExitStack) -> None:
    """A mistake of ours is what somebody should be woken for."""

    class Broken(Dispatcher):
        def answer(self, call: object) -> Any:
            raise LookupError("a bug")

    object_schema = board_of()
    board = Broken(object_schema.programs, object_schema.world, object_schema.settings)
    server = stack.enter_context(running(board, board.settings))
    assert requests.get(f"{server.url}/hooks/v1/parcels/1").status_code == 500

    found = samples(requests.get(f"{server.url}/_emulator/metrics").text)

    assert found["emulator_bugs_total", ()] == 1
