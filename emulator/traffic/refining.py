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
from emulator.inference.names import reading, snake
from emulator.inference.samples import expression
from emulator.traffic.complaints import complaints
from emulator.traffic.conditional import conditions, hidden
from emulator.traffic.credentials import sent
from emulator.traffic.describing import Observed, fields_of
from emulator.traffic.learning import Learnt
from emulator.traffic.markup import formats
from emulator.traffic.quotas import Timed, quotas
from emulator.traffic.recorded import Recorded
from emulator.traffic.seeds import plain, records_of
from emulator.traffic.shapes import kind_of, scalars
from emulator.traffic.standing import Standing

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
        _unique(draft, learnt)
        _limits(draft, learnt)
        _errors(draft, learnt, idle)
        _headers(draft, learnt)
        _locations(draft, learnt)
        _partial(draft, learnt)
        _conditions(draft, learnt)
        draft.formats = formats(learnt.calls, reading, expression)
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
        standing = learnt.credentials.standing.get(name, Standing())
        good += [value for value in standing.lacks if value not in good]
        known = [
            _credential(at, place.scheme, field, value)
            for at, value in enumerate(good, 1)
        ]
        for value, state in standing.states.items():
            at = len(known) + 1
            record = _credential(at, place.scheme, field, value)
            if record is not None:
                known.append(record | {"name": f"{state}_{at}", "state": state})
        records = [record for record in known if record is not None]
        if "scopes" in scheme:
            for record, value in zip(known, good, strict=False):
                if record is not None:
                    record["scopes"] = _scopes(draft, standing.lacks.get(value, set()))
            for record in records[len(good) :]:
                record["scopes"] = None
        for record in others:
            records.append({**record, "id": len(records) + 1})
        if known:
            draft.fixtures[collection] = records
    _together(draft, learnt)


def _scopes(draft: Draft, lacks: set[str]) -> list[str]:
    """All scopes that operations need but for those that a credential *lacks*."""
    named = {
        scope
        for operation in draft.openapi.operations.values()
        for alternative in operation.security or ()
        for scopes in alternative.values()
        for scope in scopes
    }
    return sorted(named - lacks)


def _together(draft: Draft, learnt: Learnt) -> None:
    """Make one credential of what is always sent together: a client's id and its key."""
    places = learnt.credentials.schemes
    for names in learnt.credentials.pairs:
        first, *others = [name for name in names if name in draft.schemes]
        collection = draft.schemes[first]["credentials"]
        fields = {first: draft.schemes[first].get("field", "key")}
        for name in others:
            alone = draft.schemes[name]["credentials"]
            draft.collections.pop(alone, None)
            draft.fixtures.pop(alone, None)
            fields[name] = re.sub(r"[^a-z0-9]+", "_", places[name].name.lower()).strip(
                "_"
            )
            draft.schemes[name] |= {"credentials": collection, "field": fields[name]}
        records: list[Json] = []
        for call in learnt.calls:
            values = {fields[name]: sent(call, places[name]) for name in fields}
            known = any(values.items() <= record.items() for record in records)
            if call.status >= 400 or known or not all(values.values()):
                continue
            at = len(records) + 1
            name = "full" if at == 1 else f"other_{at}"
            record = {
                "id": at,
                "name": name,
                **values,
                "state": "active",
                "expires_at": None,
            }
            records.append(record)
        if records:
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
    strange = {id(call) for one in learnt.observed for call in one.strange()}
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
    table = dict(draft.errors.get("table", {}))
    for code, calls in sorted(seen.items()):
        inputs = _inputs(learnt, calls) if code == "invalid_request" else set()
        telling = [
            c for c in calls if of_violations(c.reply.value, inputs) != c.reply.value
        ]
        entry = _entry(telling or calls, draft)
        if entry is None:
            continue
        if telling:
            entry["body"] = of_violations(entry["body"], inputs)
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
        return learnt.credentials.code(call)
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
    if call.status in (412, 428):
        return ""  # which condition it was is not told
    return _BY_STATUS.get(call.status, "")


def _inputs(learnt: Learnt, calls: list[Recorded]) -> set[str]:
    """The names of what callers send to the operations of *calls*."""
    wanted = {id(call) for call in calls}
    found: set[str] = set()
    for one in learnt.observed:
        if not any(id(call) in wanted for call in one.calls):
            continue
        for call in one.calls:
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
                named = {path[0] for path in complaints(call.reply.value, again)}
                if len(named) == 1 and len(had[next(iter(named))]) > 1:
                    found[named.pop()] = call.status
    return found


