"""An OpenAPI document becomes plain values, or a list of what is wrong with it."""

from __future__ import annotations

import copy
from pathlib import Path
from time import process_time
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.diagnostics import Diagnostic, Report
from emulator.spec.description import OpenAPI
from emulator.spec.openapi import propose_operation_id, read_openapi
from emulator.spec.patterns import error_in

HEAD = "openapi: 3.1.0\ninfo: {title: Acme, version: '1'}\n"
HEAD_3_0 = HEAD.replace("3.1.0", "3.0.3")
OK = "responses: {'200': {description: ok}}"


def read(folder: Path, text: str, **others: str) -> tuple[OpenAPI, list[Diagnostic]]:
    (folder / "openapi.yaml").write_text(text)
    for name, content in others.items():
        (folder / f"{name}.yaml").write_text(content)
    report = Report()
    result = read_openapi(folder / "openapi.yaml", folder, report)
    assert result is not None
    return result, report.diagnostics


def good(folder: Path, text: str, **others: str) -> OpenAPI:
    result, problems = read(folder, text, **others)
    assert not problems, "\n".join(map(str, problems))
    return result


def codes(problems: list[Diagnostic]) -> list[tuple[str, int, int]]:
    return [(problem.code, problem.at.line, problem.at.column) for problem in problems]


def schema(folder: Path, text: str, head: str = HEAD, **others: str) -> dict[str, Any]:
    """What the schema `S` of *text* is once it is read as a request body."""
    path = (
        "paths:\n  /s:\n    post:\n      operationId: s\n      requestBody:\n"
        "        content: {application/json: {schema:"
        " {$ref: '#/components/schemas/S'}}}\n"
        "components:\n  schemas:\n"
    )
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    body = good(folder, head + path + indented, **others).operations["s"].body
    assert body is not None
    found = body.content["application/json"]
    jsonschema_rs.Draft202012Validator(found)
    return found


FULL = """\
openapi: 3.1.0
info: {title: Acme, version: 1.2.3}
servers:
  - url: https://{host}/api/{v}/
    variables: {host: {default: acme.example}, v: {default: v1}}
  - {url: /other}
tags: [{name: Jobs}]
security: [{key: []}, {token: [read, write]}]
paths:
  /jobs/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: lang, in: query, schema: {type: string}}
    get:
      operationId: getJob
      summary: One job
      parameters:
        - {name: lang, in: query, required: true, schema: {enum: [de]}, explode: false}
        - {name: Accept, in: header, schema: {type: string}}
        - {name: filter, in: query, content: {application/json: {schema: {type: object}}}}
      responses:
        200:
          description: ok
          headers: {X-Rate: {schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Job'}}}
        4XX: {$ref: '#/components/responses/Error'}
    put:
      operationId: putJob
      security: []
      requestBody: {required: true, content: {text/plain: {}}}
      responses: {default: {description: any}}
  /jobs/latest:
    get: {operationId: latestJob, security: [{}], responses: {'200': {description: ok}}}
components:
  responses:
    Error: {description: no, content: {application/json: {}}}
  schemas:
    Job: {type: object, properties: {title: {$ref: '#/components/schemas/Title'}}}
    Title: {type: string, maxLength: 9}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token: {type: http, scheme: Bearer}
"""


def test_a_document_is_read_whole(tmp_path: Path) -> None:
    """Parameters are merged, defaults applied, references gone."""
    api = good(tmp_path, FULL)
    job = api.operations["getJob"]

    assert (api.title, api.version, api.base_path) == ("Acme", "1.2.3", "/api/v1")
    assert api.server_urls == ("https://acme.example/api/v1/", "/other")
    assert api.tags == ("Jobs",)
    assert list(api.operations) == ["getJob", "putJob", "latestJob"]
    assert (job.method, job.path, job.summary) == ("GET", "/jobs/{id}", "One job")
    assert [
        (
            parameter.name,
            parameter.where,
            parameter.required,
            parameter.schema,
            parameter.style,
            parameter.explode,
        )
        for parameter in job.parameters
    ] == [
        ("id", "path", True, {"type": "integer"}, "simple", False),
        ("lang", "query", True, {"enum": ["de"]}, "form", False),
        ("filter", "query", False, {"type": "object"}, "form", True),
    ]
    assert [parameter.media_type for parameter in job.parameters][1:] == [
        None,
        "application/json",
    ]
    title = {"title": {"type": "string", "maxLength": 9}}
    assert job.responses == {
        "200": {"application/json": {"type": "object", "properties": title}},
        "4XX": {"application/json": {}},
    }
    assert job.response_headers["200"] == {"X-Rate": {"type": "integer"}}
    assert job.document.locate(job.pointer, key=True).line == 14


