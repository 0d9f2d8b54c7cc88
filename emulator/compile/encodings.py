"""Encodings: which media type a reply has, and how its body is written.

A reply says so itself, by `content_type` and `encode`; else openapi.yaml does, by the
response of its status. What neither says is JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from emulator.compile.source import Source
from emulator.http.encoding import Unwritable, bytes_body
from emulator.http.media_types import LINES, is_sequence, media_type
from emulator.json_type import Json
from emulator.language.embedded import Spliced, split
from emulator.language.grammar import BadExpression
from emulator.language.kinds import BOOLEAN, LIST, MAPPING, NUMBER, TEXT
from emulator.language.kinds import kind_of as kind_of_expression
from emulator.language.templates import Template
from emulator.program.media import STREAMS, MediaPolicy
from emulator.spec.document import Pointer, kind_of
from emulator.times import SECOND
from emulator.world.fault import LONGEST

_JSON = re.compile(r"[^/]+/(?:[^/]*[+.-])?json")
_XML = re.compile(r"[^/]+/(?:[^/]*[+.-])?xml")
_ANY = ("*/*", "application/*")
_OF_TYPE: Mapping[str, str] = {
    "application/x-www-form-urlencoded": "form",
    "text/event-stream": "events",
    **dict.fromkeys(LINES, "lines"),
}
_TYPE_OF: Mapping[str, str] = {
    "json": "",
    "xml": "application/xml; charset=utf-8",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
    "bytes": "application/octet-stream",
    "lines": LINES[0],
    "sequence": "application/json-seq",
    "events": "text/event-stream",
}
_HOLDS: Mapping[str, str] = {
    "text": "a text",
    "bytes": "bytes, or base64 in a text",
    "form": "a mapping",
    "lines": "a list: each item becomes a line of JSON",
    "sequence": "a list: each item becomes a JSON text of its own",
    "events": "a list: each item becomes an event",
}

_OF_KINDS: Mapping[str, tuple[str, ...]] = {
    "text": (TEXT, NUMBER, BOOLEAN), "bytes": (TEXT,), "form": (MAPPING,),
    "lines": (LIST,), "sequence": (LIST,), "events": (LIST,),
}  # fmt: skip
"""The kinds of values of an expression that can be written so."""


def encoding_of(media: str) -> str:
    """How a body of this type is written; empty where nothing follows from the type."""
    name = media_type(media)
    if name in _OF_TYPE:
        return _OF_TYPE[name]
    if is_sequence(name):
        return "sequence"
    if name in _ANY or _JSON.fullmatch(name):
        return "json"
    if _XML.fullmatch(name):
        return "xml"
    return "text" if name.startswith("text/") else ""


def compile_media(
    source: Source,
    at: Pointer,
    written: Mapping[str, Json],
    body: Json,
    documented: Iterable[str] = (),
) -> tuple[MediaPolicy, ...]:
    """The types of the reply or the error *written* at a place, the first by default.

    None at all: JSON, under the name that the provider's other replies have. Its *body*
    is a tree, or None for the record or the page.
    """
    check_said_once(source, at, written)
    said: Json = written.get("encode", "")
    encode = said if isinstance(said, str) else "xml"
    xml: Mapping[str, Json] = {} if isinstance(said, str) else said["xml"]
    own = own_type(written)
    if encode:
        _check_body(source, at, encode, body)
        names = [own] if own else _of_encoding(encode, [*documented])
        found = [(name, encode) for name in names]
    elif own:
        kind = encoding_of(own)
        found = [(own, kind if fits(kind, body) else "json")]
    else:
        found = _documented(source, body, [*documented])
    policies = tuple(
        MediaPolicy(
            name=_name(source, name, kind, explicit=bool(own)),
            encoding=kind,
            root=xml.get("root", "response"),
            items=xml.get("items", {}),
        )
        for name, kind in found
    )
    return () if _says_nothing(policies) else policies


def error_media(
    source: Source, responses: Mapping[str, Iterable[str]]
) -> dict[str, MediaPolicy]:
    """The types of JSON that openapi.yaml gives to responses, where they are others than
    those of the provider's replies, by status."""
    found: dict[str, MediaPolicy] = {}
    for status, documented in responses.items():
        kinds = [name for name in documented if encoding_of(name) == "json"]
        named = [_name(source, name, "json", explicit=False) for name in kinds]
        if named and all(named):
            found[status] = MediaPolicy(name=named[0])
    return found


def check_every(source: Source, at: Pointer, media: tuple[MediaPolicy, ...]) -> None:
    """Report a time between pieces of what has none, and one that nobody waits for."""
    if source.duration(*at, "every") > LONGEST * SECOND:
        source.problem(
            (*at, "every"),
            "wrong-form",
            "the time between two items is longer than an hour",
            "nobody waits for that",
            "write a shorter one, such as 50ms",
        )
    if source.get(*at, "every") is not None and not any(
        policy.encoding in STREAMS for policy in media
    ):
        source.problem(
            (*at, "every"),
            "wrong-form",
            "there is nothing between which time could pass",
            "`every` is the time between the items of a stream: of `lines`, `sequence` or `events`",
            "add `encode: events`, or remove it",
            key=True,
        )


