"""Route: which operation is this call for?"""

from __future__ import annotations

from collections.abc import Iterable

from emulator.exchange.addressed import Addressed
from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.json_type import Json
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.routes import Match, allowed
from emulator.program.undeclared import (
    Unknown,
    unknown_method,
    unknown_path,
    unknown_target,
)
from emulator.step import Code, Step


def route(exchange: Exchange) -> Refusal | None:
    addressed = exchange.addressed
    match = addressed.match
    if addressed.operation is None:
        exchange.is_unknown("route", unknown_address(addressed))
    if match is None:
        return Refusal("no_route")
    if addressed.operation is None:
        if addressed.several is not None:
            return Refusal("unknown_target", {"target": addressed.target})
        return Refusal("wrong_method", _offered(match))
    several = addressed.several
    if exchange.forced == "unknown_target" and several and several.otherwise is None:
        return Refusal("unknown_target", {"target": addressed.target})
    if exchange.forced == "no_route":
        return Refusal("no_route")
    if exchange.forced == "wrong_method":
        return Refusal("wrong_method", _offered(match))
    return None


def unknown_address(addressed: Addressed) -> list[Unknown]:
    """The path or the method that leads nowhere."""
    match, program = addressed.match, addressed.program
    if match is None:
        return [unknown_path(program, addressed.path)]
    if addressed.operation is None and addressed.several is not None:
        return [unknown_target(addressed.target, addressed.several.operations)]
    if addressed.operation is None:
        return [unknown_method(addressed.call.method, _offered(match)["methods"])]
    return []


def _offered(match: Match[Operation]) -> dict[str, Json]:
    """The methods of the path, without those that `path_aliases` leads astray here."""
    many = len(match.values)
    allow = allowed(
        method
        for method, operation in match.by_method.items()
        if method == "OPTIONS" or len(operation.parameter_names) == many
    )
    methods = [method for method in allow.split(", ") if method != "OPTIONS"]
    return {"allow": allow, "methods": methods}


def refusals(program: Program, operation: Operation) -> Iterable[str]:
    """That of several operations at one path; the others are of calls of none."""
    return ("unknown_target",) if operation.id in program.dispatched else ()


def tell(notes: Notes) -> Words:
    if notes.refusal == "wrong_method":
        allow = notes.facts.get("allow")
        return f"the path takes {allow}, not {notes.entry.method}", {"allow": allow}
    operation = notes.operation
    if notes.refusal == "unknown_target":
        target = notes.facts.get("target")
        return f"none of the operations at this path is {target!r}", {"target": target}
    if operation is None:
        return "no operation has this path", {}
    facts = {"operation": operation.id, "path": operation.path}
    return f"this is {operation.id}", facts


STEP = Step(
    name="route",
    question="which operation is this call for?",
    decide=route,
    tell=tell,
    codes={
        "no_route": Code("no operation has this path", status=404),
        "wrong_method": Code(
            "the path has no operation with this method", ("allow", "methods"), 405
        ),
        "unknown_target": Code(
            "the call names none of the operations at its path",
            ("target",),
            400,
            of_operations=True,
        ),
    },
    refusals=refusals,
    acts=lambda _, __: True,
    keys=(
        "http.trailing_slash",
        "dispatch",
        "operations.{operation}.path_aliases",
        "operations.{operation}.greedy",
        "functions",
        "let.{definition}",
        "operations.{operation}.let",
    ),
)
