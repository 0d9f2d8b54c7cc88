"""Machines: the states that records of a collection can be in, and the moves between them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from emulator.language.templates import Template
from emulator.values import value


@value
class Move:
    """One way from some states to another."""

    name: str
    sources: tuple[str, ...]
    """The states that it leads away from."""
    to: str
    after: int | None = None
    """In microseconds: time makes the move, so long after the state was reached."""
    when: Template | None = None
    values: Template | None = None
    """What it sets besides the state."""


@value
class StateMachine:
    """The states of a collection's records."""

    field: str
    start: str
    moves: Mapping[str, Move]
    refuse: str
    free: bool
    """An update may put any text into the field."""

    @cached_property
    def states(self) -> tuple[str, ...]:
        """All of them, in the order in which they are written."""
        names = [self.start]
        for move in self.moves.values():
            names += [*move.sources, move.to]
        return tuple(dict.fromkeys(names))

    def leaving(self, state: object) -> list[Move]:
        """The moves that a call may make from *state*."""
        return [
            move
            for move in self.moves.values()
            if move.after is None and state in move.sources
        ]

    @cached_property
    def timed(self) -> Mapping[str, tuple[Move, ...]]:
        """The moves that time makes, by the state that they leave, the earliest first."""
        found: dict[str, list[Move]] = {}
        for move in self.moves.values():
            if move.after is not None:
                for state in move.sources:
                    found.setdefault(state, []).append(move)
        return {
            state: tuple(sorted(moves, key=lambda move: move.after or 0))
            for state, moves in found.items()
        }

    @cached_property
    def delays(self) -> Mapping[str, int]:
        """How long after a state was reached time makes its first move from there."""
        return {state: moves[0].after or 0 for state, moves in self.timed.items()}
