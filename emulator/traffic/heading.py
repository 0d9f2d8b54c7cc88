"""Heading: headers of replies that follow from no reply alone, and what decides on them.

`X-Request-Id` stands in every reply, `X-OAuth-Scopes` in those to callers who are known,
and `X-Cost` in those of some operations; their values are constant, or follow from the
caller, or from the operation.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from emulator.inference.names import snake
from emulator.inference.samples import expression
from emulator.json_type import Json
from emulator.traffic.credentials import sent
from emulator.traffic.learning import Learnt
from emulator.traffic.recorded import Recorded
from emulator.traffic.refusing import OWN_HEADERS, REQUEST_ID

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

_NEARLY = 0.95
"""A rule holds if it foretells so many of all replies."""
_OFTEN = 0.8
"""So many replies of an operation have a header that it is said to send."""
_SURE = 3
"""An operation that is said to send a header was called so often."""


def refine_headers(draft: Draft, learnt: Learnt) -> None:
    """The headers of all replies, of those to known callers, and of some operations."""
    limits = json.dumps(draft.rate_limit_headers or {}).lower()
    callers = {
        id(call): caller
        for call in learnt.calls
        if (caller := _caller(call, learnt)) is not None
    }
    let_in = {
        call
        for call, (scheme, value) in callers.items()
        if learnt.credentials.values[scheme].get(value)
    }
    groups = {"caller": callers.keys(), "authenticated": let_in}
    operations = {id(call): one.id for one in learnt.observed for call in one.calls}
    names = {name for call in learnt.calls for name, _ in call.reply_headers}
    for name in sorted(names):
        own = name in OWN_HEADERS or name.startswith("access-control-")
        if own or f'"{name}"' in limits:
            continue
        condition = _condition(name, learnt.calls, groups, operations)
        if condition is None:
            continue
        having = [call for call in learnt.calls if call.reply_header(name)]
        value = _value(name, having, operations)
        if value is None and condition.startswith(("caller", "authenticated")):
            value = _of_callers(name, having, callers, draft)
        if value is None:
            value = expression(_usual(name, having))
        shown = "-".join(part.capitalize() for part in name.split("-"))
        draft.headers[shown] = _written(value, condition)


def _caller(call: Recorded, learnt: Learnt) -> tuple[str, str] | None:
    """The scheme and the credential of a caller who is known, let in or not."""
    known = learnt.credentials
    for name, place in known.schemes.items():
        value = sent(call, place)
        states = known.standing[name].states if name in known.standing else {}
        if value and (known.values[name].get(value) or value in states):
            return name, value
    return None


def _condition(
    name: str,
    calls: Collection[Recorded],
    groups: Mapping[str, Collection[int]],
    operations: Mapping[int, str],
) -> str | None:
    """When replies have the header: an expression, "" for always; None: it is not told.

    *groups* has calls, by the expression that is true of them.
    """
    every = {"": {*map(id, calls)}, **groups}
    for condition, ids in every.items():
        if _foretells(name, calls, ids):
            return condition
    for condition, ids in every.items():
        among = [call for call in calls if id(call) in ids]
        sending = _sending(name, among, operations)
        of_them = {id(call) for call in among if operations.get(id(call)) in sending}
        if sending and _foretells(name, calls, of_them):
            test = f"operation_id in {expression(sorted(sending))}"
            return f"{condition} and {test}" if condition else test
    return None


def _foretells(name: str, calls: Collection[Recorded], having: Collection[int]) -> bool:
    right = sum(bool(call.reply_header(name)) == (id(call) in having) for call in calls)
    return right >= len(calls) * _NEARLY


def _sending(
    name: str, calls: Iterable[Recorded], operations: Mapping[int, str]
) -> set[str]:
    """The operations of which nearly all replies have the header."""
    every: Counter[str] = Counter()
    having: Counter[str] = Counter()
    for call in calls:
        operation = operations.get(id(call))
        if operation is not None:
            every[operation] += 1
            having[operation] += bool(call.reply_header(name))
    found = {one for one, many in every.items() if having[one] >= many * _OFTEN}
    return found if any(every[one] >= _SURE for one in found) else set()


def _value(
    name: str, having: Collection[Recorded], operations: Mapping[int, str]
) -> str | None:
    """What the header says, as an expression; None where no rule is found."""
    if REQUEST_ID.search(name):
        return "request_id"
    values = Counter(call.reply_header(name) for call in having)
    if len(values) == 1:
        return str(expression(next(iter(values))))
    usual = _usual(name, having)
    by_operation = _one_each(name, having, lambda call: operations.get(id(call)))
    if by_operation is None:
        return None
    others = {
        operation: value
        for operation, value in by_operation.items()
        if value != usual and operation is not None
    }
    return f"{expression(others)}[operation_id] or {expression(usual)}"


def _usual(name: str, having: Iterable[Recorded]) -> str:
    return Counter(call.reply_header(name) for call in having).most_common(1)[0][0]


def _one_each(
    name: str, calls: Iterable[Recorded], key: Callable[[Recorded], Any]
) -> dict[Any, str] | None:
    """The value that the header has by *key*; None where it has several."""
    found: dict[Any, str] = {}
    for call in calls:
        value = call.reply_header(name)
        if found.setdefault(key(call), value) != value:
            return None
    return found


def _of_callers(
    name: str,
    having: Iterable[Recorded],
    callers: Mapping[int, tuple[str, str]],
    draft: Draft,
) -> str | None:
    """The field of credentials that the header shows, which their records get."""
    known = [call for call in having if id(call) in callers]
    values = _one_each(name, known, lambda call: callers[id(call)])
    if not values:
        return None
    field = snake(name)
    for (scheme, credential), value in values.items():
        written = draft.schemes.get(scheme, {})
        records = draft.fixtures.get(written.get("credentials", ""), ())
        for record in records:
            if credential in _sent_as(record, written.get("field", "key")):
                record[field] = value
    return f"caller.{field}"


def _sent_as(record: Mapping[str, Json], field: str) -> Iterable[str]:
    """How a credential may be sent: as it is, or as a name and a password."""
    value = str(record.get(field, ""))
    yield value
    if "password" in record:
        yield base64.b64encode(f"{value}:{record['password']}".encode()).decode()


def _written(value: str, condition: str) -> str:
    if condition:
        return f"${{({value}) if {condition} else null}}"
    constant = value[1:-1]
    plain = value[:1] == "'" and "'" not in constant and "\\" not in constant
    return constant if plain and "${" not in constant else f"${{{value}}}"
