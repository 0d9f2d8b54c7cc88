"""Told: an entry on its way into words, with the notes that were not told of yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.admin.journal.who import credential_of
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.world.journal import Entry

Json = Any
Facts = dict[str, Json]
Words = tuple[str, Facts]
"""What a step decided, and the facts that it knew."""


class Told:
    """An entry on its way into words."""

    def __init__(self, entry: Entry, program: Program) -> None:
        self.entry = entry
        self.program = program
        self.found: Operation | None = program.operations.get(entry.operation or "")
        self.who = credential_of(entry, program)
        self.facts: Mapping[str, Json] = entry.facts
        self._notes = list(entry.steps)

    def take(self, step: str, decision: str) -> Mapping[str, Json] | None:
        """The facts of a note, which is then told of; None where there is none."""
        for note in self._notes:
            if note[0] == step and note[1] == decision:
                self._notes.remove(note)
                return note[2]
        return None

    def rest(self, step: str) -> Iterator[tuple[str, Mapping[str, Json]]]:
        """The notes of *step* that nobody took."""
        return ((words, facts) for name, words, facts in self._notes if name == step)

    def refused(self, step: str) -> str | None:
        """The code that *step* refused with."""
        return self.entry.refusal if self.entry.refused_by == step else None
