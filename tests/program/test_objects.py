"""Parameters that are objects: read in every style, typed, filled, and told when wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError
from emulator.engine.dispatcher import Dispatcher
from emulator.spec.openapi import read_openapi
from emulator.world.world import World

FILTER = """{type: object, properties: {author: {type: integer}, open: {type: boolean, default: true},
  tags: {type: array, items: {type: integer}}, at: {type: object, properties: {gte: {type: number}}},
  some: {anyOf: [{type: array, items: {type: integer}}, {type: string, enum: [""]}]}}}"""
OPENAPI = """
openapi: 3.1.0
info: {{title: Objects, version: "1"}}
paths:
  /things/{{ids}}:
    get:
      operationId: read
      parameters:
        - {{name: ids, in: path, required: true, schema: {{type: array, items: {{type: integer}}}}}}
        - {parameter}
        - {{name: plain, in: query, schema: {{type: string}}}}
      responses: {{"200": {{description: Things}}}}
"""
BEHAVIOR = """
spec: 1
provider: objects
operations:
  read: {reply: {body: {ids: "${path.ids}", it: "${query.filter}", plain: "${query.plain}"}}}
errors:
  envelopes: {default: {error: "${code}", why: "${omit}"}}
  table:
    no_route: {status: 404, code: a}
    wrong_method: {status: 405, code: a}
    malformed_query: {status: 400, code: a}
    invalid_path: {status: 404, code: a}
    invalid_request: {status: 422, body: {why: "${[one.field for one in violations]}"}}
  violations: {rules: {default: x}}
assumed: [provider]
"""


@pytest.fixture
def api(tmp_path: Any) -> Any:
    """Makes a provider whose operation has the parameter that is given."""

    def made(parameter: str, shown: str = "query.filter") -> Api:
        folder = tmp_path / "objects"
        folder.mkdir()
        (folder / "openapi.yaml").write_text(OPENAPI.format(parameter=parameter))
        written = BEHAVIOR.replace("query.filter", shown)
        (folder / "behavior.yaml").write_text(written)
        program = load(Place(folder, folder / "fixtures"))
        return Api(program, Dispatcher({"objects": program}, World()), "/objects")

    return made


def not_emulated(api: Api) -> list[str]:
    """What the journal says was asked for and is not there."""
    return [
        facts["asked"]
        for entry in api.world.journal
        for _, decision, facts in entry.steps
        if decision == "not emulated"
    ]


DEEP = (
    f"{{name: filter, in: query, style: deepObject, explode: true, schema: {FILTER}}}"
)


@pytest.mark.parametrize(
    ("style", "query", "expected"),
    [
        ("style: deepObject", "filter[author]=2&filter[open]=false", {"author": 2, "open": False}),
        ("style: deepObject", "filter%5Bat%5D%5Bgte%5D=1.5", {"at": {"gte": 1.5}, "open": True}),
        ("style: deepObject", "filter[tags]=1&filter[tags]=2", {"tags": [1, 2], "open": True}),
        ("style: deepObject", "filter[tags][]=1&filter[tags][]=2", {"tags": [1, 2], "open": True}),
        ("style: deepObject", "filter[tags][0]=1&filter[tags][1]=2", {"tags": [1, 2], "open": True}),
        ("style: deepObject", "filter[some][]=1&filter[some][]=2", {"some": [1, 2], "open": True}),
        ("style: deepObject", "filter[some][0]=3", {"some": [3], "open": True}),
        ("style: deepObject", "filter[some]=", {"some": "", "open": True}),
        ("style: deepObject", "plain=x", None),
        ("style: form", "author=2&open=0&plain=x", {"author": 2, "open": False}),
        ("style: form", "plain=x", None),
        ("style: deepObject", "filter[tags][1]=2&filter[tags][0]=1", {"tags": [1, 2], "open": True}),
        ("explode: false", "filter=author,2,open,false", {"author": 2, "open": False}),
        ("style: pipeDelimited, explode: false", "filter=author|2", {"author": 2, "open": True}),
        ("style: spaceDelimited, explode: false", "filter=author%202", {"author": 2, "open": True}),
        ("style: pipeDelimited, explode: true", "filter=author|2", {"author": 2, "open": True}),
    ],
)  # fmt: skip
def test_every_style_is_read(api: Any, style: str, query: str, expected: Any) -> None:
    """With the types and the defaults of its schema; the path's list is one, too."""
    found = api(f"{{name: filter, in: query, {style}, schema: {FILTER}}}")

    reply = found.get(f"/things/1,2?{query}", None)

    assert reply.json()["it"] == expected
    assert reply.json()["ids"] == [1, 2]
    assert not_emulated(found) == []


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("filter[author]=x", ["filter.author"]),
        (
            "filter[tags]=1&filter[tags]=x&filter[at][gte]=y",
            ["filter.tags.1", "filter.at.gte"],
        ),
        ("filter=x", ["filter"]),
    ],
)
def test_what_is_wrong_inside_is_told(api: Any, query: str, wrong: list[str]) -> None:
    """By the name of the member, as of any other input."""
    reply = api(DEEP).get(f"/things/1?{query}", None)

    assert reply.status_code == 422
    assert sorted(reply.json()["why"]) == sorted(wrong)


