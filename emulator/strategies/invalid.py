"""Invalid: payloads with one thing wrong that the operation refuses, and what it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from functools import lru_cache
from typing import NamedTuple

from hypothesis import reject
from hypothesis import strategies as st

from emulator.json_type import Json
from emulator.program.encoding import File
from emulator.program.operation import Rule
from emulator.program.schemas import properties_of, types_of
from emulator.strategies.bodies import payload, with_whole_groups
from emulator.strategies.probe import Probe
from emulator.strategies.values import Strategy, values

Draw = Callable[[Strategy], Json]
Path = tuple[str, ...]

_GONE = object()
_LONGEST = 100_000
_MOST = 300
MISFITS: Mapping[str, Json] = {
    "string": 12345,
    "integer": "twelve",
    "number": "twelve",
    "boolean": "perhaps",
    "array": "no list",
    "object": "no object",
}
"""A value for each type that is not of it."""


class Invalid(NamedTuple):
    """A payload that is refused, and what is wrong with it."""

    payload: Json
    wrong: str
    """The field and what it is: `title: missing`."""


class Flaw(NamedTuple):
    """One way to spoil a payload: what is put where."""

    path: Path
    says: str
    value: Json


def invalid(probe: Probe) -> Strategy:
    """Payloads that the operation refuses for one thing that is wrong with them."""
    good = payload(probe)
    flaws_found = flaws(probe)
    return _invalid(probe, good, flaws_found) if flaws_found else st.nothing()


@st.composite
def _invalid(
    draw: Draw, probe: Probe, good: Strategy, found: tuple[Flaw | Rule, ...]
) -> Invalid:
    base = draw(good)
    start = draw(st.integers(0, len(found) - 1))
    # Not every flaw is one to this provider: the next that is refused is taken.
    for flaw in (*found[start:], *found[:start]):
        if isinstance(flaw, Flaw):
            spoiled = _spoiled(draw, probe, base, flaw)
            if spoiled is not None and _refused_for(probe, spoiled, flaw.path[0]):
                return Invalid(spoiled, f"{'.'.join(flaw.path)}: {flaw.says}")
            continue
        broken = _broken(draw, probe, base, flaw)
        if broken is not None:
            return Invalid(broken, f"{flaw.field}: breaks a rule")
    return reject()


@lru_cache(maxsize=256)
def flaws(probe: Probe) -> tuple[Flaw | Rule, ...]:
    """Everything that could be wrong with a payload, the plainest first."""
    schema = probe.schema.schema
    all_flaws: list[Flaw | Rule] = [*_of_object(schema, ())]
    for name in properties_of(schema):
        if probe.referred(name):
            all_flaws += [
                Flaw((name,), "refers to nothing", [key] if many else key)
                for key in (987_654_321, "no-such-record")
                for many in (False, True)
            ]
    query = probe.operation.action.query
    if query is not None and query.field in properties_of(schema):
        all_flaws.append(Flaw((query.field,), "no query", {"no_such_clause": {}}))
    all_flaws += _taken(probe)
    return (*all_flaws, *probe.operation.rules)


def _of_object(schema: Mapping[str, Json], above: Path) -> Iterator[Flaw]:
    for name in schema.get("required", ()):
        yield Flaw((*above, name), "missing", _GONE)
    for name, member in properties_of(schema).items():
        path = (*above, name)
        for says, value in _misfits(member):
            yield Flaw(path, says, value)
        if not above and properties_of(member):
            yield from _of_object(member, path)


def _misfits(schema: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """What does not fit *schema*, by one keyword each."""
    for kind in types_of(schema):
        if kind in MISFITS:
            yield f"no {kind}", MISFITS[kind]
    if "enum" in schema:
        yield "none of its values", "none of these"
    least, most = schema.get("minLength", 0), schema.get("maxLength", _LONGEST + 1)
    if least:
        yield f"shorter than {least}", "x" * (least - 1)
    if most <= _LONGEST:
        yield f"longer than {most}", "x" * (most + 1)
    for word, step in (("minimum", -1), ("maximum", 1)):
        if word in schema:
            yield f"beyond its {word} {schema[word]}", schema[word] + step
    for word in ("exclusiveMinimum", "exclusiveMaximum"):
        if word in schema:
            yield f"at its {word} {schema[word]}", schema[word]
    for word in ("format", "pattern"):
        if word in schema:
            yield f"not of its {word}", "~ not that ~"
    if schema.get("minItems"):
        yield f"fewer than {schema['minItems']}", []
    inside = schema.get("items")
    if isinstance(inside, Mapping):
        for says, value in _misfits(inside):
            yield f"an item is {says}", [value]


def _taken(probe: Probe) -> Iterator[Flaw]:
    """Values that another record has, where no two may."""
    action = probe.operation.action
    policy = probe.program.collections.get(action.collection)
    if policy is None or action.kind not in ("create", "update"):
        return
    for unique in policy.unique:
        name = unique.fields[0]
        if unique.refuse == "violation" and name in properties_of(probe.schema.schema):
            records = [*probe.program.bases[policy.name].records.values()][:20]
            for record in records:
                yield Flaw((name,), "taken", record.get(name))


def _spoiled(draw: Draw, probe: Probe, base: Json, flaw: Flaw) -> Json | None:
    """*base* with the flaw; None where it cannot be put there."""
    if not isinstance(base, dict):
        return None
    body = deepcopy(base)
    place, name = body, flaw.path[-1]
    for part in flaw.path[:-1]:
        if not isinstance(place.get(part), dict):
            schema = properties_of(probe.schema.schema)[part]
            place[part] = draw(values({**schema, "type": "object"}))
        place = place[part]
    if flaw.value is _GONE:
        if name not in place:
            return None
        del place[name]
    else:
        place[name] = flaw.value
    return body


def _refused_for(probe: Probe, body: Json, field: str, rule: str = "") -> bool:
    """Whether *field* is all that the operation finds wrong with *body*."""
    violations = probe.violations(body)
    return bool(violations) and all(
        violation["path"]
        and violation["path"][0] == field
        and rule in ("", violation["rule"])
        for violation in violations or ()
    )


def _broken(draw: Draw, probe: Probe, base: Json, rule: Rule) -> Json | None:
    """*base* with a rule broken, and nothing else; None where no try does it."""
    names = sorted(rule.fields)
    if not isinstance(base, dict) or not names or not rule.field:
        return None
    schemas = properties_of(probe.schema.schema)
    # What an update leaves out, the record has: that may break the rule, or may not.
    more = [] if probe.operation.action.kind == "update" else [_GONE]
    base = with_whole_groups(draw, probe, base, names)
    tries = [
        [*_tries(schemas.get(name, {}), base.get(name, _GONE)), *more] for name in names
    ]
    for some in itertools.islice(itertools.product(*tries), _MOST):
        changed = {**base, **dict(zip(names, some, strict=True))}
        body = {name: value for name, value in changed.items() if value is not _GONE}
        if body != base and _refused_for(probe, body, rule.field, rule.name):
            return body
    return None


def _tries(schema: Mapping[str, Json], now: Json) -> list[Json]:
    """Values of a field with which a rule may be broken: as it is, and others."""
    kinds = schema.get("type", "string")
    values: list[Json] = [now, *schema.get("enum", ())]
    if isinstance(now, File):
        values.append(now._replace(filename="a.exe"))
    if "integer" in kinds or "number" in kinds:
        low = schema.get("minimum", 0)
        values += [low, low + 1]
    elif "object" in kinds and isinstance(now, dict):
        numbers = [
            name for name, value in now.items() if isinstance(value, (int, float))
        ]
        values += [
            {**now, **dict(zip(numbers, some, strict=True))}
            for some in itertools.permutations(range(1, len(numbers) + 1))
        ][:6]
    elif "string" in kinds and "enum" not in schema:
        values += ["no-such-thing", ""]
    if "null" in kinds:
        values.append(None)
    return values
