"""Logins: calls that are refused for what their body says of the caller.

A token endpoint answers 401 to a client that it does not know, and to a wrong password
with other words. Which of the known values each refusal is about is found one after the
other: a value that no accepted call had, and that only calls with that refusal have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from emulator.json_type import Json
from emulator.traffic.recorded import Recorded

_OF_CALLERS = re.compile(
    r"(^|_)(client_?id|client_?secret|user|user_?name|login|e?_?mail|password|pass|pin|otp|code"
    r"|token|grant_?type|secret|key|assertion)$",
    re.I,
)
_MOST = 8
"""So many values of one member are listed."""


class Demand(NamedTuple):
    """A member that must have one of some values, and a refused call for which it had not."""

    member: str
    values: tuple[Json, ...]
    refused: Recorded


def demands(
    calls: Sequence[tuple[Recorded, Mapping[str, Json]]], kinds: Mapping[int, str]
) -> list[Demand]:
    """What is demanded of the bodies of *calls*, in the order in which it is looked at.

    *kinds* has what each refusal is like, by the `id` of its call.
    """
    taken: dict[str, list[Json]] = {}
    for call, members in calls:
        if call.succeeded:
            for name, value in members.items():
                known = taken.setdefault(name, [])
                if value not in known:
                    known.append(value)
    # What is of another type is refused as input is.
    left = [
        (call, members)
        for call, members in calls
        if all(
            isinstance(members.get(name), str)
            for name, values in taken.items()
            if _OF_CALLERS.search(name)
            and isinstance(values[0], str)
            and all(name in m for c, m in calls if c.succeeded)
        )
    ]
    found: list[Demand] = []
    while True:
        demand = next(_demands(left, taken, kinds), None)
        if demand is None:
            return found
        found.append(demand)
        left = [(c, m) for c, m in left if m.get(demand.member) in demand.values]


def _demands(
    calls: Sequence[tuple[Recorded, Mapping[str, Json]]],
    taken: Mapping[str, list[Json]],
    kinds: Mapping[int, str],
) -> Iterator[Demand]:
    for name, values in taken.items():
        if not _OF_CALLERS.search(name) or len(values) > _MOST:
            continue
        odd = [call for call, m in calls if m.get(name) not in (*values, None)]
        refusals = {kinds.get(id(call), "") for call in odd}
        if len(refusals) == 1 and "" not in refusals:
            needed = all(name in m for call, m in calls if call.succeeded)
            known = values if needed else [*values, None]
            yield Demand(name, tuple(known), odd[0])