def test_security_is_the_effective_one(tmp_path: Path) -> None:
    """An operation's own requirements replace the global ones; none is none."""
    api = good(tmp_path, FULL)

    assert api.operations["getJob"].security == (
        {"key": ()},
        {"token": ("read", "write")},
    )
    assert api.operations["putJob"].security == ()
    assert api.operations["latestJob"].security == ({},)
    key, token = api.security_schemes["key"], api.security_schemes["token"]
    assert (key.kind, key.where, key.parameter) == ("apiKey", "header", "X-Key")
    assert (token.kind, token.scheme, token.where) == ("http", "bearer", None)


def test_the_body_says_whether_it_is_required(tmp_path: Path) -> None:
    """A media type without a schema takes anything."""
    api = good(tmp_path, FULL)
    body = api.operations["putJob"].body

    assert body is not None
    assert (body.required, body.content) == (True, {"text/plain": {}})
    assert api.operations["getJob"].body is None


def test_the_raw_document_can_be_served(tmp_path: Path) -> None:
    """References stay in it, and it is JSON."""
    raw = good(tmp_path, FULL).raw

    assert b'"$ref":"#/components/schemas/Job"' in orjson.dumps(raw)


def test_a_json_document_is_read_like_a_yaml_one(tmp_path: Path) -> None:
    """The format makes no difference."""
    api = good(tmp_path, FULL)
    (tmp_path / "openapi.json").write_bytes(orjson.dumps(api.raw))
    report = Report()

    again = read_openapi(tmp_path / "openapi.json", tmp_path, report)
    assert not report.diagnostics
    assert again is not None
    assert again.raw == api.raw
    assert list(again.operations) == list(api.operations)
    for operation in again.operations.values():
        known = api.operations[operation.id]
        assert (operation.method, operation.path, operation.security) == (
            known.method,
            known.path,
            known.security,
        )
        assert operation.responses == known.responses


def test_references_reach_other_files(tmp_path: Path) -> None:
    """A file may refer to its own parts, to a third file, and back."""
    found = schema(
        tmp_path,
        "S: {$ref: 'job.yaml#/Job'}\nText: {type: string}\n",
        job=(
            "Job: {properties: {a: {$ref: '#/Part'}, b: {$ref: ./whole.yaml},"
            " c: {$ref: 'openapi.yaml#/components/schemas/Text'}}}\n"
            "Part: {type: integer}\n"
        ),
        whole="type: boolean\n",
    )

    assert found == {
        "properties": {
            "a": {"type": "integer"},
            "b": {"type": "boolean"},
            "c": {"type": "string"},
        }
    }


def test_a_mistake_in_another_file_stands_there(tmp_path: Path) -> None:
    """Places are those of the file that holds the value."""
    text = HEAD + "paths: {}\ncomponents: {schemas: {S: {$ref: 'job.yaml#/Job'}}}\n"
    _, problems = read(tmp_path, text, job="Job:\n  type: strnig\n")

    (found,) = problems
    assert found.at.file.endswith("job.yaml")
    assert (found.at.line, found.at.column) == (2, 9)
    assert (found.code, found.fix) == ("openapi-schema", "did you mean 'string'?")


def test_words_beside_a_reference_count(tmp_path: Path) -> None:
    """In 3.1 a note replaces the target's; a rule is added to it."""
    found = schema(
        tmp_path,
        "S: {properties: {a: {$ref: '#/components/schemas/T', description: mine},"
        " b: {$ref: '#/components/schemas/T', minLength: 2}}}\n"
        "T: {type: string, description: theirs}\n",
    )

    assert found["properties"]["a"] == {"type": "string", "description": "mine"}
    assert found["properties"]["b"] == {
        "minLength": 2,
        "allOf": [{"type": "string", "description": "theirs"}],
    }


