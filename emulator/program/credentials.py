"""Credentials: the ready-to-send form of what a provider's fixtures hold, in any world."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from hashlib import sha256

from emulator.json_type import Json
from emulator.program.authentication import PAIRS, SchemePolicy, leading_first
from emulator.program.onlooker import Onlooker
from emulator.program.program import Program
from emulator.program.tokens import TokenPolicy
from emulator.times import SECOND
from emulator.world.base import Base, Record
from emulator.world.clock import Clock
from emulator.world.secrets import Minted, Shape, shape_of, strange
from emulator.world.whereabouts import ending_of
from emulator.world.world import World

Form = tuple[str, tuple[SchemePolicy, ...]]
"""A collection of credentials, and the schemes that they are sent by together."""


class CredentialSet:
    """The credentials of one provider, of which every world has its own set."""

    def __init__(self, program: Program, *, spread: bool = False) -> None:
        """*spread*: what a world has of its own ends as the world's id does."""
        self.program = program
        self._spread = spread
        self._forms = tuple(_together(program, _asked(program)))
        self._shapes = tuple(map(shape_of, secrets(program.minted, program.bases)))
        self._example: tuple[Shape, ...] = ()
        """The secrets of the credential that `unknown` is made like."""
        for record, made in self._each(World(), None):
            shown = [*record.values(), *made.values()]
            found = (shape for shape in self._shapes if shape.text in shown)
            self._example = tuple(map(strange, found))
            break

    def mint(self, world: str, seed: int | str) -> Minted:
        """The secrets of the world of that id."""
        return self._minted(self._shapes, world, self._salt(world, seed))

    def listed(self, world: World, at: int | None = None) -> list[dict[str, Json]]:
        """What the fixtures name, as it stands in *world*: see `credentials`."""
        x = Onlooker(self.program, world)
        listed = [made for _, made in self._each(world, at)]
        names = {made["name"] for made in listed}
        for collection, schemes in self._forms:
            record = next(_named(x, collection), None)
            if record is not None and schemes[0].jwt is not None:
                bad = _bad_tokens(x, schemes, schemes[0].jwt, record)
                listed += [made for made in bad if made["name"] not in names]
        return listed

    def unknown(self, world: World) -> dict[str, Json] | None:
        """One in the provider's form that nothing proves, in *world* or elsewhere.

        None where no credential has a secret to make another one of.
        """
        if self._forms and self._forms[0][1][0].jwt is not None:
            return self._unknown_token(world)
        if not self._example:
            return None
        salt = self._salt(f"{world.id}\x1funknown", world.seed)
        minted = self._minted(self._example, world.id, salt)
        nowhere = World(minted={self.program.name: minted})
        for _, made in self._each(nowhere, None):
            if "about" in made:
                made["about"] = "nothing proves it"
            return {**made, "name": "unknown", "state": "unknown"}
        return None

    def _unknown_token(self, world: World) -> dict[str, Json] | None:
        """A token that somebody else has signed, where tokens are what is sent."""
        x = Onlooker(self.program, World(seed=f"{world.seed}\x1funknown"))
        x.at = world.clock.now()
        for collection, schemes in self._forms:
            record = next(_named(x, collection), None)
            if record is not None and schemes[0].jwt is not None:
                made = _credential(x, schemes, record, None)
                unknown = {"name": "unknown", "state": "unknown"}
                return {**made, **unknown, "about": "nobody here has signed it"}
        return None

    def _each(
        self, world: World, at: int | None
    ) -> Iterator[tuple[Record, dict[str, Json]]]:
        """Each record that the fixtures name, and its credential."""
        x = Onlooker(self.program, world)
        for collection, schemes in self._forms:
            for record in _named(x, collection):
                x.caller = record
                yield record, _credential(x, schemes, record, at)

    def _minted(self, shapes: tuple[Shape, ...], world: str, salt: str) -> Minted:
        ending = ending_of(world) if self._spread else None
        return Minted(self.program.minted, shapes, salt, ending)

    def _salt(self, world: str, seed: int | str) -> str:
        return f"{seed}\x1f{world}\x1f{self.program.name}"


def credentials(program: Program, at: int | None = None) -> list[dict[str, Json]]:
    """Every credential of the fixtures: `name`, `state`, `scheme`, `value`, `headers`.

    They are those of a world that begins *at* (microseconds since 1970; now by
    default): one that is over by then is `expired`. `query`, `cookies` and `body` are there
    for schemes that travel so, `about` where the spec says what it is for, and what the
    scheme `show`s besides. The first scheme that a collection serves decides how its
    credentials are sent.
    """
    world = World() if at is None else World(clock=Clock(at, frozen=True))
    return CredentialSet(program).listed(world, at)


