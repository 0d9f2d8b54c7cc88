"""Do client and provider share a media type, and does the network let the call through?"""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

from emulator.exchange.call import Call
from emulator.steps.negotiate import _accepts

PATH = "/parameters/ab"


@pytest.fixture
def forms() -> Tiny:
    return Tiny("forms")


@pytest.mark.parametrize(
    ("accept", "acceptable"),
    [
        ("*/*", True),
        ("application/*", True),
        ("APPLICATION/JSON; q=0.1", True),
        ("text/html, application/json;q=0.9", True),
        ("text/html", False),
        ("text/*", False),
        ("application/json;q=0", False),
        ("application/json; q=0.000", False),
        ("application/json;q=0, */*", False),
        ("*/*;q=0, application/json", True),
        ("application/*;q=0, */*", False),
        ("nonsense", False),
    ],
)
def test_the_narrowest_range_says_whether_a_type_is_wanted(
    forms: Tiny, accept: str, acceptable: bool
) -> None:
    """RFC 9110, 12.5.1: q=0 means not acceptable, and the most specific range wins."""
    status, body = forms.answer(PATH, headers={"Accept": accept})

    assert status == (200 if acceptable else 406)
    if not acceptable:
        assert body == {"error": "not_acceptable", "facts": accept}


def test_any_type_that_is_produced_may_be_wanted() -> None:
    """An operation that answers in two types is fine with either; one in none, with all."""
    produced = ("application/json", "application/hal+json")

    assert _accepts("application/hal+json", produced)
    assert _accepts("application/json;q=0, application/*", produced)
    assert _accepts("text/html", ())


def test_accept_can_be_ignored() -> None:
    """A provider that does not look at Accept answers what it has."""
    changes = {"http.accept": "ignore", "errors.table.not_acceptable": None}

    assert Tiny("forms", changes).status(PATH, headers={"Accept": "text/html"}) == 200


@pytest.mark.parametrize(
    ("accept", "acceptable"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("Application/JSON;charset=latin-1", True),
        ("application/*", True),
        ("application/json;q=0", False),
        ("*/*, application/json;q=0", False),
        ("text/html", False),
    ],
)
def test_a_parameter_makes_no_other_type(accept: str, acceptable: bool) -> None:
    """Who asks for application/json is fine with application/json; charset=utf-8."""
    assert _accepts(accept, ("application/json; charset=utf-8",)) is acceptable


def heard(forms: Tiny, scheme: str, secure: bool | None) -> int:
    """The status of a call that a hop has or has not vouched for."""
    call = Call(method="GET", path=f"/forms{PATH}", scheme=scheme, secure=secure)
    return forms.board.answer(call).status


@pytest.mark.parametrize(
    ("strict", "scheme", "secure", "status"),
    [
        (False, "http", None, 200),
        (False, "http", True, 200),
        (False, "http", False, 403),
        (False, "https", None, 200),
        (True, "http", None, 403),
        (True, "http", True, 200),
        (True, "http", False, 403),
        (True, "https", None, 200),
    ],
)
def test_https_is_required_where_the_outer_scheme_is_known(
    strict: bool, scheme: str, secure: bool | None, status: int
) -> None:
    """A plain socket is let in, unless it is held to the rule; a hop's word counts."""
    forms = Tiny("forms", strict_https=strict)

    assert heard(forms, scheme, secure) == status


def test_a_trusted_proxy_tells_the_outer_scheme() -> None:
    """What X-Forwarded-Proto says is believed from a trusted address alone."""
    forms = Tiny("forms", trusted_proxies=("192.0.2.1",))
    sent: dict[str, Any] = {"headers": {"X-Forwarded-Proto": "http"}}

    assert forms.status(PATH, **sent) == 403
    assert forms.status(PATH, ip="192.0.2.2", **sent) == 200


ORDER = [
    f"{step} before transport"
    for step in ("parameters", "negotiate", "body", "validate")
]


def test_a_provider_may_ask_in_another_order() -> None:
    """Of two things wrong with a call, the one that is asked first is answered."""
    usual = Tiny("doors")
    changed = Tiny("doors", {"order": ORDER})

    assert usual.status("/header?%ff") == 401
    assert changed.status("/header?%ff") == 400
    assert changed.json("/header", headers={"X-Key": "k-ada"}) == {"caller": "ada"}