def test_names_of_properties_are_not_keywords(tmp_path: Path) -> None:
    """A property may be called like a keyword, and an example may look like one."""
    text = (
        "S: {properties: {nullable: {type: string}, $ref: {type: string},"
        " $id: {type: string}, pattern: {type: string}},"
        " examples: [{$ref: nowhere}], default: {pattern: '('}}"
    )

    assert schema(tmp_path, text) == {
        "properties": {
            name: {"type": "string"} for name in ("nullable", "$ref", "$id", "pattern")
        },
        "examples": [{"$ref": "nowhere"}],
        "default": {"pattern": "("},
    }


def test_a_recursive_schema_stays_usable(tmp_path: Path) -> None:
    """H14: a tree is legal: it refers to itself below `$defs`."""
    found = schema(
        tmp_path,
        "S: {type: object, required: [tree], properties:"
        " {tree: {$ref: '#/components/schemas/Tree'}}}\n"
        "Tree: {type: object, required: [leaves], properties: {leaves:"
        " {type: array, items: {$ref: '#/components/schemas/Tree'}}}}\n",
    )
    valid = jsonschema_rs.Draft202012Validator(found).is_valid

    assert found["properties"]["tree"] == {"$ref": "#/$defs/Tree"}
    assert valid({"tree": {"leaves": [{"leaves": []}]}})
    assert not valid({"tree": {"leaves": [{"leaves": [1]}]}})


def test_schemas_may_refer_to_each_other(tmp_path: Path) -> None:
    """Two that need each other, and the root itself, are found from anywhere."""
    found = schema(
        tmp_path,
        "S: {type: object, properties: {t: {$ref: '#/components/schemas/T'}}}\n"
        "T: {type: object, required: [s], properties:"
        " {s: {$ref: '#/components/schemas/S'}}}\n",
    )
    valid = jsonschema_rs.Draft202012Validator(found).is_valid

    assert found["type"] == "object"
    assert valid({"t": {"s": {"t": {"s": {}}}}})
    assert not valid({"t": {"s": {"t": {}}}})


def test_a_reader_meets_keywords_first(tmp_path: Path) -> None:
    """A schema that is only another name of a recursive one says what that says."""
    found = schema(
        tmp_path,
        "S: {$ref: '#/components/schemas/T'}\nT: {$ref: '#/components/schemas/U'}\n"
        "U: {type: array, items: {$ref: '#/components/schemas/S'}}\n",
    )
    valid = jsonschema_rs.Draft202012Validator(found).is_valid

    assert found["type"] == "array"
    assert valid([[], [[]]])
    assert not valid([[1]])


def test_references_do_not_multiply(tmp_path: Path) -> None:
    """A schema that doubles forty times stays small; a long chain does not recurse."""
    double = "".join(
        f"S{i}: {{properties: {{a: {{$ref: '#/components/schemas/S{i + 1}'}},"
        f" b: {{$ref: '#/components/schemas/S{i + 1}'}}}}}}\n"
        for i in range(40)
    )
    chain = "".join(
        f"C{i}: {{items: {{$ref: '#/components/schemas/C{i + 1}'}}}}\n"
        for i in range(3_000)
    )
    start = process_time()
    found = schema(
        tmp_path,
        "S: {properties: {a: {$ref: '#/components/schemas/S0'},"
        " c: {$ref: '#/components/schemas/C0'}}}\n"
        f"{double}S40: {{type: string}}\n{chain}C3000: {{type: string}}\n",
    )

    assert len(orjson.dumps(found)) < 2_000_000
    assert process_time() - start < 5


@pytest.mark.parametrize(
    ("schemas", "names"),
    [
        ("A: {$ref: '#/components/schemas/A'}", ["A"]),
        (
            "A: {$ref: '#/components/schemas/B'}\nB: {$ref: '#/components/schemas/A'}",
            ["A", "B"],
        ),
        ("A: {allOf: [{$ref: '#/components/schemas/A'}]}", ["A"]),
        (
            (
                "A: {properties: {x: {$ref: '#/components/schemas/B'}}}\n"
                "B: {anyOf: [{$ref: '#/components/schemas/C'}]}\n"
                "C: {not: {$ref: '#/components/schemas/B'}}"
            ),
            ["B", "C"],
        ),
    ],
)
def test_a_circle_of_references_is_named(
    tmp_path: Path, schemas: str, names: list[str]
) -> None:
    """H14: what only leads back to itself never comes to a value."""
    indented = "".join(f"    {line}\n" for line in schemas.splitlines())
    _, (found,) = read(
        tmp_path, HEAD + "paths: {}\ncomponents:\n  schemas:\n" + indented
    )

    assert found.code == "ref-cycle"
    assert all(f"#/components/schemas/{name}" in found.what for name in names)


