"""Collections: what holds of all records of a kind, whichever operation touches them."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from emulator.compile.bodies import fields_of_inputs
from emulator.compile.machines import compile_machine
from emulator.compile.names import without_call
from emulator.compile.source import Source
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json
from emulator.language.grammar import BadExpression
from emulator.program.collections import CollectionPolicy, SoftDeletion, Unique
from emulator.program.schemas import Schema
from emulator.spec.document import Pointer
from emulator.world.ordering import Order
from emulator.world.references import Reference

_AWAITED = "it is asked when the events to come are listed"


def compile_collections(source: Source) -> dict[str, CollectionPolicy]:
    """What stands under `collections`."""
    return {
        str(pointer[-1]): _collection(source, pointer, str(pointer[-1]))
        for pointer, _ in source.entries("collections")
    }


def _collection(source: Source, pointer: Pointer, name: str) -> CollectionPolicy:
    written = source.get(*pointer) or {}
    fields = source.fields[name]
    scope = source.scope.with_fields(fields, guarded=True)
    template = None
    ids = source.word((*pointer, "ids")) if "ids" in written else "sequence"
    if ids is None:
        template, ids = source.template((*pointer, "ids")), "template"
    else:
        source.known((*pointer, "ids"), ids, ("sequence", "uuid"), "kind-of-id")
    return CollectionPolicy(
        name=name,
        key=written.get("key", "id"),
        ids=ids,
        id_template=template,
        draws=template is not None and draws_keys(source, name),
        given=given_key(source, name),
        owned_by={
            str(at[-1]): source.template(at, source.scope_at("find"))
            for at, _ in source.entries(*pointer, "owned_by")
            if check_field(source, at, str(at[-1]), name)
        },
        order=compile_order(source, (*pointer, "order"), name),
        on_create=source.template(
            (*pointer, "on_create"), scope, tree=written.get("on_create", {})
        ),
        on_update=source.template(
            (*pointer, "on_update"), scope, tree=written.get("on_update", {})
        ),
        unique=tuple(
            Unique(
                fields=tuple(entry["fields"]),
                refuse=entry.get("refuse", "conflict"),
            )
            for at, entry in source.entries(*pointer, "unique")
            if all(
                check_field(source, (*at, "fields"), field, name)
                for field in entry["fields"]
            )
        ),
        references=tuple(
            _reference(source, at, entry)
            for at, entry in source.entries(*pointer, "references")
            if check_field(source, at, str(at[-1]), name)
        ),
        fields=fields,
        files=tuple(
            field
            for at, field in source.entries(*pointer, "files")
            if check_field(source, at, field, name)
        ),
        soft=_soft(source, pointer),
        drops_unsent=written.get("unsent") == "drop",
        machine=compile_machine(source, pointer),
        completes=source.optional(
            (*pointer, "completes"), scope.without(without_call(_AWAITED))
        ),
        conforms_to={
            str(at[-1]): Schema(source.openapi.schemas[named])
            for at, named in source.entries(*pointer, "conforms_to")
            if named in source.openapi.schemas
        },
    )


def _soft(source: Source, pointer: Pointer) -> SoftDeletion | None:
    """What stands under `soft_delete`."""
    at = (*pointer, "soft_delete")
    written = source.get(*at)
    if written is None:
        return None
    full = written if isinstance(written, dict) else {"field": written}
    scope = source.scope_at("act").with_fields(())
    return SoftDeletion(
        field=full["field"],
        value=source.template((*at, "value"), scope, tree=full.get("value", "${now}")),
        refuse=full.get("refuse", ""),
        unique=full.get("unique", "free") == "kept",
    )


def draws_keys(source: Source, collection: str) -> bool:
    """Whether `ids` of *collection* draws every key.

    `'ord_' + token(8)` does. `body.id or token(8)` may be what a call says, which another
    record may have.
    """
    pointer = ("collections", collection, "ids")
    try:
        if not source.template(pointer).uses.fresh:
            return False
        tree = ast.parse(str(source.get(*pointer)).strip(), mode="eval").body
    except BadExpression:
        return False  # which is told where the template is checked
    except SyntaxError:
        return True
    return all(
        any(isinstance(part, ast.Call) for part in ast.walk(outcome))
        for outcome in _outcomes(tree)
    )


def _outcomes(tree: ast.expr) -> list[ast.expr]:
    """The parts of an expression of which one is its value."""
    if isinstance(tree, ast.BoolOp):
        return [each for value in tree.values for each in _outcomes(value)]
    if isinstance(tree, ast.IfExp):
        return _outcomes(tree.body) + _outcomes(tree.orelse)
    return [tree]


def given_key(source: Source, collection: str) -> bool:
    """Whether callers give the keys of *collection*: a creation's body declares it.

    Where `ids` says how they are made, that holds whatever a body declares.
    """
    written = source.get("collections", collection, default=None) or {}
    if "ids" in written:
        return False
    key = written.get("key", "id")
    for id in source.creations.get(collection, ()):
        for name, schema_of_key in fields_of_inputs(source, id):
            if name != key:
                continue
            if isinstance(schema_of_key, Mapping) and not schema_of_key.get("readOnly"):
                return True
    return False


def _reference(source: Source, pointer: Pointer, written: Json) -> Reference:
    full = written if isinstance(written, dict) else {"to": written}
    source.known(pointer, full["to"], source.fields, "collection")
    return Reference(
        field=str(pointer[-1]),
        to=full["to"],
        by=full.get("by", ""),
        on_delete=full.get("on_delete", "ignore"),
    )


def compile_order(source: Source, pointer: Pointer, collection: str) -> Order:
    """`[-created_at, id]` as ((field, descending), ...)."""
    order = []
    written = source.get(*pointer, default=[])
    for at, text in enumerate(written if isinstance(written, list) else [written]):
        field = text.removeprefix("-")
        if check_field(source, (*pointer, at), field, collection, path=True):
            order.append((field, text.startswith("-")))
    return tuple(order)


def check_field(
    source: Source, pointer: Pointer, field: str, collection: str, *, path: bool = False
) -> bool:
    """Whether the records of *collection* have *field*; if not, that is reported.

    With *path*, it may lead into a field: `size.high`.
    """
    known = source.fields[collection]
    if field in known or (path and field.partition(".")[0] in known):
        return True
    source.problem(
        pointer,
        "unknown-field",
        f"the records of {collection!r} have no field {field!r}",
        f"they have {', '.join(sorted(known))}; `fields` of a collection names more",
        did_you_mean(field, known),
        key=pointer[-1] == field,
    )
    return False
