"""Seam: a function of a client library that is replaced while anybody intercepts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Seam(NamedTuple):
    """Where it is, and what makes the new function of the original."""

    owner: type
    name: str
    replace: Callable[[Any], Any]


class UnknownVersion(RuntimeError):
    """A client library that opens its connections elsewhere than those we know."""


def seams(module: Any, owner: str, **replacing: Callable[[Any], Any]) -> list[Seam]:
    """Functions of the class *owner* of *module*, by name. Raises `UnknownVersion`."""
    found = offered(module, owner, **replacing)
    if len(found) < len(replacing):
        raise UnknownVersion(
            f"this version of {module.__name__.partition('.')[0]} cannot be intercepted:"
            f" {module.__name__}.{owner} has no {' or '.join(replacing)}\n"
            "  fix: install a version that this one of the emulator was tested with, or"
            " call a running server (`emulator serve`)"
        )
    return found


def offered(module: Any, owner: str, **replacing: Callable[[Any], Any]) -> list[Seam]:
    """See `seams`; those that there are."""
    found = getattr(module, owner, None)
    defined = vars(found) if isinstance(found, type) else {}
    return [
        Seam(found, name, replace)
        for name, replace in replacing.items()
        if isinstance(found, type) and name in defined
    ]