def _limits(draft: Draft, learnt: Learnt) -> None:
    """The quota that replies tell of, and which replies do."""
    if not draft.rate_limits:
        return
    limit, told = draft.rate_limits[0], draft.rate_limit_headers
    if not isinstance(told, dict) or "limit" not in told:
        timed = _by_time(draft, learnt)
        quota = _spent(learnt)
        if timed:
            draft.rate_limits[:] = timed
        elif quota:
            limit["quota"] = quota
        elif not told:
            draft.rate_limits.clear()  # one of some operations, which is not learnt
            draft.scenarios = {
                name: scenario
                for name, scenario in draft.scenarios.items()
                if "drain" not in json.dumps(scenario, default=str)
            }
        return
    name = str(told["limit"]).lower()
    quotas = Counter(
        text for call in learnt.calls if (text := call.reply_header(name)).isdecimal()
    )
    if quotas:
        limit["quota"] = int(quotas.most_common(1)[0][0])
    resets = [
        call.reply_header(str(told.get("reset", "")).lower()) for call in learnt.calls
    ]
    numbers = [int(text) for text in resets if text.isdecimal()]
    if numbers and max(numbers) < 10_000_000:
        told["reset_as"] = "delta"
    having = [call for call in learnt.calls if call.reply_header(name)]
    places = learnt.credentials.schemes.values()
    unknown = [
        call for call in learnt.calls if not any(sent(call, place) for place in places)
    ]
    if any(call.reply_header(name) for call in unknown):
        limit["per"] = "ip"
    elif len(having) < len(learnt.calls):
        refused = any(call.status >= 400 for call in having)
        told["replies"] = "identified" if refused else "success"


def _by_time(draft: Draft, learnt: Learnt) -> list[Json]:
    """The limits that foretell which calls were refused with 429."""
    places = learnt.credentials.schemes.values()
    calls = [
        (call, one.id)
        for one in learnt.observed
        for call in one.calls
        if call.at or call.status == 429
    ]
    calls.sort(key=lambda pair: pair[0].at)
    timed = [
        Timed(call.at, call.status, id, "".join(sent(call, place) for place in places))
        for call, id in calls
    ]
    per = "credential" if draft.schemes or draft.oauth2 else "ip"
    return [
        {
            **(
                {"name": f"{snake(found.operations[0])}_{found.window}"}
                if found.operations
                else {}
            ),
            "quota": found.quota,
            "window": found.window,
            "per": per,
            **({"operations": [*found.operations]} if found.operations else {}),
        }
        for found in quotas(timed)
    ]


def _spent(learnt: Learnt) -> int:
    """How many calls were answered before the quota was spent; 0 where nothing tells."""
    refused = [at for at, call in enumerate(learnt.calls) if call.status == 429]
    if not refused:
        return 0
    after = learnt.calls[refused[0] :]
    if any(call.succeeded for call in after):
        return 0
    return refused[0]


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


def _conditions(draft: Draft, learnt: Learnt) -> None:
    """Leave out of records what is shown only if a parameter says so."""
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
        found = conditions(one, resource.key)
        if not found:
            continue
        view = draft.views.get(action.get("view", ""), {}).get("show", "${this}")
        inner = str(view).removeprefix("${").removesuffix("}")
        name = f"{resource.name}_of_{snake(one.id)}"
        draft.views[name] = {
            "collection": resource.name,
            "show": f"${{without({inner}, {hidden(found, reading, expression)})}}",
        }
        action["view"] = name


def _keeps(call: Recorded, calls: list[Recorded]) -> bool:
    """Whether the reply has a value for a member that others send, and *call* did not."""
    known = {name for other in calls for name in fields_of(other.body)}
    left_out = known - {*fields_of(call.body)}
    shown = dict(scalars(call.reply.value))
    return any(shown.get(name) not in (None, "", 0) for name in left_out)


def _entry(calls: list[Recorded], draft: Draft) -> Json:
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
    headers = _own_headers(same, draft)
    if headers:
        entry["headers"] = headers
    return entry


def _own_headers(calls: list[Recorded], draft: Draft) -> dict[str, str]:
    """The headers that all of *calls* have, besides those of every reply."""
    limits = {str(name).lower() for name in (draft.rate_limit_headers or {}).values()}
    found: dict[str, str] = {}
    for name, value in calls[0].reply_headers:
        if name in _OWN_HEADERS - {"www-authenticate", "retry-after"} or name in limits:
            continue
        everywhere = all(call.reply_header(name) for call in calls)
        if not everywhere or name.startswith("access-control-") or "${" in value:
            continue
        if _REQUEST_ID.search(name):
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
