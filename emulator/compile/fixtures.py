"""Fixtures: the records a world starts with, literal and made by recipes.

A recipe is a template that is evaluated once for each record, field by field, so a
field sees those above it. Faker and the choices are seeded by the recipe: the same
recipe gives the same records with the same version of Faker. What it gave can be frozen
(`spec/frozen.py`); as long as that fits, it is used, and no Faker is needed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from emulator.compile.faking import Faking
from emulator.diagnostics import Diagnostic, Location, Report, did_you_mean
from emulator.generation.failures import NotGenerated
from emulator.generation.values import Generator
from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed
from emulator.language.function import Function
from emulator.language.functions import FUNCTIONS
from emulator.language.grammar import BadExpression
from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.program.schemas import properties_of
from emulator.spec.fixtures import FixtureFile, Recipe
from emulator.spec.frozen import SUFFIX, Frozen
from emulator.values import lazy
from emulator.world.base import Base, Key
from emulator.world.chance import Chance
from emulator.world.collection import Collection
from emulator.world.compact import Compact

Record = dict[str, Json]

_RECIPES = b"recipes 1\n"
"""Changes when the same recipe would make other records."""


class Maker:
    """What a recipe's expressions see: its number, its chance and Faker."""

    def __init__(self, recipe: Recipe, name: str, bases: Mapping[str, Base]) -> None:
        self.n = 0
        self.world = self
        self.chance = Chance(f"{name}/{recipe.seed}")
        self._bases = bases
        self._faker = recipe.locale, f"{name}/{recipe.seed}"

    @lazy
    def faking(self) -> Faking:
        """Raises `AttributeError` for a locale that Faker does not have."""
        return Faking(*self._faker)

    def fake(self, method: str) -> Callable[..., Json]:
        return self.faking[method]

    def collection(self, name: str) -> Collection:
        return Collection(self._bases[name])


def pick(x: Maker, items: Sequence[Json]) -> Json:
    """One of the items."""
    return x.chance.pick(items)


def picks(x: Maker, items: Sequence[Json], low: int, high: int) -> list[Json]:
    """From *low* to *high* different items, in the order in which they stand."""
    return x.chance.picks(items, low, high)


def number(x: Maker, low: int, high: int) -> int:
    """A whole number from *low* to *high*."""
    return x.chance.number(low, high)


def chance(x: Maker, share: float) -> bool:
    """True in a *share* (0 to 1) of all cases."""
    return x.chance.happens(share)


RECIPE_FUNCTIONS: Mapping[str, Function] = {
    **{
        name: function
        for name, function in FUNCTIONS.items()
        if name not in ("unique_slug", "show", "uuid", "token", "secret", "jwt", "jwks")
    },
    "uuid": FUNCTIONS["uuid"],
    "token": FUNCTIONS["token"],
    "pick": Function("pick", pick, world=True, fresh=True),
    "picks": Function("picks", picks, world=True, fresh=True),
    "number": Function("number", number, world=True, fresh=True),
    "chance": Function("chance", chance, world=True, fresh=True),
}
"""What a recipe may call: what every expression may, and these."""


def make_records(
    provider: str,
    files: Mapping[str, FixtureFile],
    keys: Mapping[str, str],
    report: Report,
    schemas: Mapping[str, Json],
) -> dict[str, list[Record]]:
    """The records of every collection; what is wrong with them goes to *report*.

    *schemas* are those of openapi.yaml, by name.
    """
    making = _Making(provider, files, keys, report, schemas)
    for name, file in files.items():
        if file.recipes:
            making.make(name, file)
    return making.records()


def freeze_records(
    provider: str,
    files: Mapping[str, FixtureFile],
    keys: Mapping[str, str],
    report: Report,
    schemas: Mapping[str, Json],
) -> dict[str, Frozen]:
    """What the recipes of each collection make today, made anew."""
    from faker import VERSION

    making = _Making(provider, files, keys, report, schemas)
    frozen: dict[str, Frozen] = {}
    for name, file in files.items():
        if file.recipes:
            literal = len(making.bases[name].records)
            making.make(name, file)
            made = [*making.bases[name].rows[literal:]]
            frozen[name] = Frozen(
                faker=VERSION, made_from=making.digest(name), records=made
            )
    return frozen


class _Anything(frozenset[str]):
    """Every name there is."""

    def __contains__(self, name: object) -> bool:
        return True


_ANYTHING = _Anything()


