"""All records of a kind: a base that is shared, and what changed in one world."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.world.collection import Base, Collection

BASE = Base([{"id": 1, "a": True}, {"id": 2, "a": 1}, {"id": 5, "a": [1]}])


@pytest.fixture
def some() -> Collection:
    return Collection(BASE)


def keys(records: Any) -> list[int]:
    return [one["id"] for one in records]


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
