"""A collection agrees with a plain list of records, whatever is done to it."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.language.functions import slug, unique_slug
from emulator.world.base import Base
from emulator.world.collection import Collection
from emulator.world.ordering import Order, in_order
from emulator.world.room import Room

VALUES = st.sampled_from([None, True, 1, False, 0, 1.0, "1", [], [1], [True], {"k": 1}])
KEYS = st.one_of(st.integers(1, 8), st.sampled_from(["a", "1"]))
FIELDS = st.sampled_from(["x", "y"])
RECORDS = st.builds(
    lambda key, x, y: {"id": key, **x, "y": y},
    KEYS,
    st.one_of(st.just({}), st.builds(lambda x: {"x": x}, VALUES)),
    VALUES,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), RECORDS),
        st.tuples(st.just("delete"), KEYS),
        st.tuples(st.just("where"), st.dictionaries(FIELDS, VALUES, max_size=2)),
        st.tuples(st.just("get"), KEYS),
    ),
    max_size=30,
)


def same(left: Any, right: Any) -> bool:
    """Equality of JSON: true is not 1, but 2 and 2.0 are one number."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, (list, dict)) and type(left) is type(right):
        return json.dumps(left) == json.dumps(right)
    return bool(left == right)


class Listed:
    """The model: a list, in which a record of the base has a place for ever."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        self.base = [record["id"] for record in records]
        self.records = list(records)

    def put(self, record: dict[str, Any]) -> None:
        for at, one in enumerate(self.records):
            if one["id"] == record["id"]:
                self.records[at] = record
                return
        self.records.append(record)
        # What comes back to the base stands where it stood.
        own = [one for one in self.records if one["id"] in self.base]
        own.sort(key=lambda one: self.base.index(one["id"]))
        self.records = own + [one for one in self.records if one not in own]

    def delete(self, key: Any) -> None:
        self.records = [record for record in self.records if record["id"] != key]

    def where(self, equals: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            record
            for record in self.records
            if all(same(record.get(field), value) for field, value in equals.items())
        ]


@settings(max_examples=200)
@given(st.lists(RECORDS, unique_by=lambda one: one["id"], max_size=6), STEPS)
def test_a_collection_is_a_list_with_indexes(
    base: list[dict[str, Any]], steps: list[tuple[str, Any]]
) -> None:
    """Order, equality and number are those of the list, after every step."""
    collection, model = Collection(Base(base)), Listed(base)
    for what, value in steps:
        if what == "put":
            collection.put(value)
            model.put(value)
        elif what == "delete" and collection.get(value) is not None:
            collection.delete(value)
            model.delete(value)
        elif what == "where":
            found = model.where(value)
            assert collection.where(value) == found
            for field, wanted in value.items():
                first = collection.first(field, wanted)
                one_of = model.where({field: wanted})
                assert first in one_of if one_of else first is None
        elif what == "get":
            found = model.where({"id": value})
            assert collection.get(value) == (found[0] if found else None)
        assert list(collection) == model.records
        assert len(collection) == len(model.records)
    numbers = [key for key in (*model.base, *_put(steps)) if isinstance(key, int)]
    assert collection.next_key() == max(numbers, default=0) + 1


def _put(steps: list[tuple[str, Any]]) -> list[Any]:
    return [value["id"] for what, value in steps if what == "put"]


ORDERS = st.lists(
    st.tuples(st.sampled_from(["x", "y", "id", "x.k"]), st.booleans()), max_size=2
).map(tuple)
LISTED = st.tuples(
    st.just("listed"),
    st.tuples(st.dictionaries(FIELDS, VALUES, max_size=2), ORDERS),
)
CHANGES = st.one_of(
    st.tuples(st.just("put"), RECORDS),
    st.tuples(st.just("put"), RECORDS),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.sampled_from(["fork", "keep", "restore", "dump"]), st.none()),
)
FIXTURES = st.lists(RECORDS, unique_by=lambda one: one["id"], max_size=8)


@settings(max_examples=200)
@given(FIXTURES, st.lists(st.one_of(CHANGES, LISTED), max_size=40), st.data())
def test_lists_in_order_are_the_whole_list_sorted(
    base: list[dict[str, Any]], steps: list[tuple[str, Any]], data: st.DataObject
) -> None:
    """Whatever was written, forked or put back between them, in all orders asked for."""
    shared = Base(base)
    worlds = [Collection(shared)]
    kept = worlds[0].kept()
    asked: list[tuple[dict[str, Any], Order]] = [({}, ())]
    for what, value in steps:
        collection = data.draw(st.sampled_from(worlds))
        if what == "put":
            collection.put(value)
        elif what == "delete":
            collection.delete(value)
        elif what == "fork":
            worlds.append(collection.fork(Room()))
        elif what == "keep":
            kept = collection.kept()
        elif what == "restore":
            collection.restore(kept)
        elif what == "dump":
            again = Collection(shared)
            changes = collection.dump()
            if changes is not None:
                again.load(changes)
            worlds.append(again)
        else:
            asked.append(value)
        for equals, order in asked[-4:]:
            expected = in_order(collection.where(equals), order)
            listing = collection.listed(equals, order)
            assert len(listing) == len(expected)
            assert [*listing] == expected
            start, size = data.draw(st.integers(0, 12)), data.draw(st.integers(0, 5))
            assert listing[start : start + size] == expected[start : start + size]
            assert [listing[at] for at in range(len(expected))] == expected


@given(st.integers(0, 12), st.lists(st.integers(1, 60), max_size=40), ORDERS)
def test_many_changes_at_once_are_sorted_as_one_by_one(
    records: int, changes: list[int], order: Order
) -> None:
    """A list that is asked for late is that of a world which asked after every write."""
    base = Base([{"id": key, "x": key % 3, "y": str(key)} for key in range(records)])
    late, early = Collection(base), Collection(base)
    for key in changes:
        for one in (late, early):
            if key % 4:
                one.put({"id": key // 2, "x": key % 5, "y": None})
            else:
                one.delete(key // 2)
        early.listed({}, order)

    assert [*late.listed({}, order)] == [*early.listed({}, order)]
    assert [*late.listed({}, order)] == in_order([*late], order)


class Looker:
    """What an expression sees of a world, reduced to one collection."""

    def __init__(self, records: Collection) -> None:
        self.records = records

    def collection(self, name: str) -> Collection:
        assert name == "things"
        return self.records


TITLES = st.one_of(st.sampled_from(["Koch", "koch", "Köch", "Koch 2", "!"]), st.text())


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("new"), TITLES), st.tuples(st.just("gone"), TITLES)
        ),
        max_size=25,
    )
)
def test_a_unique_slug_is_nobody_elses(steps: list[tuple[str, str]]) -> None:
    """However records come and go, a new slug belongs to no record that is there."""
    things = Collection(Base([{"id": 1, "slug": "koch-3"}, {"id": 2, "slug": "item"}]))
    for what, title in steps:
        taken = {thing["slug"]: thing["id"] for thing in things}
        if what == "gone":
            if slug(title) in taken:
                things.delete(taken[slug(title)])
            continue
        made = unique_slug(Looker(things), title, "things")
        assert made not in taken
        assert made.startswith(slug(title) or "item")
        things.put({"id": things.next_key(), "slug": made})
