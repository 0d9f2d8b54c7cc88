"""Nulls: names that may be missing where an expression cannot do without them."""

from __future__ import annotations

from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import pytest
from small import BODIES, small

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError
from emulator.language.functions import FUNCTIONS
from emulator.language.nulls import asked_by, doubts, found_by
from emulator.language.static_scope import Scope

SCOPE = Scope(collections=frozenset(["carts"])).with_optional(
    ["query.n", "body.a", "body.b"]
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("query.n + 1 > 0", ["query.n"]),
        ("body.a <= body.b", ["body.a", "body.b"]),
        ("body.a.c < 3", ["body.a.c"]),
        ("body['a'] * 2", ["body.a"]),
        ("3 < body.a < 5", ["body.a"]),
        ("not (body.a > 3)", ["body.a"]),
        ("query.n and query.n > 3", []),
        ("query.n is None or query.n > 3", []),
        ("query.n > 3 if query.n else false", []),
        ("body.a and body.a.c < 3", []),
        ("(query.n or 0) + 1", []),
        ("length(query.n) > 3", []),
        ("query.n == 3", []),
        ("query.m > 3", []),
        ("query.n >", []),
        ("not query.n or query.n > 3", []),
        ("query.n or query.n > 3", ["query.n"]),
        ("not query.n and query.n > 3", ["query.n"]),
        ("query.n and (body.a > 3 or query.n > 3)", ["body.a"]),
        ("query.n == 3 and query.n + 1", []),
        ("query.n + 1 if query.n != null else 0", []),
        ("3 in body.a", ["body.a"]),
        ("query.n in 'abc'", ["query.n"]),
        ("-query.n", ["query.n"]),
        ("integer(query.n)", ["query.n"]),
        ("fixed(query.n, 2) + 'x'", ["fixed(query.n, 2)"]),
        ("min(query.n, 3) + max(body.a)", ["body.a"]),
        ("[x + 1 for x in body.a if query.n > x]", ["query.n"]),
        ("[x + query.n for x in body.a if query.n]", []),
        ("(query.n or body.a) + 1", ["query.n or body.a"]),
        ("(query.n if query.n else body.a) + 1", ["query.n if query.n else body.a"]),
        ("(query.n or body.a or 1) + 1", []),
        ("lookup('carts', 1).total > 3", ["lookup('carts', 1).total"]),
        ("lookup('carts', 1) and lookup('carts', 1).total > 3", []),
        ("request.query.n > 1", ["query.n"]),
    ],
)
def test_a_name_is_doubted_where_nothing_asks_for_it_first(
    text: str, names: list[str]
) -> None:
    assert [doubt.name for doubt in doubts(text, SCOPE)] == names


@pytest.mark.parametrize(
    ("condition", "text", "names"),
    [
        ("query.n", "query.n > 1", []),
        ("not query.n", "query.n > 1", ["query.n"]),
        # An earlier condition asks for one where there is the other.
        ("not query.n or body.a", "query.n and body.a > 1", []),
        ("not query.n or body.a", "not query.n or body.a > 1", []),
        ("not query.n or body.a", "body.a > 1", ["body.a"]),
        (
            "query.n is None or body.a",
            "body.a > 1 if query.n is None else 0",
            ["body.a"],
        ),
    ],
)
def test_what_a_condition_asks_for_is_there_afterwards(
    condition: str, text: str, names: list[str]
) -> None:
    scope = SCOPE.with_asked(asked_by(condition, SCOPE))

    assert [doubt.name for doubt in doubts(text, scope)] == names


def test_a_record_that_was_found_is_there() -> None:
    scope = SCOPE.with_asked(found_by("carts", "path.id"))

    assert not [*doubts('lookup("carts", path.id).total > 1', scope)]


_GOOD = {
    "time": "2026-01-02T03:04:05Z", "zone": "UTC", "algorithm": "sha256",
    "encoding": "hex", "text_as": "text", "key_as": "text", "space": "+", "items": [1],
    "records": [{"a": 1}], "mapping": {"a": 1}, "mappings": {"a": 1}, "names": ["a"],
    "violations": [], "file": {"text": "a"}, "text": "YWJj", "url": "/a", "old": "a",
    "new": "b", "part": "a", "separator": ",", "pattern": "a", "name": "a", "key": "a",
    "form": "%d", "safe": "", "sort": False, "descending": False,
}  # fmt: skip


_OF_VALUES = [
    name for name, each in FUNCTIONS.items() if not each.world or name == "content"
]
"""The functions that ask the world for nothing."""


