"""Which of the types on offer a client wants most, against RFC 9110, 12.5.1 read word by word."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator.http.accept import preferred, read_accept

Parameters = tuple[tuple[str, str], ...]
Wanted = tuple[str, Parameters, int]
"""A range, its parameters, and its weight in thousandths."""

_TYPES = ["text/html", "text/plain", "application/json", "image/png"]
_PARAMETERS: st.SearchStrategy[Parameters] = st.dictionaries(
    st.sampled_from(["level", "format"]), st.sampled_from(["1", "2"]), max_size=2
).map(lambda found: tuple(found.items()))
_RANGES = st.sampled_from([*_TYPES, "*/*", "text/*", "application/*"])
_WANTED = st.lists(
    st.tuples(_RANGES, _PARAMETERS, st.integers(0, 1000)), min_size=1, max_size=5,
    unique_by=lambda one: (one[0], frozenset(one[1])),
)  # fmt: skip
_OFFERED = st.lists(
    st.tuples(st.sampled_from(_TYPES), _PARAMETERS), min_size=1, max_size=4
)


def header(wanted: list[Wanted]) -> str:
    return ", ".join(
        media + written(parameters) + f";q={weight / 1000:.3f}"
        for media, parameters, weight in wanted
    )


def written(parameters: Parameters) -> str:
    return "".join(f";{name}={value}" for name, value in parameters)


def weight_of(media: str, parameters: Mapping[str, str], wanted: list[Wanted]) -> int:
    """The weight of the most specific range that matches, as the RFC orders them; a type
    whose parameters a range asks for in vain is one last step before `type/*`."""
    kind = media.partition("/")[0]
    steps = (
        [one for one in wanted if one[0] == media and dict(one[1]).items() <= parameters.items()],
        [one for one in wanted if one[0] == media],
        [one for one in wanted if one[0] == f"{kind}/*" and dict(one[1]).items() <= parameters.items()],
        [one for one in wanted if one[0] == "*/*" and dict(one[1]).items() <= parameters.items()],
    )  # fmt: skip
    exact = sorted(steps[0], key=lambda one: -len(one[1]))
    for number in (0, 2, 1, 3):
        found = (
            exact
            if number == 0
            else sorted(steps[number], key=lambda one: -len(one[1]))
        )
        if number == 1:
            found = [one for one in wanted if one in steps[1] and one not in steps[0]]
        if found:
            return found[0][2]
    return 0


@given(_WANTED, _OFFERED)
@example([("text/*", (), 300), ("text/html", (), 700)], [("text/html", ())])
def test_the_choice_is_that_of_the_rfc(
    wanted: list[Wanted], offered: list[tuple[str, Parameters]]
) -> None:
    """The first of those with the highest weight; none where every weight is 0."""
    weights = [weight_of(media, dict(own), wanted) for media, own in offered]
    most = max(weights)

    found = preferred(header(wanted), [media + written(own) for media, own in offered])

    assert found == (weights.index(most) if most else None)


@pytest.mark.parametrize(
    ("offered", "weight"),
    [
        ("text/plain;format=flowed", 1.0),
        ("text/plain", 0.7),
        ("text/html", 0.3),
        ("image/jpeg", 0.5),
        ("text/plain;format=fixed", 0.4),
        ("text/html;level=3", 0.3),
    ],
)
def test_the_example_of_the_rfc(offered: str, weight: float) -> None:
    """RFC 9110, 12.5.1, the table at its end: each against one that is as much wanted."""
    accept = (
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed,"
        " text/plain;format=fixed;q=0.4, */*;q=0.5"
    )

    assert preferred(f"{accept}, a/b;q={weight}", ["a/b", offered]) == 0
    less = weight - 0.001
    assert preferred(f"{accept}, a/b;q={less:.3f}", ["a/b", offered]) == 1


@pytest.mark.parametrize(
    ("accept", "place"),
    [
        ("", 0),
        (" ", 0),
        ("application/json; charset=utf-8", 0),
        ("APPLICATION/JSON", 0),
        ("text/csv, application/json;q=0.9", 1),
        ('text/csv;a="x,y;q=0"', 1),
        ("nonsense", None),
        ("text/csv;q=0, application/json;q=0.0", None),
        ("*/*;q=0.1, application/json;q=0", 1),
        ("text/csv;q=2", 1),
        (",,;q=1,", None),
    ],
)
def test_headers_as_clients_write_them(accept: str, place: int | None) -> None:
    """A charset is no other type, a quoted comma no end, a bad weight none at all."""
    assert preferred(accept, ["application/json", "text/csv; header=present"]) == place


@given(st.text(max_size=300))
def test_nothing_that_is_sent_is_too_much(text: str) -> None:
    """Whatever it is, there is an answer."""
    assert preferred(text, ["a/b", "c/d"]) in (None, 0, 1)


def test_a_header_of_many_ranges_is_read_in_time() -> None:
    """Of a thousand commas the first hundred ranges count; quotes do not backtrack."""
    assert len(read_accept(",".join(["a/b"] * 1_000))) == 100
    for quoted in ("\\" * 50_000, '"\\' * 25_000, '\\"' * 25_000):
        assert len(read_accept('a/b;x="' + quoted)) == 1
