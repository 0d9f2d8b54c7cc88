"""Given facts: what a spec's own refusals say, besides those that the steps have names for.

    requires: [{check: amount <= left, refuse: too_much, facts: {left: "${left}"}}]
    states: {field: state, moves: {...}, refuse: too_late}

The text of `too_much` may use `left`, and that of `too_late` what `wrong_state` tells:
whatever all that refuse so give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.pipeline import REFUSALS

_LIKE = {"moves": "wrong_state", "at_most": "limit_reached", "fields": "conflict"}
"""The code that a `refuse` stands for, by the key that stands beside it."""


def given_facts(source: Source) -> dict[str, frozenset[str]]:
    """The names that the refusals of each code have, whatever refuses with it."""
    given: dict[str, frozenset[str]] = {}
    parts = [part for name, part in source.behavior.data.items() if name != "errors"]
    for code, facts in _refusals(parts):
        given[code] = given.get(code, facts) & facts
    return {code: facts for code, facts in given.items() if code not in REFUSALS.codes}


def _refusals(tree: Json) -> Iterator[tuple[str, frozenset[str]]]:
    """The codes that parts of *tree* refuse with, and the facts that each gives."""
    if isinstance(tree, Mapping):
        if isinstance(tree.get("missing"), str):
            yield tree["missing"], _facts_of("not_found")
        if isinstance(tree.get("refuse"), str):
            yield tree["refuse"], _given_with(tree)
        for part in tree.values():
            yield from _refusals(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _refusals(part)


def _given_with(written: Mapping[str, Json]) -> frozenset[str]:
    """The facts of what *written* refuses."""
    if "check" in written:
        facts = written.get("facts")
        return frozenset(facts if isinstance(facts, Mapping) else ())
    like = [code for key, code in _LIKE.items() if key in written]
    return _facts_of(like[0]) if like else frozenset()


def _facts_of(code: str) -> frozenset[str]:
    return frozenset(REFUSALS.codes[code].facts)
