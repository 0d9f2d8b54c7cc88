"""The world: everything that changes while the emulator runs.

Nothing outside this package holds mutable state, so resetting an emulator is
replacing what its world holds. Worlds share nothing that changes.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol
from weakref import proxy

from emulator.json_type import Json
from emulator.world.acts import Acts
from emulator.world.base import Base, Record
from emulator.world.chance import Chance
from emulator.world.clock import Clock
from emulator.world.collection import Collection
from emulator.world.faults import Faults
from emulator.world.files import Files
from emulator.world.journal import Journal
from emulator.world.kept_replies import KeptReplies
from emulator.world.keys import Keys
from emulator.world.nonces import Nonces
from emulator.world.outbox import Outbox
from emulator.world.room import Room
from emulator.world.secrets import Minted, rename, renamed
from emulator.world.stubs import Stubs
from emulator.world.tally import Renaming, Tally
from emulator.world.timers import Place, Timed, Timer, Timers
from emulator.world.whereabouts import Ending

_ALARMS = 100


class Origin(Protocol):
    """Where a world gets its records from: a `Program`, as a world sees it."""

    @property
    def name(self) -> str: ...

    @property
    def bases(self) -> Mapping[str, Base]: ...

    @property
    def minted(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that hold secrets, by collection."""

    @property
    def timed(self) -> Mapping[str, Timed]:
        """The collections whose records time changes."""


class Alarm(NamedTuple):
    """A call that the emulator could not answer as the provider would.

    A test has to hear of it, whatever its client makes of the reply.
    """

    kind: str
    """`emulator bug`, `spec error`, `not emulated`, `body over limit`, or, in process,
    `refused call`."""
    call: str
    """Its method and its path; its host, where it was refused for that."""
    detail: str


class Beginning(NamedTuple):
    """How a world begins, and begins again when it is reset."""

    at: int | None = None
    """What its clock shows then, in microseconds since 1970; None: real time."""
    frozen: bool = False
    scenarios: tuple[str, ...] = ()
    """The situations that it begins in: `acme/rate_limited`."""


class Collections(dict[str, Collection]):
    """The collections of one provider, each made at its first use.

    They hold no reference to their world, so a deleted world is freed at once, and not
    by a later garbage collection.
    """

    def __init__(self, origin: Origin, world: World) -> None:
        super().__init__()
        self._bases = origin.bases
        self._secret = origin.minted
        self._timed = origin.timed
        self._provider = origin.name
        self.has_bases = bool(origin.bases)
        self._world: World = proxy(world)

    def __missing__(self, name: str) -> Collection:
        world = self._world
        made = Collection(self._bases[name], world.room, world.began)
        if name in self._secret:
            minted = world.minted.get(self._provider)
            if minted is not None:
                minted.write(made, name)
        self[name] = made
        self._connect(name, made)
        if name in self._timed:
            _begin_timers(world, self._provider, self._timed[name], name, made)
        return made

    def fork(self, origin: Origin, world: World) -> Collections:
        """The same records in another world, with that one's secrets."""
        twin = Collections(origin, world)
        old = self._world.minted.get(self._provider)
        new = world.minted.get(self._provider)
        for name, collection in self.items():
            copy = collection.fork(world.room)
            if new is not None and new is not old and name in new.fields:
                rename(copy, new.fields[name], _renaming(old, new))
            twin[name] = copy
            twin._connect(name, copy)
        return twin

    def move(self, world: World) -> None:
        """Belong to *world* from now on."""
        self._world = proxy(world)
        for name, collection in self.items():
            self._connect(name, collection)

    def _connect(self, name: str, collection: Collection) -> None:
        """Have the world told of what becomes of the records."""
        world, provider = self._world, self._provider
        told: Callable[[Record, Record | None], None] | None = None
        if name in self._secret:
            told = _Watch(world, provider, self._secret[name])
        if name in self._timed:
            timing = _Timing(
                world, provider, name, collection.key, self._timed[name], told
            )
            told, collection.on_deleted = timing, timing.forget
        collection.on_put = told


