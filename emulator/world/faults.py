"""Faults: what goes wrong on purpose in a world, by rules that count their calls.

A rule that can strike no more drops out; the latest of those can still be looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from emulator.json_type import Json
from emulator.world.fault import BadFault, Fault, read_fault
from emulator.world.rules import Calls, Rule, read_calls

__all__ = [
    "BadFault",
    "Calls",
    "Fault",
    "Faults",
    "Rule",
    "TooManyRules",
    "read_calls",
    "read_fault",
]


_MOST = 200
_REMEMBERED = 50


class TooManyRules(ValueError):
    """A world has all the rules that it takes."""


class Faults:
    """The rules of a world, oldest first; bounded."""

    __slots__ = ("_over", "given", "rules")

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        """Those in force."""
        self._over: deque[Rule] = deque(maxlen=_REMEMBERED)
        self.given = 0
        """How many there ever were."""

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)

    def __len__(self) -> int:
        return len(self.rules)

    def check_room(self, many: int) -> None:
        """Raise `TooManyRules` where there is no room for *many* more."""
        if len(self.rules) + many > _MOST:
            raise TooManyRules(
                f"a world takes {_MOST} rules of faults at one time: remove some first"
            )

    def add(self, rule: Rule) -> Rule:
        """Put *rule* in force, and give it its id. Raises `TooManyRules`."""
        self.check_room(1)
        self.given += 1
        rule.id = str(self.given)
        self.rules.append(rule)
        return rule

    def find(self, id: str, at: int) -> Rule | None:
        """The rule with this id, in force or over."""
        return next((rule for rule in self.listed(at) if rule.id == id), None)

    def listed(self, at: int) -> list[Rule]:
        """The latest rules that are over, and then those in force."""
        self.drop_over(at)
        return [*self._over, *self.rules]

    def remove(self, id: str) -> bool:
        """Forget the rule with this id; whether there was one."""
        before = len(self.rules) + len(self._over)
        self.rules = [rule for rule in self.rules if rule.id != id]
        kept = [rule for rule in self._over if rule.id != id]
        self._over = deque(kept, maxlen=_REMEMBERED)
        return len(self.rules) + len(self._over) < before

    def drop_over(self, at: int) -> None:
        """Take the rules that can strike no more out of force."""
        if not any(rule.is_over(at) for rule in self.rules):
            return
        for rule in self.rules:
            if rule.is_over(at):
                rule.ended = True
                self._over.append(rule)
        self.rules = [rule for rule in self.rules if not rule.ended]

    def clear(self) -> None:
        """Forget every rule; ids are not given again."""
        self.rules = []
        self._over.clear()

    def copy(self) -> Faults:
        """The same rules with the same counts, which count on their own from here on."""
        made = Faults()
        made.rules = [rule.copy() for rule in self.rules]
        made._over.extend(rule.copy() for rule in self._over)
        made.given = self.given
        return made

    def dump(self) -> dict[str, Json]:
        """Texts and numbers that `load` makes the same rules of."""
        return {
            "given": self.given,
            "rules": [rule.dump() for rule in self.rules],
            "over": [rule.dump() for rule in self._over],
        }

    @classmethod
    def load(cls, dumped: Mapping[str, Json]) -> Faults:
        """The rules that were dumped. Raises `ValueError` for anything else."""
        made = cls()
        try:
            made.rules = [Rule.load(rule) for rule in dumped["rules"]]
            made._over.extend(Rule.load(written) for written in dumped["over"])
            made.given = int(dumped["given"])
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
        ) as error:
            raise ValueError(f"these are no rules of faults: {error!r}") from error
        if len(made.rules) > _MOST:
            raise TooManyRules(f"a world takes {_MOST} rules of faults at one time")
        return made
