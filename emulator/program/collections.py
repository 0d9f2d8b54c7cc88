"""Collections: what holds of all records of a kind, whichever operation touches them."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.language.templates import Template
from emulator.program.machines import StateMachine
from emulator.program.schemas import Schema
from emulator.values import value
from emulator.world.ordering import Order
from emulator.world.references import Reference


@value
class Unique:
    """Fields whose values, together, no two records share."""

    fields: tuple[str, ...]
    refuse: str
    """`violation`, or the code of a refusal such as `conflict`."""


@value
class SoftDeletion:
    """How a record that is deleted stays where it is, out of sight."""

    field: str
    """What says that it is deleted, where it is not null."""
    value: Template
    refuse: str
    """The refusal of a call about it; empty: as of one that was never there."""
    unique: bool
    """Its unique values stay taken."""

    def hides(self, record: Mapping[str, object]) -> bool:
        return record.get(self.field) is not None


@value
class CollectionPolicy:
    """What holds of all records of one kind."""

    name: str
    key: str
    ids: str
    """How keys are made: `sequence`, `uuid`, or `template`."""
    id_template: Template | None
    draws: bool
    """Keys are drawn by `id_template`, so that one which is taken is drawn again."""
    given: bool
    """Callers give the key, where they send one."""
    owned_by: Mapping[str, Template]
    order: Order
    on_create: Template
    on_update: Template
    unique: tuple[Unique, ...]
    references: tuple[Reference, ...]
    fields: frozenset[str]
    completes: Template | None = None
    """When a record that is under way will be ready."""
    files: tuple[str, ...] = ()
    """The fields that hold uploaded files, whose content is kept."""
    soft: SoftDeletion | None = None
    drops_unsent: bool = False
    """A field that is not sent is not there, instead of null."""
    machine: StateMachine | None = None
    """The states that its records go through."""
    conforms_to: Mapping[str, Schema] = {}
    """What a record is, shown by a view of that name."""
