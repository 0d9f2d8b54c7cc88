"""Refining: what is inferred from the document, corrected by what was really answered."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from emulator.inference.names import reading, snake
from emulator.inference.samples import expression
from emulator.json_type import Json
from emulator.traffic.callers import refine_callers
from emulator.traffic.complaints import complaints
from emulator.traffic.conditional import conditions, hidden, narrowed
from emulator.traffic.describing import Observed, fields_of, object_of
from emulator.traffic.judging import judge
from emulator.traffic.learning import Learnt
from emulator.traffic.limiting import refine_limits
from emulator.traffic.markup import formats
from emulator.traffic.recorded import Recorded
from emulator.traffic.refusing import OWN_HEADERS, REQUEST_ID, listed, refine_refusals
from emulator.traffic.relations import relations
from emulator.traffic.seeds import plain, records_in, records_of
from emulator.traffic.shapes import scalars

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

_CONSTANT = 0.95
"""So many of all replies have a header that the provider sends with every reply."""
_TAKEN = re.compile(r"taken|already|exists|in use|duplicate|unique", re.I)


def refining(learnt: Learnt, idle: Collection[str] = ()) -> Callable[[Draft], None]:
    """What changes a draft by what the archives show; no entries for the refusals *idle*."""

    def refine(draft: Draft) -> None:
        refine_callers(draft, learnt)
        _unique(draft, learnt)
        _unique_values(draft, learnt)
        refine_limits(draft, learnt)
        refine_refusals(draft, learnt, idle)
        _headers(draft, learnt)
        _locations(draft, learnt)
        _partial(draft, learnt)
        _relations(draft, learnt)
        draft.formats = formats(learnt.calls, reading, expression)
        _seeds(draft, learnt)
        _shown(draft, learnt)

    return refine


def _unique(draft: Draft, learnt: Learnt) -> None:
    """The fields whose values were refused once another record had them."""
    for resource in getattr(draft, "resources", ()):
        made = draft.collections.get(resource.name) if resource.name else None
        made = getattr(made, "value", made)
        found = taken_fields(learnt.observed, resource.path)
        if isinstance(made, dict) and found:
            made["unique"] = [
                {"fields": [name]}
                if status == 409
                else {"fields": [name], "refuse": "violation"}
                for name, status in sorted(found.items())
            ]


def _unique_values(draft: Draft, learnt: Learnt) -> None:
    """Keep what creations that make no record sent, where none may be sent again."""
    known = {r.path for r in getattr(draft, "resources", ()) if r.name}
    for one in learnt.observed:
        if one.method != "POST" or one.template.path in known or one.template.names:
            continue
        for field in taken_fields(learnt.observed, one.template.path):
            operation = listed(draft, one.id)
            if operation is None or not field.isidentifier():
                continue
            if any(field not in body for body in _sent_objects(one)):
                continue  # it is inside a wrapper, where nothing here reads it
            name = draft.collection_name(f"{snake(one.id)}_{snake(field)}")
            draft.collections[name] = {"fields": ["value"]}
            value = reading("body", field)
            rule = {"check": f"count('{name}', value={value}) == 0", "field": field}
            operation.setdefault("rules", []).append(
                {**rule, "requires_fields": [field]}
            )
            made = {"create": name, "set": {"value": f"${{{value}}}"}}
            operation.setdefault("effects", []).append(made)


def _sent_objects(one: Observed) -> Iterator[Mapping[str, Json]]:
    """The objects that succeeded calls of an operation sent."""
    for call in one.good:
        if call.body.kind == "json" and isinstance(call.body.value, dict):
            yield call.body.value


def taken_fields(observed: list[Observed], path: str) -> dict[str, int]:
    """The fields that a refused creation at *path* had the value of another record in.

    With the status that it was refused with: 409, or that of invalid input.
    """
    found: dict[str, int] = {}
    for one in observed:
        if one.method != "POST" or one.template.path != path:
            continue
        had: dict[str, set[str]] = {}
        for call in one.calls:
            sent_ = dict(scalars(call.body.value)) if call.body.kind == "json" else {}
            if call.succeeded:
                for name, value in sent_.items():
                    had.setdefault(name, set()).add(str(value))
            elif call.status in (400, 409, 422):
                again = {
                    n for n, value in sent_.items() if str(value) in had.get(n, ())
                }
                said = complaints(call.reply.value, {*sent_, *had})
                for about, text in said.items():
                    if about[0] not in again:
                        continue
                    sure = len(said) == 1 and len(had[about[0]]) > 1
                    if sure or _TAKEN.search(text):
                        found[about[0]] = call.status
    return found


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
        if before and "${" not in before and isinstance(reply, dict):
            headers = reply.setdefault("headers", {})
            for name in [name for name in headers if name.lower() == "location"]:
                del headers[name]  # what the document says of it is less exact
            headers["Location"] = f"{before}/${{item.{key}}}"


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


def _relations(draft: Draft, learnt: Learnt) -> None:
    """What inputs must be to each other, as rules of the operations."""
    for one in learnt.observed:
        found = relations(judge(one.calls, object_of))
        operation = listed(draft, one.id) if found else None
        if operation is None:
            continue
        for each in found:
            field, other = reading("body", each.field), reading("body", each.other)
            rule: Json = {"check": f"{field} {each.sign} {other}", "field": each.field}
            if each.sign == "with":
                value = expression(each.value)
                rule["check"] = f"{field} is not None or {other} != {value}"
            else:
                rule["requires_fields"] = [each.field, each.other]
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


def _keeps(call: Recorded, calls: list[Recorded]) -> bool:
    """Whether the reply has a value for a member that others send, and *call* did not."""
    known = {name for other in calls for name in fields_of(other.body)}
    left_out = known - {*fields_of(call.body)}
    shown = dict(scalars(call.reply.value))
    return any(shown.get(name) not in (None, "", 0) for name in left_out)


def _headers(draft: Draft, learnt: Learnt) -> None:
    """What every reply carries."""
    replies = len(learnt.calls)
    names = Counter(
        name for call in learnt.calls for name in {n for n, _ in call.reply_headers}
    )
    limits = json.dumps(draft.rate_limit_headers or {}).lower()
    for name, many in sorted(names.items()):
        own = name in OWN_HEADERS or name.startswith("access-control-")
        if many < replies * _CONSTANT or own or f'"{name}"' in limits:
            continue
        if re.search(r"rate-?limit", name):
            continue
        values = Counter(call.reply_header(name) for call in learnt.calls)
        shown = "-".join(part.capitalize() for part in name.split("-"))
        if REQUEST_ID.search(name):
            draft.headers[shown] = "${request_id}"
        elif len(values) == 1 and "${" not in next(iter(values)):
            draft.headers[shown] = next(iter(values))


def _seeds(draft: Draft, learnt: Learnt) -> None:
    """The records that were there before the first call."""
    for resource in getattr(draft, "resources", ()):
        if not resource.name:
            continue
        found = records_of(
            learnt.observed, resource.path, resource.item_path, resource.key
        )
        if found:
            draft.fixtures[resource.name] = found


Fixtures = Mapping[str, list[Json]]
Records = Iterator[dict[str, Json]]
