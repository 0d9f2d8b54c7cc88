"""States: the states other than active that credentials of a provider can be in."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from emulator.language.failures import ExpressionFailed
from emulator.language.grammar import BadExpression
from emulator.language.templates import Template
from emulator.program.authentication import SchemePolicy
from emulator.program.credentials import find_credential, state
from emulator.program.program import Program

STATES = "credential_"
"""A credential in a state other than active refuses `credential_<state>`."""


def states(program: Program, scheme: SchemePolicy) -> list[str]:
    """The states other than active that the spec knows of: those that the fixtures'
    credentials are in, and those that something in the spec puts one into."""
    found: dict[str, None] = {}
    for record in program.bases[scheme.collection].records.values():
        try:
            found[state(program, scheme, record)] = None
        except (ExpressionFailed, BadExpression):
            continue  # `compile.checks` reports it
    found |= dict.fromkeys(_set_states(program, scheme))
    return [text for text in found if text not in scheme.active]


def _set_states(program: Program, scheme: SchemePolicy) -> Iterator[str]:
    """The states that are written out: in the expression itself, `'old' if old else 'new'`,
    and where the spec sets a field that holds one, `state or 'active'`."""
    if scheme.collection == "tokens" and any(
        operation.grant is not None for operation in program.operations.values()
    ):
        yield "revoked"  # which an authorization server does
    if scheme.state is None:
        return
    fields, written = _outcomes(str(scheme.state.tree).strip())
    yield from written
    for collection, values in _set(program):
        tree = None if values is None else values.tree
        if collection == scheme.collection and isinstance(tree, dict):
            for found in (tree.get(field) for field in fields):
                if isinstance(found, str) and "${" not in found:
                    yield found


def _outcomes(expression: str) -> tuple[list[str], list[str]]:
    """The fields, and the texts, one of which an expression comes to.

    "state or 'active'"  ->  ["state"], ["active"]
    """
    try:
        nodes: list[ast.expr] = [ast.parse(expression, mode="eval").body]
    except SyntaxError:  # a field may be called as Python's own words are
        return [expression], []
    fields, written = [], []
    for node in nodes:  # which grows
        match node:
            case ast.Name(name):
                fields.append(name)
            case ast.Constant(str(text)):
                written.append(text)
            case ast.IfExp(_, one, other):
                nodes += (one, other)
            case ast.BoolOp(_, values):
                nodes += values
    return fields, written


def _set(program: Program) -> Iterator[tuple[str, Template | None]]:
    """Everything that sets fields of records: (collection, what it sets)."""
    for name, policy in program.collections.items():
        yield name, policy.on_create
        yield name, policy.on_update
    for effect in program.effects:
        yield effect.collection, effect.values
    for operation in program.operations.values():
        if operation.action.kind in ("create", "update"):
            yield operation.action.collection, operation.action.values
        for effect in operation.effects:
            yield effect.collection, effect.values
    for scenario in program.scenarios.values():
        steps: tuple[Any, ...] = scenario.arrange
        for step in steps:
            values = getattr(step, "values", None)
            if values is None:
                continue  # it changes no record
            collection = step.collection
            if step.credential:
                with suppress(KeyError):  # `compile.scenario_checks` reports it
                    collection, _ = find_credential(program, step.credential)
            yield collection, values
