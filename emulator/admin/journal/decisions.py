"""Decisions: each decision of an exchange in words, made when somebody asks.

Each step itself says what it decided and why, from what the entry holds on to. Notes
that it does not tell of are put behind its words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.admin.fault_rules import SOURCE
from emulator.admin.journal.credential_names import credential_of
from emulator.admin.journal.mask import Mask, reply_header_of
from emulator.exchange.entry import Entry
from emulator.exchange.exchange import MISREAD
from emulator.exchange.notes import Facts, Notes, Words
from emulator.http.problem import MEDIA_TYPE
from emulator.json_type import Json
from emulator.pipeline import DECIDE, FINISH
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Step

Row = dict[str, Json]

_STEPS = {step.name: step for step in DECIDE}
_FAULTS = "faults"
"""What is told before the steps: which faults were asked for, and by what."""


def rows(entry: Entry, program: Program, mask: Mask) -> list[Row]:
    """`{step, decision, facts}` for every step that was walked, in their order."""
    return [
        {
            "step": step,
            "decision": mask.text(decision),
            "facts": mask.json(facts),
        }
        for step, decision, facts in _Walk(entry, program).rows()
    ]


def reason(entry: Entry, program: Program, mask: Mask) -> str:
    """Why it was refused: `credential_expired: the credential 'old' expired 3 s ago`."""
    for row in rows(entry, program, mask):
        if row["step"] == entry.refused_by:
            return str(row["decision"]).removeprefix("refused with ")
    return entry.refusal or ""


def _is_ours(entry: Entry) -> bool:
    """Whether the emulator answered in its own voice."""
    return reply_header_of(entry, "content-type").startswith(MEDIA_TYPE)


class _Walk:
    """One entry, and the provider's steps that it walked."""

    def __init__(self, entry: Entry, program: Program) -> None:
        self._entry = entry
        self._program = program
        self._credential = credential_of(entry)

    def rows(self) -> Iterator[tuple[str, str, Facts]]:
        """The name of each step, what it decided, and the facts that it knew."""
        if self._entry.stubbed is not None:
            stub = self._entry.stubbed
            yield "stub", f"the stub {stub} answered: nobody else did", {"stub": stub}
            return
        if self._entry.refused_by is None and _is_ours(self._entry):
            # It was not let in: the steps were asked what they do not know, no more.
            for name in dict.fromkeys(step for step, _, _ in self._entry.steps):
                yield name, *_with_left(self._notes(name), "", {})
            return
        faults = self._notes(_FAULTS)
        words = _faults(faults)
        if words is not None:
            yield _FAULTS, *_with_left(faults, *words)
        yield from self._decided()
        for step in FINISH:
            notes = self._notes(step.name)
            for words in step.tell(notes):
                yield step.name, *_with_left(notes, *words)

    def _decided(self) -> Iterator[tuple[str, str, Facts]]:
        misread = False
        for name in self._program.order:
            step, notes = _STEPS[name], self._notes(name)
            why = notes.take(MISREAD)
            if why is not None and name != self._entry.refused_by:
                misread = True
                words = (
                    f"an expression cannot do with what the call says: {why['failed']}"
                )
                yield name, *_with_left(notes, words, dict(why))
                continue
            if misread and name != self._entry.refused_by:
                continue  # it was not asked, or had nothing to say
            if step.rare and not self._concerns(step, notes.operation):
                continue
            decision, facts = step.tell(notes)
            code = notes.refusal
            if code is not None:
                forced = ", as was asked for" if self._entry.forced == code else ""
                decision = f"refused with {code}: {decision}{forced}"
            yield name, *_with_left(notes, decision, facts)
            if code is not None:
                return

    def _concerns(self, step: Step, operation: Operation | None) -> bool:
        return operation is not None and step.concerns(self._program, operation)

    def _notes(self, step: str) -> Notes:
        return Notes(self._entry, self._program, step, self._credential)


def _with_left(notes: Notes, decision: str, facts: Facts) -> Words:
    """What was decided, with the notes behind it that nothing has been told of."""
    if not notes.left:
        return decision, facts
    words = [decision, *(_noted(*note) for note in notes.left)]
    noted = [{"note": note, **more} for note, more in notes.left]
    return "; ".join(filter(None, words)), {**facts, "noted": noted}


def _noted(words: str, facts: Mapping[str, Json]) -> str:
    """A note that its step's function does not know, in words."""
    if words == "not emulated":
        near = facts.get("nearest")
        beside = f", as {near!r} is" if near else ""
        return f"the {facts.get('what')} {facts.get('asked')!r} is not emulated{beside}"
    if words == "mended":
        return f"{facts.get('name')} counts as not sent or as the nearest that is taken"
    return words


def _faults(notes: Notes) -> Words | None:
    entry = notes.entry
    struck = list(iter(lambda: notes.take("struck"), None))
    if not (struck or entry.faults or entry.forced):
        return None
    by = list(dict.fromkeys(map(_rule, struck)))
    if entry.forced_strictly and (entry.forced or not struck):
        by.append("the call itself")
    wire = [fault.text for fault in entry.faults]
    goes_wrong = [*([entry.forced] if entry.forced else []), *wire]
    words = f"{' and '.join(by)} asked for {', '.join(goes_wrong) or 'nothing here'}"
    return words, {"by": by, "refuse": entry.forced, "faults": wire}


def _rule(facts: Mapping[str, Json]) -> str:
    """The rule that struck, by its number, and the scenario that it came with."""
    by = facts.get("by")
    source = f" of the scenario {by!r}" if by else ""
    if by == SOURCE:
        source = f" made by {SOURCE}"
    return f"rule {facts.get('rule')}{source}"
