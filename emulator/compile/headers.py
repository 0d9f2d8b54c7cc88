"""Headers: what a spec says of them, and what of it HTTP can carry.

A mapping of names and templates. A list is several headers of one name; null and `omit`
are none. What can never be sent is told when the spec is loaded, and what a call makes
so is a failed expression.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.embedded import split
from emulator.language.grammar import BadExpression
from emulator.language.static_scope import Scope
from emulator.program.headers import ADDRESSES, UNSENDABLE, Headers, as_address
from emulator.spec.document import Pointer

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_RESERVED = ("content-length", "transfer-encoding", "date", "connection")


def compile_headers(
    source: Source,
    pointer: Pointer,
    scope: Scope | None = None,
    written: Mapping[str, Json] | None = None,
) -> Headers:
    """The headers at *pointer*, or those *written* that are said to stand there."""
    trees = source.get(*pointer, default={}) if written is None else written
    headers = []
    said: dict[str, str] = {}
    for name, tree in trees.items():
        at = (*pointer, name)
        same = said.setdefault(name.lower(), name)
        if same != name:
            _unusable(
                source,
                at,
                f"{name} is the header {same}, which is said already",
                "names of headers are the same in any case (RFC 9110, 5.1)",
                "write one of them; a list is several headers of one name",
                key=True,
            )
        elif header_name(source, at, name, key=True):
            _check_value(source, at, name, tree)
            template = source.template(at, scope, tree=tree)
            template.address = name.lower() in ADDRESSES
            headers.append((name, template))
    return tuple(headers)


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
    if isinstance(tree, list) and not any(isinstance(item, list) for item in tree):
        for index, item in enumerate(tree):
            _check_value(source, (*pointer, index), name, item)
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
    address = name.lower() in ADDRESSES
    for kind, part in parts:
        sent = as_address(name, part) if address else part
        if kind == "text" and UNSENDABLE.search(sent):
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
