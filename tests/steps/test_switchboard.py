"""How a call gets to its provider, and what triggers do to it."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

from emulator.exchange.call import Call
from emulator.world.faults import BadFault, Fault, read_fault

PATH = "/parameters/ab"


@pytest.fixture
def forms() -> Tiny:
    return Tiny("forms")


def refuse(code: str) -> dict[str, Any]:
    return {"headers": {"X-Emulator-Refuse": code}}


def fault(text: str) -> dict[str, Any]:
    return {"headers": {"X-Emulator-Fault": text}}


def test_an_address_that_no_provider_has_is_a_problem(forms: Tiny) -> None:
    """The emulator speaks with its own voice, and says which addresses there are."""
    reply = forms.board.answer(Call(method="GET", path="/form/x"))

    assert reply.status == 404
    assert ("Content-Type", "application/problem+json") in reply.headers
    assert b"did you mean 'forms'?" in reply.body
    assert b"(/forms)" in reply.body


@pytest.mark.parametrize("host", ["forms.example", "FORMS.example:8080"])
def test_a_host_name_leads_to_its_provider(forms: Tiny, host: str) -> None:
    """At its own host, a provider's paths have no prefix."""
    headers = [(b"host", host.encode())]

    reply = forms.board.answer(Call(method="GET", path=PATH, raw_headers=headers))

    assert reply.status == 200


def test_a_forced_refusal_is_what_the_natural_one_is(forms: Tiny) -> None:
    """Status, headers and bytes are the same, whether wished for or met."""
    natural = forms.get("/parameters/a")
    forced = forms.get(PATH, **refuse("invalid_path"))

    assert forced.status_code == natural.status_code == 400
    assert forms.status(PATH, **refuse("no_route")) == 404
    assert forms.status(PATH, **refuse("wrong_method")) == 405
    assert forms.status(PATH, **refuse("malformed_query")) == 400
    assert forms.status(PATH, **refuse("https_required")) == 403


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("malformed_querry", "did you mean 'malformed_query'?"),
        ("credential_unknown", "cannot refuse with 'credential_unknown'"),
        ("broken_upload", "cannot refuse with 'broken_upload'"),
        ("", "cannot refuse with ''"),
    ],
)
def test_a_refusal_that_cannot_come_about_is_not_pretended(
    forms: Tiny, code: str, words: str
) -> None:
    """A trigger with a code that the operation never gives is the caller's mistake."""
    reply = forms.get(PATH, **refuse(code))

    assert reply.status_code == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert words in reply.json()["detail"]


def test_triggers_can_be_turned_off() -> None:
    """A server that obeys no triggers answers as if they had not come."""
    forms = Tiny("forms", triggers=False)

    assert forms.status(PATH, **refuse("no_route")) == 200
    assert forms.status(PATH, **fault("status=503")) == 200
    assert forms.status(PATH, **fault("nonsense")) == 200


def test_a_status_is_answered_in_the_providers_words(forms: Tiny) -> None:
    """The error of the operation comes before the one of all operations."""
    upload: dict[str, Any] = {"method": "POST", "files": {"file": ("a", b"")}}

    assert forms.answer(PATH, **fault("status=503")) == (503, {"error": "maintenance"})
    assert forms.answer(PATH, **fault("status=500")) == (500, {"error": "broken"})
    assert forms.answer("/upload", **upload, **fault("status=500")) == (
        500,
        {"error": "broken_upload"},
    )


def test_a_status_that_the_provider_never_gives_is_not_pretended(forms: Tiny) -> None:
    """The answer names those that it gives."""
    reply = forms.get(PATH, **fault("status=502"))

    assert reply.status_code == 400
    assert "it has 500, 503" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("text", "kind", "amount"),
    [
        ("delay=2s", "delay", 2.0),
        ("delay=250ms", "delay", 0.25),
        ("delay=1m", "delay", 60.0),
        ("delay=1.5", "delay", 1.5),
        ("delay=0", "delay", 0.0),
        ("dribble=5s", "dribble", 5.0),
        ("reset", "reset", 0.0),
        ("empty", "empty", 0.0),
        ("malformed", "malformed", 0.0),
        ("truncate=0", "truncate", 0.0),
        ("truncate=0.5", "truncate", 0.5),
        ("status=503", "status", 503.0),
    ],
)
def test_a_fault_is_read_from_its_name_and_amount(
    text: str, kind: str, amount: float
) -> None:
    """Lengths of time have units; shares lie below one."""
    assert read_fault(text) == Fault(kind=kind, amount=amount)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "delay",
        "delay=",
        "delay=-1s",
        "delay=2h",
        "delay=61m",
        "delay=nan",
        "delay=inf",
        "delay=soon",
        "reset=1",
        "truncate",
        "truncate=1",
        "truncate=-0.1",
        "truncate=nan",
        "status=404",
        "status=600",
        "status=503.5",
        "status=nan",
        "explode",
    ],
)
def test_what_is_no_fault_is_told_so(forms: Tiny, text: str) -> None:
    """A trigger that says nothing we can do says so, rather than doing nothing."""
    with pytest.raises(BadFault):
        read_fault(text)
    if text:
        assert forms.status(PATH, **fault(text)) == 400


def test_faults_go_with_the_reply_in_the_order_they_were_named(forms: Tiny) -> None:
    """Several faults are separated by commas; the reply itself is what it would be."""
    headers = [(b"x-emulator-fault", b"delay=10ms, truncate=0.5")]

    call = Call(method="GET", path=f"/forms{PATH}", raw_headers=headers)
    reply = forms.board.answer(call)

    assert reply.status == 200
    assert reply.faults == (
        Fault(kind="delay", amount=0.01),
        Fault(kind="truncate", amount=0.5),
    )
