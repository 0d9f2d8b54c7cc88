"""Refusing: the replies to refused calls, by what they were refused for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from emulator.http.media_types import media_type
from emulator.inference.names import reading, snake
from emulator.inference.samples import expression, literal
from emulator.json_type import Json
from emulator.traffic.blaming import by_field
from emulator.traffic.credentials import sent
from emulator.traffic.inputs import fields_of, object_of
from emulator.traffic.learning import Learnt
from emulator.traffic.logins import demands
from emulator.traffic.observing import Observed
from emulator.traffic.recorded import Recorded
from emulator.traffic.shapes import kind_of

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

_BY_STATUS = {
    405: "wrong_method",
    406: "not_acceptable",
    409: "conflict",
    412: "precondition_failed",
    413: "body_too_large",
    415: "unsupported_media",
    428: "precondition_required",
    429: "rate_limited",
}
_OWN_WORDS = ("invalid_request", "malformed_body", "unsupported_media", "not_found")
"""The refusals that an operation may answer in its own words."""
REQUEST_ID = re.compile(r"(^|-)(req|request|trace|correlation)-?id$")
OWN_HEADERS = frozenset(
    [
        "content-type",
        "content-length",
        "content-encoding",
        "date",
        "server",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "vary",
        "etag",
        "last-modified",
        "location",
        "link",
        "allow",
        "retry-after",
        "www-authenticate",
        "set-cookie",
        "age",
        "via",
        "alt-svc",
        "accept-ranges",
        "content-range",
        "content-disposition",
    ]
)


def refine_refusals(draft: Draft, learnt: Learnt, idle: Collection[str]) -> None:
    """An entry for each refusal that was seen, with the body that it had."""
    known = {
        id(call): operation for operation in learnt.observed for call in operation.calls
    }
    strange = {
        id(call) for operation in learnt.observed for call in operation.strange()
    }
    seen: dict[str, list[Recorded]] = {}
    for call in learnt.calls:
        if call.status < 400 or call.status >= 500:
            continue
        code = _code(call, known.get(id(call)), draft, learnt)
        if id(call) in strange and call.status in (400, 404, 422):
            code = "invalid_path"
        if code:
            seen.setdefault(code, []).append(call)
    if not seen:
        return
    _forget(draft, seen)
    table = dict(draft.errors.get("table", {}))
    for code, calls in sorted(seen.items()):
        table[code] = _told(code, calls, draft, learnt)
    table = {code: entry for code, entry in table.items() if code not in idle}
    if "invalid_request" in table and "invalid_path" not in (*seen, *idle):
        table.setdefault("invalid_path", "invalid_request")
    _of_operations(draft, learnt, seen, table)
    _of_callers(draft, learnt, table)
    if table:
        draft.errors["table"] = table
    draft.errors.setdefault("default", {})


def _forget(draft: Draft, seen: Collection[str]) -> None:
    """Leave out of operations what was inferred of refusals that were recorded."""
    for operation in draft.operations.values():
        inferred = operation.get("errors", {})
        left = {code: entry for code, entry in inferred.items() if code not in seen}
        if left:
            operation["errors"] = left
        else:
            operation.pop("errors", None)


def _told(
    code: str, calls: list[Recorded], draft: Draft, learnt: Learnt
) -> dict[str, Json]:
    """The entry of a refusal, in which what is said of inputs follows from the call."""
    inputs = _inputs(learnt, calls) if code == "invalid_request" else set()
    telling = [
        c for c in calls if of_violations(c.reply.value, inputs) != c.reply.value
    ]
    entry = _entry(telling or calls, draft)
    if telling:
        entry["body"] = of_violations(entry["body"], inputs)
    return entry


def _of_operations(
    draft: Draft,
    learnt: Learnt,
    seen: Mapping[str, list[Recorded]],
    table: Mapping[str, Json],
) -> None:
    """What single operations refuse with in other words than the others."""
    for one in learnt.observed:
        own = {id(call) for call in one.calls}
        for code in _OWN_WORDS:
            calls = [call for call in seen.get(code, ()) if id(call) in own]
            usual = table.get(code)
            if not calls or not isinstance(usual, dict):
                continue
            entry = _told(code, calls, draft, learnt)
            if code == "invalid_request":
                _differ(entry, calls, learnt)
            if _looks(entry) != _looks(usual):
                operation = listed(draft, one.id)
                if operation is not None:
                    operation.setdefault("errors", {})[code] = entry


def _differ(entry: dict[str, Json], calls: list[Recorded], learnt: Learnt) -> None:
    """Have an *entry* look as each of *calls* of its status was answered."""
    inputs = _inputs(learnt, calls)
    same = [call for call in calls if call.answered == entry["status"]]
    if "body" in entry:
        said = partial(of_violations, inputs=inputs)
        entry["body"] = by_field(entry["body"], same, inputs, said)


def _looks(entry: Mapping[str, Json]) -> Json:
    """What has to be equal for two entries to be alike."""
    return entry["status"], form(entry.get("body")), sorted(entry.get("headers", ()))


def listed(draft: Draft, id: str) -> Json:
    """The operation *id* of the behavior, answered as the document says if nothing else is
    known of it; None where it cannot be listed."""
    if id not in draft.openapi.operations:
        return None
    return draft.operations.setdefault(id, {"reply": "documented"})


def _of_callers(draft: Draft, learnt: Learnt, table: dict[str, Json]) -> None:
    """Conditions on what a body says of its caller: a client's id, a password."""
    for one in learnt.observed:
        calls = [
            (call, members)
            for call in one.calls
            if (members := object_of(call)) is not None
        ]
        free = any(
            call.succeeded
            and not any(sent(call, p) for p in learnt.credentials.schemes.values())
            for call, _ in calls
        )
        kinds = {
            id(call): f"{call.status} {_error_code(call) or form(call.reply.value)}"
            for call, _ in calls
            if call.status in (400, 401, 403)
        }
        if not free or not any(call.status in (401, 403) for call, _ in calls):
            continue
        names: dict[str, str] = {}
        for demand in demands(calls, kinds):
            operation = listed(draft, one.id)
            entry = _entry([demand.refused], draft)
            if operation is None:
                continue
            kind = kinds[id(demand.refused)]
            code = names.setdefault(kind, f"refused_for_{snake(demand.member)}")
            table[code] = entry
            values = ", ".join(map(expression, demand.values))
            check = f"{reading('body', demand.member)} in [{values}]"
            wanted = {"check": check, "refuse": code, "step": "act"}
            operation.setdefault("requires", []).append(wanted)


