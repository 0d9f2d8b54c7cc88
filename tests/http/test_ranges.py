"""Ranges: the bytes that a header asks for are those of a naive reading, each once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.http.ranges import Unsatisfiable, read_ranges

NUMBER = st.integers(0, 12)
SPEC = st.one_of(
    st.builds("{}-{}".format, NUMBER, NUMBER),
    st.builds("{}-".format, NUMBER),
    st.builds("-{}".format, NUMBER),
)


def wanted(spec: str, length: int) -> set[int] | None:
    """The bytes of one range; None for one that is none."""
    first, _, last = spec.partition("-")
    if not first:
        return set(range(max(0, length - int(last)), length))
    if last and int(last) < int(first):
        return None
    return set(range(int(first), min(length, int(last) + 1 if last else length)))


@given(st.lists(SPEC, min_size=1, max_size=5), st.integers(0, 10))
def test_the_bytes_are_those_of_each_range(specs: list[str], length: int) -> None:
    sets = [wanted(spec, length) for spec in specs]
    try:
        found = read_ranges(f"bytes={','.join(specs)}", length)
    except Unsatisfiable:
        assert not any(sets)
        assert None not in sets
        return
    if None in sets:
        assert found == []
        return
    bytes_of = [at for first, last in found for at in range(first, last + 1)]
    assert bytes_of == sorted(set().union(*(each for each in sets if each)))
