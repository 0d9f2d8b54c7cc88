"""Diagnostics: what a spec's author is told: where, what, why and how to fix it.

A check never raises at the first mistake: it adds a `Diagnostic` to a `Report`,
and the whole report is raised as one `SpecError`, sorted by place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

_MOST_CHOICES = 40
"""So many of what there is to choose from are named."""


class Location(NamedTuple):
    """A place in a file that an author wrote; *line* and *column* count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Diagnostic(NamedTuple):
    """One mistake in a spec or a fixture."""

    at: Location
    code: str
    """A heading of docs/reference/diagnostics.md, in kebab-case."""
    what: str
    why: str = ""
    fix: str = ""
    snippet: str = ""
    """The offending line as it stands in the file, or empty where it has none."""
    severity: str = "error"

    def __str__(self) -> str:
        lines = [f"{self.at}: {self.severity}[{self.code}]: {self.what}"]
        if self.snippet:
            number = str(self.at.line)
            shown, caret = _window(self.snippet, self.at.column)
            lines.append(f"  {number} | {shown}")
            lines.append(f"  {' ' * len(number)} | {' ' * caret}^")
        if self.why:
            lines.append(f"  why: {self.why}")
        if self.fix:
            lines.append(f"  fix: {self.fix}")
        return "\n".join(lines)


class SpecError(Exception):
    """Everything that is wrong with the files of a provider, sorted by place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = sorted(diagnostics)
        super().__init__("\n\n".join(map(str, self.diagnostics)))


@dataclass(repr=False)
class Report:
    """The diagnostics found so far."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _known: set[tuple[Location, str, str]] = field(default_factory=set)

    def add(self, diagnostic: Diagnostic) -> None:
        # One mistake that several parts of a spec run into is told once.
        known = (diagnostic.at, diagnostic.code, diagnostic.what)
        if known not in self._known:
            self._known.add(known)
            self.diagnostics.append(diagnostic)

    @property
    def failed(self) -> bool:
        return any(diagnostic.severity == "error" for diagnostic in self.diagnostics)

    def raise_if_failed(self) -> None:
        """Raise a `SpecError` with every diagnostic if one of them is an error."""
        if self.failed:
            raise SpecError(self.diagnostics)


_FEW = 5
"""So many names that have a part in common are still told one by one."""


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """A fix that names what is near *name*, or else what there is to choose from."""
    choices = sorted(known)
    near = nearest(str(name), choices)
    if near is not None:
        return f"did you mean {near!r}?"
    having = [choice for choice in choices if str(name) in choice]
    if len(str(name)) > 2 and 0 < len(having) <= _FEW < len(choices):
        return f"did you mean {' or '.join(map(repr, having))}?"
    if not choices:
        return "remove it"
    return f"use one of: {some(choices, _MOST_CHOICES)}"


def some(names: Iterable[str], most: int = 5) -> str:
    """A few of *names*, and how many there are besides: "a, b and 7 more"."""
    every = [*dict.fromkeys(names)]
    more = len(every) - most
    return ", ".join(every[:most]) + (f" and {more} more" if more > 0 else "")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of *known* that *name* is likely to be a slip of, or None."""
    import difflib  # only for mistakes

    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return near[0] if near else None


def is_slip(name: str, meant: str) -> bool:
    """Whether *name* is *meant* but for letters that changed places, or for one that is
    too much or lacks."""
    short, long = sorted((name, meant), key=len)
    if len(short) == len(long):
        return sorted(short) == sorted(long)
    return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def _window(line: str, column: int, width: int = 100) -> tuple[str, int]:
    """The part of a long *line* around *column*, and where the caret stands in it."""
    start = max(0, column - 1 - width // 2) if len(line) > width else 0
    shown = line[start : start + width].replace("\t", " ")
    return shown, max(0, column - 1 - start)
