"""Greedy parameters: `/files/{path}` is as many segments as there are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.program.routes import Routes

ROUTES = [
    ("GET", "/files/{path*}", "file"),
    ("GET", "/files/{path*}/versions/{version}", "version"),
    ("GET", "/files/recent", "recent"),
    ("GET", "/files/{id}/info", "info"),
    ("GET", "/{bucket}/{key*}", "object"),
]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/files/a", ("file", ("a",))),
        ("/files/a/b/c.txt", ("file", ("a/b/c.txt",))),
        ("/files/a/versions/3", ("version", ("a", "3"))),
        ("/files/a/b/versions/versions/3", ("version", ("a/b/versions", "3"))),
        ("/files/versions/3", ("file", ("versions/3",))),
        ("/files/recent", ("recent", ())),
        ("/files/recent/more", ("file", ("recent/more",))),
        ("/files/a/info", ("info", ("a",))),
        ("/files/a/b/info", ("file", ("a/b/info",))),
        ("/files/a%2Fb/%C3%BC", ("file", ("a/b/ü",))),
        ("/files/a//b", ("file", ("a//b",))),
        ("/files/a/", ("file", ("a",))),
        ("/files/../etc", ("file", ("../etc",))),
        ("/files/", None),
        ("/files", None),
        ("/photos/2024/1.png", ("object", ("photos", "2024/1.png"))),
        ("/", None),
    ],
)
def test_what_is_greedy_takes_what_is_left(path: str, expected: object) -> None:
    """It is never empty; what says more of a path comes first."""
    match = Routes(ROUTES).match(path)

    found = None if match is None else (match.by_method["GET"], match.values)
    assert found == expected


def test_a_final_slash_is_part_of_it_where_slashes_count() -> None:
    match = Routes(ROUTES).match("/files/a/", strict=True)

    assert match is not None
    assert match.values == ("a/",)


PARTS = st.sampled_from(["a", "b", "{x}", "v{x}"])
PATHS = st.tuples(
    st.lists(PARTS, max_size=3), st.booleans(), st.lists(PARTS, max_size=2)
).map(lambda drawn: [*drawn[0], *(["{p*}"] if drawn[1] else []), *drawn[2]] or ["a"])
SENT = st.lists(st.sampled_from(["a", "b", "v", "va", "c", ""]), min_size=1, max_size=7)


def naive(
    paths: list[list[str]], sent: list[str]
) -> tuple[list[str], tuple[str, ...]] | None:
    """The path that says most, segment by segment, of those that match *sent*."""
    matches = []
    for path in paths:
        tail = len(path) - path.index("{p*}") - 1 if "{p*}" in path else 0
        taken = len(sent) - len(path) + 1 if "{p*}" in path else 1
        if taken < 1 or ("{p*}" not in path and len(path) != len(sent)):
            continue
        rank, values, at, fits = [], [], 0, True
        for part in path:
            if part == "{p*}":
                values.append("/".join(sent[at : at + taken]))
                rank.append((2, -tail))
                fits = fits and values[-1] != ""
                at += taken
                continue
            before, brace, _ = part.partition("{")
            if brace:
                fits = fits and sent[at].startswith(before) and sent[at] != before
                values.append(sent[at][len(before) :])
                rank.append((1, -len(before)))
            else:
                fits = fits and sent[at] == part
                rank.append((0, 0))
            at += 1
        if fits:
            matches.append((rank, path, tuple(values)))
    return min(matches)[1:] if matches else None


@settings(deadline=None)
@given(st.lists(PATHS, min_size=1, max_size=8), SENT)
def test_the_first_of_several_paths_is_that_of_a_naive_matcher(
    paths: list[list[str]], sent: list[str]
) -> None:
    """The order that `program.routes` states, by looking at every path."""
    routes: Routes[list[str]] = Routes()
    for path in paths:
        routes.add("GET", "/" + "/".join(path), path)

    match = routes.match("/" + "/".join(sent), strict=True)

    expected = naive(paths, sent)
    found = None if match is None else (match.by_method["GET"], match.values)
    assert found == expected


def test_a_long_path_costs_what_its_length_does() -> None:
    """Not its square: what stands behind the greedy part is looked at from one place."""
    routes = Routes(
        ("GET", "/f/{p*}" + "/{x}" * many + "/end", "tail") for many in range(5)
    )

    def seconds(segments: int) -> float:
        path = "/f" + "/a" * segments
        began = time.process_time()
        for _ in range(20):
            assert routes.match(path) is None
        return time.process_time() - began

    seconds(1_000)
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.001)
