"""Views: records as each reply shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from emulator.inference.draft import Draft
from emulator.inference.names import snake
from emulator.inference.resources import Resource
from emulator.inference.samples import NoSample, expression, sample
from emulator.inference.shapes import Shape, fits
from emulator.inference.times import (
    field_in,
)


class Stored(Protocol):
    """What is stored of each thing: see `Records`."""

    resource: Resource
    shape: Shape
    fields: dict[str, Shape]
    links: dict[str, str]
    derived: dict[str, str]

    @property
    def always(self) -> set[str]: ...


_LONGEST = 2_000
"""More characters no view has: what it shows is then too unlike what is stored."""


class Views:
    """The views of one collection, of which there is one for each form."""

    def __init__(self, draft: Draft, records: Stored) -> None:
        self._draft = draft
        self._records = records
        self._known: list[tuple[Shape, str]] = []

    def of(self, shown: Shape, word: str = "") -> str | None:
        """The view that shows records as *shown*; empty where they are shown whole.

        None where that cannot be.
        """
        for shape, name in self._known:
            if shape.same(shown):
                return name
        try:
            show = self._show(shown)
        except NoSample:
            return None
        if len(show) > _LONGEST or (show and "this" in self._records.fields):
            return None  # a field of that name hides the record
        name = ""
        if show:
            name = self._view_name("" if shown.same(self._records.shape) else word)
            self._draft.views[name] = {
                "collection": self._records.resource.name,
                "show": show,
            }
        self._known.append((shown, name))
        return name

    def _show(self, shown: Shape) -> str:
        """The expression of a record as *shown*; empty for all of it."""
        keep, extra = [], {}
        open_ended = not shown.properties or isinstance(
            shown["additionalProperties"], Mapping
        )
        for name, field in self._records.fields.items():
            if name not in shown.properties:
                if open_ended and name in self._records.shape.properties:
                    keep.append(name)
                continue
            member = shown.member(name)
            if member["writeOnly"]:
                continue
            if name in self._records.links:
                extra[name] = f"${{{self._records.links[name]}}}"
                continue
            if name in self._records.derived:
                extra[name] = f"${{{self._records.derived[name]}}}"
                continue
            if (
                self._records.shape is shown
                or self._records.shape.same(shown)
                or fits(field, member)
            ):
                keep.append(name)
            elif name in shown.required:
                extra[name] = sample(member, name)
        for name in shown.required:
            if (
                name not in keep
                and name not in extra
                and not shown.member(name)["writeOnly"]
            ):
                extra[name] = sample(shown.member(name), name)
        present = {
            *self._records.shape.required,
            self._records.resource.key,
            *self._records.always,
        }
        for name in shown.required:
            if name in keep and name not in present:
                value, read = sample(shown.member(name), name), field_in(name)
                extra[name] = (
                    f"${{{read} if {read} is not None else {expression(value)}}}"
                )
        hidden = [
            name
            for name in self._records.fields
            if name not in keep and name not in extra
        ]
        text = "this"
        if hidden:
            names = keep if len(keep) < len(hidden) else hidden
            word = "only" if names is keep else "without"
            text = f"{word}(this, {expression(names)})"
        if extra:
            text = f"merge({text}, {expression(extra)})"
        return "" if text == "this" else f"${{{text}}}"

    def _view_name(self, word: str) -> str:
        thing = f"{self._records.resource.thing}{word}"
        if (
            self._records.resource.name != snake(self._records.resource.words)
            and self._records.resource.parent
        ):
            thing = f"{self._records.resource.parent.thing}_{thing}"
        name, number = thing, 2
        while name in self._draft.views:
            name, number = f"{thing}_{number}", number + 1
        return name
