"""Dispatch: several operations at one path, told apart by what a call says.

`CreateTable` in a header, `method` in a body of JSON-RPC, `Action` in a query.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.language.failures import ExpressionFailed
from emulator.language.templates import Template
from emulator.values import value


@value
class DispatchPolicy:
    """How the calls of one method and path find their operation."""

    by: Template
    """What names the operation; it sees the request alone."""
    operations: Mapping[str, Any]
    """The operations (each an `Operation`, which has this), by what names them."""
    otherwise: Any
    """The operation of calls that name none of those; or None."""

    def target(self, x: Any) -> str | None:
        """What a call names, as a text.

        A body that is no object has no members: it names nothing, whatever is asked of it.
        """
        try:
            named = self.by.value(x)
        except ExpressionFailed:
            if x.body is None or isinstance(x.body, dict):
                raise
            return None
        if named is None or isinstance(named, (list, dict)):
            return None
        if isinstance(named, bool):
            return "true" if named else "false"
        return str(named)
