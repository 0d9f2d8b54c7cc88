"""Written: what somebody has written, with the report on what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection

from emulator.diagnostics import Report
from emulator.durations import duration
from emulator.json_type import Json
from emulator.spec.document import Document, Pointer


class Written:
    """A document and the report on it: a file of a spec, or the body of a request."""

    report: Report

    @property
    def document(self) -> Document:
        """What was written."""
        raise NotImplementedError

    def get(self, *pointer: str | int, default: Json = None) -> Json:
        """What stands at *pointer*, or *default*."""
        value: Json = self.document.data
        for part in pointer:
            inside = (isinstance(value, dict) and part in value) or (
                isinstance(value, list) and isinstance(part, int)
            )
            if not inside:
                return default
            value = value[part]
        return value

    def problem(
        self,
        pointer: Pointer,
        code: str,
        what: str,
        why: str = "",
        fix: str = "",
        *,
        key: bool = False,
    ) -> None:
        """Report a mistake."""
        self.report.add(
            self.document.diagnostic(pointer, code, what, why, fix, key=key)
        )

    def known(
        self, pointer: Pointer, name: Json, known: Collection[str], kind: str
    ) -> bool:
        """Whether *name* is one of *known*; if it is not, that is reported."""
        raise NotImplementedError

    def duration(self, *pointer: str | int, default: int = 0) -> int:
        """The length of time at *pointer*, in microseconds."""
        text = self.get(*pointer)
        if text is None:
            return default
        try:
            return duration(str(text))
        except ValueError as error:
            self.problem(pointer, "wrong-form", str(error))
            return default
