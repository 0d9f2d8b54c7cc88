"""Suspicions: what a call may meet of a template whose expressions are all right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from emulator.language.amounts import negatives
from emulator.language.kinds import LIST, NUMBER, TEXT, kind_of
from emulator.language.nulls import may_be_null
from emulator.language.templates import Template
from emulator.language.unwrapped import unwrapped
from emulator.spec.document import Pointer


class Suspicion(NamedTuple):
    """What is told of a template: a diagnostic but for its place in the file."""

    at: Pointer
    code: str
    what: str
    why: str
    fix: str
    severity: Literal["error", "warning"] = "warning"


def suspicions(template: Template, *, doubted: bool) -> Iterator[Suspicion]:
    """What to tell of *template*; of nulls only if they are *doubted* there."""
    if doubted:
        yield from _missing(template)
    yield from _kinds(template)
    if template.bare and template.pointer[-1] in _TAKES:
        yield from _taken(template)
    yield from _conversions(template)
    if not template.bare:
        yield from _texts(template)


def missing_too(
    template: Template, optional: Iterable[str], fix: str
) -> Iterator[Suspicion]:
    """What *template* may lack besides where the *optional* names may be missing."""
    told = set(_missing(template))
    for suspicion in _missing(template, optional):
        if suspicion not in told:
            yield suspicion._replace(fix=fix)


def _missing(template: Template, optional: Iterable[str] = ()) -> Iterator[Suspicion]:
    """What *template* reckons with and may lack, the *optional* names among it."""
    for at, name in template.doubts(optional):
        yield Suspicion(
            at,
            "may-be-null",
            f"{name!r} may be missing where this reckons with it",
            "null can neither be compared by order nor calculated with, so such a call"
            " would be answered with a spec error",
            f"ask first, as in `{name} and ...`, or give it a default in openapi.yaml",
        )


def _kinds(template: Template) -> Iterator[Suspicion]:
    for at, part in template.mixed():
        yield Suspicion(
            at,
            "mixed-kinds",
            f"{part.text!r} mixes kinds of values: {part.why}",
            "a call would be answered with a spec error"
            if part.fails
            else "it is the same for every call",
            part.fix,
            "error" if part.fails else "warning",
        )


_TAKES = {
    "quota": (NUMBER,), "cost": (NUMBER,), "cost_after": (NUMBER,), "at_most": (NUMBER,),
    "allowed_ips": (LIST,), "scopes": (LIST, TEXT), "expires": (TEXT,), "state": (TEXT,),
}  # fmt: skip
"""Keys whose expressions give a value of one of these kinds, or null."""
_COSTS = ("cost", "cost_after")
"""Those whose number is 0 or more."""


def _taken(template: Template) -> Iterator[Suspicion]:
    scope, kinds = template.scope, _TAKES[str(template.pointer[-1])]
    kind = kind_of(str(template.tree), scope.kinds, scope.fields)
    if kind and kind not in kinds:
        yield Suspicion(
            template.pointer,
            "mixed-kinds",
            f"{template.tree!r} is {kind}, and {kinds[0]} is needed here",
            "a call would be answered with a spec error",
            f"write an expression that gives {kinds[0]}",
            "error",
        )
    if template.pointer[-1] in _COSTS:
        if may_be_null(str(template.tree), scope):
            yield Suspicion(
                template.pointer,
                "may-be-null",
                f"{template.tree!r} may be null, and a cost is a number",
                "such a call would be answered with a spec error",
                "say what it costs without a value, as in `... or 1`",
            )
        for name in negatives(str(template.tree), scope):
            yield Suspicion(
                template.pointer,
                "may-be-negative",
                f"{name!r} may be less than 0, and a cost is 0 or more",
                "a call that sends less would be answered with a spec error",
                f"give it `minimum: 0` in openapi.yaml, or write max({name}, 0)",
            )


def _conversions(template: Template) -> Iterator[Suspicion]:
    for at, value in template.unsure():
        yield Suspicion(
            at,
            "may-not-convert",
            f"{value.name!r} may be {value.may_be}",
            "a call that sends another "
            f"{'text' if value.is_text else 'kind of value'} would be answered with a"
            " spec error",
            value.fix,
        )


def _texts(template: Template) -> Iterator[Suspicion]:
    for at, text, meant in unwrapped(template.tree, template.pointer, template.scope):
        yield Suspicion(
            at,
            "unwrapped-expression",
            f"{text!r} is sent or stored as this very text",
            "an expression stands in `${...}` inside of JSON",
            f"write `${{{meant}}}`, or `${{{text!r}}}` if it is the text that is meant",
        )
