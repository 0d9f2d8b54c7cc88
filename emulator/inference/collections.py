"""Collections: records behind the paths that list things and lead to each of them."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.inference.actions import Actions
from emulator.inference.draft import GUESSED, HIGH, LOW, MEDIUM, Draft
from emulator.inference.finding import find_resources
from emulator.inference.ids import ids_of
from emulator.inference.inferred import Kind
from emulator.inference.keys import key_expression
from emulator.inference.names import snake
from emulator.inference.records import Records
from emulator.inference.resources import Resource
from emulator.inference.samples import NoSample
from emulator.inference.writing import Noted
from emulator.json_type import Json
from emulator.spec.description import OperationDoc

KIND = Kind(
    "collections",
    "a path that lists things, such as `/pets`, and one below it that leads to each of them,"
    " `/pets/{petId}`",
    "a collection: what is created there is stored, listed, read, changed and deleted; below"
    " another one, `/pets/{petId}/visits`, it is that of its parent",
)


def infer_collections(draft: Draft) -> None:
    for resource in find_resources(draft.openapi):
        for does, operation in [*resource.operations.items()]:
            if not draft.allows(KIND, operation.id):
                del resource.operations[does]
        resource.further = [
            each for each in resource.further if draft.allows(KIND, each.operation.id)
        ]
        if resource.operations:
            infer_collection(draft, resource, KIND)


def lists_of(
    draft: Draft, kind: Kind
) -> Iterator[tuple[Resource, OperationDoc, dict[str, Json]]]:
    """The lists of resources that *kind* may say something of, and what is said so far."""
    for resource in draft.resources:
        for operation in resource.lists:
            written = draft.operations.get(operation.id)
            if written is not None and draft.allows(kind, operation.id):
                yield resource, operation, written


def infer_collection(draft: Draft, resource: Resource, kind: Kind) -> None:
    """Write what is known of *resource* as a collection, if enough is."""
    key = key_expression(resource)
    hidden = resource.inside or resource.single
    ids = "" if hidden else ids_of(resource)
    if not resource.key or key is None or ids is None:
        why = (
            "nothing in what is shown is like the parameter"
            if not resource.key
            else "the parameter and the member have types that are not compared"
            if key is None
            else "no id that satisfies the schema is known"
        )
        draft.found(
            kind,
            resource.item_path,
            LOW,
            f"{{{resource.parameter.name}}} may name a record, but {why}",
        )
        return
    resource.name = _name(draft, resource)
    record = Records(draft, resource)
    try:
        operations = Actions(draft, record).plan()
    except NoSample:
        why = "no value is known of a member that is shown, and not sent"
        draft.found(kind, resource.item_path, LOW, f"it may name a record, but {why}")
        draft.taken.discard(resource.name)
        resource.name = ""
        return
    draft.operations |= operations
    if record.guard:
        draft.guards |= record.guard
    written: dict[str, Json] = {}
    if resource.key != "id":
        written["key"] = resource.key
    if ids:
        written["ids"] = ids
    written["order"] = [resource.key]
    written["unsent"] = "drop"
    fields = [name for name in record.fields if name != resource.key]
    if fields:
        written["fields"] = fields
    if record.on_create:
        written["on_create"] = record.unhidden(record.on_create)
    if record.on_update:
        written["on_update"] = record.unhidden(record.on_update)
    if record.references:
        written["references"] = record.references
    few = len([*resource.does()]) < 2 or resource.alone
    confidence = MEDIUM if few or resource.single else HIGH
    if confidence == MEDIUM:
        written["source"] = GUESSED
    does = ", ".join(_WORDS[name] for name in _WORDS if name in resource.operations)
    note = f"{resource.path}: {does}."
    draft.collections[resource.name] = Noted(written, note)
    draft.found(
        kind,
        resource.path,
        confidence,
        _found(resource, does),
    )
    draft.resources.append(resource)
    draft.records[resource.name] = record


def _found(resource: Resource, does: str) -> str:
    if resource.single:
        return f"there is one: {does}"
    if resource.alone:
        return f"they have ids, and nothing reads one of them: {does}"
    if not resource.item_path:
        return f"they are of one form, and no path leads to one of them: {does}"
    key = ".".join(resource.inside) or resource.key
    return f"{resource.item_path} leads to one of them by {key!r}: {does}"


_WORDS = {
    "create": "created",
    "list": "listed",
    "read": "read",
    "replace": "replaced",
    "patch": "changed",
    "change": "changed with POST",
    "delete": "deleted",
}


def _name(draft: Draft, resource: Resource) -> str:
    word = snake(resource.words) or "records"
    above = resource.parent.thing if resource.parent else ""
    wanted = [word, *([f"{above}_{word}"] if above else [])]
    whole = snake(
        "_".join(part for part in resource.path.split("/") if "{" not in part)
    )
    if whole:
        wanted.append(whole)
    return draft.collection_name(*wanted, f"{word}_records")
