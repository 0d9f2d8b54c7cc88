"""Nonces: the texts that a world has given out to be answered, and how often each was.

Besides these, the names that clients give to what they sign, each of which is good once.

A caller gets its first nonce before anybody knows which world it is of. So one that
another world gave out is good here too, from when it is first used.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from emulator.json_type import Json

KEPT = 10_000
"""Nonces that a world knows, and as many names of clients; the oldest go."""
_NAMED = "jti "
"""What the name of a client begins with here; no nonce does."""
_DRAWN = 16
_MARK = 8


class Nonces:
    """The nonces of one world."""

    __slots__ = ("_held", "_named")

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """When each was given out, and the highest count that it was used with."""
        self._named: OrderedDict[str, int] = OrderedDict()
        """When each name came first; clients that sign much take no nonce from others."""

    def give(self, world: str, drawn: str, now: int) -> str:
        """A nonce of the world of that id; *drawn* is what its chance has for it."""
        nonce = drawn + _mark(world) + _mark(f"{drawn}{_mark(world)}")
        self._keep(nonce, now, 0)
        return nonce

    def use(self, world: str, nonce: str, count: int, now: int, lifetime: int) -> bool:
        """Whether *nonce* may be used for the *count*-th time; then it has been."""
        at, used = self._held.get(nonce, (None, 0))
        if at is None and _is_of_another(nonce, world):
            at = now
        if at is None or now - at > lifetime or count <= used:
            return False
        self._keep(nonce, at, count)
        return True

    def first(self, name: str, now: int) -> bool:
        """Whether a client's *name* for something comes for the first time."""
        if name in self._named:
            return False
        self._named[name] = now
        if len(self._named) > KEPT:
            self._named.popitem(last=False)
        return True

    def is_good(self, world: str, nonce: str, now: int, lifetime: int) -> bool:
        """Whether *nonce* was given out no longer ago than that, however often it was used."""
        at, used = self._held.get(nonce, (None, 0))
        if at is None and _is_of_another(nonce, world):
            at = now
            self._keep(nonce, at, used)
        return at is not None and now - at <= lifetime

    def _keep(self, nonce: str, at: int, used: int) -> None:
        self._held[nonce] = (at, used)
        if len(self._held) > KEPT:
            self._held.popitem(last=False)

    def copy(self) -> Nonces:
        twin = Nonces()
        twin._held, twin._named = self._held.copy(), self._named.copy()
        return twin

    def dump(self) -> Json:
        names = [[f"{_NAMED}{name}", at, 1] for name, at in self._named.items()]
        return [[nonce, at, used] for nonce, (at, used) in self._held.items()] + names

    @classmethod
    def load(cls, kept: Json) -> Nonces:
        made = cls()
        for nonce, at, used in kept:
            if nonce.startswith(_NAMED):
                made.first(nonce.removeprefix(_NAMED), at)
            else:
                made._keep(nonce, at, used)
        return made


def _is_of_another(nonce: str, world: str) -> bool:
    """Whether a world has given *nonce* out, and it was another one."""
    if len(nonce) != _DRAWN + 2 * _MARK:
        return False  # whatever it says, no world makes one of another length
    drawn, mark, check = nonce[:_DRAWN], nonce[_DRAWN:-_MARK], nonce[-_MARK:]
    return check == _mark(drawn + mark) and mark != _mark(world)


def _mark(text: str) -> str:
    raw = text.encode(errors="replace")
    return hashlib.blake2b(raw, digest_size=_MARK // 2).hexdigest()
