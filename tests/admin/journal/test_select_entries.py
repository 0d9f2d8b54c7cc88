"""The entries that somebody wants to see."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

from emulator.admin.journal.question import BadQuestion
from emulator.admin.journal.select import select


@pytest.fixture
def doors() -> Tiny:
    """Six calls, of which two are let in."""
    made = Tiny("doors")
    made.get("/open")
    made.get("/header", headers={"X-Key": "k-ada"})
    made.get("/header", headers={"X-Key": "k-nobody"})
    made.clock.advance(60)
    made.get("/header", headers={"X-Key": "k-cy"})
    made.get("/header")
    made.get("/nowhere")
    return made


def chosen(doors: Tiny, **filters: Any) -> list[int]:
    programs = {"doors": doors.program}
    return [one.id for one in select(doors.world.journal, programs, **filters)]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"provider": "doors", "limit": 2}, [5, 6]),
        ({"operation": "header"}, [2, 3, 4, 5]),
        ({"operation": "header", "limit": 1}, [5]),
        ({"status": 401}, [3, 5]),
        ({"status": "401"}, [3, 5]),
        ({"status": "4xx"}, [3, 4, 5, 6]),
        ({"refused_by": "authenticate"}, [3, 4]),
        ({"refused_by": "none"}, [1, 2]),
        ({"credential": "ada"}, [2]),
        ({"credential": "unknown"}, [3]),
        ({"credential": "none"}, [1, 5, 6]),
        ({"since": 4}, [5, 6]),
        ({"since": "4"}, [5, 6]),
        ({"since": "2026-03-02T10:01:00Z"}, [4, 5, 6]),
        ({"since": 4, "operation": "header", "status": "4xx"}, [5]),
    ],
    ids=str,
)
def test_filters_all_hold_together(
    filters: dict[str, Any], ids: list[int], doors: Tiny
) -> None:
    """The latest ones are kept, and the oldest stands first."""
    assert chosen(doors, **filters) == ids


def test_a_wrong_filter_is_told_with_all_others(doors: Tiny) -> None:
    """What was probably meant stands beside it."""
    with pytest.raises(BadQuestion) as caught:
        chosen(doors, provider="door", status="4x", refused_by="lock", limit=0)

    assert caught.value.problems == [
        {
            "pointer": "/provider",
            "detail": "there is no provider 'door': did you mean 'doors'?",
        },
        {
            "pointer": "/status",
            "detail": "'4x' is not a status such as 404, or a class of them such as"
            " '4xx'",
        },
        {
            "pointer": "/refused_by",
            "detail": "there is no step 'lock': did you mean 'lockout'?",
        },
        {"pointer": "/limit", "detail": "0 is not a whole number from 1"},
    ]
