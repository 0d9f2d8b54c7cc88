"""Limiting: the quotas that replies tell of, and those that refusals let one conclude."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from emulator.inference.names import snake
from emulator.json_type import Json
from emulator.traffic.credentials import sent
from emulator.traffic.learning import Learnt
from emulator.traffic.quotas import Timed, quotas
from emulator.traffic.standing import SCOPE, UNKNOWN

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

_SURE = 3
"""An operation of which so many calls say nothing of a limit has none."""


def refine_limits(draft: Draft, learnt: Learnt) -> None:
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
    silent = [
        operation.id
        for operation in learnt.observed
        if len(operation.calls) >= _SURE
        and not any(c.reply_header(name) for c in operation.calls)
    ]
    if silent and having:
        ids = {operation.id for operation in learnt.observed}
        limit["operations"] = sorted((ids - {*silent}) & {*draft.openapi.operations})
    places = learnt.credentials.schemes.values()
    unknown = [
        call for call in learnt.calls if not any(sent(call, place) for place in places)
    ]
    if any(call.reply_header(name) for call in unknown):
        limit["per"] = "ip"
    elif len(having) < len(learnt.calls):
        refused = any(call.status >= 400 for call in having)
        told["replies"] = _told_to(learnt, name) if refused else "success"


def _told_to(learnt: Learnt, header: str) -> str:
    """Whether those are told of limits too who are known, and not let in."""
    known = [
        bool(call.reply_header(header))
        for call in learnt.calls
        if learnt.credentials.code(call) not in ("", UNKNOWN, SCOPE)
    ]
    return "identified" if 2 * sum(known) >= len(known) else "authenticated"


def _by_time(draft: Draft, learnt: Learnt) -> list[Json]:
    """The limits that foretell which calls were refused with 429."""
    places = learnt.credentials.schemes.values()
    calls = [
        (call, operation.id)
        for operation in learnt.observed
        for call in operation.calls
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
