"""`POST /worlds/{world}/fork` with `at` or `before`: a world as it was at an exchange."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

import pytest
from asking import ask
from tiny import START, program

from emulator.admin import retrace
from emulator.admin.admin import Admin
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.reload import reload
from emulator.exchange.call import Call
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.fault import Fault

Json = Any
NOTE = {"text": "x"}


class Side:
    """The shelf, and doors beside it, in the world `default`, which is asked by hand."""

    def __init__(self, clock: Clock | None = None, **settings: Any) -> None:
        chosen = Settings(**{"log_format": "none", "port": 0, **settings})
        clock = clock or Clock(micros(START), frozen=True)
        programs = {name: program(name) for name in ("shelf", "doors")}
        self.board = Dispatcher(programs, None, chosen)
        self.board.world.clock = clock
        self.board.world.began = clock.now()
        self.world = self.board.world
        self.admin = Admin(self.board)

    def call(
        self, method: str, path: str, sent: Json = None, **headers: str
    ) -> tuple[int, Json]:
        """Call the shelf, as `ada`."""
        body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
        lines = {"x_key": "k-ada", "content_type": "application/json", **headers}
        reply = self.board.answer(
            Call(
                method,
                f"/shelf{path}",
                raw_headers=[
                    (name.replace("_", "-").encode(), text.encode())
                    for name, text in lines.items()
                ],
                body=b"" if sent is None else body,
                base_url="http://emulator.test",
            )
        )
        is_json = reply.body[:1] in (b"{", b"[")
        return reply.status, json.loads(reply.body) if is_json else None

    def fork(self, **wanted: Json) -> tuple[int, Json]:
        return ask(self.admin, "POST", "/worlds/default/fork", wanted)

    def refused(self, **wanted: Json) -> str:
        """Why no such state can be forked."""
        status, problem = self.fork(**wanted)
        assert (status, problem["title"]) == (409, "no such state"), problem
        assert problem["fix"] == "fork it as it is now, or reset it and do it again"
        start = "the world 'default' cannot be brought about as it was then: "
        return str(problem["detail"]).removeprefix(start)

    def notes(self, world: str = "default") -> int:
        path = f"/worlds/{world}/records/shelf/notes"
        return len(ask(self.admin, "GET", path)[1])


def test_the_world_of_then_goes_on_by_itself() -> None:
    """With the time of the exchange, other secrets, and an empty journal."""
    side = Side()
    for _ in range(3):
        assert side.call("POST", "/notes", NOTE)[0] == 201
        side.world.clock.advance(10)
    had = side.notes()

    status, after = side.fork(at=2, id="after")
    before = side.fork(before=2)[1]

    assert status == 201
    assert (side.notes("after"), side.notes(before["id"])) == (had - 1, had - 2)
    assert after["clock"]["now"] == before["clock"]["now"] == "2026-03-02T10:00:10Z"
    assert len(side.board.worlds["after"].journal) == 0
    key = after["providers"]["shelf"]["credentials"]["ada"]["headers"]["X-Key"]
    assert key != "k-ada"
    assert side.call("POST", "/notes", NOTE, x_key=key)[0] == 201
    assert (side.notes("after"), side.notes()) == (had, had)


def test_a_fork_of_then_can_be_forked_at_its_own_exchanges() -> None:
    side = Side()
    for _ in range(2):
        side.call("POST", "/notes", NOTE)
    made = side.fork(at=1)[1]
    key = made["providers"]["shelf"]["credentials"]["ada"]["headers"]["X-Key"]
    for _ in range(2):
        side.call("POST", "/notes", NOTE, x_key=key)

    twin = ask(side.admin, "POST", f"/worlds/{made['id']}/fork", {"before": 2})[1]

    assert side.notes(twin["id"]) == side.notes() == side.notes(made["id"]) - 1


def test_a_clock_that_runs_runs_on_from_then() -> None:
    """What was asked of the admin API had one time, which it is given again."""
    side = Side(Clock(micros(START)))
    rule = {"provider": "shelf", "fault": "gateway=503", "until": "10s"}
    assert ask(side.admin, "POST", "/worlds/default/faults", rule)[0] == 201
    assert side.call("GET", "/books") == (503, None)
    side.world.clock.advance(11)
    assert side.call("GET", "/books")[0] == 200

    made = side.fork(at=1)[1]
    twin = side.board.worlds[made["id"]]

    assert made["clock"]["frozen"] is False
    assert micros(START) <= twin.clock.now() < micros(START + 11)
    (then,) = twin.faults.listed(twin.clock.now())
    assert then.ends - micros(START + 10) < 1_000_000


@pytest.mark.parametrize(
    ("method", "path", "sent", "headers"),
    [
        ("POST", "/notes", gzip.compress(b'{"text": "x"}', mtime=0), {"content_encoding": "gzip"}),
        ("POST", "/notes", b'{"text": ', {}),
        ("PATCH", "/books/1", {"price": 7}, {"x_emulator_world": "default"}),
        ("GET", "/books?page=\xe9", None, {"x_emulator_fault": "delay=1ms-9s"}),
        ("BREW", "/nowhere", None, {"x_key": "k-nobody"}),
    ],
)  # fmt: skip
def test_calls_of_any_kind_come_out_the_same(
    method: str, path: str, sent: Json, headers: Mapping[str, str]
) -> None:
    side = Side()
    side.call(method, path, sent, **headers)

    assert side.fork(at=1)[0] == 201
    assert side.fork(before=1)[0] == 201


def test_calls_that_stubs_answered_come_out_the_same() -> None:
    """At a provider's address and at a host that no provider has."""
    side = Side()
    for stub in (
        {"method": "GET", "path": "/shelf/books", "reply": {"status": 418}},
        {"method": "GET", "path": "/x", "host": "api.test", "reply": {"json": {}}},
    ):
        assert ask(side.admin, "POST", "/worlds/default/stubs", stub)[0] == 201
    assert side.call("GET", "/books")[0] == 418
    host = [(b"host", b"api.test")]
    call = Call("GET", "/x", raw_headers=host, base_url="http://api.test")
    assert side.board.answer(call).status == 200

    assert side.fork(at=2)[0] == 201


