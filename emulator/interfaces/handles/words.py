"""Words: what the keywords of `fault`, `refuse` and `verify` may be, for type checkers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from emulator.diagnostics import did_you_mean

if TYPE_CHECKING:
    from emulator.interfaces.handles.journal import Entry

Json = Any
Text = str | Mapping[str, str]
"""A text, or {"matches": a text in which * stands for anything}."""


class Struck(TypedDict, total=False):
    """Which calls a rule strikes, as in `scenarios.yaml`."""

    calls: int | str | Sequence[int | str]
    """Counted from 1: `2`, `1-3`, `every 3`; all by default."""
    credential: str
    status: int
    """The provider's own error with this status."""
    probability: float
    after: str
    """How long nothing goes wrong at first: `30s`."""
    until: str
    """When it is over, counted from now: `10m`."""


class Matchers(TypedDict, total=False):
    """Which exchanges are meant; None means none."""

    provider: Text
    method: str
    path: Text
    status: int | str
    """404, or `4xx`."""
    refused_by: Text | None
    refusal: Text | None
    credential: Text | None
    query: Mapping[str, Json]
    headers: Mapping[str, Json]
    body: Json
    since: int | str | datetime | Entry


def check_words(method: str, given: Iterable[str], *known: Iterable[str]) -> None:
    """Raise `TypeError` for a keyword that *method* does not take."""
    names = [name for some in known for name in some]
    for name in given:
        if name not in names:
            fix = did_you_mean(name, names)
            raise TypeError(f"{method}() takes no {name!r}: {fix}")
