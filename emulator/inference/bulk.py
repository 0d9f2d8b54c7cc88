"""Bulk: calls about many records at once, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.inference.draft import GUESSED, MEDIUM, Draft
from emulator.inference.filters import sent_by, tests_of
from emulator.inference.inferred import Kind
from emulator.inference.messages import input_shape, success
from emulator.inference.names import IDENTIFIER, reading, snake
from emulator.inference.records import Records, records_of
from emulator.inference.resources import Resource, bare
from emulator.inference.samples import expression
from emulator.inference.shapes import Shape
from emulator.inference.things import list_in, thing_in
from emulator.inference.times import is_state
from emulator.json_type import Json
from emulator.spec.description import OperationDoc

KIND = Kind(
    "bulk",
    "DELETE of the path of a list; POST of a list of things below it, such as"
    " `/users/createWithList` and `/users/bulk`, or of their keys, as `/users/bulk-delete`; a reply of whole numbers by name, at `/inventory`, `/stats`, ...",
    "effects that delete or create each of them; how many records there are of each state",
)
_COUNTS = (
    "inventory",
    "stock",
    "count",
    "counts",
    "stats",
    "statistics",
    "summary",
    "totals",
)
_DELETES = {"delete", "remove", "destroy"}
_THERE = ("available", "in_stock")
_MOST = 30


def infer_bulk(draft: Draft) -> None:
    by_path = {resource.path: resource for resource in draft.resources}
    for operation in draft.openapi.operations.values():
        if operation.id in draft.operations or not draft.allows(KIND, operation.id):
            continue
        path = bare(operation.path)
        above = by_path.get(path.rpartition("/")[0])
        if operation.method == "DELETE" and path in by_path:
            many = _delete_many if operation.body is not None else _clear
            written = many(draft, by_path[path], operation)
        elif above is not None and _deletes(path):
            written = _delete_many(draft, above, operation)
        elif operation.method == "POST" and above is not None and "{" not in path:
            written = _create_many(draft, above, operation)
        elif operation.method == "GET" and snake(path.rpartition("/")[2]) in _COUNTS:
            written = _count(draft, operation)
        else:
            continue
        if written is not None:
            draft.operations[operation.id] = {**written, "source": GUESSED}


def _deletes(path: str) -> bool:
    return bool(_DELETES & {*snake(path.rpartition("/")[2]).split("_")})


def _clear(
    draft: Draft, resource: Resource, operation: OperationDoc
) -> dict[str, Json] | None:
    """Delete all that the path and the query choose."""
    records = records_of(draft, resource)
    if resource.single or not all(map(IDENTIFIER.fullmatch, records.places.values())):
        return None
    status, shape = success(operation)
    below = [
        f"{field}={reading('path', name)}" for name, field in records.places.items()
    ]
    some = f"records({', '.join([expression(resource.name), *below])})"
    tests = [*_tests(records, operation)]
    if tests:
        some = f"[each for each in {some} if {' and '.join(tests)}]"
    key = reading("it", resource.key)
    written: dict[str, Json] = {}
    if records.guard:
        written["guards"] = [*records.guard]
    written["effects"] = [{"delete": resource.name, "each": some, "key": key}]
    if shape is not None or status not in ("204", "205"):
        written["reply"] = "documented"
    reason = f"it is taken to delete all of {resource.path} that its query chooses"
    draft.found(KIND, operation.id, MEDIUM, reason)
    return written


def _tests(records: Records, operation: OperationDoc) -> Iterator[str]:
    """The conditions that a query sets on the records, as far as they are plain."""
    for sent in sent_by(operation):
        found = next(tests_of(sent, records), None)
        if found is not None and found[1] == "equals" and "." not in found[0]:
            member = reading("each", found[0])
            yield f"({sent.read} is None or {member} == {sent.read})"


def _create_many(
    draft: Draft, resource: Resource, operation: OperationDoc
) -> dict[str, Json] | None:
    """Create each thing of a list that is sent."""
    body, each = _list_sent(operation)
    if body is None or resource.single or resource.inside:
        return None
    create = resource.operations.get("create")
    sent = input_shape(create) if create is not None else None
    item = body.items
    if sent is None or not (item.same(sent) or item.same(resource.shape)):
        return None
    if len(item.properties) > _MOST or resource.parents:
        return None
    values = {}
    for name in item.properties:
        value = reading("it", name)
        values[name] = f"${{{value} if {value} is not None else omit}}"
    if resource.key in values:
        if resource.key not in item.required and not _is_named(resource):
            del values[resource.key]
        else:
            value = reading("it", resource.key)
            needed = resource.key in item.required
            values[resource.key] = f"${{{value if needed else f'{value} or uuid()'}}}"
    collection = draft.collections[resource.name].value
    ids = str(collection.get("ids", ""))
    if "body" in ids:  # which is a list here
        collection["ids"] = ids.replace(
            "body", f"(null if operation_id == {expression(operation.id)} else body)", 1
        )
    written: dict[str, Json] = {
        "effects": [{"create": resource.name, "each": each, "set": values}],
        "reply": "documented",
    }
    _, shape = success(operation)
    if shape is None:
        del written["reply"]
    elif resource.key in values:
        shown = f"[lookup('{resource.name}', {reading('each', resource.key)}) for each in {each}]"
        if shape.is_list and shape.items.same(resource.shape):
            written["reply"] = {"body": f"${{{shown}}}"}
        elif thing_in(shape, resource) == ((), shape) and shape.same(resource.shape):
            written["reply"] = {"body": f"${{first({shown})}}"}
    elif (path := _list_shown(shape, resource)) is not None:
        # What is there before is read by the effects first, and those that are new are shown.
        key = reading("each", resource.key)
        there = f"records('{resource.name}')"
        written = {"let": {"known": f"[{key} for each in {there}]"}, **written}
        written["effects"][0]["when"] = "known is not None"
        made: Json = f"${{[each for each in {there} if {key} not in known]}}"
        written["reply"] = {"body": {path[0]: made} if path else made}
    reason = f"it is taken to create each of a list in {resource.path}"
    draft.found(KIND, operation.id, MEDIUM, reason)
    return written


def _list_sent(operation: OperationDoc) -> tuple[Shape | None, str]:
    """The list that is sent, alone or in the only member of the body that is one."""
    body = input_shape(operation)
    if body is None or body.is_list:
        return body, "body"
    lists = [name for name in body.properties if body.member(name).is_list]
    if len(lists) != 1 or {*body.required} - {*lists}:
        return None, ""
    return body.member(lists[0]), f"({reading('body', lists[0])} or [])"


def _list_shown(shape: Shape, resource: Resource) -> tuple[str, ...] | None:
    """Where a reply shows the things whole that were created; None if it does not."""
    path, item = list_in(shape, resource)
    if item is None or len(path) > 1 or not item.same(resource.shape):
        return None
    return None if path and {*shape.required} - {*path} else path


def _delete_many(
    draft: Draft, resource: Resource, operation: OperationDoc
) -> dict[str, Json] | None:
    """Delete those whose keys are sent."""
    sent, each = _list_sent(operation)
    kind = resource.shape.member(resource.key).type
    if sent is None or sent.items.type != kind or resource.inside or resource.parents:
        return None
    written: dict[str, Json] = {
        "effects": [{"delete": resource.name, "each": each, "key": "it"}]
    }
    status, shape = success(operation)
    if shape is not None or status not in ("204", "205"):
        written["reply"] = "documented"
    reason = f"it is taken to delete those of {resource.path} whose keys are sent"
    draft.found(KIND, operation.id, MEDIUM, reason)
    return written


def _is_named(resource: Resource) -> bool:
    """Whether callers say what the things are called: by their names, and not by numbers."""
    return snake(resource.key) not in ("id", "uuid", "guid")


def _count(draft: Draft, operation: OperationDoc) -> dict[str, Json] | None:
    """How many records there are of each state."""
    _, shape = success(operation)
    others = shape["additionalProperties"] if shape is not None else None
    if shape is None or shape.properties or not isinstance(others, dict):
        return None
    if shape.inside(others).type not in ("integer", "number") or "{" in operation.path:
        return None
    known = [*_states(draft)]
    there = [each for each in known if {*map(snake, each[2])} & {*_THERE}]
    for resource, field, values in [*there, *known][:1]:
        counted = f"count('{resource.name}', {field}=each)"
        names = expression(values)
        reason = f"it is taken to say how many of {resource.path} have each {field!r}"
        draft.found(KIND, operation.id, MEDIUM, reason)
        return {"reply": {"body": f"${{{{each: {counted} for each in {names}}}}}"}}
    return None


def _states(draft: Draft) -> Iterator[tuple[Resource, str, list[str]]]:
    for resource in draft.resources:
        fields: dict[str, Shape] = records_of(draft, resource).fields
        for name, member in fields.items():
            values = member["enum"]
            if is_state(name, member) and IDENTIFIER.fullmatch(name):
                yield resource, name, [each for each in values if isinstance(each, str)]
