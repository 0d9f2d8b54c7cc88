"""Words: what the keywords of `add_fault`, `refuse` and `verify` may be, for type checkers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from emulator.diagnostics import did_you_mean

if TYPE_CHECKING:
    from emulator.client.journal import Entry

Json = Any
Text = str | Mapping[str, str]
"""A text, or `{"matches": "a pattern *"}`, in which `*` stands for anything."""


class Struck(TypedDict, total=False):
    """Which calls a rule of faults strikes, as in `scenarios.yaml`; all, unless it says so.

    `World.add_fault` and `World.refuse` take these keywords besides their own.
    """

    calls: int | str | Sequence[int | str]
    """The calls that it strikes, counted from 1: `2`, `"1-3"`, `"every 3"`, `[1, "4-5"]`."""
    credential: str
    """Only calls with the credential of this name count."""
    status: int
    """What goes wrong: the provider's own error with this status."""
    probability: float
    """The part of those calls that it strikes: `0.3`."""
    after: str
    """How long nothing goes wrong at first: `30s`."""
    until: str
    """When it is over, counted from now: `10m`."""


class Matchers(TypedDict, total=False):
    """Which exchanges `World.verify` is about: those for which all of these hold."""

    provider: Text
    """The name of the provider."""
    method: str
    """As it was sent: `GET`."""
    path: Text
    """With the beginning that the provider's own base URL has, or without."""
    status: int | str
    """`404`, or `"4xx"`."""
    refused_by: Text | None
    """The step that refused; None: not refused."""
    refusal: Text | None
    """The code of the refusal; None: not refused."""
    credential: Text | None
    """The name of the credential; None: sent with none."""
    query: Mapping[str, Json]
    """Some of the parameters; None for one that must not be there."""
    headers: Mapping[str, Json]
    """Some of the headers; None for one that must not be there."""
    body: Json
    """The body; of an object, some of its members."""
    since: int | str | datetime | Entry
    """After an entry, given as such or by its id, or from a time on."""


def check_words(method: str, given: Iterable[str], *known: Iterable[str]) -> None:
    """Raise `TypeError` for a keyword that *method* does not take."""
    names = [name for some in known for name in some]
    for name in given:
        if name not in names:
            fix = did_you_mean(name, names)
            raise TypeError(f"{method}() takes no {name!r}: {fix}")
