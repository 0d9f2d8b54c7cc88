"""JSON Patch: a list of operations that change a JSON document one by one (RFC 6902)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from emulator.http.pointer import steps
from emulator.json_type import Json

MOST_OPERATIONS = 1_000
MOST_VALUES = 100_000
"""The most texts, numbers, lists and objects in a patched document."""
DEEPEST = 100
"""The most levels of lists and objects in a patched document."""
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_ESCAPES = re.compile(r"~(?![01])")


class BadPatch(ValueError):
    """It is no patch: there is no such operation, or it lacks something."""

    def __init__(self, at: int | None, why: str) -> None:
        super().__init__(why)
        self.at = at
        """The operation, counted from 0; None: the whole."""


class Unpatched(BadPatch):
    """An operation cannot be done to this document, which stays as it was."""


def apply_patch(document: Json, patch: Json) -> Json:
    """What *patch* makes of *document*, which is left as it is.

    Raises `BadPatch`, and `Unpatched` where only this document does not allow it.
    """
    if not isinstance(patch, list):
        raise BadPatch(None, "a patch is a list of operations")
    if len(patch) > MOST_OPERATIONS:
        raise BadPatch(None, f"it has more than {MOST_OPERATIONS} operations")
    read = [_Operation(at, written) for at, written in enumerate(patch)]
    room = _Room()
    whole = {"": room.copied(document, 0)}
    for operation in read:
        try:
            _DO[operation.name](whole, operation, room)
        except _Fails as error:
            raise Unpatched(operation.at, str(error)) from None
    return whole[""]


class _Fails(Exception):
    """Why an operation cannot be done."""


class _Operation:
    """One operation, whose members are known to be there."""

    def __init__(self, at: int, written: Json) -> None:
        if not isinstance(written, Mapping):
            raise BadPatch(at, "an operation is an object")
        self.at = at
        name = written.get("op")
        if not isinstance(name, str) or name not in _DO:
            raise BadPatch(at, f"there is no operation {str(name)[:40]!r}")
        self.name = name
        self.text = written.get("path")
        self.path = _steps(at, "path", self.text)
        self.origin: list[str] = []
        if self.name in ("move", "copy"):
            self.origin = _steps(at, "from", written.get("from"))
        if self.name in ("add", "replace", "test") and "value" not in written:
            raise BadPatch(at, f"`{self.name}` lacks its `value`")
        self.value = written.get("value")


def _steps(at: int, name: str, text: Json) -> list[str]:
    """The steps of a JSON Pointer, below the member "" that the whole document is in."""
    if not isinstance(text, str):
        raise BadPatch(at, f"the operation lacks its `{name}`")
    if (text and not text.startswith("/")) or _ESCAPES.search(text):
        raise BadPatch(at, f"`{name}` is no JSON Pointer: {text[:80]!r}")
    return ["", *steps(text)]


class _Room:
    """How much a document may still come to have: a copy of a copy doubles it."""

    def __init__(self) -> None:
        self._left = MOST_VALUES

    def copied(self, value: Json, depth: int) -> Json:
        """*value* anew, *depth* levels deep in the document."""
        self._left -= 1
        if self._left < 0:
            raise _Fails(f"it comes to more than {MOST_VALUES} values")
        if not isinstance(value, (dict, list)):
            return value
        if depth > DEEPEST:
            raise _Fails(f"it comes to be deeper than {DEEPEST} levels")
        if isinstance(value, dict):
            return {key: self.copied(part, depth + 1) for key, part in value.items()}
        return [self.copied(part, depth + 1) for part in value]


def _parent(whole: Json, path: list[str]) -> Json:
    """The list or object that the last step of *path* leads on from."""
    here = whole
    for step in path[:-1]:
        here = _inside(here, step)
    return here


def _inside(here: Json, step: str) -> Json:
    if isinstance(here, dict):
        if step not in here:
            raise _Fails(f"there is no member {step!r}")
        return here[step]
    if isinstance(here, list):
        return here[_index(here, step, len(here) - 1)]
    raise _Fails(f"{step!r} leads into what is no object and no list")


def _index(items: list[Json], step: str, last: int) -> int:
    if not _INDEX.fullmatch(step):
        raise _Fails(f"{step!r} is no place in a list")
    if int(step) > last:
        raise _Fails(f"the list has {len(items)} items, and none at {step}")
    return int(step)


def _value(whole: Json, path: list[str]) -> Json:
    return _inside(_parent(whole, path), path[-1])


def _put(whole: Json, path: list[str], value: Json) -> None:
    """Add *value* at *path*: into a list it is inserted (RFC 6902, 4.1)."""
    parent, last = _parent(whole, path), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        at = len(parent) if last == "-" else _index(parent, last, len(parent))
        parent.insert(at, value)
    else:
        raise _Fails(f"{last!r} leads into what is no object and no list")


def _take(whole: Json, path: list[str]) -> Json:
    """Remove what is at *path*, and give it."""
    value = _value(whole, path)
    if len(path) == 1:
        raise _Fails("the whole cannot be removed")
    parent = _parent(whole, path)
    del parent[path[-1] if isinstance(parent, dict) else int(path[-1])]
    return value


def _add(whole: Json, operation: _Operation, room: _Room) -> None:
    depth = len(operation.path) - 1
    _put(whole, operation.path, room.copied(operation.value, depth))


def _remove(whole: Json, operation: _Operation, _: _Room) -> None:
    _take(whole, operation.path)


def _replace(whole: Json, operation: _Operation, room: _Room) -> None:
    _value(whole, operation.path)  # it has to be there
    parent, last = _parent(whole, operation.path), operation.path[-1]
    new = room.copied(operation.value, len(operation.path) - 1)
    parent[last if isinstance(parent, dict) else int(last)] = new


def _move(whole: Json, operation: _Operation, room: _Room) -> None:
    path, origin = operation.path, operation.origin
    value = _value(whole, origin)
    if path == origin:
        return
    if path[: len(origin)] == origin:
        raise _Fails("it cannot be moved into itself")
    moved = room.copied(value, len(path) - 1)  # for its depth there
    _take(whole, origin)
    _put(whole, path, moved)


def _copy(whole: Json, operation: _Operation, room: _Room) -> None:
    value = _value(whole, operation.origin)
    _put(whole, operation.path, room.copied(value, len(operation.path) - 1))


def _test(whole: Json, operation: _Operation, _: _Room) -> None:
    if not same(_value(whole, operation.path), operation.value):
        raise _Fails(f"what is at {str(operation.text)[:80]!r} is another value")


_DO: Mapping[str, Callable[[Json, _Operation, _Room], None]] = {
    "add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy,
    "test": _test,
}  # fmt: skip


def same(one: Json, other: Json) -> bool:
    """Whether two JSON values are equal: 1 is 1.0, and true is not 1 (RFC 6902, 4.6)."""
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(same(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(map(same, one, other))
        )
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)
