"""Refining: what is inferred from the document, corrected by what was really answered."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from emulator.http.media_types import media_type
from emulator.traffic.credentials import sent
from emulator.traffic.describing import Observed
from emulator.traffic.learning import Learnt
from emulator.traffic.recorded import Recorded
from emulator.traffic.seeds import records_of
from emulator.traffic.shapes import kind_of

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

Json = Any
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
_CONSTANT = 0.95
"""So many of all replies have a header that the provider sends with every reply."""
_REQUEST_ID = re.compile(r"(^|-)(request|trace|correlation)-?id$")
_OWN_HEADERS = frozenset(
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


def refining(learnt: Learnt, idle: Collection[str] = ()) -> Callable[[Draft], None]:
    """What changes a draft by what the archives show; no entries for the refusals *idle*."""

    def refine(draft: Draft) -> None:
        _credentials(draft, learnt)
        _errors(draft, learnt, idle)
        _headers(draft, learnt)
        _seeds(draft, learnt)

    return refine


def _credentials(draft: Draft, learnt: Learnt) -> None:
    """The credentials that were let in; those that never were are not there."""
    for name, values in learnt.credentials.values.items():
        scheme = draft.schemes.get(name)
        if scheme is None:
            continue
        good = [value for value, succeeded in values.items() if succeeded]
        collection, field = scheme["credentials"], scheme.get("field", "key")
        others = [
            record
            for record in draft.fixtures.get(collection, ())
            if record.get("name") != "full"
        ]
        place = learnt.credentials.schemes[name]
        known = [
            _credential(at, place.scheme, field, value)
            for at, value in enumerate(good, 1)
        ]
        records = [record for record in known if record is not None]
        for record in others:
            records.append({**record, "id": len(records) + 1})
        if known:
            draft.fixtures[collection] = records


def _credential(number: int, scheme: str, field: str, value: str) -> Json:
    record: dict[str, Json] = {
        "id": number,
        "name": "full" if number == 1 else f"other_{number}",
    }
    if scheme == "basic":
        try:
            user, _, password = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        record |= {field: user, "password": password}
    else:
        record[field] = value
    return {**record, "state": "active", "expires_at": None}


def _errors(draft: Draft, learnt: Learnt, idle: Collection[str]) -> None:
    """An entry for each refusal that was seen, with the body that it had."""
    known = {id(call): one for one in learnt.observed for call in one.calls}
    seen: dict[str, list[Recorded]] = {}
    for call in learnt.calls:
        if call.status < 400 or call.status >= 500:
            continue
        code = _code(call, known.get(id(call)), draft, learnt)
        if code:
            seen.setdefault(code, []).append(call)
    if not seen:
        return
    table = dict(draft.errors.get("table", {}))
    for code, calls in sorted(seen.items()):
        entry = _entry(calls)
        if entry is not None:
            table[code] = entry
    table = {code: entry for code, entry in table.items() if code not in idle}
    if "invalid_request" in table and "invalid_path" not in (*seen, *idle):
        table.setdefault("invalid_path", "invalid_request")
    if table:
        draft.errors["table"] = table
    draft.errors.setdefault("default", {})


def _code(call: Recorded, one: Observed | None, draft: Draft, learnt: Learnt) -> str:
    """The refusal that a reply was, as far as that can be told; "" where it cannot."""
    schemes = learnt.credentials.schemes
    if call.status in (401, 403) and schemes:
        values = {name: sent(call, place) for name, place in schemes.items()}
        given = {name: value for name, value in values.items() if value}
        if not given:
            return "credential_missing"
        if any(not learnt.credentials.values[name].get(v) for name, v in given.items()):
            return "credential_unknown"
        return ""
    if call.status == 404:
        if one is None:
            return "no_route"
        return "not_found" if one.template.names and draft.collections else ""
    if call.status in (400, 422):
        if call.body.kind == "text" and "json" in call.body.media:
            return "malformed_body"
        return "invalid_request"
    if call.status == 429 and not draft.rate_limits:
        return ""
    if call.status in (409, 412, 428):
        return ""  # which condition it was is not told
    return _BY_STATUS.get(call.status, "")


def _entry(calls: list[Recorded]) -> Json:
    """The commonest reply of *calls*; None where its body cannot be written."""
    statuses = Counter(call.status for call in calls)
    status = statuses.most_common(1)[0][0]
    same = [call for call in calls if call.status == status]
    shapes = Counter(form(call.reply.value) for call in same)
    wanted = shapes.most_common(1)[0][0]
    call = next(call for call in same if form(call.reply.value) == wanted)
    entry: dict[str, Json] = {"status": status}
    if call.reply.kind in ("json", "text"):
        if "${" in json.dumps(call.reply.value):
            return None
        entry["body"] = call.reply.value
    media = media_type(call.reply.media)
    if media and media != "application/json":
        entry["content_type"] = call.reply.media
    return entry


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


def _headers(draft: Draft, learnt: Learnt) -> None:
    """What every reply carries."""
    replies = len(learnt.calls)
    names = Counter(
        name for call in learnt.calls for name in {n for n, _ in call.reply_headers}
    )
    limits = json.dumps(draft.rate_limit_headers or {}).lower()
    for name, many in sorted(names.items()):
        own = name in _OWN_HEADERS or name.startswith("access-control-")
        if many < replies * _CONSTANT or own or f'"{name}"' in limits:
            continue
        if re.search(r"rate-?limit", name):
            continue
        values = Counter(call.reply_header(name) for call in learnt.calls)
        shown = "-".join(part.capitalize() for part in name.split("-"))
        if _REQUEST_ID.search(name):
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
