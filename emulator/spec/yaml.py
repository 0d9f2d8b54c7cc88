"""YAML: one file as plain JSON values, with the place of each.

Only what JSON can say is read: no anchors, no tags, no dates, and `no`, `012` and
`1:30` are texts. The events of the parser are consumed in a loop, so depth costs no
more than the length of the file. In what somebody else has written, aliases and merge
keys are taken as well, as far as `anchors` lets them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml as pyyaml

from emulator.diagnostics import Diagnostic, Location, Report
from emulator.spec.anchors import MERGE, Anchors, merge
from emulator.spec.document import Document, Place, Pointer, kind_of, split_lines

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 100
_PARSERS_DEPTH = "maximum nesting depth"
"""What libyaml says since 0.2.6, which looks ahead and has a limit (1 000) of its own."""
MAX_PROBLEMS = 100
"""Reading stops here: a hostile file shall not buy a hostile report."""

_LOADER: Any = getattr(pyyaml, "CSafeLoader", pyyaml.SafeLoader)
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
}
_CONSTANTS |= {"true": True, "True": True, "TRUE": True}
_CONSTANTS |= {"false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(
    r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SURROGATES = re.compile(
    r"((?<!\\)(?:\\\\)*)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE
)
_SYNTAX_FIXES = (
    ("mapping values are not allowed", "put a text that contains ': ' in quotes"),
    ("cannot start any token", "put the text in quotes"),
    ("expected ',' or", "close the bracket, or quote texts with { } [ ] , : or #"),
    ("could not find expected ':'", "write `key: value`, or indent the text further"),
    ("unexpected end of stream", "close what was opened"),
)


def parse(
    text: bytes,
    file: str,
    report: Report,
    *,
    most_bytes: int = MAX_BYTES,
    most_levels: int = MAX_DEPTH,
    foreign: bool = False,
) -> Document | None:
    """Read one file, or add everything that is wrong with it to *report*.

    In a *foreign* one, aliases, tags and numbers of any size are taken as they are.
    """
    decoded = _decode(text, file, report, most_bytes)
    if decoded is None:
        return None
    if file.endswith(".json"):
        decoded = _SURROGATES.sub(_join_surrogates, decoded)
    reading = _Reading(
        Document(file, None, split_lines(decoded)), most_levels, foreign=foreign
    )
    reading.read(decoded)
    for problem in reading.problems:
        report.add(problem)
    # These leave a document: the rest of it is looked at as well.
    harmless = ["yaml-duplicate-key", *(["yaml-alias"] if foreign else [])]
    unread = any(problem.code not in harmless for problem in reading.problems)
    return None if unread else reading.document


def parse_mapping(text: bytes, file: str, report: Report) -> Document | None:
    """Like `parse`, for a file that has to be a mapping."""
    document = parse(text, file, report)
    if document is None or isinstance(document.data, dict):
        return document
    what = f"the file holds {kind_of(document.data)}, not a mapping"
    why = "its top level is made of `key: value` lines"
    report.add(document.diagnostic((), "yaml-not-a-mapping", what, why))
    return None


class _ReadingError(Exception):
    """What follows cannot be read."""


@dataclass(eq=False, repr=False)
class _Open:
    """A mapping or list whose end has not come yet."""

    value: Any
    pointer: Pointer
    key: str | None = None
    merges: bool = False
    """It has a merge key."""
    since: Place = (0, 0)
    """Where the last key around it stands that had been written before: what it holds is
    written twice only if it stands twice behind this place."""
    inner: Place = (0, 0)
    """The same for what is inside of the value that comes next."""


class _Reading:
    def __init__(
        self, document: Document, most_levels: int, *, foreign: bool = False
    ) -> None:
        self.document = document
        self._most_levels = most_levels
        self.problems: list[Diagnostic] = []
        self._open: list[_Open] = []
        self._documents = 0
        self._foreign = foreign
        self._anchors = Anchors()

    def read(self, text: str) -> None:
        try:
            for event in pyyaml.parse(text, Loader=_LOADER):
                self._take(event)
            if self._documents == 0:
                self._empty((1, 1))
        except pyyaml.MarkedYAMLError as error:
            self._syntax(error)
        except pyyaml.YAMLError as error:
            self.problems.append(self._diagnostic((1, 1), "yaml-syntax", str(error)))
        except _ReadingError:
            pass

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind is pyyaml.ScalarEvent:
            self._marks(event)
            self._scalar(event)
        elif kind is pyyaml.MappingStartEvent:
            self._marks(event)
            self._begin({}, event)
        elif kind is pyyaml.SequenceStartEvent:
            self._marks(event)
            self._begin([], event)
        elif kind in (pyyaml.MappingEndEvent, pyyaml.SequenceEndEvent):
            self._close(self._open.pop(), event)
        elif kind is pyyaml.AliasEvent and self._foreign:
            self._alias(event)
        elif kind is pyyaml.AliasEvent:
            self._refuse_alias(event, f"the alias '*{event.anchor}' is not allowed")
            self._attach(f"*{event.anchor}", _place(event))
        elif kind is pyyaml.DocumentStartEvent:
            self._documents += 1
            if self._documents == 2:
                what = "a second document begins here"
                fix = "remove the line `---`, or move what follows to its own file"
                self._problem(_place(event), "yaml-multiple-documents", what, fix=fix)
                raise _ReadingError

    def _scalar(self, event: Any) -> None:
        at, plain = _place(event), event.implicit[0]
        parent = self._open[-1] if self._open else None
        if event.anchor is not None and self._foreign:
            named = self._plain(event) if plain else event.value
            self._anchors.name(event.anchor, named)
        if parent is None and plain and not event.value:
            self._empty(at)
        elif parent is not None and type(parent.value) is dict and parent.key is None:
            if plain and event.value == MERGE and self._foreign:
                parent.merges = True
            elif plain and event.value == MERGE:
                self._refuse_alias(event, "the merge key '<<' is not allowed")
            self._key(parent, event.value, at)
        else:
            self._attach(self._plain(event) if plain else event.value, at)

    def _alias(self, event: Any) -> None:
        around = [each.value for each in self._open]
        levels = self._most_levels - len(around)
        try:
            value = self._anchors.value(event.anchor, levels, around)
        except ValueError as error:
            what = f"the alias '*{event.anchor}' stands for nothing"
            fix = "write the value out there"
            self._problem(_place(event), "yaml-alias", what, str(error), fix)
            value = None
        parent = self._open[-1] if self._open else None
        if parent is not None and type(parent.value) is dict and parent.key is None:
            self._key(parent, str(value), _place(event))
        else:
            self._attach(value, _place(event))

    def _close(self, closed: _Open, event: Any) -> None:
        if closed.merges and not merge(closed.value):
            what = "the merge key '<<' names no mapping"
            fix = "write an alias of a mapping there, such as `<<: *common`"
            self._problem(_place(event), "yaml-alias", what, fix=fix)

    def _key(self, parent: _Open, key: str, at: Place) -> None:
        pointer = (*parent.pointer, key)
        first = self.document.keys.get(pointer)
        self.document.keys[pointer] = at
        if first is not None and first > parent.since:
            what = f"the key {key!r} is written twice in one mapping"
            why = f"the first one stands at {Location(self.document.file, *first)}"
            fix = "remove one of the two, or merge what they hold"
            self._problem(at, "yaml-duplicate-key", what, why, fix)
        parent.inner = parent.since if first is None else at
        parent.key = key

    def _begin(self, value: Any, event: Any) -> None:
        at = _place(event)
        if len(self._open) == self._most_levels:
            self._too_deep(at)
            raise _ReadingError
        parent = self._open[-1] if self._open else None
        if parent is not None and type(parent.value) is dict and parent.key is None:
            what = f"{kind_of(value)} cannot be a key"
            fix = "use a text as key; quote it when it starts with { or ["
            self._problem(at, "yaml-syntax", what, "a key is a text", fix)
            parent.key = ""
            self._open.append(_Open(value, (*parent.pointer, "")))
        else:
            since = parent.inner if parent is not None else (0, 0)
            opened = _Open(value, self._attach(value, at), since=since, inner=since)
            self._open.append(opened)
        if event.anchor is not None:
            self._anchors.name(event.anchor, value)

    def _attach(self, value: Any, at: Place) -> Pointer:
        """Put *value* where the reading has come to; the answer is its pointer."""
        pointer: Pointer = ()
        if not self._open:
            self.document.data = value
        elif type((parent := self._open[-1]).value) is list:
            pointer = (*parent.pointer, len(parent.value))
            parent.value.append(value)
        elif parent.key is None:  # an alias in the place of a key: refused already
            parent.key = value
            return pointer
        else:
            pointer = (*parent.pointer, parent.key)
            parent.value[parent.key] = value
            parent.key = None
        self.document.positions[pointer] = at
        return pointer

    def _plain(self, event: Any) -> Any:
        """The value of an unquoted scalar, as in YAML 1.2's JSON-like core."""
        text: str = event.value
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _INTEGER.fullmatch(text):
            if self._foreign and len(text) > 18:
                return _as_json_has_it(text)
            if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
                self._number(event, "a whole number has at most 64 bits")
                return 0
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if number in (float("inf"), float("-inf")):
                if self._foreign:
                    return text
                self._number(event, "it is larger than a number of 64 bits can be")
            return number
        if _NOT_FINITE.fullmatch(text) and not self._foreign:
            self._number(event, "JSON has no such number")
        return text

    def _marks(self, event: Any) -> None:
        """Refuse the anchor and the tag of a value."""
        if self._foreign:
            return
        if event.anchor is not None:
            self._refuse_alias(event, f"the anchor '&{event.anchor}' is not allowed")
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            what = f"the tag {tag!r} is not allowed"
            why = "a file holds plain JSON values: texts, numbers, lists and mappings"
            fix = "remove the tag; put a text in quotes"
            self._problem(_place(event), "yaml-tag", what, why, fix)

    def _refuse_alias(self, event: Any, what: str) -> None:
        why = "anchors, aliases and merge keys are never expanded: limit 0"
        fix = "write the value out where it is needed"
        self._problem(_place(event), "yaml-alias", what, why, fix)

    def _number(self, event: Any, why: str) -> None:
        text = event.value if len(event.value) <= 40 else f"{event.value[:37]}..."
        what = f"{text!r} is not a number that can be kept"
        fix = "put it in quotes if a text is meant"
        self._problem(_place(event), "yaml-number", what, why, fix)

    def _empty(self, at: Place) -> None:
        fix = "write something into it, `[]` or `{}` at least, or remove it"
        self._problem(at, "yaml-empty", "the file is empty", fix=fix)

    def _syntax(self, error: pyyaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if _PARSERS_DEPTH in (error.problem or ""):
            self._too_deep(at)
            return
        before = self.document.line(at[0])[: at[1]]
        if "\t" in before and not before.strip():
            what, why = "a tab is used for indentation", "YAML indents with spaces only"
            fix = "replace the tab with spaces"
        else:
            what = error.problem or "the file is not YAML"
            why = error.context or ""
            if why and error.context_mark:
                why = f"{why} that starts in line {error.context_mark.line + 1}"
            fixes = (fix for part, fix in _SYNTAX_FIXES if part in what)
            fix = next(fixes, "check the indentation and the quotes around this line")
        self.problems.append(self._diagnostic(at, "yaml-syntax", what, why, fix))

    def _too_deep(self, at: Place) -> None:
        why = f"at most {self._most_levels} levels are read"
        what = "the file is nested too deeply"
        fix = "leave out what is nested so deeply"
        fix += ", or allow more with --openapi-levels" if self._foreign else ""
        self._problem(at, "yaml-too-deep", what, why, fix)

    def _problem(
        self, at: Place, code: str, what: str, why: str = "", fix: str = ""
    ) -> None:
        self.problems.append(self._diagnostic(at, code, what, why, fix))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _ReadingError

    def _diagnostic(
        self, at: Place, code: str, what: str, why: str = "", fix: str = ""
    ) -> Diagnostic:
        place, line = Location(self.document.file, *at), self.document.line(at[0])
        return Diagnostic(place, code, what, why, fix, line)


def _as_json_has_it(text: str) -> int | float:
    """A whole number: one of more than 64 bits is rounded, as readers of JSON do."""
    number = int(text) if len(text) <= 20 else float(text)
    return number if -(2**63) <= number < 2**64 else float(number)


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _decode(raw: bytes, file: str, report: Report, most: int) -> str | None:
    def refuse(at: Place, code: str, what: str, why: str, fix: str) -> None:
        report.add(Diagnostic(Location(file, *at), code, what, why, fix))

    fix = "save the file as UTF-8"
    if len(raw) > most:
        why = f"at most {most // 1024**2} MiB are read"
        what = f"the file has {len(raw):,} bytes"
        refuse((1, 1), "yaml-too-large", what, why, "split the file")
        return None
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        why = "it begins with the mark of UTF-16"
        refuse((1, 1), "yaml-encoding", "the file is not UTF-8", why, fix)
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = _place_after(error.object[: error.start].decode("utf-8"))
        what = f"the byte 0x{error.object[error.start]:02X} is not UTF-8"
        refuse(at, "yaml-encoding", what, str(error.reason), fix)
        return None
    if found := _FORBIDDEN.search(text):
        at = _place_after(text[: found.start()])
        what = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
        fix = 'remove it, or write it as an escape in double quotes: "\\x.."'
        refuse(at, "yaml-encoding", what, "control characters cannot be seen", fix)
        return None
    return text


def _place_after(text: str) -> Place:
    lines = split_lines(text)
    return len(lines), len(lines[-1]) + 1


def _join_surrogates(found: re.Match[str]) -> str:
    """JSON writes a character beyond U+FFFF as two escapes, which YAML refuses."""
    high, low = int(found[2], 16) - 0xD800, int(found[3], 16) - 0xDC00
    return f"{found[1]}\\U{0x10000 + (high << 10) + low:08x}"
