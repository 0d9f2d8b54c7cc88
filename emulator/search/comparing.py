"""Comparing: how the value of a record stands to what a query says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

from emulator.json_type import Json
from emulator.search.predicate import Test
from emulator.times import time_of

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt][0-9:.]+([Zz]|[+-][0-9:]+)?)?")

ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": gt, "ge": ge, "lt": lt, "le": le,
}  # fmt: skip


class Moment(NamedTuple):
    """A time that a query says, in microseconds since 1970."""

    at: int


def moment(text: Json) -> Moment | None:
    """The time that *text* names by RFC 3339, if it is one."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        return None
    try:
        return Moment(time_of(text))
    except ValueError:
        return None


def equal(value: Json, said: Json, *, fold: bool = False) -> bool:
    """Whether two values are the same: true is not 1, and a time is one in any zone.

    With *fold*, the case of texts does not matter.
    """
    if isinstance(said, Moment) or isinstance(value, Moment):
        return _moment_of(value) == _moment_of(said) is not None
    if isinstance(value, bool) or isinstance(said, bool):
        return value is said
    if fold and isinstance(value, str) and isinstance(said, str):
        return value.casefold() == said.casefold()
    return bool(value == said)


def ordered(operator: str, value: Json, said: Json, *, fold: bool = False) -> bool:
    """Whether *value* comes before or after what is *said*; false for other types."""
    if isinstance(said, Moment) or isinstance(value, Moment):
        value, said = _moment_of(value), _moment_of(said)
    if value is None or said is None:
        return False
    if isinstance(value, bool) or isinstance(said, bool):
        return False
    if isinstance(value, str) and isinstance(said, str):
        if fold:
            value, said = value.casefold(), said.casefold()
        return ORDERED[operator](value, said)
    numbers = (int, float)
    if isinstance(value, numbers) and isinstance(said, numbers):
        return ORDERED[operator](value, said)
    return False


def _moment_of(value: Json) -> int | None:
    if isinstance(value, Moment):
        return value.at
    time = moment(value)
    return None if time is None else time.at


def loosely_equal(value: Json, said: str) -> bool:
    """Whether *value* is what an unquoted word says, whatever its type and its case.

    A day is all of it, also for a value with a time of day.
    """
    if isinstance(value, bool):
        return said.casefold() == ("true" if value else "false")
    if isinstance(value, (int, float)):
        number = number_of(said)
        return number is not None and value == number
    if not isinstance(value, str):
        return False
    if value.casefold() == said.casefold():
        return True
    if _DAY.fullmatch(said):
        return value.startswith(f"{said}T")
    time = moment(said)
    return time is not None and equal(value, time)


def loosely_ordered(operator: str, value: Json, said: str) -> bool:
    """Whether *value* comes before or after what an unquoted word says."""
    if isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        number = number_of(said)
        return number is not None and ORDERED[operator](value, number)
    if not isinstance(value, str):
        return False
    if _DAY.fullmatch(said):
        return ORDERED[operator](value[: len(said)], said)
    time = moment(said)
    if time is not None and moment(value) is not None:
        return ordered(operator, value, time)
    return ORDERED[operator](value.casefold(), said.casefold())


def number_of(text: str) -> float | None:
    """The number that *text* is, if it is a finite one."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number - number == 0 else None


def both(tests: Sequence[Test]) -> Test:
    """All of *tests* hold; unknown where one is and none fails."""
    return _joined(tests, decides=False)


def either(tests: Sequence[Test]) -> Test:
    """One of *tests* holds; unknown where one is and none holds."""
    return _joined(tests, decides=True)


def _joined(tests: Sequence[Test], *, decides: bool) -> Test:
    """All *tests* as one; the first that is *decides* decides."""
    if len(tests) == 1:
        return tests[0]

    def test(record: Mapping[str, Json]) -> Json:
        result: Json = not decides
        for clause in tests:
            holds = clause(record)
            if holds is decides:
                return decides
            if holds is None:
                result = None
        return result

    return test


def negated(clause: Test) -> Test:
    """*clause* does not hold; unknown where it is."""

    def test(record: Mapping[str, Json]) -> Json:
        holds = clause(record)
        return None if holds is None else not holds

    return test
