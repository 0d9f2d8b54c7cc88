"""Judging: which values of an operation's inputs were taken, and which were refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from emulator.json_type import Json
from emulator.traffic.bounds import Sent
from emulator.traffic.complaints import complaints, text_in
from emulator.traffic.recorded import Recorded

Members = Mapping[str, Json]
INVALID = (400, 422)
_MOST = 500
"""So many refused calls of an operation are looked at."""


@dataclass
class Judged:
    """The inputs of one operation, or of one place of it."""

    taken: list[Members] = field(default_factory=list)
    """What was accepted: whole, or all that an error says nothing of."""
    unsure: list[Members] = field(default_factory=list)
    """What an error says nothing of, where errors tell of one thing only."""
    refused: list[Sent] = field(default_factory=list)
    required: set[str] = field(default_factory=set)
    """What was refused for lacking, and never accepted without it."""

    def values(self) -> list[Members]:
        """What was taken, and of members that nothing taken has, what may have been."""
        known = {name for members in self.taken for name in members}
        rest = [
            {name: value for name, value in members.items() if name not in known}
            for members in self.unsure
        ]
        return [*self.taken, *filter(None, rest)]


def judge(
    calls: Iterable[Recorded], members_of: Callable[[Recorded], Members | None]
) -> Judged:
    """What *calls* show of the members that *members_of* finds in them."""
    sent = [
        (call, members) for call in calls if (members := members_of(call)) is not None
    ]
    names = {name for _, members in sent for name in members}
    judged = Judged()
    whole: list[Members] = []
    silent: list[tuple[Recorded, Members]] = []
    left: list[Members] = []
    for call, members in sent:
        if call.succeeded:
            whole.append(members)
        elif call.status in INVALID and len(judged.refused) < _MOST:
            said = (
                complaints(call.reply.value, names) if call.reply.kind == "json" else {}
            )
            if not said:
                silent.append((call, members))
                continue
            judged.refused.append(Sent(members, said))
            about = {path[0] for path in said}
            left.append({n: v for n, v in members.items() if n not in about})
    several = any(len({path[0] for path in each.said}) > 1 for each in judged.refused)
    judged.taken = [*whole, *(left if several else ())]
    judged.unsure = [] if several else left
    judged.refused += _blamed(silent, whole)
    judged.required = {
        path[0]
        for each in judged.refused
        for path in each.said
        if path[0] not in each.members
        and len(path) == 1
        and not any(path[0] not in members for members in whole)
    }
    return judged


def _blamed(
    silent: Sequence[tuple[Recorded, Members]], whole: Sequence[Members]
) -> Iterable[Sent]:
    """Calls whose errors name nothing: blamed is what makes them unlike all others."""
    taken: dict[str, set[str]] = {}
    for members in whole:
        for name, value in members.items():
            taken.setdefault(name, set()).add(repr(value))
    always = {name for name in taken if all(name in members for members in whole)}
    for call, members in silent if whole else ():
        odd = [n for n, v in members.items() if repr(v) not in taken.get(n, ())]
        lacking = [name for name in always if name not in members]
        if len(odd) + len(lacking) == 1:
            text = text_in(call.reply.value) if call.reply.kind == "json" else ""
            yield Sent(members, {(*odd, *lacking): text})
