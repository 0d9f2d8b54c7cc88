"""Seam: a function of a client library that is replaced while anybody intercepts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, NamedTuple

from emulator.interception import versions


class Seam(NamedTuple):
    """Where it is, a class or a module, and what makes the new function of the original."""

    owner: Any
    name: str
    replace: Callable[[Any], Any]


class UnknownVersion(RuntimeError):
    """A client library that opens its connections elsewhere than those we know."""


def seams(module: Any, owner: str, **replacing: Callable[[Any], Any]) -> list[Seam]:
    """Functions of the class *owner* of *module*, by name.

    Raises `UnknownVersion`, and `RuntimeError` where somebody has put something else in
    the place of the class.
    """
    points = offered(module, owner, **replacing)
    if len(points) == len(replacing):
        return points
    there = getattr(module, owner, None)
    if there is not None and _class(module, owner) is None:
        raise RuntimeError(
            f"{module.__name__}.{owner} cannot be intercepted: {_name(there)} is in its"
            " place\n"
            "  fix: open this block first, and have the other double replace it inside"
        )
    raise UnknownVersion(
        f"{versions.installed(module.__name__)} cannot be intercepted:"
        f" {module.__name__}.{owner} has no {' or '.join(replacing)}\n"
        f"  fix: install a version that this one of the emulator was tested with"
        f"{versions.range_of(module.__name__)}, or call a running server"
        " (`emulator serve`)"
    )


def offered(module: Any, owner: str, **replacing: Callable[[Any], Any]) -> list[Seam]:
    """See `seams`; those that there are."""
    owner_class = _class(module, owner)
    defined = vars(owner_class) if owner_class is not None else {}
    return [
        Seam(owner_class, name, replace)
        for name, replace in replacing.items()
        if name in defined
    ]


def _class(module: Any, owner: str) -> type | None:
    """The class itself, where a recorder may have put one of its own.

    That is mostly derived from it; if not, the class still exists, for those who have
    imported it before.
    """
    kind = getattr(module, owner, None)
    if kind is None:
        return None
    package = module.__name__.partition(".")[0]
    bases = kind.__mro__ if isinstance(kind, type) else ()
    for base in (*bases, *_all_classes(object)):
        if (
            base.__name__ == owner
            and base.__module__.partition(".")[0] == package
            and _is_imported(base)
        ):
            return base
    return None


def _all_classes(base: type) -> Iterator[type]:
    derived: list[type] = type.__subclasses__(base)
    for subclass in derived:
        yield subclass
        if subclass is not type:
            yield from _all_classes(subclass)


def _is_imported(kind: type) -> bool:
    """Whether it is of a module that others can import, and of no copy of that."""
    return any(
        getattr(sys.modules.get(part.__module__), "__dict__", None) is part.__globals__
        for part in vars(kind).values()
        if isinstance(part, FunctionType)
    )


def _name(there: object) -> str:
    if isinstance(there, type):
        return f"{there.__module__}.{there.__qualname__}"
    return repr(there)
