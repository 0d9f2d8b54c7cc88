"""Records put into a world from outside: what it could not show is refused, with the reason."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest
from asking import ask

from emulator.admin.admin import Admin
from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.world.world import World

JOBS = "/worlds/default/records/jobriver/jobs"


@pytest.fixture
def admin(programs: dict[str, Program]) -> Admin:
    return Admin(Dispatcher(programs, World()))


def record(admin: Admin, **changes: Any) -> dict[str, Any]:
    status, found = ask(admin, "GET", f"{JOBS}/123")
    assert status == 200
    return {**found, **changes}


def refused(admin: Admin, sent: dict[str, Any]) -> list[dict[str, Any]]:
    """What is wrong with a record, after which the old one is still there."""
    before = record(admin)
    status, problem = ask(admin, "PUT", f"{JOBS}/123", sent)
    assert (status, problem["title"]) == (422, "invalid request")
    assert record(admin) == before
    errors: list[dict[str, Any]] = problem["errors"]
    return errors


def test_a_field_that_there_is_not(admin: Admin) -> None:
    """Each is named, by a pointer (RFC 6901), with the field that it may be meant for."""
    sent = record(admin) | {"titles": "Cook", "a/b": 1}
    assert refused(admin, sent) == [
        {
            "pointer": "/titles",
            "detail": "records of jobs have no field 'titles': did you mean 'title'?",
        },
        {"pointer": "/a~1b", "detail": ANY},
    ]


def test_a_key_other_than_that_of_the_address(admin: Admin) -> None:
    """True and 1.0 are not 1, and a record is not moved to another key."""
    for other in (124, "123", 123.0):
        assert refused(admin, record(admin, id=other)) == [
            {
                "pointer": "/id",
                "detail": "the address names the record 123, and the body another one",
            }
        ]


def test_a_value_that_no_view_could_show(admin: Admin) -> None:
    """The rule that it would break is that of the provider's document."""
    assert refused(admin, record(admin, title=7)) == [
        {
            "pointer": "",
            "detail": 'shown as job, title breaks the rule type (["string"])',
        }
    ]


def test_what_is_taken_is_shown_with_null_for_what_it_lacks(admin: Admin) -> None:
    """A record may be new, or replace one."""
    whole = record(admin)
    assert ask(admin, "PUT", f"{JOBS}/123", whole) == (200, whole)
    new = {**whole, "id": 99_001, "slug": "another"}
    assert ask(admin, "PUT", f"{JOBS}/99001", new) == (201, new)
    assert ask(admin, "GET", f"{JOBS}/99001") == (200, new)
