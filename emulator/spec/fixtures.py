"""Fixtures: the records that a world starts with, and recipes for more of them.

What recipes made may be frozen in a file beside them: `spec/frozen.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.diagnostics import Diagnostic, Location, Report, did_you_mean
from emulator.spec import frozen
from emulator.spec.document import Document, Pointer, kind_of
from emulator.spec.files import read_document, shown_name
from emulator.spec.frozen import SUFFIX, Frozen

MAX_RECORDS = 1_000_000

_RECIPE = {"generate", "seed", "locale", "schema", "record", "omit"}
_FILE = {"records", "recipes", *_RECIPE}
_LOCALE = re.compile(r"[a-z]{2,3}(?:_[A-Z]{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to make *count* records; `record` is a tree of templates."""

    count: int
    seed: str
    locale: str | None
    record: dict[str, Any]
    pointer: Pointer
    schema: str = ""
    """The schema of openapi.yaml that values are generated from; empty: from none."""
    omit: tuple[str, ...] = ()
    """Fields that only others are made from: no record has them."""


@dataclass(eq=False, repr=False)
class FixtureFile:
    """The records of one collection, as written."""

    document: Document
    collection: str
    records: list[tuple[dict[str, Any], Pointer]] = field(default_factory=list)
    recipes: list[Recipe] = field(default_factory=list)
    frozen: Frozen | None = None
    """What the recipes made before."""


def read_fixtures(
    folder: Path, report: Report, *, thaw: bool = False
) -> dict[str, FixtureFile]:
    """The fixtures of one provider by collection, in the order of their names.

    With *thaw*, what recipes made before is not looked at.
    """
    fixtures: dict[str, FixtureFile] = {}
    for path in _files(folder):
        here = Location(shown_name(path))
        document = read_document(path, folder, report, here)
        if document is None:
            continue
        if path.stem in fixtures:
            what = f"the collection {path.stem!r} has two files"
            why = f"the other one is {fixtures[path.stem].document.file}"
            code, fix = "fixture-structure", "merge the two"
            report.add(document.diagnostic((), code, what, why, fix))
            continue
        fixtures[path.stem] = _Reading(document, path.stem, report).read()
    if not thaw:
        _read_frozen(folder, fixtures, report)
    return fixtures


def fixtures_of(
    documents: Mapping[str, Document], report: Report
) -> dict[str, FixtureFile]:
    """The fixtures that stand in *documents*, by collection."""
    return {
        name: _Reading(document, name, report).read()
        for name, document in documents.items()
    }


def _read_frozen(folder: Path, found: dict[str, FixtureFile], report: Report) -> None:
    for path in sorted(folder.glob("*" + SUFFIX)):
        file = found.get(path.name.removesuffix(SUFFIX))
        if file is not None and file.recipes:
            file.frozen = frozen.read(path, report)
        elif file is not None or not report.failed:
            at, code = Location(shown_name(path)), "fixture-frozen"
            what = "these frozen records have no recipe that they were made from"
            fix = "remove the file"
            report.add(Diagnostic(at, code, what, "they are in no world", fix))


def _files(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        return ()
    suffixes = (".yaml", ".yml")
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in suffixes and not path.name.startswith(".")
    )


