"""Notes: what one step left in an entry of the journal, on its way into words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.exchange.entry import Entry
from emulator.http.query import query_pairs
from emulator.json_type import Json
from emulator.program.program import Program

Facts = dict[str, Json]
Words = tuple[str, Facts]
"""What a step decided, in words, and the facts that it knew."""

_OF_VIOLATION = ("field", "where", "rule", "limit", "message")


class Notes:
    """What *step* noted in *entry*, and what else the entry knows.

    Notes that are not taken are listed after the explanation.
    """

    def __init__(
        self, entry: Entry, program: Program, step: str, credential: str | None
    ) -> None:
        self.entry = entry
        self.program = program
        self.operation = program.operations.get(entry.operation or "")
        self.credential = credential
        """The name of the credential that was claimed."""
        refused = entry.refused_by == step
        self.refusal: str | None = entry.refusal if refused else None
        """The code that this step refused with."""
        self.facts: Mapping[str, Json] = entry.facts if refused else {}
        """What it knew of the refusal."""
        self.left = self.of(step)

    def of(self, step: str) -> list[tuple[str, Mapping[str, Json]]]:
        """The notes of *step*, whichever that is: (decision, facts)."""
        noted = self.entry.steps
        return [(decision, facts) for name, decision, facts in noted if name == step]

    def take(self, decision: str) -> Mapping[str, Json] | None:
        """The facts of a note, which is then told of; None where there is none."""
        for at, (noted, facts) in enumerate(self.left):
            if noted == decision:
                del self.left[at]
                return facts
        return None

    def violations(self, violations: Sequence[Mapping[str, Json]]) -> Words:
        """`title breaks minLength; salary breaks type`, with the values that do."""
        words = [
            f"{violation.get('field') or 'it'} breaks {violation['rule']}"
            for violation in violations
        ]
        facts = [
            {
                **{name: violation.get(name) for name in _OF_VIOLATION},
                "value": self._sent(violation),
            }
            for violation in violations
        ]
        return "; ".join(words) or "nothing is wrong", {"violations": facts}

    def _sent(self, violation: Mapping[str, Json]) -> Json:
        """The value that breaks the rule: that which was noted, or that which was sent."""
        value, where = violation.get("value"), violation.get("where")
        if value is not None:
            return value
        if where == "body":
            kind, sent = self.entry.read_request()
            value = dict(sent) if kind == "form" else sent
        elif where == "query":
            value = dict(query_pairs(self.entry.query))
        for part in violation.get("path") or ():
            if isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                value = value.get(part) if isinstance(value, dict) else None
        return value


def failures(facts: Mapping[str, Json]) -> str:
    """How many failures of how many a lockout has counted."""
    return f"{facts['failures']} of {facts['after']} failures"
