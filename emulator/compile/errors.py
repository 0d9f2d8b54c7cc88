"""Errors: the provider's own words for every refusal.

An entry of the table has a `status`, `headers`, and whatever its envelope asks for. The
envelope's `${message}` is replaced by the entry's `message` when the spec is loaded, so
what a refusal does not change is put together once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from keyword import iskeyword
from typing import NamedTuple

from emulator.compile.default_errors import (
    FACTS,
    UNSAID,
    DefaultErrors,
    challenges,
    check_defaults,
    problem,
    reason,
)
from emulator.compile.encodings import check_kind, compile_media, own_type
from emulator.compile.headers import compile_headers
from emulator.compile.rate_limits import limit_codes
from emulator.compile.replies import BODILESS
from emulator.compile.source import Source
from emulator.compile.words import names_in, with_words
from emulator.http.problem import MEDIA_TYPE
from emulator.json_type import Json
from emulator.language.embedded import Spliced, expressions, split
from emulator.language.grammar import BadExpression
from emulator.language.static_scope import WORDS, Scope
from emulator.language.templates import Template
from emulator.pipeline import REFUSALS
from emulator.program.errors import ErrorPolicy, Errors
from emulator.program.headers import Headers
from emulator.program.media import MediaPolicy
from emulator.spec.document import Pointer

_OWN = (
    "status",
    "headers",
    "body",
    "content_type",
    "encode",
    "envelope",
    "same_as",
    "operations",
    "step",
    "facts",
    "fault",
)


_SPLICED = ("body", "headers")
"""Those of them that are templates."""


class _Entry(NamedTuple):
    pointer: Pointer
    """Where the entry stands that has most of it."""
    written: Mapping[str, Json]
    own: Pointer
    """Where its own code stands."""
    changed: frozenset[str] = frozenset()
    """What of it is written there, and not where it takes after."""

    def at(self, name: str) -> Pointer:
        """Where the part *name* stands."""
        return (*(self.own if name in self.changed else self.pointer), name)


def compile_errors(
    source: Source, inherited: Errors | None, *pointer: str | int
) -> Errors:
    """The table at *pointer*, on top of what is *inherited*."""
    if inherited is None:
        check_defaults(source)
        inherited = Errors({}, DefaultErrors(source, _default))
    table = Errors(inherited, inherited.default)
    # An operation's entry may take after another of its own.
    own = _plain(source.get(*pointer, default={}))
    known = {**_plain(source.get("errors", "table", default={})), **own}
    for at, written in source.entries(*pointer):
        code = str(at[-1])
        target = written if isinstance(written, str) else written.get("same_as")
        if target is not None:
            if source.known(at, target, known, "refusal"):
                changes = {} if isinstance(written, str) else dict(written)
                changes.pop("same_as", None)
                merged = {**known[target], **changes}
                above = pointer if target in own else ("errors", "table")
                there = (*above, target)
                entry = _Entry(there, merged, at, frozenset(changes))
                table[code] = _error(source, code, entry)
            continue
        table[code] = _error(source, code, _Entry(at, written, at))
    return table


def _plain(table: Mapping[str, Json]) -> Mapping[str, Mapping[str, Json]]:
    """The entries that stand on their own."""
    return {
        code: written
        for code, written in table.items()
        if isinstance(written, dict) and "same_as" not in written
    }


def _default(
    source: Source, code: str, pointer: Pointer, written: Mapping[str, Json]
) -> ErrorPolicy:
    """The answer to *code* by an entry that is for many."""
    known = {"reason": reason(code), "status": written["status"], "refused": code}
    entry = {
        name: _spliced(part, known, (*pointer, name))
        if name in _SPLICED or name not in _OWN
        else part
        for name, part in written.items()
    }
    return _error(source, code, _Entry(pointer, entry, pointer), FACTS)


def _error(
    source: Source, code: str, entry: _Entry, more: frozenset[str] = frozenset()
) -> ErrorPolicy:
    """The answer to *code* by *entry*, which may name *more* facts than those of the code."""
    written = entry.written
    owner = REFUSALS.kind("rate_limited" if code in limit_codes(source) else code)
    given = source.given.get(code)
    facts = {*owner.facts, *more, *written.get("facts", ())}
    if not more:
        facts |= given.facts if given else frozenset()
    scope = source.scope.with_fields(facts)
    words = _words(source, entry)
    # That of an entry which says none is its refusal's, or else a fault's.
    refuses = given.status if given is not None else 500
    own = owner.status if REFUSALS.named(code) else refuses
    status = written.get("status", own)
    if not source.trusted:
        scope = scope.hinting(_hints(source, entry, [*words, "status"]))
    says_form = "body" in written or "envelope" in written
    is_problem = not says_form and not source.get("errors", "envelopes")
    body = None
    if status not in BODILESS and is_problem:
        told = problem(status, {"detail": reason(code), **_told(code), **words})
        body = source.template(entry.pointer, scope, tree=told)
    elif status not in BODILESS:
        words.setdefault("status", Spliced(status, entry.pointer))
        body = _enveloped(source, entry, words, scope)
    media: tuple[MediaPolicy, ...] = ()
    if body is not None:
        is_typed = not is_problem or bool(own_type(written))
        said = written if is_typed else {**written, "content_type": MEDIA_TYPE}
        media = compile_media(source, entry.pointer, said, body.tree)
        check_kind(source, entry.at("body"), body, media)
    headers = compile_headers(
        source, entry.at("headers"), scope, written.get("headers", {})
    )
    assumed = entry.pointer == UNSAID
    return ErrorPolicy(
        code=code,
        status=status,
        headers=(*headers, *(_needed(source, status, scope) if assumed else ())),
        body=body,
        media=media,
        step=written.get("step", owner.step),
        operations=frozenset(written["operations"])
        if "operations" in written
        else None,
        fault=written.get("fault", status >= 500),
        at=entry.pointer,
        named_at=entry.own,
        assumed=assumed,
    )


def _words(source: Source, entry: _Entry) -> dict[str, Json]:
    """What the entry says for its envelope, and what it is said for all of them."""
    values = source.get("errors", "values", default={})
    words: dict[str, Json] = {
        name: Spliced(tree, ("errors", "values", name)) for name, tree in values.items()
    }
    for name, tree in entry.written.items():
        if name not in _OWN:
            words[name] = Spliced(tree, entry.at(name))
    return words


def _told(code: str) -> Mapping[str, Json]:
    """What a problem document says besides of a refusal with *code*."""
    if "violations" not in REFUSALS.kind(code).facts:
        return {}
    each = "{'field': one.field, 'detail': one.message}"
    return {"errors": f"${{[{each} for one in violations]}}"}


def _needed(source: Source, status: int, scope: Scope) -> Headers:
    """The headers that HTTP wants with a status, where no spec says any."""
    found: dict[str, Json] = {}
    if status == HTTPStatus.UNAUTHORIZED:
        found["WWW-Authenticate"] = challenges(source)
    if "retry_after" in scope.fields:
        found["Retry-After"] = "${retry_after}"
    return compile_headers(source, UNSAID, scope, found)


def _enveloped(
    source: Source, entry: _Entry, words: dict[str, Json], scope: Scope
) -> Template | None:
    """The body of the entry: its words, in its envelope."""
    if "reason" not in scope.fields:
        words.setdefault("reason", Spliced(reason(str(entry.own[-1])), entry.pointer))
    envelope, pointer = _envelope(source, entry)
    if envelope is None:
        return None
    if not source.trusted and pointer[:2] == ("errors", "envelopes"):
        words |= _lacking(source, entry, envelope, pointer, words, scope)
    return source.template(pointer, scope, tree=_spliced(envelope, words, pointer))


def _lacking(
    source: Source,
    entry: _Entry,
    envelope: Json,
    pointer: Pointer,
    words: Mapping[str, Json],
    scope: Scope,
) -> dict[str, Json]:
    """The words that the envelope asks for and nobody has, each reported once.

    The answer stands in for them, so that nothing more is said of them.
    """
    lacking: dict[str, Json] = {}
    known = {*words, *scope.fields, *scope.roots, *WORDS}
    asked = [
        text for _, text in expressions(envelope, pointer) if isinstance(text, str)
    ]
    names = [text.strip() for text in asked if text.strip().isidentifier()]
    said = _said_by_others(source)
    names += [name for text in asked for name in sorted(names_in(text) & said)]
    for name in dict.fromkeys(names):
        if iskeyword(name) or name in known:
            continue
        lacking[name] = Spliced(None, entry.own)
        where = ".".join(map(str, entry.own))
        source.problem(
            entry.own,
            "missing-key",
            f"{where} has no {name!r}",
            f"the envelope {pointer[2]!r} puts it into the body of the reply",
            scope.hints.get(name) or f"add `{name}:` here, or under errors.values",
            key=True,
        )
    return lacking


def _said_by_others(source: Source) -> frozenset[str]:
    """The words that any entry has: an expression that reads one wants it of all."""
    table: Mapping[str, Json] = source.get("errors", "table", default={})
    written = [entry for entry in table.values() if isinstance(entry, dict)]
    return frozenset(name for entry in written for name in entry) - {*_OWN}


def _hints(source: Source, entry: _Entry, words: Iterable[str]) -> dict[str, str]:
    """What to do about names that are not in scope in an entry, but somewhere near."""
    alone = "the words of an entry stand by themselves in its envelope: `${%s}`"
    hints = {name: alone % name for name in words}
    for giver, names in source.givers.get(str(entry.own[-1]), ()):
        for name in names:
            hints[name] = (
                f"{giver} gives it, and something else that refuses so does not:"
                f" write `facts: [{name}]` here, and it is null then"
            )
    return hints


def _envelope(source: Source, entry: _Entry) -> tuple[Json, Pointer]:
    """The tree that the entry's words go into, and where it stands."""
    if "body" in entry.written:
        return entry.written["body"], (*entry.pointer, "body")
    name = entry.written.get("envelope", "default")
    envelopes = source.get("errors", "envelopes", default={})
    if not source.known((*entry.pointer, "envelope"), name, envelopes, "envelope"):
        return None, entry.pointer
    return envelopes[name], ("errors", "envelopes", name)


