"""The world: everything that changes while the emulator runs.

Nothing outside this package holds mutable state, so resetting an emulator is
replacing its world.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from emulator.world.chance import Chance
from emulator.world.clock import Clock
from emulator.world.collection import Base, Collection
from emulator.world.faults import Faults
from emulator.world.journal import Journal
from emulator.world.outbox import Outbox
from emulator.world.tally import Tally

Shown = dict[int, tuple[dict[str, Any], Any]]
"""Records as a view shows them: {id of the record: (record, what is shown)}."""


class Origin(Protocol):
    """Where a world gets its records from: a `Program`, as a world sees it."""

    @property
    def name(self) -> str: ...

    @property
    def bases(self) -> Mapping[str, Base]: ...


class Collections(dict[str, Collection]):
    """The collections of one provider, each made when it is first asked for."""

    def __init__(self, bases: Mapping[str, Base]) -> None:
        super().__init__()
        self._bases = bases

    def __missing__(self, name: str) -> Collection:
        made = self[name] = Collection(self._bases[name])
        return made


class World:
    """One isolated sandbox: clock, chance, records, counters, faults and journal."""

    def __init__(
        self,
        id: str = "default",
        *,
        clock: Clock | None = None,
        seed: int | str = 0,
        journal: Journal | None = None,
    ) -> None:
        self.id = id
        self.clock = clock or Clock()
        self.chance = Chance(seed)
        self.tally = Tally()
        self.faults = Faults()
        self.journal = journal or Journal()
        self.outbox = Outbox()
        self._collections: dict[str, Collections] = {}
        self._shown: dict[tuple[str, str], tuple[tuple[int, ...], Shown]] = {}

    def collections(self, origin: Origin) -> Collections:
        """The collections of a provider, by name."""
        found = self._collections.get(origin.name)
        if found is None:
            found = self._collections[origin.name] = Collections(origin.bases)
        return found

    def shown(self, provider: str, view: str, versions: tuple[int, ...]) -> Shown:
        """What a view has shown so far, as long as *versions* stay what they are.

        *versions* are those of the collections that the view looks things up in.
        """
        kept = self._shown.get((provider, view))
        if kept is None or kept[0] != versions:
            kept = self._shown[(provider, view)] = (versions, {})
        return kept[1]
