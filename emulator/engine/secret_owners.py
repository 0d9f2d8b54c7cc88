"""Secret owners: which world a call is for that names none, by the secrets it carries."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256

from emulator.exchange.addressed import Addressed
from emulator.exchange.claims import Malformed, material
from emulator.program.authentication import SchemePolicy
from emulator.program.program import Program
from emulator.world.world import World

Secret = tuple[str, str]
"""A provider, and a text that its calls may carry."""

_LONG = 200
"""Characters of a secret that is kept as it is."""
_EVICTED = 50_000
"""Secrets of worlds that were evicted: the latest, of which the hashes are kept."""
_GIVEN = 100_000
"""Secrets that a world is found by besides those it was made with: the latest."""


class SecretOwners:
    """The worlds of all secrets, but for those that stand in fixtures."""

    def __init__(self, programs: Mapping[str, Program]) -> None:
        self._programs = programs
        self._owners: dict[Secret, World] = {}
        self._given: dict[str, deque[Secret]] = {}
        """Those of `_owners` that a world was not made with, by its id, the oldest first."""
        self.evicted: OrderedDict[int, str] = OrderedDict()
        """The id of the evicted world that a secret was of, by the secret's hash.

        It is for a hint alone: two secrets of the same hash would do no harm.
        """
        self._readers: dict[str, SecretReader] = {}
        self._fixtures: dict[str, frozenset[str]] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def owners(self) -> Iterator[World]:
        """The world of each secret."""
        return iter(self._owners.values())

    def find(self, addressed: Addressed) -> World | str | None:
        """The world whose secret a call carries, or the id of one that was evicted."""
        evicted, name = None, addressed.program.name
        texts = self._texts(addressed)
        for provider in (name, *self._readers[name].issuers):
            for text in texts:
                secret = _secret(provider, text)
                world = self._owners.get(secret)
                if world is not None:
                    return world
                evicted = evicted or self.evicted.get(hash(secret))
        return evicted

    def _texts(self, addressed: Addressed) -> list[str]:
        """The texts of a call that may be secrets; those of its body come last."""
        program = addressed.program
        reader = self._readers.get(program.name)
        if reader is None:
            reader = SecretReader(program.schemes, program.name)
            self._readers[program.name] = reader
        texts = reader.texts(addressed)
        operation = addressed.operation
        if operation is not None and operation.secret_members and addressed.call.body:
            body = addressed.body_value
            if isinstance(body, dict):
                texts += [
                    str(body[name]) for name in operation.secret_members if name in body
                ]
        return texts

    def forget_compiled(self, provider: str) -> None:
        """Keep nothing that was made of the spec of *provider*."""
        self._readers.pop(provider, None)
        self._fixtures.pop(provider, None)

    def disown(self, world: World, provider: str, texts: Iterable[str]) -> None:
        """Have no call find *world* by one of *texts* any more."""
        for text in texts:
            secret = _secret(provider, text)
            if self._owners.get(secret) is world:
                del self._owners[secret]

    def adopt(self, world: World) -> None:
        """Have calls with the secrets that *world* was made with find it."""
        for secret in _minted(world):
            self._owners.setdefault(secret, world)
            self.evicted.pop(hash(secret), None)

    def own(self, world: World, provider: str, text: str) -> None:
        """Have calls that carry *text* find *world*, unless it belonged to another
        world before. Secrets of the fixtures belong to the default world."""
        secret = _secret(provider, text)
        if secret in self._owners or text in self._fixed(provider):
            return
        given = self._given.setdefault(world.id, deque())
        if len(given) >= _GIVEN:
            self._owners.pop(given.popleft(), None)
        given.append(secret)
        self.evicted.pop(hash(secret), None)
        self._owners[secret] = world

    def forget(self, world: World, *, evicted: bool = False) -> None:
        """Have no call find *world* any more; those of an *evicted* one are told so."""
        for secret in (*_minted(world), *self._given.pop(world.id, ())):
            if self._owners.get(secret) is world:
                del self._owners[secret]
                if evicted:
                    self.evicted[hash(secret)] = world.id
        while len(self.evicted) > _EVICTED:
            self.evicted.popitem(last=False)

    def _fixed(self, provider: str) -> frozenset[str]:
        """The secrets that stand in the fixtures of a provider."""
        texts = self._fixtures.get(provider)
        if texts is None:
            program = self._programs.get(provider)
            if program is None:  # an issuer that is not served
                return frozenset()
            schemes = program.schemes.values()
            fields = {
                (scheme.collection, scheme.field)
                for scheme in schemes
                if not scheme.jwt
            }
            for collection, names in program.minted.items():
                fields |= {(collection, name) for name in names}
            texts = self._fixtures[provider] = frozenset(
                str(record.get(field))
                for collection, field in fields
                for record in program.bases[collection].records.values()
            )
        return texts


def _minted(world: World) -> Iterator[Secret]:
    """The secrets that *world* was made with."""
    for provider, minted in world.minted.items():
        for text in minted.values.values():
            yield _secret(provider, text)


def _secret(provider: str, text: str) -> Secret:
    """What *text* is known by: a long one, such as a signed token, by its hash."""
    if len(text) > _LONG:
        text = sha256(text.encode(errors="surrogatepass")).hexdigest()
    return provider, text


class SecretReader:
    """Reads the secrets that the calls of one provider carry."""

    def __init__(self, schemes: Mapping[str, SchemePolicy], provider: str) -> None:
        issuers = {
            scheme.jwt.keys.provider for scheme in schemes.values() if scheme.jwt
        }
        self.issuers = sorted(issuers - {provider})
        """The other providers whose tokens the calls carry."""
        different = {
            (scheme.kind, scheme.parameter, scheme.words, scheme.pattern): scheme
            for scheme in schemes.values()
        }
        # What stands in the body comes last: it is read if nothing else has a secret.
        self._schemes = sorted(
            different.values(), key=lambda scheme: scheme.kind == "body"
        )

    def texts(self, addressed: Addressed) -> list[str]:
        """The texts of a call that may be secrets."""
        call = addressed.call
        texts: list[str] = []
        for scheme in self._schemes:
            if scheme.plain:  # as `material` has it, in less time
                sent = call.headers.get(scheme.parameter)
                if sent:
                    texts.append(sent)
                continue
            read = material(scheme, call, addressed.read_value)
            if read is not None and not isinstance(read, Malformed):
                texts += read.values()
        return texts
