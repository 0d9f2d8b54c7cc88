"""Stubs: replies that a test gives in place of a provider's, in one world.

The newest stub that a call matches answers it, as often as it says; where none does, the
provider answers as ever.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import unquote

from emulator.json_type import Json
from emulator.language.texts import to_text
from emulator.world.fault import Fault, read_fault

_MOST = 500
"""Stubs of one world."""
_BYTES = 16_777_216
"""Bytes that their replies and what they match have together."""
_STUB = 1_000
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class TooManyStubs(ValueError):
    """A world has all the stubs that it takes."""


class Asked(NamedTuple):
    """A call, as far as stubs look at it."""

    provider: str
    """Empty where the host belongs to none."""
    host: str
    method: str
    path: str
    """What follows the prefixes of world and provider, percent-encoded."""
    query: Callable[[], Mapping[str, Sequence[str]]]
    headers: Mapping[str, str]
    body: Callable[[], tuple[str, Json]]
    """Its kind and what it holds, as `http.bodies` reads it."""


class Stub(NamedTuple):
    """One reply, and which calls it is for."""

    provider: str
    host: str
    """A host that no provider has; empty where there is a provider."""
    method: str
    path: str
    """Its segments are literal, or `{name}` for any one."""
    query: Mapping[str, Json]
    """Names and values; null: it is not there."""
    headers: Mapping[str, Json]
    """The same, by names in lower case."""
    body: Json
    """What the body holds, among other things; None: anything."""
    times: int | None
    """How often it answers; None: always."""
    status: int
    reply_headers: tuple[tuple[str, str], ...]
    reply_body: bytes
    faults: tuple[Fault, ...] = ()

    def matches(self, asked: Asked) -> bool:
        return (
            self.provider == asked.provider
            and self.host == ("" if self.provider else asked.host)
            and self.method in (asked.method, "GET" * (asked.method == "HEAD"))
            and _is_path(self.path, asked.path)
            and all(
                _is_value(wanted, asked.headers.get(name))
                for name, wanted in self.headers.items()
            )
            and (not self.query or _is_query(self.query, asked.query()))
            and (self.body is None or _is_body(self.body, *asked.body()))
        )

    @property
    def size(self) -> int:
        """About how many bytes it holds on to."""
        matched = repr((self.path, self.query, self.headers, self.body))
        return (
            _STUB + len(self.reply_body) + len(matched) + len(str(self.reply_headers))
        )


class Set(NamedTuple):
    """A stub that is set, and how many calls it has answered."""

    id: str
    stub: Stub
    met: int

    @property
    def is_over(self) -> bool:
        return self.stub.times is not None and self.met >= self.stub.times


class Stubs:
    """The stubs of one world, oldest first; bounded."""

    __slots__ = ("_bytes", "_given", "held")

    def __init__(self) -> None:
        self.held: dict[str, Set] = {}
        """By their ids; looked at by every call."""
        self._given = 0
        self._bytes = 0

    def __iter__(self) -> Iterator[Set]:
        return iter(self.held.values())

    def __len__(self) -> int:
        return len(self.held)

    def add(self, stub: Stub) -> Set:
        """Set *stub*. Raises `TooManyStubs`."""
        size = stub.size
        if len(self) >= _MOST or self._bytes + size > _BYTES:
            raise TooManyStubs(
                f"a world takes {_MOST} stubs, and {_BYTES} bytes of them: remove some"
            )
        self._given += 1
        self._bytes += size
        made = self.held[str(self._given)] = Set(str(self._given), stub, 0)
        return made

    def get(self, id: str) -> Set | None:
        return self.held.get(id)

    def remove(self, id: str) -> None:
        self._bytes -= self.held.pop(id).stub.size

    def clear(self) -> None:
        """Forget every stub; ids are not given again."""
        self.held, self._bytes = {}, 0

    def answering(self, asked: Asked) -> Set | None:
        """The newest stub that *asked* matches, which counts it; None: there is none."""
        for id in reversed(self.held):
            found = self.held[id]
            if not found.is_over and found.stub.matches(asked):
                counted = self.held[id] = found._replace(met=found.met + 1)
                return counted
        return None

    def hosts(self) -> Iterator[str]:
        """The hosts of no provider that are answered for."""
        return (each.stub.host for each in self if each.stub.host)

    def copy(self) -> Stubs:
        """The same stubs with the same counts, which count on their own from here on."""
        made = Stubs()
        made.held, made._given, made._bytes = dict(self.held), self._given, self._bytes
        return made

    def dump(self) -> Json:
        return {
            "given": self._given,
            "set": [
                {
                    "id": each.id,
                    "met": each.met,
                    **each.stub._asdict(),
                    "reply_headers": [[*line] for line in each.stub.reply_headers],
                    "reply_body": b64encode(each.stub.reply_body).decode(),
                    "faults": [fault.text for fault in each.stub.faults],
                }
                for each in self
            ],
        }

    @classmethod
    def load(cls, dumped: Json) -> Stubs:
        """The stubs that were dumped. Raises `ValueError` for anything else."""
        made = cls()
        for written in dumped["set"]:
            about = dict(written)
            id, met = about.pop("id"), about.pop("met")
            about["reply_headers"] = tuple((n, v) for n, v in about["reply_headers"])
            if any(
                _CONTROL.search(name + text) for name, text in about["reply_headers"]
            ):
                raise ValueError("a header of a stub has a control character")
            about["reply_body"] = b64decode(about["reply_body"], validate=True)
            about["faults"] = tuple(map(read_fault, about["faults"]))
            made.add(Stub(**about))
            last = made.held.popitem()[1]
            made.held[id] = last._replace(id=id, met=met)
        made._given = dumped["given"]
        return made


def _is_path(template: str, path: str) -> bool:
    wanted, found = template.split("/"), path.split("/")
    return len(wanted) == len(found) and all(
        (one[:1] == "{" and one[-1:] == "}" and other != "")
        or one == other
        or unquote(one) == unquote(other)
        for one, other in zip(wanted, found, strict=True)
    )


def _is_query(wanted: Mapping[str, Json], found: Mapping[str, Sequence[str]]) -> bool:
    return all(
        [*map(to_text, value)] == [*found.get(name, ())]
        if isinstance(value, list)
        else _is_value(value, next(iter(found.get(name, ())), None))
        for name, value in wanted.items()
    )


def _is_value(wanted: Json, found: str | None) -> bool:
    return found is None if wanted is None else found == to_text(wanted)


def _is_body(wanted: Json, kind: str, found: Json) -> bool:
    """Whether a body holds what is *wanted*: a text in it, or some members of it."""
    if kind == "form":
        found = dict(reversed(found))  # the first value of each name
    if kind in ("form", "parts") and isinstance(wanted, dict):
        return all(_is_value(value, found.get(name)) for name, value in wanted.items())
    if isinstance(wanted, str) and isinstance(found, str):
        return wanted in found
    return _holds(found, wanted)


def _holds(found: Json, wanted: Json) -> bool:
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            (name in found and _holds(found[name], value))
            or (value is None and name not in found)
            for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(map(_holds, found, wanted))
        )
    return (type(found) is type(wanted) and bool(found == wanted)) or (
        isinstance(wanted, (int, float))
        and not isinstance(wanted, bool)
        and isinstance(found, (int, float))
        and not isinstance(found, bool)
        and found == wanted
    )
