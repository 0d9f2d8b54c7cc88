"""Function: one function of the expression language, and what its types say of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from inspect import Parameter, Signature, signature
from typing import NamedTuple

from emulator.json_type import Json


@lru_cache(maxsize=256)
def signature_of(call: Callable[..., Json]) -> Signature:
    """The parameters of a function, which expressions that call it are held against."""
    return signature(call)


class Function(NamedTuple):
    """One function of the expression language, as the documentation shows it."""

    name: str
    call: Callable[..., Json]
    world: bool = False
    """It takes the exchange first."""
    fresh: bool = False
    """Two calls with the same arguments may differ."""
    names: str = ""
    """What its argument of this name, a literal, names: `collection`, `view`; or, for
    `key` and `public_key`, its argument `keys`."""
    words: Mapping[str, tuple[str, ...]] = {}
    """The words that an argument can be, by the name of the parameter."""
    pattern: str = ""
    """Its parameter that is a regular expression, and a literal; empty: none."""
    finds: bool = False
    """It gives null for what is not there, whatever it is given."""

    @property
    def signature(self) -> str:
        """`lookup(collection, key, field='')`"""
        given = signature_of(self.call)
        parameters = list(given.parameters.values())[1 if self.world else 0 :]
        bare = given.replace(
            parameters=[
                parameter.replace(annotation=parameter.empty)
                for parameter in parameters
            ],
            return_annotation=given.empty,
        )
        return f"{self.name}{bare}"

    def taken(self, position: int, name: str | None) -> Parameter | None:
        """The parameter of the argument that stands there, or has that *name*."""
        known = [*signature_of(self.call).parameters.values()][1 if self.world else 0 :]
        if name is not None:
            return next((p for p in known if p.name == name), None)
        if known and known[-1].kind is Parameter.VAR_POSITIONAL:
            return known[min(position, len(known) - 1)]
        return known[position] if position < len(known) else None

    @property
    def needs(self) -> tuple[str, ...]:
        """The parameters with which it fails if they are null, as their types say."""
        return _needed(self.call)

    @property
    def null_of(self) -> tuple[str, ...]:
        """The parameters of which each makes it give null, if it is null."""
        given = signature_of(self.call)
        if "None" not in _written(given.return_annotation):
            return ()
        return tuple(
            name
            for name, parameter in given.parameters.items()
            if name not in self.needs and not (self.world and name == "x")
        )

    @property
    def help(self) -> str:
        return " ".join((self.call.__doc__ or "").split())


@lru_cache(maxsize=256)
def _needed(call: Callable[..., Json]) -> tuple[str, ...]:
    return tuple(
        name
        for name, parameter in signature_of(call).parameters.items()
        if _excludes_null(parameter.annotation)
    )


def _written(annotation: object) -> str:
    """A type as it is written: `str | None`."""
    is_text = isinstance(annotation, str) or not hasattr(annotation, "__name__")
    return str(annotation) if is_text else str(getattr(annotation, "__name__", ""))


def _excludes_null(annotation: object) -> bool:
    names = re.findall(r"\w+", _written(annotation))
    known = ("str", "int", "float", "bool", "list", "dict")
    return bool(names) and names[0] in known and "None" not in names
