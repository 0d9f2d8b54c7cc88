"""Step: one question that is asked of every exchange, with all that is known about it.

Each module of `emulator.steps` gives one such value, `STEP`, and `emulator.pipeline`
lists them. What is said of steps elsewhere (their order, the catalogue of refusals, the
reference pages, the journal's words) is taken from these values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.values import value
from emulator.world.kept_replies import KeptReply


def _nothing(notes: Notes) -> Iterable[Words]:  # noqa: ARG001
    return ()


class Code(NamedTuple):
    """A code that a step refuses with: when it does, and the facts it then knows.

    The facts are names that the provider's wording of the refusal may use.
    """

    when: str
    facts: tuple[str, ...] = ()
    status: int = 0
    """What it is answered with where no spec says; 0: what the step's others are."""
    of_operations: bool = False
    """Of the first step: only operations that `refusals` says it of can be refused so."""


@value
class Step:
    """A step that decides: it may refuse the call, or answer it with a reply of before."""

    name: str
    question: str
    decide: Callable[[Exchange], Refusal | KeptReply | None]
    codes: Mapping[str, Code]
    """The refusals that are this step's own, whichever provider gives them."""
    tell: Callable[[Notes], Words]
    """How what it did is told in the journal: in words, and by facts."""
    refusals: Callable[[Program, Operation], Iterable[str]]
    """The codes that this step can refuse a call of an operation with."""
    acts: Callable[[Program, Operation], bool] | None = None
    """Whether it does more to the calls of an operation than to refuse some; None: never."""
    families: Mapping[str, Code] = {}
    """What is known of codes that a spec makes up, by how they begin."""
    status: int = 400
    """What its refusals are answered with where no spec says (RFC 9110, 15.5)."""
    of_spec: str = ""
    """Where a spec names further codes for this step, in words."""
    finds: tuple[str, ...] = ()
    """Names of expressions that stand for something only once this step has asked."""
    by_schema: Callable[[Exchange], Refusal | None] | None = None
    """What refuses a call that is not as its schemas say, when an expression before it
    has failed with what the call says; None: the step has nothing to do with that."""
    rare: bool = False
    """The journal tells of it only where it can make a difference to the call."""
    keys: tuple[str, ...] = ()
    """The places of `behavior.yaml` that say what this step does.

    `{operation}`, `{guard}`, `{definition}`, `{action}`, `{scheme}`, `{limit}`,
    `{collection}`, `{page}`, `{view}`, `{event}` and `{reply}` (its number) stand for
    those of the operation that is called.
    """

    def concerns(self, program: Program, operation: Operation) -> bool:
        """Whether it can make a difference to a call of *operation*."""
        acts = self.acts is not None and self.acts(program, operation)
        return acts or any(True for _ in self.refusals(program, operation))


@value
class Finish:
    """A step that comes after the decision, whatever that was."""

    name: str
    question: str
    finish: Callable[[Exchange], None]
    of_repeats: bool = True
    """It is also asked of calls whose reply is one that was given before."""
    acts: Callable[[Program, Operation], bool] | None = None
    """Whether it does anything about the calls of an operation; None: always."""
    tell: Callable[[Notes], Iterable[Words]] = staticmethod(_nothing)
    """As in `Step`, for each thing that is worth telling."""
    keys: tuple[str, ...] = ()
    """As in `Step`."""

    def concerns(self, program: Program, operation: Operation) -> bool:
        """Whether it can make a difference to a call of *operation*."""
        return self.acts is None or self.acts(program, operation)
