"""Rules: what holds of a record that is stored, besides its schema."""

from __future__ import annotations

from emulator.compile.collections import check_field
from emulator.compile.kinds import computed
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.static_scope import Scope
from emulator.program.operation import RecordLimit, Rule
from emulator.program.violations import FACTS
from emulator.spec.document import Pointer


def compile_rules(
    source: Source,
    pointer: Pointer,
    scope: Scope,
    collection: str,
    inputs: frozenset[str],
) -> tuple[Rule, ...]:
    """The rules at *pointer*, for records of *collection* that get these *inputs*."""
    return tuple(
        _rule(source, at, entry, scope, collection, inputs)
        for at, entry in source.entries(*pointer)
    )


def compile_limit(source: Source, collection: str) -> RecordLimit | None:
    """How many records of *collection* there may be at one time."""
    at = ("collections", collection, "max_records")
    written = source.get(*at)
    if written is None:
        return None
    for where, _ in source.entries(*at, "where"):
        check_field(source, where, str(where[-1]), collection)
    return RecordLimit(
        collection=collection,
        where=written.get("where", {}),
        at_most=source.template((*at, "at_most")),
        refuse=written.get("refuse", "limit_reached"),
    )


def _rule(
    source: Source,
    pointer: Pointer,
    written: Json,
    scope: Scope,
    collection: str,
    inputs: frozenset[str],
) -> Rule:
    known = inputs | source.fields.get(collection, frozenset())
    kinds = {
        f"this.{name}": kind
        for name in inputs - computed(source, collection)
        if (kind := scope.kinds.get(f"body.{name}"))
    }
    here = scope.with_fields(known, guarded=True).with_kinds(kinds)
    required = tuple(written.get("requires_fields", ()))
    optional = {name.removeprefix("body.") for name in scope.optional}
    check = source.condition(
        (*pointer, "check"),
        here.with_optional(scope.optional | (optional - {*required})),
    )
    for at, field in enumerate(required):
        source.known((*pointer, "requires_fields", at), field, known, "field")
    field = written.get("field", "")
    if field:
        sent = scope.roots.get("query") or frozenset()
        source.known((*pointer, "field"), field, known | sent, "field")
    return Rule(
        check=check,
        given=required,
        inputs=inputs,
        field=field,
        name=written.get("rule", "rule"),
        message=source.optional(
            (*pointer, "message"), here.with_fields({*known, *FACTS})
        ),
    )
