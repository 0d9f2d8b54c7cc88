"""Verify: did the calls come that were expected? If not: what came instead, and why.

A journal that has let entries go cannot say what did not come, and does not: it raises
`CannotProve`. What the entries that are left prove stays proven.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from emulator.admin.journal.decisions import reason
from emulator.admin.journal.matching import Differs, Seen, since
from emulator.admin.journal.question import Since, read_question
from emulator.admin.journal.text import escaped, line
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.times import times
from emulator.world.journal import Journal

_NEAREST = 5
_LISTED = 10


class CannotProve(Exception):
    """The journal lacks entries that the answer depends on."""

    def __init__(self, journal: Journal[Entry], expected: str) -> None:
        self.kept = len(journal)
        self.dropped = journal.dropped
        self.first = journal.first
        """The id of the oldest entry that is kept."""
        self.max_entries = journal.max_entries
        self.max_bytes = journal.max_bytes
        if journal.off:
            why = "the journal is off: journal_entries is 0"
            fix = "set journal_entries (--journal-entries, EMULATOR_JOURNAL_ENTRIES)"
        else:
            why = (
                f"the journal has dropped {self.dropped} of"
                f" {self.dropped + self.kept} entries to make room, and an answer may"
                " have been among them"
            )
            fix = (
                f"raise journal_entries (now {self.max_entries}) or journal_bytes (now"
                f" {self.max_bytes}), clear the journal before what is to be verified,"
                f" or ask with since={self.first - 1}"
            )
        self.fix = fix
        super().__init__(f"cannot prove that {expected}: {why}; {fix}")


def verify(
    journal: Journal[Entry],
    programs: Mapping[str, Program],
    expectation: Mapping[str, Json],
) -> dict[str, Json]:
    """Whether as many entries match *expectation* as it says (`times`, `at_least`, `at_most`).

    `{passed, count, expected, message, matches, nearest}`. Raises `BadQuestion`, and
    `CannotProve` where entries are gone that could decide.
    """
    question = read_question(programs, expectation)
    at_least, at_most = _bounds(expectation)
    seen = [
        Seen(entry, programs[entry.provider])
        for entry in since(journal, question)
        if entry.provider in programs
    ]
    matches = [call for call in seen if call.agrees(question)]
    count = len(matches)
    expected = f"{_subject(question)} came {_how_often(at_least, at_most)}"
    too_many = at_most is not None and count > at_most
    proven = count >= at_least and at_most is None
    if not (proven or too_many or _is_complete(journal, question)):
        raise CannotProve(journal, expected)
    passed = count >= at_least and not too_many
    nearest = [] if passed or too_many else _nearest(seen, question)
    return {
        "passed": passed,
        "count": count,
        "expected": expected,
        "message": f"as expected, {expected}"
        if passed
        else "\n".join(_message(expected, question, matches, nearest, bool(seen))),
        "matches": [call.entry.id for call in matches],
        "nearest": [
            {
                "id": call.entry.id,
                "summary": line(call.entry, call.program),
                "differs": [each._asdict() for each in differences],
            }
            for call, differences in nearest
        ],
    }


def _bounds(expectation: Mapping[str, Json]) -> tuple[int, int | None]:
    exactly = expectation.get("times")
    if exactly is not None:
        return exactly, exactly
    least, most = expectation.get("at_least"), expectation.get("at_most")
    if least is None:
        least = 1 if most is None else 0
    return least, most


def _is_complete(journal: Journal[Entry], question: Mapping[str, Json]) -> bool:
    """Whether every entry is kept that the question is about."""
    if journal.off:
        return False
    if not journal.dropped:
        return True
    start = question.get("since")
    if start is None:
        return False
    if isinstance(start, Since):
        return start.at > journal.dropped_until
    return bool(start >= journal.first - 1)


def _nearest(
    seen: Iterable[Seen], question: Mapping[str, Json]
) -> list[tuple[Seen, list[Differs]]]:
    """The entries that fail fewest matchers, and share something with the question."""
    matchers = sum(1 for name in question if name != "since")
    differing = [(call, list(call.bare.differs(question))) for call in seen]
    near = [pair for pair in differing if 0 < len(pair[1]) < max(2, matchers)]
    # The latest first among those that are as near; what was called counts most.
    near.sort(key=lambda pair: (_away(pair[1]), -pair[0].entry.id))
    return [(call, list(call.differs(question))) for call, _ in near[:_NEAREST]]


def _away(differs: list[Differs]) -> tuple[int, int]:
    first = {"provider", "operation", "method", "path"}
    return len(differs), sum(each.matcher in first for each in differs)


def _subject(question: Mapping[str, Json]) -> str:
    """`createJob with status 201 and credential 'full'`."""
    parts = {name: value for name, value in question.items() if name != "since"}
    name = parts.pop("operation", None)
    subject = str(name) if isinstance(name, str) else "a call"
    if name is not None and not isinstance(name, str):
        parts = {"operation": name, **parts}
    words = [f"{name} {_shown(value)}" for name, value in parts.items()]
    if words:
        subject += f" with {', '.join(words)}"
    if "since" in question:
        subject += f" since {question['since']}"
    return subject


def _shown(value: Json) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        members = (f"{name}={_shown(inner)}" for name, inner in value.items())
        return "{" + ", ".join(members) + "}"
    text = value if isinstance(value, str) else repr(value)
    return escaped(text if len(text) <= 80 else text[:79] + "…")


def _how_often(at_least: int, at_most: int | None) -> str:
    if at_most is None:
        return f"at least {times(at_least)}"
    if at_least == at_most:
        return f"exactly {times(at_least)}" if at_least else "never"
    if not at_least:
        return f"at most {times(at_most)}"
    return f"at least {times(at_least)} and at most {times(at_most)}"


def _message(
    expected: str,
    question: Mapping[str, Json],
    matches: list[Seen],
    nearest: list[tuple[Seen, list[Differs]]],
    any_came: bool,
) -> Iterable[str]:
    yield f"expected that {expected}; it came {times(len(matches))}"
    for call in matches[:_LISTED]:
        yield f"  came: {line(call.entry, call.program)}"
    if len(matches) > _LISTED:
        yield f"  and {len(matches) - _LISTED} more"
    yield from _refusals(question, nearest)
    if nearest:
        yield "nearest of what came:"
    for call, differences in nearest:
        yield f"  {line(call.entry, call.program)}"
        for differs in differences:
            yield (
                f"    {differs.matcher}: expected {_shown(differs.expected)},"
                f" came {_shown(differs.actual)}"
            )
        if call.entry.refusal is not None:
            why = reason(call.entry, call.program, call.mask)
            yield f"    refused by {call.entry.refused_by}: {escaped(why)}"
    if not any_came:
        yield "nothing was called at all"
    elif not nearest and not matches:
        yield "nothing like it came"


def _refusals(
    question: Mapping[str, Json], nearest: list[tuple[Seen, list[Differs]]]
) -> Iterable[str]:
    """What came as it was asked for, and was refused: most often that is the answer."""
    name = question.get("operation")
    refused = Counter(
        (call.entry.refused_by, reason(call.entry, call.program, call.mask))
        for call, differences in nearest
        if call.entry.refusal is not None
        and {differs.matcher for differs in differences}
        <= {"status", "refused_by", "refusal"}
    )
    for (step, why), many in refused.items():
        subject = name if isinstance(name, str) else "such a call"
        yield f"{subject} came {times(many)} but was refused by {step}: {escaped(why)}"
