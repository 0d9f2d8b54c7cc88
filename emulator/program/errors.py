"""Errors: how each refusal is answered in the provider's own words."""

from __future__ import annotations

from emulator.language.templates import Template
from emulator.spec.document import Pointer
from emulator.values import value


@value
class ErrorPolicy:
    """How one refusal is answered."""

    code: str
    status: int
    headers: tuple[tuple[str, Template], ...]
    body: Template | None
    content_type: str
    step: str
    """Where a forced one enters."""
    operations: frozenset[str] | None
    """The operations that can answer so; None: all."""
    fault: bool
    """Nothing brings it about but a wish: those of 500 and more, and where it says so."""
    at: Pointer
    """Where what it answers is written: of an alias, the entry that it takes after."""
    named_at: Pointer
    """Where its own code stands."""
