"""Variants: stateless replies that look different, by what the calls said.

`GET /sums?by=country` answers {"country": 3}, and `GET /sums?by=city` {"city": 3}: each is
given again to the call that says so, and the commonest to all others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from emulator.inference.names import reading
from emulator.inference.samples import expression, literal
from emulator.json_type import Json
from emulator.traffic.inputs import object_of, query_of
from emulator.traffic.learning import Learnt
from emulator.traffic.observing import Observed, read_as
from emulator.traffic.recorded import Recorded
from emulator.traffic.refusing import listed, own_headers
from emulator.traffic.shapes import alike, read_text

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

_MOST_REPLIES = 20
_MOST_TESTS = 12
"""So many variants of a reply, and so many things that choose one, are written."""
_LONGEST = 40
_LARGEST = 20_000
"""A longer value chooses nothing, and a reply with more characters is no variant."""

Said = tuple[str, str, Json]
"""Where a call says something, by which name, and what."""


def refine_variants(draft: Draft, learnt: Learnt) -> None:
    """Have operations of which nothing but replies is known answer as each call was."""
    for one in learnt.observed:
        written = draft.operations.get(one.id, {"reply": "documented"})
        if written.get("reply") != "documented":
            continue
        groups = _groups(one.good)
        if not 1 < len(groups) <= _MOST_REPLIES:
            continue
        chosen = _chosen(one, groups)
        operation = listed(draft, one.id) if chosen else None
        if operation is not None:
            operation["reply"] = [_reply(group, draft, test) for test, group in chosen]


def _groups(calls: Sequence[Recorded]) -> list[list[Recorded]]:
    """The calls with replies that are alike, the commonest first."""
    groups: list[list[Recorded]] = []
    for call in calls:
        if call.reply.kind not in ("json", "nothing"):
            continue
        for group in groups:
            first = group[0]
            if call.answered == first.answered and alike(
                call.reply.value, first.reply.value
            ):
                group.append(call)
                break
        else:
            groups.append([call])
    return sorted(groups, key=len, reverse=True)


def _chosen(
    one: Observed, groups: Sequence[list[Recorded]]
) -> list[tuple[str, list[Recorded]]]:
    """What chooses each group, as an expression; "" for the last, which all others get."""
    kinds = _kinds(one)
    pairs = zip(one.calls, one.values, strict=True)
    said = {id(call): _said(call, values, kinds) for call, values in pairs}
    usual, *others = groups
    found = []
    for group in others:
        if len(json.dumps(group[0].reply.value)) > _LARGEST:
            continue
        rest = {
            each
            for other in groups
            if other is not group
            for call in other
            for each in said[id(call)]
        }
        tests = _tests([said[id(call)] - rest for call in group])
        if tests:
            found.append((_condition(tests), group))
    return [*found, ("", usual)] if found else []


def _kinds(one: Observed) -> dict[tuple[str, str], str]:
    """The types of the parameters of path and query, as the document has them."""
    texts: dict[str, list[str]] = {}
    for call in one.good:
        for name, text in call.query:
            texts.setdefault(name, []).append(text)
    kinds = {("query", name): read_text(each)["type"] for name, each in texts.items()}
    return kinds | {("path", name): one.kind_of(name) for name in one.template.names}


def _said(
    call: Recorded, values: Mapping[str, str], kinds: Mapping[tuple[str, str], str]
) -> frozenset[Said]:
    """All that *call* says, in its path, its query and its body."""
    sent = {"path": values, "query": query_of(call), "body": object_of(call) or {}}
    return frozenset(
        (place, name, read_as(kinds.get((place, name), "string"), str(value))
         if place != "body" else value)
        for place, members in sent.items()
        for name, value in members.items()
        if isinstance(value, (str, int)) and len(str(value)) <= _LONGEST
    )  # fmt: skip


def _tests(said: Sequence[frozenset[Said]]) -> list[Said]:
    """A few things of which each call says one; empty where one says none of its own."""
    left = [*said]
    found: list[Said] = []
    while left:
        many = Counter(each for own in left for each in own)
        if not many or len(found) == _MOST_TESTS:
            return []
        best = max(many, key=lambda each: (many[each], repr(each)))
        found.append(best)
        left = [own for own in left if best not in own]
    return found


def _condition(tests: Sequence[Said]) -> str:
    """`query.by == 'city' or path.id in [7, 8]`"""
    values: dict[str, list[str]] = {}
    for place, name, value in tests:
        known = values.setdefault(reading(place, name), [])
        known.append(expression(literal(value)))
    return " or ".join(
        f"{read} in [{', '.join(several)}]"
        if several[1:]
        else f"{read} == {several[0]}"
        for read, several in values.items()
    )


def _reply(calls: Sequence[Recorded], draft: Draft, test: str) -> Json:
    first = calls[0]
    reply: dict[str, Json] = {"when": test} if test else {}
    if first.answered != 200:
        reply["status"] = first.answered
    headers = own_headers(calls, draft)
    if headers:
        reply["headers"] = headers
    if first.reply.kind == "json":
        reply["body"] = literal(first.reply.value)
    return reply