class _Reading:
    def __init__(self, document: Document, collection: str, report: Report) -> None:
        self._document = document
        self._report = report
        self._file = FixtureFile(document, collection)

    def read(self) -> FixtureFile:
        data = self._document.data
        if isinstance(data, list):
            self._records(data, ())
        elif isinstance(data, dict):
            self._mapping(data)
        else:
            what = f"the file holds {kind_of(data)}"
            self._refuse((), what, "a list of records, or a mapping with a recipe")
        records = len(self._file.records)
        count = records + sum(recipe.count for recipe in self._file.recipes)
        if count > MAX_RECORDS:
            what = f"{self._file.collection!r} has {count:,} records"
            why = f"a collection starts with at most {MAX_RECORDS:,}"
            pointer = self._largest()
            fix, code = "generate fewer", "fixture-too-many"
            self._report.add(self._document.diagnostic(pointer, code, what, why, fix))
            self._file.recipes.clear()
        return self._file

    def _mapping(self, data: dict[str, Any]) -> None:
        self._check_keys(data, (), _FILE)
        if "records" in data:
            self._records(data["records"], ("records",))
        if "recipes" in data:
            for key in sorted(_RECIPE & data.keys()):
                what = f"{key!r} stands beside 'recipes'"
                self._refuse((key,), what, "each of the recipes has its own", key=True)
            for index, recipe in self._list(data["recipes"], ("recipes",)):
                pointer = ("recipes", index)
                if isinstance(recipe, dict):
                    self._check_keys(recipe, pointer, _RECIPE)
                    self._recipe(recipe, pointer, index)
                else:
                    what = f"a recipe is {kind_of(recipe)}"
                    self._refuse(pointer, what, "it is a mapping")
        elif _RECIPE & data.keys():
            self._recipe(data, (), 0)
        elif "records" not in data:
            self._refuse((), "the file has no records", "write `records:`, or a recipe")

    def _records(self, value: Any, pointer: Pointer) -> None:
        for index, record in self._list(value, pointer):
            at = (*pointer, index)
            if isinstance(record, dict):
                self._file.records.append((record, at))
            else:
                self._refuse(at, f"a record is {kind_of(record)}", "it is a mapping")

    def _recipe(self, data: dict[str, Any], pointer: Pointer, index: int) -> None:
        count, record = data.get("generate"), data.get("record")
        if type(count) is not int or count < 0:
            at = (*pointer, "generate") if "generate" in data else pointer
            what = f"'generate' is {count!r}" if count is not None else "no 'generate'"
            self._refuse(at, what, "it says how many records to make: generate: 250")
            count = 0
        schema = data.get("schema", "")
        if not isinstance(schema, str) or (not schema and "schema" in data):
            what = f"'schema' is {kind_of(schema)}"
            self._refuse((*pointer, "schema"), what, "it names a schema: schema: Pet")
            schema = ""
        if record is None and schema:
            record = {}
        if not isinstance(record, dict):
            at = (*pointer, "record") if "record" in data else pointer
            what = f"'record' is {kind_of(record)}"
            self._refuse(at, what, "it is a mapping: the template of each record")
            record = {}
        suffix = f"/{index}" if index else ""
        seed = data.get("seed", f"{self._file.collection}{suffix}")
        if type(seed) not in (str, int):
            what = f"'seed' is {kind_of(seed)}"
            self._refuse((*pointer, "seed"), what, "it is a text or a whole number")
        locale = data.get("locale")
        if locale is not None and not _LOCALE.fullmatch(str(locale)):
            what = f"'locale' is {locale!r}"
            self._refuse((*pointer, "locale"), what, "it is written as in de_DE")
        omit = data.get("omit", [])
        names = [name for _, name in self._list(omit, (*pointer, "omit"))]
        for number, name in enumerate(names):
            if name not in record and not schema:
                what = f"'omit' names {name!r}, which the record has not"
                fix = did_you_mean(name, map(str, record))
                self._refuse((*pointer, "omit", number), what, fix)
        self._file.recipes.append(
            Recipe(
                count=count,
                seed=str(seed),
                locale=None if locale is None else str(locale),
                record=record,
                schema=schema,
                pointer=pointer,
                omit=tuple(map(str, names)),
            )
        )

    def _list(self, value: Any, pointer: Pointer) -> Iterator[tuple[int, Any]]:
        if isinstance(value, list):
            yield from enumerate(value)
        else:
            what = f"{pointer[-1]!r} is {kind_of(value)}"
            self._refuse(pointer, what, "it is a list")

    def _check_keys(
        self, data: dict[str, Any], pointer: Pointer, known: set[str]
    ) -> None:
        for key in data.keys() - known:
            what = f"{key!r} is not a key of a fixture file"
            why = f"it accepts {', '.join(sorted(known))}"
            at, fix = (*pointer, key), did_you_mean(key, known)
            code = "fixture-unknown-key"
            self._report.add(
                self._document.diagnostic(at, code, what, why, fix, key=True)
            )

    def _largest(self) -> Pointer:
        largest = max(self._file.recipes, key=lambda recipe: recipe.count, default=None)
        return (*largest.pointer, "generate") if largest else ()

    def _refuse(
        self, pointer: Pointer, what: str, why: str, *, key: bool = False
    ) -> None:
        code = "fixture-structure"
        self._report.add(self._document.diagnostic(pointer, code, what, why, key=key))
