"""Fields of a form that stand inside another one: `owner[email]`, `pets[0][name]`."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

NAMED = {"name": "x"}


@pytest.fixture
def forms() -> Tiny:
    return Tiny("forms")


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ({"owner[email]": "a@b", "owner[age]": "7"}, {"email": "a@b", "age": 7}),
        (
            {"owner[email]": "a", "owner[more][deep]": "1"},
            {"email": "a", "more": {"deep": "1"}},
        ),
    ],
)
@pytest.mark.parametrize("files", [None, {"photo": ("a.txt", b"a")}])
def test_brackets_lead_into_an_object(
    forms: Tiny, sent: dict[str, str], understood: Any, files: Any
) -> None:
    """In both kinds of form; values have the type that the schema says."""
    answer = forms.post("/form", data={**NAMED, **sent}, files=files)

    assert answer.json()["owner"] == understood


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        (
            {"pets[0][name]": "Rex", "pets[0][legs]": "4", "pets[1][name]": "Ed"},
            [{"name": "Rex", "legs": 4}, {"name": "Ed"}],
        ),
        ({"pets[][name]": ["Rex", "Ed"]}, [{"name": "Rex"}, {"name": "Ed"}]),
    ],
)
def test_brackets_lead_into_a_list(
    forms: Tiny, sent: dict[str, Any], understood: Any
) -> None:
    """By position, or one after another."""
    answer = forms.post("/form", data={**NAMED, **sent})

    assert answer.json()["pets"] == understood


@pytest.mark.parametrize("name", ["name[first]", "other[x]", "owner]email[", "owner[a"])
def test_other_brackets_are_part_of_the_name(forms: Tiny, name: str) -> None:
    """Only an object or a list has an inside."""
    assert forms.post("/form", data={**NAMED, name: "1"}).json()[name] == "1"


@pytest.mark.parametrize(
    "sent",
    [
        {"owner[email]": "a", "owner[email][b]": "c"},
        {"owner" + "[a]" * 200: "x"},
    ],
)
def test_brackets_that_lead_nowhere_are_malformed(
    forms: Tiny, sent: dict[str, str]
) -> None:
    """Into a value, or without end."""
    answer = forms.post("/form", data={**NAMED, **sent})

    assert (answer.status_code, answer.json()) == (400, {"error": "malformed_body"})


def test_a_large_file_stays_in_memory() -> None:
    """Nothing below the server writes to a disk."""
    forms = Tiny("forms", max_body=4_000_000)

    answer = forms.post("/form", data=NAMED, files={"photo": ("p", b"x" * 3_000_000)})

    assert answer.json()["photo"]["size"] == 3_000_000


@pytest.mark.parametrize("email", ["", " "])
def test_what_is_missing_inside_is_missing(email: str) -> None:
    """`missing_when` holds for the required fields of an object in the body too."""
    forms = Tiny("forms", {"errors.violations.missing_when": ["null", "blank"]})

    answer = forms.post("/form", data={"name": "x", "owner[email]": email})

    assert answer.json()["facts"] == {"owner.email": "body required"}
