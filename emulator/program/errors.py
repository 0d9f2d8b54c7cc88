"""Errors: how each refusal is answered in the provider's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulator.language.templates import Template
from emulator.program.headers import Headers
from emulator.program.media import MediaPolicy
from emulator.spec.document import Pointer
from emulator.values import value


@value
class ErrorPolicy:
    """How one refusal is answered."""

    code: str
    status: int
    headers: Headers
    body: Template | None
    media: tuple[MediaPolicy, ...]
    """The type that it has; none: that of other replies."""
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
    assumed: bool = False
    """No spec says how it is answered: it is a problem document (RFC 9457)."""


class Errors(dict[str, ErrorPolicy]):
    """The rows of a table, and what stands in for a row that it does not have."""

    def __init__(
        self,
        rows: Mapping[str, ErrorPolicy],
        default: Callable[[str, str], ErrorPolicy | None] | None = None,
    ) -> None:
        super().__init__(rows)
        self.default = default
        """The answer to a code that a step refuses with, where the table has no row."""

    def of(self, code: str, step: str = "") -> ErrorPolicy | None:
        """How *code* is answered when *step* refuses with it; None: nothing says."""
        row = self.get(code)
        if row is None and self.default is not None:
            return self.default(code, step)
        return row
