"""States: which moves a record makes, by calls and by time, and what refuses the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from notes import STATES, notes, pass_by, status, told

from emulator.cli.explain import text
from emulator.diagnostics import SpecError
from emulator.explanation.explain import explain
from emulator.times import SECOND


def test_a_call_makes_a_move(tmp_path: Path) -> None:
    """What the provider says of the move, it says to whoever has subscribed."""
    api = notes(tmp_path)
    api.post("/notes", None, json={})

    reply = api.post("/notes/1/cancel", None)

    assert (reply.status_code, reply.json()["status"]) == (200, "canceled")
    assert told(api) == [("note.canceled", {"is": "canceled", "by": "cancel"})]


def test_a_wrong_move_is_refused_with_facts(tmp_path: Path) -> None:
    api = notes(tmp_path)
    api.post("/notes", None, json={})
    api.post("/notes/1/cancel", None)

    reply = api.post("/notes/1/cancel", None)

    assert reply.status_code == 409
    assert reply.json() == {"state": "canceled", "move": "cancel", "allowed": []}


def test_a_wrong_move_can_be_forced(tmp_path: Path) -> None:
    """Byte for byte as where it comes about, and nothing is changed."""
    api = notes(tmp_path)
    api.post("/notes", None, json={})

    reply = api.post(
        "/notes/1/cancel", None, headers={"x-emulator-refuse": "wrong_state"}
    )

    assert reply.status_code == 409
    assert status(api, 1) == "queued"


def test_an_update_that_changes_the_state_is_a_move(tmp_path: Path) -> None:
    """It cannot go past the machine: where no call may lead, it is refused."""
    api = notes(tmp_path)
    api.post("/notes", None, json={})

    wrong = api.call("PATCH", "/notes/1", None, json={"status": "delivered"})
    right = api.call("PATCH", "/notes/1", None, json={"status": "canceled"})

    assert wrong.json() == {
        "state": "queued",
        "move": "delivered",
        "allowed": ["cancel"],
    }
    assert (right.status_code, right.json()["status"]) == (200, "canceled")
    assert [event for event, _ in told(api)] == ["note.canceled"]


def test_a_free_state_is_what_an_update_says(tmp_path: Path) -> None:
    api = notes(tmp_path, {**STATES, "free": True})
    api.post("/notes", None, json={})

    reply = api.call("PATCH", "/notes/1", None, json={"status": "odd"})

    assert reply.json()["status"] == "odd"


def test_time_moves_records_at_their_own_time(tmp_path: Path) -> None:
    """However late anybody asks, each move is of its moment, and so is its message."""
    api = notes(tmp_path)
    begun = api.clock.now()
    api.post("/notes", None, json={})
    api.post("/notes", None, json={"bad": True})
    assert status(api, 1) == "queued"

    pass_by(api, 2)
    assert status(api, 1) == "sent"
    pass_by(api, 100)

    assert (status(api, 1), status(api, 2)) == ("delivered", "failed")
    sent = [each.next_at for each in api.world.outbox]
    assert sent == [begun + 2 * SECOND] * 2
    assert api.get("/notes/1", None).json()["sent_at"] == told(api)[0][1]["at"]


def test_what_left_the_state_is_not_moved(tmp_path: Path) -> None:
    api = notes(tmp_path)
    api.post("/notes", None, json={})
    api.post("/notes/1/cancel", None)
    pass_by(api, 60)

    assert status(api, 1) == "canceled"
    assert [event for event, _ in told(api)] == ["note.canceled"]


def test_records_of_fixtures_count_from_the_beginning(tmp_path: Path) -> None:
    api = notes(tmp_path, fixtures={"notes": [{"id": 5, "status": "queued"}]})
    pass_by(api, 2)
    assert status(api, 5) == "sent"


def test_forks_and_snapshots_have_their_own_time(tmp_path: Path) -> None:
    """A state that has begun goes on in a copy, at the same moment."""
    api = notes(tmp_path)
    api.post("/notes", None, json={})
    admin = api.client
    pass_by(api, 1)
    taken = admin.get("/_emulator/worlds/default/snapshot").content
    pass_by(api, 10)
    assert status(api, 1) == "failed" or status(api, 1) == "delivered"

    admin.put(
        "/_emulator/worlds/default/snapshot",
        content=taken,
        headers={"content-type": "application/vnd.emulator.snapshot+json"},
    )

    assert status(api, 1) == "queued"
    pass_by(api, 1)
    assert status(api, 1) == "sent"


def test_the_clock_stops_at_each_move(tmp_path: Path) -> None:
    """The admin API lists the moves to come, and leaps to the next one."""
    api = notes(tmp_path)
    api.post("/notes", None, json={})
    listed = api.client.get("/_emulator/worlds/default/clock").json()["events"]
    assert [
        (event["kind"], event["what"]) for event in listed if event["kind"] == "move"
    ] == [("move", "notes 1 leaves queued")]

    api.client.patch("/_emulator/worlds/default/clock", json={"next": "move"})
    shown = api.client.get("/_emulator/worlds/default/records/small/notes/1").json()

    assert shown["status"] == "sent"


def test_explain_draws_the_states(tmp_path: Path) -> None:
    """From each state, where calls and time lead."""
    api = notes(tmp_path)

    drawn = text(explain(api.program, api.program.operations["cancel"]))

    _, _, table = drawn.partition("states of notes, in 'status':\n")
    rows = [line.split() for line in table.split("\n\n")[0].splitlines()]
    assert rows == [
        ["STATE", "MOVE"],
        ["*", "queued", "->", "sent", "send", "after", "2", "s"],
        ["->", "canceled", "cancel"],
        ["sent", "->", "delivered", "deliver", "after", "3", "s,", "if", "its", "`when`", "holds"],
        ["->", "failed", "fail", "after", "4", "s"],
        ["delivered"],
        ["failed"],
        ["canceled"],
    ]  # fmt: skip


def test_states_without_a_move_are_told(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as error:
        notes(tmp_path, {**STATES, "moves": {}})

    told = {each.code: each for each in error.value.diagnostics}
    assert told["wrong-form"].what == "collections.notes.states.moves is empty"
    assert told["wrong-form"].fix == "write 1 member at least"


def test_nobody_puts_a_record_into_a_state_that_there_is_not(tmp_path: Path) -> None:
    """Behind the provider's back, either."""
    api = notes(tmp_path)
    address = "/_emulator/worlds/default/records/small/notes/1"

    wrong = api.client.put(address, json={"status": "lost"})
    right = api.client.put(address, json={"status": "sent"})

    assert (wrong.status_code, right.status_code) == (422, 201)
    assert "'lost', which is no state" in wrong.text
    pass_by(api, 3)
    assert status(api, 1) == "delivered"


def test_what_time_does_asks_nothing_of_a_call(tmp_path: Path) -> None:
    """Neither itself nor by a name of `let` that does."""
    late = {**STATES["moves"]["send"], "set": {"sent_at": "${wanted}"}}
    states = {**STATES, "moves": {**STATES["moves"], "send": late}}
    with pytest.raises(SpecError) as error:
        notes(tmp_path, states, let={"wanted": "body.status"})

    assert "not-yet-known" in [each.code for each in error.value.diagnostics]