class _Making:
    """The records of a provider: the written ones first, then the generated ones."""

    def __init__(
        self,
        provider: str,
        files: Mapping[str, FixtureFile],
        keys: Mapping[str, str],
        report: Report,
        schemas: Mapping[str, Json],
    ) -> None:
        self._schemas = schemas
        self._taken: dict[str, set[Json]] = {}
        """The keys of the records that schemas were used for, by collection."""
        self._provider = provider
        self._files = files
        self._keys = keys
        self._report = report
        self.bases: dict[str, Base] = {}
        for name, file in files.items():
            self._keep(name, file, file.records)

    def _keep(
        self,
        name: str,
        file: FixtureFile,
        records: Iterable[tuple[Record, tuple[str | int, ...]]],
    ) -> None:
        key = self._keys.get(name, "id")
        self.bases[name] = Base(_keyed(file, records, key, self._report), key)

    def records(self) -> dict[str, list[Record]]:
        """The records of each collection, in order."""
        return {name: [*base.records.values()] for name, base in self.bases.items()}

    def make(self, name: str, file: FixtureFile) -> None:
        """Add what the recipes of *file* make, or what was frozen of it."""
        self._keep(name, file, self._all(name, file))

    def _all(
        self, name: str, file: FixtureFile
    ) -> Iterator[tuple[Record, tuple[str | int, ...]]]:
        for record in self.bases[name].records.values():
            yield record, ()
        frozen = self._frozen(file)
        for recipe in file.recipes:
            made = self._made(file, recipe) if frozen is None else frozen
            for record in islice(made, recipe.count):
                yield record, recipe.pointer

    def _frozen(self, file: FixtureFile) -> Iterator[Record] | None:
        """The frozen records of *file*, if its recipes would make them."""
        frozen = file.frozen
        if frozen is None:
            return None
        if frozen.made_from == self.digest(file.collection):
            return iter(frozen.records)
        name = file.collection + SUFFIX
        at = Location(Path(file.document.file).with_name(name).as_posix())
        self._report.add(
            Diagnostic(
                at,
                "fixture-stale",
                f"the recipes of {file.collection!r} have changed since they were frozen",
                "their records are made anew, by the version of Faker that is here",
                f"run `emulator fixtures freeze {self._provider}`",
                severity="warning",
            )
        )
        return None

    def digest(self, collection: str) -> str:
        """The same as long as the recipes of *collection*, and all they see, are."""
        digest = hashlib.sha256(_RECIPES)
        seen = self._seen(collection)
        for name in (collection, *sorted(seen)):
            file = self._files[name]
            recipes = [
                [
                    *(recipe.count, recipe.seed, recipe.locale, recipe.record),
                    *recipe.omit,
                    *self._schema_of(recipe),
                ]
                for recipe in file.recipes
            ]
            records = [record for record, _ in file.records] if name in seen else []
            parts = [self._provider, name, self._keys.get(name, "id"), recipes, records]
            digest.update(orjson.dumps(parts) + b"\n")
        return digest.hexdigest()

    def _schema_of(self, recipe: Recipe) -> list[Json]:
        """What the digest has of the schema that a recipe names, where it names one."""
        if not recipe.schema:
            return []
        return [{recipe.schema: self._schemas.get(recipe.schema)}]

    def _seen(self, collection: str) -> set[str]:
        """The collections that the recipes of *collection* look records up in."""
        seen: set[str] = set()
        waiting = [collection]
        while waiting:
            file = self._files[waiting.pop()]
            for recipe in file.recipes:
                for template in self._templates(file, recipe, _ANYTHING).values():
                    # One that cannot be read is told of when the recipe is used.
                    with suppress(BadExpression):
                        new = template.uses.collections - seen
                        seen |= new
                        waiting.extend(new)
        return seen

    def _templates(
        self,
        file: FixtureFile,
        recipe: Recipe,
        fake: Mapping[str, Any] | frozenset[str],
    ) -> dict[str, Template]:
        """The templates of a recipe's fields, each of which sees those above it."""
        scope = Scope(
            roots={"n": None},
            collections=frozenset(self.bases),
            functions=RECIPE_FUNCTIONS,
            fake=fake,
        )
        fields: dict[str, Template] = {}
        generated = properties_of(self._schemas.get(recipe.schema) or {})
        for name, tree in recipe.record.items():
            at = (*recipe.pointer, "record", name)
            seen = scope.with_fields([*generated, *fields], guarded=bool(generated))
            fields[name] = Template(tree, file.document, at, seen)
        return fields

    def _made(self, file: FixtureFile, recipe: Recipe) -> Iterator[Record]:
        """The records of one recipe."""
        report = self._report
        maker = Maker(recipe, f"{self._provider}/{file.collection}", self.bases)
        base = self._generated(file, recipe)
        if base is None:
            return
        methods: Mapping[str, Any] = {}
        try:
            if recipe.record or recipe.locale:
                methods = maker.faking.methods
        except AttributeError:
            report.add(
                file.document.diagnostic(
                    (*recipe.pointer, "locale"),
                    "fixture-locale",
                    f"Faker has no locale {recipe.locale!r}",
                    "",
                    "write one such as de_DE",
                )
            )
            return
        fields = self._templates(file, recipe, methods)
        problems = [
            problem for field in fields.values() for problem in field.problems()
        ]
        for at, error in problems:
            report.add(
                file.document.diagnostic(
                    at, error.code, error.what, error.why, error.fix
                )
            )
        if problems:
            return
        for number in range(1, recipe.count + 1):
            maker.n = number
            try:
                record = base(number)
            except NotGenerated as error:
                self._not_generated(file, recipe, error)
                return
            name = ""
            try:
                for name, template in fields.items():
                    record[name] = _plain(template.value(maker, record))
            except ExpressionFailed as error:
                report.add(
                    file.document.diagnostic(
                        (*recipe.pointer, "record", name),
                        "fixture-expression",
                        f"record {number} cannot be made: {error.reason}",
                        f"a recipe is evaluated once for each record; here n is {number}",
                        "mend the expression",
                    )
                )
                return
            yield {
                name: value for name, value in record.items() if name not in recipe.omit
            }

    def _generated(
        self, file: FixtureFile, recipe: Recipe
    ) -> Callable[[int], Record] | None:
        """What gives the fields of each record that a schema generates; None where the
        schema cannot do that, which is reported."""
        if not recipe.schema:
            return lambda _: {}
        at = (*recipe.pointer, "schema")
        if recipe.schema not in self._schemas:
            self._report.add(
                file.document.diagnostic(
                    at,
                    "unknown-schema",
                    f"there is no schema {recipe.schema!r}",
                    "schemas are the keys of components.schemas in openapi.yaml",
                    did_you_mean(recipe.schema, self._schemas),
                )
            )
            return None
        generator = Generator(self._schemas[recipe.schema])
        key = self._keys.get(file.collection, "id")
        seed = f"{self._provider}/{file.collection}/{recipe.seed}"
        written = {*self.bases[file.collection].records}
        known = self._taken.setdefault(file.collection, written)

        def make(number: int) -> Record:
            record: Record = {}
            for attempt in range(_ATTEMPTS):
                # The first record follows the examples: the others would all be alike.
                dynamic = number > 1 or attempt > 0
                value = generator.value(f"{seed} {number} {attempt}", dynamic=dynamic)
                if not isinstance(value, dict):
                    raise NotGenerated("a value of it is no object")
                record = _with_key(value, key, number, known)
                if key in recipe.record or record.get(key) not in known:
                    break
            if isinstance(record.get(key), (str, int)):
                known.add(record[key])
            return record

        return make

    def _not_generated(
        self, file: FixtureFile, recipe: Recipe, error: NotGenerated
    ) -> None:
        self._report.add(
            file.document.diagnostic(
                (*recipe.pointer, "schema"),
                "fixture-schema",
                f"no record is made from the schema {recipe.schema!r}",
                str(error),
                "correct the schema in openapi.yaml, or write the records down",
            )
        )


