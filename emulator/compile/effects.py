"""Effects: changes of records that a call brings about besides its own action."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from emulator.compile.collections import draws_keys, given_key
from emulator.compile.machines import moves_of
from emulator.compile.rules import compile_limit, compile_rules
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.embedded import split
from emulator.language.grammar import BadExpression
from emulator.language.static_scope import Scope
from emulator.program.operation import Effect
from emulator.spec.document import Pointer


def compile_effects(
    source: Source, pointer: Pointer, scope: Scope
) -> tuple[Effect, ...]:
    """A list of `effects`: `{update: api_keys, key: ..., set: {...}, when: ...}`."""
    effects = []
    for at, written in source.entries(*pointer):
        kind = next(
            (name for name in ("update", "create", "delete") if name in written), ""
        )
        collection = written.get(kind)
        if not source.known((*at, kind), collection, source.fields, "collection"):
            continue
        here = scope.with_roots(it=None) if "each" in written else scope
        when, here = source.when(at, here)
        effects.append(
            Effect(
                kind=kind,
                collection=collection,
                key=source.optional((*at, "key"), here),
                values=source.template(
                    (*at, "set"),
                    here.with_fields(
                        {*here.fields, *source.fields[collection]}, guarded=True
                    ),
                    tree=written.get("set", {}),
                ),
                when=when,
                each=source.optional((*at, "each"), scope),
                moves=_moves(source, at, collection, kind),
                **_stored(source, at, here, collection, kind),
            )
        )
    return tuple(effects)


def _moves(
    source: Source, pointer: Pointer, collection: str, kind: str
) -> tuple[str, ...]:
    """The moves that an effect makes, where it can be refused for want of one."""
    if "move" not in source.get(*pointer):
        return ()
    if kind == "update" and pointer[0] == "operations":
        return moves_of(source, pointer, collection)
    source.problem(
        (*pointer, "move"),
        "wrong-form",
        "a move is part of an update of an operation",
        "a move that is not possible refuses the call"
        if kind == "update"
        else f"nothing is updated by `{kind}`",
        "have the effects of an operation update the record"
        if kind == "update"
        else "remove it",
        key=True,
    )
    return ()


def _stored(
    source: Source, pointer: Pointer, scope: Scope, collection: str, kind: str
) -> dict[str, Any]:
    """What holds of a record that an effect creates or changes, as of any other."""
    written = source.get(*pointer)
    values = written.get("set", {})
    if kind != "create":
        key = source.get("collections", collection, "key", default="id")
        return {"clashes": kind == "update" and key in values}
    rules = ("collections", collection, "rules")
    return {
        "rules": compile_rules(source, rules, scope, collection, frozenset(values)),
        "limit": compile_limit(source, collection),
        "clashes": clashes(source, collection, values, str(written.get("when", ""))),
    }


def clashes(
    source: Source, collection: str, values: Mapping[str, Json], when: str = ""
) -> bool:
    """Whether a new record that gets *values* may have the key of another.

    Keys that are counted or drawn are new ones. So is one that *when* looks for first:
    `lookup('orders', body.number) is None`.
    """
    key = source.get("collections", collection, "key", default="id")
    ids = source.get("collections", collection, "ids", default="")
    if key not in values:
        if ids and source.word(("collections", collection, "ids")) is None:
            try:
                return not draws_keys(source, collection)
            except BadExpression:
                return True  # which is reported where it stands
        return not ids and given_key(source, collection)
    try:
        parts = split(values[key]) if isinstance(values[key], str) else []
    except BadExpression:
        return True  # which is reported where it stands
    return len(parts) != 1 or not _looked_for(when, collection, parts[0][1])


def _looked_for(when: str, collection: str, key: str) -> bool:
    """Whether *when* holds only if *collection* has no record with this *key*."""
    try:
        tree: ast.expr = ast.parse(when.strip(), mode="eval").body
        wanted = f"lookup({collection!r}, {key.strip()}) is None"
        asked = ast.dump(ast.parse(wanted, mode="eval").body)
    except SyntaxError:
        return False
    both = isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And)
    conditions = tree.values if both and isinstance(tree, ast.BoolOp) else [tree]
    return any(ast.dump(condition) == asked for condition in conditions)
