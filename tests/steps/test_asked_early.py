"""Asked early: what a call says, in expressions of steps that come before it is read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Tiny

from emulator.diagnostics import SpecError

SAID = ("path", "query", "header", "cookie", "body")


def early(id: str, step: str = "authorize") -> Tiny:
    """Forms, whose operation *id* is refused by *step* with all that the call says."""
    told = {name: f"${{{name}}}" for name in SAID}
    requires = {"check": "false", "refuse": "told", "facts": told, "step": step}
    error = {"status": 418, "facts": [*SAID], "body": told}
    return Tiny(
        "forms",
        {
            f"operations.{id}.requires": [requires],
            f"operations.{id}.reply": {"body": told},
            "errors.table.told": error,
        },
    )


CALLS = [
    ("/parameters/ab?exploded=1&exploded=2&flag=true&ratio=2.5", {}),
    ("/parameters/ab", {"headers": {"X-Count": "3", "Cookie": "theme=dark; x=1"}}),
    ("/parameters/a%20b?maybe=7&unknown=1", {"headers": {"Cookie": ""}}),
]


@pytest.mark.parametrize(("path", "rest"), CALLS)
def test_a_condition_sees_what_the_call_says_before_the_steps_that_read_it(
    path: str, rest: dict[str, Any]
) -> None:
    """To the value what the steps find, types and defaults included."""
    assert early("parameters").answer(path, **rest) == (
        418,
        early("parameters", "act").answer(path, **rest)[1],
    )


TEXTS = st.text("ab1,&=[]+%25 é", max_size=12)


@given(query=TEXTS, count=st.sampled_from(["", "1", "x", "-3"]), theme=TEXTS)
def test_what_is_read_early_is_what_the_steps_read(
    query: str, count: str, theme: str
) -> None:
    """Where they refuse nothing; where they do, the early reader is refused first."""
    tiny, late = early("parameters"), early("parameters", "act")
    sent = {"X_Count": count, "cookie": f"theme={theme}".encode().decode("latin-1")}
    path = f"/parameters/ab?{query}".encode().decode("latin-1")
    if not path.isascii():
        path = "/parameters/ab"

    first = tiny.ask("GET", path, **sent)
    second = late.ask("GET", path, **sent)

    assert first[0] == 418
    assert second[0] in (418, 400, 422)
    if second[0] == 418:
        assert first == second


FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("content", "headers", "body"),
    [
        (
            "name=a&age=3&owner[email]=e",
            FORM,
            {"name": "a", "age": 3, "owner": {"email": "e"}, "member": False},
        ),
        ("name=a", {"content-type": "text/plain"}, None),
        ("", FORM, None),
        ("name=%ff", FORM, None),
    ],
)
def test_a_condition_sees_the_body_and_nothing_of_one_that_cannot_be_read(
    content: str, headers: dict[str, str], body: Any
) -> None:
    """It is for its own step to refuse a body that nobody can read."""
    tiny = early("form")

    answer = tiny.answer("/form", method="POST", content=content, headers=headers)

    assert (answer[0], answer[1]["body"]) == (418, body)


@pytest.mark.parametrize(
    ("path", "rest", "status"),
    [
        ("/parameters/ab?flag=%ff", {}, 400),
        ("/parameters/ab?ratio=x", {}, 422),
        ("/parameters/a", {}, 400),
        ("/parameters/ab", {"headers": {"X-Count": "0"}}, 422),
    ],
)
def test_what_is_wrong_with_a_call_is_still_refused_by_its_own_step(
    path: str, rest: dict[str, Any], status: int
) -> None:
    """Once, and with the words that it has when nobody looks at it before."""
    looking = [{"check": "[path, query, header, cookie]", "refuse": "broken"}]
    tiny = Tiny("forms", {"operations.parameters.requires": looking})

    assert tiny.answer(path, **rest) == Tiny("forms").answer(path, **rest)
    assert tiny.answer(path, **rest)[0] == status


def test_quotas_are_kept_apart_by_what_a_call_says() -> None:
    """`per` and `cost` read the body and the query, at a step that comes before them."""
    tiny = Tiny(
        "forms",
        {
            "rate_limits": [
                {
                    "quota": 2,
                    "window": "1m",
                    "per": "body.name",
                    "operations": ["form"],
                },
                {
                    "quota": 3,
                    "window": "1h",
                    "per": "ip",
                    "cost": "2 if query.flag else 1",
                    "operations": ["parameters"],
                },
            ],
            "errors.table.rate_limited": {"status": 429, "error": "slower"},
        },
    )

    def post(name: str) -> int:
        sent = {"content": f"name={name}", "headers": FORM}
        status, _ = tiny.answer("/form", method="POST", **sent)
        return status

    assert [post("a"), post("a"), post("a"), post("b")] == [200, 200, 429, 200]
    costly, cheap = "/parameters/ab?flag=true", "/parameters/ab"
    assert [tiny.status(one) for one in (costly, costly, cheap)] == [200, 429, 200]


def test_a_header_of_the_call_is_echoed_whatever_becomes_of_the_call() -> None:
    """Also where it is refused before its headers are read, and where nothing is there."""
    echo = {"X-Echo": "${header['X-Count'] or 'none'}"}
    tiny = Tiny("forms", {"headers": echo})
    sent = {"X-Count": "7"}

    for path, status in [("/parameters/ab", 200), ("/parameters/a", 400), ("/no", 404)]:
        reply = tiny.get(path, headers=sent)
        assert (reply.status_code, reply.headers["x-echo"]) == (status, "7")
    assert tiny.get("/no").headers["x-echo"] == "none"


LIMIT = {"quota": 1, "window": "1m", "per": "ip"}
ORDER = ["rate_limit before authenticate"]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"operations.readBook.requires": [{"check": "record.id", "refuse": "no_author"}]}, "record"),
        ({"operations.createBook.requires": [{"check": "record", "refuse": "no_author", "step": "act"}]}, "record"),
        ({"operations.readBook.requires": [{"check": "refused", "refuse": "no_author"}]}, "refused"),
        ({"operations.readBook.requires": [{"check": "item.id", "refuse": "no_author", "step": "act"}]}, "item"),
        ({"operations.readBook.requires": [{"check": "page.total", "refuse": "no_author"}]}, "page"),
        ({"operations.readBook.read.key": "${matched}"}, "matched"),
        ({"rate_limits": [{**LIMIT, "quota": "quota.limit"}]}, "quota"),
        ({"rate_limits": [{**LIMIT, "cost": "length(matched)"}]}, "matched"),
        ({"rate_limits": [{**LIMIT, "per": "record.id"}]}, "record"),
        ({"rate_limits": [{**LIMIT, "when": "caller"}], "order": ORDER}, "caller"),
        ({"authentication.schemes.Key.state": "refused"}, "refused"),
        ({"authentication.schemes.Key.account": "caller.name"}, "caller"),
        ({"authentication.schemes.Key.show": {"a": "${query.author}"}}, "query"),
        ({"collections.notes.completes": "${body.text}"}, "body"),
        ({"operations.readBook.reply.body": "${refused}"}, "refused"),
    ],
)  # fmt: skip
def test_a_name_that_stands_for_nothing_yet_is_found_before_a_call(
    changes: dict[str, Any], name: str
) -> None:
    """It would be null on every call, in silence."""
    with pytest.raises(SpecError) as found:
        Tiny("shelf", changes)

    told = {
        (diagnostic.code, diagnostic.what) for diagnostic in found.value.diagnostics
    }
    assert ("not-yet-known", f"{name!r} is not known where this is asked") in told


def test_the_order_of_the_steps_says_what_is_known() -> None:
    """A step that a provider asks later may name what was found before it."""
    requires = [{"check": "record.title != query", "refuse": "no_author"}]
    later = ["authorize after find"]
    changes = {"operations.readBook.requires": requires}

    assert Tiny("shelf", {**changes, "order": later}).status("/books/1") == 200
    with pytest.raises(SpecError):
        Tiny("shelf", changes)


def test_a_condition_at_act_sees_the_record_that_was_found() -> None:
    """As `If-Match` needs it: `find` has been asked by then."""
    requires = [{"check": "record.id == 1", "refuse": "no_author", "step": "act"}]
    tiny = Tiny("shelf", {"operations.readBook.requires": requires})

    assert [tiny.status("/books/1"), tiny.status("/books/2")] == [200, 410]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"headers": {"X-A": "${header['X-Cuont']}"}}, "'header' has no 'X-Cuont'"),
        ({"headers": {"X-A": "${query.ratoi}"}}, "'query' has no 'ratoi'"),
        ({"headers": {"X-A": "${cookie.them}"}}, "'cookie' has no 'them'"),
        ({"headers": {"X-A": "${path.ident}"}}, "'path' has no 'ident'"),
    ],
)
def test_what_no_operation_declares_cannot_be_named(
    changes: dict[str, Any], what: str
) -> None:
    """A slip in what holds for all operations would be null everywhere."""
    with pytest.raises(SpecError) as found:
        Tiny("forms", changes)

    assert [
        (diagnostic.code, diagnostic.what) for diagnostic in found.value.diagnostics
    ] == [("unknown-name", what)]


def test_an_event_that_waits_for_a_refusal_is_found_before_a_call() -> None:
    """Events come about when nothing has refused the call: it would never come."""
    refused = {
        "operations": ["sendParcel"],
        "when": "refused == 'no_parcel'",
        "payload": {},
    }
    event = {"webhooks.events": {"parcel.refused": refused}}
    with pytest.raises(SpecError) as found:
        Tiny("hooks", event)

    told = {diagnostic.code: diagnostic for diagnostic in found.value.diagnostics}[
        "not-yet-known"
    ]
    assert told.what == "'refused' is not known where this is asked"
    assert told.why == (
        "the event comes about when nothing has refused the call: see `refused`"
    )


def test_an_options_call_that_nothing_describes_says_nothing() -> None:
    """HTTP answers it: no parameter is declared, and headers that name one are empty."""
    echo = {
        "X-Echo": "${length(query)} ${length(header)} ${length(cookie)} ${length(path)}"
    }
    tiny = Tiny("forms", {"headers": echo})

    reply = tiny.call("OPTIONS", "/parameters/ab?flag=true")

    assert (reply.status_code, reply.headers["x-echo"]) == (204, "0 0 0 0")
