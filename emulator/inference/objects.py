"""Objects: members of which callers send one part and the provider adds another.

`attributes` of JSON:API, and `metadata` with the name of what it is about.
"""

from __future__ import annotations

from typing import NamedTuple

from emulator.inference.draft import Draft
from emulator.inference.names import member_like, reading, snake
from emulator.inference.resources import Resource
from emulator.inference.samples import NoSample, expression
from emulator.inference.shapes import Shape, fits
from emulator.inference.times import CREATED, UPDATED, field_in, is_state, time_of
from emulator.json_type import Json

LINKS = ("links", "_links")
_UIDS = ("uid", "uuid")
_KEPT = ("uid", "uuid", "self_link")


class Completion(NamedTuple):
    """The expressions of the whole object, in each kind of call; empty: it is as it is sent."""

    on_create: str
    on_place: str
    """Of a create, after that: what the path says."""
    on_replace: str
    on_change: str
    optional: bool = False
    """A record may be without it: what only callers know of it cannot be added."""


def complete(
    draft: Draft,
    resource: Resource,
    name: str,
    there: Shape,
    shown: Shape,
    *,
    always: bool,
    needed: bool,
    new: bool = False,
) -> Completion | None:
    """How *shown* comes of *there*; None where it does not.

    Callers *always* send it, or need not; records may be without it, unless it is *needed*.
    A change may make a *new* record.
    """
    if not (there.is_object and shown.is_object and shown.properties):
        return None
    holds = bool(resource.inside) and resource.inside[0] == name
    for inner in there.properties:
        if inner in shown.properties and not fits(
            there.member(inner), shown.member(inner)
        ):
            return None
    try:
        added, again = _added(draft, there, shown, holds, needed and not always)
    except NoSample:
        return None
    if not (added or again or holds or snake(name) == "attributes"):
        return None
    read, before = field_in(name), reading("before", name)
    others = _not_sent(there, shown)
    sent = _sent(there, shown, f"{read} or {{}}", others)
    kept = expression([*dict.fromkeys([*added, *again, *others])])
    if holds:
        return _named(resource, shown, sent, added, before, read)
    created = {**added, **again}
    updated = f", {expression(again)}" if again else ""
    # Where a record is without it, what is sent of it completes a new one.
    was = f"before and {before}" if new else before
    old = f"{was} or {expression(created) if new or not needed else '{}'}"
    optional = not always and any(each not in created for each in shown.required)
    sent_or_none = f" if {read} is not None else omit" if optional else ""
    any_or_none = "" if needed else f" if {read} is not None or {was} else omit"
    return Completion(
        on_create=f"${{merge({expression(created)}, {sent}){sent_or_none}}}"
        if created
        else "",
        on_place="",
        on_replace=f"${{merge(only({old}, {kept}), {sent}{updated}){sent_or_none or any_or_none}}}"
        if created
        else "",
        on_change=f"${{merge({old}, {sent}{updated}){any_or_none}}}",
        optional=optional,
    )


def _not_sent(there: Shape, shown: Shape) -> list[str]:
    """The members that the provider alone says something of."""
    if there.is_closed or not there.properties:
        return []
    return [name for name in shown.properties if name not in there.properties]


def _sent(there: Shape, shown: Shape, read: str, others: list[str]) -> str:
    """What callers set of the object that they send: none of the *others*."""
    if shown.is_closed and not there.properties.keys() <= shown.properties.keys():
        known = there.properties or shown.properties
        both = [name for name in shown.properties if name in known]
        return f"only({read}, {expression(both)})"
    return f"without({read}, {expression(others)})" if others else read


def _added(
    draft: Draft, there: Shape, shown: Shape, holds: bool, whole: bool
) -> tuple[dict[str, Json], dict[str, Json]]:
    """What a new object gets, and what each change sets anew; *whole*: all that it needs."""
    new: dict[str, Json] = {}
    again: dict[str, Json] = {}
    for name in shown.properties:
        member, words = shown.member(name), snake(name)
        sent = name in there.properties and not there.member(name)["readOnly"]
        if sent and not holds:
            if name in shown.required and (whole or name not in there.required):
                new[name] = draft.sample(member, name)
            continue
        time = time_of(member)
        if time and words in (*CREATED, "creation_timestamp"):
            new[name] = time
        elif time and words in UPDATED:
            again[name] = time
        elif words in _UIDS and member.type == "string":
            new[name] = "${uuid()}"
        elif not holds and (name in shown.required or is_state(name, member)):
            new[name] = draft.sample(member, name)
    for name in shown.required:
        if name not in shown.properties and not holds:
            new[name] = None  # nothing is said of it
    return new, again


def _named(
    resource: Resource,
    shown: Shape,
    sent: str,
    new: dict[str, Json],
    before: str,
    read: str,
) -> Completion:
    """The object that has the name in it, and what the path says besides."""
    member = resource.inside[1]
    placed = {
        found: f"${{{reading('path', parent)}}}"
        for parent in resource.parents
        if (found := member_like(parent, shown.properties)) is not None
    }
    name = f"{expression(resource.thing.replace('_', '-') + '-')} + token(5)"
    first = expression({member: f"${{{name}}}"})
    kept = expression([member, *new])
    here = expression(
        {**placed, member: f"${{{reading('path', resource.parameter.name)}}}"}
    )
    old = f"only({before} or {{}}, {kept})"
    whole = f"${{merge({sent}, {old}, {here})}}"
    return Completion(
        on_create=f"${{merge({first}, {sent}, {expression(new)})}}",
        on_place=f"${{merge({read}, {expression(placed)})}}" if placed else "",
        on_replace=whole,
        on_change=whole,
    )
