"""Values: one that a JSON Schema (2020-12) allows, the same for the same seed.

A value is made from what its schemas demand of it. Where there are alternatives, or
something that can only be judged of a whole value (`not`, `contains`, ...), what is made
is looked at, and the next combination is tried. The value as a whole is looked at in the
end: what is given fits its schema, or nothing is given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import orjson

from emulator.generation import names as named
from emulator.generation.directions import REPLY, directed
from emulator.generation.failures import (
    MOST_ITEMS,
    MOST_LEVELS,
    MOST_WORK,
    NotGenerated,
    TooMuch,
)
from emulator.generation.flattening import TYPES, Demands, Flattening
from emulator.generation.inside import (
    is_map,
    items_of,
    made_at_most,
    must_contain,
    schemas_of,
    singular,
    with_needed,
)
from emulator.generation.judging import Judge
from emulator.generation.numbers import number_of
from emulator.generation.patterns import Unreadable, is_open, text_of
from emulator.generation.texts import text
from emulator.json_type import Json
from emulator.world.chance import Chance

_FULL = 5
"""So deep, members and items are made that nothing requires."""
_LARGE = 4_000
"""From so much work on, nothing is made that is not required."""
_COMBINATIONS = 48
_ROUNDS = 12
_INT = 2**63

Path = tuple[str | int, ...]


class Generator:
    """Makes values of one schema; what a reply (or a request) leaves out is left out."""

    def __init__(self, schema: Json, left_out: str = REPLY) -> None:
        self.schema = directed(schema, left_out)
        definitions: Mapping[str, Json] = {}
        if isinstance(self.schema, Mapping):
            definitions = self.schema.get("$defs", {})
        self.definitions = definitions
        self.flattening = Flattening(definitions)
        self._judge = Judge(definitions, self.flattening)

    def fits(self, schemas: tuple[Json, ...], value: Json) -> bool:
        """Whether *value* is one of all *schemas*."""
        return self._judge.fits(schemas, value)

    def value(self, seed: str, *, dynamic: bool = False, name: str = "") -> Json:
        """The value for *seed*; *dynamic*: whatever examples and defaults propose.

        It is for a member called *name*. Raises `NotGenerated`.
        """
        from jsonschema_rs import ValidationError

        try:
            return self._value(seed, dynamic, name)
        except ValidationError as error:
            raise NotGenerated(f"the schema is none: {error.message}") from None

    def _value(self, seed: str, dynamic: bool, name: str) -> Json:
        chance = Chance(seed)
        making = _Making(self, chance, dynamic)
        for number in range(_ROUNDS):
            making.round = number
            value = making.of((self.schema,), name, (), 0, frozenset(), lean=number > 1)
            if self.fits((self.schema,), value):
                return value
        raise NotGenerated("no value was found that keeps to all of the schema")


class _Making:
    """The making of one value."""

    def __init__(self, generator: Generator, chance: Chance, dynamic: bool) -> None:
        self._generator = generator
        self._chance = chance
        self._dynamic = dynamic
        self._work = 0
        self.round = 0
        """How often values were made that did not fit as a whole."""

    def of(
        self,
        schemas: tuple[Json, ...],
        name: str,
        path: Path,
        level: int,
        active: frozenset[str],
        *,
        lean: bool,
    ) -> Json:
        """A value of all *schemas*, for the member *name*, at *path*.

        *active* are the definitions that it is part of a value of.
        """
        if level > MOST_LEVELS:
            raise TooMuch(f"values are more than {MOST_LEVELS} levels deep", path)
        flattening, why = self._generator.flattening, ""
        number, most = 0, 1
        while number < most:
            self._work += 1
            if self._work > MOST_WORK:
                raise TooMuch("there is too much to make, or to try", path)
            spare = lean or self._work > _LARGE or number % 2 == 1
            combination = number // 2 + self.round
            demands = flattening.demands(schemas, combination, active, spare)
            looked_at = demands.checked or (demands.varied and self.round > 0)
            if number == 0 and (demands.varied or looked_at or self.round):
                most = min(4 * max(demands.choices, 2), 2 * _COMBINATIONS)
            number += 1
            if demands.impossible:
                why = why or demands.impossible
                continue
            try:
                value = self._made(
                    demands, schemas, name, path, level, active, spare, number
                )
            except TooMuch:
                raise
            except NotGenerated as error:
                if error.path != path or not why:
                    why = error.why
                if not (demands.varied or demands.checked):
                    raise
                continue
            if not looked_at or self._generator.fits(schemas, value):
                return value
        raise NotGenerated(why or "no alternative was found that keeps to it", path)

    def _made(
        self,
        demands: Demands,
        schemas: tuple[Json, ...],
        name: str,
        path: Path,
        level: int,
        active: frozenset[str],
        lean: bool,
        number: int,
    ) -> Json:
        if not self._dynamic and number <= 2:
            for proposal in demands.proposals:
                if self._generator.fits(schemas, proposal):
                    return proposal
        if demands.allowed is not None:
            return self._allowed(demands, schemas, path)
        kind = _kind(demands, number, level)
        inside = active | demands.references
        if kind == "object":
            return self._object(demands, path, level, inside, lean)
        if kind == "array":
            return self._array(demands, name, path, level, inside, lean)
        try:
            if kind == "string":
                if demands.contents and not (demands.patterns or demands.formats):
                    return self._content(demands, path, level, inside, lean)
                return text(demands, name, self._chance)
            if kind in ("integer", "number"):
                return number_of(demands, kind, name, self._chance)
        except NotGenerated as error:
            raise type(error)(error.why, path) from None
        return None if kind == "null" else self._chance.happens(0.5)

    def _content(
        self,
        demands: Demands,
        path: Path,
        level: int,
        active: frozenset[str],
        lean: bool,
    ) -> str:
        """A text that is the JSON of a value. Raises `NotGenerated`."""
        schemas = tuple(demands.contents)
        made = self.of(schemas, "", path, level + 1, active, lean=lean)
        written = canonical(made).decode()
        least = demands.least.get("minLength", 0)
        if not least <= len(written) <= demands.most.get("maxLength", len(written)):
            why = f"what it contains takes {len(written)} characters"
            raise NotGenerated(why, path)
        return written

    def _allowed(self, demands: Demands, schemas: tuple[Json, ...], path: Path) -> Json:
        """One of the values that are listed; null only where there is nothing else."""
        fitting = [
            value
            for value in demands.allowed or ()
            if self._generator.fits(schemas, value)
        ]
        if not fitting:
            raise NotGenerated("none of the values that are listed fits", path)
        return self._chance.pick(
            [value for value in fitting if value is not None] or fitting
        )

    def _object(
        self,
        demands: Demands,
        path: Path,
        level: int,
        active: frozenset[str],
        lean: bool,
    ) -> Json:
        least = demands.least.get("minProperties", 0)
        most = demands.most.get("maxProperties", MOST_ITEMS)
        if least > MOST_ITEMS:
            raise TooMuch(f"an object of at least {least} members", path)
        needed = with_needed(demands, demands.required)
        if len(needed) > most:
            raise NotGenerated(f"more than {most} members are required", path)
        made: dict[str, Json] = {}
        full = not lean and level < _FULL
        for name in self._order(demands, needed, full or len(needed) < least):
            if name in needed:
                made[name] = self._member(demands, name, path, level, active, lean)
                continue
            adds = [
                one for one in with_needed(demands, {name: None}) if one not in made
            ]
            room = most - len(needed.keys() | made.keys())
            if len(adds) > room or (not full and len(made) >= least):
                continue
            if not set(adds) <= {name} | made.keys():
                continue  # it brings others with it, of which little is known
            if self._leads_back(demands, name, active):
                continue
            try:
                made[name] = self._member(demands, name, path, level, active, lean)
            except TooMuch:
                raise
            except NotGenerated:
                continue
        self._fill(demands, made, least, path, level, active)
        return made

    @staticmethod
    def _order(
        demands: Demands, needed: Mapping[str, None], full: bool
    ) -> Iterator[str]:
        """The members that may be made, in the order in which the schemas name them."""
        optional = (
            name
            for schema in demands.objects
            for name in schema.get("properties", {})
            if name in needed or full
        )
        yield from dict.fromkeys(
            name
            for name in (*made_at_most(optional, needed), *needed)
            if name not in demands.forbidden or name in needed
        )

    def _leads_back(self, demands: Demands, name: str, active: frozenset[str]) -> bool:
        parts = schemas_of(demands, name)
        return any(self._generator.flattening.leads_to(part, active) for part in parts)

    def _member(
        self,
        demands: Demands,
        name: str,
        path: Path,
        level: int,
        active: frozenset[str],
        lean: bool,
    ) -> Json:
        parts = schemas_of(demands, name)
        if name in demands.forbidden:
            raise NotGenerated(f"{name!r} is required, and excluded", path)
        hint = demands.hints.get(name)
        if hint is not None and self._generator.fits(parts, hint):
            return hint
        return self.of(parts, name, (*path, name), level + 1, active, lean=lean)

    def _fill(
        self,
        demands: Demands,
        made: dict[str, Json],
        least: int,
        path: Path,
        level: int,
        active: frozenset[str],
    ) -> None:
        """Give *made* further members up to the *least* number; one where it is a map."""
        names_are_data = not made and level < _FULL and is_map(demands)
        wanted = max(least, 1 if names_are_data and least == 0 else least)
        if demands.most.get("maxProperties", wanted) < wanted:
            wanted = demands.most["maxProperties"]
        for attempt in range(20 + 3 * wanted):
            if len(made) >= wanted:
                return
            try:
                name = self._new_name(demands, attempt)
                if name in made or name in demands.forbidden:
                    continue
                made[name] = self._member(demands, name, path, level, active, True)
            except TooMuch:
                raise
            except NotGenerated:
                continue
        if len(made) < least:
            raise NotGenerated(f"no {least} members are allowed", path)

    def _new_name(self, demands: Demands, attempt: int) -> str:
        patterns = [
            pattern
            for schema in demands.objects
            for pattern in schema.get("patternProperties", {})
        ]
        if patterns and attempt % 3 != 2:
            try:
                pattern = patterns[attempt % len(patterns)]
                word = named.words(self._chance) if is_open(pattern) else ""
                return text_of(pattern, self._chance, attempt) + word
            except (Unreadable, ValueError):
                pass
        if demands.names:
            parts = tuple(demands.names)
            parts = (*parts, {"type": "string"})
            return str(self.of(parts, "", (), 0, frozenset(), lean=True))
        word = named.words(self._chance)
        return word if attempt < 6 else f"{word}{attempt}"

    def _array(
        self,
        demands: Demands,
        name: str,
        path: Path,
        level: int,
        active: frozenset[str],
        lean: bool,
    ) -> Json:
        least = demands.least.get("minItems", 0)
        most = demands.most.get("maxItems", MOST_ITEMS)
        if least > MOST_ITEMS:
            what = f"a list of at least {least} items; {MOST_ITEMS} are made at most"
            raise TooMuch(what, path)
        if least > most:
            raise NotGenerated(f"minItems is {least} and maxItems {most}", path)
        made: list[Json] = []
        prefixed = max(
            (len(schema.get("prefixItems", ())) for schema in demands.arrays), default=0
        )
        wanted = self._length(demands, prefixed, least, level, active, lean)
        wanted = min(max(wanted, least), most)
        single = singular(name)
        contained = must_contain(demands)
        wanted = min(max(wanted, prefixed * bool(contained) + len(contained)), most)
        known: set[bytes] = set()
        for at in range(wanted):
            parts = items_of(demands, at)
            after = at - (prefixed if prefixed < wanted else 0)
            if 0 <= after < len(contained):
                parts = (*parts, contained[after])
            try:
                made.append(
                    self._item(
                        demands, parts, single, (*path, at), level, active, lean, known
                    )
                )
            except TooMuch:
                raise
            except NotGenerated:
                if at < least:
                    raise
                break
        return made

    def _item(
        self,
        demands: Demands,
        parts: tuple[Json, ...],
        name: str,
        path: Path,
        level: int,
        active: frozenset[str],
        lean: bool,
        known: set[bytes],
    ) -> Json:
        """One item; another one than those before it, where they must differ."""
        before, dynamic = self.round, self._dynamic
        try:
            for attempt in range(30):
                value = self.of(parts, name, path, level + 1, active, lean=lean)
                kept = canonical(value)
                if kept not in known:
                    known.add(kept)
                    return value
                if not demands.unique and attempt > 2:
                    return value
                # The next one follows no example, and takes another alternative.
                self._dynamic = True
                self.round = before + attempt if demands.unique else before
        finally:
            self.round, self._dynamic = before, dynamic
        raise NotGenerated("there are not enough different items", path)

    def _length(
        self,
        demands: Demands,
        prefixed: int,
        least: int,
        level: int,
        active: frozenset[str],
        lean: bool,
    ) -> int:
        if lean or level >= _FULL:
            return least
        parts = items_of(demands, max(prefixed, least))
        if any(part is False for part in parts):
            return prefixed
        flattening = self._generator.flattening
        if not demands.arrays or any(
            flattening.leads_to(part, active) for part in parts
        ):
            return least
        return prefixed + (2 if level < 2 else 1)


def _kind(demands: Demands, number: int, level: int) -> str:
    """The type of the value to make: the first that is promising, then others.

    The next one's turn is when all combinations of alternatives were tried with one.
    """
    types = demands.types
    if types is None:
        said = [*demands.said]
        others = ["string"] if level else ["object"]
        order = [*said, *others, *(kind for kind in TYPES if kind not in said)]
    else:
        said = [kind for kind in demands.said if kind in types]
        if "number" in demands.said and "integer" in types and "number" not in types:
            said.append("integer")
        rest = [kind for kind in TYPES if kind in types and kind not in said]
        order = [*said, *rest]
        if "null" in order and len(order) > 1:
            order.remove("null")
            order.append("null")
    return order[((number - 1) // 2 // demands.choices) % len(order)]


def canonical(value: Json) -> bytes:
    """*value* as bytes that are the same for what JSON Schema calls equal."""
    return orjson.dumps(_plain(value), option=orjson.OPT_SORT_KEYS)


def _plain(value: Json) -> Json:
    if isinstance(value, float) and value.is_integer() and abs(value) < _INT:
        return int(value)
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
