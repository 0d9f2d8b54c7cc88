"""Runtime: expressions of OpenAPI (3.1, 4.8.20.4) that stand for parts of a call.

"{$request.body#/callback_url}?id={$response.body#/id}"
"""

from __future__ import annotations

import re
from collections.abc import Callable

_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_SOURCE = rf"(?:header\.{_NAME}|query\.[^{{}}]+|path\.[^{{}}]+|body(?:#[^{{}}]*)?)"
_EXPRESSION = rf"\$(?:url|method|statusCode|(?:request|response)\.{_SOURCE})"
_ALONE = re.compile(_EXPRESSION)
_HOLE = re.compile(rf"\{{({_EXPRESSION})\}}")


def is_address(text: str) -> bool:
    """Whether *text* is an address whose expressions can be read."""
    if text.startswith("$"):
        return _ALONE.fullmatch(text) is not None
    return not set("{}") & set(_HOLE.sub("", text))


def filled(text: str, look_up: Callable[[str], str]) -> str:
    """The address *text* with what *look_up* says of each expression in it.

    It is empty where one of them stands for nothing.
    """
    if text.startswith("$"):
        return look_up(text)
    found = {name: look_up(name) for name in _HOLE.findall(text)}
    if not all(found.values()):
        return ""
    return _HOLE.sub(lambda hole: found[hole[1]], text)