@pytest.mark.parametrize("name", _OF_VALUES)
def test_what_the_types_of_functions_say_of_null_is_so(name: str) -> None:
    """A function fails of a null that its types exclude, or else gives null as they say."""
    function = FUNCTIONS[name]
    parameters = dict(signature(function.call).parameters)
    parameters.pop("x", None)
    for nulled in parameters:
        if nulled in ("by", "then", "form", "sort") or (name, nulled) == (
            "grouped",
            "name",
        ):
            continue  # null is taken for the default
        plain: list[Any] = [None] if function.world else []
        named: dict[str, Any] = {}
        for each, parameter in parameters.items():
            given = None if each == nulled else _GOOD.get(each, 1)
            if parameter.kind is Parameter.KEYWORD_ONLY:
                named[each] = given
            elif not (name in ("sum", "sorted") and each == "by"):
                plain.append(given)
        if nulled in function.needs:
            with pytest.raises((TypeError, ValueError, AttributeError)):
                function.call(*plain, **named)
        else:
            result = function.call(*plain, **named)
            gives_null = nulled in function.null_of or function.finds
            assert (result is None) == gives_null, (nulled, result)


def test_definitions_are_read_where_they_stand(tmp_path: Path) -> None:
    """A `let` of the provider is doubted for the operations that leave it doubtful."""
    sizes = [{"name": "n", "in": "query", "required": needed, "schema": {"type": "integer"}}
             for needed in (True, False)]  # fmt: skip
    small(
        tmp_path,
        {
            f"/{id}": {"get": {"operationId": id, "parameters": [size], "responses": {}}}
            for id, size in zip(
                ("sure", "unsure", "guarded", "chosen"), sizes[:1] + sizes[1:] * 3, strict=True
            )
        },
        {
            "sure": {"reply": {"body": "${twice}"}},
            "unsure": {"reply": {"body": "${twice}"}},
            "guarded": {
                "requires": [{"check": "cart", "refuse": "gone"}],
                "reply": {"body": "${cart.total + dear(cart)}"},
            },
            "chosen": {"reply": [
                {"when": "cart is None", "body": "${cart.total + 1}"},
                {"body": "${cart.total + dear(lookup('things', 7))}"},
            ]},
        },
        collections={"things": {}},
        table={"gone": {"status": 410}, "invalid_request": {"status": 400}},
        let={"twice": "query.n * 2", "cart": "lookup('things', text(query.n))",
             "dear(item)": "item.total * 3"},
    )  # fmt: skip
    report = Report()
    load(Place(tmp_path / "small", tmp_path / "small" / "fixtures"), None, report)

    assert [
        each.what.split(" may be")[0]
        for each in report.diagnostics
        if each.code == "may-be-null"
    ] == ["'query.n'", "'cart.total'", "\"dear(lookup('things', 7))\""]


def test_a_rule_is_told_of_the_fields_that_may_be_missing(tmp_path: Path) -> None:
    """Those that it requires are there; what stands below them may be missing still."""
    schema = {"type": "object", "required": ["low"], "properties": {
        "low": {"type": "integer"}, "high": {"type": "integer"},
        "pay": {"type": "object", "properties": {"min": {"type": "integer"}}},
        "fine": {"type": "integer", "default": 1},
    }}  # fmt: skip
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    rules = [
        {"check": "low < high"},
        {"check": "low < high", "requires_fields": ["high"]},
        {"check": "low < pay.min", "requires_fields": ["pay"]},
        {"check": "low < fine"},
    ]
    small(
        tmp_path,
        {"/things": {"post": {"operationId": "add", "requestBody": body, "responses": {}}}},
        {"add": {"create": {"collection": "things"}, "rules": rules}},
        collections={"things": {}},
        table={"malformed_body": {"status": 400}, "body_too_large": {"status": 413},
               "unsupported_media": {"status": 415}, "invalid_request": {"status": 422}},
    )  # fmt: skip
    report = Report()
    load(Place(tmp_path / "small", tmp_path / "small" / "fixtures"), None, report)

    assert [
        each.what.split("'")[1]
        for each in report.diagnostics
        if each.code == "may-be-null"
    ] == ["high", "pay.min"]


@pytest.mark.parametrize(
    ("limit", "doubted"),
    [
        ({"cost": "5 if query.size <= 100 else 10"}, ["query.size"]),
        ({"cost": "5 if query.size and query.size <= 100 else 10"}, []),
        ({"cost_after": "query.size + 1"}, ["query.size"]),
        ({"cost": "query.size + 1", "operations": ["list"]}, []),
        ({"when": "query.size > 1"}, ["query.size"]),
    ],
)
def test_a_limit_is_asked_for_calls_that_lack_a_value(
    tmp_path: Path, limit: dict[str, Any], doubted: list[str]
) -> None:
    """The parameter of one operation has a default there, and no value elsewhere."""
    size = {"name": "size", "in": "query", "schema": {"type": "integer", "default": 9}}
    paths = {
        "/all": {"get": {"operationId": "list", "parameters": [size]}},
        "/one": {"get": {"operationId": "show"}},
    }
    operations = {"list": {"reply": {"body": 1}}, "show": {"reply": {"body": 1}}}
    limits = [{"quota": 1, "window": "1m", "per": "ip", **limit}]
    table = {"rate_limited": {"status": 429}, "invalid_request": {"status": 422}}
    small(tmp_path, paths, operations, table=table, rate_limits=limits)
    report = Report()
    load(Place(tmp_path / "small", tmp_path / "small" / "fixtures"), None, report)

    told = [
        diagnostic.what
        for diagnostic in report.diagnostics
        if diagnostic.code == "may-be-null"
    ]
    assert told == [
        f"{name!r} may be missing where this reckons with it" for name in doubted
    ]


