"""Pages agree with slices of a list."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import Tiny

from emulator.exchange.exchange import Record
from emulator.world.ordering import in_order

SIZES = st.integers(1, 20)
ALL = list(range(1, 26))


def pager(kept: set[int]) -> Tiny:
    """The pager, with only these of its numbers."""
    made = Tiny("pager")
    numbers = made.world.collections(made.program)["numbers"]
    for one in ALL:
        if one not in kept:
            numbers.delete(one)
    return made


KEPT = st.sets(st.sampled_from(ALL))


def page(made: Tiny, path: str) -> tuple[list[int], Record]:
    status, body = made.ask("GET", path)
    assert status == 200
    return body["items"], body["page"]


@given(st.integers(1, 30), SIZES)
def test_a_numbered_page_is_a_slice(number: int, size: int) -> None:
    """Page n of size s starts after (n - 1) times s records."""
    items, _ = page(Tiny("pager"), f"/numbered?page={number}&per_page={size}")

    assert items == ALL[(number - 1) * size : number * size]


@given(st.integers(0, 40), SIZES)
def test_an_offset_is_a_slice(offset: int, size: int) -> None:
    """So many skipped, and so many shown."""
    items, shown = page(Tiny("pager"), f"/skipping?offset={offset}&limit={size}")

    assert items == ALL[offset : offset + size]
    assert shown["has_more"] is (offset + size < 25)


def walked(made: Tiny, path: str, parameter: str, leads: str) -> list[int]:
    """All records, page by page, as long as a page leads to another."""
    seen: list[int] = []
    following: Any = ""
    for _ in range(60):
        items, shown = page(made, f"{path}&{parameter}={following}")
        seen += items
        following = shown[leads]
        if following is None:
            return seen
    raise AssertionError("the pages never end")


@given(KEPT, SIZES)
def test_walking_all_pages_shows_every_record_once(kept: set[int], size: int) -> None:
    """In order, by number, offset, and either kind of cursor, up and down."""
    made = pager(kept)
    ways = [
        (f"/numbered?per_page={size}", "page", "next"),
        (f"/skipping?limit={size}", "offset", "next"),
        (f"/sealed?limit={size}", "cursor", "next_cursor"),
        (f"/after?limit={size}", "after", "next_cursor"),
    ]

    for path, parameter, leads in ways:
        assert walked(made, path, parameter, leads) == sorted(kept)
    down = walked(made, f"/before?limit={size}", "after", "next_cursor")
    assert down == sorted(kept, reverse=True)


@given(st.text(min_size=1, max_size=60))
def test_no_text_is_a_sealed_cursor(text: str) -> None:
    """What a provider did not give out is refused, and never a bug."""
    made = Tiny("pager")
    status = made.get("/sealed", params={"cursor": text}).status_code

    assert status == (200 if text in ("0",) else 400)


VALUES = st.sampled_from([None, 1, 2, 2.5, "a", "b", True, [1], [2]])
ORDERS = st.sampled_from([[], ["id"], ["-id"], ["x"], ["-x"], ["x", "-y"], ["-x", "y"]])
MOVES = st.lists(
    st.tuples(st.sampled_from(["put", "put", "delete"]), st.integers(1, 30), VALUES),
    max_size=4,
)


@given(st.sets(st.integers(1, 25)), ORDERS, st.lists(MOVES, max_size=8), st.data())
@settings(max_examples=60, deadline=None)
def test_a_walk_misses_nothing_that_stays(
    kept: set[int], order: list[str], moves: list[list[Any]], data: st.DataObject
) -> None:
    """What is there all the time, unchanged, is shown once, whatever comes and goes."""
    made = Tiny(
        "pager", {"collections.numbers": {"order": order, "fields": ["x", "y"]}}
    )
    numbers = made.world.collections(made.program)["numbers"]
    for key in [number["id"] for number in numbers]:
        if key in kept:
            numbers.put({"id": key, "x": data.draw(VALUES), "y": key % 3})
        else:
            numbers.delete(key)
    for key in data.draw(st.lists(st.integers(30, 40), unique=True, max_size=5)):
        numbers.put({"id": key, "x": data.draw(VALUES), "y": key % 3})
    steady = {number["id"] for number in numbers}
    shown: list[int] = []
    cursor: str | None = ""
    for page in range(60):
        status, body = made.ask("GET", f"/sealed?limit=3&cursor={cursor}")
        assert status == 200
        shown += body["items"]
        cursor = body["page"]["next_cursor"]
        if cursor is None:
            break
        for what, key, value in moves[page] if page < len(moves) else ():
            steady.discard(key)
            if what == "put":
                numbers.put({"id": key, "x": value, "y": 0})
            else:
                numbers.delete(key)

    assert cursor is None
    for key in steady:
        assert shown.count(key) == 1


@given(ORDERS, st.lists(st.tuples(st.integers(1, 40), VALUES), max_size=12))
@settings(max_examples=40, deadline=None)
def test_a_record_that_is_named_is_followed_by_the_rest(
    order: list[str], puts: list[tuple[int, Any]]
) -> None:
    """Whatever a list is ordered by, the key of one of its records has a place there."""
    made = Tiny(
        "pager", {"collections.numbers": {"order": order, "fields": ["x", "y"]}}
    )
    numbers = made.world.collections(made.program)["numbers"]
    for key, value in puts:
        numbers.put({"id": key, "x": value, "y": key % 3})
    policy = made.program.collections["numbers"]
    whole = [one["id"] for one in in_order([*numbers], policy.order)]

    for index, key in enumerate(whole):
        status, body = made.ask("GET", f"/after?limit=3&after={key}")
        assert status == 200
        assert body["items"] == whole[index + 1 : index + 4]


@given(
    st.sets(st.integers(1, 25), min_size=1),
    ORDERS,
    st.lists(MOVES, max_size=10),
    st.lists(st.booleans(), max_size=10),
    st.integers(1, 4),
    st.data(),
)
@settings(max_examples=60, deadline=None)
def test_walks_to_and_fro_agree_with_a_list(
    kept: set[int],
    order: list[str],
    moves: list[list[Any]],
    turns: list[bool],
    size: int,
    data: st.DataObject,
) -> None:
    """A page on, or back, is what stands beside the place of the page before in the list.

    The place is that of a record as it was: the oracle sorts it among those there are.
    """
    made = Tiny(
        "pager", {"collections.numbers": {"order": order, "fields": ["x", "y"]}}
    )
    numbers = made.world.collections(made.program)["numbers"]
    for key in [number["id"] for number in numbers]:
        if key in kept:
            numbers.put({"id": key, "x": data.draw(VALUES), "y": key % 3})
        else:
            numbers.delete(key)
    policy = made.program.collections["numbers"]
    records = in_order([*numbers], policy.order)
    status, body = made.ask("GET", f"/sealed?limit={size}")
    assert (status, body["items"]) == (200, [record["id"] for record in records[:size]])

    for at, back in enumerate(turns):
        cursor = body["page"]["prev_cursor" if back else "next_cursor"]
        if cursor is None:
            continue
        edge = body["items"][0 if back else -1]
        edge = next(dict(record) for record in records if record["id"] == edge)
        for what, key, value in moves[at] if at < len(moves) else ():
            if key == edge["id"]:
                continue  # which moves the place, or keeps it
            if what == "put":
                numbers.put({"id": key, "x": value, "y": 0})
            else:
                numbers.delete(key)
        records = in_order([*numbers], policy.order)
        place = next(i for i, one in enumerate(records) if one["id"] == edge["id"])
        wanted = (
            records[max(0, place - size) : place]
            if back
            else records[place + 1 : place + 1 + size]
        )
        status, body = made.ask("GET", f"/sealed?limit={size}&cursor={cursor}")
        assert (status, body["items"]) == (200, [one["id"] for one in wanted])
        assert body["page"]["has_more"] is (
            place > size if back else place + 1 + size < len(records)
        )
        if not body["items"]:
            break
