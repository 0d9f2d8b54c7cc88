"""Query dialects agree with a naive reading of the trees that queries were written from."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.search.fields import Fields

Node = tuple[Any, ...]

WORDS = ["red", "Blue", "dark red", "é", "it's", 'a"b', "x*y"]
PLAIN = ["red", "Blue", "é", "green"]
records = st.fixed_dictionaries(
    {
        "name": st.sampled_from(WORDS) | st.none(),
        "size": st.integers(-3, 3) | st.sampled_from([0.5, None]),
        "on": st.booleans() | st.none(),
        "tags": st.lists(st.sampled_from(PLAIN), max_size=2),
        "at": st.sampled_from(
            ["2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", "2024-06-01", None]
        ),
    }
)
ORDERS = ["lt", "le", "gt", "ge"]
leaves = st.one_of(
    st.tuples(st.sampled_from(["eq", "ne"]), st.just("name"), st.sampled_from(WORDS)),
    st.tuples(
        st.sampled_from(["eq", "ne", *ORDERS]), st.just("size"), st.integers(-3, 3)
    ),
    st.tuples(st.sampled_from(["eq", "ne"]), st.just("on"), st.booleans()),
    st.tuples(st.just("has"), st.just("tags"), st.sampled_from(PLAIN)),
    st.tuples(
        st.sampled_from(ORDERS),
        st.just("at"),
        st.sampled_from(["2024-01-01T00:00:00Z", "2024-03-01T00:00:00Z"]),
    ),
)
trees: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("and"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("or"), st.lists(inner, min_size=2, max_size=3)),
        st.tuples(st.just("not"), inner),
    ),
    max_leaves=8,
)


def time(text: str) -> float:
    from datetime import UTC, datetime

    when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def wanted(node: Node, record: dict[str, Any], *, fold: bool) -> bool:
    """Whether a record is wanted, by what the words mean."""
    kind = node[0]
    if kind == "and":
        return all(wanted(one, record, fold=fold) for one in node[1])
    if kind == "or":
        return any(wanted(one, record, fold=fold) for one in node[1])
    if kind == "not":
        return not wanted(node[1], record, fold=fold)
    _, field, said = node
    value = record[field]
    if kind == "has":
        return any(
            one.lower() == said.lower() if fold else one == said for one in value
        )
    if kind in ("eq", "ne"):
        if fold and isinstance(value, str):
            value, said = value.lower(), said.lower()
        same = type(value) in (int, float) and value == said
        same = same or (type(value) is type(said) and value == said)
        return same is (kind == "eq")
    if value is None:
        return False
    if field == "at":
        value, said = time(value), time(said)
    return bool(
        {
            "lt": value < said,
            "le": value <= said,
            "gt": value > said,
            "ge": value >= said,
        }[kind]
    )


def literal(said: Any, quote: str) -> str:
    if isinstance(said, bool):
        return "true" if said else "false"
    if isinstance(said, int):
        return str(said)
    if quote == "'":
        return "'" + said.replace("'", "''") + "'"
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"') + '"'


def odata(node: Node) -> str:
    kind = node[0]
    if kind in ("and", "or"):
        return "(" + f" {kind} ".join(map(odata, node[1])) + ")"
    if kind == "not":
        return f"not ({odata(node[1])})"
    _, field, said = node
    said = said if field == "at" else literal(said, "'")
    return f"{field} {kind} {said}"


def scim(node: Node) -> str:
    kind = node[0]
    if kind in ("and", "or"):
        return "(" + f" {kind} ".join(map(scim, node[1])) + ")"
    if kind == "not":
        return f"not ({scim(node[1])})"
    _, field, said = node
    return f"{field} {'eq' if kind == 'has' else kind} {literal(said, chr(34))}"


SIGNS = {
    "eq": "=",
    "ne": "!=",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "has": ":",
}


def aip160(node: Node) -> str:
    kind = node[0]
    if kind in ("and", "or"):
        return "(" + f" {kind.upper()} ".join(map(aip160, node[1])) + ")"
    if kind == "not":
        return f"NOT {aip160(node[1])}"
    _, field, said = node
    return f"{field}{SIGNS[kind]}{literal(said, chr(34))}"


def lucene(node: Node) -> str:
    kind = node[0]
    if kind in ("and", "or"):
        return "(" + f" {kind.upper()} ".join(map(lucene, node[1])) + ")"
    if kind == "not":
        return f"(NOT {lucene(node[1])})"
    _, field, said = node
    if kind in ("eq", "ne", "has"):
        same = f"{field}:{literal(said, chr(34))}"
        # By itself: beside others, `-` is what none of them may be.
        return f"(-{same})" if kind == "ne" else same
    return f"{field}:{SIGNS[kind]}{said}"


def plain(node: Node) -> bool:
    """Whether the tree compares no text that another dialect reads otherwise."""
    if node[0] in ("and", "or"):
        return all(map(plain, node[1]))
    if node[0] == "not":
        return plain(node[1])
    return not (isinstance(node[2], str) and "*" in node[2])


def without_lists(node: Node) -> bool:
    if node[0] in ("and", "or"):
        return all(map(without_lists, node[1]))
    if node[0] == "not":
        return without_lists(node[1])
    return bool(node[0] != "has")


@pytest.mark.parametrize(
    ("write", "fold"), [(odata, False), (scim, True), (aip160, True), (lucene, True)]
)
def test_a_query_finds_what_its_tree_wants(write: Any, fold: bool) -> None:
    """And nothing else, whatever is joined, negated and compared."""
    dialect = import_module(f"emulator.search.{write.__name__}")

    @given(trees, st.lists(records, max_size=5))
    def agree(tree: Node, some: list[dict[str, Any]]) -> None:
        if write is odata and not without_lists(tree):
            return  # `has` of a list needs `any`, which is not there
        if write is aip160 and not plain(tree):
            return
        test = dialect.compile_query(
            write(tree), Fields(["name", "size", "on", "tags", "at"])
        )
        for record in some:
            assert (test(record) is True) is wanted(tree, record, fold=fold), record

    agree()


@pytest.mark.parametrize("dialect", ["odata", "scim", "aip160", "lucene"])
def test_no_text_is_a_bug(dialect: str) -> None:
    """It is read, or said to be no query."""
    from emulator.search.predicate import BadQuery

    module = import_module(f"emulator.search.{dialect}")
    piece = st.sampled_from(
        [*"()[]{}'\"\\:-+!*?,<>=.", " ", "and", "or", "not", "AND", "OR", "NOT", "name",
         "size", "eq", "pr", "5", "2024-01-01", "&&", "||", "TO", "..", "é", "\x00", "a/b"]
    )  # fmt: skip

    @given(st.lists(piece, max_size=15).map("".join) | st.text(max_size=30))
    def read(text: str) -> None:
        try:
            test = module.compile_query(text, Fields(["name", "size"]))
        except BadQuery:
            return
        for value in (None, 5, "5", True, ["a"], {"a": 1}, "2024-01-01"):
            test({"name": value, "size": value})

    read()
