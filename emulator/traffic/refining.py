"""Refining: what is inferred from the document, corrected by what was really answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from emulator.http.media_types import media_type
from emulator.inference.messages import input_shape
from emulator.inference.names import reading, snake
from emulator.inference.samples import expression
from emulator.json_type import Json
from emulator.traffic.callers import refine_callers
from emulator.traffic.complaints import Path, complaints
from emulator.traffic.conditional import conditions, hidden, narrowed
from emulator.traffic.heading import refine_headers
from emulator.traffic.inputs import fields_of, media_of, object_of
from emulator.traffic.judging import judge
from emulator.traffic.learning import Learnt
from emulator.traffic.limiting import refine_limits
from emulator.traffic.markup import formats
from emulator.traffic.observing import Observed, read_as
from emulator.traffic.own_addresses import with_own_addresses
from emulator.traffic.ownership import refine_ownership
from emulator.traffic.recorded import Recorded
from emulator.traffic.refusing import listed, refine_refusals
from emulator.traffic.relations import relations
from emulator.traffic.seeds import plain, records_in, records_of
from emulator.traffic.shapes import scalars
from emulator.traffic.variants import refine_variants

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

_TAKEN = re.compile(r"taken|already|exists|in use|duplicate|unique", re.I)


def refining(learnt: Learnt, idle: Collection[str] = ()) -> Callable[[Draft], None]:
    """What changes a draft by what the archives show; no entries for the refusals *idle*."""

    def refine(draft: Draft) -> None:
        refine_callers(draft, learnt)
        _unique(draft, learnt)
        _unique_values(draft, learnt)
        refine_limits(draft, learnt)
        refine_headers(draft, learnt)
        refine_refusals(draft, learnt, idle)
        _locations(draft, learnt)
        _partial(draft, learnt)
        _read_as(draft, learnt)
        _relations(draft, learnt)
        refine_variants(draft, learnt)
        draft.formats = formats(learnt.calls, reading, expression)
        _seeds(draft, learnt)
        refine_ownership(draft, learnt)
        _shown(draft, learnt)

    return refine


def unlisted(draft: Draft) -> set[str]:
    """The operations that are answered as the document says."""
    usual = {"reply": "documented"}
    return {
        id
        for id in draft.openapi.operations
        if draft.operations.get(id, usual).get("reply") == usual["reply"]
    }


def _unique(draft: Draft, learnt: Learnt) -> None:
    """The fields whose values were refused once another record had them."""
    for resource in getattr(draft, "resources", ()):
        made = draft.collections.get(resource.name) if resource.name else None
        made = getattr(made, "value", made)
        found = taken_fields(learnt.observed, resource.path)
        if not isinstance(made, dict) or not found:
            continue
        fields = made.get("fields", ())
        unique: list[Json] = [
            {"fields": [path[-1]]}
            if status == 409
            else {"fields": [path[-1]], "refuse": "violation"}
            for path, status in sorted(found.items())
            if len(path) == 1 or (path[-1] in fields and path[0] not in fields)
        ]
        if unique:
            made["unique"] = unique


def _unique_values(draft: Draft, learnt: Learnt) -> None:
    """Keep what creations that make no record sent, where none may be sent again."""
    known = {r.path for r in getattr(draft, "resources", ()) if r.name}
    shown = {
        name
        for resource in getattr(draft, "resources", ())
        for name in resource.shape.properties
    }
    for one in learnt.observed:
        if one.method != "POST" or one.template.path in known or one.template.names:
            continue
        for path in taken_fields(learnt.observed, one.template.path):
            operation = listed(draft, one.id)
            if operation is None or not all(map(str.isidentifier, path)):
                continue
            name = draft.collection_name("_".join(map(snake, (one.id, *path))))
            draft.collections[name] = {"fields": ["value"]}
            value = _inside(path)
            check = f"{value} is None or count('{name}', value={value}) == 0"
            field = path[-1] if path[-1] in shown else path[0]
            rule = {"check": check, "field": field, "requires_fields": [field]}
            operation.setdefault("rules", []).append(rule)
            made = {"create": name, "set": {"value": f"${{{value}}}"}}
            operation.setdefault("effects", []).append(made)


def _inside(path: Sequence[str]) -> str:
    """An expression of a value in the body, null where what is around it is not there."""
    value = reading("body", path[0])
    for name in path[1:]:
        value = reading(f"({value} or {{}})", name)
    return value


def taken_fields(observed: list[Observed], path: str) -> dict[Path, int]:
    """The fields that a refused creation at *path* had the value of another record in,
    by the way to them: `email`, or `customer`, `email` inside of a wrapper.

    With the status that it was refused with: 409, or that of invalid input.
    """
    found: dict[Path, int] = {}
    for operation in observed:
        if operation.method != "POST" or operation.template.path != path:
            continue
        had: dict[Path, set[str]] = {}
        for call in operation.calls:
            sent_ = dict(_fields_in(object_of(call) or {}))
            if call.succeeded:
                for field, value in sent_.items():
                    had.setdefault(field, set()).add(value)
            elif call.status in (400, 409, 422):
                again = [f for f, value in sent_.items() if value in had.get(f, ())]
                names = {name for field in (*sent_, *had) for name in field}
                said = complaints(call.reply.value, names)
                for about, text in said.items():
                    for field in [f for f in again if _is_of(about, f)][:1]:
                        sure = len(said) == 1 and len(had[field]) > 1
                        if sure or _TAKEN.search(text):
                            found[field] = call.status
    return found


def _is_of(about: Path, field: Path) -> bool:
    """Whether a complaint is *about* a field, with what is around it, or without."""
    return about == field[-len(about) :] or field == about[-len(field) :]


def _fields_in(value: Json, above: Path = ()) -> Iterator[tuple[Path, str]]:
    """Texts and numbers in an object, at most three objects deep, by the ways to them."""
    for name, member in value.items():
        if isinstance(member, dict) and len(above) < 2:
            yield from _fields_in(member, (*above, name))
        elif isinstance(member, (str, int)) and not isinstance(member, bool):
            yield (*above, name), str(member)


def _locations(draft: Draft, learnt: Learnt) -> None:
    """`Location` of what was created, where it ends with the key of the record."""
    keys = {r.path: r.key for r in getattr(draft, "resources", ())}
    for one in learnt.observed:
        key = keys.get(one.template.path, "")
        operation = draft.operations.get(one.id)
        calls = [call for call in one.good if call.reply_header("location")]
        if not calls or not key.isidentifier() or not isinstance(operation, dict):
            continue
        if len(calls) < len(one.good) or "create" not in operation:
            continue
        location = calls[0].reply_header("location")
        before = location.rpartition("/")[0]
        reply = operation.get("reply")
        if before and isinstance(reply, dict):
            headers = reply.setdefault("headers", {})
            for name in [name for name in headers if name.lower() == "location"]:
                del headers[name]  # what the document says of it is less exact
            own = with_own_addresses(before, calls[0].origin)
            headers["Location"] = f"{own}/${{item.{key}}}"


def _partial(draft: Draft, learnt: Learnt) -> None:
    """A PUT that leaves alone what it does not name changes records, and replaces none."""
    for one in learnt.observed:
        operation = draft.operations.get(one.id)
        update = operation.get("update") if isinstance(operation, dict) else None
        if (
            one.method != "PUT"
            or not isinstance(update, dict)
            or not update.get("whole")
        ):
            continue
        if any(_keeps(call, one.calls) for call in one.good):
            update.pop("whole")
            update.pop("set", None)


def _read_as(draft: Draft, learnt: Learnt) -> None:
    """Read as JSON what was taken as JSON, although it said to be something else."""
    for one in learnt.observed:
        said_to_be = {
            said
            for call in one.good
            if (said := media_type(call.body.media)) and media_of(call) != said
        }
        document = draft.openapi.operations.get(one.id)
        known = document.body.content if document and document.body else {}
        wrong = dict.fromkeys(sorted(said_to_be - {*known}), "json")
        operation = listed(draft, one.id) if wrong and known else None
        if operation is not None:
            operation["read_as"] = wrong


def _relations(draft: Draft, learnt: Learnt) -> None:
    """What inputs must be to each other, as rules of the operations."""
    for one in learnt.observed:
        found = relations(judge(one.calls, object_of))
        operation = listed(draft, one.id) if found else None
        if operation is None:
            continue
        sent = input_shape(draft.openapi.operations[one.id])
        names = sent.properties if sent is not None else {}
        for each in found:
            if each.field not in names or each.other not in names:
                continue  # it was never taken
            field, other = reading("body", each.field), reading("body", each.other)
            rule: Json = {"check": f"{field} {each.sign} {other}", "field": each.field}
            if each.sign == "with":
                value = expression(each.value)
                rule["check"] = f"{field} is not None or {other} != {value}"
            else:
                rule["requires_fields"] = [each.field, each.other]
                reads = {each.field: field, each.other: other}
                null = [
                    r for name, r in reads.items() if _may_be_null(draft, one.id, name)
                ]
                tests = [f"{read} is None" for read in null]
                rule["check"] = " or ".join((*tests, rule["check"]))
            operation.setdefault("rules", []).append(rule)


def _shown(draft: Draft, learnt: Learnt) -> None:
    """Leave out of records what is shown only if a parameter says so, or elsewhere only."""
    resources = {plain(path): r for r in getattr(draft, "resources", ()) if r.name
                 for path in (r.path, r.item_path)}  # fmt: skip
    for one in learnt.observed:
        resource = resources.get(plain(one.template.path))
        operation = draft.operations.get(one.id)
        if resource is None or not isinstance(operation, dict):
            continue
        if "this" in resource.shape.properties:
            continue  # it hides the record
        action: Json = operation.get("list") or operation.get("read")
        if not isinstance(action, dict):
            continue
        stored = draft.fixtures.get(resource.name, ())
        shown = [
            record
            for call in one.good
            for record in records_in(call.reply.value, resource.key)
        ]
        rest = hidden(conditions(one, resource.key), reading, expression)
        never = sorted(_members(stored) - _members(shown)) if shown else []
        if never:
            rest = f"{rest} + {expression(never)}" if rest else expression(never)
        less = narrowed(shown, stored, "this", expression)
        if not rest and not less:
            continue
        view = draft.views.get(action.get("view", ""), {}).get("show", "${this}")
        inner = str(view).removeprefix("${").removesuffix("}")
        if less:
            inner = less.join(re.split(r"\bthis\b", inner))
        name = f"{resource.name}_of_{snake(one.id)}"
        draft.views[name] = {
            "collection": resource.name,
            "show": f"${{without({inner}, {rest})}}" if rest else f"${{{inner}}}",
        }
        action["view"] = name


def _may_be_null(draft: Draft, id: str, name: str) -> bool:
    """Whether the document lets a member of a body be null."""
    sent = input_shape(draft.openapi.operations[id])
    member = sent.member(name) if sent is not None else None
    return member is None or not member.types or member.nullable


def _members(records: Sequence[dict[str, Json]]) -> set[str]:
    return {name for record in records for name in record}


def _keeps(call: Recorded, calls: list[Recorded]) -> bool:
    """Whether the reply has a value for a member that others send, and *call* did not."""
    known = {name for other in calls for name in fields_of(other.body)}
    left_out = known - {*fields_of(call.body)}
    shown = dict(scalars(call.reply.value))
    return any(shown.get(name) not in (None, "", 0) for name in left_out)


def _seeds(draft: Draft, learnt: Learnt) -> None:
    """The records that were there before the first call."""
    for resource in getattr(draft, "resources", ()):
        if not resource.name:
            continue
        policy = draft.records.get(resource.name)
        found = records_of(
            learnt.observed,
            resource.path,
            resource.item_path,
            resource.key,
            policy.places if policy else {},
        )
        kind = resource.shape.member(resource.key).type if resource.key else ""
        for record in found:
            record[resource.key] = _of_kind(kind, record[resource.key])
        if found:
            draft.fixtures[resource.name] = found


def _of_kind(kind: str, key: Json) -> Json:
    """A key as the document has it, whatever replies have: paths find it by that."""
    if kind == "string" and isinstance(key, int):
        return str(key)
    if kind == "integer" and isinstance(key, str):
        return read_as(kind, key)
    return key
