"""Nesting: how deep the lists and objects of a JSON text stand inside each other."""

from __future__ import annotations

import re
from itertools import accumulate

_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""One level down, or up again, as signed bytes."""
_NO_BRACKETS = bytes({*range(256)} - {*b"[{]}"})


def nested_deeper(text: bytes, most: int) -> bool:
    """Whether *text*, which is JSON, has more than *most* levels of lists and objects."""
    if text.count(b"[") + text.count(b"{") <= most:
        return False  # they cannot be deeper, wherever they are
    steps = _TEXTS.sub(b"", text).translate(_STEPS, _NO_BRACKETS)
    return max(accumulate(memoryview(steps).cast("b")), default=0) > most
