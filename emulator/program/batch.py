"""Batch: a call whose body holds further calls, each of which is answered by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.values import value


@value
class BatchPolicy:
    """How the parts of a batch are found, and what each of them is."""

    each: Template
    """The list of parts; the others see one as `it`."""
    method: Template
    path: Template
    """A path of the provider's, or an address with one; with its query."""
    headers: Template | None
    body: Template | None
    stop_on_error: Template | None
    """Whether no further part is answered once one has failed."""
    most: int
    """The parts that a batch may have."""


class Part(NamedTuple):
    """One call of a batch, as the batch says it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Json