_ATTEMPTS = 20


def _with_key(record: Record, key: str, number: int, known: set[Json]) -> Record:
    """*record* with a number for a key that is a whole number, or that it lacks."""
    if type(record.get(key)) is not int and key in record:
        return record
    while number in known:
        number += 1
    made = {key: number}
    made.update(record)
    made[key] = number
    return made


def _plain(value: Json) -> Json:
    """*value* as JSON has it: a decimal of Faker's becomes a text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    return str(value)


def _keyed(
    file: FixtureFile,
    records: Iterable[tuple[Record, tuple[str | int, ...]]],
    key: str,
    report: Report,
) -> dict[Key, Record]:
    """The records that have a key of their own; the others are reported."""
    kept: dict[Key, Record] = {}
    compact = Compact()
    for record, pointer in records:
        value = record.get(key)
        if not isinstance(value, (int, str)) or isinstance(value, bool):
            report.add(
                file.document.diagnostic(
                    pointer,
                    "fixture-key",
                    f"a record has no {key!r}"
                    if value is None
                    else f"{key!r} is {value!r}, which is no key",
                    f"{key!r} is the key of {file.collection!r}: a text or a whole number",
                    f"give it one, or name another field as `key` of {file.collection}",
                )
            )
        elif value in kept:
            report.add(
                file.document.diagnostic(
                    pointer,
                    "fixture-duplicate-key",
                    f"two records have the {key} {value!r}",
                    "a key belongs to one record",
                    "change one of them",
                )
            )
        else:
            kept[value] = compact(record)
    return kept