def state(program: Program, scheme: SchemePolicy, record: Record) -> str:
    """The state of a credential of the fixtures: `active`, or what its record says."""
    x = Onlooker(program, World())
    x.caller = dict(record)
    return scheme.state_of(x, record)


def find_credential(program: Program, name: str) -> tuple[str, int | str]:
    """The collection and the key of the credential *name*. Raises `KeyError`."""
    for collection in dict.fromkeys(
        scheme.collection for scheme in program.schemes.values()
    ):
        for key, record in program.bases[collection].records.items():
            if name == str(record.get("name", key)):
                return collection, key
    raise KeyError(name)


def _named(x: Onlooker, collection: str) -> Iterator[Record]:
    """The records that the fixtures have, as they are now, if they are."""
    held = x.collection(collection)
    for key in x.program.bases[collection].records:
        record = held.get(key)
        if record is not None:
            yield record


def _asked(program: Program) -> list[tuple[SchemePolicy, ...]]:
    """The alternatives that operations ask for, each once, from the document: that of
    operations which nobody has called yet is known as well."""
    document = program.openapi
    listed: list[Json] = []
    paths = document.get("paths")
    for item in paths.values() if isinstance(paths, dict) else ():
        listed += (
            operation.get("security", document.get("security"))
            for operation in (item.values() if isinstance(item, dict) else ())
            if isinstance(operation, dict)
        )
    found: dict[tuple[str, ...], None] = {}
    for security in listed:
        for requirement in security if isinstance(security, list) else ():
            if isinstance(requirement, dict):
                found[leading_first(requirement)] = None
    return [
        tuple(program.schemes[name] for name in names)
        for names in found
        if names and all(name in program.schemes for name in names)
    ]


def _together(
    program: Program, asked: list[tuple[SchemePolicy, ...]]
) -> Iterator[Form]:
    """Each collection of credentials with the schemes of an alternative that it serves, of
    that which asks for most: what is sent for it is enough for the others.

    Credentials that only come beside those of other collections are sent with these.
    """
    found: dict[str, tuple[SchemePolicy, ...]] = {}
    for alternative in asked:
        name = alternative[0].collection
        if len(alternative) > len(found.get(name, ())):
            found[name] = alternative
    beside = {scheme.collection for way in asked for scheme in way[1:]}
    for scheme in program.schemes.values():
        name = scheme.collection
        if name not in found and name not in beside:
            found[name] = (scheme,)
    for name in dict.fromkeys(scheme.collection for scheme in program.schemes.values()):
        if name in found:
            yield name, found[name]


def _holder(
    x: Onlooker, scheme: SchemePolicy, record: Record, first: SchemePolicy
) -> Record:
    """The record that has what is sent by *scheme* for *record*, a credential of *first*.

    In another collection that is the one of the same name, or else of the same state.
    """
    if scheme.collection == first.collection:
        return record
    others = [*_named(x, scheme.collection)]
    same = [each for each in others if each.get("name") == record.get("name")]
    state = first.state_of(x, record)
    same += [each for each in others if scheme.state_of(x, each) == state]
    return (same or others or [{}])[0]


_PLACES = {"query": "query", "cookie": "cookies"}
"""The members of a credential by the kinds of its schemes, where it is sent by name."""


def _credential(
    x: Onlooker,
    schemes: tuple[SchemePolicy, ...],
    record: Record,
    at: int | None,
) -> dict[str, Json]:
    program, first = x.program, schemes[0]
    credential: dict[str, Json] = {
        "name": str(record.get("name", record[program.bases[first.collection].key])),
        "state": _state(x, first, record, at),
        "scheme": first.name,
        "value": _value(x, first, record),
        "headers": {},
    }
    if any(scheme.proves for scheme in schemes):
        credential["needs_proof"] = True
    for scheme in schemes:
        _send(credential, x, scheme, _holder(x, scheme, record, first))
    about = next((used.about for used in schemes if used.about is not None), None)
    if about is not None:
        credential["about"] = str(about.value(x, record))
    if len(schemes) > 1 or first.kind in PAIRS:
        own = [used for used in schemes if used.collection == first.collection]
        parts = [used.field for used in own]
        parts += [used.password for used in own if used.kind in PAIRS]
        for name in parts:
            credential.setdefault(name, str(record.get(name, "")))
    for name in (part for used in schemes for part in used.signing):
        credential.setdefault(name, str(record.get(name, "")))
    for name, template in first.show.items():
        credential.setdefault(name, template.value(x, record))
    return credential


