"""Routes and query strings agree with the plain way of reading them."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote

from hypothesis import given
from hypothesis import strategies as st

from emulator.http.query import MalformedQuery, read_query
from emulator.program.routes import Routes

SEGMENTS = st.sampled_from(["a", "b", "a.json", "{x}", "{y}", "{x}.json", "v-{x}", "ä"])
TEMPLATES = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)
PIECES = st.one_of(
    st.sampled_from(["a", "b", "a.json", "b.json", ".json", "v-", "v-b", "%61", "%2F"]),
    st.text(max_size=3).map(lambda one: quote(one, safe="")),
)
PATHS = st.builds(
    lambda parts, end: "/" + "/".join(parts) + end,
    st.lists(PIECES, min_size=1, max_size=3),
    st.sampled_from(["", "/"]),
)


def shape(template: str) -> str:
    """The template without its parameters' names, which tell no two routes apart."""
    return re.sub(r"\{\w+\}", "{}", template)


def values(template: str, path: str) -> tuple[str, ...] | None:
    """The values of the template's parameters in *path*, or None where it differs."""
    wanted, given = template.split("/"), path[1:].removesuffix("/").split("/")
    if len(wanted) != len(given):
        return None
    found: list[str] = []
    for one, text in zip(wanted, given, strict=True):
        pattern = "(.+)".join(map(re.escape, re.split(r"\{\w+\}", one)))
        match = re.fullmatch(pattern, unquote(text), re.DOTALL)
        if match is None:
            return None
        found += match.groups()
    return tuple(found)


def rank(template: str) -> tuple[tuple[bool, int], ...]:
    """What comes first: literal before parameter, then the one that says more."""
    return tuple(
        ("{" in part, -len(re.sub(r"\{\w+\}", "", part)))
        for part in template.split("/")
    )


@given(st.lists(TEMPLATES, max_size=8, unique_by=shape), PATHS)
def test_a_path_leads_where_the_first_fitting_template_does(
    templates: list[str], path: str
) -> None:
    """The tree finds what trying every template in the order of rank would find."""
    routes = Routes([("GET", f"/{template}", template) for template in templates])

    match = routes.match(path)

    fitting = sorted(
        (rank(template), values(template, path), template)
        for template in templates
        if values(template, path) is not None
    )
    if not fitting:
        assert match is None
    else:
        assert match is not None
        assert match.by_method["GET"] in {
            one for ranked, _, one in fitting if ranked == fitting[0][0]
        }
        assert match.values == values(match.by_method["GET"], path)


QUERIES = st.one_of(
    st.text("ab=&+%20Cä", max_size=20).map(lambda one: one.encode()),
    st.lists(st.tuples(st.text(max_size=4), st.text(max_size=4)), max_size=6).map(
        lambda pairs: "&".join(f"{quote(k)}={quote(v)}" for k, v in pairs).encode()
    ),
    st.binary(max_size=20),
)


@given(QUERIES)
def test_a_query_is_what_the_standard_library_reads(query: bytes) -> None:
    """Names, values and their order are the same; what it cannot read is malformed."""
    expected: dict[str, list[str]] | None
    try:
        pairs = parse_qsl(
            query.decode("ascii"), keep_blank_values=True, errors="strict"
        )
    except ValueError:
        expected = None
    else:
        expected = {}
        for name, value in pairs:
            expected.setdefault(name, []).append(value)

    try:
        found = read_query(query)
    except MalformedQuery:
        found = None

    assert found == expected
