"""Deprecation: attributes under the names that they had before."""

from __future__ import annotations

from typing import Any
from warnings import warn


class Renamed:
    """An attribute's old name, which warns and leads to the new one for one version."""

    def __init__(self, new: str) -> None:
        self._new = new

    def __set_name__(self, owner: type, name: str) -> None:
        self._old = name

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self
        message = f"{owner.__name__}.{self._old} is called {self._new} now"
        warn(message, DeprecationWarning, stacklevel=2)
        return getattr(instance, self._new)
