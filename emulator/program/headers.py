"""Headers: what of a header that a spec describes is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed
from emulator.language.operators import OMIT
from emulator.language.templates import Template
from emulator.language.texts import to_text

Headers = tuple[tuple[str, Template], ...]
UNSENDABLE = re.compile("[^\t\x20-\x7e\xa0-\xff]")
"""What RFC 9110, 5.5 keeps out of a value, and what has no place in Latin-1."""
ADDRESSES = ("location", "content-location", "link")
_IN_ADDRESS = "%:/?#[]@!$&'()*+,;=~"
_TARGETS = re.compile("<[^<>]*>")


def add_lines(
    lines: list[tuple[str, str]], headers: Headers, x: Any, facts: Mapping[str, Json]
) -> None:
    """Add to *lines* what `header_lines` gives for each of *headers*."""
    for name, template in headers:
        value = template.value(x, facts)
        plain = type(value) is str and value.isascii() and value.isprintable()
        if plain and not template.address:
            lines.append((name, value))  # nearly always
        else:
            lines.extend(_lines(name, template, value))


def header_lines(
    name: str, template: Template, x: Any, facts: Mapping[str, Json]
) -> Iterable[tuple[str, str]]:
    """The lines that a header comes to in this exchange. Raises `ExpressionFailed`."""
    value = template.value(x, facts)
    plain = type(value) is str and value.isascii() and value.isprintable()
    if plain and not template.address:
        return ((name, value),)  # nearly always
    return _lines(name, template, value)


def _lines(name: str, template: Template, value: Json) -> Iterator[tuple[str, str]]:
    for item in value if isinstance(value, (list, tuple)) else (value,):
        if item is None or item is OMIT:
            continue
        text = to_text(item)
        if template.address:
            text = as_address(name, text)
        if UNSENDABLE.search(text) or isinstance(item, (dict, list)):
            reason = f"the header {name} cannot carry {item!r}"
            raise ExpressionFailed(template.at, reason)
        yield name, text


def as_address(name: str, text: str) -> str:
    """*text* with what an address cannot hold percent-encoded (RFC 3986, 2.1).

    What is encoded already stays so. Of a Link, the targets are addresses.
    """
    if name.lower() != "link":
        return quote(text, safe=_IN_ADDRESS)
    address = _TARGETS.sub(
        lambda match: f"<{quote(match[0][1:-1], safe=_IN_ADDRESS)}>", text
    )
    return UNSENDABLE.sub(lambda match: quote(match[0]), address)
