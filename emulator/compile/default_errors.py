"""Default errors: the answer to a refusal that has no row in `errors.table`.

It is the entry of its status under `errors.by_status`, or else `errors.default`. Where
a spec has no table at all it is a problem document (RFC 9457), which is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus

from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.pipeline import REFUSALS
from emulator.program.errors import ErrorPolicy
from emulator.spec.document import Pointer

Compile = Callable[[Source, str, Pointer, Mapping[str, Json]], ErrorPolicy]
"""Makes the answer to a code of an entry at its place."""

_RENAMED = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""As RFC 9110 calls them: versions of Python differ, and replies must not."""
_STATUS = re.compile("[2-5]([0-9]{2}|XX)")
_OF_ONE = frozenset({"same_as", "operations", "step", "fault"})
"""What only an entry of errors.table can say."""
UNSAID: Pointer = ("provider",)
"""The place of what a spec does not say."""
FACTS = frozenset(
    fact
    for kind in (*REFUSALS.codes.values(), *REFUSALS.families.values())
    for fact in kind.facts
)
"""What steps know of refusals: null where they do not know it of the one at hand."""


class DefaultErrors:
    """The answers to the refusals that have no row, each made when it is first asked for."""

    def __init__(self, source: Source, compile_entry: Compile) -> None:
        self._source = source
        self._compile = compile_entry
        self._checked: set[Pointer] = set()
        self._made: dict[tuple[str, str], ErrorPolicy | None] = {}

    def __call__(self, code: str, step: str) -> ErrorPolicy | None:
        """How *code* is answered when *step* refuses with it; None: nothing says."""
        key = code, step
        if key not in self._made:
            self._made[key] = self._policy(code, step)
        return self._made[key]

    def _policy(self, code: str, step: str) -> ErrorPolicy | None:
        status = REFUSALS.status(code, step)
        found = next(self._entries(status), None)
        if found is None:
            return None
        pointer, written = found
        source = self._source
        if pointer in self._checked:
            # What is wrong with the entry has been told: each code has the same.
            source = replace(source, trusted=True)
        self._checked.add(pointer)
        return self._compile(source, code, pointer, {"status": status, **written})

    def _entries(self, status: int) -> Iterator[tuple[Pointer, Mapping[str, Json]]]:
        """The entries that are for *status*, the most particular first."""
        for name in (str(status), f"{status // 100}XX"):
            pointer: Pointer = ("errors", "by_status", name)
            if self._source.get(*pointer) is not None:
                yield pointer, self._source.get(*pointer)
        written = self._source.get("errors", "default")
        if written is not None:
            yield ("errors", "default"), written
        if self._source.get("errors", "table") is None:
            yield UNSAID, {}


def check_defaults(source: Source) -> None:
    """Report what entries for many refusals cannot say, and keys that are no statuses."""
    entries = [*source.entries("errors", "by_status")]
    for at, _ in entries:
        if not _STATUS.fullmatch(str(at[-1])):
            source.problem(
                at,
                "wrong-form",
                f"{at[-1]!r} is not a status",
                "entries of errors.by_status are for one status or for a hundred of them",
                "write a status such as 404, or 4XX",
                key=True,
            )
    entries.append((("errors", "default"), source.get("errors", "default", default={})))
    for at, written in entries:
        for key in _OF_ONE & written.keys():
            source.problem(
                (*at, key),
                "unknown-key",
                f"{key!r} is not a key of {'.'.join(map(str, at))}",
                "it is about one refusal, and this is the answer to many",
                "write it in an entry of errors.table",
                key=True,
            )


def reason(code: str) -> str:
    """A sentence that says why a call is refused with *code*."""
    kind = REFUSALS.codes.get(code)
    when = kind.when if kind is not None else code.replace("_", " ")
    return when[:1].upper() + when[1:]


def problem(status: int, words: Mapping[str, Json]) -> Json:
    """The tree of a problem document (RFC 9457) whose members are *words* as well."""
    try:
        title = _RENAMED.get(status) or HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    return {"type": "about:blank", "title": title, "status": status, **words}


def challenges(source: Source) -> list[str]:
    """What a 401 asks for (RFC 9110, 11.6.1), by the schemes of openapi.yaml."""
    realm = source.openapi.title.encode("ascii", "replace").decode().replace('"', "'")
    found: dict[str, None] = {}
    for scheme in source.openapi.security_schemes.values():
        if scheme.kind == "http" and scheme.scheme == "basic":
            found[f'Basic realm="{realm}"'] = None
        elif scheme.scheme == "bearer" or scheme.kind in ("oauth2", "openIdConnect"):
            found["Bearer"] = None
    return [*found]
