"""Logins: what proves a caller, and what other records call that caller."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from small import small

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report

PEOPLE = {
    "records": [
        {"id": 1, "name": "full", "login": "octocat", "password": "hush-hush-1"},
        {"id": 2, "name": "other", "login": "hubot", "password": "hush-hush-2"},
    ]
}
PARCELS = {"records": [{"id": 1, "owner": "octocat"}, {"id": 2, "owner": "hubot"}]}
TABLE = {
    "credential_missing": {"status": 401},
    "credential_unknown": {"status": 401},
    "credential_malformed": {"status": 400},
}
MINE = "[parcel.id for parcel in records('parcels', owner=caller.login)]"


def api(
    folder: Path, scheme: Any, described: Any, people: Any, references: Any = None
) -> Api:
    declared = {"references": references} if references else {}
    return small(
        folder,
        {"/mine": {"get": {"operationId": "mine", "security": [{"Who": []}]}}},
        {"mine": {"reply": {"body": f"${{{MINE}}}"}}},
        openapi={"components": {"securitySchemes": {"Who": described}}},
        table=TABLE
        if described["type"] == "http"
        else {k: v for k, v in TABLE.items() if k != "credential_malformed"},
        fixtures={"people": people, "parcels": PARCELS},
        collections={"people": {}, "parcels": declared},
        authentication={"schemes": {"Who": {"credentials": "people", **scheme}}},
    )


def warned(folder: Path) -> list[str]:
    report = Report()
    load(Place(folder / "small", folder / "small" / "fixtures"), None, report)
    return [diagnostic.code for diagnostic in report.diagnostics]


BASIC = {"type": "http", "scheme": "basic"}
HEADER = {"type": "apiKey", "in": "header", "name": "X-Login"}
REFERS = {"owner": {"to": "people", "by": "login"}}


@pytest.mark.parametrize("references", [None, REFERS])
def test_a_login_is_the_same_in_every_world(tmp_path: Path, references: Any) -> None:
    """Its password leads to the world, and is the world's own."""
    provider = api(tmp_path, {"field": "login"}, BASIC, PEOPLE, references)
    world = provider.board.worlds.create("w1")
    first = provider.board.worlds.credentials(world, "small")[0]

    reply = provider.get("/mine", None, headers=first["headers"])

    assert first["login"] == "octocat"
    assert first["password"] != "hush-hush-1"
    assert (reply.json(), len(world.journal)) == ([1], 1)
    assert warned(tmp_path) == []


def test_a_user_without_a_password_is_a_secret(tmp_path: Path) -> None:
    """As with keys that are sent as the user of Basic, and nothing after the colon."""
    people = [{**record, "password": ""} for record in PEOPLE["records"]]
    provider = api(tmp_path, {"field": "login"}, BASIC, {"records": people}, REFERS)
    world = provider.board.worlds.create("w1")
    first = provider.board.worlds.credentials(world, "small")[0]

    reply = provider.get("/mine", None, headers=first["headers"])

    assert first["login"] != "octocat"
    assert (reply.json(), len(world.journal)) == ([1], 1)


def test_what_is_declared_to_refer_to_a_secret_is_minted_with_it(
    tmp_path: Path,
) -> None:
    provider = api(tmp_path, {"field": "login"}, HEADER, PEOPLE, REFERS)
    world = provider.board.worlds.create("w1")
    first = provider.board.worlds.credentials(world, "small")[0]

    reply = provider.get("/mine", None, headers=first["headers"])

    assert first["value"] != "octocat"
    assert (reply.json(), len(world.journal)) == ([1], 1)
    assert warned(tmp_path) == []


def test_what_only_happens_to_be_the_same_is_warned_of(tmp_path: Path) -> None:
    api(tmp_path, {"field": "login"}, HEADER, PEOPLE)

    assert warned(tmp_path) == ["minted-reference"]