def test_a_circle_outside_schemas_is_named(tmp_path: Path) -> None:
    """H14: parameters and responses can go in circles too."""
    _, problems = read(
        tmp_path,
        HEAD + "paths:\n  /a:\n    get:\n      operationId: a\n"
        "      responses: {'200': {$ref: '#/components/responses/A'}}\n"
        "components: {responses: {A: {$ref: '#/components/responses/B'},"
        " B: {$ref: '#/components/responses/A'}}}\n",
    )

    assert codes(problems) == [("ref-cycle", 7, 26)]


@pytest.mark.parametrize(
    "ref",
    [
        "http://127.0.0.1/x.yaml#/A", "https://acme.example/x", "file:///etc/passwd",
        "HTTP://10.0.0.1/", "//acme.example/x", "gopher://x", "urn:x",
    ],
)  # fmt: skip
def test_a_remote_reference_is_refused(tmp_path: Path, ref: str) -> None:
    """H15: nothing is fetched."""
    text = HEAD + f"paths: {{}}\ncomponents: {{schemas: {{A: {{$ref: '{ref}'}}}}}}\n"
    _, problems = read(tmp_path, text)

    assert codes(problems) == [("ref-remote", 4, 34)]


@pytest.mark.parametrize("ref", ["../secret.yaml", "/etc/passwd", "a/../../x.yaml#/A"])
def test_a_reference_out_of_the_folder_is_refused(tmp_path: Path, ref: str) -> None:
    """H10, H11: a reference reads no file outside the provider's folder."""
    (tmp_path / "acme").mkdir()
    text = HEAD + f"paths: {{}}\ncomponents: {{schemas: {{A: {{$ref: '{ref}'}}}}}}\n"
    _, problems = read(tmp_path / "acme", text)

    assert codes(problems) == [("file-outside", 4, 34)]


@pytest.mark.parametrize(
    ("ref", "code", "fix"),
    [
        ("#/components/schemas/Jobb", "ref-missing", "did you mean 'Job'?"),
        ("#/component/schemas/Job", "ref-missing", "did you mean 'components'?"),
        ("#Job", "ref-missing", "write #/components/..."),
        ("openapi.yml#/components", "file-missing", "did you mean 'openapi.yaml'?"),
    ],
)
def test_a_missing_target_has_a_neighbour(
    tmp_path: Path, ref: str, code: str, fix: str
) -> None:
    """The fix names what is nearly the same."""
    text = (
        HEAD
        + f"paths: {{}}\ncomponents: {{schemas: {{A: {{$ref: '{ref}'}}, Job: {{}}}}}}"
    )
    _, (found,) = read(tmp_path, text)

    assert (found.code, found.fix) == (code, fix)
    assert (found.at.line, found.at.column) == (4, 34)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{type: string, nullable: true}", {"type": ["string", "null"]}),
        ("{type: string, nullable: false}", {"type": "string"}),
        (
            "{type: string, nullable: true, enum: [a]}",
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ("{minimum: 1, exclusiveMinimum: true}", {"exclusiveMinimum": 1}),
        ("{maximum: 1, exclusiveMaximum: false}", {"maximum": 1}),
        (
            "{nullable: true, allOf: [{$ref: '#/components/schemas/T'}]}",
            {"anyOf": [{"allOf": [{"type": ["integer", "null"]}]}, {"type": "null"}]},
        ),
        (
            "{properties: {a: {$ref: '#/components/schemas/T', description: no}}}",
            {"properties": {"a": {"type": ["integer", "null"]}}},
        ),
    ],
)
def test_the_words_of_3_0_are_translated(
    tmp_path: Path, old: str, new: dict[str, Any]
) -> None:
    """A schema of 3.0 says the same in the words of 2020-12."""
    text = f"S: {old}\nT: {{type: integer, nullable: true}}\n"

    assert schema(tmp_path, text, HEAD_3_0) == new


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("info: {}\n", (1, 1)),
        ("swagger: '1.2'\n", (1, 10)),
        ("openapi: 4.0.0\n", (1, 10)),
        ("openapi: 3.1\n", (1, 10)),
        ("openapi: 3.3.0\n", (1, 10)),
    ],
)
def test_other_versions_are_refused(
    tmp_path: Path, text: str, place: tuple[int, int]
) -> None:
    """Only 2.0 and 3.0 to 3.2 are read."""
    (tmp_path / "openapi.yaml").write_text(text)
    report = Report()

    assert read_openapi(tmp_path / "openapi.yaml", tmp_path, report) is None
    assert codes(report.diagnostics) == [("openapi-version", *place)]


