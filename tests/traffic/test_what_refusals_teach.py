"""What refused calls teach: of inputs, of those who call, of limits; and what parameters show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from traffic_archives import archive, call

from emulator.cli.learn import Wanted, init_from_archives
from emulator.diagnostics import Report
from emulator.inference.names import reading
from emulator.inference.samples import expression
from emulator.program.schemas import Schema
from emulator.times import SECOND
from emulator.traffic.bounds import constrain
from emulator.traffic.complaints import complaints
from emulator.traffic.conditional import narrowed
from emulator.traffic.har import read_archive
from emulator.traffic.logins import demands
from emulator.traffic.markup import formats
from emulator.traffic.quotas import Quota, Timed, quotas
from emulator.traffic.recorded import Recorded

Json = Any
URL = "https://api.acme.test/v2"
NAMES = {"title", "pay_from", "pay_to", "email", "kind", "tags", "candidate"}


def key(secret: str) -> dict[str, str]:
    return {"X-Api-Key": secret * 8}


def recorded(*entries: Json) -> list[Recorded]:
    return read_archive(archive(*entries), "a.har", Report()).entries


def learnt(folder: Path, *entries: Json) -> tuple[Json, Json]:
    """The document and the behavior that are learnt of *entries*."""
    (folder / "a.har").write_bytes(archive(*entries))
    init_from_archives("acme", str(folder), Wanted([str(folder / "a.har")]))
    texts = [
        (folder / "acme" / f).read_text() for f in ("openapi.yaml", "behavior.yaml")
    ]
    document, behavior = map(yaml.safe_load, texts)
    return document, behavior


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"errors": {"title": ["is short"], "tags.0": "no tag"}}, {"title": "is short", "tags.0": "no tag"}),
        ({"errors": [{"field": "title", "code": "short", "text": "It is short"}]}, {"title": "It is short"}),
        ([{"loc": ["body", "candidate", "email"], "msg": "not good"}], {"candidate.email": "not good"}),
        ({"errors": [{"source": {"pointer": "/data/kind"}, "detail": "is wrong"}]}, {"kind": "is wrong"}),
        ({"message": "The pay from may not be more than pay to."}, {"pay_from": "The pay from may not be more than pay to."}),
        ({"message": "title and email are required."}, {"title": "title and email are required.", "email": "title and email are required."}),
        ({"message": "Something is wrong"}, {}),
        ({"title": "Bad Request", "status": 400}, {}),
    ],
)  # fmt: skip
def test_what_an_error_says_of_each_input(error: Json, said: dict[str, str]) -> None:
    found = complaints(error, NAMES | {"status"})
    assert {".".join(path): text for path, text in found.items()} == said


@pytest.mark.parametrize(
    ("taken", "value", "text", "learnt_bound"),
    [
        ([], 1, "kind must be a string", {"type": "string"}),
        (["abc", "abcdef"], "a", "must be between 3 and 9 characters", {"minLength": 3, "maxLength": 9}),
        ([5, 50], 500, "may not be greater than 100", {"maximum": 100}),
        ([5, 50], 500, "is wrong", {"exclusiveMaximum": 500}),
        ([["a"]], [], "is wrong", {"minItems": 1}),
        (["2026-01-02"], "soon", "is no good", {"format": "date"}),
        (["a-b", "c-d"], "Other", "must be one of: a-b, c-d, e-f", {"enum": ["a-b", "c-d", "e-f"]}),
        ([7, 9], 8, "the selected thing is invalid", {"not": {"enum": [8]}}),
        ([{"a": 1}], {}, "is no query", {"minProperties": 1}),
        ([7], 7, "is wrong", {}),
    ],
)  # fmt: skip
def test_a_bound_refuses_what_was_refused_and_takes_what_was_taken(
    taken: list[Json], value: Json, text: str, learnt_bound: Json
) -> None:
    schema: dict[str, Json] = {}
    constrain(schema, taken, [(value, text)])
    assert schema == learnt_bound
    assert all(map(Schema(schema).is_valid, taken))


def test_callers_are_known_by_what_they_are_refused_with(tmp_path: Path) -> None:
    """One is unknown, one revoked, one lacks a scope; each with its own words."""

    def get(secret: str, path: str, status: int = 200, **error: Json) -> Json:
        reply = {"error": error} if error else {"data": []}
        return call(
            "GET", f"{URL}/{path}", headers=key(secret), status=status, reply=reply
        )

    scope = "The scope jobs:write is needed"
    document, behavior = learnt(
        tmp_path,
        get("aAb1", "jobs"),
        get("bBc2", "jobs"),
        get("cCd3", "jobs", 401, code="unknown_key"),
        get("dDe4", "jobs", 401, code="unknown_key"),
        get("eEf5", "jobs", 403, code="key_revoked"),
        get("aAb1", "jobs/log"),
        get("bBc2", "jobs/log", 403, code="scope", message=scope),
        call("GET", f"{URL}/jobs", status=401, reply={"error": {"code": "no_key"}}),
    )

    assert document["paths"]["/jobs/log"]["get"]["security"] == [
        {"ApiKey": ["jobs:write"]}
    ]
    table = behavior["errors"]["table"]
    words = {code: entry["body"]["error"]["code"] for code, entry in table.items()}
    assert words == {
        "credential_missing": "no_key",
        "credential_unknown": "unknown_key",
        "credential_revoked": "key_revoked",
        "scope_missing": "scope",
    }
    keys = yaml.safe_load(
        (tmp_path / "acme" / "fixtures" / "api_keys.yaml").read_text()
    )
    assert [(k["name"], k["state"], k["scopes"]) for k in keys[:3]] == [
        ("full", "active", ["jobs:write"]),
        ("other_2", "active", []),
        ("revoked_3", "revoked", None),
    ]


def test_where_nobody_was_let_in_there_is_a_credential_nevertheless(
    tmp_path: Path,
) -> None:
    """The scenarios that every provider has are about the credential `full`."""

    def get(secret: str, code: str) -> Json:
        reply = {"error": {"code": code}}
        return call("GET", f"{URL}/jobs", headers=key(secret), status=401, reply=reply)

    learnt(
        tmp_path,
        get("aAb1", "unknown_key"),
        get("bBc2", "unknown_key"),
        get("cCd3", "key_revoked"),
        get("dDe4", "key_expired"),
        call("GET", f"{URL}/tags", reply={"data": []}),
    )

    keys = yaml.safe_load(
        (tmp_path / "acme" / "fixtures" / "api_keys.yaml").read_text()
    )
    states = {record["name"]: record["state"] for record in keys}
    assert states["full"] == "active"
    assert {"revoked", "expired"} < {*states.values()}


def test_inputs_that_are_compared_are_rules(tmp_path: Path) -> None:
    def post(status: int = 201, error: Json = None, **fields: Json) -> Json:
        reply = {"errors": error} if error else {"id": 1}
        return call("POST", f"{URL}/jobs", json=fields, status=status, reply=reply)

    _, behavior = learnt(
        tmp_path,
        post(title="a", pay_from=1, pay_to=2, kind="mail"),
        post(title="b", pay_from=900, pay_to=900, kind="link", url="https://a.test"),
        post(
            422, {"pay_from": "pay_from must not be above pay_to"}, pay_from=9, pay_to=3
        ),
        post(422, {"url": "url is required when kind is link"}, title="c", kind="link"),
        call("GET", f"{URL}/others", reply=[]),
    )

    (operation,) = behavior["operations"].values()
    assert operation["rules"] == [
        {
            "check": "body.pay_from <= body.pay_to",
            "field": "pay_from",
            "requires_fields": ["pay_from", "pay_to"],
        },
        {"check": "body.url is not None or body.kind != 'link'", "field": "url"},
    ]


def test_what_a_parameter_shows_is_shown_with_it_alone(tmp_path: Path) -> None:
    def jobs(query: str = "", **more: Json) -> Json:
        records = [{"id": n, "title": "x", **more} for n in (1, 2)]
        return call("GET", f"{URL}/jobs{query}", reply={"data": records})

    one = call("GET", f"{URL}/jobs/1", reply={"data": {"id": 1, "title": "x"}})
    _, behavior = learnt(tmp_path, jobs(), jobs("?with_pay=true", pay=5), one, one)

    (show,) = [
        view["show"] for view in behavior["views"].values() if "query" in view["show"]
    ]
    assert "(['pay'] if query.with_pay != true else [])" in show


def test_objects_inside_of_records_have_what_the_operation_shows() -> None:
    stored = [{"id": 1, "by": {"name": "a", "at": {"x": 1, "y": 2}}}]
    shown = [{"id": 1, "by": {"name": "a", "at": {"x": 1}}}]

    assert narrowed(shown, stored, "this", expression) == (
        "merge(this, {'by': merge(this.by, {'at': only(this.by.at, ['x'])})})"
    )
    assert narrowed(stored, stored, "this", expression) == ""


def test_a_quota_is_one_that_foretells_each_429() -> None:
    def at(second: int, status: int = 200, operation: str = "list") -> Timed:
        return Timed(1_000_000 * SECOND + second * SECOND, status, operation, "me")

    spent = [at(41), at(42), at(43, 429), at(44, 429), at(100), at(101)]

    assert quotas(spent) == [Quota(2, "1m", ())]
    assert quotas([*spent, *[at(n, operation="read") for n in (41, 42, 43)]]) == [
        Quota(2, "1m", ("list",))
    ]
    assert quotas([at(41), at(42, 429), at(43), at(44)]) == []
    assert quotas([at(41), Timed(0, 429, "list", "me")]) == []


def test_xml_is_written_where_a_parameter_asks_for_it() -> None:
    plain = call("GET", f"{URL}/jobs?form=json", reply={"jobs": [{"id": 1}]})
    text = "<?xml version='1.0'?><reply><jobs><job><id>1</id></job></jobs></reply>"
    marked = call("GET", f"{URL}/jobs?form=xml", reply_text=text)

    assert formats(recorded(plain, marked, plain), reading, expression) == [
        {
            "when": "query.form == 'xml'",
            "xml": {
                "root": "reply",
                "items": {"jobs": "job"},
                "content_type": "application/xml",
            },
        }
    ]
    assert formats(recorded(plain), reading, expression) == []


def test_each_refusal_of_a_login_is_about_one_member() -> None:
    def login(status: int, **fields: str) -> Json:
        fields = {"grant_type": "password", "client_id": "c", "password": "p"} | fields
        return call("POST", f"{URL}/token", json=fields, status=status, reply={})

    calls = recorded(
        login(200),
        login(400, grant_type="magic", client_id="x"),
        login(401, client_id="y"),
        login(401, client_id="y", password="wrong"),
        login(403, password="wrong"),
    )
    kinds = {id(each): str(each.status) for each in calls if each.status >= 400}

    found = demands([(each, each.body.value) for each in calls], kinds)

    assert [(each.member, each.values, each.refused.status) for each in found] == [
        ("grant_type", ("password",), 400),
        ("client_id", ("c",), 401),
        ("password", ("p",), 403),
    ]


def test_a_value_is_taken_where_it_stands_inside_of_a_wrapper(tmp_path: Path) -> None:
    def create(email: str, **reply: Json) -> Json:
        return call("POST", f"{URL}/sign_ups", json={"user": {"email": email}}, **reply)

    taken = {"errors": {"email": ["has already been taken"]}}
    _, behavior = learnt(
        tmp_path,
        create("ann@acme.test", status=201, reply={"accepted": True}),
        create("bob@acme.test", status=201, reply={"accepted": True}),
        create("ann@acme.test", status=422, reply=taken),
    )
    (operation,) = behavior["operations"].values()
    email = "(body.user or {}).email"
    name = "create_sign_up_user_email"
    assert operation["rules"] == [
        {
            "check": f"{email} is None or count('{name}', value={email}) == 0",
            "field": "user",
            "requires_fields": ["user"],
        }
    ]
    assert operation["effects"] == [{"create": name, "set": {"value": f"${{{email}}}"}}]


def test_what_replies_to_known_callers_have_is_theirs(tmp_path: Path) -> None:
    """Neither who is unknown nor who names no key is told of scopes."""

    def read(path: str, secret: str = "", scopes: str = "", status: int = 200) -> Json:
        told = {"X-Scopes": scopes} if scopes else {}
        return call(
            "GET",
            f"{URL}{path}",
            headers={"Authorization": f"token {secret * 20}"} if secret else {},
            status=status,
            reply={"of": path} if status == 200 else {"message": "no"},
            reply_headers={"X-Cost": "5" if path == "/search" else "1", **told},
        )

    document, behavior = learnt(
        tmp_path,
        *(read(path, "a", "read, write") for path in ("/me", "/search", "/all") * 3),
        *(read(path, "b", "read") for path in ("/me", "/search")),
        read("/me", "c", status=401),
        read("/me", status=401),
    )
    schemes = document["components"]["securitySchemes"]
    assert schemes == {
        "Token": {"type": "apiKey", "in": "header", "name": "authorization"}
    }
    assert behavior["authentication"]["schemes"]["Token"]["prefixes"] == ["token"]
    assert behavior["headers"] == {
        "X-Cost": "${{'getSearch': '5'}[operation_id] or '1'}",
        "X-Scopes": "${(caller.x_scopes) if caller else null}",
    }
    keys = yaml.safe_load((tmp_path / "acme/fixtures/api_keys.yaml").read_text())
    assert [key.get("x_scopes") for key in keys][:2] == ["read, write", "read"]


def test_a_refusal_may_be_sent_with_a_success(tmp_path: Path) -> None:
    """As its body alone says; it is answered so again, and learnt as what it means."""

    def post(key: str, ok: bool, said: str = "", **fields: Json) -> Json:
        reply = {"ok": True, "thing": {"id": 1}} if ok else {"ok": False, "error": said}
        headers = {"Authorization": f"Bearer {key * 20}"} if key else {}
        return call(
            "POST", f"{URL}/things.add", json=fields, headers=headers, reply=reply
        )

    document, behavior = learnt(
        tmp_path,
        post("a", True, name="x"),
        post("a", True, name="y"),
        post("a", False, "name_too_long", name="z" * 50),
        post("b", False, "invalid_auth", name="x"),
        post("", False, "not_authed", name="x"),
    )
    table = behavior["errors"]["table"]
    assert table["credential_unknown"] == {
        "status": 200,
        "body": {"ok": False, "error": "invalid_auth"},
    }
    assert table["credential_missing"]["body"]["error"] == "not_authed"
    assert table["invalid_request"]["status"] == 200
    responses = document["paths"]["/things.add"]["post"]["responses"]
    assert [*responses] == ["200"]
    assert responses["200"]["content"]["application/json"]["example"]["ok"] is True
