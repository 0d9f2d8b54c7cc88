"""Predicates: queries that are ready to say of a record whether it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from emulator.json_type import Json

Test = Callable[[Mapping[str, Json]], Json]
"""Whether a record is wanted: only what is `True` is; null is unknown, as in SQL."""


class BadQuery(ValueError):
    """What is wrong with a query."""


class Predicate(NamedTuple):
    """A query, ready to say of a record whether it is wanted."""

    text: bytes | None
    """The query: the same text, the same test. None where the test looks elsewhere, too."""
    test: Test
