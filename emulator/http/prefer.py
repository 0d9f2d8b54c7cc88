"""Prefer: what a client would like of a reply (RFC 7240)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_QUOTED = r'"(?:[^"\\]|\\(?s:.))*(?:"|\Z)'
_PREFERENCE = re.compile(rf"(?:[^,\"]|{_QUOTED})+")
_PARAMETER = re.compile(rf"(?:[^;\"]|{_QUOTED})+")
_MOST = 50


def preferences(prefer: str) -> dict[str, str]:
    """What a Prefer header asks for, by name in lower case; of a name, the first counts.

    `code=404, example="no pet"; wait=5`  ->  {"code": "404", "example": "no pet"}
    """
    found: dict[str, str] = {}
    for preference in _PREFERENCE.findall(prefer)[:_MOST]:
        parts = _PARAMETER.findall(preference)
        name, _, value = (parts[0] if parts else "").partition("=")
        if name.strip():
            found.setdefault(name.strip().lower(), _unquoted(value.strip()))
    return found


def applied(preferred: Iterable[tuple[str, str]]) -> str:
    """What Preference-Applied says of the preferences that were followed."""
    return ", ".join(f"{name}={_quoted(value)}" for name, value in preferred)


def _unquoted(value: str) -> str:
    if len(value) > 1 and value.startswith('"') and value.endswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def _quoted(value: str) -> str:
    if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", value):
        return value
    plain = value.encode("ascii", "replace").decode()
    escaped = re.sub(r'(["\\])', r"\\\1", re.sub(r"[^ -~]", "?", plain))
    return f'"{escaped}"'
