"""Heading: headers of replies that follow from no reply alone, and what decides on them.

`X-Request-Id` stands in every reply, `X-OAuth-Scopes` in those to callers who are known,
and `X-Cost` in those of some operations; their values are constant, or follow from the
caller, or from the operation.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Set
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
    groups: dict[str, Set[int]] = {
        "": {*map(id, learnt.calls)},
        "caller": callers.keys(),
        "authenticated": let_in,
    }
    operations = {
        id(call): operation.id
        for operation in learnt.observed
        for call in operation.calls
    }
    for name, having in sorted(_by_header(learnt.calls).items()):
        own = name in OWN_HEADERS or name.startswith("access-control-")
        if own or f'"{name}"' in limits:
            continue
        condition = _condition({*map(id, having)}, groups, operations)
        if condition is None:
            continue
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


def _by_header(calls: Iterable[Recorded]) -> dict[str, list[Recorded]]:
    """The calls whose replies say something by each header."""
    found: dict[str, list[Recorded]] = {}
    for call in calls:
        for name in {name for name, _ in call.reply_headers}:
            if call.reply_header(name):
                found.setdefault(name, []).append(call)
    return found


def _condition(
    having: Set[int], groups: Mapping[str, Set[int]], operations: Mapping[int, str]
) -> str | None:
    """When replies have a header: an expression, "" for always; None: it is not told.

    *having* are the calls whose replies have it, and *groups* calls by the expression that
    is true of them; "" is true of all.
    """
    most = len(groups[""])
    for condition, calls in groups.items():
        if _foretells(calls, having, most):
            silent = _silent(calls, having, operations)
            test = f"operation_id not in {expression(silent)}" if silent else ""
            return " and ".join(filter(None, (condition, test)))
    for condition, calls in groups.items():
        sending = _sending(calls, having, operations)
        of_them = {call for call in calls if operations.get(call) in sending}
        if sending and _foretells(of_them, having, most):
            test = f"operation_id in {expression(sorted(sending))}"
            return f"{condition} and {test}" if condition else test
    return None


def _foretells(calls: Set[int], having: Set[int], most: int) -> bool:
    """Whether *calls* are those that are *having* a header, for nearly all of *most*."""
    return most - len(calls ^ having) >= most * _NEARLY


def _silent(
    calls: Set[int], having: Set[int], operations: Mapping[int, str]
) -> list[str]:
    """The operations that were called more than once or twice, and never have a header."""
    every = Counter(operations[call] for call in calls if call in operations)
    with_it = {operations[call] for call in calls & having & operations.keys()}
    return sorted(one for one in every.keys() - with_it if every[one] >= _SURE)


def _sending(
    calls: Set[int], having: Set[int], operations: Mapping[int, str]
) -> set[str]:
    """The operations of which nearly all replies have a header."""
    every = Counter(operations[call] for call in calls if call in operations)
    with_it = Counter(operations[call] for call in calls & having & operations.keys())
    found = {one for one, many in every.items() if with_it[one] >= many * _OFTEN}
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
