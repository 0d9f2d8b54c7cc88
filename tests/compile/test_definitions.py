"""Definitions and guards: names for values, and for conditions, that a spec gives once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.diagnostics import SpecError

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
LANGUAGE = {"name": "language", "in": "query", "schema": {"type": "string"}}
OK = {"responses": {"200": {"description": "Fine"}}}
PATHS = {
    "/carts/{id}": {
        "get": {"operationId": "getCart", "parameters": [ID, LANGUAGE], **OK},
        "delete": {"operationId": "emptyCart", "parameters": [ID, LANGUAGE], **OK},
    }
}
CARTS = [
    {"id": "a", "owner": "ann", "names": {"en": "cart", "de": "Wagen"}, "open": True},
    {"id": "b", "owner": "ben", "names": {"en": "trolley"}, "open": False},
]
LET = {
    "cart": "lookup('carts', path.id)",
    "localized(names)": "names[query.language] or names.en",
}
GUARDS = {
    "visible": [{"check": "cart is not None", "refuse": "no_cart"}],
    "open": [
        {"check": "cart.open", "refuse": "closed", "facts": {"who": "${cart.owner}"}}
    ],
}
TABLE = {
    "no_cart": {"status": 404},
    "closed": {"status": 409, "facts": ["who"], "body": {"closed": "${who}"}},
    "invalid_path": {"status": 404},
    "invalid_request": {"status": 422},
}


def shop(tmp_path: Path, **changes: Any) -> Api:
    operations = {
        "getCart": {
            "guards": ["visible"],
            "reply": {
                "body": {"name": "${localized(cart.names)}", "of": "${cart.owner}"}
            },
        },
        "emptyCart": {
            "guards": ["visible", "open"],
            "let": {"key": "token(8)"},
            "reply": {"headers": {"X-Key": "${key}"}, "body": {"key": "${key}"}},
        },
    }
    spec: dict[str, Any] = {
        "let": LET, "guards": GUARDS, "collections": {"carts": {}}, **changes,
    }  # fmt: skip
    for id, more in spec.pop("more", {}).items():
        operations[id] |= more
    table = {**TABLE, **spec.pop("table", {})}
    return small(
        tmp_path, PATHS, operations, table=table, fixtures={"carts": CARTS}, **spec
    )


def refused(tmp_path: Path, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(SpecError) as caught:
        shop(tmp_path, **changes)
    return [(each.code, each.what) for each in caught.value.diagnostics]


def test_a_value_is_named_once_and_read_wherever_it_is_needed(tmp_path: Path) -> None:
    api = shop(tmp_path)

    assert api.get("/carts/a", None).json() == {"name": "cart", "of": "ann"}
    assert api.get("/carts/a?language=de", None).json() == {
        "name": "Wagen",
        "of": "ann",
    }
    assert api.get("/carts/b?language=de", None).json()["name"] == "trolley"


def test_guards_refuse_in_the_order_of_their_names(tmp_path: Path) -> None:
    api = shop(tmp_path)
    closed = api.call("DELETE", "/carts/b", None)

    assert api.get("/carts/z", None).status_code == 404
    assert (closed.status_code, closed.json()) == (409, {"closed": "ben"})
    assert api.call("DELETE", "/carts/a", None).status_code == 200
    assert api.call("DELETE", "/carts/z", None).status_code == 404


def test_what_is_required_of_every_call_comes_before_the_guards(
    tmp_path: Path,
) -> None:
    """And it can be forced at each operation, with the facts that it gives."""
    early = {
        "check": "query.language != 'xx'",
        "refuse": "no_language",
        "facts": {"asked": "${query.language}"},
    }
    table = {"no_language": {"status": 406, "body": {"language": "${asked}"}}}
    api = shop(tmp_path, requires=[early], table=table)
    refused = api.get("/carts/z?language=xx", None)
    forced = {"X-Emulator-Refuse": "no_language"}

    assert (refused.status_code, refused.json()) == (406, {"language": "xx"})
    assert api.get("/carts/z?language=de", None).status_code == 404
    assert api.call("DELETE", "/carts/a", None, headers=forced).status_code == 406


def test_a_value_is_evaluated_once_in_a_call_and_anew_in_the_next(
    tmp_path: Path,
) -> None:
    api = shop(tmp_path)
    first, second = (api.call("DELETE", "/carts/a", None) for _ in range(2))

    assert first.headers["x-key"] == first.json()["key"]
    assert first.json() != second.json()


def test_a_guard_can_be_forced_as_any_refusal(tmp_path: Path) -> None:
    sent = {"X-Emulator-Refuse": "closed"}
    reply = shop(tmp_path).call("DELETE", "/carts/a", None, headers=sent)

    assert (reply.status_code, reply.json()) == (409, {"closed": "ann"})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"let": {**LET, "a": "b + 1", "b": "c", "c": "a"}},
            ("let-circle", "'a' is defined by itself: a -> b -> c -> a"),
        ),
        (
            {"let": {**LET, "query": "1"}},
            ("shadowed-name", "'query' is a name of the language already"),
        ),
        (
            {"let": {**LET, "lookup": "1"}},
            ("shadowed-name", "'lookup' is a function of the language already"),
        ),
        (
            {"let": {**LET, "two words": "1"}},
            ("wrong-form", "'two words' cannot be defined"),
        ),
        (
            {"let": {**LET, "twice(a, a)": "a"}},
            ("wrong-form", "a parameter of 'twice' comes twice"),
        ),
        (
            {"let": {**LET, "lang": "query.speech"}},
            ("unknown-name", "'query' has no 'speech'"),
        ),
        (
            {"more": {"getCart": {"let": {"cart": "1"}}}},
            ("shadowed-name", "'cart' is a definition of the provider's already"),
        ),
        (
            {"more": {"getCart": {"reply": {"body": "${localized()}"}}}},
            ("function-arguments", "'localized()' does not fit the function"),
        ),
        (
            {"more": {"getCart": {"reply": {"body": "${localized}"}}}},
            ("unknown-name", "there is no 'localized' here; it is a function: call it"),
        ),
        (
            {"more": {"getCart": {"reply": {"body": "${crat.owner}"}}}},
            ("unknown-name", "there is no 'crat' here"),
        ),
        (
            {"more": {"getCart": {"guards": ["visibel"]}}},
            ("unknown-guard", "there is no guard 'visibel'"),
        ),
        (
            {"let": {**LET, "left": "quota.remaining"}, "guards": {
                **GUARDS, "visible": [{"check": "left", "refuse": "no_cart", "step": "authorize"}],
            }, "order": ["authorize before rate_limit"]},
            ("not-yet-known", "'left' reads 'quota', which is not known where this is asked"),
        ),
    ],
)  # fmt: skip
def test_what_is_defined_wrongly_is_told_at_its_place(
    tmp_path: Path, changes: Any, expected: tuple[str, str]
) -> None:
    assert expected in refused(tmp_path, **changes)


def test_what_nothing_reads_is_told(tmp_path: Path) -> None:
    from emulator.compile.load import load
    from emulator.compile.places import Place
    from emulator.diagnostics import Report

    shop(tmp_path, let={**LET, "idle": "1"}, guards={**GUARDS, "spare": GUARDS["open"]})
    report = Report()
    load(Place(tmp_path / "small", tmp_path / "small" / "fixtures"), None, report)

    assert [(each.code, each.why) for each in report.diagnostics] == [
        ("idle-key", "no operation names it under `guards`"),
        ("idle-key", "no expression reads 'idle'"),
    ]


def test_a_failure_inside_a_definition_is_told_at_the_definition(
    tmp_path: Path,
) -> None:
    cart = "[lookup('carts', path.id).owner + 1][0]"  # of no kind that is known
    api = shop(tmp_path, let={**LET, "cart": cart})
    api.client.raise_server_exceptions = False
    reply = api.get("/carts/a", None)

    assert reply.status_code == 500
    assert reply.json()["title"] == "spec error"
    assert "lookup('carts', path.id).owner + 1" in reply.json()["detail"]