def _spliced(tree: Json, words: Mapping[str, Json], pointer: Pointer) -> Json:
    """*tree* with every `${word}` replaced by what the entry says for it."""
    if isinstance(tree, dict):
        return {
            key: _spliced(value, words, (*pointer, key)) for key, value in tree.items()
        }
    if isinstance(tree, list):
        return [_spliced(item, words, (*pointer, at)) for at, item in enumerate(tree)]
    if not isinstance(tree, str):
        return tree
    try:
        parts = split(tree)
    except BadExpression:
        return tree
    names = [part.strip() for what, part in parts if what == "expression"]
    if len(parts) == 1 and names and names[0] in words:
        return words[names[0]]
    plain = [name.removeprefix("text(").removesuffix(")").strip() for name in names]
    if not any(name in words for name in plain):
        return _computed(parts, words) if names else tree
    spliced = ""
    for what, part in parts:
        name = part.strip()
        if name.startswith("text("):  # which a word becomes beside other text, too
            name = name.removeprefix("text(").removesuffix(")").strip()
        word = words.get(name) if what == "expression" else None
        inner = word.tree if isinstance(word, Spliced) else word
        if what == "text":
            spliced += _literal(part)
        elif isinstance(inner, (str, int)) and not isinstance(inner, bool):
            spliced += str(inner)
        else:
            spliced += "${" + with_words(part, words) + "}"
    return spliced


def _computed(parts: Iterable[tuple[str, str]], words: Mapping[str, Json]) -> str:
    """The text of *parts* whose expressions have the words that they name."""
    return "".join(
        _literal(part) if what == "text" else "${" + with_words(part, words) + "}"
        for what, part in parts
    )


def _literal(text: str) -> str:
    return text.replace("${", "$${")
