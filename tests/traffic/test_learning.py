"""What is learnt of calls: paths, parameters, schemas, credentials."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from command import emulator
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31
from traffic_archives import archive, call

from emulator.cli.errors import Complaint
from emulator.cli.learn import Wanted, init_from_archives
from emulator.diagnostics import Report
from emulator.traffic.har import read_archive
from emulator.traffic.learning import Learnt, NoHost, learn
from emulator.traffic.refining import taken_fields
from emulator.traffic.refusing import of_violations

Json = Any
URL = "https://api.acme.test/v2"
KEY = {"X-Api-Key": "live-8f14e45fceea167a5a36dedd4bea2543"}


def job(number: int) -> Json:
    return {
        "id": number,
        "title": f"Job {number}",
        "status": ("open", "closed")[number % 2],
        "created_at": f"2026-03-0{number}T10:00:00Z",
        "salary": None if number % 2 else 50_000.5,
    }


LIST = {"data": [job(number) for number in range(1, 9)], "total": 8}
TITLE = {"error": {"code": "invalid", "message": "title is required"}}
NONE = {"error": {"code": "not_found", "message": "There is no such job"}}
WHO = {"error": {"code": "no_key", "message": "Send a key"}}
SHOP = [
    call("GET", f"{URL}/jobs?page=1&size=8", headers=KEY, reply=LIST),
    call("GET", f"{URL}/jobs?page=2&size=8", headers=KEY, reply=LIST | {"data": []}),
    call("GET", f"{URL}/jobs/3", headers=KEY, reply={"data": job(3)}),
    call("GET", f"{URL}/jobs/nothing", headers=KEY, status=404, reply=NONE),
    call("GET", f"{URL}/jobs/3/notes", headers=KEY, reply={"data": []}),
    call("GET", f"{URL}/jobs", status=401, reply=WHO),
    call("POST", f"{URL}/jobs", headers=KEY, json={"title": "New", "salary": 1},
         status=201, reply={"data": job(9)}),
    call("POST", f"{URL}/jobs", headers=KEY, json={"salary": 1}, status=422, reply=TITLE),
    call("DELETE", f"{URL}/jobs/9", headers=KEY, status=204),
    call("GET", f"{URL}/people/ada-l", headers=KEY, reply={"login": "ada-l"}),
]  # fmt: skip


def learnt(*entries: Json, **more: Any) -> Learnt:
    report = Report()
    calls = read_archive(archive(*entries), "a.har", report).entries
    assert report.diagnostics == []
    return learn(calls, "acme", **more)


def test_paths_have_parameters_where_segments_are_values() -> None:
    """By their looks, by what the reply says, and by what else stands there."""
    made = learnt(*SHOP)

    assert {
        (operation.id, operation.method, operation.template.path, len(operation.calls))
        for operation in made.observed
    } == {
        ("listJobs", "GET", "/jobs", 3),
        ("createJob", "POST", "/jobs", 2),
        ("getJob", "GET", "/jobs/{id}", 2),
        ("deleteJob", "DELETE", "/jobs/{id}", 1),
        ("listNotes", "GET", "/jobs/{job_id}/notes", 1),
        ("getPerson", "GET", "/people/{login}", 1),
    }
    assert made.document["servers"] == [{"url": URL}]


def test_the_document_is_valid_and_says_what_was_seen() -> None:
    document = learnt(*SHOP).document

    Draft202012Validator(OPENAPI_31).validate(document)
    create = document["paths"]["/jobs"]["post"]
    assert create["requestBody"]["content"]["application/json"]["schema"] == {
        "type": "object",
        "properties": {"title": {"type": "string"}, "salary": {"type": "integer"}},
        "required": ["title"],
    }
    assert [*create["responses"]] == ["201", "422"]
    listed = document["paths"]["/jobs"]["get"]
    assert [(each["name"], each["schema"]) for each in listed["parameters"]] == [
        ("page", {"type": "integer"}),
        ("size", {"type": "integer"}),
    ]
    reply = listed["responses"]["200"]["content"]["application/json"]["schema"]
    assert reply["properties"]["data"]["items"]["properties"] == {
        "id": {"type": "integer"},
        "title": {"type": "string"},
        "status": {"type": "string", "enum": ["closed", "open"]},
        "created_at": {"type": "string", "format": "date-time"},
        "salary": {"type": ["null", "number"]},
    }


def test_the_place_of_credentials_is_learnt() -> None:
    document = learnt(*SHOP).document

    assert document["components"]["securitySchemes"] == {
        "ApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}
    }
    assert document["paths"]["/jobs"]["get"]["security"] == [{"ApiKey": []}]


@pytest.mark.parametrize(
    ("segments", "path"),
    [
        (["1", "22", "333"], "/v1/things/{id}"),
        (["550e8400-e29b-41d4-a716-446655440000"], "/v1/things/{id}"),
        (["cus_9s6XKzkNRiz8i3"], "/v1/things/{id}"),
        (["01ARZ3NDEKTSV4RRFFQ69G5FAV"], "/v1/things/{id}"),
        (["ABC-123"], "/v1/things/{id}"),
        (["red", "green", "blue", "pink", "grey", "gold"], "/v1/things/{id}"),
        (["search"], "/v1/things/search"),
        (["me"], "/v1/things/me"),
    ],
)
def test_segments_that_are_ids(segments: list[str], path: str) -> None:
    calls = [
        call("GET", f"https://a.test/v1/things/{segment}", reply={"x": 1})
        for segment in segments
    ]
    made = learnt(*calls, call("GET", "https://a.test/v1/others", reply=[]))

    paths = {f"/v1{operation.template.path}" for operation in made.observed}
    assert paths == {path, "/v1/others"}


def test_calls_of_several_hosts_want_one_to_be_chosen() -> None:
    other = call("GET", "https://b.test/y", reply=[])
    page = call("GET", "https://pages.test/", reply_text="<html/>")
    page["response"]["content"]["mimeType"] = "text/html"

    with pytest.raises(NoHost, match=r"--host: a\.test \(1\), b\.test \(1\)"):
        learnt(call("GET", "https://a.test/x", reply={}), other, page)
    chosen = learnt(
        call("GET", "https://a.test/x", reply={}), other, page, host="b.test"
    )
    assert [operation.template.path for operation in chosen.observed] == ["/y"]


def test_the_command_writes_a_provider_that_check_is_content_with(
    tmp_path: Path,
) -> None:
    (tmp_path / "a.har").write_bytes(archive(*SHOP))

    ran = emulator("init", "acme", "--har", "a.har", cwd=tmp_path)
    checked = emulator("check", "acme", cwd=tmp_path)
    again = emulator("init", "acme", "--har", "a.har", cwd=tmp_path)

    assert ran.returncode == 0, ran.stderr
    assert "6 operations learnt from 10 calls" in ran.stdout
    assert checked.stdout == "1 provider: nothing is wrong\n"
    assert again.returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.har", "acme"]


def test_nothing_is_written_where_something_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_bytes(archive(SHOP[0])[:-40])

    ran = emulator("init", "acme", "--har", "a.har", cwd=tmp_path)
    missing = emulator("init", "acme", "--har", "b.har", cwd=tmp_path)
    alone = emulator("init", "acme", "--host", "a.test", cwd=tmp_path)

    assert ran.returncode == 2
    assert ran.stderr.startswith("a.har:1:")
    assert (missing.returncode, alone.returncode) == (1, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["a.har"]


@pytest.mark.parametrize(
    ("body", "learnt_body"),
    [
        ({"errors": {"title": "is too short"}}, {"errors": "${first_messages(violations)}"}),
        ({"errors": {"title": ["is too short"]}}, {"errors": "${all_messages(violations)}"}),
        (
            {"errors": [{"field": "title", "code": "short", "text": "It is too short"}]},
            {"errors": "${[{'field': v.field, 'code': 'short', 'text': v.message} for v in violations]}"},
        ),
        ({"message": "Something is wrong"}, {"message": "Something is wrong"}),
    ],
)  # fmt: skip
def test_errors_that_name_inputs_follow_from_the_call(
    body: Json, learnt_body: Json
) -> None:
    assert of_violations(body, {"title", "salary"}) == learnt_body


def test_bounds_lie_next_to_what_was_refused() -> None:
    """And what an error says nothing of was accepted."""

    def tried(wanted: Json, field: str = "", says: str = "is wrong") -> Json:
        if not field:
            return call("POST", f"{URL}/jobs", json=wanted, status=201, reply={"id": 1})
        reply = {"errors": {field: [says]}}
        return call("POST", f"{URL}/jobs", json=wanted, status=422, reply=reply)

    made = learnt(
        tried({"title": "A job", "kind": "full", "pay": 10, "tags": ["a"]}),
        tried({"title": "Another job", "kind": "part", "pay": 90, "tags": ["a", "b"]}),
        tried({"title": "x", "kind": "full", "note": None}, "title"),
        tried({"title": "A" * 300}, "title"),
        tried(
            {"title": "A job", "kind": "all"},
            "kind",
            "must be one of: full, part, none",
        ),
        tried({"title": "A job", "pay": 0}, "pay"),
        tried({"title": "A job", "tags": []}, "tags"),
    )

    post = made.document["paths"]["/jobs"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"] == {
        "title": {"type": "string", "minLength": 2, "maxLength": 299},
        "kind": {"type": "string", "enum": ["full", "part", "none"]},
        "pay": {"type": "integer", "exclusiveMinimum": 0},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "note": {},
    }


def test_a_value_that_is_refused_the_second_time_is_unique() -> None:
    one, two = {"name": "a", "x": 1}, {"name": "b", "x": 1}
    taken = {"errors": {"name": "has been taken"}}
    made = learnt(
        call("POST", f"{URL}/jobs", json=one, status=201, reply={"id": 1}),
        call("POST", f"{URL}/jobs", json=two, status=201, reply={"id": 2}),
        call("POST", f"{URL}/jobs", json=one, status=422, reply=taken),
        call("GET", f"{URL}/others", reply=[]),
    )

    assert taken_fields(made.observed, "/jobs") == {("name",): 422}


DOCUMENT = """
openapi: 3.0.3
info: {title: Acme's own, version: "7"}
servers: [{url: https://api.acme.test/v2}]
security: [{Key: []}]
paths:
  /jobs:
    get:
      operationId: allJobs
      responses: {"200": {description: jobs}}
    post:
      operationId: newJob
      requestBody:
        content: {application/json: {schema: {$ref: "#/components/schemas/Job"}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Job"}}}}}}
  /jobs/{id}:
    get:
      operationId: oneJob
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        "200": {description: a job, content: {application/json: {schema: {type: object, properties: {data: {$ref: "#/components/schemas/Job"}}}}}}
components:
  securitySchemes: {Key: {type: apiKey, in: header, name: X-Api-Key}}
  schemas:
    Job:
      type: object
      properties: {id: {type: integer, readOnly: true}, title: {type: string}}
"""


def test_a_document_is_kept_and_refined(tmp_path: Path) -> None:
    """As it was written; who may call, errors and records are those of the calls."""
    (tmp_path / "a.har").write_bytes(archive(*SHOP))
    (tmp_path / "doc.yaml").write_text(DOCUMENT)

    ran = emulator(
        "init",
        "acme",
        "--har",
        "a.har",
        "--openapi",
        "doc.yaml",
        "--json",
        cwd=tmp_path,
    )

    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert (told["operations"], told["calls"]) == (3, 7)
    assert told["skipped"] == {"of no operation of the document": 3}
    folder = tmp_path / "acme"
    assert (folder / "doc.yaml").read_text() == DOCUMENT
    behavior = yaml.safe_load((folder / "behavior.yaml").read_text())
    assert behavior["errors"]["table"]["credential_missing"] == {
        "status": 401,
        "body": WHO,
    }
    keys = yaml.safe_load((folder / "fixtures" / "api_keys.yaml").read_text())
    assert keys[0]["key"].startswith("live-")
    assert keys[0]["key"] not in KEY.values()
    jobs = yaml.safe_load((folder / "fixtures" / "jobs.yaml").read_text())
    assert [job["id"] for job in jobs] == [*range(1, 9)]


def test_what_calls_and_the_document_do_not_agree_on_is_told(tmp_path: Path) -> None:
    """The document counts: keys of records are as it says, and what it lacks is listed."""
    (tmp_path / "a.har").write_bytes(archive(*SHOP))
    other = DOCUMENT.replace("{id: {type: integer,", "{id: {type: string,")
    other = other.replace("schema: {type: integer}", "schema: {type: string}")
    other = other.replace("in: header, name: X-Api-Key", "in: query, name: key")
    (tmp_path / "doc.yaml").write_text(other.replace("api.acme.test", "api.other.test"))
    wanted = Wanted([str(tmp_path / "a.har")], document=str(tmp_path / "doc.yaml"))

    learning = init_from_archives("acme", str(tmp_path), wanted)

    jobs = yaml.safe_load((tmp_path / "acme" / "fixtures" / "jobs.yaml").read_text())
    assert jobs[0]["id"] == "1"
    assert learning.warnings == [
        "calls went to api.acme.test: the document names https://api.other.test/v2",
        "GET /jobs/{job_id}/notes: the document has no such operation",
        "DELETE /jobs/{id}: the document has no such operation",
        "GET /people/{login}: the document has no such operation",
        "calls send a credential in header x-api-key: the document asks for Key",
        "allJobs answered 401: the document has no such response",
        "oneJob answered 404: the document has no such response",
        "oneJob answered what the document does not describe: data.id breaks `type`",
        "newJob answered 422: the document has no such response",
        "newJob answered what the document does not describe: data.id breaks `type`",
    ]


def test_a_document_of_which_there_is_no_call_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.har").write_bytes(archive(*SHOP))
    (tmp_path / "doc.yaml").write_text(DOCUMENT.replace("test/v2", "test/v3"))
    wanted = Wanted([str(tmp_path / "a.har")], document=str(tmp_path / "doc.yaml"))

    with pytest.raises(
        Complaint, match="its paths begin with /v3, and those of the calls"
    ):
        init_from_archives("acme", str(tmp_path), wanted)

    assert not (tmp_path / "acme").exists()


ODD = (
    "jobs",
    "a{b}",
    "x y",
    "$ref",
    "${x}",
    "null",
    "class",
    "%00",
    "id",
    "properties",
)


def odd_values() -> st.SearchStrategy[Json]:
    plain = st.none() | st.booleans() | st.integers() | st.sampled_from(ODD)
    return st.recursive(
        plain,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(ODD), inner, max_size=4)
        ),
        max_leaves=8,
    )


@settings(max_examples=25, deadline=None)
@given(
    calls=st.lists(
        st.builds(
            lambda method, parts, status, sent, reply, header, value: call(
                method,
                f"{URL}/{'/'.join(parts)}",
                status=status,
                json=sent if method in ("POST", "PUT", "PATCH") else None,
                reply=reply,
                headers={header: value},
                reply_headers={header: value},
            ),
            st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "REPORT"]),
            st.lists(st.sampled_from((*ODD, "1", "2")), min_size=1, max_size=3),
            st.sampled_from([200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500]),
            odd_values(),
            odd_values(),
            st.sampled_from(["X-Api-Key", "Authorization", "Retry-After", "X Y", "X-${a}"]),
            st.sampled_from(["Bearer a", "Basic eA==", "1", "${x}", "ü"]),
        ),
        min_size=1,
        max_size=6,
    )
)  # fmt: skip
def test_whatever_was_recorded_check_is_content_with_what_is_learnt(
    calls: list[Json],
) -> None:
    """Odd paths, members, headers and statuses: a provider that loads, or a sentence."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.har"
        file.write_bytes(archive(*calls))
        try:
            init_from_archives("acme", folder, Wanted([str(file)]))
        except Complaint as error:
            if "no calls of an API" not in str(error):
                raise


NUMBERED = "8f14e45fceea167a5a36dedd4bea25"


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        (f"Token {NUMBERED}", "Token"),
        (f'Token token="{NUMBERED}"', "Token"),
        (f"SSWS  {NUMBERED}", "Ssws"),
        (f"Bearer {NUMBERED}{{n}}", "Bearer"),
        ("Bearer undefined", "Bearer"),
        (f"AWS AKIAIOSFODNN7EXAMPLE:{NUMBERED}{{n}}=", ""),
        (f"Acme {NUMBERED}{{n}}", ""),
        (f'Digest username="ada", nonce="{NUMBERED}", response="{{n}}"', ""),
        ("Negotiate TlRMTVNTUAABAAAAB4IIogAAAAA", ""),
    ],
)
def test_what_is_made_for_one_call_is_no_credential(value: str, scheme: str) -> None:
    """A word in Authorization is one of credentials if what is behind it comes again."""
    calls = [
        call("GET", f"{URL}/jobs", headers={"Authorization": value.format(n=n)}, reply=LIST)
        for n in range(10, 16)
    ]  # fmt: skip
    report = Report()
    learnt = learn(read_archive(archive(*calls), "a.har", report).entries, "acme")
    assert [*learnt.credentials.schemes] == [scheme][: bool(scheme)]
    told = learnt.credentials.unchecked
    assert scheme if not told else f"`Authorization: {value.split()[0]}`" in told[0]
