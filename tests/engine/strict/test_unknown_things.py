"""What a spec does not say is answered as ever, and noted with what comes nearest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from atlas import KEY, ask, board_of, noted, program

from emulator.program.credentials import credentials
from emulator.program.program import Program

PLACES = "/atlas/v1/places"


def told(step: str, what: str, asked: str, nearest: str | None) -> tuple[str, Any]:
    return step, {"what": what, "asked": asked, "nearest": nearest}


@pytest.mark.parametrize(
    ("method", "target", "status", "note"),
    [
        ("GET", "/atlas/v1/plces", 404, ("path", "/v1/plces", "/v1/places")),
        ("GET", "/atlas/v1/plces/7", 404, ("path", "/v1/plces/7", "/v1/places/{id}")),
        ("GET", "/atlas/v2/places", 404, ("path", "/v2/places", "/v1/places")),
        ("GET", "/atlas/v1/weather", 404, ("path", "/v1/weather", None)),
        ("PUT", f"{PLACES}/1", 405, ("method", "PUT", "PATCH")),
        ("get", PLACES, 405, ("method", "get", "GET")),
        ("DELETE", f"{PLACES}/1", 405, ("method", "DELETE", None)),
    ],
)
def test_an_address_that_leads_nowhere_is_noted_by_route(
    method: str, target: str, status: int, note: tuple[str, str, str | None]
) -> None:
    """Paths and methods that are not in the spec get the provider's own refusal."""
    board = board_of(program())

    reply = ask(board, method, target)

    code = {404: b"no_route", 405: b"wrong_method"}[status]
    assert (reply.status, reply.body) == (status, b'{"error":"%s"}' % code)
    assert noted(board) == [told("route", *note)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("nme=x", [("nme", "name")]),
        ("Name=x", [("Name", "name")]),
        ("zzz", [("zzz", None)]),
        ("tags[]=a", [("tags[]", "tags")]),
        ("tags%5B%5D=a", [("tags[]", "tags")]),
        ("name[]=a", [("name[]", "name")]),
        ("a%62c=1&a%62c=2", [("abc", None)]),
    ],
)
def test_a_query_parameter_that_nothing_reads_is_noted(
    query: str, names: list[tuple[str, str | None]]
) -> None:
    """A name that the operation does not declare changes nothing in the reply."""
    board = board_of(program())
    plain = ask(board, "GET", PLACES)

    reply = ask(board, "GET", f"{PLACES}?{query}")

    assert (reply.status, reply.headers, reply.body) == (
        plain.status,
        plain.headers,
        plain.body,
    )
    assert noted(board) == [
        told("parameters", "query parameter", *name) for name in names
    ]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", PLACES),
        ("GET", f"{PLACES}/"),
        ("GET", f"{PLACES}?name=Delft&tags=a&tags=b"),
        ("GET", f"{PLACES}?filter[country]=nl"),
        ("GET", f"{PLACES}?north=52.1&south=51.9"),
        ("GET", f"{PLACES}?api_key=k-ada"),
        ("GET", f"{PLACES}?format=json&as=json"),
        ("HEAD", PLACES),
        ("OPTIONS", f"{PLACES}?anything=1"),
        ("OPTIONS", f"{PLACES}/1"),
    ],
)
def test_what_the_spec_or_http_says_is_known(method: str, target: str) -> None:
    """Parameters in any style, credentials, formats, HEAD and OPTIONS are no slips."""
    board = board_of(program())

    reply = ask(board, method, target)

    assert reply.status in (200, 204)
    assert noted(board) == []


@pytest.mark.parametrize(
    ("body", "members"),
    [
        ({"names": "x"}, [("names", "name")]),
        ({"name": "x", "zzz": 1}, [("zzz", None)]),
        ({"position": {"nort": 1}}, [("position.nort", "position.north")]),
        ({"roads": [{"to": "x"}, {"too": "x"}]}, [("roads.too", "roads.to")]),
        ({"name": "x", "position": {"north": 1}, "roads": [{"to": "x"}]}, []),
        ({"labels": {"kind": "x", "further": "y"}}, []),
        ({"extra": {"whatever": {"it": "is"}}}, []),
    ],
)
def test_a_body_member_that_the_schema_leaves_open_is_noted(
    body: Mapping[str, Any], members: list[tuple[str, str | None]]
) -> None:
    """Where a schema names its members, another one is a slip, inside it too."""
    board = board_of(program())

    reply = ask(board, "POST", PLACES, body)

    assert reply.status == 201
    assert noted(board) == [told("body", "body member", *member) for member in members]


def test_a_member_that_the_schema_refuses_is_the_providers_to_refuse() -> None:
    """`additionalProperties: false` gets a violation, and no note."""
    board = board_of(program())

    reply = ask(board, "POST", PLACES, {"owner": {"names": "x"}})

    assert (reply.status, reply.body) == (422, b'{"error":"invalid_request"}')
    assert noted(board) == []


@pytest.mark.parametrize(
    ("accept", "notes"),
    [
        ("application/vnd.atlas.v1+json", []),
        ("text/html, */*", []),
        ("application/vnd.atlas.v3+json", [("version", "v3", None)]),
        ("application/vnd.atlas.v1.1+json", [("version", "v1.1", "v1")]),
    ],
)
def test_a_version_that_is_not_known_is_noted(
    accept: str, notes: list[tuple[str, str, str | None]]
) -> None:
    """A media type may name a version that there is not, and be ignored."""
    board = board_of(program())

    reply = ask(board, "GET", PLACES, headers={**KEY, "Accept": accept})

    assert reply.status == 200
    assert noted(board) == [told("negotiate", *note) for note in notes]


def test_a_flood_of_unknown_names_is_noted_in_part() -> None:
    """One call cannot fill the journal with what it asks for."""
    board = board_of(program())

    ask(board, "GET", f"{PLACES}?{'&'.join(f'n{at}' for at in range(900))}")

    assert len(noted(board)) == 20


def test_a_long_name_is_cut() -> None:
    """What is compared and noted of a name is bounded."""
    board = board_of(program())

    ask(board, "GET", f"/atlas/v1/{'x' * 9_000}")

    [(_, facts)] = noted(board)
    assert len(facts["asked"]) == 200


@pytest.mark.parametrize(
    ("provider", "target", "notes"),
    [
        (
            "jobriver",
            "/jobriver/api/v1/jbs",
            [told("route", "path", "/api/v1/jbs", "/api/v1/jobs")],
        ),
        (
            "jobsphere",
            "/jobsphere/v1/jobs?page_size=5&tags[]=python&tag=x",
            [
                told("parameters", "query parameter", "page_size", "page"),
                told("parameters", "query parameter", "tag", "tags"),
            ],
        ),
        (
            "recruitsome",
            "/recruitsome/api/v1/vacancies/facets?sort=newest",
            [told("parameters", "query parameter", "sort", None)],
        ),
    ],
)
def test_slips_that_bundled_providers_ignore_are_noted(
    programs: dict[str, Program],
    provider: str,
    target: str,
    notes: list[tuple[str, Any]],
) -> None:
    """A parameter of another operation, or of another provider, is one of no effect."""
    board = board_of(programs[provider])
    full = next(
        credential
        for credential in credentials(programs[provider])
        if credential["name"] == "full"
    )

    ask(board, "GET", target, headers=full["headers"])

    assert noted(board) == notes
