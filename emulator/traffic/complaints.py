"""Complaints: what the reply to a refused call says of each of its inputs.

{"errors": {"title": ["is too short"]}}         title: is too short
[{"loc": ["body", "title"], "msg": "..."}]      title: ...
{"message": "title and place are required."}    title, place: title and place are required.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from emulator.json_type import Json

Path = tuple[str, ...]
Complaints = Mapping[Path, str]
_SEPARATORS = re.compile(r"[.\[\]/]+")
_FIRST_WORDS = 8
"""So far into a text, an input is named that the text is about."""
_LONGEST = 300
_TELLING = ("message", "messages", "detail", "details", "error", "errors", "reason", "status",
            "code", "title", "type", "description")  # fmt: skip
"""Members of errors themselves, whatever inputs are called."""


def complaints(error: Json, names: Collection[str]) -> dict[Path, str]:
    """What *error* says of each input among *names*, by the path to it."""
    found: dict[Path, str] = {}
    for path, text in _said(error, {*names}, root=True):
        found.setdefault(path, text)
    return found


def _said(
    value: Json, names: set[str], *, root: bool = False
) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        paths = [path_of(str(key)) for key in value]
        about = all(path and path[0] in names for path in paths) and paths
        plain = root and all(str(key) in _TELLING for key in value)
        if about and not plain:
            for path, member in zip(paths, value.values(), strict=True):
                yield path, text_in(member)
            return
        named = _named(value, names)
        if named:
            yield named, text_in([m for m in value.values() if _is_sentence(m)])
            return
        for member in value.values():
            yield from _said(member, names)
    elif isinstance(value, list):
        for item in value:
            yield from _said(item, names)
    elif isinstance(value, str):
        for name in leading_names(value, names):
            yield (name,), value[:_LONGEST]


def path_of(text: str) -> Path:
    """`candidate.email`, `/candidate/email` or `candidate[email]` as a path."""
    return tuple(part for part in _SEPARATORS.split(text.lstrip("$")) if part)


def _named(value: Mapping[str, Json], names: set[str]) -> Path:
    """The input that an object says it is about; () for none."""
    for key, member in value.items():
        if isinstance(member, str) and key not in ("message", "title"):
            path = path_of(member)
            if path and path[0] in names and " " not in member:
                return path
        elif isinstance(member, list) and all(
            isinstance(m, (str, int)) for m in member
        ):
            parts = tuple(map(str, member))
            for at, part in enumerate(parts[:2]):
                if part in names and key in ("loc", "path", "location"):
                    return parts[at:]
        elif isinstance(member, dict) and key == "source":
            pointer = path_of(str(member.get("pointer") or member.get("parameter", "")))
            inner = next((at for at, p in enumerate(pointer) if p in names), None)
            if inner is not None:
                return pointer[inner:]
    return ()


def _is_sentence(value: Json) -> bool:
    return isinstance(value, str) and " " in value


def text_in(value: Json) -> str:
    """The texts in *value*, as one."""
    if isinstance(value, str):
        return value[:_LONGEST]
    if isinstance(value, list):
        return " ".join(filter(None, map(text_in, value[:5])))[:_LONGEST]
    if isinstance(value, dict):
        return text_in([*value.values()])
    return ""


def leading_names(text: str, names: Collection[str]) -> list[str]:
    """The inputs that a sentence begins with, or comes to soon."""
    found = mentioned(text, names)
    if not found or found[0][0] >= _FIRST_WORDS:
        return []
    chosen = [found[0]]
    words = _words(text)
    for at, end, name in found[1:]:
        before = chosen[-1][1]
        between = [word for word in words[before:at] if word not in ("and", "or")]
        if not between:
            chosen.append((at, end, name))
    return [name for _, _, name in chosen]


def mentioned(text: str, names: Collection[str]) -> list[tuple[int, int, str]]:
    """The inputs that *text* names, with the words that they are: first, and behind it.

    `location_display` may be two words there. Of two that overlap, the longer counts.
    """
    words = _words(text)
    found: list[tuple[int, int, str]] = []
    for name in names:
        for form in ([name.lower()], name.lower().replace("-", "_").split("_")):
            end = len(form)
            found += [
                (at, at + end, name)
                for at in range(len(words) - end + 1)
                if words[at : at + end] == form
            ]
    found.sort(key=lambda each: (each[0], -each[1]))
    kept: list[tuple[int, int, str]] = []
    for each in found:
        if not kept or each[0] >= kept[-1][1]:
            kept.append(each)
    return kept


def _words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text[:_LONGEST].lower())
