"""Callers: in words, what was decided about who calls, and whether they may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.admin.journal.told import Facts, Told, Words
from emulator.times import SECOND, whole_seconds
from emulator.world.times import moment, span

Json = Any


def identify(told: Told) -> Words:
    found, claim = told.found, told.entry.claim
    asked = [[one.name for one in way] for way in found.security] if found else []
    ways = " or ".join(" with ".join(way) for way in asked)
    if claim is not None:
        facts = {"credential": told.who, "schemes": list(claim.schemes)}
        by = " with ".join(claim.schemes)
        if told.entry.caller is None:
            return f"claims by {by} to be {told.who}, which no credential has", facts
        return f"claims by {by} to be the credential {told.who!r}", facts
    if told.refused("identify") == "credential_malformed":
        why = told.facts.get("why")
        return f"what says who calls is wrong: {why}", {"schemes": asked, "why": why}
    if told.refused("identify"):
        return f"nothing says who calls; {ways} would", {"schemes": asked}
    if asked:
        return "comes without a claim, as it may", {"schemes": asked}
    return "nobody is asked who calls", {}


def lockout(told: Told) -> Words:
    locked = told.take("lockout", "locked")
    if locked is not None:
        until = int(locked["until"])
        left = whole_seconds(until - told.entry.at)
        facts = {"until": moment(until), "left": left, "per": locked["per"]}
        return f"locked for another {span(left)}, per {locked['per']}", facts
    if told.refused("lockout"):
        return "locked", {"left": told.facts.get("retry_after")}
    if told.program.lockout is None:
        return "this provider shuts nobody out", {}
    if told.entry.claim is None:
        return "nobody claims anything", {}
    counted = told.take("lockout", "counted")
    if counted is not None:
        return f"not locked: {failures(counted)}", dict(counted)
    return "not locked", {"failures": 0, "after": told.program.lockout.after}


def failures(facts: Mapping[str, Json]) -> str:
    return f"{facts['failures']} of {facts['after']} failures"


def authenticate(told: Told) -> Words:
    entry, code = told.entry, told.refused("authenticate")
    if entry.claim is None:
        return "nothing to prove", {}
    facts: Facts = {"credential": told.who}
    name = f"the credential {told.who!r}"
    if code is None:
        return f"proven: {name}", facts
    if code == "credential_unknown":
        return f"there is no credential {told.who}{_counted(told)}", facts
    expired = told.take("authenticate", "expired")
    if expired is not None:
        ago = (entry.at - int(expired["at"])) / SECOND
        facts |= {"expired": moment(expired["at"]), "ago": round(ago, 3)}
        return f"{name} expired {span(ago)} ago", facts
    elsewhere = told.take("authenticate", "from elsewhere")
    if elsewhere is not None:
        facts |= {"client": entry.client, "allowed": elsewhere["allowed"]}
        return f"{name} is not let in from {entry.client}", facts
    if "state" in told.facts:
        return f"{name} is {told.facts['state']}", facts | dict(told.facts)
    return f"{name} is not let in", facts


def _counted(told: Told) -> str:
    """What a failure has led to."""
    for step, decision, facts in told.entry.steps:
        if step == "settle" and decision == "failure counted":
            return f"; {failures(facts)}"
        if step == "settle" and decision == "locked":
            return "; locked from now on"
    return ""


def rate_limit(told: Told) -> Words:
    entry = told.entry
    told.take("rate_limit", "spent")
    refused = told.refused("rate_limit") is not None
    readings, costs = entry.readings, entry.costs
    if readings is None or (costs is None and not refused):
        return "no limit counts this call", {}
    limits = [
        {
            "name": policy.name,
            "limit": _number(after.limit),
            "before": _number(after.remaining + cost),
            "remaining": _number(after.remaining),
            "reset": moment(after.reset),
        }
        for (policy, after), cost in zip(
            readings, costs or [0.0] * len(readings), strict=True
        )
    ]
    facts: Facts = {"limits": limits}
    if refused:
        wait, name = told.facts["retry_after"], told.facts["window"]
        facts["wait"] = wait
        return f"the quota {name!r} is spent for another {span(wait)}", facts
    words = "; ".join(
        f"{one['name']}: {one['before']} of {one['limit']} left, then"
        f" {one['remaining']}"
        for one in limits
    )
    return words, facts


def _number(value: float) -> float:
    """A number without `.0` behind it."""
    return int(value) if value == int(value) else round(value, 3)


def authorize(told: Told) -> Words:
    found, entry = told.found, told.entry
    code = told.refused("authorize")
    needed = list(found.scopes) if found and entry.caller is not None else []
    facts: Facts = {"needed": needed, "held": entry.caller_scopes} if needed else {}
    if code == "scope_missing":
        return f"lacks the scope {told.facts.get('scope')!r}", facts
    if code is not None:
        return "a condition of this operation does not hold", facts | dict(told.facts)
    if needed:
        return f"has what is needed: {', '.join(needed)}", facts
    return "no scope is needed", facts