def _error_code(call: Recorded) -> str:
    """The word that a refusal has for itself."""
    value = call.reply.value if isinstance(call.reply.value, dict) else {}
    found = value.get("error", value.get("code", ""))
    return found if isinstance(found, str) else ""


def _code(call: Recorded, one: Observed | None, draft: Draft, learnt: Learnt) -> str:
    """The refusal that a reply was, as far as that can be told; "" where it cannot."""
    schemes = learnt.credentials.schemes
    if call.status in (401, 402, 403) and schemes:
        values = {name: sent(call, place) for name, place in schemes.items()}
        given = {name: value for name, value in values.items() if value}
        if not given:
            return "credential_missing" if call.status != 402 else ""
        return learnt.credentials.code(call)
    if call.status == 404:
        if one is None:
            return "no_route"
        return "not_found" if one.template.names and draft.collections else ""
    if call.status in (400, 415, 422) and one is not None and _other_media(call, one):
        return "unsupported_media"
    if call.status in (400, 422):
        if call.body.kind == "text" and "json" in call.body.media:
            return "malformed_body"
        return "invalid_request"
    if call.status == 429 and not draft.rate_limits:
        return ""
    if call.status in (412, 428):
        return ""  # which condition it was is not told
    return _BY_STATUS.get(call.status, "")


def _other_media(call: Recorded, one: Observed) -> bool:
    """Whether a body is of a type that the operation never took."""
    media = media_type(call.body.media)
    taken = {media_type(other.body.media) for other in one.good} - {""}
    return bool(media and taken) and media not in taken


