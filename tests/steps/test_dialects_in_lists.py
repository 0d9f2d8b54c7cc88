"""Lists that are asked for in a language that the provider has taken from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.diagnostics import SpecError

REPOS = [{"id": 1, "name": "acme/site"}, {"id": 2, "name": "acme/shop"}]
ISSUES = [
    {"id": 1, "repo_id": 1, "title": "Crash at night", "state": "open", "votes": 3},
    {"id": 2, "repo_id": 2, "title": "Crash by day", "state": "closed", "votes": 9},
    {"id": 3, "repo_id": 1, "title": "A wish", "state": "open", "votes": 9},
]


def issues(folder: Path, query: dict[str, Any], **more: Any) -> Api:
    """Issues that are searched by `q`, and sorted by `sort`."""
    return small(
        folder,
        {
            "/issues": {
                "get": {
                    "operationId": "issues",
                    "parameters": [
                        {"name": "q", "in": "query", "schema": {"type": "string"}},
                        {"name": "sort", "in": "query", "schema": {"type": "string"}},
                    ],
                    "responses": {"200": {"description": "issues"}},
                }
            }
        },
        {
            "issues": {
                "list": {
                    "collection": "issues",
                    "query": {"of": "query.q", "field": "q", **query},
                    **more,
                },
                "reply": {"body": "${[issue.id for issue in results]}"},
            }
        },
        collections={"issues": {"order": ["id"]}, "repos": {}},
        table={
            "invalid_request": {
                "status": 422, "code": "${first_messages(violations)}",
            },
            "invalid_query": {"status": 400, "code": "${parameter}: ${why}"},
        } if query.get("refuse") else {
            "invalid_request": {"status": 422, "code": "${first_messages(violations)}"}
        },
        fixtures={"issues": ISSUES, "repos": REPOS},
    )  # fmt: skip


def asked(api: Api, q: str, **more: str) -> Any:
    return api.get("/issues", None, params={"q": q, **more}).json()


QUALIFIERS = {
    "dialect": "lucene",
    "fields": {
        "is": "state",
        "repo": "lookup('repos', repo_id).name",
        "votes": "votes",
    },
    "words": ["title"],
    "joined_by": "and",
}


def test_names_of_a_query_stand_for_what_the_spec_says(tmp_path: Path) -> None:
    """A field, or an expression of fields that looks things up."""
    api = issues(tmp_path, QUALIFIERS)

    assert asked(api, "repo:acme/site is:open crash") == [1]
    assert asked(api, "votes:>5") == [2, 3]
    assert asked(api, "crash -is:open") == [2]
    assert api.get("/issues", None).json() == [1, 2, 3]


def test_a_query_sees_what_changes_elsewhere(tmp_path: Path) -> None:
    """What it found before is not kept when it has looked into another collection."""
    api = issues(tmp_path, QUALIFIERS)
    before = asked(api, "repo:acme/site")
    api.world.collections(api.program)["repos"].put({"id": 1, "name": "acme/moved"})

    assert (before, asked(api, "repo:acme/site")) == ([1, 3], [])
    assert asked(api, "repo:acme/moved") == [1, 3]


@pytest.mark.parametrize(
    ("dialect", "q", "ids"),
    [
        ("odata", "votes gt 5 and state eq 'open'", [3]),
        ("scim", 'votes gt 5 and state eq "OPEN"', [3]),
        ("aip160", "votes > 5 state = open", [3]),
        ("lucene", "votes:>5 AND state:open", [3]),
    ],
)
def test_each_dialect_knows_the_fields_of_the_records(
    tmp_path: Path, dialect: str, q: str, ids: list[int]
) -> None:
    """Without `fields` they go by their own names; others are mistakes."""
    api = issues(tmp_path, {"dialect": dialect})

    assert asked(api, q) == ids
    wrong = api.get("/issues", None, params={"q": q.replace("votes", "vote")})
    assert (wrong.status_code, wrong.json()) == (422, {"error": {"q": "wrong"}})


def test_a_mistake_in_a_query_can_be_a_refusal_of_its_own(tmp_path: Path) -> None:
    """With the reason, and forced with the same bytes."""
    api = issues(tmp_path, {"dialect": "odata", "refuse": "invalid_query"})
    path = "/issues?q=vote gt 5"

    reply = api.get(path, None)
    forced = api.get("/issues", None, headers={"X-Emulator-Refuse": "invalid_query"})

    assert reply.status_code == forced.status_code == 400
    assert reply.json() == {
        "error": "q: there is no field 'vote': did you mean 'votes'?"
    }
    assert forced.json() == {"error": "q: it cannot be read"}


SORT = {
    "by": "query.sort",
    "allowed": {"votes": ["votes"], "title": ["title"], "id": ["id"]},
    "form": "list",
    "unknown": "violation",
}


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("votes,title", [1, 3, 2]),
        ("-votes,title", [3, 2, 1]),
        ("votes desc, title desc", [2, 3, 1]),
        ("votes DESC,id asc", [2, 3, 1]),
        ("", [1, 2, 3]),
        ("vote", {"error": {"sort": "wrong"}}),
        ("votes,,", {"error": {"sort": "wrong"}}),
        ("votes sideways", {"error": {"sort": "wrong"}}),
    ],
)
def test_a_caller_can_sort_by_several_words(
    tmp_path: Path, sort: str, ids: Any
) -> None:
    """As JSON:API has them, or OData."""
    api = issues(tmp_path, {"dialect": "odata"}, sort=SORT)

    assert api.get("/issues", None, params={"sort": sort}).json() == ids


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"dialect": "sql"}, "sql"),
        ({"dialect": "lucene", "words": ["titel"]}, "titel"),
        ({"dialect": "lucene", "fields": {"is": "stat"}}, "stat"),
        (
            {"dialect": "lucene", "fields": {"is": "lookup('x', id)"}},
            "unknown-collection",
        ),
        ({"dialect": "lucene", "joined_by": "xor"}, "xor"),
        ({"dialect": "odata", "refuse": "not_found"}, "not_found"),
    ],
)
def test_what_no_query_has_is_refused(
    tmp_path: Path, query: dict[str, Any], said: str
) -> None:
    """A spec that asks for it does not load."""
    with pytest.raises(SpecError, match=said):
        issues(tmp_path, query)
