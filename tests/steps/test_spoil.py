"""What goes wrong on purpose with the reply itself?"""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

from emulator.times import micros

PAGE = """<html>
<head><title>{title}</title></head>
<body>
<h1>{title}</h1>
<p>This is a gateway. {sentence}</p>
</body>
</html>
"""
DATE = ("date", "Mon, 02 Mar 2026 10:00:00 GMT")


@pytest.fixture
def meters() -> Tiny:
    return Tiny("meters")


def spoilt(meters: Tiny, faults: str, path: str = "/when", **more: str) -> Any:
    return meters.get(path, headers={"X-Emulator-Fault": faults, **more})


def lines(reply: Any) -> list[tuple[str, str]]:
    """The headers of *reply* but for the length."""
    return [line for line in reply.headers.multi_items() if line[0] != "content-length"]


@pytest.mark.parametrize(
    ("status", "title", "sentence"),
    [
        (502, "502 Bad Gateway", "What came from the server behind it was no answer."),
        (
            503,
            "503 Service Unavailable",
            "There is no server behind it that takes requests.",
        ),
        (504, "504 Gateway Timeout", "The server behind it did not answer in time."),
    ],
)
def test_a_gateway_answers_with_a_page_of_its_own(
    meters: Tiny, status: int, title: str, sentence: str
) -> None:
    """No body and no header of the provider's gets past it."""
    reply = spoilt(meters, f"gateway={status}", "/clock")

    assert reply.status_code == status
    assert lines(reply) == [DATE, ("content-type", "text/html")]
    assert reply.text == PAGE.format(title=title, sentence=sentence)


def test_the_provider_has_acted_behind_a_gateway_that_fails(meters: Tiny) -> None:
    """The call is counted, and the journal has what the client saw, and why."""
    spoilt(meters, "gateway=504", "/clock")

    *_, entry = meters.world.journal
    assert (entry.operation, entry.status, entry.refused_by) == ("clock", 504, None)
    assert entry.steps[-1] == ("spoil", "spoilt", {"fault": "gateway=504"})
    assert meters.get("/clock").headers["x-remaining"] == "0"


def test_a_header_comes_twice(meters: Tiny) -> None:
    """With the same value; all else is as it would be."""
    usual = lines(meters.get("/when"))

    reply = spoilt(meters, "repeat=Content-Type")

    assert reply.content == b"null"
    assert lines(reply) == [*usual, ("content-type", "application/json")]


def test_a_header_is_missing(meters: Tiny) -> None:
    """In whatever case it is named."""
    reply = spoilt(meters, "drop=DATE, drop=content-type")

    assert (reply.status_code, lines(reply)) == (200, [])


def test_the_type_of_a_body_is_another(meters: Tiny) -> None:
    """The body is not."""
    reply = spoilt(meters, "type=text/html; charset=utf-8")

    assert reply.content == b"null"
    assert lines(reply) == [DATE, ("content-type", "text/html; charset=utf-8")]


def refused(meters: Tiny, faults: str, path: str = "/clock") -> Any:
    more = {"X-Emulator-Refuse": "rate_limited"}
    return spoilt(meters, faults, path, **more).headers.get("Retry-After")


def test_retry_after_is_a_date_of_the_world(meters: Tiny) -> None:
    """So many seconds from now, and rather a little later than too early."""
    meters.clock.advance(12.5)

    assert meters.clock.now() % micros(60) == micros(12.5)
    assert refused(meters, "delay=0") == "48"
    assert refused(meters, "retry-after=date") == "Mon, 02 Mar 2026 10:01:01 GMT"


def test_retry_after_is_missing(meters: Tiny) -> None:
    """The refusal is the same otherwise."""
    assert refused(meters, "drop=Retry-After") is None


def test_a_date_stays_what_it_is(meters: Tiny) -> None:
    """A provider that writes dates has nothing to be changed."""
    usual = refused(meters, "delay=0", "/sliding")

    assert usual.endswith(" GMT")
    assert refused(meters, "retry-after=date", "/sliding") == usual


@pytest.mark.parametrize(
    "fault",
    ["drop=X-None", "repeat=X-None", "retry-after=date", "type=application/json"],
)
def test_what_is_not_there_cannot_be_spoilt(meters: Tiny, fault: str) -> None:
    """The reply is what it would be, and the journal says so."""
    usual = lines(meters.get("/when"))

    reply = spoilt(meters, fault)

    assert (reply.status_code, lines(reply)) == (200, usual)
    *_, entry = meters.world.journal
    assert entry.steps[-1] == ("spoil", "nothing to spoil", {"fault": fault})


def test_headers_of_a_gateway_can_be_spoilt_too(meters: Tiny) -> None:
    """It comes first, in whatever order the faults are named."""
    reply = spoilt(meters, "drop=Date, gateway=502")

    assert (reply.status_code, lines(reply)) == (502, [("content-type", "text/html")])


def test_what_is_left_to_the_wire_is_written_down(meters: Tiny) -> None:
    """With the time that was drawn for it, as a plain number."""
    reply = spoilt(meters, "delay=1ms-2ms, drop=Date")

    *_, entry = meters.world.journal
    step, decision, facts = entry.steps[-1]
    assert (reply.status_code, step, decision) == (200, "spoil", "left to the wire")
    (text,) = facts["faults"]
    assert 1 <= float(text.removeprefix("delay=").removesuffix("ms")) <= 2
