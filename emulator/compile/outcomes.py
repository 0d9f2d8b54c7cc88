"""Outcomes: a list of what may become of a call, by codes and by statuses."""

from __future__ import annotations

import re

from emulator.compile.source import Source
from emulator.pipeline import REFUSALS
from emulator.program.outcomes import REPLAYED, Outcomes
from emulator.spec.document import Pointer

_CLASS = re.compile("[2-5]xx")


def compile_outcomes(source: Source, pointer: Pointer) -> Outcomes | None:
    """The list at *pointer*: `[not_modified, 404, 5xx]`."""
    if source.get(*pointer) is None:
        return None
    codes, statuses = set[str](), set[int]()
    table = source.get("errors", "table", default={})
    known = {*table, *REFUSALS.codes, REPLAYED}
    for at, outcome in source.entries(*pointer):
        if isinstance(outcome, int):
            statuses.add(outcome)
        elif _CLASS.fullmatch(outcome):
            first = int(outcome[0]) * 100
            statuses.update(range(first, first + 100))
        elif source.known(at, outcome, known, "refusal"):
            codes.add(outcome)
    return Outcomes(codes=frozenset(codes), statuses=frozenset(statuses))
