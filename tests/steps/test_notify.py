"""What subscribers are told of: which calls, which bytes, and what a signature is of."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode
from typing import Any

import pytest
from tiny import START, Tiny, program

from emulator.diagnostics import SpecError
from emulator.times import micros


@pytest.fixture
def hooks() -> Tiny:
    made = Tiny("hooks")
    made.world.outbox.subscribe("hooks", "http://127.0.0.1:1/", "s3cret")
    return made


def told(tiny: Tiny) -> list[tuple[str, Any]]:
    """Event and body of each delivery."""
    return [
        (one.message.event, json.loads(one.message.body)) for one in tiny.world.outbox
    ]


def test_success_is_told(hooks: Tiny) -> None:
    """The payload sees the record as its view shows it, the time, and the event."""
    hooks.post("/parcels", json={"to": "Rom"})

    (one,) = hooks.world.outbox
    assert (
        one.message.body
        == (
            b'{"id":"evt_%b","type":"parcel.created","at":"2026-03-02T10:00:00Z",'
            b'"data":{"number":3,"to":"Rom"}}'
        )
        % one.message.id.encode()
    )
    assert one.message.headers == (("X-Hooks-Event", "parcel.created"),)
    assert one.message.delays == (micros(60), micros(300))
    assert one.next_at == micros(START)


def test_a_condition_holds_or_nothing_is_told(hooks: Tiny) -> None:
    """`when` and the payload see the record before and after."""
    hooks.call("PATCH", "/parcels/1", json={"to": "Bern"})
    assert told(hooks) == []

    hooks.call("PATCH", "/parcels/2", json={"to": "Bern"})

    assert told(hooks) == [
        ("parcel.hurried", {"type": "parcel.hurried", "from": "Bonn", "to": "Bern"})
    ]


def test_one_call_can_bring_about_several_events(hooks: Tiny) -> None:
    hooks.post("/parcels", json={"to": "Rom", "express": True})

    assert [event for event, _ in told(hooks)] == ["parcel.created", "parcel.hurried"]
    assert len({one.message.id for one in hooks.world.outbox}) == 2


@pytest.mark.parametrize(
    ("method", "path", "rest"),
    [
        ("GET", "/parcels/1", {}),
        ("POST", "/parcels", {"json": {}}),
        ("POST", "/parcels", {"json": {"to": "A"}, "headers": {"x-emulator-refuse": "malformed_body"}}),
        ("OPTIONS", "/parcels", {}),
        ("GET", "/nowhere", {}),
    ],
)  # fmt: skip
def test_nothing_else_is_told(
    hooks: Tiny, method: str, path: str, rest: dict[str, Any]
) -> None:
    """Other operations, and calls that are refused."""
    hooks.call(method, path, **rest)

    assert told(hooks) == []


def test_what_nobody_listens_to_is_in_the_journal() -> None:
    """No chance is drawn for it: ids stay what they are."""
    alone, heard = Tiny("hooks"), Tiny("hooks")
    heard.world.outbox.subscribe("hooks", "http://a/", events=["parcel.hurried"])
    for tiny in (alone, heard):
        tiny.post("/parcels", json={"to": "Rom"})

    (entry,) = alone.world.journal
    assert entry.steps[-1] == (
        *("notify", "nobody has subscribed"),
        {"event": "parcel.created"},
    )
    assert (told(alone), told(heard)) == ([], [])
    assert alone.world.chance.uuid() == heard.world.chance.uuid()


def test_the_journal_names_the_deliveries(hooks: Tiny) -> None:
    hooks.post("/parcels", json={"to": "Rom"})

    (entry,) = hooks.world.journal
    assert entry.steps[-1] == (
        *("notify", "told of"),
        {"event": "parcel.created", "deliveries": ["1"]},
    )


def test_the_same_seed_tells_the_same() -> None:
    both = [Tiny("hooks"), Tiny("hooks")]
    for tiny in both:
        tiny.world.outbox.subscribe("hooks", "http://a/")
        tiny.post("/parcels", json={"to": "Rom"})

    assert told(both[0]) == told(both[1]) != []


EVENT = {"name": "parcel.created", "id": "e1"}


def signed(changes: dict[str, Any], at: int = micros(START + 0.9)) -> dict[str, str]:
    policy = program("hooks", changes).webhooks
    assert policy is not None
    assert policy.signature is not None
    return dict(
        policy.signature.headers("{ü}".encode(), EVENT, "s3cret", at, "http://a/")
    )


def test_the_signature_is_of_time_and_body() -> None:
    expected = hmac.new(b"s3cret", b"1772445600.{\xc3\xbc}", hashlib.sha256)

    assert signed({}) == {
        "X-Hooks-Timestamp": "1772445600",
        "X-Hooks-Signature": f"sha256={expected.hexdigest()}",
    }


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
def test_a_signature_is_of_the_body_alone_unless_the_spec_says_more(
    algorithm: str,
) -> None:
    """In lower-case hexadecimal, or in Base64."""
    expected = hmac.new(b"s3cret", "{ü}".encode(), algorithm)
    written = {"header": "X-S", "algorithm": algorithm}

    found = signed({"webhooks.signature": written})
    coded = signed({"webhooks.signature": {**written, "encoding": "base64"}})

    assert found == {"X-S": expected.hexdigest()}
    assert b64decode(coded["X-S"]) == expected.digest()


def test_a_signature_can_hold_its_time() -> None:
    """`t=...,v1=...` in one header; the event is in scope as well."""
    found = signed(
        {
            "webhooks.signature": {
                "header": "X-S",
                "signs": "${event.id}.${timestamp}.${body}",
                "prefix": "t=${timestamp},v1=",
            }
        },
        at=micros(7.5),
    )

    expected = hmac.new(b"s3cret", "e1.7.{ü}".encode(), hashlib.sha256)
    assert found == {"X-S": f"t=7,v1={expected.hexdigest()}"}


@pytest.mark.parametrize(
    ("path", "written", "code", "says"),
    [
        (
            *("webhooks.events", {"x": {"operations": ["createParsel"], "payload": {}}}),
            *("unknown-operation", "did you mean 'createParcel'"),
        ),
        (
            *("webhooks.events", {"x": {"operations": ["createParcel"], "payload": "${recrd}"}}),
            *("unknown-name", "did you mean 'record'"),
        ),
        (
            *("webhooks.signature", {"header": "X", "signs": "${record.id}"}),
            *("unknown-name", "in scope are body, event, fields, timestamp, url"),
        ),
        (
            *("webhooks.signature", {"header": "X", "algorithm": "md5"}),
            *("unknown-value", "webhooks.signature.algorithm"),
        ),
        ("webhooks.retry", {"delay": ["1m"]}, "unknown-key", "did you mean 'delays'"),
        ("webhooks.retry", {"delays": ["soon"]}, "wrong-form", "24h"),
        ("webhooks.retry", {"success": "3xx"}, "unknown-value", "success"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(
    path: str, written: Any, code: str, says: str
) -> None:
    with pytest.raises(SpecError) as caught:
        program("hooks", {path: written})

    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == [code]
    assert says in str(caught.value)
    assert "behavior.yaml:" in str(caught.value)