def test_a_member_that_the_object_does_not_have_is_not_emulated(api: Any) -> None:
    """It is noted, where one that it has is not."""
    found = api(DEEP)

    found.get("/things/1?filter[author]=1&filter[autor]=1", None)

    assert not_emulated(found) == ["filter[autor]"]


def test_a_list_can_be_deep_and_an_object_may_be_none(api: Any) -> None:
    """As published documents have them."""
    schema = (
        "{anyOf: [{type: object, properties: {gte: {type: integer}}}, {type: integer}]}"
    )
    found = api(f"{{name: filter, in: query, style: deepObject, schema: {schema}}}")

    assert found.get("/things/1?filter[gte]=5", None).json()["it"] == {"gte": 5}
    assert found.get("/things/1?filter=5", None).json()["it"] == 5


def test_a_parameter_of_json_is_read_as_json(api: Any) -> None:
    """What is no JSON stays a text, and breaks the schema."""
    found = api(
        f"{{name: filter, in: query, content: {{application/json: {{schema: {FILTER}}}}}}}"
    )

    good = found.get("/things/1", None, params={"filter": '{"author": 2}'})
    bad = found.get("/things/1", None, params={"filter": "{"})

    assert good.json()["it"] == {"author": 2}
    assert bad.status_code == 422


def test_a_style_that_is_not_read_is_told(api: Any) -> None:
    """Nothing is taken for what it is not."""
    with pytest.raises(
        SpecError, match="the parameter 'filter' has the style 'matrix'"
    ):
        api("{name: filter, in: query, style: matrix, schema: {type: string}}")


@pytest.mark.parametrize(
    "query",
    ["expand[]=a&expand[]=b", "expand[0]=a&expand[1]=b", "expand[1]=b&expand[0]=a"],
)
def test_a_list_that_is_called_with_brackets_has_places_too(
    api: Any, query: str
) -> None:
    """As client libraries write them, whatever the name that is documented."""
    found = api(
        '{name: "expand[]", in: query, schema: {type: array, items: {type: string}}}',
        "query['expand[]']",
    )

    reply = found.get(f"/things/1?{query}", None)

    assert reply.json()["it"] == ["a", "b"]
    assert not_emulated(found) == []


def test_reserved_characters_need_no_encoding(api: Any) -> None:
    """`allowReserved` (OpenAPI 3.1, 4.8.12.2) says what a client may send as it is."""
    found = api(
        "{name: filter, in: query, allowReserved: true, schema: {type: string}}"
    )

    reply = found.get("/things/1?filter=/a:b?c=d@e!$'()*,;[1]", None)

    assert reply.json()["it"] == "/a:b?c=d@e!$'()*,;[1]"


PATHS = """
openapi: 3.1.0
info: {{title: Objects, version: "1"}}
paths:
  /things/{{it}}:
    get:
      operationId: read
      parameters:
        - {{name: it, in: path, required: true, {style}, schema: {schema}}}
      responses: {{"200": {{description: Things}}}}
"""
OF_PATH = BEHAVIOR.replace(
    '{ids: "${path.ids}", it: "${query.filter}", plain: "${query.plain}"}',
    '{it: "${path.it}"}',
)
LIST = "{type: array, items: {type: integer}}"
COLOR = "{type: object, properties: {R: {type: integer}, G: {type: integer}}}"


