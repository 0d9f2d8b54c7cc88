"""Patterns: regular expressions that a spec holds, and what is wrong with them."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def error_in(pattern: str) -> str | None:
    """Why *pattern* is no regular expression of JSON Schema, if it is none."""
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except jsonschema_rs.ValidationError:
        return _python_error(pattern)
    return None


def _python_error(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        return str(error)
    except RecursionError:
        return "its groups are nested too deeply"
    return "the regular expressions of JSON Schema (ECMA 262) have no such thing"
