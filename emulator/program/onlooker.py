"""Onlooker: what expressions stand for where nobody calls.

It sees the records of a world and its time, and changes nothing there.
"""

from __future__ import annotations

from functools import cached_property

from emulator.language.scope import Names
from emulator.program.program import Program
from emulator.times import iso
from emulator.world.chance import Chance
from emulator.world.clock import Clock
from emulator.world.collection import Collection
from emulator.world.files import Files
from emulator.world.keys import Keys
from emulator.world.world import World


class Aside:
    """The part of a world that functions draw from, without drawing from the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    on_secret = None
    """What is signed for an onlooker is no secret of the world's."""

    @property
    def id(self) -> str:
        return self._world.id

    @property
    def seed(self) -> int | str:
        return self._world.seed

    @property
    def clock(self) -> Clock:
        return self._world.clock

    @property
    def began(self) -> int:
        return self._world.began

    @property
    def keys(self) -> Keys:
        return self._world.keys

    @property
    def files(self) -> Files:
        return self._world.files

    @cached_property
    def chance(self) -> Chance:
        return self._world.chance.fork()

    @cached_property
    def secrets(self) -> Chance:
        return self._world.secrets.fork()


class Onlooker(Names):
    """What expressions see of a world when nobody calls.

    A world that nobody has called yet is left as untouched as it is.
    """

    claim = None

    def __init__(self, program: Program, world: World) -> None:
        self.program = program
        self.at = world.clock.now()
        self.now = iso(self.at)
        self.base_url = program.home
        self.host = program.host_defaults
        self.server = program.server(program.base_path)
        self.world = Aside(world)
        self._touched = world.touched(program)
        self._minted = world.minted.get(program.name)
        self._began = world.began
        self._made: dict[str, Collection] = {}

    @cached_property
    def request_id(self) -> str:
        return self.world.chance.uuid()

    def collection(self, name: str) -> Collection:
        if name in self._touched:
            return self._touched[name]
        if name not in self._made:
            base = self.program.bases[name]
            made = self._made[name] = Collection(base, began=self._began)
            if self._minted is not None:
                self._minted.write(made, name)
        return self._made[name]
