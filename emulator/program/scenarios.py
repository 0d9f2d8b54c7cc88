"""Scenarios: named situations of a provider: a state of the world, and faults."""

from __future__ import annotations

from emulator.language.templates import Template
from emulator.spec.document import Pointer
from emulator.values import value
from emulator.world.faults import Calls, Fault


@value
class Change:
    """Records that get other values, or go."""

    at: Pointer
    collection: str
    credential: str
    """The name of the credential that it is about; empty: *key* or *where* say."""
    key: Template | None
    where: Template | None
    values: Template | None
    """None: they are deleted."""


@value
class Drain:
    """A rate limit of which all but a few calls are spent."""

    at: Pointer
    credential: str
    limit: str
    """The name of one limit; empty: all of them."""
    leave: int
    ip: str


@value
class LockOut:
    """Somebody who is shut out, as if having failed too often."""

    at: Pointer
    ip: str
    credential: str
    everyone: bool


@value
class Rotate:
    """Signing keys whose next key signs from now on."""

    at: Pointer
    keys: str


@value
class ClockMove:
    """The world's clock, moved or stopped."""

    at: Pointer
    set: str
    advance: int
    """In microseconds."""
    freeze: bool | None


Arrangement = Change | Drain | LockOut | Rotate | ClockMove


@value
class Scenario:
    """A named situation: a state of the world, and faults."""

    name: str
    says: str
    arrange: tuple[Arrangement, ...]
    faults: tuple[FaultPolicy, ...]


@value
class FaultPolicy:
    """What goes wrong, and with which calls."""

    faults: tuple[Fault, ...]
    refuse: str
    status: int
    operations: frozenset[str] | None
    credential: str
    calls: Calls
    probability: float
    after: int
    until: int