@pytest.mark.parametrize(
    ("says", "doubted"),
    [
        ({"code": "${lower(path.id)}"}, []),
        ({"code": "${'no ' + path.id}"}, ["path.id"]),
        ({"code": "${'no ' + path.id if path.id else 'none'}"}, []),
        ({"code": "${path.id}"}, []),
        ({"code": "a", "headers": {"X-Id": "${'a' + path.id}"}}, ["path.id"]),
        ({"code": "${lower(query.zone)}"}, []),
    ],
)
def test_an_error_is_asked_for_each_operation_that_it_answers(
    tmp_path: Path, says: dict[str, Any], doubted: list[str]
) -> None:
    """One has the parameter and the other has not; both have a zone."""
    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    zone = {"name": "zone", "in": "query", "schema": {"default": "utc"}}
    paths = {
        "/all": {"get": {"operationId": "list", "parameters": [zone]}},
        "/all/{id}": {"get": {"operationId": "show", "parameters": [id, zone]}},
    }
    operations = {"list": {"reply": {"body": 1}}, "show": {"reply": {"body": 1}}}
    limits = [{"quota": 1, "window": "1m", "per": "ip"}]
    table = {
        "rate_limited": {"status": 429, **says},
        "invalid_path": {"status": 404, "code": "a"},
        "invalid_request": {"status": 422, "code": "a"},
    }
    small(tmp_path, paths, operations, table=table, rate_limits=limits)
    report = Report()
    load(Place(tmp_path / "small", tmp_path / "small" / "fixtures"), None, report)

    assert [(each.code, each.what) for each in report.diagnostics] == [
        ("may-be-null", f"{name!r} may be missing where this reckons with it")
        for name in doubted
    ]


@pytest.mark.parametrize(
    ("shows", "on_create", "doubted"),
    [
        ("'a' in members", {}, ["members"]),
        ("'a' in members", {"members": []}, []),
        ("members and 'a' in members", {}, []),
        ("size * 2", {"members": []}, ["size"]),
        ("size * 2", {"members": [], "size": "${2 if name else 1}"}, []),
        ("members", {}, []),
        ("'a' + name", {}, []),
    ],
)
def test_a_view_is_asked_for_a_new_record(
    tmp_path: Path, shows: str, on_create: dict[str, Any], doubted: list[str]
) -> None:
    """What neither the call nor `on_create` gives it is null, whatever the fixtures have."""
    schema = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}},
    }
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    small(
        tmp_path,
        {"/a": {"post": {"operationId": "add", "requestBody": body, "responses": {}}}},
        {"add": {"create": {"collection": "things", "view": "thing"}}},
        collections={"things": {"on_create": on_create}},
        views={"thing": {"collection": "things", "fields": ["id"], "show": {"x": f"${{{shows}}}"}}},
        fixtures={"things": [{"id": 1, "name": "a", "members": ["a"], "size": 2}]},
        table=BODIES,
    )  # fmt: skip
    report = Report()
    load(Place(tmp_path / "small", tmp_path / "small" / "fixtures"), None, report)

    assert [(each.code, each.what) for each in report.diagnostics] == [
        ("may-be-null", f"{name!r} may be missing where this reckons with it")
        for name in doubted
    ]


@pytest.mark.parametrize("sent", [b'"text"', b"[1]", b"7", b"null", b'{"name": "a"}'])
@pytest.mark.parametrize("schema", [{}, {"properties": {"name": {"type": "string"}}}])
def test_a_body_that_is_no_mapping_has_no_members(
    schema: dict[str, Any], sent: bytes, tmp_path: Path
) -> None:
    """Where the document lets a caller send one, that is no mistake of the spec's."""
    content = {"application/json": {"schema": schema}}
    body = {"requestBody": {"content": content}, "responses": {}}
    paths = {"/a": {"post": {"operationId": "a", **body}}}
    reply = {"body": "${text(body.name) + text(body['name'])}"}

    api = small(tmp_path, paths, {"a": {"reply": reply}}, table=BODIES)
    headers = {"Content-Type": "application/json"}
    answer = api.post("/a", None, content=sent, headers=headers)

    assert answer.json() == ("aa" if b"a" in sent else "")


def test_a_member_of_a_body_that_is_a_list_is_told(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"type": "array"}}}
    body = {"requestBody": {"content": content}, "responses": {}}
    paths = {"/a": {"post": {"operationId": "a", **body}}}

    with pytest.raises(SpecError) as told:
        small(tmp_path, paths, {"a": {"reply": {"body": "${body.name}"}}}, table=BODIES)

    assert "'body.name' mixes kinds of values: a list has no members" in str(told.value)