def _inputs(learnt: Learnt, calls: list[Recorded]) -> set[str]:
    """The names of what callers send to the operations of *calls*."""
    wanted = {id(call) for call in calls}
    found: set[str] = set()
    for operation in learnt.observed:
        if not any(id(call) in wanted for call in operation.calls):
            continue
        for call in operation.calls:
            found.update(name for name, _ in call.query)
            found.update(fields_of(call.body))
    return found


def of_violations(value: Json, inputs: set[str]) -> Json:
    """The body of an error, in which what is said of each input follows from the call.

    {"errors": {"title": "is required"}}  ->  {"errors": "${first_messages(violations)}"}
    """
    if isinstance(value, dict):
        names = {str(name).partition(".")[0].partition("[")[0] for name in value}
        if value and names <= inputs:
            members = [*value.values()]
            if all(isinstance(member, str) for member in members):
                return "${first_messages(violations)}"
            if all(isinstance(member, list) for member in members):
                return "${all_messages(violations)}"
        return {name: of_violations(member, inputs) for name, member in value.items()}
    if isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
        made = _each_violation(value[0], inputs)
        if made:
            return made
    if isinstance(value, list):
        return [of_violations(item, inputs) for item in value]
    return value


def _each_violation(item: Mapping[str, Json], inputs: set[str]) -> str:
    """A list with one item for each violation, if *item* names the input that it is about."""
    members, named = [], False
    for name, member in item.items():
        if not isinstance(member, str) or "'" in name:
            return ""
        if member.partition(".")[0] in inputs:
            text, named = "v.field", True
        elif " " in member:
            text = "v.message"
        else:
            text = "'" + re.sub(r"[^A-Za-z0-9_. -]", "", member) + "'"
        members.append(f"'{name}': {text}")
    return f"${{[{{{', '.join(members)}}} for v in violations]}}" if named else ""


def _entry(calls: list[Recorded], draft: Draft) -> dict[str, Json]:
    """The commonest reply of *calls*."""
    statuses = Counter(call.answered for call in calls)
    status = statuses.most_common(1)[0][0]
    same = [call for call in calls if call.answered == status]
    shapes = Counter(form(call.reply.value) for call in same)
    wanted = shapes.most_common(1)[0][0]
    call = next(call for call in same if form(call.reply.value) == wanted)
    entry: dict[str, Json] = {"status": status}
    if call.reply.kind in ("json", "text"):
        entry["body"] = literal(call.reply.value)
    elif call.reply.kind == "nothing" and not call.reply_header("content-type"):
        entry["body"] = "${omit}"  # there was none; a tool may have kept none, too
    media = media_type(call.reply.media)
    if media and media != "application/json":
        entry["content_type"] = call.reply.media
    headers = own_headers(same, draft)
    if headers:
        entry["headers"] = headers
    return entry


def own_headers(calls: Sequence[Recorded], draft: Draft) -> dict[str, str]:
    """The headers that all of *calls* have, besides those of every reply."""
    limits = {str(name).lower() for name in (draft.rate_limit_headers or {}).values()}
    others = {*limits, *map(str.lower, draft.headers)}
    others |= OWN_HEADERS - {"www-authenticate", "retry-after"}
    found: dict[str, str] = {}
    for name, value in calls[0].reply_headers:
        if name in others:
            continue
        everywhere = all(call.reply_header(name) for call in calls)
        if not everywhere or name.startswith("access-control-") or "${" in value:
            continue
        if REQUEST_ID.search(name):
            continue
        shown = "-".join(part.capitalize() for part in name.split("-"))
        limited = name == "retry-after" and calls[0].status == 429
        found[shown] = "${retry_after}" if limited else value
    return found


def form(value: Json) -> str:
    """The names and types of a value, without what it says."""
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(f"{name}:{form(value[name])}" for name in sorted(value))
            + "}"
        )
    if isinstance(value, list):
        return "[" + (form(value[0]) if value else "") + "]"
    return kind_of(value)
