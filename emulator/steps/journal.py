"""Journal: what is written down of the exchange, and for which reasons?"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from emulator.exchange.entry import Entry, LongBody
from emulator.exchange.exchange import Exchange
from emulator.http.multipart import BadForm, digest, fields_of, read_parts
from emulator.json_type import Json
from emulator.program.thinning import holds_more
from emulator.program.violations import Violation
from emulator.step import Finish

_LONGEST = 1_024
"""The longest text of a form that is kept where the form is not."""

_LONG = 100
"""The most characters or values of a violation that are kept."""


def journal(exchange: Exchange) -> None:
    written = exchange.world.journal
    if not written.max_entries:
        return
    entry = Entry(exchange)
    if entry.claim is not None:
        entry.credential = _credential(exchange)
    if entry.violations or "violations" in entry.facts:
        _shorten(entry)
    most = written.max_bytes // 8  # one long body would drive all other entries out
    if len(entry.request_body) > most:
        entry.request_body, entry.long_body = b"", _long_body(exchange, most)
    written.write(entry)


def _credential(exchange: Exchange) -> str | None:
    """The name of the credential that is claimed, also by a call that was not asked to
    prove it; None where nobody has it, or the proof failed."""
    caller, claim = exchange.caller, exchange.claim
    if claim is None:
        return None
    if caller is None:
        if exchange.refused_by == "authenticate" and not exchange.forced:
            return None
        collection = exchange.collection(claim.collection)
        caller = next(iter(collection.where(claim.fields)), None)
        if caller is None:
            return None
    if "name" in caller:
        return str(caller["name"])
    return str(caller.get(exchange.program.bases[claim.collection].key))


def _shorten(entry: Entry) -> None:
    """Leave out the long values of what is wrong: the request has them as well."""
    facts = entry.facts
    # A note of violations has those of the refusal.
    for violation in (*entry.violations, *facts.get("violations", ())):
        if violation["value"] is not None and _is_long(violation):
            break
    else:
        return
    short = _short(facts)
    entry.steps = [
        # A note that has the facts of the refusal has them still when they are short.
        (step, decision, short if noted is facts else _short(noted))
        for step, decision, noted in entry.steps
    ]
    entry.violations = [_shortened(violation) for violation in entry.violations]
    entry.facts = short


def _short(facts: Mapping[str, Json]) -> Mapping[str, Json]:
    """*facts* with violations that are short."""
    if "violations" not in facts:
        return facts
    return {
        **facts,
        "violations": [_shortened(violation) for violation in facts["violations"]],
    }


def _shortened(violation: Violation) -> Violation:
    return {**violation, "value": None} if _is_long(violation) else violation


def _is_long(violation: Violation) -> bool:
    value = violation["value"]
    if isinstance(value, str):
        return len(value) > _LONG
    return isinstance(value, (list, dict)) and holds_more(value, _LONG)


def _long_body(exchange: Exchange, most: int) -> LongBody:
    """What is kept of a body that is too long: a form's fields, if they are short."""
    body, kind = exchange.call.body, "parts"
    try:
        parts = read_parts(exchange.call.headers.get("content-type", ""), body)
        value = fields_of(parts, _LONGEST)
        kept = len(orjson.dumps(value))
    except BadForm:
        kept = most + 1
    if kept > most:
        kind, value, kept = "json", digest(body), 0
    return LongBody(len(body), kind, value, kept)


STEP = Finish(
    name="journal",
    question="what is written down of the exchange, and for which reasons?",
    finish=journal,
    keys=(),
)