def test_a_missing_document_is_reported(tmp_path: Path) -> None:
    """No file, no model."""
    report = Report()

    assert read_openapi(tmp_path / "openapi.yaml", tmp_path, report) is None
    assert [diagnostic.code for diagnostic in report.diagnostics] == ["file-missing"]


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (f"/a/{{b}}: {{get: {{{OK}}}}}", ("openapi-operation-id", 4, 12)),
        (
            (
                f"/a: {{get: {{operationId: x, {OK}}}}}\n"
                f"  /b: {{get: {{operationId: x, {OK}}}}}"
            ),
            ("openapi-duplicate-operation-id", 5, 27),
        ),
        (
            f"/a/{{b}}: {{get: {{operationId: x, {OK}}}}}",
            ("openapi-path-parameter", 4, 12),
        ),
        (
            (
                "/a: {parameters: [{name: b, in: path, required: true, schema: {}}],"
                f" get: {{operationId: x, {OK}}}}}"
            ),
            ("openapi-path-parameter", 4, 28),
        ),
        (
            f"/a: {{get: {{operationId: x, security: [{{k: []}}], {OK}}}}}",
            ("openapi-security-scheme", 4, 42),
        ),
        (f"/a: {{gte: {{operationId: x, {OK}}}}}", ("openapi-structure", 4, 8)),
        (f"a: {{get: {{operationId: x, {OK}}}}}", ("openapi-structure", 4, 3)),
        ("/a: [get]", ("openapi-structure", 4, 7)),
        ("/a: {get: [x]}", ("openapi-structure", 4, 13)),
        (
            "/a: {get: {operationId: x, responses: {ok: {}}}}",
            ("openapi-structure", 4, 42),
        ),
        (
            "/a: {get: {operationId: x, parameters: {}}}",
            ("openapi-structure", 4, 42),
        ),
        (
            "/a: {get: {operationId: x, parameters: [{name: a, in: body}]}}",
            ("openapi-structure", 4, 57),
        ),
    ],
)
def test_mistakes_in_paths_are_reported(
    tmp_path: Path, paths: str, found: tuple[str, int, int]
) -> None:
    """Each mistake has its code and stands where it was made."""
    _, problems = read(tmp_path, f"{HEAD}paths:\n  {paths}\n")

    if found[0] == "openapi-operation-id":
        problems = [problem for problem in problems if problem.code == found[0]]
        assert problems[0].fix == "write `operationId: getAByB`"
    assert codes(problems) == [found]


def test_an_operation_id_is_proposed() -> None:
    """The proposal is made of the method and the path."""
    assert propose_operation_id("GET", "/jobs/{job_id}/tags") == "getJobsByJobIdTags"
    assert propose_operation_id("POST", "/") == "post"


def test_two_routes_that_tie_are_refused(tmp_path: Path) -> None:
    """H20: the names of parameters do not tell two paths apart."""
    parameter = "parameters: [{{name: {}, in: path, required: true, schema: {{}}}}]"
    x, y = parameter.format("x"), parameter.format("y")
    _, problems = read(
        tmp_path,
        f"{HEAD}paths:\n"
        f"  /a/{{x}}: {{get: {{operationId: a, {x}, {OK}}}}}\n"
        f"  /a/{{y}}: {{get: {{operationId: b, {y}, {OK}}}, put: {{operationId: c, {y}, {OK}}}}}\n"
        f"  /a/b: {{get: {{operationId: d, {OK}}}}}\n",
    )

    assert codes(problems) == [("openapi-duplicate-route", 5, 12)]
    assert "/a/{x}" in problems[0].why


