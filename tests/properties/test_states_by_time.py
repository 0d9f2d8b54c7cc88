"""States that calls and time change agree with a model that looks at every half second."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from notes import STATES, notes, pass_by, told

TIMED = [("queued", 4, "sent", True), ("sent", 6, "delivered", False), ("sent", 8, "failed", True)]  # fmt: skip
"""From, half seconds, to; and whether it is made of a bad note."""
STEP = st.one_of(
    st.tuples(st.just("create"), st.booleans()),
    st.tuples(st.just("cancel"), st.integers(1, 4)),
    st.tuples(st.just("patch"), st.integers(1, 4), st.sampled_from(["queued", "sent", "canceled"])),
    st.tuples(st.just("pass"), st.integers(1, 30)),
)  # fmt: skip


class Model:
    """Each note with its state and how long it has been there."""

    def __init__(self) -> None:
        self.notes: list[dict[str, Any]] = []
        self.told: list[str] = []

    def move(self, id: int, to: str) -> int:
        if id > len(self.notes):
            return 404
        note = self.notes[id - 1]
        if note["state"] == to and to != "canceled":
            return 200
        if note["state"] != "queued" or to != "canceled":
            return 409
        note.update(state=to, since=0)
        self.told.append("note.canceled")
        return 200

    def tick(self) -> None:
        for note in self.notes:
            note["since"] += 1
            for state, wait, to, of_bad in TIMED:
                if (note["state"], note["since"]) == (state, wait):
                    if note["bad"] and not of_bad:
                        continue
                    note.update(state=to, since=0)
                    if to == "sent":
                        self.told.append("note.sent")
                    break


@given(st.lists(STEP, max_size=12))
@settings(max_examples=60, deadline=None)
def test_states_are_those_of_the_model(steps: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        api, model = notes(Path(folder), STATES), Model()
        for kind, *about in steps:
            if kind == "create":
                api.post("/notes", None, json={"bad": about[0]})
                model.notes.append({"state": "queued", "since": 0, "bad": about[0]})
            elif kind == "cancel":
                wanted = api.post(f"/notes/{about[0]}/cancel", None).status_code
                assert wanted == model.move(about[0], "canceled")
            elif kind == "patch":
                id, state = about
                if len(model.notes) >= id and model.notes[id - 1]["state"] == state:
                    continue  # nothing is to change
                sent = {"json": {"status": state}}
                status = api.call("PATCH", f"/notes/{id}", None, **sent).status_code
                assert status == model.move(id, state)
            else:
                pass_by(api, about[0] / 2)
                for _ in range(about[0]):
                    model.tick()
        held = [
            api.get(f"/notes/{at + 1}", None).json()["status"]
            for at, _ in enumerate(model.notes)
        ]
        api.get("/notes/1", None)
        assert held == [note["state"] for note in model.notes]
        assert sorted(event for event, _ in told(api)) == sorted(model.told)
