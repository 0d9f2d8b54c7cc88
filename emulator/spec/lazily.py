"""Lazily: a mapping whose values are made when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from threading import RLock
from typing import Generic, TypeVar

From = TypeVar("From")
Value = TypeVar("Value")


class Lazily(Mapping[str, Value], Generic[From, Value]):
    """What *make* makes of the members of *known*, each once and when it is needed."""

    def __init__(
        self,
        known: Mapping[str, From],
        make: Callable[[From], Value],
        made: Mapping[str, Value] | None = None,
    ) -> None:
        self._known = known
        self._make = make
        self._made: dict[str, Value] = dict(made or {})
        self._making = RLock()

    def __getitem__(self, name: str) -> Value:
        if name in self._made:
            return self._made[name]
        known = self._known[name]
        with self._making:
            if name not in self._made:
                self._made[name] = self._make(known)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)
