"""Probe: one operation and its caller, and whether the provider takes what is drawn.

What is asked is the pipeline itself, up to the step that judges the input, in a world
that has just begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from urllib.parse import urlencode

from emulator.compile.load import load
from emulator.compile.places import bundled, places
from emulator.diagnostics import did_you_mean
from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call
from emulator.exchange.exchange import Exchange, Record, Refusal
from emulator.http.cookies import cookie_header
from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed
from emulator.pipeline import DECIDE
from emulator.program.credentials import credentials
from emulator.program.encoding import encoded
from emulator.program.operation import Operation, Rule
from emulator.program.program import Program
from emulator.program.schemas import Schema
from emulator.program.writing import address
from emulator.times import SECOND, time_of
from emulator.world.clock import Clock
from emulator.world.world import World

_DECIDE = {step.name: step.decide for step in DECIDE}
_ANSWER = (
    'Digest realm="", nonce="-", uri="/", response="-", nc=00000000, cnonce="-",'
    ' qop=auth, username="'
)
"""Begins what stands in for the answer to a challenge, which nobody has given yet."""
_KNOWN = ("route", "identify", "authenticate", "authorize")
_FOUND = (*_KNOWN, "parameters", "find")
_JUDGED = (*_FOUND, "negotiate", "body", "validate")
_MOST = 200
"""How many records of a collection are looked at."""


@cache
def _bundled(name: str) -> Program:
    found = {place.name: place for place in places(*bundled())}
    if name not in found:
        raise ValueError(f"no provider is called {name!r}: {did_you_mean(name, found)}")
    return load(found[name])


def program_of(provider: str | Program) -> Program:
    """The program of a bundled provider. Raises `ValueError` where there is none."""
    return _bundled(provider) if isinstance(provider, str) else provider


def moment(at: str | None) -> int:
    """The time *at* in microseconds since 1970; by default the present."""
    return Clock().now() if at is None else time_of(at)


def probe(
    provider: str | Program, operation: str, credential: str | None, at: str | None
) -> Probe:
    """The probe of an operation. Raises `ValueError` where there is no such thing."""
    program = program_of(provider)
    if operation not in program.operations:
        raise ValueError(
            f"{program.name} has no operation {operation!r}: "
            f"{did_you_mean(operation, program.operations)}"
        )
    # What is probed stays right for a minute; a test asks many times.
    minute = 60 * SECOND
    when = moment(at) // minute * minute if at is None else moment(at)
    return _probe(program, operation, credential, when)


class Probe:
    """One operation of a provider, as one caller meets it in a fresh world."""

    def __init__(
        self, program: Program, operation: Operation, name: str | None, at: int
    ) -> None:
        self.program = program
        self.operation = operation
        self._at = at
        body = operation.body
        taken = [*body.schemas] if body else []
        plain = [media_type for media_type in taken if media_type.endswith("json")]
        self.media = next(iter(plain or taken), "")
        """The media type that bodies are sent as: JSON where that is taken."""
        self.credential = self._caller(name)

    def with_body(self) -> Probe:
        """The probe itself. Raises `ValueError` where the operation takes no body."""
        if not self.media:
            raise ValueError(
                f"{self.operation.id} of {self.program.name} takes no body: "
                "draw `calls` of it instead"
            )
        return self

    @property
    def schema(self) -> Schema:
        """What the body has to be."""
        body = self.operation.body
        found = body.schema(self.media) if body else None
        return found or Schema({})

    @property
    def headers(self) -> dict[str, str]:
        """What the caller sends with every call."""
        own = dict(self.credential["headers"]) if self.credential else {}
        if self.credential and "digest" in self.credential:
            own["Authorization"] = _ANSWER + self.credential["digest"]["username"] + '"'
        cookies = (self.credential or {}).get("cookies", {})
        if cookies:
            own["Cookie"] = cookie_header(cookies.items())
        return own

    def with_credential(self, payload: Json) -> Json:
        """*payload* with the credential, where that stands in the body."""
        own = (self.credential or {}).get("body", {})
        if own and (payload is None or isinstance(payload, dict)):
            return {**(payload or {}), **own}
        return payload

    def address(self, path: Mapping[str, Json]) -> str:
        """The path of a call about this record, as the provider's own host has it."""
        return self.program.base_path + address(self.operation, path)

    def ask(
        self,
        path: Mapping[str, Json],
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        steps: Sequence[str] = _JUDGED,
    ) -> Exchange:
        """What becomes of a call in a fresh world, up to and with these *steps*."""
        own = (self.credential or {}).get("query", {})
        # Whichever client sends the call says its name.
        sent = {"User-Agent": "a client", **self.headers, **(headers or {})}
        if self.media and not body and self.with_credential(None):
            sent["Content-Type"], body = encoded(self.with_credential(None), self.media)
        call = Call(
            method=self.operation.method,
            path=self.address(path),
            query=urlencode([*own.items(), *query]).encode(),
            raw_headers=[
                (name.lower().encode(), value.encode()) for name, value in sent.items()
            ],
            body=body,
            scheme="https",
        )
        world = World(clock=Clock(self._at, frozen=True))
        addressed = Addressed(call, self.program, world, call.path, call.base_url)
        addressed.choose()
        exchange = Exchange(addressed)
        exchange.trusted = True  # whoever sends the call signs it
        for name in self.program.order:
            if name in steps and exchange.refusal is None:
                outcome = _DECIDE[name](exchange)
                if isinstance(outcome, Refusal):
                    exchange.refusal = outcome
        return exchange

    def violations(self, payload: Json) -> list[Record] | None:
        """What is wrong with a body; None where something else was refused."""
        content, body = encoded(self.with_credential(payload), self.media)
        found = self.ask(self.path, (), {"Content-Type": content}, body)
        if found.refusal is None:
            return []
        if found.refusal.code != "invalid_request":
            return None
        wrong = found.refusal.facts["violations"]
        return [violation for violation in wrong if violation["where"] == "body"]

    @cached_property
    def paths(self) -> list[dict[str, Json]]:
        """Values for the path's parameters that lead to a record of the fixtures."""
        names = self.operation.parameter_names
        if not names:
            return [{}]
        action = self.operation.action
        places = [(action.collection, action.by)] if action.collection else []
        for requirement in self.operation.requires:
            uses = sorted(requirement.check.uses.collections)
            places += [(use, "") for use in uses if use != action.collection]
        ranked: list[tuple[int, dict[str, Json]]] = []
        for collection, by in places:
            base = self.program.bases[collection]
            for record in [*base.records.values()][:_MOST]:
                path = {name: record.get(name) for name in names}
                path[names[-1]] = record.get(by or base.key)
                if None in path.values():
                    continue
                found = self.ask(path, steps=_FOUND)
                if found.refusal is None:
                    ranked.append((self._kept(found), path))
        best = max((rank for rank, _ in ranked), default=0)
        return [path for rank, path in ranked if rank == best]

    @property
    def path(self) -> dict[str, Json]:
        """One of the paths. Raises `ValueError` where there is none."""
        if not self.paths:
            raise ValueError(
                f"the fixtures of {self.program.name} have no record that "
                f"{self.operation.path} leads this caller to: add one, or name another "
                "credential"
            )
        return self.paths[0]

    def _kept(self, exchange: Exchange) -> int:
        """How many of the operation's requirements hold of a record."""
        kept = 0
        for requirement in self.operation.requires:
            try:
                kept += bool(requirement.check.value(exchange))
            except ExpressionFailed:  # it looks at a body, and there is none
                continue
        return kept

    def referred(self, field: str) -> list[Json]:
        """The keys that *field* of the body may hold; empty where it refers to nothing."""
        policy = self.program.collections.get(self.operation.action.collection)
        values: list[Json] = []
        for reference in policy.references if policy else ():
            if reference.field == field:
                base = self.program.bases[reference.to]
                records = [*base.records.values()][:_MOST]
                values += [record.get(reference.by or base.key) for record in records]
        return [value for value in values if value is not None]

    def allowed(
        self, rules: Sequence[Rule], field: str, *, many: bool = False
    ) -> list[Json]:
        """Values of the fixtures with which all *rules* hold, whatever else is sent."""
        exchange = self.ask(self.path, steps=_FOUND)
        looked_up = {
            collection for rule in rules for collection in rule.check.uses.collections
        }
        found: dict[str, Json] = {}
        for name in sorted(looked_up):
            for record in [*self.program.bases[name].records.values()][:_MOST]:
                for stored in record.values():
                    if isinstance(stored, (int, str)) and repr(stored) not in found:
                        value = [stored] if many else stored
                        if _hold(rules, exchange, {field: value}):
                            found[repr(stored)] = stored
        return [*found.values()]

    def _caller(self, name: str | None) -> dict[str, Json] | None:
        """The credential that is named, or the first that may call."""
        known = credentials(self.program, self._at)
        names = [str(credential["name"]) for credential in known]
        if name is not None:
            if name not in names:
                raise ValueError(
                    f"{self.program.name} has no credential {name!r}: "
                    f"{did_you_mean(name, names)}"
                )
            return known[names.index(name)]
        if not self.operation.security:
            return None
        some = dict.fromkeys(self.operation.parameter_names, "1")
        for self.credential in known:
            found = self.ask(some, steps=_KNOWN)
            if found.refusal is None and found.caller is not None:
                return self.credential
        if self.operation.open:
            return None
        raise ValueError(
            f"no credential in the fixtures of {self.program.name} may call "
            f"{self.operation.id}: add one with its scopes"
        )


def _hold(rules: Iterable[Rule], exchange: Exchange, sent: dict[str, Json]) -> bool:
    exchange.query = exchange.body = exchange.given = sent
    exchange.defined = None  # what `let` defines may depend on what is sent
    try:
        return all(rule.check.value(exchange, sent) for rule in rules)
    except ExpressionFailed:  # the value is not of the kind that the rule is about
        return False


@lru_cache(maxsize=256)
def _probe(program: Program, id: str, name: str | None, at: int) -> Probe:
    return Probe(program, program.operations[id], name, at)
