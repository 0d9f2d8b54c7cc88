"""Fixtures: the records a world starts with, literal and made by recipes.

A recipe is a template that is evaluated once for each record, field by field, so a
field sees those above it. Faker and the choices are seeded by the recipe: the same
files give the same records on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from emulator.compile.expressions import Scope
from emulator.compile.faking import Faking
from emulator.compile.functions import FUNCTIONS, Function
from emulator.compile.templates import ExpressionFailed, Template
from emulator.diagnostics import Report
from emulator.spec.fixtures import FixtureFile, Recipe
from emulator.world.chance import Chance
from emulator.world.collection import Base, Collection

Json = Any
Record = dict[str, Json]


class Maker:
    """What a recipe's expressions see: its number, its chance and Faker."""

    def __init__(self, recipe: Recipe, name: str, bases: Mapping[str, Base]) -> None:
        self.n = 0
        self.world = self
        self.chance = Chance(f"{name}/{recipe.seed}")
        self._bases = bases
        self.faking = Faking(recipe.locale, f"{name}/{recipe.seed}")

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
        name: one
        for name, one in FUNCTIONS.items()
        if name not in ("unique_slug", "show", "uuid", "token", "secret")
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
) -> dict[str, list[Record]]:
    """The records of every collection; what is wrong with them goes to *report*."""
    found: dict[str, list[Record]] = {}
    bases: dict[str, Base] = {}
    for name, file in files.items():
        literal = [(record, pointer) for record, pointer in file.records]
        found[name] = _keyed(file, literal, keys.get(name, "id"), report)
        bases[name] = Base(found[name], keys.get(name, "id"))
    for name, file in files.items():
        made: list[tuple[Record, tuple[str | int, ...]]] = [
            (record, ()) for record in found[name]
        ]
        for recipe in file.recipes:
            records = _made(provider, file, recipe, bases, report)
            made.extend((one, recipe.pointer) for one in records)
        if file.recipes:
            found[name] = _keyed(file, made, keys.get(name, "id"), report)
            bases[name] = Base(found[name], keys.get(name, "id"))
    return found


def _made(
    provider: str,
    file: FixtureFile,
    recipe: Recipe,
    bases: Mapping[str, Base],
    report: Report,
) -> Iterable[Record]:
    try:
        maker = Maker(recipe, f"{provider}/{file.collection}", bases)
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
    pointer = (*recipe.pointer, "record")
    scope = Scope(
        roots={"n": None},
        collections=frozenset(bases),
        functions=RECIPE_FUNCTIONS,
        fake=maker.faking.methods,
    )
    fields: dict[str, Template] = {}
    wrong = False
    for name, tree in recipe.record.items():
        template = Template(
            tree, file.document, (*pointer, name), scope.with_fields(fields)
        )
        for at, error in template.problems():
            wrong = True
            report.add(
                file.document.diagnostic(
                    at, error.code, error.what, error.why, error.fix
                )
            )
        fields[name] = template
    if wrong:
        return
    for number in range(1, recipe.count + 1):
        maker.n = number
        record: Record = {}
        try:
            for name, template in fields.items():
                record[name] = _plain(template.value(maker, record))
        except ExpressionFailed as error:
            report.add(
                file.document.diagnostic(
                    (*pointer, name),
                    "fixture-expression",
                    f"record {number} cannot be made: {error.reason}",
                    f"a recipe is evaluated once for each record; here n is {number}",
                    "mend the expression",
                )
            )
            return
        yield record


def _plain(value: Json) -> Json:
    """*value* as JSON has it: a decimal of Faker's becomes a text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return str(value)


def _keyed(
    file: FixtureFile,
    records: Iterable[tuple[Record, tuple[str | int, ...]]],
    key: str,
    report: Report,
) -> list[Record]:
    """The records that have a key of their own; the others are reported."""
    kept: dict[Json, Record] = {}
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
            kept[value] = record
    return list(kept.values())
