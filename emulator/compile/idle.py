"""Idle: keys of behavior.yaml that have no effect beside what else is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from emulator.compile.replies import BODILESS, SHOWS, alternatives, around
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.definitions import name_of
from emulator.program.authentication import PAIRS
from emulator.spec.document import Pointer
from emulator.world.calendar import UNITS


class Idle(NamedTuple):
    """A key that nothing comes of, and why."""

    at: Pointer
    why: str


def check_idle(source: Source) -> None:
    """Warn of each key that nothing comes of."""
    for parts in (
        _limits,
        _idempotency,
        _pages,
        _queries,
        _schemes,
        _views,
        _errors,
        _effects,
        _replies,
        _around,
        _guards,
        _definitions,
        _oauth2,
    ):
        for at, why in parts(source):
            source.report.add(
                source.behavior.diagnostic(
                    at,
                    "idle-key",
                    f"nothing comes of {at[-1]!r} here",
                    why,
                    "remove it, or change what it stands beside",
                    key=True,
                    severity="warning",
                )
            )


def _limits(source: Source) -> Iterator[Idle]:
    for at, one in source.entries("rate_limits"):
        algorithm = one.get("algorithm", "fixed_window")
        if "burst" in one and algorithm != "token_bucket":
            yield Idle((*at, "burst"), "only a token_bucket has one")
        if "starts" in one and algorithm != "fixed_window":
            yield Idle((*at, "starts"), "only windows of fixed_window have a start")
        if "takes" in one and algorithm != "in_flight":
            yield Idle((*at, "takes"), "only calls that are in_flight take a time")
        if "window" in one and algorithm == "in_flight":
            yield Idle((*at, "window"), "calls in flight are counted in no window")
        if one.get("window") in UNITS and "starts" in one:
            yield Idle((*at, "starts"), "the calendar says when its windows start")
        if "zone" in one and one.get("window") not in UNITS:
            yield Idle((*at, "zone"), "a length of time is the same everywhere")
    dialects = source.get("rate_limit_headers") or []
    for at in (
        [("rate_limit_headers",)]
        if isinstance(dialects, dict)
        else [at for at, _ in source.entries("rate_limit_headers")]
    ):
        one = source.get(*at)
        if "reset_as" in one and "reset" not in one:
            yield Idle((*at, "reset_as"), "without `reset` the time is not told")
    if dialects and not source.get("rate_limits"):
        yield Idle(("rate_limit_headers",), "there are no rate_limits to tell of")


_OF_STYLE = {
    "number": "page",
    "first": "page",
    "offset": "offset",
    "cursor": "cursor",
    "before": "cursor",
    "key": "cursor",
    "expires": "cursor",
    "carries": "cursor",
    "with_others": "cursor",
    "beside": "cursor",
}


def _idempotency(source: Source) -> Iterator[Idle]:
    written = source.get("idempotency")
    if written is None:
        return
    methods = written.get("methods", ["POST"])
    for id, operation in source.openapi.operations.items():
        own = source.get("operations", id, "idempotency")
        if own or (own is None and operation.method in methods):
            return
    why = f"no operation has one of its methods: {', '.join(methods)}"
    yield Idle(("idempotency",), why)


def _pages(source: Source) -> Iterator[Idle]:
    for at, entry in source.entries("pages"):
        style = entry.get("style", "page")
        for key, owner in _OF_STYLE.items():
            if key in entry and owner != style:
                yield Idle(
                    (*at, key), f"it is for the style {owner}, and not for {style}"
                )
        if style == "cursor" and "key" in entry and "expires" in entry:
            yield Idle(
                (*at, "expires"), "only cursors that are opaque, without `key`, do"
            )
        if style == "cursor":
            yield from _carried(at, entry)
        if entry.get("size", "") is None:
            for key in ("min", "max", "beyond_max"):
                if key in entry:
                    yield Idle((*at, key), "no call sets a size: `size` is null")
        if "link_ends" in entry and "link_header" not in entry:
            yield Idle((*at, "link_ends"), "there is no `link_header`")


def _carried(at: Pointer, entry: Mapping[str, Json]) -> Iterator[Idle]:
    """Keys of a cursor about the other parameters of a query."""
    if "carries" in entry and "key" in entry:
        yield Idle((*at, "carries"), "with `key` a cursor is a value of a record")
    if entry.get("in") == "body":
        for key in ("carries", "with_others", "beside"):
            if key in entry:
                yield Idle(
                    (*at, key), "it is about a query, and the cursor is in a body"
                )
    elif "beside" in entry and not entry.keys() & {"carries", "with_others"}:
        yield Idle((*at, "beside"), "any parameter may stand beside this cursor")


_OF_DIALECT = {
    "dates": ("elasticsearch",),
    "fields": ("lucene", "odata", "scim", "aip160"),
    "words": ("lucene", "aip160"),
    "joined_by": ("lucene",),
}


def _queries(source: Source) -> Iterator[Idle]:
    for at, _ in source.entries("operations"):
        query = source.get(*at, "list", "query", default={})
        dialect = query.get("dialect", "elasticsearch")
        for key, owners in _OF_DIALECT.items():
            if key in query and dialect not in owners:
                why = f"it is for {' and '.join(owners)}, and not for {dialect}"
                yield Idle((*at, "list", "query", key), why)


_OF_PLACE = {
    "prefixes": "only a credential in a header has a word before it",
    "pattern": "http basic and digest say themselves what stands where",
    "digest": "it is for http digest",
    "member": "it is for a credential `in: body`",
    "certificate_header": "it is for a scheme of the type mutualTLS",
}


def _schemes(source: Source) -> Iterator[Idle]:
    for at, entry in source.entries("authentication", "schemes"):
        described = source.openapi.security_schemes.get(str(at[-1]))
        if "password" in entry and described and described.scheme not in PAIRS:
            yield Idle((*at, "password"), "only http basic and digest have one")
        kind = described and (described.where or described.scheme or described.kind)
        for key, useless in (
            ("prefixes", kind in ("query", "cookie", *PAIRS) or "in" in entry),
            ("pattern", kind in PAIRS),
            ("digest", kind != "digest"),
            ("member", "in" not in entry),
            ("certificate_header", kind != "mutualTLS"),
        ):
            if key in entry and described and useless:
                yield Idle((*at, key), _OF_PLACE[key])
        if "active" in entry and "state" not in entry:
            yield Idle((*at, "active"), "without `state` a credential has no state")


def _views(source: Source) -> Iterator[Idle]:
    shown = {
        action.get("view")
        for _, operation in source.entries("operations")
        for action in (operation or {}).values()
        if isinstance(action, dict)
    }
    for at, entry in source.entries("views"):
        if "validators" in entry and at[-1] not in shown:
            yield Idle((*at, "validators"), "no operation shows a record by this view")
        if "collection" in entry and "parameters" in entry:
            yield Idle(
                (*at, "parameters"), "a view of a collection is given its records"
            )


def _errors(source: Source) -> Iterator[Idle]:
    tables: list[Pointer] = [("errors", "table")]
    tables += [(*at, "errors") for at, _ in source.entries("operations")]
    for table in tables:
        for at, entry in source.entries(*table):
            if not isinstance(entry, dict) or "same_as" in entry:
                continue
            if entry.get("status") in BODILESS:
                for key in {"body", "envelope"} & entry.keys():
                    yield Idle((*at, key), "a reply of that status has no body")
            if entry.get("fault", entry.get("status", 500) >= 500):
                continue
            if "operations" in entry:
                yield Idle(
                    (*at, "operations"), "it is for faults, and a step refuses so"
                )


def _effects(source: Source) -> Iterator[Idle]:
    places: list[Pointer] = [("effects",)]
    places += [(*at, "effects") for at, _ in source.entries("operations")]
    for place in places:
        for at, entry in source.entries(*place):
            if "create" in entry and "key" in entry:
                yield Idle((*at, "key"), "`ids` of the collection makes the key")
            if "delete" in entry and "set" in entry:
                yield Idle((*at, "set"), "a record that goes gets no fields")


def _around(source: Source) -> Iterator[Idle]:
    """Of `replies`: what stands around the replies of no operation."""
    used = set()
    for at, operation in source.entries("operations"):
        for kind in {*SHOWS, "delete"} & {*(operation or {})}:
            for _, reply in alternatives(source, (*at, "reply")):
                used |= {around(source, kind)} if "body" not in reply else set()
    for at, _ in source.entries("replies"):
        if at not in used and at[-1] in ("record", "list"):
            yield Idle(at, "all operations that show such say a body of their own")


def _replies(source: Source) -> Iterator[Idle]:
    for at, _ in source.entries("operations"):
        for place, reply in alternatives(source, (*at, "reply")):
            if "body" in reply and reply.get("status") in BODILESS:
                yield Idle((*place, "body"), "a reply of that status has no body")


def _guards(source: Source) -> Iterator[Idle]:
    used = {
        name
        for at, _ in source.entries("operations")
        for _, name in source.entries(*at, "guards")
    }
    for at, _ in source.entries("guards"):
        if at[-1] not in used:
            yield Idle(at, "no operation names it under `guards`")


def _oauth2(source: Source) -> Iterator[Idle]:
    for option, of in (("par_for", "par"), ("dpop_nonce_for", "dpop")):
        has = source.get("oauth2", of, default="off") != "off"
        if source.get("oauth2", option) is not None and not has:
            yield Idle(("oauth2", option), f"there is no `{of}` beside it")


def _definitions(source: Source) -> Iterator[Idle]:
    places: list[Pointer] = [("let",)]
    places += [(*at, "let") for at, _ in source.entries("operations")]
    for place in places:
        for at, _ in source.entries(*place):
            name = name_of(str(at[-1]))
            word = re.compile(rf"\b{re.escape(name)}\b")
            texts = _texts(source, at, place[:-1])
            if not any(map(word.search, texts)):
                yield Idle(at, f"no expression reads {name!r}")


def _texts(source: Source, own: Pointer, below: Pointer) -> Iterator[str]:
    """The texts *below* a place of behavior.yaml, but that at *own*."""
    for pointer in source.behavior.positions:
        if pointer != own and pointer[: len(below)] == below:
            value = source.get(*pointer)
            if isinstance(value, str):
                yield value
