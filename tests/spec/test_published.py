"""What somebody has published is read as it is: what is unsound of it is told of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.diagnostics import Diagnostic, Report
from emulator.program.schemas import Schema
from emulator.spec.description import OpenAPI
from emulator.spec.openapi import read_openapi, remembered
from emulator.spec.published import Bounds, Published

Json = Any
GET = {"responses": {"200": {"description": "Yes"}}}


def read(
    folder: Path, document: Json, *, lenient: bool = False, version: str = "3.0.3"
) -> tuple[OpenAPI, list[Diagnostic]]:
    """The description of a document, and what is told of it. It is the same again."""
    whole = {"openapi": version, "info": {"title": "T", "version": "1"}, **document}
    if "swagger" in document:
        del whole["openapi"]
    path = folder / "openapi.json"
    path.write_text(json.dumps(whole, indent=1), encoding="utf-8")
    report, published = Report(), Published(path, lenient)
    openapi = read_openapi(path, folder, report, published=published)
    assert openapi is not None
    again = remembered(path, folder, json.loads(json.dumps(openapi.raw)), published)
    assert again.schemas == openapi.schemas
    for id, operation in again.operations.items():
        first = openapi.operations[id]
        assert (operation.path, operation.body) == (first.path, first.body)
        assert operation.responses == first.responses
    return openapi, report.diagnostics


def told(found: list[Diagnostic]) -> list[tuple[str, str, int]]:
    return [(each.severity, each.code, each.at.line) for each in found]


def test_operations_without_ids_or_with_those_of_others_have_their_own(
    tmp_path: Path,
) -> None:
    paths = {
        "/a": {"get": GET, "put": {**GET, "operationId": "one"}},
        "/b": {"get": {**GET, "operationId": "one"}},
    }
    openapi, found = read(tmp_path, {"paths": paths})

    assert {id: each.path for id, each in openapi.operations.items()} == {
        "getA": "/a",
        "one": "/a",
        "getB": "/b",
    }
    assert told(found) == [("warning", "openapi-duplicate-operation-id", 32)]


def test_of_two_paths_that_match_the_same_calls_the_first_is_served(
    tmp_path: Path,
) -> None:
    openapi, found = read(
        tmp_path, {"paths": {"/{a}": {"get": GET}, "/{b}": {"get": GET}}}
    )

    assert [each.path for each in openapi.operations.values()] == ["/{a}"]
    assert "openapi-duplicate-route" in {each.code for each in found}
    assert {each.severity for each in found} == {"warning"}


def test_parameters_of_a_path_are_those_that_it_names(tmp_path: Path) -> None:
    other = {"name": "b", "in": "path", "required": True, "schema": {}}
    openapi, found = read(
        tmp_path, {"paths": {"/{a}": {"get": {**GET, "parameters": [other]}}}}
    )

    (operation,) = openapi.operations.values()
    assert [(each.name, each.schema) for each in operation.parameters] == [
        ("a", {"type": "string"})
    ]
    assert {each.severity for each in found} == {"warning"}


def test_schemes_that_are_not_declared_are_not_asked_for(tmp_path: Path) -> None:
    document = {"security": [{"key": []}], "paths": {"/a": {"get": GET}}}
    _, found = read(tmp_path, document)

    assert told(found) == [("warning", "openapi-security-scheme", 9)]


@pytest.mark.parametrize("lenient", [True, False])
@pytest.mark.parametrize(
    ("version", "document", "line"),
    [
        ("3.0.3", {"paths": {}}, 7),
        ("3.1.0", {"paths": {"/a": {"parameters": []}}}, 7),
        ("3.1.0", {"components": {}}, 1),
    ],
)
def test_a_document_without_operations_is_told_of(
    tmp_path: Path, version: str, document: Json, line: int, lenient: bool
) -> None:
    _, found = read(tmp_path, document, version=version, lenient=lenient)

    assert told(found) == [("warning", "openapi-structure", line)]
    assert found[0].what == "the document has no operations"


def test_a_document_may_have_webhooks_alone(tmp_path: Path) -> None:
    """From version 3.1 on."""
    openapi, found = read(tmp_path, {"webhooks": {"a": {"post": GET}}}, version="3.1.0")

    assert (openapi.operations, found) == ({}, [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "int"}, {}),
        ({"type": ["string", "int"]}, {"type": ["string"]}),
        ({"type": "string", "minLength": "3"}, {"type": "string"}),
        ({"minLength": 3.0}, {"minLength": 3}),
        ({"minimum": True, "multipleOf": 0}, {}),
        ({"required": True}, {}),
        ({"required": ["a", "a", 1]}, {"required": ["a"]}),
        ({"pattern": "(", "format": 1}, {}),
        ({"patternProperties": {"(": {}, "a": {}}}, {"patternProperties": {"a": {}}}),
        ({"enum": "a"}, {}),
        ({"items": [], "allOf": []}, {}),
        ({"items": "string"}, {"items": True}),
        (
            {"properties": {"a": "string", "b": {}}},
            {"properties": {"a": True, "b": {}}},
        ),
        ({"properties": []}, {}),
        ({"anyOf": [1, {"type": "null"}]}, {"anyOf": [True, {"type": "null"}]}),
        ({"title": 5, "examples": {}, "readOnly": "yes"}, {}),
        ({"$ref": {}}, {}),
        ({"$dynamicRef": "#a", "$id": 3}, {}),
        ({"nullable": True, "type": "string"}, {"type": ["string", "null"]}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        (
            {"dependentRequired": {"a": 1, "b": ["c"]}},
            {"dependentRequired": {"b": ["c"]}},
        ),
    ],
)
def test_keywords_that_say_nothing_are_left_out(
    tmp_path: Path, old: Json, new: Json
) -> None:
    """Whatever is left is a schema."""
    document = {"paths": {}, "components": {"schemas": {"S": old}}}
    openapi, found = read(tmp_path, document, version="3.1.0")

    assert openapi.schemas["S"] == new
    assert {each.severity for each in found} <= {"warning"}


def test_references_that_lead_nowhere_are_mistakes_or_ignored(tmp_path: Path) -> None:
    schemas = {
        "Missing": {"$ref": "#/components/schemas/Nobody"},
        "Remote": {"$ref": "https://example.com/schema.json"},
        "Round": {"$ref": "#/components/schemas/Round"},
        "Sound": {"type": "integer"},
    }
    document = {"paths": {"/a": {"get": GET}}, "components": {"schemas": schemas}}

    _, strict = read(tmp_path, document)
    openapi, lenient = read(tmp_path, document, lenient=True)

    codes = {"ref-missing", "ref-remote", "ref-cycle"}
    assert {each.code for each in strict if each.severity == "error"} == codes
    assert {each.code for each in lenient} == codes
    for each in lenient:
        assert str(each).endswith(": this part is ignored")
        assert str(each).count("\n") == 0
        assert each.severity == "warning"
    assert openapi.schemas["Missing"] == openapi.schemas["Remote"] == {}
    assert openapi.schemas["Sound"] == {"type": "integer"}


def test_a_document_of_a_thousand_mistakes_is_told_of_in_part(tmp_path: Path) -> None:
    schemas = {f"S{n}": {"type": "int"} for n in range(1_000)}
    _, found = read(tmp_path, {"paths": {}, "components": {"schemas": schemas}})

    assert len(found) == 500


def test_what_is_new_in_3_2(tmp_path: Path) -> None:
    """Methods are operations; the members of a form are parameters; items are a list."""
    form = {
        "type": "object",
        "required": ["q"],
        "properties": {"q": {"type": "integer"}},
    }
    whole = {
        "name": "all",
        "in": "querystring",
        "content": {"application/x-www-form-urlencoded": {"schema": form}},
    }
    value = {"name": "all", "in": "querystring", "content": {"application/json": {}}}
    stream = {
        "200": {
            "content": {
                "application/jsonl": {"itemSchema": {"type": "integer"}},
                "application/json-seq": {
                    "schema": {"maxItems": 3},
                    "itemSchema": {"$ref": "#/components/schemas/S"},
                },
                "multipart/mixed": {"itemSchema": {"type": "integer"}},
                "a/b": {"$ref": "#/components/mediaTypes/M"},
            }
        }
    }
    item = {
        "query": {"operationId": "search", "parameters": [whole], "responses": stream},
        "additionalOperations": {
            "COPY": {"operationId": "copy", "parameters": [value], **GET}
        },
    }
    document = {
        "$self": "https://example.com/t.json",
        "paths": {"/things": item},
        "components": {
            "mediaTypes": {
                "M": {
                    "schema": {
                        "$ref": "https://example.com/t.json#/components/schemas/S"
                    }
                }
            },
            "schemas": {"S": {"type": "integer"}},
        },
    }
    openapi, found = read(tmp_path, document, version="3.2.0")

    assert [(each.id, each.method) for each in openapi.operations.values()] == [
        ("search", "QUERY"),
        ("copy", "COPY"),
    ]
    search = openapi.operations["search"]
    assert search.responses["200"] == {
        "application/jsonl": {"type": "array", "items": {"type": "integer"}},
        "application/json-seq": {
            "type": "array",
            "items": {"type": "integer"},
            "allOf": [{"maxItems": 3}],
        },
        "multipart/mixed": {},
        "a/b": {"type": "integer"},
    }
    assert [(each.name, each.where, each.required) for each in search.parameters] == [
        ("q", "query", True)
    ]
    assert sorted(openapi.ignored) == ["itemSchema", "querystring"]
    assert found == []


SWAGGER = {
    "swagger": "2.0",
    "host": "api.example.com",
    "basePath": "/v1/",
    "schemes": ["http", "https"],
    "consumes": ["application/json"],
    "produces": ["application/json", "application/xml"],
    "securityDefinitions": {
        "basic": {"type": "basic"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "oauth": {"type": "oauth2", "flow": "accessCode", "scopes": {"r": "Read"}},
    },
    "security": [{"key": []}],
    "parameters": {
        "Limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 9},
        "Body": {"name": "b", "in": "body", "required": True, "schema": {"$ref": "#/definitions/Pet"}},
    },
    "responses": {"No": {"description": "No", "schema": {"type": "string"}}},
    "definitions": {
        "Pet": {
            "type": "object",
            "discriminator": "kind",
            "properties": {"kind": {"type": "string", "x-nullable": True}, "tag": {"$ref": "#/definitions/Tag"}},
        },
        "Tag": {"type": "string"},
    },
    "paths": {
        "/pets": {
            "parameters": [{"$ref": "#/parameters/Limit"}],
            "post": {
                "operationId": "addPet",
                "parameters": [
                    {"$ref": "#/parameters/Body"},
                    {"name": "ids", "in": "query", "type": "array", "items": {"type": "integer"}, "collectionFormat": "pipes"},
                    {"name": "all", "in": "query", "type": "array", "items": {"type": "string"}, "collectionFormat": "multi"},
                    {"name": "X-A", "in": "header", "type": "array", "items": {"type": "string"}},
                ],
                "responses": {
                    "201": {"description": "Made", "schema": {"$ref": "#/definitions/Pet"}, "headers": {"X-Id": {"type": "integer"}}, "examples": {"application/json": {"kind": "cat"}}},
                    "404": {"$ref": "#/responses/No"},
                },
            },
            "put": {
                "operationId": "upload",
                "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "file", "in": "formData", "type": "file", "required": True},
                    {"name": "note", "in": "formData", "type": "string"},
                ],
                "produces": ["image/png"],
                "responses": {"200": {"description": "A picture", "schema": {"type": "file"}}},
            },
        }
    },
}  # fmt: skip


def test_swagger_says_the_same_in_the_words_of_3_0(tmp_path: Path) -> None:
    openapi, found = read(tmp_path, SWAGGER)

    assert found == []
    assert openapi.server_urls == (
        "https://api.example.com/v1",
        "http://api.example.com/v1",
    )
    pet = openapi.schemas["Pet"]
    assert pet == {
        "type": "object",
        "discriminator": {"propertyName": "kind"},
        "properties": {"kind": {"type": ["string", "null"]}, "tag": {"type": "string"}},
    }
    add, upload = openapi.operations["addPet"], openapi.operations["upload"]
    assert add.body is not None
    assert add.body.required
    assert add.body.content == {"application/json": pet}
    assert [
        (each.name, each.style, each.explode, each.schema) for each in add.parameters
    ] == [
        ("limit", "form", True, {"type": "integer", "maximum": 9}),
        (
            "ids",
            "pipeDelimited",
            False,
            {"type": "array", "items": {"type": "integer"}},
        ),
        ("all", "form", True, {"type": "array", "items": {"type": "string"}}),
        ("X-A", "simple", False, {"type": "array", "items": {"type": "string"}}),
    ]
    assert add.responses == {
        "201": {"application/json": pet, "application/xml": pet},
        "404": {
            "application/json": {"type": "string"},
            "application/xml": {"type": "string"},
        },
    }
    assert add.response_headers["201"] == {"X-Id": {"type": "integer"}}
    assert upload.body is not None
    assert upload.body.content["multipart/form-data"] == {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "note": {"type": "string"},
        },
        "required": ["file"],
    }
    assert upload.responses["200"] == {
        "image/png": {"type": "string", "format": "binary"}
    }
    kinds = {name: each.kind for name, each in openapi.security_schemes.items()}
    assert kinds == {"basic": "http", "key": "apiKey", "oauth": "oauth2"}
    flows = openapi.raw["components"]["securitySchemes"]["oauth"]["flows"]
    assert flows == {"authorizationCode": {"scopes": {"r": "Read"}}}


@pytest.mark.parametrize("lenient", [False, True])
def test_swagger_is_told_of_in_its_own_words(tmp_path: Path, lenient: bool) -> None:
    """Not in those of 3.0, which the author has never written."""
    answers = {"schema": {"$ref": "#/definitions/Pest"}, "description": "Yes"}
    get = {
        "parameters": [{"$ref": "#/parameters/page"}],
        "responses": {"200": answers, "404": {"$ref": "#/responses/Gone"}},
        "security": [{"key": []}],
    }
    named = {"Pet": {"type": "object"}, "A": {"$ref": "#/definitions/A"}}
    document = {"swagger": "2.0", "paths": {"/a": {"get": get}}, "definitions": named}
    _, found = read(tmp_path, document, lenient=lenient)

    more = ": this part is ignored" if lenient else ""
    assert {each.what for each in found} == {
        f"'#/definitions/Pest' does not exist{more}",
        f"'#/parameters/page' does not exist{more}",
        f"'#/responses/Gone' does not exist{more}",
        f"the reference goes in a circle: #/definitions/A -> #/definitions/A{more}",
        f"there is no security scheme 'key'{more}",
    }
    if not lenient:
        told = {
            (each.why.partition(" ")[2], each.fix.partition(";")[0]) for each in found
        }
        add = "with what is referred to, or change the reference"
        assert told >= {
            ("has no 'Pest' in #/definitions", "did you mean 'Pet'?"),
            ("has no 'parameters'", f"add `parameters:` {add}"),
            ("has no 'responses'", f"add `responses:` {add}"),
            ("are declared in #/securityDefinitions", "remove it"),
        }
        errors = [each for each in found if each.severity == "error"]
        assert all(
            each.fix.endswith("ignore what is wrong with --lenient") for each in errors
        )


@pytest.mark.parametrize("repeated", [0, 1, 2])
def test_a_key_that_stands_twice_in_json_is_told_of(
    tmp_path: Path, repeated: int
) -> None:
    """Quotes and colons inside of a text make no key."""
    path, title = tmp_path / "openapi.json", json.dumps('a "b": {"c": "d\\"')
    get = '"/a": {"get": {"responses": {"200": {"description": "-"}}}}'
    head = f'{{"openapi": "3.0.3", "info": {{"title": {title}, "version": "1"}}'
    paths = ",\n".join([get] * (repeated + 1))
    path.write_text(f'{head}, "paths": {{{paths}}}}}', encoding="utf-8")
    report = Report()
    read_openapi(path, tmp_path, report, published=Published(path))

    twice = ("warning", "json-duplicate-key")
    assert told(report.diagnostics) == [(*twice, 2 + at) for at in range(repeated)]


def test_places_of_swagger_are_those_of_the_file(tmp_path: Path) -> None:
    document = json.loads(json.dumps(SWAGGER))
    document["definitions"]["Tag"] = {"type": "text"}
    document["paths"]["/pets"]["post"]["parameters"][1]["type"] = "intger"
    document["parameters"]["Body"]["schema"] = {"$ref": "#/definitions/Pte"}
    _, found = read(tmp_path, document)

    lines = (tmp_path / "openapi.json").read_text(encoding="utf-8").splitlines()
    assert {(each.code, lines[each.at.line - 1].strip()) for each in found} == {
        ("openapi-schema", '"type": "text"'),
        ("openapi-schema", '"type": "intger",'),
        ("ref-missing", '"$ref": "#/definitions/Pte"'),
    }


def test_bounds_are_settings(tmp_path: Path) -> None:
    path, report = tmp_path / "t.json", Report()
    path.write_text('{"openapi": "3.0.0", "a": ' + "[" * 300 + "]" * 300 + "}")

    small = Published(path, bounds=Bounds(bytes=100))
    assert read_openapi(path, tmp_path, report, published=small) is None
    assert read_openapi(path, tmp_path, report, published=Published(path)) is None
    codes = [each.code for each in report.diagnostics]
    assert codes == ["file-too-large", "json-too-deep"]
    deep = Published(path, bounds=Bounds(levels=400))
    assert read_openapi(path, tmp_path, Report(), published=deep) is not None


@pytest.mark.parametrize("depth", [1_000, 10_000, 1_000_000])
def test_ten_thousand_levels_are_refused(tmp_path: Path, depth: int) -> None:
    path, report = tmp_path / "t.json", Report()
    path.write_text('{"a": ' + "[" * depth + "]" * depth + "}")

    assert read_openapi(path, tmp_path, report, published=Published(path)) is None
    assert [each.code for each in report.diagnostics] == ["json-too-deep"]


YAML = """
openapi: 3.0.0
info: {title: T, version: "1"}
x-common: &common
  operationId: common
  responses: {"200": {description: Yes, content: {a/b: {schema: &big {maximum: 18446744073709551616}}}}}
