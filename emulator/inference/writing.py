"""Writing: YAML that people read: short things in one line, and comments above parts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from emulator.json_type import Json

WIDTH = 100
_PLAIN = re.compile(
    r"[A-Za-z_/.$][A-Za-z0-9_/.$@+-]*(?: [A-Za-z0-9_/.$@+(-][A-Za-z0-9_/.$@+()-]*)*"
)
_OTHER = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|\.inf|\.nan|[-+]?\.[0-9].*|[-+]?[0-9].*)|~|\.\.\.|---"
)
"""What YAML reads as something else than a text, in one version or another."""


class Noted(NamedTuple):
    """A value with a comment above it."""

    value: Json
    note: str


class Off(NamedTuple):
    """A part that is only a comment, ready to be enabled, and why."""

    value: Json
    note: str


def write(tree: Mapping[str, Json], head: str = "") -> str:
    """*tree* as YAML, with a comment *head* above it."""
    lines = [*_comment(head, "")] if head else []
    for at, (key, value) in enumerate(tree.items()):
        entry = [*_entry(key, value, "")]
        if at > 2 and len(entry) > 1 and lines and lines[-1]:
            lines.append("")
        lines += entry
        if at > 2 and len(entry) > 1:
            lines.append("")
    return "\n".join(lines).strip("\n") + "\n"


def write_records(records: list[dict[str, Json]], head: str = "") -> str:
    """Records as a YAML list, each in one line where it is short."""
    lines = [*_comment(head, "")] if head else []
    long = any(len(flow(record) or "") + 2 > WIDTH for record in records)
    for record in records:
        lines += _item(record, "", in_block=long)
    return "\n".join(lines) + "\n"


def _entry(key: str, value: Json, indent: str) -> Iterator[str]:
    """The lines of one member of a mapping."""
    if isinstance(value, Off):
        yield from _comment(value.note, indent)
        for line in _entry(key, value.value, ""):
            yield f"{indent}# {line}"
        return
    if isinstance(value, Noted):
        yield from _comment(value.note, indent)
        value = value.value
    name = scalar(key, flow=True)
    short = flow(value)
    fits = short is not None and len(indent) + len(name) + 2 + len(short) <= WIDTH
    if fits or short in ("{}", "[]"):  # which have no other form
        yield f"{indent}{name}: {short}" if short else f"{indent}{name}:"
    elif isinstance(value, Mapping):
        yield f"{indent}{name}:"
        for inner, member in value.items():
            yield from _entry(inner, member, f"{indent}  ")
    elif isinstance(value, list):
        yield f"{indent}{name}:"
        for item in value:
            yield from _item(item, f"{indent}  ")
    else:
        yield f"{indent}{name}: {scalar(value, flow=False)}"


def _item(value: Json, indent: str, *, in_block: bool = False) -> Iterator[str]:
    """The lines of one item of a list; *in_block*, a mapping is not in one line."""
    if isinstance(value, (Off, Noted)):
        yield from _comment(value.note, indent)
        if isinstance(value, Off):
            for line in _item(value.value, ""):
                yield f"{indent}# {line}"
            return
        value = value.value
    short = flow(value)
    fits = short is not None and len(indent) + 2 + len(short) <= WIDTH
    if fits and not (in_block and value and isinstance(value, Mapping)):
        yield f"{indent}- {short}"
    elif isinstance(value, Mapping):
        lines = [
            line
            for inner, member in value.items()
            for line in _entry(inner, member, f"{indent}  ")
        ]
        yield f"{indent}- {lines[0].strip()}"
        yield from lines[1:]
    elif isinstance(value, list):
        yield f"{indent}-"
        for item in value:
            yield from _item(item, f"{indent}  ")
    else:
        yield f"{indent}- {scalar(value, flow=False)}"


def flow(value: Json) -> str | None:
    """*value* in one line, as it stands in a mapping; None where a comment is in it."""
    if isinstance(value, Mapping):
        if not value:
            return "{}"
        parts = []
        for key, member in value.items():
            text = flow(member)
            if text is None or member is EMPTY:
                return None
            name = scalar(key, flow=True)
            parts.append(f"{name}: {_inside(member, text)}")
        return f"{{{', '.join(parts)}}}"
    if isinstance(value, (Noted, Off)):
        return None
    if isinstance(value, list):
        items = [flow(item) for item in value]
        if None in items:
            return None
        texts = [
            _inside(item, str(text)) for item, text in zip(value, items, strict=True)
        ]
        return f"[{', '.join(texts)}]"
    return "" if value is EMPTY else scalar(value, flow=False)


def _inside(value: Json, text: str) -> str:
    """*text* of *value* where it stands between braces."""
    return text if isinstance(value, (Mapping, list)) else scalar(value, flow=True)


class _Empty:
    """Nothing after the colon, as for a collection of which nothing is said."""


EMPTY = _Empty()


def scalar(value: Json, *, flow: bool) -> str:
    """A text, a number, true, false or null as YAML."""
    return _text(value, flow) if isinstance(value, str) else json.dumps(value)


@lru_cache(4096)
def _text(value: str, flow: bool) -> str:
    # The same names come again and again.
    if _PLAIN.fullmatch(value) and not _OTHER.fullmatch(value):
        return value
    if not flow and _is_template(value):
        return value
    return _quoted(value)


def _is_template(text: str) -> bool:
    """Whether *text* is an expression that stands plainly outside of braces."""
    return bool(re.fullmatch(r"\$\{[^\n#]*\}", text)) and ": " not in text


def _quoted(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    # YAML knows no surrogates, and reads these as ends of lines or not at all.
    return re.sub(
        "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]",
        lambda found: f"\\u{ord(found[0]):04x}",
        quoted,
    )


def _comment(text: str, indent: str) -> Iterator[str]:
    room = max(WIDTH - len(indent) - 2, 40)
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            if line and len(line) + 1 + len(word) > room:
                yield f"{indent}# {line}"
                line = ""
            line = f"{line} {word}" if line else word
        yield f"{indent}# {line}".rstrip()
