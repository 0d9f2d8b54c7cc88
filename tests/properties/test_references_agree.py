"""What a delete takes along agrees with a naive model, in any graph of records."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from emulator.world.base import Base
from emulator.world.collection import Collection
from emulator.world.references import Deletion, restricting

NAMES = ("a", "b", "c")
KEYS = st.integers(1, 5)
ON_DELETE = st.sampled_from(["ignore", "restrict", "cascade", "set_null"])
Records = dict[str, dict[int, dict[str, Any]]]
VALUES = st.none() | KEYS | st.lists(KEYS, max_size=3)


class Field(NamedTuple):
    field: str
    to: str
    by: str
    on_delete: str


FIELDS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.builds(
            Field,
            st.sampled_from(["x", "y"]),
            st.sampled_from(NAMES),
            st.sampled_from(["", "slug"]),
            ON_DELETE,
        ),
    ),
    max_size=5,
    unique_by=lambda one: (one[0], one[1].field),
)
RECORDS = st.lists(
    st.fixed_dictionaries({"id": KEYS, "slug": KEYS, "x": VALUES, "y": VALUES}),
    max_size=5,
    unique_by=lambda one: one["id"],
)
GRAPHS = st.fixed_dictionaries(dict.fromkeys(NAMES, RECORDS))
DELETES = st.lists(st.tuples(st.sampled_from(NAMES), KEYS), max_size=8)


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def deleted(
    records: Records, fields: list[tuple[str, Field]], name: str, key: int
) -> Records | None:
    """The model: all records after the delete; None where it is refused."""

    def refers(holder: str, record: dict[str, Any], field: Field) -> bool:
        """Whether it refers to one that goes."""
        return any(
            records[field.to][one][field.by or "id"] in many(record[field.field])
            for to, one in gone
            if to == field.to
        )

    gone = {(name, key)}
    while True:
        more = {
            (holder, record["id"])
            for holder, field in fields
            if field.on_delete == "cascade"
            for record in records[holder].values()
            if refers(holder, record, field)
        }
        if more <= gone:
            break
        gone |= more
    left = {
        name: {key: {**one} for key, one in held.items() if (name, key) not in gone}
        for name, held in records.items()
    }
    for holder, field in fields:
        for record in left[holder].values():
            if not refers(holder, record, field):
                continue
            if field.on_delete == "restrict":
                return None
            if field.on_delete == "set_null":
                lost = {
                    records[to][one][field.by or "id"]
                    for to, one in gone
                    if to == field.to
                }
                value = record[field.field]
                kept = isinstance(value, list)
                record[field.field] = (
                    [one for one in value if one not in lost] if kept else None
                )
    return left


def held(collections: dict[str, Collection]) -> Records:
    return {
        name: {one["id"]: one for one in collection}
        for name, collection in collections.items()
    }


@given(GRAPHS, GRAPHS, FIELDS, DELETES)
def test_a_delete_takes_along_what_the_model_does(
    fixtures: dict[str, list[dict[str, Any]]],
    added: dict[str, list[dict[str, Any]]],
    fields: list[tuple[str, Field]],
    deletes: list[tuple[str, int]],
) -> None:
    """Circles, oneself and any depth; and what is left can be counted and put back."""
    bases = {name: Base(found) for name, found in fixtures.items()}
    collections = {name: Collection(base) for name, base in bases.items()}
    for name, found in added.items():
        for record in found:
            collections[name].put(record)

    for name, key in deletes:
        record = collections[name].get(key)
        before = held(collections)
        if record is None:
            collections[name].delete(key)
            assert held(collections) == before
            continue
        expected = deleted(before, fields, name, key)
        deletion = Deletion(name, record, fields, collections.__getitem__)
        if deletion.held_by:
            assert expected is None
            assert deletion.held_by in restricting(name, fields)
        else:
            deletion.apply()
            assert held(collections) == expected

    for name, collection in collections.items():
        again = Collection(bases[name])
        dumped = collection.dump()
        if dumped is not None:
            again.load(dumped)
        assert [*again] == [*collection]
        assert len(collection) == len([*collection])
        for x in (None, 1, 2):
            assert collection.count({"x": x}) == len(collection.where({"x": x}))


SOFT = st.sets(st.sampled_from(NAMES))


@given(GRAPHS, FIELDS, DELETES, SOFT)
def test_what_is_softly_deleted_is_as_if_it_were_gone(
    fixtures: dict[str, list[dict[str, Any]]],
    fields: list[tuple[str, Field]],
    deletes: list[tuple[str, int]],
    soft: set[str],
) -> None:
    """What is left to be seen is what the model has, whichever collections keep theirs."""
    collections = {name: Collection(Base(found)) for name, found in fixtures.items()}
    setting = {name: {"gone": "now"} for name in soft}

    def seen() -> Records:
        return {
            name: {key: one for key, one in records.items() if "gone" not in one}
            for name, records in held(collections).items()
        }

    for name, key in deletes:
        before = seen()
        record = before[name].get(key)
        if record is None:
            continue
        expected = deleted(before, fields, name, key)
        deletion = Deletion(name, record, fields, collections.__getitem__, setting)
        assert (deletion.held_by == "") == (expected is not None)
        if expected is not None:
            deletion.apply()
            assert seen() == expected
    kept = {name: len(records) for name, records in held(collections).items()}
    assert all(kept[name] == len(fixtures[name]) for name in soft)
