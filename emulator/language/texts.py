"""Texts: a JSON value as it stands inside of a text."""

from __future__ import annotations

from emulator.json_type import Json


def to_text(value: Json) -> str:
    """Null is empty, true is `true`, lists and mappings are JSON."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, (dict, list)):
        import orjson

        return orjson.dumps(value).decode()
    return str(value)