def fits(encoding: str, body: Json) -> bool:
    """Whether *body*, as far as it is written, can be written so."""
    tree = body.tree if isinstance(body, Spliced) else body
    if encoding in ("json", "xml"):
        return True
    if not encoding or tree is None:
        return False
    if _is_expression(tree):
        return True
    if encoding == "form":
        return isinstance(tree, dict)
    if encoding in STREAMS:
        return isinstance(tree, list)
    if encoding == "bytes":
        return isinstance(tree, str) and ("${" in tree or _is_base64(tree))
    return not isinstance(tree, (dict, list))


def _check_body(source: Source, at: Pointer, encode: str, body: Json) -> None:
    if fits(encode, body) or encode not in _HOLDS:
        return
    tree = body.tree if isinstance(body, Spliced) else body
    what = "the record or the page" if tree is None else kind_of(tree)
    place = (*at, "body") if source.get(*at, "body") is not None else (*at, "encode")
    source.problem(
        place,
        "wrong-type",
        f"the body is {what}, and is to be written as {encode}",
        f"a body of `{encode}` is {_HOLDS[encode]}",
        "write such a body, or another `encode`",
    )


def check_kind(
    source: Source, at: Pointer, body: Template, media: tuple[MediaPolicy, ...]
) -> None:
    """Report a *body* that is one expression, which gives what none of *media* is."""
    tree = body.tree.tree if isinstance(body.tree, Spliced) else body.tree
    expression = _expression(tree) if isinstance(tree, str) else None
    if expression is None:
        return
    kind = kind_of_expression(expression, body.scope.kinds, body.scope.fields)
    for encode in sorted({policy.encoding for policy in media}):
        if kind and kind not in _OF_KINDS.get(encode, (kind,)):
            source.problem(
                at,
                "wrong-type",
                f"the body is {kind}, and is to be written as {encode}",
                f"a body of `{encode}` is {_HOLDS[encode]}",
                "write such a body, or another `encode`",
            )


def check_said_once(source: Source, at: Pointer, written: Mapping[str, Json]) -> None:
    """Report a type that stands in two places."""
    for name in written.get("headers") or {}:
        if name.lower() == "content-type" and "content_type" in written:
            source.problem(
                (*at, "headers", name),
                "unusable-header",
                "the type of this reply is said twice",
                "`content_type` says it as well, and a reply has one",
                "remove one of them",
                key=True,
            )


def own_type(written: Mapping[str, Json]) -> str:
    """The type that a reply gives itself; empty where it is none that is known now."""
    said = written.get("content_type", "")
    for name, value in (written.get("headers") or {}).items():
        if name.lower() == "content-type" and isinstance(value, str):
            said = value
    return "" if "${" in said else said


def _of_encoding(encode: str, documented: list[str]) -> list[str]:
    """Those of the types in openapi.yaml that are written so."""
    same = [name for name in documented if encoding_of(name) == encode]
    others = [name for name in documented if not encoding_of(name)]
    if not same and encode in ("bytes", "text"):
        same = others
    if not same and len(documented) == 1:
        same = documented
    return same or [_TYPE_OF[encode]]


def _documented(
    source: Source, body: Json, documented: list[str]
) -> list[tuple[str, str]]:
    """The types of openapi.yaml that the body is written in without a word about it."""
    kinds = [(name, encoding_of(name)) for name in documented]
    if source.get("formats"):
        kinds = [(name, kind) for name, kind in kinds if kind != "xml"]
    plain = [(name, kind) for name, kind in kinds if kind in ("json", "xml")]
    if plain or len(kinds) != 1:
        return plain
    return kinds if fits(kinds[0][1], body) else []


def _name(source: Source, name: str, kind: str, *, explicit: bool) -> str:
    """The Content-Type; empty where it is the same as for other replies."""
    if explicit or kind != "json":
        return name
    general = source.get("http", "content_type")
    known = media_type(general or "application/json")
    if general or media_type(name) in (*_ANY, known):
        return ""
    return name


def _says_nothing(policies: tuple[MediaPolicy, ...]) -> bool:
    return all(not policy.name and policy.encoding == "json" for policy in policies)


def _is_expression(tree: Json) -> bool:
    return isinstance(tree, str) and _expression(tree) is not None


def _expression(text: str) -> str | None:
    """The expression that *text* is; None where it is none, or more than that."""
    try:
        parts = split(text)
    except BadExpression:
        return ""  # reported where templates are checked
    return parts[0][1] if [kind for kind, _ in parts] == ["expression"] else None


def _is_base64(text: str) -> bool:
    try:
        bytes_body(text)
    except Unwritable:
        return False
    return True
