"""Steps: each decision of an exchange in words, made when somebody asks.

One function for each step says what it decided and why, from what the entry holds on
to. Notes of a step that its function does not take are put behind its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.admin.fault_rules import SOURCE
from emulator.admin.journal import callers, calls
from emulator.admin.journal.callers import failures
from emulator.admin.journal.mask import Mask, reply_header_of
from emulator.admin.journal.told import Facts, Told, Words
from emulator.http.problem import MEDIA_TYPE
from emulator.program.program import Program
from emulator.world.journal import Entry
from emulator.world.times import moment

Json = Any
Row = dict[str, Json]


def rows(entry: Entry, program: Program, mask: Mask) -> list[Row]:
    """`{step, decision, facts}` for every step that was walked, in their order."""
    told = Told(entry, program)
    if entry.refused_by is None and _is_ours(entry):
        # It was not let in: the steps were asked what they do not know, and no more.
        noted = dict.fromkeys(step for step, _, _ in entry.steps)
        found = [_row(told, name, "", {}) for name in noted]
    else:
        found = list(_walked(told))
    return [
        {
            "step": one["step"],
            "decision": mask.text(one["decision"]),
            "facts": mask.json(one["facts"]),
        }
        for one in found
    ]


def reason(entry: Entry, program: Program, mask: Mask) -> str:
    """Why it was refused: `credential_expired: the credential 'old' expired 3 s ago`."""
    for row in rows(entry, program, mask):
        if row["step"] == entry.refused_by:
            return str(row["decision"]).removeprefix("refused with ")
    return entry.refusal or ""


def _is_ours(entry: Entry) -> bool:
    """Whether the emulator answered in its own voice."""
    return reply_header_of(entry, "content-type").startswith(MEDIA_TYPE)


def _walked(told: Told) -> Iterator[Row]:
    entry, faults = told.entry, _faults(told)
    if faults is not None:
        yield _row(told, "faults", *faults)
    for name in told.program.order:
        decision, facts = _WORDS[name](told)
        code = told.refused(name)
        if code is not None:
            forced = ", as was asked for" if entry.forced == code else ""
            decision = f"refused with {code}: {decision}{forced}"
        yield _row(told, name, decision, facts)
        if code is not None:
            break
    for name, words in _AFTERWARDS.items():
        for one in words(told):
            yield _row(told, name, *one)


def _row(told: Told, step: str, decision: str, facts: Facts) -> Row:
    noted = list(told.rest(step))
    if noted:
        words = [decision, *(_noted(*one) for one in noted)]
        decision = "; ".join(filter(None, words))
        facts = {**facts, "noted": [{"note": one, **more} for one, more in noted]}
    return {"step": step, "decision": decision, "facts": facts}


def _noted(words: str, facts: Mapping[str, Json]) -> str:
    """A note that its step's function does not know, in words."""
    if words == "not emulated":
        near = facts.get("nearest")
        beside = f", as {near!r} is" if near else ""
        return f"the {facts.get('what')} {facts.get('asked')!r} is not emulated{beside}"
    if words == "mended":
        return f"{facts.get('name')} counts as not sent or as the nearest that is taken"
    return words


def _faults(told: Told) -> Words | None:
    entry = told.entry
    struck = list(iter(lambda: told.take("faults", "struck"), None))
    if not (struck or entry.faults or entry.forced):
        return None
    by = list(dict.fromkeys(map(_rule, struck)))
    if entry.forced_strictly and (entry.forced or not struck):
        by.append("the call itself")
    wire = [one.text for one in entry.faults]
    goes_wrong = [*([entry.forced] if entry.forced else []), *wire]
    words = f"{' and '.join(by)} asked for {', '.join(goes_wrong) or 'nothing here'}"
    return words, {"by": by, "refuse": entry.forced, "faults": wire}


def _rule(facts: Mapping[str, Json]) -> str:
    """The rule that struck, by its number, and the scenario that it came with."""
    by = facts.get("by")
    source = f" of the scenario {by!r}" if by else ""
    if by == SOURCE:
        source = f" made by {SOURCE}"
    return f"rule {facts.get('rule')}{source}"


def _settle(told: Told) -> Iterator[Words]:
    counted = told.take("settle", "failure counted")
    if counted is not None:
        yield f"failure counted: {failures(counted)}", dict(counted)
    locked = told.take("settle", "locked")
    if locked is not None:
        until = moment(locked["locked_until"])
        facts = {"per": locked["per"], "locked_until": until}
        yield f"one failure too many: locked until {until}", facts


def _notify(told: Told) -> Iterator[Words]:
    for step, decision, facts in told.entry.steps:
        if step == "notify":
            told.take(step, decision)
            event, many = facts.get("event"), facts.get("deliveries", ())
            if many:
                yield f"told {len(many)} of {event}", dict(facts)
            else:
                yield f"{decision} to {event}", dict(facts)


_WORDS: Mapping[str, Callable[[Told], Words]] = {
    "route": calls.route,
    "transport": calls.transport,
    "identify": callers.identify,
    "lockout": callers.lockout,
    "authenticate": callers.authenticate,
    "rate_limit": callers.rate_limit,
    "authorize": callers.authorize,
    "parameters": calls.parameters,
    "negotiate": calls.negotiate,
    "body": calls.body,
    "find": calls.find,
    "validate": calls.validate,
    "act": calls.act,
    "paginate": calls.paginate,
}

_AFTERWARDS: Mapping[str, Callable[[Told], Iterator[Words]]] = {
    "settle": _settle,
    "notify": _notify,
}
