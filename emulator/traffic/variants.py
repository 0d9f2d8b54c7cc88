"""Variants: stateless replies that look different, by what the calls said.

`GET /sums?by=country` answers {"country": 3}, and `GET /sums?by=city` {"city": 3}: each is
given again to the call that says so, and the commonest to all others. So are replies to
GET that look the same, `GET /rates?of=EUR` and `?of=USD`, as long as they are few. `GET /sums/none` was
not found: neither is what else nobody found.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from emulator.http.media_types import is_xml, media_type
from emulator.inference.names import reading
from emulator.inference.samples import expression, literal
from emulator.json_type import Json
from emulator.traffic.complaints import mentioned, text_in
from emulator.traffic.inputs import object_of, query_of
from emulator.traffic.learning import Learnt
from emulator.traffic.observing import Observed, read_as
from emulator.traffic.own_addresses import with_own_addresses
from emulator.traffic.recorded import Recorded
from emulator.traffic.refusing import listed, own_headers
from emulator.traffic.seeds import plain
from emulator.traffic.shapes import alike, kind_of, read_text

if TYPE_CHECKING:
    from emulator.inference.draft import Draft

_MOST_REPLIES = 20
_MOST_TESTS = 12
"""So many variants of a reply, and so many things that choose one, are written."""
_MOST_VALUES = 50
"""So many values are listed of what there is."""
_REFUSED = (400, 404, 409, 410, 422)
"""What a call is answered that may depend on what it says."""
_OF_KEYS = re.compile(
    r"(?i)(^|_)(s?id|key|slug|code|number|name|uuid|sha|ts|uri|url|symbol)s?$"
)
_LONGEST = 40
_LARGEST = 20_000
"""A longer value chooses nothing, and a reply with more characters is no variant."""

Said = tuple[str, str, Json]
"""Where a call says something, by which name, and what."""


def refine_variants(draft: Draft, learnt: Learnt) -> None:
    """Have operations of which nothing but replies is known answer as each call was."""
    made = {
        plain(o.template.path) for o in learnt.observed if o.method in ("POST", "PUT")
    }
    for one in learnt.observed:
        written = draft.operations.get(one.id, {"reply": "documented"})
        if written.get("reply") != "documented":
            continue
        _have_etags(draft, one)
        refusals = _groups(call for call in one.calls if call.status in _REFUSED)
        groups = _told_apart(one, _MOST_REPLIES - len(refusals))
        if refusals and not groups:
            operation = listed(draft, one.id)
            if operation is not None:  # nobody has found it to be there
                operation["reply"] = _reply(refusals[0], draft, "")
            continue
        if not 1 < len(groups) + len(refusals) <= _MOST_REPLIES:
            continue
        lists = {plain(path) for path in _above(one.template.path)}
        chosen = _chosen(one, groups, refusals, fixed=not lists & made)
        operation = listed(draft, one.id) if chosen else None
        if operation is not None:
            every = [*chosen, ("", groups[0])]
            operation["reply"] = [_reply(group, draft, test) for test, group in every]


def _above(path: str) -> list[str]:
    """`/jobs/{id}/notes/{note}`  ->  `/jobs/{id}/notes`, `/jobs`"""
    return [path[: found.start()] for found in re.finditer(r"/\{", path)]


def _have_etags(draft: Draft, one: Observed) -> None:
    """Have replies an ETag that had one; who sends it again is told that nothing changed."""
    with_it = [call for call in one.good if call.reply_header("etag")]
    if len(with_it) * 2 > len(one.good):
        operation = listed(draft, one.id)
        if operation is not None:
            operation["validators"] = {"etag": "digest(raw_path + raw_query)"}


def _told_apart(one: Observed, most: int) -> list[list[Recorded]]:
    """The calls with the same replies, if these are few things to read; or with those that
    look the same."""
    if one.method == "GET":
        groups = _groups(one.good, exactly=True)
        firsts = [group[0].reply.value for group in groups]
        if len(groups) <= most and len(json.dumps(firsts)) <= _LARGEST:
            return groups
    return _groups(one.good)


def _groups(
    calls: Iterable[Recorded], *, exactly: bool = False
) -> list[list[Recorded]]:
    """The calls with replies that are alike, or *exactly* the same, the commonest first."""
    groups: list[list[Recorded]] = []
    for call in calls:
        group = next((g for g in groups if _same(call, g[0], exactly)), None)
        if group is not None:
            group.append(call)
        elif call.reply.kind != "bytes" and not is_xml(media_type(call.reply.media)):
            groups.append([call])
    return sorted(groups, key=len, reverse=True)


def _same(call: Recorded, other: Recorded, exactly: bool) -> bool:
    """Whether two replies look alike; refusals say the same as well, if not all do."""
    one, another = call.reply, other.reply
    if (call.answered, one.kind) != (other.answered, another.kind):
        return False
    if call.succeeded and not exactly:
        return alike(one.value, another.value)
    links = call.reply_header("link"), other.reply_header("link")
    return bool(one.value == another.value) and links[0] == links[1]


def _chosen(
    one: Observed,
    groups: Sequence[list[Recorded]],
    refusals: Sequence[list[Recorded]],
    *,
    fixed: bool,
) -> list[tuple[str, list[Recorded]]]:
    """What chooses each group but the usual one, as an expression.

    *fixed*: no call makes a thing that a path might name.
    """
    kinds = _kinds(one)
    pairs = zip(one.calls, one.values, strict=True)
    said = {id(call): _said(call, values, kinds) for call, values in pairs}
    found = []
    for group in (*refusals, *groups[1:]):
        if len(json.dumps(group[0].reply.value)) > _LARGEST:
            continue
        rest = {
            each
            for other in (*refusals, *groups)
            if other is not group
            for call in other
            for each in said[id(call)]
        }
        own = [said[id(call)] - rest for call in group]
        if group[0].status in _REFUSED:
            own = [_blamed(each, group[0]) for each in own]
        tests = _tests(own)
        if tests:
            there = {each for g in groups for call in g for each in said[id(call)]}
            closed = fixed and group[0].status in (404, 410)
            found.append((_condition(tests, there if closed else set()), group))
    return found


def _blamed(said: frozenset[Said], refused: Recorded) -> frozenset[Said]:
    """What a call was *refused* for: what the error names, or else what finds a thing."""
    text = text_in(refused.reply.value).replace("_", " ")
    named = {each for each in said if mentioned(text, [each[1]])}
    path = {each for each in said if each[0] == "path"}
    keys = {each for each in said if _OF_KEYS.search(each[1])}
    return frozenset(named or path or keys)


def _kinds(one: Observed) -> dict[tuple[str, str], set[str]]:
    """The types of what calls may say, as the document has them."""
    texts: dict[str, list[str]] = {}
    kinds: dict[tuple[str, str], set[str]] = {}
    for call in one.good:
        for name, text in call.query:
            texts.setdefault(name, []).append(text)
        for name, value in (object_of(call) or {}).items():
            kinds.setdefault(("body", name), set()).add(kind_of(value))
    kinds |= {("query", name): {read_text(t)["type"]} for name, t in texts.items()}
    return kinds | {("path", name): {one.kind_of(name)} for name in one.template.names}


def _said(
    call: Recorded,
    values: Mapping[str, str],
    kinds: Mapping[tuple[str, str], Collection[str]],
) -> frozenset[Said]:
    """All that *call* says in its path, its query and its body, and is of the right type."""
    sent = {"path": values, "query": query_of(call), "body": object_of(call) or {}}
    found = set()
    for place, members in sent.items():
        for name, value in members.items():
            known = kinds.get((place, name), ())  # of others, the document says nothing
            read = value
            if known and place != "body" and isinstance(value, str):
                read = read_as(next(iter(known)), value)
            short = isinstance(read, (str, int)) and len(str(read)) <= _LONGEST
            if short and kind_of(read) in known:
                found.add((place, name, read))
    return frozenset(found)


def _tests(said: Sequence[frozenset[Said]]) -> list[Said]:
    """A few things of which most calls say one; empty where most say none of their own."""
    left = [own for own in said if own]
    if len(left) * 2 < len(said):
        return []
    found: list[Said] = []
    while left:
        many = Counter(each for own in left for each in own)
        if not many or len(found) == _MOST_TESTS:
            return []
        best = max(many, key=lambda each: (many[each], repr(each)))
        found.append(best)
        left = [own for own in left if best not in own]
    return found


def _condition(tests: Sequence[Said], there: Set[Said]) -> str:
    """`query.by == 'city' or path.id in [7, 8]`

    Where a single name in the path decides, it is all that is not *there*, if that is told.
    """
    values: dict[tuple[str, str], list[str]] = {}
    for place, name, value in tests:
        known = values.setdefault((place, name), [])
        known.append(expression(literal(value)))
    parts = []
    for (place, name), several in values.items():
        read, sign = reading(place, name), "in"
        known = [expression(literal(v)) for p, n, v in there if (p, n) == (place, name)]
        alone = len(values) == 1 and place == "path"
        if alone and 0 < len(known) <= _MOST_VALUES:
            several, sign = sorted(known), "not in"
        parts.append(
            f"{read} {sign} [{', '.join(several)}]"
            if several[1:] or sign == "not in"
            else f"{read} == {several[0]}"
        )
    return " or ".join(parts)


def _reply(calls: Sequence[Recorded], draft: Draft, test: str) -> Json:
    first = calls[0]
    reply: dict[str, Json] = {"when": test} if test else {}
    if first.answered != 200:
        reply["status"] = first.answered
    headers = own_headers(calls, draft) | _of_this_reply(calls)
    if headers:
        reply["headers"] = headers
    if first.reply.kind == "text":
        reply |= {"content_type": first.reply.media, "encode": "text"}
    if first.reply.kind != "nothing":
        reply["body"] = with_own_addresses(first.reply.value, first.origin)
    return reply


def _of_this_reply(calls: Sequence[Recorded]) -> dict[str, Json]:
    """The headers that are about what is shown, where all of *calls* have them alike."""
    found: dict[str, Json] = {}
    for name in ("Link", "Last-Modified"):
        (value, *others) = {call.reply_header(name.lower()) for call in calls}
        if value and not others:
            found[name] = with_own_addresses(value, calls[0].origin)
    return found