@pytest.mark.parametrize(
    ("scheme", "column"),
    [("{type: apikey}", 39), ("{type: apiKey, in: body}", 32), ("{type: http}", 32)],
)
def test_a_security_scheme_is_complete(
    tmp_path: Path, scheme: str, column: int
) -> None:
    """A scheme says where its credential stands."""
    text = f"{HEAD}paths: {{}}\ncomponents: {{securitySchemes: {{k: {scheme}}}}}\n"

    _, (found,) = read(tmp_path, text)
    assert (found.code, found.at.line) == ("openapi-structure", 4)
    assert found.at.column == column + 3


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("{type: strnig}", 15),
        ("{type: object, required: name}", 33),
        ("{properties: {a: {minLength: -1}}}", 37),
        ("[a]", 8),
        ("{exclusiveMinimum: true}", 27),
    ],
)
def test_a_schema_is_a_schema(tmp_path: Path, text: str, column: int) -> None:
    """What JSON Schema refuses is reported at the keyword."""
    _, problems = read(
        tmp_path, f"{HEAD}paths: {{}}\ncomponents:\n  schemas:\n    A: {text}\n"
    )

    assert codes(problems) == [("openapi-schema", 6, column)]


@pytest.mark.parametrize("pattern", ["(a", "*a", "[a", "a{2,1}"])
def test_a_pattern_compiles(tmp_path: Path, pattern: str) -> None:
    """H18: what is no regular expression is an error, as a key too."""
    text = f"S: {{pattern: '{pattern}', patternProperties: {{'{pattern}': {{}}}}}}"
    _, problems = read(
        tmp_path, f"{HEAD}paths: {{}}\ncomponents:\n  schemas:\n    {text}\n"
    )

    assert {problem.code for problem in problems} == {"openapi-pattern"}
    assert [problem.at.line for problem in problems] == [6, 6]


def test_ten_thousand_endpoints_start_in_time(tmp_path: Path) -> None:
    """H19: a large document is a matter of seconds."""
    paths = "".join(
        f"  /r{i}/{{id}}:\n    get:\n      operationId: r{i}\n"
        "      parameters: [{$ref: '#/components/parameters/Id'}]\n"
        "      responses: {'200': {description: ok, content: {application/json:"
        " {schema: {$ref: '#/components/schemas/S'}}}}}\n"
        for i in range(10_000)
    )
    text = (
        f"{HEAD}paths:\n{paths}components:\n  schemas:\n    S: {{type: object}}\n"
        "  parameters: {Id: {name: id, in: path, required: true,"
        " schema: {type: integer}}}\n"
    )
    start = process_time()
    api = good(tmp_path, text)

    assert len(api.operations) == 10_000
    assert process_time() - start < 20


def replaced(value: Any, path: list[int], junk: Any) -> Any:
    """*value* with *junk* at the place that *path* leads to."""
    if not path or not isinstance(value, dict | list) or not value:
        return junk
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = keys[path[0] % len(keys)]
    value[key] = replaced(value[key], path[1:], junk)
    return value


junk_values: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, 1.5, "", "x", [], ["x"], [[]], {}, {"x": 1}, [{}],
     {"$ref": "#"}, {"$ref": 5}, {"$ref": "#/paths"}, {"$ref": "#/components/schemas/Job"},
     "http://[", "{", "/{}"]
)  # fmt: skip


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.integers(0, 9), max_size=9), junk_values)
def test_no_document_raises(tmp_path: Path, path: list[int], junk: Any) -> None:
    """Whatever stands where, the answer is a model or diagnostics."""
    original = good(tmp_path, FULL).raw
    (tmp_path / "broken.json").write_bytes(
        orjson.dumps([replaced(copy.deepcopy(original), path, junk)])[1:-1]
    )
    report = Report()

    api = read_openapi(tmp_path / "broken.json", tmp_path, report)
    assert api is not None or report.failed


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(" * 3_000 + ")" * 3_000, "its groups are nested too deeply"),
        ("(?:" * 100_000, "its groups are nested too deeply"),
        ("a{99999999999999}", "the repetition number is too large"),
    ],
)
def test_a_pattern_beyond_all_measure_is_told(pattern: str, why: str) -> None:
    """As any other that is none: with a reason, and not with a traceback."""
    assert error_in(pattern) == why
