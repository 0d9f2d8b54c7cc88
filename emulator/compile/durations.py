"""Durations: `90s`, `1m`, `24h`, `500ms`, `7d` as seconds."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_FORM = re.compile(r"^(\d+(?:\.\d+)?)(ms|s|m|h|d)$")


def seconds(text: str) -> float:
    """The length of a duration in seconds. Raises `ValueError` for another form."""
    found = _FORM.match(text)
    if found is None:
        raise ValueError(f"{text!r} is not a duration: write 90s, 1m, 24h or 7d")
    return float(found[1]) * _UNITS[found[2]]
