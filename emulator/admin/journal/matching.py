"""Matching: how an entry stands to a question, matcher by matcher."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple
from urllib.parse import unquote

from emulator.admin.journal.credential_names import credential_of
from emulator.admin.journal.entry import decoded
from emulator.admin.journal.mask import Mask
from emulator.admin.journal.patterns import ABSENT, difference, is_text, pattern_of
from emulator.admin.journal.question import UNKNOWN, Since
from emulator.exchange.entry import Entry
from emulator.http.query import query_pairs
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.world.journal import Journal


class Differs(NamedTuple):
    """A matcher that does not agree, and why; secrets are masked."""

    matcher: str
    """`status`, or with the place inside: `query.page`, `body.salary.min`."""
    expected: Json
    actual: Json


class _Bare(Mask):
    """Hides nothing: for comparing, where nobody sees what is compared.

    A mask costs more than all the rest of a comparison.
    """

    def __init__(self) -> None:
        pass

    def text(self, text: str) -> str:
        return text

    def header(self, name: str, value: str) -> str:  # noqa: ARG002
        return value

    def path(self, path: str, template: str | None = None) -> str:  # noqa: ARG002
        return path

    def json(self, value: Json, name: str = "") -> Json:  # noqa: ARG002
        return value


_BARE = _Bare()


class Seen:
    """An entry, as far as a question has looked at it."""

    def __init__(self, entry: Entry, program: Program) -> None:
        self.entry = entry
        self.program = program

    @cached_property
    def mask(self) -> Mask:
        return Mask(self.entry, self.program)

    @cached_property
    def credential(self) -> str | None:
        return credential_of(self.entry)

    @cached_property
    def query(self) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for name, value in query_pairs(self.entry.query):
            values.setdefault(name, []).append(value)
        return values

    @cached_property
    def headers(self) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for name, value in decoded(self.entry.request_headers):
            values.setdefault(name.lower(), []).append(value)
        return values

    @cached_property
    def paths(self) -> list[str]:
        """The path as it can be written: with the provider's own beginning, or without."""
        whole, begins = self.entry.path, self.program.base_path
        paths = [whole]
        if begins and whole.startswith(begins + "/"):
            paths.append(whole.removeprefix(begins))
        return [*paths, *map(unquote, paths)]

    def agrees(self, question: Mapping[str, Json]) -> bool:
        """Whether every matcher of *question* agrees."""
        return next(self.bare.differs(question), None) is None

    @cached_property
    def bare(self) -> Seen:
        """The same with its secrets: what differs from it is not to be shown."""
        bare = Seen(self.entry, self.program)
        bare.mask = _BARE
        return bare

    def differs(self, question: Mapping[str, Json]) -> Iterator[Differs]:
        """The matchers that do not agree, each with the first reason."""
        for name, expected in question.items():
            if name != "since":
                differs = _MATCHERS[name](self, name, expected)
                if differs is not None:
                    yield differs


def since(journal: Journal[Entry], question: Mapping[str, Json]) -> Iterator[Entry]:
    """The entries that a question is about."""
    start = question.get("since")
    if isinstance(start, Since):
        return (entry for entry in journal if entry.at >= start.at)
    return journal.after(0 if start is None else start)


def _plain(actual: Callable[[Seen], str | None]) -> Callable[..., Differs | None]:
    def match(seen: Seen, name: str, expected: Json) -> Differs | None:
        value = actual(seen)
        return None if is_text(expected, value) else Differs(name, expected, value)

    return match


def _path(seen: Seen, name: str, expected: Json) -> Differs | None:
    if any(is_text(expected, path) for path in seen.paths):
        return None
    operation = seen.program.operations.get(seen.entry.operation or "")
    path = seen.mask.path(seen.entry.path, operation.path if operation else None)
    return Differs(name, seen.mask.json(expected), path)


def _status(seen: Seen, name: str, expected: Json) -> Differs | None:
    status = seen.entry.status
    agrees = expected in (status, f"{status // 100}xx")
    return None if agrees else Differs(name, expected, status)


def _credential(seen: Seen, name: str, expected: Json) -> Differs | None:
    entry = seen.entry
    if expected == UNKNOWN and entry.claim is not None and entry.credential is None:
        return None
    # Whom nobody knows has no name, and what stands for it is no name to ask for.
    named = seen.credential if entry.credential is not None else None
    if expected is None:
        agrees = entry.claim is None
    else:
        agrees = named is not None and is_text(expected, named)
    return None if agrees else Differs(name, expected, seen.credential)


def _named(
    place: Callable[[Seen], Mapping[str, list[str]]],
    spelled: Callable[[str], str],
    shown: Callable[[Seen, str, str], str],
) -> Callable[..., Differs | None]:
    def match(seen: Seen, name: str, expected: Json) -> Differs | None:
        values = place(seen)
        for inner, wanted in expected.items():
            actual = values.get(spelled(inner), [])
            if not _is_among(wanted, actual):
                show = [shown(seen, inner, value) for value in actual]
                return Differs(
                    f"{name}.{inner}",
                    shown(seen, inner, wanted) if isinstance(wanted, str) else wanted,
                    (show[0] if len(show) == 1 else show) if show else ABSENT,
                )
        return None

    return match


def _is_among(wanted: Json, actual: list[str]) -> bool:
    """Whether one of *actual* is wanted; a list wants all of them, in their order."""
    if wanted is None:
        return not actual
    if isinstance(wanted, list):
        return len(wanted) == len(actual) and all(map(is_text, wanted, actual))
    return any(is_text(wanted, value) for value in actual)


def _show_parameter(seen: Seen, name: str, value: str) -> str:
    return str(seen.mask.json(value, name))


def _show_header(seen: Seen, name: str, value: str) -> str:
    return seen.mask.header(name, value)


def _body(seen: Seen, name: str, expected: Json) -> Differs | None:
    entry, loose = seen.entry, False
    kind, actual = entry.read_request()
    if kind in ("form", "parts"):
        actual, loose = dict(actual), True
    elif kind == "bytes":
        actual = Mask(entry, seen.program).of_kind(kind, actual, entry.request_body)
    if kind in ("form", "parts") and (
        isinstance(expected, str) or pattern_of(expected)
    ):
        actual, loose = entry.request_body.decode("latin-1"), False
    differs = difference(expected, actual, loose=loose)
    if differs is None:
        return None
    last = next((part for part in reversed(differs.path) if not part.isdigit()), "")
    return Differs(
        ".".join((name, *differs.path)),
        seen.mask.json(differs.expected, last),
        seen.mask.json(differs.actual, last),
    )


_MATCHERS: Mapping[str, Callable[[Seen, str, Json], Differs | None]] = {
    "provider": _plain(lambda seen: seen.entry.provider),
    "operation": _plain(lambda seen: seen.entry.operation),
    "method": _plain(lambda seen: seen.entry.method),
    "path": _path,
    "status": _status,
    "refused_by": _plain(lambda seen: seen.entry.refused_by),
    "refusal": _plain(lambda seen: seen.entry.refusal),
    "credential": _credential,
    "query": _named(lambda seen: seen.query, str, _show_parameter),
    "headers": _named(lambda seen: seen.headers, str.lower, _show_header),
    "body": _body,
}