@pytest.fixture
def of_path(tmp_path: Any) -> Any:
    """Makes a provider with one parameter in its path."""

    def made(style: str, schema: str) -> Api:
        folder = tmp_path / "objects"
        folder.mkdir()
        written = PATHS.format(style=style, schema=schema)
        (folder / "openapi.yaml").write_text(written)
        (folder / "behavior.yaml").write_text(
            "\n".join(line for line in OF_PATH.split("\n") if "invalid_request" not in line)
        )  # fmt: skip
        program = load(Place(folder, folder / "fixtures"))
        return Api(program, Dispatcher({"objects": program}, World()), "/objects")

    return made


@pytest.mark.parametrize(
    ("style", "schema", "sent", "expected"),
    [
        ("style: simple", LIST, "3,4,5", [3, 4, 5]),
        ("style: simple", COLOR, "R,100,G,200", {"R": 100, "G": 200}),
        ("style: simple, explode: true", COLOR, "R=100,G=200", {"R": 100, "G": 200}),
        ("style: label", "{type: integer}", ".5", 5),
        ("style: label", LIST, ".3,4,5", [3, 4, 5]),
        ("style: label, explode: true", LIST, ".3.4.5", [3, 4, 5]),
        ("style: label", COLOR, ".R,100,G,200", {"R": 100, "G": 200}),
        ("style: label, explode: true", COLOR, ".R=100.G=200", {"R": 100, "G": 200}),
        ("style: matrix", "{type: integer}", ";it=5", 5),
        ("style: matrix", LIST, ";it=3,4,5", [3, 4, 5]),
        ("style: matrix, explode: true", LIST, ";it=3;it=4;it=5", [3, 4, 5]),
        ("style: matrix", COLOR, ";it=R,100,G,200", {"R": 100, "G": 200}),
        ("style: matrix, explode: true", COLOR, ";R=100;G=200", {"R": 100, "G": 200}),
    ],
)  # fmt: skip
def test_every_style_of_a_path_is_read(
    of_path: Any, style: str, schema: str, sent: str, expected: Any
) -> None:
    """OpenAPI 3.1.1 (4.8.12.4) and RFC 6570 (3.2.5, 3.2.7)."""
    reply = of_path(style, schema).get(f"/things/{sent}", None)

    assert (reply.status_code, reply.json()) == (200, {"it": expected})


@pytest.mark.parametrize(
    ("style", "schema", "sent", "code"),
    [
        ("style: label", "{type: integer}", "5", "no_route"),
        ("style: label", "{type: integer}", ".x", "invalid_path"),
        ("style: matrix", "{type: integer}", ";other=5", "no_route"),
        ("style: matrix, explode: true", COLOR, ";R;G", "invalid_path"),
    ],
)
def test_a_path_in_another_style_is_refused(
    of_path: Any, style: str, schema: str, sent: str, code: str
) -> None:
    reply = of_path(style, schema).get(f"/things/{sent}", None)

    assert reply.status_code == 404
    assert code in str(reply.json()) or reply.json() == {"error": "a"}


@pytest.mark.parametrize(
    ("parameter", "shown", "why"),
    [
        (
            "{name: filter, in: query, content: {application/xml: {schema: {type: object}}}}",
            "query.filter",
            "is read as JSON, or as the text",
        ),
        (
            "{name: filter, in: cookie, schema: {type: object}}",
            "cookie.filter",
            "an object in a cookie is read from one cookie",
        ),
    ],
)
def test_what_cannot_be_read_is_told(
    api: Any, parameter: str, shown: str, why: str
) -> None:
    """As one line of what nothing comes of, for documents that providers publish."""
    place = Path(api(parameter, shown).program.files[1])

    document = read_openapi(place, place.parent, Report())

    assert document is not None
    assert [why in told.why for told in document.ignored.values()] == [True]
