"""States: a status that the record has, and the calls that lead from one to the next."""

from __future__ import annotations

from emulator.inference.draft import GUESSED, LOW, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.inference.keys import key_expression
from emulator.inference.messages import input_shape, success
from emulator.inference.names import snake
from emulator.inference.records import Records, records_of
from emulator.inference.resources import Resource, bare
from emulator.inference.things import thing_in
from emulator.inference.writing import Off
from emulator.json_type import Json
from emulator.spec.description import OperationDoc

KIND = Kind(
    "states",
    "a member `status` or `state` with an `enum`, and calls below a record that are called like"
    " one of its values: `POST /orders/{id}/cancel` and `cancelled`",
    "the operation as an update that sets the member, and as a comment, `states` with its moves",
)
_FIELDS = ("status", "state")


def infer_states(draft: Draft) -> None:
    actions: dict[str, list[OperationDoc]] = {}
    for operation in draft.openapi.operations.values():
        if operation.method in ("POST", "PUT") and operation.id not in draft.operations:
            above, _, word = _apart(operation.path)
            if word and "{" not in word:
                actions.setdefault(above, []).append(operation)
    for resource in draft.resources:
        field = next(
            (
                name
                for name in records_of(draft, resource).fields
                if snake(name) in _FIELDS
            ),
            "",
        )
        values = records_of(draft, resource).fields[field]["enum"] if field else None
        if isinstance(values, list):
            texts = [value for value in values if isinstance(value, str)]
            _moves(draft, resource, field, texts, actions.get(resource.item_path, []))


def _apart(path: str) -> tuple[str, str, str]:
    """The path of a record, and what is done to it: `/orders/{id}/cancel`, `...{id}:cancel`."""
    above, mark, word = bare(path).rpartition("/")
    if "}:" in word:
        return bare(path).rpartition(":")
    return above, mark, word


def _moves(
    draft: Draft,
    resource: Resource,
    field: str,
    values: list[str],
    actions: list[OperationDoc],
) -> None:
    moves: dict[str, Json] = {}
    for operation in actions:
        word = snake(_apart(operation.path)[2])
        to = next((value for value in values if _leads(word, snake(value))), None)
        if to is None or not draft.allows(KIND, operation.id):
            continue
        written = _operation(draft, resource, operation, field, to)
        if written is None:
            continue
        draft.operations[operation.id] = written
        moves[word] = {"from": [value for value in values if value != to], "to": to}
        reason = f"{word!r} is taken to set {field!r} to {to!r}"
        draft.found(KIND, operation.id, MEDIUM, reason)
    if not moves:
        return
    noted = draft.collections[resource.name]
    start = noted.value.get("on_create", {}).get(field, values[0])
    start = start if start in values else values[0]
    states = {"field": field, "start": start, "free": True, "moves": moves}
    note = f"Which moves are refused is not known: with `states`, and `move` in place of `set.{field}`, those that are not listed are."
    noted.value["states"] = Off(states, note)
    draft.found(
        KIND, resource.path, LOW, "from which states a move is possible is not known"
    )


def _leads(word: str, value: str) -> bool:
    """Whether an action of this name leads to this state: `cancel` to `canceled`."""
    if len(word) < 3:
        return False
    stems = {word, word.rstrip("e"), word + word[-1], word.removesuffix("y") + "i"}
    if word == value:
        return True
    return any(value in (f"{stem}ed", f"{stem}d") for stem in stems) or (
        word in _IRREGULAR and value in _IRREGULAR[word]
    )


_IRREGULAR = {
    "pay": ("paid",), "send": ("sent",), "start": ("running", "in_progress", "active", "started"),
    "stop": ("stopped", "inactive"), "activate": ("active",), "deactivate": ("inactive",),
    "enable": ("enabled", "active"), "disable": ("disabled", "inactive"), "open": ("open",),
    "reopen": ("open",), "close": ("closed",), "complete": ("complete", "completed", "done"),
    "finish": ("done", "finished"), "publish": ("published", "live"), "void": ("void", "voided"),
    "refund": ("refunded",), "resume": ("active", "running"), "fulfill": ("fulfilled",),
    "checkout": ("checked_out", "completed", "ordered"), "ship": ("shipped",),
    "submit": ("submitted",),
}  # fmt: skip


def _operation(
    draft: Draft, resource: Resource, operation: OperationDoc, field: str, to: str
) -> dict[str, Json] | None:
    """The action as an update of the record; None where its reply shows something else."""
    records = records_of(draft, resource)
    status, shape = success(operation)
    action: dict[str, Json] = {
        "collection": resource.name,
        "key": key_expression(resource),
    }
    if records.places:
        action["filter"] = records.filter
    action["set"] = {field: to}
    written: dict[str, Json] = {"update": action, "source": GUESSED}
    if records.guard:
        written = {"guards": [*records.guard], **written}
    if shape is None or not shape.schema:
        if shape is None and status not in ("204", "205"):
            written["reply"] = {"body": "${omit}"}
        return _ignoring(written, operation, records)
    path, thing = thing_in(shape, resource)
    if thing is None or (path and (len(path) > 1 or {*shape.required} - {*path})):
        return None
    if path:
        written["reply"] = {"body": {path[0]: "${item}"}}
    view = records.view_of(thing, "_changed")
    if view is None:
        return None
    if view:
        action["view"] = view
    return _ignoring(written, operation, records)


def _ignoring(
    written: dict[str, Json], operation: OperationDoc, records: Records
) -> dict[str, Json]:
    """The same, where nothing that is sent in another form is stored in the record."""
    sent = input_shape(operation)
    changes = records.changes("update", sent) if sent is not None else {}
    for name in sent.properties if sent is not None else ():
        if name not in records.shape.properties:
            changes[name] = "${omit}"
    written["update"]["set"] = {**changes, **written["update"]["set"]}
    return written
