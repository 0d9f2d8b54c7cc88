"""Resources: the paths that are about the same things, and what each operation does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from emulator.inference.shapes import Shape
from emulator.json_type import Json
from emulator.spec.description import OperationDoc, Parameter

PARAMETER = re.compile(r"\{([^{}]*)\}")


@dataclass(eq=False)
class Resource:
    """Things that are listed at one path and found, one at a time, below it."""

    path: str
    """Where they are listed: `/owners/{owner_id}/pets`."""
    item_path: str
    parameter: Parameter
    """The path's last parameter, which says which one."""
    parents: tuple[str, ...]
    """The parameters before it."""
    thing: str
    """What one of them is called, from the path: `pet`."""
    operations: dict[str, OperationDoc] = field(default_factory=dict)
    """By what they do: `list`, `create`, `read`, `replace`, `patch`, `change`, `delete`."""
    parent: Resource | None = None
    name: str = ""
    """That of the collection."""
    key: str = ""
    """The member that the path's parameter is compared with."""
    shape: Shape = field(default_factory=lambda: Shape({}))
    """One of them as it is shown."""
    parent_parameter: str = ""
    """The parameter of its own path that says which parent."""
    inside: tuple[str, ...] = ()
    """Where in one of them its name stands, if that is inside a member: `metadata`, `name`.
    The *key* then is a field that is not shown."""
    by_name: bool = False
    """Nothing in them is called like the path's parameter, which then says their name."""
    single: bool = False
    """There is but one, at *item_path*, which no parameter names."""
    sent_keys: dict[str, str] = field(default_factory=dict)
    """How the operations find it, by their ids, that do not have the path's parameter."""
    further: list[FurtherList] = field(default_factory=list)
    alone: bool = False
    """They are created, and no operation reads one of them."""
    below: list[Parameter] = field(default_factory=list)
    """What other paths say of the parameter, where they say it otherwise."""
    exampled: tuple[Shape, list[Mapping[str, Json]]] | None = None
    """What `examples_of` found of this shape."""

    @property
    def can_be_known(self) -> bool:
        """Whether callers can learn of one: it is listed, or they make it themselves."""
        return bool(
            {"list", "create", "replace"} & self.operations.keys() or self.further
        )

    @property
    def words(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def lists(self) -> list[OperationDoc]:
        """The operations that list some of them: first the one that lists them all."""
        first = self.operations.get("list")
        return [*([first] if first else []), *(each.operation for each in self.further)]

    def does(self) -> Iterator[tuple[str, OperationDoc]]:
        """What is done to them, by each operation."""
        yield from self.operations.items()
        yield from (("list", each.operation) for each in self.further)


class FurtherList(NamedTuple):
    """A list of the same things at another path: `/pets/findByStatus`."""

    operation: OperationDoc
    where: Mapping[str, str]
    """The fields that the path says a value of, and the expressions of these."""


@lru_cache(16_384)
def nameless(path: str) -> str:
    """A path whose parameters have no names, as two that match the same calls have it."""
    return PARAMETER.sub("{}", path)


def bare(path: str) -> str:
    """*path* without a last slash, and without the format that all replies have anyway:
    `/pets/{id}.json`  ->  `/pets/{id}`"""
    return path.rstrip("/").removesuffix(".json") if path != "/" else path
