"""JSON: one file as values, whose places are looked for when a diagnostic needs one.

Published documents have megabytes, and hardly ever a mistake. So the values are read at
once, and the text is searched only along the way to what is asked for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import orjson

from emulator.diagnostics import Diagnostic, Location, Report
from emulator.spec.document import Document, Pointer

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]', re.DOTALL)
_VALUE = re.compile(rb"[^\s:,]")
_SPACE_BEHIND_KEY = re.compile(rb'"(?<!\\")\s++:')
"""Inside of a text, a quote has a backslash before it."""
_LONG = 2_000
"""A line longer than this one is not shown: nobody wrote it."""


def parse(text: bytes, file: str, report: Report, most_levels: int) -> Document | None:
    """Read one file, or add what is wrong with it to *report*."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        document = JsonDocument(file, orjson.loads(text), text)
    except orjson.JSONDecodeError as error:
        at = Location(file, error.lineno, error.colno)
        if "depth" in str(error):
            _refuse_depth(at, report, most_levels)
            return None
        what, _, _ = str(error).partition(":")
        line = text.split(b"\n", error.lineno)[error.lineno - 1][:_LONG]
        report.add(
            Diagnostic(
                at,
                "json-syntax",
                "the file is not JSON",
                what,
                "check the commas, the quotes and the brackets before this place",
                line.decode(errors="replace"),
            )
        )
        return None
    members = _count_members(document.data, most_levels)
    if members is None:
        deep = _deep_pointer(document.data, most_levels)
        _refuse_depth(document.locate(deep), report, most_levels)
        return None
    if _count_keys(text) > members:
        document.report_repeated(report)
    return document