class _Watch:
    """Tells a world of the secrets that its records come to hold."""

    __slots__ = ("_fields", "_provider", "world")

    def __init__(self, world: World, provider: str, fields: tuple[str, ...]) -> None:
        self.world = world
        self._provider = provider
        self._fields = fields

    def __call__(self, record: Record, old: Record | None) -> None:
        if self.world.on_secret is None:
            return
        for field in self._fields:
            secret = record.get(field)
            if old is not None and old.get(field) is secret:
                continue  # it is known
            if isinstance(secret, str) and secret:
                self.world.on_secret(self._provider, secret)


class _Timing:
    """Sets the timers of records that come into a state which time leads away from."""

    __slots__ = ("_collection", "_key", "_provider", "_then", "_timed", "_world")

    def __init__(
        self,
        world: World,
        provider: str,
        collection: str,
        key: str,
        timed: Timed,
        then: Callable[[Record, Record | None], None] | None,
    ) -> None:
        self._world = world
        self._provider = provider
        self._collection = collection
        self._key = key
        self._timed = timed
        self._then = then

    def __call__(self, record: Record, old: Record | None) -> None:
        world, state = self._world, record.get(self._timed.field)
        place = (self._provider, self._collection, record[self._key])
        timer = world.timers.get(place)
        if timer is None or timer.state != state:
            _set_timer(world, place, self._timed, state)
        if self._then is not None:
            self._then(record, old)

    def forget(self, key: int | str) -> None:
        self._world.timers.drop((self._provider, self._collection, key))


def _set_timer(
    world: World, place: Place, timed: Timed, state: Json, since: int | None = None
) -> None:
    delay = timed.delays.get(state) if isinstance(state, str) else None
    if delay is None:
        world.timers.drop(place)
        return
    if since is None:
        moment = world.timers.moment
        since = world.clock.now() if moment is None else moment
    world.timers.set(place, Timer(since + delay, since, state))


def _begin_timers(
    world: World, provider: str, timed: Timed, name: str, collection: Collection
) -> None:
    """Set the timers of the fixtures' records, which count from the world's beginning."""
    for record in collection:
        state = record.get(timed.field)
        if state in timed.delays:
            place = (provider, name, record[collection.key])
            if world.timers.get(place) is None:
                _set_timer(world, place, timed, state, world.began)