def test_what_the_journal_no_longer_has_cannot_be_forked() -> None:
    side = Side(journal_entries=2)
    for _ in range(3):
        side.call("GET", "/books")

    gone = "exchanges 1 to 1 are no longer in the journal"
    assert side.refused(at=3) == side.refused(before=2) == gone
    assert side.fork(at=1) == (
        404,
        {
            "type": "about:blank",
            "title": "no such exchange",
            "status": 404,
            "detail": "the journal of 'default' has no exchange '1': it holds 2 to 3",
        },
    )
    assert ask(side.admin, "DELETE", "/worlds/default/journal")[0] == 204
    assert "it is empty" in side.fork(at=3)[1]["detail"]


def test_what_was_not_written_down_cannot_be_forked() -> None:
    """The exchanges before it can."""
    side = Side()
    rule = {"provider": "shelf", "fault": "delay=1ms", "calls": "2"}
    assert ask(side.admin, "POST", "/worlds/default/faults", rule)[0] == 201
    side.call("GET", "/books")
    assert side.call("GET", "/books", x_emulator_refuse="no_such_code")[0] == 400
    side.call("GET", "/books")

    assert side.refused(at=2) == (
        "after exchange 1, a call that could not be refused as it asked is not in the"
        " journal"
    )
    assert side.fork(at=1)[0] == 201


def test_more_acts_than_a_world_writes_down() -> None:
    side = Side()
    for number in range(1_001):
        note = {"owner": "ada", "text": str(number)}
        path = "/worlds/default/records/shelf/notes/9"
        assert ask(side.admin, "PUT", path, note)[0] < 300
    side.call("GET", "/books")

    assert side.refused(at=1) == (
        "after exchange 0, more was asked of the admin API than the world writes down"
    )


