"""Words: what the keywords of `add_fault`, `refuse` and `verify` may be, for type checkers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from emulator.diagnostics import did_you_mean
from emulator.json_type import Json

if TYPE_CHECKING:
    from emulator.client.journal import Entry

Text = str | Mapping[str, str]
"""A text, or `{"matches": "a pattern *"}`, in which `*` stands for anything."""


class Struck(TypedDict, total=False):
    """The calls to which a fault rule applies, as in `scenarios.yaml`; by default all.

    `World.add_fault` and `World.refuse` take these keywords besides their own.
    """

    calls: int | str | Sequence[int | str]
    """The numbers of these calls, counted from 1: `2`, `"1-3"`, `"every 3"`, `[1, "4-5"]`."""
    credential: str
    """Only calls with the credential of this name count."""
    status: int
    """Reply with the provider's own error of this status."""
    probability: float
    """The probability for each of these calls: `0.3`."""
    after: str
    """The delay before the rule starts: `30s`."""
    until: str
    """The end of the rule, counted from now: `10m`."""


class Matchers(TypedDict, total=False):
    """Filters of `World.verify`; an exchange must match all of them."""

    provider: Text
    """The name of the provider."""
    method: str
    """The method: `GET`."""
    path: Text
    """The path, with or without the path prefix of the provider's base URL."""
    status: int | str
    """The status of the reply: `404`, or `"4xx"`."""
    refused_by: Text | None
    """The step that refused; None: not refused."""
    refusal: Text | None
    """The code of the refusal; None: not refused."""
    credential: Text | None
    """The name of the credential; None: sent without one."""
    query: Mapping[str, Json]
    """Some of the query parameters; None for one that must be absent."""
    headers: Mapping[str, Json]
    """Some of the headers; None for one that must be absent."""
    body: Json
    """The body; of an object, some of its members."""
    since: int | str | datetime | Entry
    """Only calls after this entry (or the entry with this id), or from this time on."""


def check_words(method: str, given: Iterable[str], *known: Iterable[str]) -> None:
    """Raise `TypeError` for a keyword that *method* does not take."""
    names = [name for some in known for name in some]
    for name in given:
        if name not in names:
            fix = did_you_mean(name, names)
            raise TypeError(f"{method}() takes no {name!r}: {fix}")


def as_list(value: Json) -> Json:
    """A sequence as a list; a text, and anything else, as it is."""
    many = isinstance(value, Sequence) and not isinstance(value, str)
    return [*value] if many else value
