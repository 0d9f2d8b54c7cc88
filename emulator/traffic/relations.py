"""Relations: what inputs of one call must be to each other.

`salary_min cannot be greater than salary_max`, `url is required when type is external`:
a relation is learnt where the error names both, no accepted call breaks it, and the
refused one does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import ge, gt, le, lt
from typing import NamedTuple

from emulator.json_type import Json
from emulator.traffic.bounds import Sent
from emulator.traffic.complaints import mentioned
from emulator.traffic.judging import Judged
from emulator.traffic.shapes import kind_of

_NUMBERS = ("integer", "number")
_SIGNS = {"<=": le, ">=": ge, "<": lt, ">": gt}
_MOST = 20
"""So many relations of one operation are learnt."""


class Relation(NamedTuple):
    """One condition on two inputs; the violation is one of *field*."""

    field: str
    other: str
    sign: str
    """`<=`, `<`, `>=` or `>`; `with` where *field* is needed with a value of *other*."""
    value: Json = None

    def holds(self, members: Mapping[str, Json]) -> bool:
        """Whether *members* keep to it; where it says nothing of them, they do."""
        mine, other = members.get(self.field), members.get(self.other)
        if self.sign == "with":
            return not (other == self.value and mine is None)
        if mine is None or other is None or not _comparable(mine, other):
            return True
        return bool(_SIGNS[self.sign](mine, other))


def relations(judged: Judged) -> list[Relation]:
    """Those that explain what was refused."""
    names = {name for members in judged.values() for name in members}
    names |= {name for sent in judged.refused for name in sent.members}
    found: list[Relation] = []
    for sent in judged.refused:
        for path, text in sent.said.items():
            if len(path) != 1 or len(found) >= _MOST:
                continue
            if any(r.field == path[0] and not r.holds(sent.members) for r in found):
                continue
            for thought in _thought_of(path[0], text, sent.members, names):
                if not thought.holds(sent.members) and all(
                    map(thought.holds, judged.taken)
                ):
                    found.append(thought)
                    break
    return found


def unexplained(refused: Iterable[Sent], found: Iterable[Relation]) -> list[Sent]:
    """What is said in *refused* that no relation explains."""
    known = [*found]
    left = []
    for sent in refused:
        broken = {r.field for r in known if not r.holds(sent.members)}
        said = {p: text for p, text in sent.said.items() if p[0] not in broken}
        left.append(Sent(sent.members, said))
    return left


def _thought_of(
    field: str, text: str, members: Mapping[str, Json], names: Collection[str]
) -> Iterator[Relation]:
    others = [name for _, _, name in mentioned(text, names) if name != field]
    for other in dict.fromkeys(others):
        value = members.get(other)
        if members.get(field) is None:
            if isinstance(value, (str, int)):
                yield Relation(field, other, "with", value)
        elif value is not None and _comparable(members[field], value):
            for sign in _SIGNS:
                yield Relation(field, other, sign)


def _comparable(one: Json, other: Json) -> bool:
    kinds = kind_of(one), kind_of(other)
    return kinds == ("string", "string") or all(kind in _NUMBERS for kind in kinds)
