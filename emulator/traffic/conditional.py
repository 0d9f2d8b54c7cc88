"""Conditional: members of records that are shown, or not, as a parameter says.

`GET /jobs?include_pay=true` shows `pay`, and `GET /jobs` does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from keyword import iskeyword
from typing import Any, NamedTuple

from emulator.json_type import Json
from emulator.traffic.inputs import query_of
from emulator.traffic.observing import Observed, read_as
from emulator.traffic.seeds import records_in
from emulator.traffic.shapes import read_text

_MOST = 40
"""So many members of a record are looked at."""


class Condition(NamedTuple):
    """A member, and what the parameter has to be for it to be shown, or left out."""

    member: str
    parameter: str
    value: Json
    shows: bool
    """Whether it is shown with this value alone; else it is left out with it alone."""


def conditions(one: Observed, key: str) -> list[Condition]:
    """What decides on members of the records that *one* shows."""
    seen: list[tuple[dict[str, Json], frozenset[str], frozenset[str]]] = []
    for call in one.good:
        records = [*records_in(call.reply.value, key)]
        if records and call.reply.kind == "json":
            always = frozenset.intersection(*map(frozenset, records))
            ever = frozenset.union(*map(frozenset, records))
            seen.append((query_of(call), always, ever))
    if len(seen) < 2:
        return []
    every = frozenset.union(*(ever for _, _, ever in seen))
    common = frozenset.intersection(*(always for _, always, _ in seen))
    found = []
    for member in sorted(every - common)[:_MOST]:
        # It is there in all records of a call, or in none.
        if all((member in always) == (member in ever) for _, always, ever in seen):
            shown = [(query, member in ever) for query, _, ever in seen]
            found += [*_deciding(member, shown)][:1]
    return found


def _deciding(
    member: str, shown: list[tuple[dict[str, Json], bool]]
) -> Iterator[Condition]:
    """The parameter's value that *member* is shown with alone, or left out with."""
    names = dict.fromkeys(name for query, _ in shown for name in query)
    for name in names:
        texts = [text for query, _ in shown if isinstance(text := query.get(name), str)]
        kind = read_text(texts)["type"]
        for text in dict.fromkeys(texts):
            for shows in (True, False):
                if all(
                    (query.get(name) == text) == (there is shows)
                    for query, there in shown
                ):
                    yield Condition(member, name, read_as(kind, text), shows)


def narrowed(
    shown: Sequence[Json],
    stored: Sequence[Json],
    place: str,
    literal: Any,
    deep: int = 3,
) -> str:
    """An expression of the record at *place* whose objects have no more than is *shown*.

    "" where they have not: what is *stored* has what all operations together show.
    """
    parts = []
    for name in stored[0] if stored and deep else ():
        if not name.isidentifier() or iskeyword(name):
            continue
        inner = [
            record[name] for record in stored if isinstance(record.get(name), dict)
        ]
        seen = [record[name] for record in shown if isinstance(record.get(name), dict)]
        if len(inner) < len(stored) or not seen:
            continue
        names = sorted({key for value in seen for key in value})
        more = {key for value in inner for key in value} - {*names}
        below = f"{place}.{name}"
        if more:
            made = f"only({below}, {literal(names)})"
        else:
            made = narrowed(seen, inner, below, literal, deep - 1)
        if made:
            parts.append(f"{literal(name)}: {made}")
    return f"merge({place}, {{{', '.join(parts)}}})" if parts else ""


def hidden(found: Iterable[Condition], reading: Any, literal: Any) -> str:
    """An expression of the list of members that are left out."""
    parts = []
    for each in found:
        sign = "!=" if each.shows else "=="
        test = f"{reading('query', each.parameter)} {sign} {literal(each.value)}"
        parts.append(f"([{literal(each.member)}] if {test} else [])")
    return " + ".join(parts)
