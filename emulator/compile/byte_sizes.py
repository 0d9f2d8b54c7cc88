"""Sizes: `10MB`, `512KiB`, or a plain number of bytes."""

from __future__ import annotations

import re

LARGEST = 67_108_864
"""The longest request body that a spec can ask for, in bytes."""
_FORM = re.compile(r"([0-9]{1,15})(B|kB|KB|MB|KiB|MiB)")
_UNITS = {
    "B": 1,
    "kB": 1_000,
    "KB": 1_000,
    "MB": 1_000_000,
    "KiB": 1_024,
    "MiB": 1_048_576,
}


def size(written: int | str) -> int:
    """How many bytes that is. Raises `ValueError` for another form, or for too many."""
    if isinstance(written, str):
        match = _FORM.fullmatch(written)
        if match is None:
            raise ValueError(f"{written[:60]!r} is not a size: write 10MB or 512KiB")
        number = int(match[1]) * _UNITS[match[2]]
    else:
        number = written
    if not 1 <= number <= LARGEST:
        raise ValueError(f"{written} is not between 1 byte and {LARGEST // 2**20}MiB")
    return number
