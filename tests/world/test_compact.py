"""Records in little room: they are what they were, and take less of it."""

from __future__ import annotations

import sys
import tracemalloc
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from emulator.world.compact import Compact

VALUES = st.one_of(
    st.sampled_from([None, True, 1, 1.0, False, 0, "1", "", [1], {"k": True}]),
    st.integers(),
    st.text(max_size=3),
)
NAMES = st.one_of(st.sampled_from(["id", "x", "", "a b", "__class__"]), st.text())


def typed(value: Any) -> Any:
    """*value* so that true is not 1, and with the order of its members."""
    return repr(value)


@given(st.lists(st.dictionaries(NAMES, VALUES), max_size=30))
def test_a_compact_record_is_the_same(records: list[dict[str, Any]]) -> None:
    """Its members, their order and types; and it is a dict like any other."""
    compact = Compact()
    made = [compact(record) for record in records]

    assert [*map(typed, made)] == [*map(typed, records)]
    for record, same in zip(records, made, strict=True):
        assert type(same) is dict
        changed = {**same, "more": 1}
        same["more"] = 1
        assert same == changed == {**record, "more": 1}
    assert [*map(typed, map(compact, records))] == [*map(typed, records)]


def test_records_share_their_names_and_what_is_repeated() -> None:
    """A record of three fields takes half of the room that it takes alone."""
    compact = Compact()
    tracemalloc.start()
    made = [
        compact({"id": n, "title": f"Entry {n}", "rank": 1_000 + n % 10})
        for n in range(5_000)
    ]
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    if sys.implementation.name == "cpython":
        assert held / len(made) < 230
