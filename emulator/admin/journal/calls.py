"""Calls: in words, what was asked for, whether that is well formed, and what it did."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from emulator.admin.journal.told import Facts, Told, Words
from emulator.http.codings import KNOWN


def route(told: Told) -> Words:
    if told.refused("route") == "wrong_method":
        return (
            f"the path takes {told.facts.get('allow')}, not {told.entry.method}",
            {"allow": told.facts.get("allow")},
        )
    if told.found is None:
        return "no operation has this path", {}
    found = told.found
    return f"this is {found.id}", {"operation": found.id, "path": found.path}


def transport(told: Told) -> Words:
    code = told.refused("transport")
    if code == "https_required":
        return "the call came by http", {}
    return ("it has gone wrong on purpose" if code else "let through"), {}


def parameters(told: Told) -> Words:
    code = told.refused("parameters")
    if code == "malformed_query":
        return f"the query cannot be read: {told.facts.get('why')}", {}
    if code is not None:
        found = told.facts.get("violations", [])
        return _violated(found), {"violations": _violations(told, found)}
    wrong = told.entry.violations
    if wrong:
        facts = {"violations": _violations(told, wrong)}
        return f"{_violated(wrong)}, for `validate` to tell", facts
    return "read", {}


def _violations(told: Told, found: Any) -> list[Facts]:
    kept = ("field", "where", "rule", "limit", "message")
    return [
        {**{name: one.get(name) for name in kept}, "value": _sent(told, one)}
        for one in found
    ]


def _sent(told: Told, violation: Facts) -> Any:
    """The value that breaks the rule: that which was noted, or that which was sent."""
    value, where = violation.get("value"), violation.get("where")
    if value is not None:
        return value
    entry = told.entry
    if where == "body":
        kind, sent = entry.read_request()
        value = dict(sent) if kind == "form" else sent
    elif where == "query":
        value = dict(parse_qsl(entry.query.decode("latin-1"), True))
    for part in violation.get("path") or ():
        if isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _violated(found: Any) -> str:
    """`title breaks minLength; salary breaks type`."""
    words = [f"{one.get('field') or 'it'} breaks {one.get('rule')}" for one in found]
    return "; ".join(words) or "nothing is wrong"


def negotiate(told: Told) -> Words:
    found, code, facts = told.found, told.refused("negotiate"), dict(told.facts)
    taken = sorted(found.body.schemas) if found and found.body else []
    if code == "unsupported_media" and facts.get("coding"):
        coding = facts["coding"]
        return f"{coding} is not decoded; {' or '.join(KNOWN)} is", {"coding": coding}
    if code == "unsupported_media":
        media = facts.get("media_type") or "no media type"
        facts = {"media_type": facts.get("media_type"), "taken": taken}
        return f"{media} is not taken; {' or '.join(taken)} is", facts
    if code == "not_acceptable":
        offered = list(found.produces) if found else []
        facts = {"accept": facts.get("accept"), "offered": offered}
        return f"wants {facts['accept']}; there is {' or '.join(offered)}", facts
    if code is not None:
        return f"there is no version {facts.get('version')!r}", facts
    media = told.entry.media_type
    if media:
        return f"the body is {media}", {"media_type": media}
    return "nothing to agree on", {}


def body(told: Told) -> Words:
    told.take("body", "malformed")
    size = told.entry.request_size
    code = told.refused("body")
    over = told.take("body", "over the emulator's limit")
    if over is not None:
        return f"it is longer than --max-body, {over['most']} bytes", dict(over)
    if code == "body_too_large":
        return "it is longer than is taken", {}
    if code is not None:
        return f"it cannot be read: {told.facts.get('why')}", {"size": size}
    if told.found is None or told.found.body is None:
        return "none is taken", {}
    coding = told.entry.request_header("content-encoding").strip()
    if size and coding:
        return f"read, {size} bytes out of {coding}", {"size": size, "coding": coding}
    return (f"read, {size} bytes" if size else "empty"), {"size": size}


def find(told: Told) -> Words:
    found, entry = told.found, told.entry
    if found is None or found.action.key is None:
        return "no one record is asked for", {}
    where = found.action.collection
    facts = {"collection": where, "key": entry.key}
    if told.refused("find") is None:
        return f"found {entry.key!r} in {where}", facts
    if told.take("find", "of another owner") is not None:
        return f"{entry.key!r} in {where} belongs to another", facts
    if told.take("find", "filtered out") is not None:
        return f"{entry.key!r} in {where} is not one of those that are shown", facts
    return f"there is no {entry.key!r} in {where}", facts


def validate(told: Told) -> Words:
    told.take("validate", "violated")
    if told.refused("validate") is None:
        return "keeps the rules", {}
    found = told.facts.get("violations", [])
    return _violated(found), {"violations": _violations(told, found)}


_DONE = {"created": "in", "updated": "in", "deleted": "from"}


def act(told: Told) -> Words:
    code, facts = told.refused("act"), dict(told.facts)
    if code is not None:
        if "count" in facts:
            return f"there are {facts['count']} of at most {facts['at_most']}", facts
        if "field" in facts and "value" in facts:
            return f"another has the same {facts['field']}: {facts['value']!r}", facts
        if "collection" in facts:
            return f"records of {facts['collection']} refer to it", facts
        return "a condition of this operation does not hold", facts
    for done, preposition in _DONE.items():
        note = told.take("act", done)
        if note is not None:
            words = f"{done} {note['key']!r} {preposition} {note[preposition]}"
            return words, {"collection": note[preposition], "key": note["key"]}
    found = told.found
    if found is not None and found.action.kind == "list":
        matched, where = told.entry.matched, found.action.collection
        return f"{matched} records of {where} match", {
            "collection": where,
            "matched": matched,
        }
    return "nothing is changed", {}


def paginate(told: Told) -> Words:
    if told.refused("paginate"):
        parameter, value = told.facts.get("parameter"), told.facts.get("value")
        return f"{parameter}={value} leads nowhere", dict(told.facts)
    page = told.entry.page
    if page is None:
        return "not cut into pages", {}
    kept = ("number", "size", "offset", "shown", "total", "has_more")
    words = (
        f"page {page['number']} of {page['count']}: {page['shown']} of {page['total']}"
    )
    return words, {name: page[name] for name in kept}
