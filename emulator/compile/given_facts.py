"""Given facts: what a spec's own refusals say, besides those that the steps have names for.

    requires: [{check: amount <= left, refuse: too_much, facts: {left: "${left}"}}]
    states: {field: state, moves: {...}, refuse: too_late}

The text of `too_much` may use `left`, and that of `too_late` what `wrong_state` tells:
whatever all that refuse so give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.compile.source import Given, Source
from emulator.json_type import Json
from emulator.pipeline import REFUSALS

_LIKE = {
    "moves": "wrong_state",
    "at_most": "limit_reached",
    "fields": "conflict",
    "quota": "rate_limited",
}
"""The code that a `refuse` stands for, by the key that stands beside it."""


def given_facts(source: Source) -> dict[str, Given]:
    """What the refusals of each code have, whatever refuses with it."""
    given: dict[str, Given] = {}
    for name, part in source.behavior.data.items():
        step = "authenticate" if name == "authentication" else "authorize"
        for code, facts, status in _refusals(part, step) if name != "errors" else ():
            known = given.setdefault(code, Given(facts, status))
            given[code] = Given(known.facts & facts, known.status)
    return {code: each for code, each in given.items() if code not in REFUSALS.codes}


def _refusals(tree: Json, step: str) -> Iterator[tuple[str, frozenset[str], int]]:
    """The codes that parts of *tree* refuse with, the facts and the status of each.

    Conditions that name no step are asked by *step*.
    """
    if isinstance(tree, Mapping):
        if isinstance(tree.get("missing"), str):
            yield tree["missing"], *_as("not_found")
        if isinstance(tree.get("refuse"), str):
            yield tree["refuse"], *_given_with(tree, step)
        for part in tree.values():
            yield from _refusals(part, step)
    elif isinstance(tree, list):
        for part in tree:
            yield from _refusals(part, step)


def _given_with(written: Mapping[str, Json], step: str) -> tuple[frozenset[str], int]:
    """The facts and the status of what *written* refuses."""
    if "check" in written:
        facts, named = written.get("facts"), str(written.get("step", step))
        status = REFUSALS.status(str(written["refuse"]), named)
        return frozenset(facts if isinstance(facts, Mapping) else ()), status
    like = [code for key, code in _LIKE.items() if key in written]
    if like:
        return _as(like[0])
    return frozenset(), REFUSALS.kind(str(written["refuse"])).status


def _as(code: str) -> tuple[frozenset[str], int]:
    kind = REFUSALS.codes[code]
    return frozenset(kind.facts), kind.status
