"""A world answers as if it were alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tiny import START, Tiny

from emulator.exchange.call import Call
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

CALLS: list[tuple[str, str, bytes, dict[str, str]]] = [
    ("GET", "/books", b"", {}),
    ("GET", "/books/1", b"", {}),
    ("GET", "/books/5", b"", {}),
    ("POST", "/books", b'{"title": "Stones"}', {}),
    ("POST", "/books", b'{"title": "New", "author_id": 1}', {}),
    ("PATCH", "/books/1", b'{"price": 7}', {}),
    ("PATCH", "/authors/1", b'{"name": "Changed"}', {}),
    ("DELETE", "/books/1", b"", {}),
    ("DELETE", "/authors/1", b"", {}),
    ("POST", "/sales", b'{"books": [1, 2, 3]}', {}),
    ("POST", "/tickets", b"{}", {}),
    ("GET", "/notes", b"", {"x-key": "k-ada"}),
    ("POST", "/notes", b'{"text": "x"}', {"x-key": "k-ada"}),
    ("POST", "/notes", b'{"pinned": true}', {"x-key": "k-ada"}),
    ("GET", "/notes", b"", {"x-key": "k-nobody"}),
]
TRAFFIC = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, len(CALLS))), max_size=40
)


def fresh() -> Tiny:
    return Tiny("shelf", world=World(clock=Clock(micros(START), frozen=True)))


def one_step(shelf: Tiny, number: int) -> Any:
    """Send one of the calls, or let a minute pass."""
    if number == len(CALLS):
        shelf.clock.advance(60)
        return None
    method, path, body, headers = CALLS[number]
    sent = {"content-type": "application/json", **headers}
    reply = shelf.board.answer(
        Call(
            method=method,
            path=f"/shelf{path}",
            body=body,
            raw_headers=[(k.encode(), v.encode()) for k, v in sent.items()],
        )
    )
    assert reply.status < 500
    return reply.status, reply.headers, reply.body


@given(TRAFFIC)
def test_traffic_in_other_worlds_changes_nothing(
    traffic: list[tuple[str, int]],
) -> None:
    """Worlds of one program, called in turns, answer each as it would alone."""
    worlds = {name: fresh() for name in "abc"}
    together = [(name, one_step(worlds[name], number)) for name, number in traffic]

    for name in "abc":
        alone = fresh()
        replies = [one_step(alone, number) for to, number in traffic if to == name]
        assert [reply for to, reply in together if to == name] == replies
