"""Patterns: regular expressions that a spec holds, and what is wrong with them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<close>\))"
    r"|(?P<look>\(\?<?[=!])"
    r"|(?P<open>\((?:\?(?::|P?<\w+>))?)"
    r"|(?P<either>\|)"
    r"|(?P<atom>\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.)",
    re.DOTALL,
)
_QUANTIFIER = re.compile(r"(?P<many>[*+]|\{(?P<least>\d+),\})|\?|\{\d+(,\d+)?\}")


def error_in(pattern: str) -> str | None:
    """Why *pattern* is no regular expression of JSON Schema, if it is none."""
    import jsonschema_rs

    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except jsonschema_rs.ValidationError:
        return _python_error(pattern)
    return None


@dataclass(eq=False, repr=False)
class _Group:
    repeats: bool = False
    """Something in this branch may be repeated without end."""
    separated: bool = False
    """Something in this branch has to stand between the repetitions."""
    suspicious: bool = False
    """A branch before this one only repeats."""


def nests_quantifiers(pattern: str) -> bool:
    """Whether a repetition repeats nothing but repetitions, as in `(a+)+`.

    A text can then be split among them in more ways than anyone can try. Something
    that has to stand between the repetitions, as in `(-[a-z]+)*`, makes it harmless.
    """
    groups, position = [_Group()], 0
    while token := _TOKEN.match(pattern, position):
        position = token.end()
        if token["open"] or token["look"]:
            groups.append(_Group())
            continue
        group = groups[-1]
        if token["either"]:
            group.suspicious |= group.repeats and not group.separated
            group.repeats = group.separated = False
            continue
        inner = None
        if token["close"]:
            if len(groups) == 1:
                return False  # not a pattern: reported elsewhere
            inner, group = groups.pop(), groups[-1]
        quantifier = _QUANTIFIER.match(pattern, position)
        if quantifier:
            position = quantifier.end()
            position += pattern[position : position + 1] in ("?", "+")
        many = bool(quantifier and quantifier["many"])
        only_repeats = inner is not None and (
            inner.suspicious or (inner.repeats and not inner.separated)
        )
        if many and only_repeats:
            return True
        if many or only_repeats:
            group.repeats = True
        elif not quantifier and token[0] not in ("^", "$"):
            group.separated = True
    return False


def _python_error(pattern: str) -> str:
    try:
        re.compile(pattern)
    except (re.error, OverflowError) as error:
        return str(error)
    except RecursionError:
        return "its groups are nested too deeply"
    return "the regular expressions of JSON Schema (ECMA 262) have no such thing"
