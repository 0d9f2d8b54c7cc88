"""Worlds: all of a server's worlds, and how a call finds its own.

Each is known by its id, and by its secrets: a call that carries one of them is for
that world. What belongs to none is for the world `default`, which is always there.
Their number is bounded: the one that was used longest ago makes room for a new one,
unless it is pinned.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from emulator.diagnostics import did_you_mean
from emulator.engine.scenarios import apply, find_scenario
from emulator.engine.secret_owners import SecretOwners
from emulator.engine.snapshots import restore, snapshot
from emulator.exchange.addressed import Addressed
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.program.credentials import CredentialSet
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.world.journal import Budget, Journal
from emulator.world.whereabouts import ending_of, tail_of
from emulator.world.world import Beginning, World

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_GONE = 1_000
"""Ids of worlds that have made room, which are remembered."""


class NoSuchWorld(LookupError):
    """A world that is not there."""


class BadWorld(ValueError):
    """A world that cannot be made as it is asked for, or cannot be done without."""


class WorldExists(BadWorld):
    """There is a world of that id."""


class NoRoom(RuntimeError):
    """All the worlds that there may be are there, and pinned."""


class Worlds:
    """The worlds of one server."""

    def __init__(
        self,
        programs: Mapping[str, Program],
        settings: Settings,
        default: World | Beginning | None = None,
    ) -> None:
        self.programs = programs
        self.most = settings.worlds
        self.evicted = 0
        """How many worlds have made room for others."""
        self._settings = settings
        self._budget = Budget(settings.journals_bytes)
        self._credential_sets: dict[str, CredentialSet] = {}
        self.secrets = SecretOwners(programs)
        if not isinstance(default, World):
            default = World(
                seed=settings.seed,
                journal=self._journal(),
                beginning=default,
                room=settings.world_records,
                room_bytes=settings.world_bytes,
            )
        self.default = default
        """The world that is always there; nobody has put it into a situation yet."""
        self._worlds: OrderedDict[str, World] = OrderedDict(
            {self.default.id: self.default}
        )
        self._hear(self.default)
        self._gone: deque[str] = deque(maxlen=_GONE)
        self.on_gone: Callable[[World], None] | None = None
        """Is told of each world that goes, while it is still there."""
        self._made = 0

    def __len__(self) -> int:
        return len(self._worlds)

    def __iter__(self) -> Iterator[World]:
        return iter([*self._worlds.values()])

    def __contains__(self, id: object) -> bool:
        return id in self._worlds

    def __getitem__(self, id: str) -> World:
        """The world of that id, which is used by that. Raises `NoSuchWorld`."""
        world = self._worlds.get(id)
        if world is not None:
            self._worlds.move_to_end(id)
            return world
        if id in self._gone:
            raise self._made_room(f"the world {id!r}")
        known = [*self._worlds][-100:]
        fix = did_you_mean(id[:64], known) if len(known) > 1 else "there is 'default'"
        raise NoSuchWorld(f"there is no world {id[:64]!r}: {fix}")

    def _made_room(self, which: str) -> NoSuchWorld:
        return NoSuchWorld(
            f"{which} has made room for others, of which there may be {self.most}: pin"
            " it, delete those that are done, or start the emulator with a larger"
            " --worlds"
        )

    def has(self, world: World) -> bool:
        """Whether this very world is there; it is not used by that."""
        return self._worlds.get(world.id) is world

    def create(
        self,
        id: str | None = None,
        *,
        seed: int | str | None = None,
        at: int | None = None,
        frozen: bool = False,
        providers: frozenset[str] | None = None,
        scenarios: tuple[str, ...] = (),
        pinned: bool = False,
    ) -> World:
        """A world that begins with the fixtures, and with secrets of its own.

        *scenarios* are those of `find_scenario`. Raises `BadWorld`, `WorldExists`,
        `NoSuchScenario`, what `apply` does, and `NoRoom`; then there is no such world,
        and no other has made room for it.
        """
        for program, _ in [find_scenario(self.programs, name) for name in scenarios]:
            if providers is not None and program.name not in providers:
                raise BadWorld(
                    f"{program.name} is not among the providers of the world"
                )
        world = self._new(
            id,
            seed=self._settings.seed if seed is None else seed,
            beginning=Beginning(at, frozen, scenarios),
            providers=providers,
            pinned=pinned,
        )
        given: list[tuple[str, str]] = []
        world.on_secret = lambda provider, text: given.append((provider, text))
        self.arrange(world)
        self._keep(world)
        for provider, text in given:
            self.secrets.own(world, provider, text)
        return world

    def fork(
        self, world: World, id: str | None = None, *, pinned: bool = False
    ) -> World:
        """A world that goes on from where *world* stands, with secrets of its own.

        Raises what `create` does.
        """
        now = world.clock.now()
        twin = self._new(
            self._beside(world, id) if self._settings.spread else id,
            seed=world.seed,
            beginning=Beginning(now, world.clock.frozen),
            providers=world.providers,
            pinned=pinned,
        )
        world.fork(twin, self.programs)
        return self._keep(twin)

    def reset(self, world: World) -> None:
        """Have *world* begin again, as it began; its secrets stay what they are."""
        world.reset()
        self.arrange(world)

    def delete(self, world: World) -> None:
        """Delete *world*. Raises `BadWorld` for the default world."""
        if world is self.default:
            raise BadWorld("the world 'default' stays; it can be reset")
        self._forget(world)

    def snapshot(self, world: World) -> bytes:
        """All that has become of *world*, but for its journal, to be restored later."""
        return snapshot(world)

    def restore(self, world: World, data: bytes) -> None:
        """Put *world* where a snapshot was taken, of this world or of another one.

        Raises `BadSnapshot`, and then nothing has changed.
        """
        restore(world, data, self.programs)

    def find(self, addressed: Addressed) -> World:
        """The world whose secret a call carries; else the one that is always there.

        Raises `NoSuchWorld` where the secret is that of an evicted world: its client is
        not to be told, in the provider's words, that its credential is wrong.
        """
        if len(self._worlds) == 1 and not self.secrets.evicted:
            return self.default
        world = self.secrets.find(addressed)
        if world is None:
            return self.default
        if isinstance(world, str):
            raise self._made_room(f"the world {world!r}, whose credential this is,")
        self._worlds.move_to_end(world.id)
        return world

    def credentials(self, world: World, provider: str) -> list[dict[str, Json]]:
        """The credentials of a provider in *world* (see `CredentialSet.listed`), and an
        unknown one."""
        credentials = self._credentials(provider)
        listed = credentials.listed(world, world.clock.now())
        if world is not self.default:
            for credential in listed:
                if (
                    self.programs[provider].schemes[credential["scheme"]].jwt
                    is not None
                ):
                    self.secrets.own(world, provider, credential["value"])
        unknown = credentials.unknown(world)
        if unknown is not None:
            if world is not self.default:
                for text in _texts(unknown):
                    self.secrets.own(world, provider, text)
            listed.append(unknown)
        return listed

    def forget_compiled(self, provider: str) -> None:
        """Keep nothing that was made of the spec of *provider*, which has changed."""
        self._credential_sets.pop(provider, None)
        self.secrets.forget_compiled(provider)

    def mint(self, world: World, provider: str) -> None:
        """Give *world* its own secrets of *provider*; the same, where nothing changed."""
        made = self._credentials(provider).mint(world.id, world.seed)
        before = world.minted.get(provider)
        if before is not None:
            gone = {*before.values.values()} - {*made.values.values()}
            self.secrets.disown(world, provider, gone)
        world.minted = {**world.minted, provider: made}
        self.secrets.adopt(world)

    def _new(self, id: str | None, *, seed: int | str, **more: Any) -> World:
        if id is None:
            self._made += 1
            while f"w{self._made}" in self._worlds:
                self._made += 1
            id = f"w{self._made}"
        elif not _ID.fullmatch(id):
            raise BadWorld(
                f"{id[:80]!r} is no id of a world: letters, digits, `.`, `_` and `-`,"
                " up to 64, the first one a letter or a digit"
            )
        elif id in self._worlds:
            raise WorldExists(f"there is a world {id!r} already")
        names = self.programs if more["providers"] is None else more["providers"]
        return World(
            id,
            seed=seed,
            journal=self._journal(),
            minted={name: self._credentials(name).mint(id, seed) for name in names},
            room=self._settings.world_records,
            room_bytes=self._settings.world_bytes,
            ending=ending_of(id) if self._settings.spread else None,
            **more,
        )

    def _beside(self, world: World, id: str | None) -> str:
        """The *id* of a fork of *world*, which a proxy takes to the same process."""
        tail = tail_of(world.id)
        if id is None:
            self._made += 1
            return f"w{self._made}.{tail}"
        if _ID.fullmatch(id) and ending_of(id) != ending_of(world.id):
            raise BadWorld(
                f"a fork stays in the process that has {world.id!r}, which a proxy"
                f" finds by the end of an id: call it {id[:60]}.{tail}"
            )
        return id

    def _journal(self) -> Journal[Entry]:
        settings = self._settings
        return Journal(settings.journal_entries, settings.journal_bytes, self._budget)

    def arrange(self, world: World) -> None:
        """Put *world* into the situations that it begins in. Raises what `apply` does."""
        with world.clock.held(world.began):
            for name in world.beginning.scenarios:
                program, scenario = find_scenario(self.programs, name)
                apply(scenario, program, world)
                world.scenarios.append(name)

    def _keep(self, world: World) -> World:
        """Hold *world*, which nobody knew before; make room for it where it must be."""
        if len(self._worlds) >= self.most:
            old = next(
                (
                    candidate
                    for candidate in self._worlds.values()
                    if not candidate.pinned and candidate is not self.default
                ),
                None,
            )
            if old is None:
                raise NoRoom(
                    f"there may be {self.most} worlds, and all of them are pinned:"
                    " delete one, or start the emulator with a larger --worlds"
                )
            self._forget(old, evicted=True)
            self._gone.append(old.id)
            self.evicted += 1
        self._worlds[world.id] = world
        with suppress(ValueError):
            self._gone.remove(world.id)
        self.secrets.adopt(world)
        self._hear(world)
        return world

    def _hear(self, world: World) -> None:
        """Learn of the secrets that *world* gives out from now on."""
        world.on_secret = lambda provider, text: self.secrets.own(world, provider, text)

    def _forget(self, world: World, *, evicted: bool = False) -> None:
        """Let *world* go, and its secrets."""
        if self.on_gone is not None:
            self.on_gone(world)
        world.on_secret = None
        self._worlds.pop(world.id, None)
        for wake in [*world.journal.followers]:
            wake()  # that nothing more comes
        self.secrets.forget(world, evicted=evicted)

    def _credentials(self, provider: str) -> CredentialSet:
        known = self._credential_sets.get(provider)
        if known is None:
            program = self.programs[provider]
            known = self._credential_sets[provider] = CredentialSet(
                program, spread=self._settings.spread
            )
        return known


def _texts(credential: Mapping[str, Json]) -> Iterator[str]:
    """What a credential is sent as, and what belongs to it."""
    for name, value in credential.items():
        if isinstance(value, str) and name not in ("name", "state", "scheme"):
            yield value


__all__ = [
    "BadWorld",
    "NoRoom",
    "NoSuchWorld",
    "WorldExists",
    "Worlds",
]