def test_a_body_that_was_too_long_to_be_kept() -> None:
    side = Side(journal_bytes=80_000)
    side.call("POST", "/notes", {"text": "x" * 20_000})

    assert side.refused(at=1).startswith(
        "the body of exchange 1 was too long to be kept"
    )
    assert side.fork(before=1)[0] == 201


def test_another_spec_answers_another_way() -> None:
    """What came before it was loaded is another world's, and what comes after is not."""
    side = Side()
    side.call("POST", "/notes", NOTE)
    reload(side.board, program("shelf", {"views.note.show.text": "'changed'"}))
    side.call("POST", "/notes", NOTE)

    assert side.refused(at=1) == (
        "the world 'default' began anew after exchange 1, when the spec of shelf was"
        " loaded anew"
    )
    assert side.fork(at=2)[0] == side.fork(before=2)[0] == 201


def test_a_world_that_was_changed_behind_its_back() -> None:
    """Each reply has to be the same: it is said which is not."""
    side = Side()
    side.world.collections(side.board.programs["shelf"])["books"].delete(1)
    side.call("GET", "/books/1")
    side.call("GET", "/books/2")

    assert (
        side.refused(at=2) == "exchange 1, asked again, is answered 200 instead of 404"
    )
    assert side.fork(before=1)[0] == 201  # nothing says that it is not the same


def test_work_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    side = Side()
    for _ in range(3):
        side.call("GET", "/books")
    monkeypatch.setattr(retrace, "MOST", 2)
    assert side.refused(at=3) == "3 calls and changes lead there; 2 are the most"
    assert side.fork(at=2)[0] == 201
    monkeypatch.setattr(retrace, "SECONDS", -1)
    monkeypatch.setattr(retrace, "_SLICE", -1)
    assert side.refused(at=2) == "to ask all again takes more than -1 s"


@pytest.mark.parametrize(
    ("wanted", "status", "says"),
    [
        (
            {"at": 1, "before": 1},
            422,
            "it has at and before, and one of them is enough",
        ),
        ({"at": 0}, 422, "less than the minimum of 1"),
        ({"at": "1"}, 422, "it is not of type"),
        ({"at": 99}, 404, "has no exchange '99': it holds 1 to 1"),
        ({"at": 1, "id": "default"}, 409, "there is a world 'default'"),
        ({"at": 1, "id": "-"}, 422, "does not match"),
        ({"after": 1}, 422, "use one of: at, before, id, pinned"),
    ],
)
def test_what_is_asked_wrongly_is_refused(wanted: Json, status: int, says: str) -> None:
    side = Side()
    side.call("GET", "/books")

    refused, problem = side.fork(**wanted)

    assert refused == status
    assert says in json.dumps(problem)


def test_a_world_of_then_keeps_what_a_world_keeps() -> None:
    """Faults with their counts, and what they draw next."""
    side = Side()
    rule = {"provider": "shelf", "fault": "delay=1s-9s", "probability": 0.5}
    assert ask(side.admin, "POST", "/worlds/default/faults", rule)[0] == 201
    for _ in range(4):
        side.call("GET", "/books")
    made = side.fork(at=4)[1]
    prefix = f"/@{made['id']}/shelf/books"
    base = "http://emulator.test"

    def drawn(path: str) -> list[tuple[Fault, ...]]:
        calls = [Call("GET", path, base_url=base) for _ in range(9)]
        return [side.board.answer(call).faults for call in calls]

    assert drawn(prefix) == drawn("/shelf/books")


def test_many_worlds_of_then_do_not_know_each_other() -> None:
    """Nothing of the trial is left behind, and the world itself is as it was."""
    side = Side()
    side.call("POST", "/notes", NOTE)
    kept = side.board.worlds.snapshot(side.world)
    for _ in range(3):
        assert side.fork(at=1)[0] == 201

    assert len(side.board.worlds) == 4
    assert side.board.worlds.snapshot(side.world) == kept
    assert len(side.world.journal) == 1
