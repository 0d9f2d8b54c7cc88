"""Worlds: all of a server's worlds, and how a call finds its own.

Each is known by its id, and by its secrets: a call that carries one of them is for
that world. What belongs to none is for the world `default`, which is always there.
Their number is bounded: the one that was used longest ago makes room for a new one,
unless it is pinned.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import orjson

from emulator.addressed import Addressed
from emulator.call import Call
from emulator.claims import Malformed, material
from emulator.diagnostics import did_you_mean
from emulator.engine.fitness import unfit
from emulator.engine.scenarios import apply, find_scenario
from emulator.program.authentication import SchemePolicy
from emulator.program.credentials import Wallet
from emulator.program.onlooker import Onlooker
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.version import __version__
from emulator.world.journal import Budget, Journal
from emulator.world.snapshot_schema import misfit
from emulator.world.world import Beginning, World

Json = Any

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FORMAT = 2
_GONE = 1_000
"""Ids of worlds that have made room, which are remembered."""
_GONE_SECRETS = 100_000
"""Secrets of such worlds: the latest."""
_GIVEN = 100_000
"""Secrets that a world is found by besides those it was made with: the latest."""


class NoSuchWorld(LookupError):
    """A world that is not there."""


class BadWorld(ValueError):
    """A world that cannot be made as it is asked for, or cannot be done without."""


class WorldExists(BadWorld):
    """There is a world of that id."""


class NoRoom(RuntimeError):
    """All the worlds that there may be are there, and pinned."""


class BadSnapshot(ValueError):
    """What is to be restored was not taken here, or does not fit any more."""


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
        self._wallets: dict[str, Wallet] = {}
        self._fixtures: dict[str, frozenset[str]] = {}
        if not isinstance(default, World):
            default = World(
                seed=settings.seed,
                journal=self._journal(),
                beginning=default,
                room=settings.world_records,
            )
        self.default = default
        """The world that is always there; nobody has put it into a situation yet."""
        self._worlds: OrderedDict[str, World] = OrderedDict(
            {self.default.id: self.default}
        )
        self._owners: dict[tuple[str, str], World] = {}
        """The world of a secret, by its provider and its text."""
        self._given: dict[str, deque[tuple[str, str]]] = {}
        """What of `_owners` a world was not made with, the oldest first."""
        self._hear(self.default)
        self._gone: deque[str] = deque(maxlen=_GONE)
        self._gone_secrets: OrderedDict[tuple[str, str], str] = OrderedDict()
        """The id of the world that has made room, by what `_owners` had it for."""
        self._made = 0
        self._readers: dict[str, SecretReader] = {}

    def __len__(self) -> int:
        return len(self._worlds)

    def __iter__(self) -> Iterator[World]:
        return iter([*self._worlds.values()])

    def __contains__(self, id: object) -> bool:
        return id in self._worlds

    def __getitem__(self, id: str) -> World:
        """The world of that id, which is used by that. Raises `NoSuchWorld`."""
        found = self._worlds.get(id)
        if found is not None:
            self._worlds.move_to_end(id)
            return found
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
        found = [find_scenario(self.programs, one) for one in scenarios]
        for program, _ in found:
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
        told: list[tuple[str, str]] = []
        world.on_secret = lambda provider, text: told.append((provider, text))
        self.arrange(world)
        self._keep(world)
        for provider, text in told:
            self._own(world, provider, text)
        return world

    def fork(
        self, world: World, id: str | None = None, *, pinned: bool = False
    ) -> World:
        """A world that goes on from where *world* stands, with secrets of its own.

        Raises what `create` does.
        """
        now = world.clock.now()
        twin = self._new(
            id,
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
        """Let *world* go. Raises `BadWorld` for the one that is always there."""
        if world is self.default:
            raise BadWorld("the world 'default' stays; it can be reset")
        self._forget(world)

    def snapshot(self, world: World) -> bytes:
        """All that has become of *world*, but for its journal, to be restored later."""
        state = world.dump()
        return orjson.dumps(
            {
                "format": _FORMAT,
                "emulator": __version__,
                "world": world.id,
                "digest": _digest(state),
                "state": state,
            }
        )

    def restore(self, world: World, data: bytes) -> None:
        """Put *world* where a snapshot was taken, of this world or of another one.

        Raises `BadSnapshot`, and then nothing has changed.
        """
        try:
            kept = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise BadSnapshot(f"it is no snapshot: {error}") from None
        if not isinstance(kept, dict) or kept.get("format") != _FORMAT:
            raise BadSnapshot(
                f"it is no snapshot of format {_FORMAT}, which emulator {__version__}"
                " takes"
            )
        state = kept.get("state")
        if not isinstance(state, dict) or _digest(state) != kept.get("digest"):
            raise BadSnapshot("it is not as it was written: its digest differs")
        wrong = misfit(state)
        if wrong:
            raise BadSnapshot(f"it is not what is written here: {wrong}")
        missing = sorted(state["providers"].keys() - self.programs.keys())
        if missing:
            raise BadSnapshot(f"it has providers that are not served: {missing}")
        if world.providers is not None:
            others = sorted(state["providers"].keys() - world.providers)
            if others:
                raise BadSnapshot(f"it has providers that the world has not: {others}")
        try:
            world.load(state, self.programs, self._check)
        except (LookupError, TypeError, ValueError) as error:
            said = error.args[0] if error.args else error
            raise BadSnapshot(
                f"it does not fit what is served here: {said}; emulator"
                f" {kept.get('emulator')} wrote it"
            ) from None

    def _check(self, world: World) -> None:
        """Raise `ValueError` for a credential that calls would fail for."""
        for program in self.programs.values():
            touched = world.touched(program)
            x = Onlooker(program, world)
            for name in dict.fromkeys(
                one.collection for one in program.schemes.values()
            ):
                if name not in touched:
                    continue
                for record in [*touched[name].changed()]:
                    for why in unfit(x, name, record):
                        key = record[touched[name].key]
                        raise ValueError(f"{program.name}/{name}/{key}: {why}")

    def credentials(self, world: World, provider: str) -> list[dict[str, Json]]:
        """Those of a provider in *world* (see `Wallet.listed`), and one that is unknown."""
        wallet = self._wallet(provider)
        found = wallet.listed(world, world.clock.now())
        unknown = wallet.unknown(world)
        if unknown is not None:
            if world is not self.default:
                for text in _texts(unknown):
                    self._own(world, provider, text)
            found.append(unknown)
        return found

    def find(self, addressed: Addressed) -> World:
        """The world whose secret a call carries; else the one that is always there.

        Raises `NoSuchWorld` where the secret is that of a world that has made room: its
        client is not to be told, in the provider's words, that its credential is wrong.
        """
        if len(self._worlds) == 1 and not self._gone_secrets:
            return self.default
        gone, provider = None, addressed.program.name
        for text in self._texts(addressed):
            world = self._owners.get((provider, text))
            if world is not None:
                self._worlds.move_to_end(world.id)
                return world
            gone = gone or self._gone_secrets.get((provider, text))
        if gone is not None:
            raise self._made_room(f"the world {gone!r}, whose credential this is,")
        return self.default

    def _texts(self, addressed: Addressed) -> Iterator[str]:
        """The texts of a call that may be secrets; those of its body come last."""
        program, call = addressed.program, addressed.call
        reader = self._readers.get(program.name)
        if reader is None:
            reader = self._readers[program.name] = SecretReader(program.schemes)
        yield from reader.texts(call)
        operation = addressed.operation
        if operation is not None and operation.claims and call.body:
            sent = addressed.body_value
            if isinstance(sent, dict):
                yield from (str(sent[one]) for one in operation.claims if one in sent)

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
            minted={name: self._wallet(name).mint(id, seed) for name in names},
            room=self._settings.world_records,
            **more,
        )

    def _journal(self) -> Journal:
        settings = self._settings
        return Journal(settings.journal_entries, settings.journal_bytes, self._budget)

    def arrange(self, world: World) -> None:
        """Put *world* into the situations that it begins in. Raises what `apply` does."""
        for name in world.beginning.scenarios:
            program, scenario = find_scenario(self.programs, name)
            apply(scenario, program, world)
            world.scenarios.append(name)

    def _keep(self, world: World) -> World:
        """Hold *world*, which nobody knew before; make room for it where it must be."""
        if len(self._worlds) >= self.most:
            old = next(
                (
                    one
                    for one in self._worlds.values()
                    if not one.pinned and one is not self.default
                ),
                None,
            )
            if old is None:
                raise NoRoom(
                    f"there may be {self.most} worlds, and all of them are pinned:"
                    " delete one, or start the emulator with a larger --worlds"
                )
            for secret in self._forget(old):
                self._gone_secrets[secret] = old.id
            while len(self._gone_secrets) > _GONE_SECRETS:
                self._gone_secrets.popitem(last=False)
            self._gone.append(old.id)
            self.evicted += 1
        self._worlds[world.id] = world
        with suppress(ValueError):
            self._gone.remove(world.id)
        for provider, minted in world.minted.items():
            for text in minted.values.values():
                self._owners.setdefault((provider, text), world)
                self._gone_secrets.pop((provider, text), None)
        self._hear(world)
        return world

    def _hear(self, world: World) -> None:
        """Learn of the secrets that *world* gives out from now on."""
        world.on_secret = lambda provider, text: self._own(world, provider, text)

    def _own(self, world: World, provider: str, text: str) -> None:
        """Have calls that carry *text* find *world*, unless it was another's before.

        What stands in the fixtures is the default world's, whoever holds it besides.
        """
        if (provider, text) in self._owners or text in self._fixed(provider):
            return
        given = self._given.setdefault(world.id, deque())
        if len(given) >= _GIVEN:
            self._owners.pop(given.popleft(), None)
        given.append((provider, text))
        self._gone_secrets.pop((provider, text), None)
        self._owners[(provider, text)] = world

    def _forget(self, world: World) -> list[tuple[str, str]]:
        """Let *world* go; gives the secrets that it was found by."""
        world.on_secret = None
        self._worlds.pop(world.id, None)
        for wake in [*world.journal.followers]:
            wake()  # that nothing more comes
        minted = world.minted.items()
        own = [(name, text) for name, one in minted for text in one.values.values()]
        found = [
            secret
            for secret in (*own, *self._given.pop(world.id, ()))
            if self._owners.get(secret) is world
        ]
        for secret in found:
            del self._owners[secret]
        return found

    def _fixed(self, provider: str) -> frozenset[str]:
        """The secrets that stand in the fixtures of a provider."""
        found = self._fixtures.get(provider)
        if found is None:
            program = self.programs[provider]
            fields = {(one.collection, one.field) for one in program.schemes.values()}
            fields |= {(name, one) for name, of in program.minted.items() for one in of}
            found = self._fixtures[provider] = frozenset(
                str(record.get(field))
                for name, field in fields
                for record in program.bases[name].records.values()
            )
        return found

    def _wallet(self, provider: str) -> Wallet:
        found = self._wallets.get(provider)
        if found is None:
            found = self._wallets[provider] = Wallet(self.programs[provider])
        return found


class SecretReader:
    """Reads the secrets that the calls of one provider carry."""

    def __init__(self, schemes: Mapping[str, SchemePolicy]) -> None:
        self._schemes = [
            *{(one.kind, one.parameter): one for one in schemes.values()}.values()
        ]

    def texts(self, call: Call) -> Iterator[str]:
        """The texts of *call* that may be secrets."""
        for scheme in self._schemes:
            sent = material(scheme, call)
            if sent is not None and not isinstance(sent, Malformed):
                yield from sent.values()


def _digest(state: Json) -> str:
    """The same for the same state. Raises `BadSnapshot` for one that is too deep."""
    try:
        return hashlib.blake2b(orjson.dumps(state), digest_size=16).hexdigest()
    except orjson.JSONEncodeError as error:
        raise BadSnapshot(f"nothing like it is ever written: {error}") from None


def _texts(credential: Mapping[str, Json]) -> Iterator[str]:
    """What a credential is sent as, and what belongs to it."""
    for name, value in credential.items():
        if isinstance(value, str) and name not in ("name", "state", "scheme"):
            yield value


__all__ = [
    "BadSnapshot",
    "BadWorld",
    "NoRoom",
    "NoSuchWorld",
    "WorldExists",
    "Worlds",
]
