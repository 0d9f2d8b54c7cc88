"""Ownership: records that everybody may read, and that a call can neither change nor remove.

`GET /jobs/7` answers 200, and `DELETE /jobs/7` that there is no such job: it is somebody
else's. What is known of that is the keys, and not whose they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from emulator.inference.samples import expression
from emulator.json_type import Json
from emulator.traffic.learning import Learnt
from emulator.traffic.observing import Observed
from emulator.traffic.seeds import plain

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

_MOST = 50
"""So many keys are listed."""
_REFUSED = {401, 403, 429}
"""What a call is answered that comes to no record."""


def refine_ownership(draft: Draft, learnt: Learnt) -> None:
    """Have changes and removals not find the records that are somebody else's."""
    keys = {resource.name: resource.key for resource in draft.resources}
    for one in learnt.observed:
        operation = draft.operations.get(one.id, {})
        action = operation.get("update") or operation.get("delete")
        names = one.template.names
        if not isinstance(action, dict) or not names:
            continue
        collection = action.get("collection", "")
        read = f"path.{names[-1]}"
        if action.get("key") != read or collection not in keys:
            continue
        stored = draft.fixtures.get(collection, ())
        known = [record.get(keys[collection]) for record in stored]
        found = _of_others(one, learnt.observed, known)
        if 0 < len(found) <= _MOST:
            test = f"{read} not in {expression(found)}"
            filters = [each for each in (action.get("filter"), test) if each]
            action["filter"] = " and ".join(filters)


def _of_others(
    one: Observed, observed: Iterable[Observed], known: Sequence[Json]
) -> list[Json]:
    """Those keys of the records that are *known* that *one* did not find, and others did."""
    statuses = _statuses(one)
    if not any(200 <= status < 300 for seen in statuses.values() for status in seen):
        return []
    gone: set[str] = set()
    for other in observed:
        if plain(other.template.path) == plain(one.template.path):
            gone |= {
                key for key, seen in _statuses(other).items() if _gone(other, seen)
            }
    return [
        key
        for key in known
        if str(key) not in gone and statuses.get(str(key), set()) - _REFUSED == {404}
    ]


def _gone(one: Observed, seen: set[int]) -> bool:
    """Whether calls of *one* removed a record, or could not read it."""
    if one.method == "DELETE":
        return any(200 <= status < 300 for status in seen)
    return one.method == "GET" and bool(seen & {404, 410})


def _statuses(one: Observed) -> dict[str, set[int]]:
    """The statuses of the calls of *one*, by the key at the end of their paths."""
    found: dict[str, set[int]] = {}
    for call, values in zip(one.calls, one.values, strict=True):
        found.setdefault(values[one.template.names[-1]], set()).add(call.status)
    return found
