"""Failures: schemas that no value can be generated for, and why."""

from __future__ import annotations

MOST_TEXT = 100_000
"""Characters of a text that is generated."""
MOST_ITEMS = 10_000
"""Items of a list, and members of an object."""
MOST_WORK = 40_000
"""Values, inner ones and attempts included, that the generation of one may make."""
MOST_LEVELS = 60


class NotGenerated(ValueError):
    """No value could be generated for a schema; *path* leads to the part of the value."""

    def __init__(self, why: str, path: tuple[str | int, ...] = ()) -> None:
        where = "".join(f"/{part}" for part in path)
        super().__init__(f"{why}{f', at {where}' if where else ''}")
        self.why = why
        self.path = path


class TooMuch(NotGenerated):
    """The schema asks for more than is generated, or it took too many attempts."""
