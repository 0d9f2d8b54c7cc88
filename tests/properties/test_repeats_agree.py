"""Repeated calls agree with a dictionary of keys and replies."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import orjson
from front_door import Api
from hypothesis import given, settings
from hypothesis import strategies as st
from twice import TABLE, api

from emulator.exchange.call import Call

LASTS, TAKES = 60, 2


class Asked(NamedTuple):
    """One call of `add`, some time after the one before."""

    after: int
    key: str
    caller: str
    name: str
    delay: int


CALLS = st.lists(
    st.builds(
        Asked,
        after=st.sampled_from([0, 1, 2, 3, 30, 60, 61]),
        key=st.sampled_from(["", "k-1", "k-2"]),
        caller=st.sampled_from(["full", "other"]),
        name=st.sampled_from(["a", "b", "too long a name"]),
        delay=st.sampled_from([0, 0, 0, 3]),
    ),
    max_size=25,
)


class Model:
    """What the replies ought to be: a dictionary, and nothing else."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Any] = {}
        self.now = self.things = 0

    def reply(self, call: Asked) -> tuple[int, int | None]:
        """The status, and which thing it is about."""
        self.now += call.after
        place = call.caller, call.key
        kept = self.kept.get(place) if call.key else None
        if kept is not None and self.now >= max(kept["over"], kept["until"]):
            kept = None
        if kept is not None:
            if kept["name"] != call.name:
                return 400, None
            if self.now < kept["over"]:
                return 409, None
            return 201, kept["thing"]
        bad = call.name.startswith("too")
        over = self.now + TAKES + call.delay
        if not bad:
            self.things += 1
        if call.key:
            until = over if bad else max(over, self.now + LASTS)
            self.kept[place] = {"name": call.name, "thing": self.things, "over": over,
                                "until": until}  # fmt: skip
        return (422, None) if bad else (201, self.things)


@settings(max_examples=60)
@given(CALLS)
def test_repeats_agree_with_a_dictionary(calls: list[Asked]) -> None:
    """Each call is done once, is refused, or gets the reply that its key has."""
    with TemporaryDirectory() as folder:
        made = provider(Path(folder))
    model = Model()
    for call in calls:
        made.clock.advance(call.after)
        assert answer(made, call) == model.reply(call)


def provider(folder: Path) -> Api:
    rules = {"status": 422, "code": "wrong"}
    return api(
        folder,
        {"for": f"{LASTS}s", "takes": f"{TAKES}s"},
        table={**TABLE, "invalid_request": rules},
    )


def answer(made: Api, call: Asked) -> tuple[int, int | None]:
    """What comes of *call*, without a wait for what is delayed."""
    lines = {
        **made.credentials[call.caller]["headers"],
        "Content-Type": "application/json",
    }
    if call.key:
        lines["Idempotency-Key"] = call.key
    if call.delay:
        lines["X-Emulator-Fault"] = f"delay={call.delay}s"
    reply = made.board.answer(
        Call(
            method="POST",
            path=f"{made.root}/things",
            raw_headers=[
                (name.lower().encode(), text.encode()) for name, text in lines.items()
            ],
            body=orjson.dumps({"name": call.name}),
        )
    )
    return reply.status, orjson.loads(reply.body).get("id")
