"""Misread: expressions before `validate` that cannot do with what a call says."""

from __future__ import annotations

from typing import Any

import pytest
from small import BODIES, small

NUMBER = {"type": "integer", "minimum": 1}
PATHS = {
    "/orders/{shop}": {
        "post": {
            "operationId": "order",
            "parameters": [
                {"name": "shop", "in": "path", "required": True, "schema": {}},
                {"name": "page", "in": "query", "schema": NUMBER},
                {"name": "X-Many", "in": "header", "required": True, "schema": NUMBER},
            ],
            "requestBody": {
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "properties": {"size": NUMBER, "note": {"type": "string"}},
                            "required": ["size"],
                        }
                    }
                }
            },
            "responses": {"200": {"description": "Ordered"}},
        }
    }
}
CHECKS = {
    "a parameter": "(query.page or 1) * 10 <= 100",
    "a header": "header['X-Many'] - 1 < 100",
    "a member": "body.size * 10 <= 100",
    "a definition": "cost < 100",
}
WRONG: list[tuple[str, dict[str, str], Any, int]] = [
    ("?page=twelve", {"X-Many": "1"}, {"size": 1}, 422),
    ("?page=%ff", {"X-Many": "1"}, {"size": 1}, 400),
    ("", {"X-Many": "many"}, {"size": 1}, 422),
    ("", {}, {"size": 1}, 422),
    ("", {"X-Many": "1"}, {"size": "big"}, 422),
    ("", {"X-Many": "1"}, {"size": [{}]}, 422),
    ("", {"X-Many": "1"}, {}, 422),
    ("", {"X-Many": "1"}, [7], 400),
    ("?page=twelve", {"X-Many": "many"}, {"size": "big"}, 422),
]
LET = {"cost": "(query.page or 1) * header['X-Many'] * body.size"}


def shop(folder: Any, **written: Any) -> Any:
    behavior = {"let": LET, **written}
    operations = {"order": behavior.pop("operation", {"reply": {"body": {}}})}
    table = {**BODIES, "too_much": {"status": 403}, "rate_limited": {"status": 429}}
    table["invalid_path"] = {"status": 404}
    if "rate_limits" not in written:
        del table["rate_limited"]
    if "requires" not in operations["order"]:
        del table["too_much"]
    return small(folder, PATHS, operations, table=table, **behavior)


def answer(api: Any, query: str, headers: Any, body: Any) -> tuple[int, Any]:
    reply = api.call("POST", f"/orders/1{query}", None, headers=headers, json=body)
    return reply.status_code, reply.json()


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_call_that_is_wrong_by_its_schema_is_refused_as_such(
    tmp_path: Any, check: str
) -> None:
    """As it is without the condition that cannot calculate with it."""
    own = {"requires": [{"check": check, "refuse": "too_much"}], "reply": {"body": {}}}
    api, plain = shop(tmp_path / "a", operation=own), shop(tmp_path / "b")

    for call in WRONG:
        assert answer(api, *call[:3]) == answer(plain, *call[:3])
        assert answer(api, *call[:3])[0] == call[3]
    assert answer(api, "", {"X-Many": "1"}, {"size": 1})[0] == 200
    assert answer(api, "?page=100", {"X-Many": "101"}, {"size": 11})[0] == 403


def test_a_limit_whose_cost_cannot_be_told_charges_nothing(tmp_path: Any) -> None:
    limit = {"quota": 4, "window": "1m", "per": "ip", "cost": "cost"}
    api, plain = shop(tmp_path / "a", rate_limits=[limit]), shop(tmp_path / "b")

    for call in WRONG:
        assert answer(api, *call[:3]) == answer(plain, *call[:3])
    # The query that cannot be read was taken for none, and has cost 1.
    costly = "?page=3", {"X-Many": "1"}, {"size": 1}
    assert [answer(api, *costly)[0], answer(api, *costly)[0]] == [200, 429]


def test_the_journal_says_which_expression_that_was(tmp_path: Any) -> None:
    check = {"check": CHECKS["a parameter"], "refuse": "too_much"}
    api = shop(tmp_path, operation={"requires": [check], "reply": {"body": {}}})
    answer(api, "?page=twelve", {"X-Many": "1"}, {"size": 1})

    journal = api.client.get("/_emulator/worlds/default/journal").json()
    entry = journal[-1]
    assert (entry["refused_by"], entry["refusal"]) == ("validate", "invalid_request")
    told = api.client.get(f"/_emulator/worlds/default/journal/{entry['id']}").json()
    decisions = [(row["step"], row["decision"]) for row in told["steps"]]
    at = decisions.index(
        (
            "authorize",
            "an expression cannot do with what the call says: a text is not a number",
        )
    )
    assert decisions[at + 1] == (
        "validate",
        "refused with invalid_request: page breaks type",
    )


def test_a_mistake_of_the_spec_is_told_as_one(tmp_path: Any) -> None:
    """A call that is right is not refused for an expression that is not."""
    check = {"check": "query.page and 9 / (query.page - 1)", "refuse": "too_much"}
    api = shop(tmp_path, operation={"requires": [check], "reply": {"body": {}}})

    status, told = answer(api, "?page=1", {"X-Many": "1"}, {"size": 1})
    assert (status, told["title"]) == (500, "spec error")
    assert answer(api, "?page=1", {"X-Many": "x"}, {"size": 1})[0] == 422
