"""Standing: what becomes of the callers that were refused, by what their refusals say.

A credential that never gets in is unknown, or in a state of its own: revoked, expired, of
an account that is locked. One that gets in elsewhere, or whose refusals speak of scopes,
lacks a scope. Of two that never get in, the one that more others are like is unknown.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from emulator.traffic.complaints import text_in
from emulator.traffic.recorded import Recorded

_OF_SCOPES = re.compile(
    r"scope|permission|privilege|forbidden|not allowed to|\brole\b", re.I
)
_STATES = (
    "revoked", "expired", "disabled", "suspended", "inactive", "blocked", "locked", "deleted",
    "archived", "pending", "unverified", "unpaid",
)  # fmt: skip
_SCOPE = re.compile(
    r"\b(?:scope|permission)s?:? ['\"`]?([\w*]+(?:[:._/-][\w*]+)+)", re.I
)
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+")
_LIMIT = re.compile(r"rate-?limit")
"""Headers that many send to those whom they know."""
UNKNOWN = "credential_unknown"
SCOPE = "scope_missing"


@dataclass
class Standing:
    """The callers of one scheme that were refused."""

    states: dict[str, str] = field(default_factory=dict)
    """By value: the state of a credential that is known, and never gets in."""
    lacks: dict[str, set[str]] = field(default_factory=dict)
    """By value: the scopes that it lacks."""
    codes: dict[int, str] = field(default_factory=dict)
    """By the `id` of a call: the refusal that its reply is."""
    scopes: dict[int, str] = field(default_factory=dict)
    """By the `id` of a call: the scope that it was refused for."""


def standing(
    calls: Iterable[tuple[Recorded, str, str]], values: Mapping[str, bool]
) -> Standing:
    """What *calls* show: each with what it sends, and the operation that it is of.

    *values* are those that are sent, and whether a call with it ever succeeded.
    """
    found = Standing()
    refused = [
        (call, value, operation)
        for call, value, operation in calls
        if value and call.status in (401, 402, 403)
    ]
    of_state: dict[str, Counter[str]] = {}
    for call, value, operation in refused:
        if call.status == 403 and (values.get(value) or _speaks_of_scopes(call)):
            scope = _scope(call) or operation
            if scope and _speaks_of_scopes(call):
                found.lacks.setdefault(value, set()).add(scope)
                found.codes[id(call)], found.scopes[id(call)] = SCOPE, scope
        elif not values.get(value):
            of_state.setdefault(value, Counter())[_signature(call)] += 1
    usual = {value: counted.most_common(1)[0][0] for value, counted in of_state.items()}
    unknown = _unknown(usual)
    names: dict[str, str] = {}
    for call, value, _ in refused:
        if value not in usual or id(call) in found.codes:
            continue
        if usual[value] == unknown:
            found.codes[id(call)] = UNKNOWN
            continue
        name = names.setdefault(usual[value], _state(call, {*names.values()}))
        found.states[value] = name
        if _signature(call) == usual[value]:
            found.codes[id(call)] = f"credential_{name}"
    return found


def _signature(call: Recorded) -> str:
    """The status, the body and the headers of a refusal, but for numbers and times."""
    text = json.dumps(call.reply.value, sort_keys=True, default=str)
    names = sorted({name for name, _ in call.reply_headers if _LIMIT.search(name)})
    return f"{call.status} {re.sub(r'[0-9]+', '0', text)} {names}"


def _unknown(usual: Mapping[str, str]) -> str:
    """The refusal that credentials meet of which nothing is known.

    It tells of no limit where others do: nothing is counted for nobody.
    """
    times = Counter(usual.values())
    return max(
        times,
        key=lambda each: (
            each.endswith("[]"),
            times[each],
            each.startswith("401"),
            "nvalid" in each,
        ),
        default="",
    )


def _speaks_of_scopes(call: Recorded) -> bool:
    return bool(_OF_SCOPES.search(text_in(call.reply.value)))


def _scope(call: Recorded) -> str:
    """The scope that a refusal names."""
    found = _SCOPE.search(text_in(call.reply.value))
    return found[1] if found else ""


def _state(call: Recorded, taken: set[str]) -> str:
    """The state that a refusal speaks of, or one that is called like its code."""
    text = text_in(call.reply.value).lower()
    name = next((state for state in _STATES if state in text), "")
    if not name:
        code = _CODE.search(text)
        name = code[0].lower() if code else "refused"
    made, number = name, 2
    while made in taken or made in ("unknown", "missing", "malformed", "unproved"):
        made, number = f"{name}_{number}", number + 1
    return made
