"""Question: which entries of a journal are meant, read and checked before it is asked.

All that is wrong with a question is told together, as `BadQuestion`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from emulator.admin.journal.credential_names import names_of
from emulator.admin.journal.patterns import pattern_of
from emulator.diagnostics import did_you_mean
from emulator.http.pointer import token
from emulator.json_type import Json
from emulator.pipeline import REFUSALS, STEPS
from emulator.program.program import Program
from emulator.times import moment, time_of

UNKNOWN = "unknown"
"""The credential of a call whose claim nobody has."""

COUNTS = ("times", "at_least", "at_most")

_LONGEST = 10_000
_STARS = 100
"""How long a pattern is at most, and how many `*` it has: each entry is held to it."""


class Since(NamedTuple):
    """A time from which on entries are meant."""

    at: int

    def __str__(self) -> str:
        return moment(self.at)


class BadQuestion(ValueError):
    """A question that no journal can answer, with everything that is wrong with it."""

    def __init__(self, problems: list[dict[str, str]]) -> None:
        self.problems = problems
        """Each with the `pointer` of what is wrong, and a `detail` that says why."""
        super().__init__("; ".join(f"{p['pointer']}: {p['detail']}" for p in problems))


class Reader:
    """Reads the parts of a question, and gathers what is wrong with them."""

    def __init__(self, programs: Mapping[str, Program], asked: Mapping[str, Json]):
        self.asked = asked
        self.problems: list[dict[str, str]] = []
        self.all = programs
        provider = asked.get("provider")
        chosen = programs.get(provider) if isinstance(provider, str) else None
        self.programs = programs if chosen is None else {chosen.name: chosen}
        """Those that a question can be about: that of its provider, or all."""

    def problem(self, name: str, detail: str) -> None:
        self.problems.append({"pointer": f"/{name}", "detail": detail})

    def wrong(self, name: str, value: Json, wanted: str) -> None:
        self.problem(name, f"{str(value)[:60]!r} is not {wanted}")


def read_question(
    programs: Mapping[str, Program],
    asked: Mapping[str, Json],
    counts: tuple[str, ...] = COUNTS,
) -> dict[str, Json]:
    """The matchers of *asked*, with `since` and `status` in one form. Raises `BadQuestion`.

    `since` becomes the id of an entry (an int) or a time (a `Since`); `status` a number or
    a class such as `4xx`.
    """
    reader = Reader(programs, asked)
    matchers: dict[str, Json] = {}
    for name, value in asked.items():
        if name in counts:
            continue
        check = _CHECKS.get(name)
        if check is None:
            fix = did_you_mean(name[:60], [*_CHECKS, *counts])
            reader.problem(name[:60], f"it is no part of a question: {fix}")
        else:
            matchers[name] = check(reader, name, value)
    for place in _too_long(asked):
        detail = f"a pattern has up to {_LONGEST} characters and {_STARS} `*`"
        reader.problem(place, detail)
    if counts:
        _check_counts(reader)
    if reader.problems:
        raise BadQuestion(reader.problems)
    return matchers


def _too_long(value: Json, place: str = "") -> Iterator[str]:
    """Where in *value* there are patterns that are longer than is taken."""
    pattern = pattern_of(value)
    if pattern is not None:
        if len(pattern) > _LONGEST or pattern.count("*") > _STARS:
            yield place
    elif isinstance(value, (Mapping, list)):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, inner in pairs:
            part = token(str(name)[:60])
            yield from _too_long(inner, f"{place}/{part}" if place else part)


def _method(reader: Reader, name: str, value: Json) -> Json:
    if not (isinstance(value, str) and re.fullmatch(r"[A-Za-z-]{1,40}", value)):
        reader.wrong(name, value, "a method such as GET")
        return value
    return value.upper()


def _text(reader: Reader, name: str, value: Json) -> Json:
    if not isinstance(value, str) and pattern_of(value) is None:
        reader.wrong(name, value, "a text, or {'matches': a text with *}")
    return value


def _status(reader: Reader, name: str, value: Json) -> Json:
    text = "" if isinstance(value, bool) else str(value).lower()
    if re.fullmatch(r"[1-5]xx", text):
        return text
    if re.fullmatch(r"[1-5][0-9]{2}", text):
        return int(text)
    reader.wrong(name, value, "a status such as 404, or a class of them such as '4xx'")
    return value


def _provider(reader: Reader) -> Iterable[str]:
    return reader.all


def _operation(reader: Reader) -> Iterable[str]:
    return (id for program in reader.programs.values() for id in program.operations)


def _step(_: Reader) -> Iterable[str]:
    return STEPS


def _refusal(reader: Reader) -> Iterable[str]:
    yield from REFUSALS.codes
    for program in reader.programs.values():
        yield from program.errors
        for operation in program.operations.values():
            yield from operation.errors
            yield from REFUSALS.of(program, operation)


def _credential(reader: Reader) -> Iterable[str]:
    yield UNKNOWN
    for program in reader.programs.values():
        yield from names_of(program)


def _known(
    what: str, names: Callable[[Reader], Iterable[str]], *, none: bool = True
) -> Callable[[Reader, str, Json], Json]:
    """The check of a name that has to exist, or be a pattern, or where *none* null."""

    def check(reader: Reader, name: str, value: Json) -> Json:
        if value is None and none:
            return value
        if not isinstance(value, str):
            return _text(reader, name, value)
        known = set(names(reader))
        if value in known:
            return value
        others = reader.all.values() if what == "operation" else ()
        owners = [other.name for other in others if value in other.operations]
        if owners:
            reader.problem(
                name,
                f"{value!r} is an operation of {' and '.join(owners)}, not of"
                f" {reader.asked.get('provider')}",
            )
        else:
            fix = did_you_mean(value[:60], known)
            reader.problem(name, f"there is no {what} {value[:60]!r}: {fix}")
        return value

    return check


def _named(reader: Reader, name: str, value: Json) -> Json:
    if not isinstance(value, Mapping):
        reader.wrong(name, value, "an object of names and values")
        return {}
    for inner, wanted in value.items():
        plain = wanted is None or isinstance(wanted, (str, int, float, list))
        if not plain and pattern_of(wanted) is None:
            form = "a text, a number, null for none, or {'matches': a text with *}"
            reader.wrong(f"{name}/{inner}", wanted, form)
    return value


def _body(_: Reader, __: str, value: Json) -> Json:
    return value


def _since(reader: Reader, name: str, value: Json) -> Json:
    text = "" if isinstance(value, bool) else str(value)
    if re.fullmatch(r"[0-9]{1,15}", text):
        return int(text)
    try:
        return Since(time_of(text))
    except (ValueError, OverflowError):
        wanted = "the id of an entry, or a time such as 2026-03-02T10:00:00Z"
        reader.wrong(name, value, wanted)
        return value


_CHECKS: Mapping[str, Callable[[Reader, str, Json], Json]] = {
    "provider": _known("provider", _provider, none=False),
    "operation": _known("operation", _operation),
    "method": _method,
    "path": _text,
    "status": _status,
    "refused_by": _known("step", _step),
    "refusal": _known("refusal", _refusal),
    "credential": _known("credential", _credential),
    "query": _named,
    "headers": _named,
    "body": _body,
    "since": _since,
}

MATCHERS = tuple(_CHECKS)


def _check_counts(reader: Reader) -> None:
    given = {
        name: value for name in COUNTS if (value := reader.asked.get(name)) is not None
    }
    for name, value in given.items():
        if type(value) is not int or value < 0:
            reader.wrong(name, value, "a whole number from 0")
    if reader.problems:
        return
    if "times" in given and len(given) > 1:
        reader.problem("times", "it says all: leave out at_least and at_most")
    elif given.get("at_least", 0) > given.get("at_most", 2**62):
        reader.problem("at_least", f"it is more than at_most, {given['at_most']}")
