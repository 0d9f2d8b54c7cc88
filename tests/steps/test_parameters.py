"""What path, query, headers and cookies say."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny


@pytest.fixture
def forms() -> Tiny:
    return Tiny("forms")


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("exploded=1&exploded=2", {"exploded": [1, 2]}),
        ("exploded=1", {"exploded": [1]}),
        ("comma=1,2", {"comma": [1, 2]}),
        ("comma=1%2C2&comma=3", {"comma": [1, 2, 3]}),
        ("comma=", {"comma": []}),
        ("brackets[]=a&brackets%5B%5D=b", {"brackets[]": ["a", "b"]}),
        ("pipes=a|b%7Cc", {"pipes": ["a", "b", "c"]}),
        ("flag=true", {"flag": True}),
        ("flag=0", {"flag": False}),
        ("flag=true&flag=false", {"flag": False}),
        ("ratio=2.50", {"ratio": 2.5}),
        ("ratio=2", {"ratio": 2}),
        ("maybe=7", {"maybe": 7}),
        ("unknown=1", {}),
        ("", {}),
    ],
)
def test_a_query_is_typed_by_its_schema(
    forms: Tiny, query: str, understood: dict[str, Any]
) -> None:
    """Lists come repeated or with a separator, and texts become what they stand for."""
    assert forms.json(f"/parameters/ab?{query}")["query"] == understood


@pytest.mark.parametrize(
    ("query", "field", "rule"),
    [
        ("exploded=1&exploded=x", "exploded.1", "type"),
        ("comma=x", "comma.0", "type"),
        ("flag=yes", "flag", "type"),
        ("ratio=nan", "ratio", "type"),
        ("ratio=1e999", "ratio", "type"),
        ("maybe=x", "maybe", "type"),
        ("maybe=null", "maybe", "type"),
    ],
)
def test_a_text_that_stands_for_nothing_breaks_its_schema(
    forms: Tiny, query: str, field: str, rule: str
) -> None:
    """A value that is not of its type is reported with its place."""
    assert forms.answer(f"/parameters/ab?{query}") == (
        422,
        {"error": "invalid_request", "facts": {field: f"query {rule}"}},
    )


def test_headers_and_cookies_are_parameters_too(forms: Tiny) -> None:
    """A header's name has any case; a cookie that does not come has its default."""
    sent = {"x-count": "3", "Cookie": 'a; theme="dark"; theme=dark'}

    heard = forms.json("/parameters/ab", headers=sent)
    silent = forms.json("/parameters/ab")

    assert (heard["header"], heard["cookie"]) == ({"X-Count": 3}, {"theme": "dark"})
    assert (silent["header"], silent["cookie"]) == ({}, {"theme": "light"})


def test_all_places_are_reported_together(forms: Tiny) -> None:
    """What is wrong in query, headers and cookies comes in one answer."""
    sent = {"X-Count": "0", "Cookie": "theme=pink"}

    status, body = forms.answer("/parameters/ab?flag=x", headers=sent)

    assert (status, body["facts"]) == (
        422,
        {"flag": "query type", "X-Count": "header minimum", "theme": "cookie enum"},
    )


def test_what_is_required_and_missing_is_reported(forms: Tiny) -> None:
    """A call that says nothing lacks every parameter that is required."""
    missing = {"q": "query required", "X-Tenant": "header required"}

    assert forms.json("/required")["facts"] == missing
    assert forms.json("/required?q=", headers={"X-Tenant": "t"}) == {
        "q": "",
        "tenant": "t",
    }


def test_a_wrong_path_is_refused_before_the_rest(forms: Tiny) -> None:
    """A path parameter that breaks its schema is another refusal."""
    assert forms.answer("/parameters/a?flag=x") == (
        400,
        {"error": "invalid_path", "facts": {"id": "path minLength"}},
    )
    assert forms.json("/parameters/%C3%A4%2F")["path"] == {"id": "ä/"}


@pytest.mark.parametrize("query", ["%ff=1", "a=%C3", "&" * 1_000])
def test_a_query_that_cannot_be_read_is_malformed(forms: Tiny, query: str) -> None:
    """Bytes that are no UTF-8, and more parameters than anyone sends."""
    assert forms.answer(f"/required?{query}") == (400, {"error": "malformed_query"})


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("", {"size": 5}),
        ("size=0", {"size": 1}),
        ("size=99", {"size": 9}),
        ("size=many", {"size": 5}),
        ("kind=c", {"size": 5, "kind": None}),
        ("kind=b", {"size": 5, "kind": "b"}),
        ("text=abcdef", {"size": 5, "text": "abc"}),
    ],
)
def test_what_is_tolerated_is_mended(
    forms: Tiny, query: str, understood: dict[str, Any]
) -> None:
    """A value is clamped to its bounds, cut to its length, or as good as not sent."""
    assert forms.answer(f"/tolerant?{query}") == (200, understood)


def test_what_is_not_tolerated_is_refused(forms: Tiny) -> None:
    """Beside parameters that are mended stand those that are not."""
    status, body = forms.answer("/tolerant?size=99&strict=x")

    assert (status, body["facts"]) == (422, {"strict": "query type"})


def test_the_first_value_can_be_the_one_that_counts() -> None:
    """A provider says which of several values it looks at; a list takes all."""
    forms = Tiny("forms", {"http.repeated": "first"})

    query = forms.json("/parameters/ab?flag=true&flag=false&exploded=1&exploded=2")

    assert query["query"] == {"flag": True, "exploded": [1, 2]}


def test_a_list_may_come_under_two_names() -> None:
    """`comma` and its alias `comma[]` fill one list."""
    forms = Tiny(
        "forms", {"operations.parameters.parameter_aliases": {"comma[]": "comma"}}
    )

    reply = forms.json("/parameters/ab?comma[]=1&comma=2,3&comma[]=4")

    assert reply["query"] == {"comma": [1, 4, 2, 3]}