paths:
  /a:
    get: {<<: *common, operationId: !!str a}
  /b:
    get: {<<: [*common], parameters: [{name: n, in: query, schema: *big}]}
"""


def in_yaml(folder: Path, text: str, **more: Any) -> tuple[OpenAPI | None, Report]:
    path, report = folder / "t.yaml", Report()
    path.write_text(text, encoding="utf-8")
    published = Published(path, **more)
    return read_openapi(path, folder, report, published=published), report


def test_yaml_of_others_has_aliases_merge_keys_and_large_numbers(
    tmp_path: Path,
) -> None:
    openapi, report = in_yaml(tmp_path, YAML)

    assert openapi is not None
    assert report.diagnostics == []
    assert [*openapi.operations] == ["a", "common"]
    (parameter,) = openapi.operations["common"].parameters
    assert parameter.schema == {"maximum": 2.0**64}
    assert openapi.operations["a"].responses["200"]["a/b"] == {"maximum": 2.0**64}


BOMB = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (BOMB, 7, "more than 1,000,000 values"),
        ("a: &a {b: *a}", 1, "inside of what it names"),
        ("a: *b", 1, "nothing before it"),
        ("a: &a " + "[" * 150 + "]" * 150 + "\nb: " + "[" * 60 + "*a" + "]" * 60, 2, "too deeply"),
        ("a: &a 1\nb: {<<: *a}", 2, "names no mapping"),
        ("a: 1\nb: 2\na: 3\nopenapi: 3.0.0", 3, "'a' is written twice"),
        ("<!DOCTYPE html><p>API: here", 1, "a web page"),
        ("\n", 1, "empty"),
        ("swaggerVersion: '1.2'", 1, "swaggerVersion '1.2' is not read"),
        ('{"log": {"entries": []}}', 1, "emulator init NAME --har FILE"),
        ("spec: 1\nprovider: shop", 1, "serve its folder with --specs"),
        ("$schema: https://json-schema.org/draft/2020-12/schema", 1, "a JSON Schema"),
        ("paths: {}", 1, "write `openapi: 3.1.0`"),
    ],
)  # fmt: skip
def test_files_that_are_no_document(
    tmp_path: Path, text: str, line: int, what: str
) -> None:
    _, report = in_yaml(tmp_path, text)

    first = report.diagnostics[0]
    assert (first.severity, first.at.line) == ("error", line)
    assert what in str(first)


def test_a_key_that_stands_twice_is_ignored_where_one_is_lenient(
    tmp_path: Path,
) -> None:
    text = YAML.replace('version: "1"}', 'version: "1", title: U}')
    openapi, report = in_yaml(tmp_path, text, lenient=True)

    assert openapi is not None
    (only,) = report.diagnostics
    assert (only.code, only.severity) == ("yaml-duplicate-key", "warning")
    assert str(only).endswith("is written twice in one mapping: this part is ignored")


def test_an_alias_of_nothing_is_ignored_where_one_is_lenient(tmp_path: Path) -> None:
    text = f"{YAML}x-round: &round [*round]\nx-none: *none\n"
    openapi, report = in_yaml(tmp_path, text, lenient=True)

    assert openapi is not None
    assert [*openapi.operations] == ["a", "common"]
    assert [each.code for each in report.diagnostics] == ["yaml-alias"] * 2


def test_what_a_key_holds_that_stands_twice_is_not_told_of_again(
    tmp_path: Path,
) -> None:
    text = "a:\n  b: {c: 1}\n  b: {c: 1, d: 2, d: 3}\n  e: {c: 1, c: 2}\n"
    _, report = in_yaml(tmp_path, text)

    found = [each for each in report.diagnostics if each.code == "yaml-duplicate-key"]
    assert [(each.at.line, each.what.split("'")[1]) for each in found] == [
        (3, "b"),
        (3, "d"),
        (4, "c"),
    ]


def test_a_schema_that_is_a_part_of_itself_says_what_its_other_parts_say(
    tmp_path: Path,
) -> None:
    """Also where the circle is a longer one, and wherever one begins to read."""
    schemas = {
        "A": {"allOf": [{"$ref": "#/components/schemas/B"}, {"minLength": 1}]},
        "B": {"anyOf": [{"$ref": "#/components/schemas/C"}]},
        "C": {"allOf": [{"$ref": "#/components/schemas/A"}, {"maxLength": 2}]},
    }
    document = {"paths": {"/a": {"get": GET}}, "components": {"schemas": schemas}}
    openapi, found = read(tmp_path, document, lenient=True)

    assert [each.code for each in found] == ["ref-cycle"]
    assert Schema(openapi.schemas["A"]).violations("abc")[0]["rule"] in (
        "anyOf",
        "maxLength",
    )
    assert Schema(openapi.schemas["A"]).is_valid("ab")
    assert not Schema(openapi.schemas["A"]).is_valid("")


def test_replies_of_no_status_and_bodies_of_no_type_are_left_out(
    tmp_path: Path,
) -> None:
    responses = {"2000": {"description": "-"}, "204": {"description": "-"}}
    operation = {"responses": responses, "requestBody": {"required": True}}
    openapi, found = read(tmp_path, {"paths": {"/a": {"post": operation}}})

    (only,) = openapi.operations.values()
    assert (only.body, [*only.responses]) == (None, ["204"])
    assert {each.code for each in found} == {"openapi-structure"}
    assert len(found) == 2


def test_a_parameter_that_stands_twice_is_told_of(tmp_path: Path) -> None:
    """One of an operation may replace that of its path."""
    named = {"name": "q", "in": "query", "schema": {"type": "string"}}
    operation = {**GET, "parameters": [named, {**named, "in": "header"}, named]}
    paths = {"/a": {"get": operation, "parameters": [named]}}
    _, found = read(tmp_path, {"paths": paths})

    assert [each.what for each in found] == [
        "the parameter 'q' stands twice in 'query'"
    ]


def test_a_discriminator_that_leads_nowhere_is_told_of(tmp_path: Path) -> None:
    mapping = {"a": "#/components/schemas/S", "b": "#/components/schemas/T", "c": "T"}
    discriminator = {"propertyName": "kind", "mapping": mapping}
    schemas = {"S": {"type": "object", "discriminator": discriminator}}
    document = {"paths": {"/a": {"get": GET}}, "components": {"schemas": schemas}}
    _, found = read(tmp_path, document)

    assert [(each.severity, each.code) for each in found] == [
        ("warning", "ref-missing")
    ]
    assert "'#/components/schemas/T', which 'b' is mapped to" in found[0].what


def test_swagger_has_one_body(tmp_path: Path) -> None:
    whole = {"name": "b", "in": "body", "schema": {"type": "object"}}
    field = {"name": "f", "in": "formData", "type": "string"}
    operation = {**GET, "parameters": [field, whole, {**whole, "name": "c"}]}
    document = {"swagger": "2.0", "paths": {"/a": {"post": operation}}}
    openapi, found = read(tmp_path, document)

    (only,) = openapi.operations.values()
    assert only.body is not None
    assert only.body.content == {"application/json": {"type": "object"}}
    assert [each.what for each in found] == [
        "'f' is described besides a body",
        "'c' is described besides a body",
    ]
