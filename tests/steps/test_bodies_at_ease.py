"""Requests as lenient frameworks take them: blanks, missing bodies, versions in types."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

VERSION = {"media_type": "application/vnd.forms.*+json", "known": ["v1", "v2"]}
VERSIONED = {
    "http.version": VERSION,
    "errors.table.version_unknown": {
        "status": 400,
        "error": "version_unknown",
        "facts_": "${version}",
    },
}
PATH = "/parameters/ab"


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ("name=a&age=&tags=x", {"name": "a", "tags": ["x"], "member": False}),
        ("name=a&other=+%20", {"name": "a", "member": False}),
        ("name=a&member=0", {"name": "a", "member": False}),
    ],
)
def test_blank_fields_can_count_as_not_sent(
    sent: str, understood: dict[str, Any]
) -> None:
    """As some frameworks take forms; what is false or zero is not blank."""
    forms = Tiny("forms", {"http.blank": "drop"})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = forms.answer("/form", method="POST", content=sent, headers=headers)

    assert answer == (200, understood)


def test_a_blank_field_that_is_required_is_missing() -> None:
    """So the rule that it breaks is that one, and no other."""
    forms = Tiny("forms", {"http.blank": "drop"})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = forms.answer("/form", method="POST", content="name=+", headers=headers)

    assert answer == (
        422,
        {"error": "invalid_request", "facts": {"name": "body required"}},
    )


@pytest.mark.parametrize(
    "headers", [{}, {"Content-Type": "application/x-www-form-urlencoded"}]
)
def test_a_missing_body_can_be_an_empty_one(headers: dict[str, str]) -> None:
    """What it then lacks is told field by field."""
    forms = Tiny("forms", {"http.no_body": "empty"})

    answer = forms.answer("/form", method="POST", headers=headers)

    assert answer == (
        422,
        {"error": "invalid_request", "facts": {"name": "body required"}},
    )
    headers = {**headers, "X-Emulator-Refuse": "malformed_body"}
    assert forms.answer("/form", method="POST", headers=headers)[0] == 400


@pytest.mark.parametrize("content_type", ["", "application/json", "text/plain"])
def test_a_missing_body_can_be_a_violation(content_type: str) -> None:
    """One of the whole body, of which no field is judged."""
    forms = Tiny("forms", {"http.no_body": "missing"})
    headers = {"Content-Type": content_type} if content_type else {}

    answer = forms.answer("/form", method="POST", headers=headers)

    assert answer == (422, {"error": "invalid_request", "facts": {"": "body required"}})
    headers["X-Emulator-Refuse"] = "malformed_body"
    assert forms.answer("/form", method="POST", headers=headers)[0] == 400


@pytest.mark.parametrize(
    ("accept", "unknown"),
    [
        ("application/vnd.forms.v3+json", "v3"),
        ("text/html, application/vnd.forms.V9+json;q=0.5", "v9"),
        ("application/vnd.forms.+json", ""),
    ],
)
def test_a_version_that_there_is_not(accept: str, unknown: str) -> None:
    """It is refused as such, before anything is said of the format."""
    answer = Tiny("forms", VERSIONED).answer(PATH, headers={"Accept": accept})

    assert answer == (400, {"error": "version_unknown", "facts": unknown})


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("", 200),
        ("application/vnd.forms.v1+json, */*", 200),
        ("application/vnd.forms.v1+json", 406),
        ("application/vnd.forms.v1+xml", 406),
        ("application/vnd.others.v3+json", 406),
    ],
)
def test_other_types_are_judged_as_ever(accept: str, status: int) -> None:
    """A known version is a type like others: it is served where it stands in OpenAPI."""
    forms = Tiny("forms", VERSIONED)

    assert forms.status(PATH, headers={"Accept": accept}) == status


@pytest.mark.parametrize("accept", ["text/html", "application/vnd.forms.v3+json"])
def test_one_operation_can_ignore_accept(accept: str) -> None:
    """Where a provider serves it by other means than the rest."""
    forms = Tiny("forms", {**VERSIONED, "operations.parameters.accept": "ignore"})
    headers = {"Accept": accept}

    assert forms.status(PATH, headers=headers) == 200
    assert forms.status("/required?q=1", headers=headers) in (400, 406)
    wish = {"X-Emulator-Refuse": "not_acceptable"}
    answer = forms.get(PATH, headers=wish)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_fault_below_500_is_met_by_wishing_alone() -> None:
    """A status that is documented, with no word of what brings it about."""
    teapot = {
        "status": 418,
        "error": "teapot",
        "fault": True,
        "operations": ["required"],
    }
    forms = Tiny("forms", {"errors.table.teapot": teapot})
    wish = {"X-Emulator-Refuse": "teapot", "X-Tenant": "t"}

    assert forms.answer("/required?q=1", headers=wish) == (418, {"error": "teapot"})
    assert forms.status(PATH, headers=wish) == 400
