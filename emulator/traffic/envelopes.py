"""Envelopes: refusals that are sent with a success, as their bodies alone tell.

`200 {"ok": false, "error": "invalid_auth"}` is what others answer with 401. A member that
is true in some replies and false in others, the latter with an error, says so; then such
a reply is read as one with the status that its error means.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace

from emulator.json_type import Json
from emulator.traffic.recorded import Recorded

_ERRORS = ("error", "errors", "error_code", "code", "message", "msg", "reason")
_STATUSES = (
    (429, re.compile(r"rate_?-?limit|too_?-?many|throttl", re.I)),
    (403, re.compile(r"scope|permission|forbidden|not_allowed_token", re.I)),
    (401, re.compile(r"auth|token|credential|api_?key|session|account_in", re.I)),
    (409, re.compile(r"taken|already|exists|duplicate|conflict", re.I)),
)
"""What errors are called, and the status that others give them."""
_USUAL = 400


def unwrapped(calls: Collection[Recorded]) -> list[Recorded]:
    """*calls*, those that a body says to be refused with a status that says so too."""
    flag = _flag(calls)
    if not flag:
        return [*calls]
    return [
        replace(call, status=_status(call), answered_with=call.status)
        if _says(call, flag) is False
        else call
        for call in calls
    ]


def _flag(calls: Collection[Recorded]) -> str:
    """The member that tells successes from refusals; "" for none."""
    names = {name for call in calls for name, value in _booleans(call)}
    for name in sorted(names):
        good = [call for call in calls if _says(call, name) is True]
        bad = [call for call in calls if _says(call, name) is False]
        if not good or not bad or any(_error(call) for call in good):
            continue
        if all(_error(call) for call in bad):
            return name
    return ""


def _booleans(call: Recorded) -> Iterator[tuple[str, bool]]:
    if call.succeeded and isinstance(call.reply.value, dict):
        for name, value in call.reply.value.items():
            if isinstance(value, bool):
                yield name, value


def _says(call: Recorded, flag: str) -> Json:
    return dict(_booleans(call)).get(flag)


def _error(call: Recorded) -> str:
    """What a reply calls its error."""
    for name in _ERRORS:
        value = call.reply.value.get(name)
        if value and (isinstance(value, (str, int)) or name.startswith("error")):
            return str(value)
    return ""


def _status(call: Recorded) -> int:
    text = _error(call)
    return next((status for status, words in _STATUSES if words.search(text)), _USUAL)