class JsonDocument(Document):
    """A document in JSON: its places are found in the text when one is asked for."""

    def __init__(self, file: str, data: object, text: bytes) -> None:
        super().__init__(file, data)
        self._text = text
        self._breaks: list[int] | None = None
        self._known: dict[int, dict[str | int, tuple[int, int]]] = {}
        """The places of the members of a mapping or list, by its own."""

    def locate(self, pointer: Sequence[str | int], *, key: bool = False) -> Location:
        key_at, value_at = self._offset(pointer)
        return self._location(key_at if key else value_at)

    def _offset(self, pointer: Sequence[str | int]) -> tuple[int, int]:
        """Where the key and the value stand, or those of the nearest ancestor."""
        at = _VALUE.search(self._text)
        key_at = value_at = at.start() if at else 0
        for name in pointer:
            found = self._members(value_at).get(name)
            if found is None:
                return value_at, value_at
            key_at, value_at = found
        return key_at, value_at

    def extent(self, pointer: Pointer) -> tuple[list[Pointer], int]:
        value = self.data
        for name in pointer:
            value = value[name]
        inside: list[Pointer] = []
        waiting: list[tuple[object, Pointer]] = [(value, pointer)]
        while waiting:
            value, at_pointer = waiting.pop()
            inside.append(at_pointer)
            below = [(member, (*at_pointer, key)) for key, member in _members_of(value)]
            waiting += reversed(below)
        at = self._offset(pointer)[1]
        return inside, self._location(self._end(at)).line

    def _end(self, start: int) -> int:
        """Where the value ends that begins at *start*."""
        level, end = 0, start
        for token in _TOKEN.finditer(self._text, start):
            kind, end = token[0][:1], token.end() - 1
            level += (kind in b"{[") - (kind in b"}]")
            if level <= 0:
                return end if kind in b'"}]' and level == 0 else start
        return end

    def line(self, number: int) -> str:
        breaks = self._line_breaks()
        if not 0 < number <= len(breaks) + 1:
            return ""
        start = breaks[number - 2] + 1 if number > 1 else 0
        end = breaks[number - 1] if number <= len(breaks) else len(self._text)
        if end - start > _LONG:
            return ""
        return self._text[start:end].decode(errors="replace").rstrip("\r")

    def report_repeated(self, report: Report) -> None:
        """Report each key that a mapping has twice: the last one counts."""
        names: list[dict[bytes, int] | None] = []
        """The keys of the mappings around a place, with where they stand; None: a list."""
        before, at = b"", 0
        for token in _TOKEN.finditer(self._text):
            kind = token[0][:1]
            if kind in b"{[":
                names.append({} if kind == b"{" else None)
            elif kind in b"}]":
                names.pop()
            elif kind == b'"':
                before, at = token[0], token.start()
            elif kind == b":" and names[-1] is not None:
                first = names[-1].setdefault(before, at)
                if first != at:
                    report.add(self._repeated(before, at, first))

    def _repeated(self, key: bytes, at: int, first: int) -> Diagnostic:
        where = self._location(at)
        return Diagnostic(
            where,
            "json-duplicate-key",
            f"the key {orjson.loads(key)!r} is written twice in one mapping",
            f"the first one stands at {self._location(first)}, and nothing comes of it",
            "remove one of the two, or merge what they hold",
            self.line(where.line),
        )

    def _location(self, at: int) -> Location:
        breaks = self._line_breaks()
        line = bisect_right(breaks, at - 1)
        start = breaks[line - 1] + 1 if line else 0
        column = len(self._text[start:at].decode(errors="replace")) + 1
        return Location(self.file, line + 1, column)

    def _line_breaks(self) -> list[int]:
        if self._breaks is None:
            self._breaks = [found.start() for found in re.finditer(b"\n", self._text)]
        return self._breaks

    def _members(self, at: int) -> dict[str | int, tuple[int, int]]:
        if at not in self._known:
            self._known[at] = dict(self._read_members(at))
        return self._known[at]

    def _read_members(self, at: int) -> Iterator[tuple[str | int, tuple[int, int]]]:
        """The key and the value of each member of what stands at *at*, as offsets."""
        text, level, index = self._text, 0, 0
        opening = text[at : at + 1]
        if opening not in (b"{", b"["):
            return
        is_list, name, key_at = opening == b"[", b"", at
        first = _VALUE.search(text, at + 1)
        if is_list and first is not None and first[0] != b"]":
            yield 0, (first.start(), first.start())
        for token in _TOKEN.finditer(text, at):
            kind = token[0][:1]
            if kind in b"{[":
                level += 1
            elif kind in b"}]":
                level -= 1
                if not level:
                    return
            elif level != 1:
                continue
            elif is_list and kind == b",":
                index += 1
                found = _VALUE.search(text, token.end())
                start = found.start() if found else token.end()
                yield index, (start, start)
            elif kind == b'"':
                name, key_at = token[0], token.start()
            elif kind == b":" and not is_list:
                found = _VALUE.search(text, token.end())
                start = found.start() if found else token.end()
                yield orjson.loads(name), (key_at, start)


def _count_keys(text: bytes) -> int:
    """How many keys stand in a document."""
    plain = text.count(b'":') - text.count(b'\\":')
    return plain + len(_SPACE_BEHIND_KEY.findall(text))


def _count_members(data: object, most: int) -> int | None:
    """How many members all mappings in *data* have; None: it has more levels than *most*."""
    members, level = 0, [data]
    for _ in range(most):
        below: list[object] = []
        for value in level:
            if isinstance(value, dict):
                members += len(value)
                below += value.values()
            elif isinstance(value, list):
                below += value
        level = [value for value in below if type(value) in (dict, list)]
        if not level:
            return members
    return None


def _members_of(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from enumerate(value)


def _deep_pointer(data: object, most: int) -> Pointer:
    waiting: list[tuple[object, Pointer]] = [(data, ())]
    while waiting:
        value, pointer = waiting.pop()
        if len(pointer) == most:
            return pointer
        waiting += (
            (member, (*pointer, key))
            for key, member in _members_of(value)
            if isinstance(member, dict | list)
        )
    return ()


def _refuse_depth(at: Location, report: Report, most: int) -> None:
    report.add(
        Diagnostic(
            at,
            "json-too-deep",
            "the file is nested too deeply",
            f"at most {most} levels are read",
            "leave out what is nested so deeply, or allow more with --openapi-levels",
        )
    )
