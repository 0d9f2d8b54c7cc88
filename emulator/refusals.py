"""Refusals: the catalogue of the codes that a list of steps can stop an exchange with.

The codes are public: a spec's `errors` table, triggers, scenarios and journals name
them. A provider may add codes of its own where a spec says `refuse:`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Code, Step


class Kind(NamedTuple):
    """What is known of a code: its step, when that refuses with it, and the facts."""

    step: str
    when: str
    facts: tuple[str, ...]
    status: int
    """What it is answered with where no spec says."""


def _kind(step: Step, about: Code) -> Kind:
    return Kind(step.name, about.when, about.facts, about.status or step.status)


Pair = tuple[str, str]
"""A code, and the step that refuses with it."""


class Refusals:
    """What the steps of a pipeline can refuse."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self.codes: Mapping[str, Kind] = {
            code: _kind(step, about)
            for step in steps
            for code, about in step.codes.items()
        }
        """Those that a step gives by itself, in the order of the steps."""
        self.families: Mapping[str, Kind] = {
            prefix: _kind(step, about)
            for step in steps
            for prefix, about in step.families.items()
        }
        """Those that specs make up, by how they begin."""
        self._of_programs: WeakKeyDictionary[
            Program, WeakKeyDictionary[Operation, Mapping[str, str]]
        ] = WeakKeyDictionary()

    @property
    def without_operation(self) -> list[str]:
        """What calls meet that lead to no operation, whatever provider they are for."""
        first = self._steps[0].codes
        return [code for code, about in first.items() if not about.of_operations]

    def kind(self, code: str) -> Kind:
        """What is known of *code*, which a spec may have made up."""
        code_of = self.codes.get(code)
        return code_of or next(
            kind for prefix, kind in self.families.items() if code.startswith(prefix)
        )

    def named(self, code: str) -> bool:
        """Whether a step gives *code* by itself, or by its family: no spec made it up."""
        return code in self.codes or any(
            map(code.startswith, filter(None, self.families))
        )

    def status(self, code: str, step: str) -> int:
        """What *code* is answered with where no spec says, when *step* refuses with it."""
        kind = self.kind(code)
        own = next((each for each in self._steps if each.name == step), None)
        return kind.status if self.named(code) or own is None else own.status

    def met_by(self, program: Program, operation: Operation) -> Iterator[Pair]:
        """The refusals that a call of *operation* can meet, each with its step."""
        for step in self._steps:
            for code in step.refusals(program, operation):
                yield code, step.name

    def of(self, program: Program, operation: Operation) -> Mapping[str, str]:
        """What a call of *operation* can be refused with, and the step that does it.

        The provider's own faults (errors of 500 and more) are among them: they happen
        only where they are asked for. It is worked out once for each operation.
        """
        known = self._of_programs.get(program)
        if known is None:
            known = self._of_programs[program] = WeakKeyDictionary()
        codes = known.get(operation)
        if codes is None:
            codes = known[operation] = self._worked_out(program, operation)
        return codes

    def _worked_out(self, program: Program, operation: Operation) -> dict[str, str]:
        codes = dict(self.met_by(program, operation))
        # What calls of no operation meet can be asked for of any.
        codes |= dict.fromkeys(self.without_operation, self._steps[0].name)
        for code, policy in operation.errors.items():
            on = policy.operations is None or operation.id in policy.operations
            if policy.fault and on:
                codes.setdefault(code, policy.step)
        return codes
