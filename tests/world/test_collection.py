"""All records of a kind: a base that is shared, and what changed in one world."""

from __future__ import annotations

import sys
import tracemalloc
from itertools import product
from typing import Any

import pytest

from emulator.world.base import Base
from emulator.world.collection import Collection
from emulator.world.ordering import in_order

BASE = Base([{"id": 1, "a": True}, {"id": 2, "a": 1}, {"id": 5, "a": [1]}])


@pytest.fixture
def some() -> Collection:
    return Collection(BASE)


def keys(records: Any) -> list[int]:
    return [record["id"] for record in records]


def test_worlds_share_a_base_and_nothing_else(some: Collection) -> None:
    """What one changes, another does not see."""
    other = Collection(BASE)
    some.put({"id": 1, "a": "changed"})
    some.put({"id": 6})
    some.delete(2)

    assert keys(some) == [1, 5, 6]
    assert list(other) == list(BASE.records.values())


@pytest.mark.parametrize(
    ("value", "found"),
    [(True, [1]), (1, [2]), (1.0, [2]), ([1], [5]), ([True], []), (False, [])],
)
def test_true_is_not_one(some: Collection, value: Any, found: list[int]) -> None:
    """JSON tells true from 1, alone and in lists; 1 and 1.0 are one number."""
    assert keys(some.where({"a": value})) == found


def test_a_value_that_turns_from_true_to_one_is_found_anew(some: Collection) -> None:
    """An index follows a change that Python takes for none."""
    some.put({"id": 7, "a": True})
    some.where({"a": True})
    some.put({"id": 7, "a": 1})

    assert keys(some.where({"a": True})) == [1]
    assert keys(some.where({"a": 1})) == [2, 7]


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("key", [True, "1", [1], {"id": 1}, None])
def test_what_is_no_key_finds_nothing(
    some: Collection, key: Any, changed: bool
) -> None:
    """Only the key itself finds a record, before a change and after it."""
    if changed:
        some.put({"id": 1, "a": 0})

    assert some.get(key) is None


def test_a_record_keeps_its_place(some: Collection) -> None:
    """A replaced record stays where it was; one of the base comes back to its place."""
    some.put({"id": 9})
    some.delete(1)
    some.put({"id": 2, "a": 0})
    some.put({"id": 1, "a": 0})

    assert keys(some) == [1, 2, 5, 9]
    assert keys(some.where({"a": 0})) == [1, 2]


def test_what_was_read_stays_as_it_was(some: Collection) -> None:
    """Records are replaced, never changed."""
    before = some.get(1)
    some.put({"id": 1, "a": "changed"})

    assert before == {"id": 1, "a": True}


def test_keys_are_not_given_twice(some: Collection) -> None:
    """The next key lies above every key there ever was."""
    some.put({"id": 40})
    some.delete(40)

    assert some.next_key() == 41


def test_a_value_that_no_record_has_any_more_leaves_nothing() -> None:
    """A field that is looked up by may change for ever: its old values are forgotten."""
    records = Collection(Base([{"id": 1, "token": "t"}]))
    records.where({"token": "t"})
    made: dict[str, Any] = {"id": 2, "token": "t0"}
    records.put(made)
    tracemalloc.start()

    for n in range(20_000):
        records.put({"id": 1, "token": f"t{n}"})
        records.put({"id": 2, "token": f"u{n}"})
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 20_000
    assert [one["id"] for one in records.where({"token": "u19999"})] == [2]
    assert records.where({"token": "u0"}) == []


def test_all_combinations_of_filters_need_no_index_each() -> None:
    """There are as many indexes as fields, however they are asked for together."""
    names = [f"f{n}" for n in range(8)]
    base = Base([{"id": n, **dict.fromkeys(names, n % 2)} for n in range(1_000)])
    records = Collection(base)
    tracemalloc.start()

    for chosen in product((False, True), repeat=8):
        asked = {name: 1 for name, is_in in zip(names, chosen, strict=True) if is_in}
        assert records.count(asked) == (500 if asked else 1_000)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 1_000_000


def test_an_answer_to_a_very_long_query_is_not_kept() -> None:
    """What a caller makes long does not take room accordingly."""
    records = Collection(Base([{"id": 1}]))
    asked: list[str] = []

    def answer() -> list[dict[str, Any]]:
        asked.append("again")
        return [*records]

    for query in [("list", "x" * 50_000), ("list", "short")] * 2:
        records.remembered(query, answer)

    assert asked == ["again"] * 3


@pytest.mark.parametrize("writes", [1, 50, 51, 400])
def test_lists_are_in_order_after_few_writes_and_after_many(writes: int) -> None:
    """It makes no difference whether a list is mended or made anew."""
    base = Base([{"id": key, "at": key % 7} for key in range(300)])
    collection, order = Collection(base), (("at", True), ("id", False))
    for first in (0, 1_000):
        for key in range(first, first + writes):
            collection.put({"id": key, "at": key % 5})
            if key % 3 == 0:
                collection.delete(key)
        listed = collection.listed({}, order)
        assert [*listed] == in_order([*collection], order)
        listed = collection.listed({"at": 4}, order)
        assert [*listed] == in_order(collection.where({"at": 4}), order)


def test_all_orders_and_filters_together_take_bounded_room() -> None:
    """However many lists are asked for, only the latest are kept in order."""
    names = [f"f{n}" for n in range(6)]
    base = Base([{"id": n, **dict.fromkeys(names, n % 7)} for n in range(2_000)])
    records = Collection(base)
    for n in range(2_000):
        records.put({"id": n * 2, **dict.fromkeys(names, n % 5)})
    tracemalloc.start()

    for one, other, value in product(names, names, range(4)):
        order = ((one, True), (other, False))
        matches = len(records.where({one: value}))
        assert len(records.listed({one: value}, order)) == matches
        assert len(records.listed({}, order)) == 3_000
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert held < 10_000_000


def calls_of_a_page_after_a_write(records: int) -> int:
    """How many functions are called for it."""
    rows = [{"id": n, "x": n % 10, "y": f"y{n}"} for n in range(records)]
    collection = Collection(Base(rows))
    order = (("x", True), ("y", False))
    collection.put({"id": 7, "x": 3, "y": ""})
    assert collection.listed({}, order)[:20]
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    collection.put({"id": 8, "x": 4, "y": ""})
    sys.setprofile(count)
    try:
        shown = collection.listed({}, order)[20:40]
    finally:
        sys.setprofile(None)
    assert len(shown) == 20
    return calls


def test_a_page_after_a_write_costs_no_more_with_many_records() -> None:
    """Nothing is sorted again: a write changes what is in order."""
    few, many = map(calls_of_a_page_after_a_write, (200, 20_000))

    assert many < few * 2.5