def _send(
    credential: dict[str, Json], x: Onlooker, scheme: SchemePolicy, holder: Record
) -> None:
    """Add to *credential* where a caller sends what *scheme* asks for, and what."""
    value = _value(x, scheme, holder)
    sent, place = scheme.sent(value), _PLACES.get(scheme.kind)
    if place is not None:
        credential.setdefault(place, {})[scheme.parameter] = sent
    elif scheme.kind == "header":
        credential["headers"][_spelled(x.program, scheme)] = sent
    elif scheme.kind == "body":
        _put(credential.setdefault("body", {}), scheme.parameter, sent)
    elif scheme.kind == "bearer":
        credential["headers"]["Authorization"] = sent
    else:
        password = str(holder.get(scheme.password, ""))
        if scheme.kind == "digest":
            credential["digest"] = {"username": value, "password": password}
        else:
            pair = base64.b64encode(f"{value}:{password}".encode()).decode()
            credential["headers"]["Authorization"] = f"Basic {pair}"


def _value(x: Onlooker, scheme: SchemePolicy, record: Record) -> str:
    """What is sent for *record*: what stands in its field, or a token of its own."""
    if scheme.jwt is None:
        return str(record.get(scheme.field, ""))
    return scheme.jwt.mint(x, record, jti=_jti(x, scheme, record, "good"))


def _bad_tokens(
    x: Onlooker, schemes: tuple[SchemePolicy, ...], tokens: TokenPolicy, record: Record
) -> Iterator[dict[str, Json]]:
    """Tokens for *record* that are refused, one for each reason that a claim can be."""
    now = x.at // SECOND
    before, after = (now + sign * (tokens.leeway + 3_600) for sign in (-1, 1))
    wrong: dict[str, dict[str, Json]] = {
        "expired": {"iat": before - 3_600, "exp": before},
        "not_yet_valid": {"iat": now, "nbf": after, "exp": after + 3_600},
    }
    if tokens.issuer is not None:
        wrong["wrong_issuer"] = {"iss": "https://issuer.invalid"}
    if tokens.audience is not None:
        wrong["wrong_audience"] = {"aud": "https://audience.invalid"}
    good = _credential(x, schemes, record, None)
    good.pop("about", None)
    for name, claims in wrong.items():
        jti = _jti(x, schemes[0], record, name)
        text = tokens.mint(x, record, jti=jti, **claims)
        sent: dict[str, Json] = {
            place: {
                key: value.replace(good["value"], text)
                for key, value in good[place].items()
            }
            for place in ("headers", "query", "cookies")
            if place in good
        }
        yield {**good, **sent, "name": name, "state": name, "value": text}


def _jti(x: Onlooker, scheme: SchemePolicy, record: Record, name: str) -> str:
    """The same for the same world, and no other's."""
    parts = (x.world.seed, x.world.id, x.program.name, scheme.name, record, name)
    return sha256(repr(parts).encode(errors="replace")).hexdigest()[:22]


def _state(x: Onlooker, scheme: SchemePolicy, record: Record, at: int | None) -> str:
    """The state of a credential: `expired`, `active`, or what its record says."""
    ends = None if at is None else scheme.ends_at(x, record)
    if at is not None and ends is not None and ends <= at:
        return "expired"
    return scheme.state_of(x, record)


def _put(body: dict[str, Json], member: str, value: str) -> None:
    """Put *value* into the member of *body*, or of a member of it."""
    *above, last = member.split(".")
    for name in above:
        body = body.setdefault(name, {})
    body[last] = value


def _spelled(program: Program, scheme: SchemePolicy) -> str:
    """The header's name as OpenAPI spells it."""
    schemes: Mapping[str, Json] = program.openapi.get("components", {}).get(
        "securitySchemes", {}
    )
    name = str(schemes.get(scheme.name, {}).get("name", scheme.parameter))
    return name if name.lower() == scheme.parameter else scheme.parameter.title()


def secrets(
    fields: Mapping[str, tuple[str, ...]], bases: Mapping[str, Base]
) -> Iterator[str]:
    """What stands in these fields in the fixtures, each text once."""
    seen: set[str] = set()
    for collection, names in fields.items():
        for record in bases[collection].records.values():
            for name in names:
                text = record.get(name)
                if isinstance(text, str) and text not in seen:
                    seen.add(text)
                    yield text
