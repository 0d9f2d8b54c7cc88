"""Routes: a path leads to the operation that says most about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.program.routes import Routes, allowed

ROUTES = [
    ("GET", "/jobs", "list"),
    ("POST", "/jobs", "create"),
    ("GET", "/jobs/{id}", "read"),
    ("GET", "/jobs/facets", "facets"),
    ("GET", "/jobs/{id}.json", "read as json"),
    ("GET", "/jobs/v-{id}", "read a version"),
    ("GET", "/jobs/{id}/tags/{tag}", "tag"),
    ("GET", "/jobs/facets/{name}", "facet"),
    ("GET", "/maps/{a},{b}.png", "a map"),
    ("GET", "/maps/{name}.{format}", "a named map"),
    ("GET", "/", "root"),
]


def found(path: str, method: str = "GET", *, strict: bool = False) -> object:
    """What *path* leads to, and the values in it."""
    match = Routes(ROUTES).match(path, strict=strict)
    return None if match is None else (match.by_method.get(method), match.values)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/jobs", ("list", ())),
        ("/jobs/", ("list", ())),
        ("/", ("root", ())),
        ("/jobs/7", ("read", ("7",))),
        ("/jobs/facets", ("facets", ())),
        ("/jobs/7.json", ("read as json", ("7",))),
        ("/jobs/v-7", ("read a version", ("7",))),
        ("/jobs/v-", ("read", ("v-",))),
        ("/maps/10,20.png", ("a map", ("10", "20"))),
        ("/maps/10,20,30.png", ("a map", ("10", "20,30"))),
        ("/maps/,20.png", ("a named map", (",20", "png"))),
        ("/maps/town.png", ("a named map", ("town", "png"))),
        ("/maps/.town.png", ("a named map", (".town", "png"))),
        ("/maps/town.", None),
        ("/jobs/.json", ("read", (".json",))),
        ("/jobs/7/tags/a", ("tag", ("7", "a"))),
        ("/jobs/facets/tags", ("facet", ("tags",))),
        ("/jobs/facets/tags/a", ("tag", ("facets", "a"))),
        ("/jobs/a%2Fb", ("read", ("a/b",))),
        ("/jobs/%66acets", ("facets", ())),
        ("/jobs/b%C3%BCro", ("read", ("büro",))),
        ("/jobs/%zz", ("read", ("%zz",))),
        ("/jobs/${1+1}", ("read", ("${1+1}",))),
        ("/nothing", None),
        ("/jobs/7/8", None),
        ("//jobs", None),
        ("jobs", None),
        ("", None),
    ],
)
def test_a_path_leads_to_one_operation(path: str, expected: object) -> None:
    """A literal wins over a parameter; a parameter is never empty, and is decoded."""
    assert found(path) == expected


def test_a_final_slash_tells_only_when_asked() -> None:
    """`/jobs/` is another path than `/jobs` where the provider says so."""
    assert found("/jobs/", strict=True) is None
    assert found("/jobs", strict=True) == ("list", ())


@given(st.permutations(ROUTES), st.sampled_from([path for _, path, _ in ROUTES]))
def test_the_order_of_a_spec_does_not_matter(
    routes: list[tuple[str, str, str]], path: str
) -> None:
    """H20: what a path leads to is the same in every order."""
    asked = path.replace("{id}", "7").replace("{tag}", "a").replace("{name}", "n")

    assert Routes(routes).match(asked) == Routes(ROUTES).match(asked)


def test_allow_is_in_order_and_complete() -> None:
    """RFC 9110, 10.2.1: the same bytes in every process, HEAD and OPTIONS too."""
    assert allowed({"POST", "GET"}) == "GET, HEAD, OPTIONS, POST"
    assert allowed(set()) == "OPTIONS"
