"""Several schemes that prove one record, claims meant for others, and what is shown."""

from __future__ import annotations

import base64

import pytest
from tiny import Tiny

from emulator.program.credentials import credentials


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


def test_one_record_is_proved_by_all_that_is_sent() -> None:
    """Also where another record shares the first of the fields."""
    doors = Tiny("doors")
    people = doors.world.collections(doors.program)["people"]
    people.put({"id": 9, "name": "eve too", "username": "eve", "password": "second"})

    first = doors.json("/password", headers={"Authorization": basic("eve:o:p en")})
    second = doors.json("/password", headers={"Authorization": basic("eve:second")})
    mixed = doors.status("/password", headers={"Authorization": basic("eve:pässword")})

    assert (first, second, mixed) == ({"caller": "eve"}, {"caller": "eve too"}, 401)


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Bearer t-hal", 200), ("Digest x", 200), ("Basic ?", 400), (basic("eve:x"), 401)],
)
def test_where_nothing_is_asked_another_scheme_is_no_claim(
    authorization: str, status: int
) -> None:
    """A claim of the own scheme is one, and has to be right."""
    answer = Tiny("doors").get("/welcome", headers={"Authorization": authorization})

    assert answer.status_code == status


def test_a_credential_shows_what_belongs_to_it() -> None:
    """What is sent is there anyway, and is not replaced."""
    show = {"team_name": "${'team ' + team}", "value": "nothing"}
    doors = Tiny("doors", {"authentication.schemes.Password.show": show})
    found = {
        credential["name"]: credential for credential in credentials(doors.program)
    }

    assert (found["eve"]["team_name"], found["gus"]["team_name"]) == (
        "team red",
        "team blue",
    )
    assert found["eve"]["value"] == "eve"
    assert "team_name" not in found["ada"]