class World:
    """One isolated sandbox: clock, chance, records, counters, faults and journal."""

    def __init__(
        self,
        id: str = "default",
        *,
        clock: Clock | None = None,
        seed: int | str = 0,
        journal: Journal[Any] | None = None,
        beginning: Beginning | None = None,
        minted: Mapping[str, Minted] | None = None,
        providers: frozenset[str] | None = None,
        pinned: bool = False,
        room: float = math.inf,
        room_bytes: float = math.inf,
        ending: Ending | None = None,
    ) -> None:
        self.id = id
        self.ending = ending
        """How the secrets end that it gives out; None: as it happens."""
        self.seed = seed
        self.beginning = beginning or Beginning()
        self.providers = providers
        """The providers that are in it; None: all of them."""
        self.pinned = pinned
        """It never makes room for another one."""
        self.minted = minted or {}
        """Its own secrets, by provider; a world without them has those of the fixtures."""
        self.on_secret: Callable[[str, str], None] | None = None
        """Is told of each further secret that it gives out: provider and text."""
        self.journal: Journal[Any] = Journal() if journal is None else journal
        self.alarms: deque[Alarm] = deque(maxlen=_ALARMS)
        """The latest of them; a reset does not forget what went wrong before it."""
        self.clock = clock or Clock(self.beginning.at, frozen=self.beginning.frozen)
        self._most, self._most_bytes = room, room_bytes
        self.began = self.clock.now()
        """When it did, on its clock: the records of fixtures are those of that day."""
        self._begin()

    def _begin(self) -> None:
        self.room = Room(self._most, self._most_bytes)
        self.chance = Chance(self.seed)
        self.secrets = Chance(f"{self.seed}:{self.id}:secrets", self.ending)
        """The chance of texts that no other world may have."""
        self.keys = Keys(self.seed)
        """What its signing keys are made from."""
        self.tally = Tally()
        self.nonces = Nonces()
        """What callers were given to answer."""
        self.faults = Faults()
        self.outbox = Outbox()
        self.files = Files()
        self.stubs = Stubs()
        self.kept_replies = KeptReplies()
        self.timers = Timers()
        """When time changes the state of a record."""
        self.acts = Acts(self.journal.written)
        """What was asked of it besides calls."""
        self.start: World | None = None
        """What it was when it began, if it was not with its fixtures; nobody calls it."""
        self.scenarios: list[str] = []
        """The situations that it was put into since, in order."""
        self._collections: dict[str, Collections] = {}

    def reset(self) -> None:
        """Begin again, with the same secrets, and nothing in the journal."""
        self._begin()
        self.journal.clear()
        self.clock.restart(self.beginning.at, frozen=self.beginning.frozen)
        self.began = self.clock.now()

    def set_clock(self, at: int) -> None:
        """Set its clock. Before anything has happened, it begins there and then.

        Raises `ValueError` outside 1970 to 9998.
        """
        self.clock.set(at)
        if not self.is_used:
            self.began = at

    def fork(self, twin: World, origins: Mapping[str, Origin]) -> None:
        """Have *twin*, which has just begun, go on from where this world stands.

        Records cost the same for many as for few. The journal, and webhooks that are on
        their way, stay here; secrets become those of the twin.
        """
        self._copy(twin, origins)
        twin._starts(f"as a fork of {self.id!r}", origins)

    def again(self, journal: Journal[Any], origins: Mapping[str, Origin]) -> World:
        """A world like this one as it began, of the same id and with the same secrets.

        Its clock stands still. The situations of its beginning are not arranged.
        """
        twin = self._like(journal, self.began)
        start = self.start
        if start is not None:
            start._copy(twin, origins)
            twin.secrets = start.secrets.fork()
            twin.clock.restart(start.clock.now(), frozen=True)
        twin.acts.origin = self.acts.origin
        return twin

    def _like(self, journal: Journal[Any], at: int) -> World:
        return World(
            self.id,
            clock=Clock(at, frozen=True),
            seed=self.seed,
            journal=journal,
            beginning=self.beginning,
            minted=self.minted,
            providers=self.providers,
            room=self._most,
            room_bytes=self._most_bytes,
            ending=self.ending,
        )

    def _starts(self, origin: str, origins: Mapping[str, Origin]) -> None:
        """Remember what it is now, which it is brought about again from."""
        self.acts = Acts(self.journal.written, origin)
        self.start = None
        if not self.journal.off:
            start = self._like(Journal(0), self.clock.now())
            self._copy(start, origins)
            start.secrets = self.secrets.fork()
            self.start = start

    def _copy(self, twin: World, origins: Mapping[str, Origin]) -> None:
        """Have *twin* hold what this world holds, with its own secrets."""
        twin.began = self.began
        twin.chance = self.chance.fork()
        twin.keys = self.keys.fork()
        names = _names(
            {
                provider: _renaming(self.minted.get(provider), minted)
                for provider, minted in twin.minted.items()
            }
        )
        twin.nonces = self.nonces.copy()
        twin.tally = self.tally.fork(names)
        twin.kept_replies = self.kept_replies.fork(names)
        twin.faults = self.faults.copy()
        twin.outbox = self.outbox.fork()
        twin.timers = self.timers.copy()
        twin.stubs = self.stubs.copy()
        twin.files = self.files.copy()
        twin.scenarios = [*self.scenarios]
        twin._collections = {
            name: collection.fork(origins[name], twin)
            for name, collection in self._collections.items()
            if collection.has_bases  # a host that stubs answer for has none
        }

    def dump(self) -> Json:
        """All that has become of it, as JSON holds it; secrets are as in the fixtures."""
        back = {name: minted.back for name, minted in self.minted.items()}
        return {
            "clock": {"now": self.clock.now(), "frozen": self.clock.frozen},
            "began": self.began,
            "scenarios": self.scenarios,
            "chance": self.chance.dump(),
            "secrets": self.secrets.dump(),
            "keys": self.keys.dump(),
            "tally": self.tally.dump(_names(back)),
            "nonces": self.nonces.dump(),
            "faults": self.faults.dump(),
            "outbox": self.outbox.dump(),
            "kept_replies": self.kept_replies.dump(_names(back)),
            "timers": self.timers.dump(),
            "stubs": self.stubs.dump(),
            "files": self.files.dump(),
            "providers": {
                provider: {
                    name: kept
                    for name, collection in collections.items()
                    if (kept := collection.dump(self._spelt(provider, name, back)))
                    is not None
                }
                for provider, collections in self._collections.items()
                if collections.has_bases
            },
        }

    def load(
        self,
        kept: Json,
        origins: Mapping[str, Origin],
        check: Callable[[World], None] = lambda _: None,
        origin: str = "from a snapshot",
    ) -> None:
        """Become what `dump` wrote down, here or in another world: all of it or nothing.

        *check* is asked about a world that holds all of it, before this one becomes so.
        *origin* says how it begins by that (see `Acts`).
        Raises `LookupError` or `ValueError` where it does not fit, and what *check* does.
        """
        new = World(
            self.id,
            clock=Clock(kept["clock"]["now"], frozen=kept["clock"]["frozen"]),
            seed=self.seed,
            journal=self.journal,
            minted=self.minted,
            room=self._most,
            room_bytes=self._most_bytes,
            ending=self.ending,
        )
        new.began = kept["began"]
        told: list[tuple[str, str]] = []
        new.on_secret = lambda provider, text: told.append((provider, text))
        values = {name: minted.values for name, minted in self.minted.items()}
        new.chance = Chance.load(kept["chance"])
        if kept["secrets"]["seed"] == new.secrets.seed:  # it is this very world
            new.secrets = Chance.load(kept["secrets"], self.ending)
        else:  # what it has given out already may be in there: it goes on from here
            new.secrets = self.secrets
        new.keys = Keys.load(kept["keys"])
        new.tally = Tally.load(kept["tally"], _names(values))
        new.faults = Faults.load(kept["faults"])
        new.outbox = Outbox.load(kept["outbox"])
        new.kept_replies = KeptReplies.load(
            kept.get("kept_replies", ()), _names(values)
        )
        for provider, collections in kept["providers"].items():
            held = new.collections(origins[provider])
            for name, changes in collections.items():
                held[name].load(changes, self._spelt(provider, name, values))
        new.nonces = Nonces.load(kept.get("nonces", ()))
        new.timers = Timers.load(kept.get("timers", ()))
        new.files = Files.load(kept.get("files", ()))
        new.stubs = Stubs.load(kept.get("stubs", {"given": 0, "set": ()}))
        check(new)
        self.kept_replies = new.kept_replies
        self.room, self.tally, self.faults = new.room, new.tally, new.faults
        self.outbox, self.timers, self.stubs = new.outbox, new.timers, new.stubs
        self.files = new.files
        self.nonces = new.nonces
        self.chance, self.secrets, self.keys = new.chance, new.secrets, new.keys
        self.began, self.scenarios = new.began, kept["scenarios"]
        self._collections = new._collections
        for collection in self._collections.values():
            collection.move(self)
        self.clock.restart(kept["clock"]["now"], frozen=kept["clock"]["frozen"])
        self._starts(origin, origins)
        if self.on_secret is not None:
            for provider, text in told:
                self.on_secret(provider, text)

    @property
    def is_used(self) -> bool:
        """Whether something has happened in it since it began."""
        return bool(self._collections)

    def _spelt(
        self, provider: str, collection: str, names: Mapping[str, Mapping[str, str]]
    ) -> Callable[[Record], Record]:
        """Gives records of *collection* with their secrets as *names* has them."""
        minted = self.minted.get(provider)
        if minted is None:
            return lambda record: record
        fields, own = minted.fields.get(collection, ()), names[provider]
        return lambda record: renamed(record, fields, own)

    def touched(self, origin: Origin) -> Mapping[str, Collection]:
        """The collections of a provider that somebody has asked for."""
        return self._collections.get(origin.name, {})

    def collections(self, origin: Origin) -> Collections:
        """The collections of a provider, by name."""
        collections = self._collections.get(origin.name)
        if collections is None:
            collections = self._collections[origin.name] = Collections(origin, self)
        return collections


def _renaming(old: Minted | None, new: Minted) -> Mapping[str, str]:
    """What one world has for a secret, and what the other one has."""
    if old is new:
        return {}
    if old is None:
        return new.values
    return {old.values.get(text, text): made for text, made in new.values.items()}


def _names(by_provider: Mapping[str, Mapping[str, str]]) -> Renaming:
    """Secrets as these mappings have them; two providers may have the same text."""
    return lambda provider, text: by_provider.get(provider, {}).get(text, text)
