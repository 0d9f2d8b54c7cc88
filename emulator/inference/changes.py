"""Changes: the fields that are sent in another form, or spelling, than they are shown in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from emulator.inference.keeping import kept
from emulator.inference.names import reading
from emulator.inference.resources import Resource
from emulator.inference.samples import expression
from emulator.inference.shapes import Shape, default_fits, fits
from emulator.inference.times import field_in
from emulator.json_type import Json
from emulator.language.grammar import LONGEST


class Stored(Protocol):
    """What is stored of each thing: see `Records`."""

    resource: Resource
    shape: Shape

    def reading_of(self, place: str, *more: str) -> str: ...

    def shown_as(self, name: str, sent: Shape | None) -> str: ...

    def sample(self, shape: Shape, name: str) -> Json: ...


def changes_of(
    records: Stored,
    kind: str,
    sent: Shape | None,
    *,
    new: bool = False,
    body: str = "",
    objects: Collection[str] = (),
) -> dict[str, Json]:
    """The fields that are sent in another form than they are shown in.

    There may be no record before, where the call creates a *new* one. *body* is how
    the input is read; empty where there may be none. *objects* are completed otherwise.
    """
    changed: dict[str, Json] = {}
    members = sent.members() if sent is not None else {}
    body = records.reading_of(body, *members) if body else ""
    for name, there in members.items():
        target = records.shown_as(name, sent)
        if target not in records.shape.properties or target == records.resource.key:
            continue
        if there["readOnly"] or target in objects:
            continue
        shown = records.shape.member(target)
        if target != name:
            changed[name] = "${omit}"
        elif fits(there, shown) and default_fits(there):
            continue
        read = field_in(name)
        made = kept(there, shown, read)
        if made is not None and made.value != read and kind != "create":
            # The field is what is stored, in the form that it is shown in.
            read = reading(body, name) if body else ""
            made = kept(there, shown, read) if read else None
        said = [_otherwise(records, kind, target, new=new)]
        if made is not None:
            condition = made.condition or f"{read} is not None"
            unsent = sent is not None and name not in sent.required
            if made.condition and (there.nullable or unsent):
                condition = f"{read} is not None and {made.condition}"
            said.insert(0, f"{made.value} if {condition} else {said[0]}")
        text = next((text for text in said if len(text) <= LONGEST), None)
        changed[target] = (
            records.sample(shown, target) if text is None else f"${{{text}}}"
        )
    return changed


def _otherwise(records: Stored, kind: str, name: str, *, new: bool) -> str:
    """The expression of a member that is shown as nothing that is sent can be."""
    before = reading("before", name)
    if name not in records.shape.required:
        if kind == "create":
            return "omit"
        there = f"before and {before}" if new else before
        return f"{before} if {there} is not None else omit"
    if kind == "create":
        return expression(records.sample(records.shape.member(name), name))
    if new:
        value = expression(records.sample(records.shape.member(name), name))
        return f"{before} if before else {value}"
    return before
