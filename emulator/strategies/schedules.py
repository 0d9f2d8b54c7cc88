"""Schedules: rules of faults, in the words of scenarios."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from emulator.json_type import Json
from emulator.pipeline import REFUSALS
from emulator.program.credentials import credentials
from emulator.program.program import Program

Rules = list[dict[str, Json]]

_PLAIN = (
    "reset",
    "empty",
    "malformed",
    "garbage",
    "gateway=502",
    "gateway=503",
    "type=text/html",
    "drop=Retry-After",
    "retry-after=date",
)
_NEVER_FORCED = ("no_route", "wrong_method", "unknown_target")


def schedules(program: Program) -> SearchStrategy[Rules]:
    """Lists of up to four rules; the plainest is none at all."""
    operations = sorted(program.operations)
    kinds = [
        _rule(_wire(), st.sampled_from(operations), program),
        *(
            _rule(errors, st.just(name), program)
            for name in operations
            for errors in [_errors(program, name)]
            if not errors.is_empty
        ),
    ]
    return st.lists(st.one_of(kinds), max_size=4)


def _rule(
    what: SearchStrategy[dict[str, Json]],
    operation: SearchStrategy[str],
    program: Program,
) -> SearchStrategy[dict[str, Json]]:
    names = [str(credential["name"]) for credential in credentials(program)]
    optional: dict[str, SearchStrategy[Any]] = {
        "calls": calls(),
        "probability": st.sampled_from([0.1, 0.5, 0.9]),
        "until": st.integers(1, 60).map("{}s".format),
    }
    if names:
        optional["credential"] = st.sampled_from(names)
    about = st.fixed_dictionaries({"operation": operation}, optional=optional)
    return st.builds(lambda one, two: {**one, **two}, about, what)


def _wire() -> SearchStrategy[dict[str, Json]]:
    """What goes wrong on the wire, or in a reply on its way."""
    short = st.integers(1, 500).map("{}ms".format)
    share = st.sampled_from(["0", "0.25", "0.5", "0.9"])
    named = st.one_of(
        short.map("delay={}".format),
        st.sampled_from(_PLAIN),
        share.map("truncate={}".format),
        short.map("dribble={}".format),
    )
    return named.map(lambda one: {"fault": one})


def _errors(program: Program, name: str) -> SearchStrategy[dict[str, Json]]:
    """The refusals, and the errors of 500 and more, that an operation can give."""
    operation = program.operations[name]
    codes = [
        code for code in REFUSALS.of(program, operation) if code not in _NEVER_FORCED
    ]
    statuses = {
        error.status for error in operation.errors.values() if error.status >= 500
    }
    faults: list[dict[str, Json]] = [
        {"status": status}
        for status in sorted(statuses)
        if program.error_with(operation, status) in codes
    ]
    faults += [{"fault": f"status={status['status']}"} for status in faults]
    faults += [{"refuse": code} for code in codes]
    return st.sampled_from(faults) if faults else st.nothing()


def calls() -> SearchStrategy[str]:
    """Which calls a rule strikes: `2`, `2, 3`, `1-3`, `4-` or `every 3`."""
    number = st.integers(1, 5)
    return st.one_of(
        number.map(str),
        st.lists(number, min_size=2, max_size=3, unique=True).map(
            lambda some: ", ".join(map(str, sorted(some)))
        ),
        st.builds(lambda one, more: f"{one}-{one + more}", number, st.integers(0, 3)),
        number.map("{}-".format),
        number.map("every {}".format),
    )
