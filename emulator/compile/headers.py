"""Headers: what a spec says of them, and what of it HTTP can carry.

A mapping of names and templates. A list is several headers of one name; null and `omit`
are none. What can never be sent is told when the spec is loaded, and what a call makes
so is a failed expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from emulator.compile.source import Pointer, Source
from emulator.language.expressions import OMIT, BadExpression, Scope
from emulator.language.failures import ExpressionFailed
from emulator.language.functions import to_text
from emulator.language.templates import Template, split

Json = Any
Headers = tuple[tuple[str, Template], ...]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNSENDABLE = re.compile("[^\t\x20-\x7e\xa0-\xff]")
"""What RFC 9110, 5.5 keeps out of a value, and what has no place in Latin-1."""
_ADDRESSES = ("location", "content-location", "link")
_IN_ADDRESS = "%:/?#[]@!$&'()*+,;=~"
_TARGETS = re.compile("<[^<>]*>")
_RESERVED = ("content-length", "transfer-encoding", "date", "connection")


def compile_headers(
    source: Source,
    pointer: Pointer,
    scope: Scope | None = None,
    written: Mapping[str, Json] | None = None,
) -> Headers:
    """The headers at *pointer*, or those *written* that are said to stand there."""
    trees = source.get(*pointer, default={}) if written is None else written
    found = []
    for name, tree in trees.items():
        at = (*pointer, name)
        if header_name(source, at, name, key=True):
            _check_value(source, at, name, tree)
            template = source.template(at, scope, tree=tree)
            template.address = name.lower() in _ADDRESSES
            found.append((name, template))
    return tuple(found)


def header_name(
    source: Source, pointer: Pointer, name: str, *, key: bool = False
) -> bool:
    """Whether *name* can be that of a header; if not, that is reported."""
    if not _TOKEN.fullmatch(name):
        _unusable(
            source,
            pointer,
            f"{name!r} cannot be the name of a header",
            "a name has letters, digits and some signs, and no blanks (RFC 9110, 5.1)",
            "write it as it is sent: X-Request-Id",
            key=key,
        )
        return False
    if name.lower() in _RESERVED:
        _unusable(
            source,
            pointer,
            f"the header {name} is not a spec's to say",
            "how long a reply is, when it was made and what becomes of the connection"
            " is said by the server that sends it",
            "remove it; faults change it on purpose",
            key=key,
        )
        return False
    return True


def _check_value(source: Source, pointer: Pointer, name: str, tree: Json) -> None:
    """Report what of a header's value HTTP cannot carry, as far as it is written."""
    if isinstance(tree, list) and not any(isinstance(one, list) for one in tree):
        for index, one in enumerate(tree):
            _check_value(source, (*pointer, index), name, one)
        return
    if isinstance(tree, (dict, list)):
        source.problem(
            pointer,
            "wrong-type",
            f"the header {name} is a {'mapping' if isinstance(tree, dict) else 'list of lists'}",
            "a header is a text or a number; a list is several headers of one name",
            "write a text",
        )
        return
    try:
        parts = split(tree) if isinstance(tree, str) else []
    except BadExpression:
        return  # reported where templates are checked
    address = name.lower() in _ADDRESSES
    for kind, part in parts:
        sent = as_address(name, part) if address else part
        if kind == "text" and _UNSENDABLE.search(sent):
            _unusable(
                source,
                pointer,
                f"HTTP cannot carry {part!r} in the header {name}",
                "a header is one line of Latin-1 (RFC 9110, 5.5)",
                "leave out line breaks, and spell what is outside of Latin-1",
            )


def _unusable(
    source: Source, pointer: Pointer, what: str, why: str, fix: str, key: bool = False
) -> None:
    source.problem(pointer, "unusable-header", what, why, fix, key=key)


def header_lines(
    name: str, template: Template, x: Any, facts: Mapping[str, Json]
) -> Iterable[tuple[str, str]]:
    """The lines that a header comes to in this exchange. Raises `ExpressionFailed`."""
    value = template.value(x, facts)
    if type(value) is str and not template.address and not _UNSENDABLE.search(value):
        return ((name, value),)  # nearly always
    return _lines(name, template, value)


def _lines(name: str, template: Template, value: Json) -> Iterator[tuple[str, str]]:
    for one in value if isinstance(value, (list, tuple)) else (value,):
        if one is None or one is OMIT:
            continue
        text = to_text(one)
        if template.address:
            text = as_address(name, text)
        if _UNSENDABLE.search(text) or isinstance(one, (dict, list)):
            reason = f"the header {name} cannot carry {one!r}"
            raise ExpressionFailed(template.at, reason)
        yield name, text


def as_address(name: str, text: str) -> str:
    """*text* with what an address cannot hold percent-encoded (RFC 3986, 2.1).

    What is encoded already stays so. Of a Link, the targets are addresses.
    """
    if name.lower() != "link":
        return quote(text, safe=_IN_ADDRESS)
    found = _TARGETS.sub(lambda one: f"<{quote(one[0][1:-1], safe=_IN_ADDRESS)}>", text)
    return _UNSENDABLE.sub(lambda one: quote(one[0]), found)
