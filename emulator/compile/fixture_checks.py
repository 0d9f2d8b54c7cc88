"""Fixture checks: what is told of records that are written down, besides their keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from emulator.compile.bodies import fields_of_inputs
from emulator.compile.source import Source
from emulator.diagnostics import nearest
from emulator.json_type import Json
from emulator.language.embedded import split
from emulator.language.grammar import BadExpression
from emulator.language.kinds import kind_of as kind_of_expression
from emulator.language.kinds import kind_of_schema
from emulator.spec.document import Pointer, kind_of
from emulator.spec.fixtures import FixtureFile
from emulator.times import is_time

_AS_WRITTEN = {"true or false": "a truth value"}
"""What a kind of the language is called where the values of a file are."""
_WHY = (
    "an expression that reckons or compares with it would make a call a spec error, or"
    " never hold"
)


def check_fixtures(
    source: Source, fixtures: Mapping[str, FixtureFile], keys: Mapping[str, str]
) -> None:
    """Report files for no collection, and fields of another kind than they are to be."""
    for name, file in fixtures.items():
        if name in keys:
            if not source.texts:
                _check_kinds(source, file)
                _check_lacking(source, file)
            continue
        source.report.add(
            file.document.diagnostic(
                (),
                "unknown-collection",
                f"{source.name} has no collection {name!r}",
                "a fixture is named for the collection that it fills",
                f"add `{name}:` under collections, or rename the file",
            )
        )
    for name in () if source.texts else keys:
        _check_writes(source, name, fixtures.get(name))


def _check_kinds(source: Source, file: FixtureFile) -> None:
    """Warn of each field whose values are of two kinds, at the first of the rarer one.

    Null is of no kind. Where the schema of an input allows several, they are meant.
    """
    allowed = _of_inputs(source, file.collection)
    for name, kinds in _kinds(file).items():
        usual, why = max(kinds, key=lambda kind: kinds[kind][0]), "in the others it is"
        if name in allowed:
            if not allowed[name]:
                continue
            usual, why = allowed[name], "in openapi.yaml it is"
        for kind, (_, number) in kinds.items():
            if kind == usual:
                continue
            at = (*file.records[number][1], name)
            source.report.add(
                file.document.diagnostic(
                    at,
                    "fixture-kind",
                    f"{name!r} is {kind} here, and {why} {usual}",
                    _WHY,
                    f"write {usual}, or null",
                    severity="warning",
                )
            )
            break


_MANY = 5
"""So many records show what all of a collection have."""


def _check_lacking(source: Source, file: FixtureFile) -> None:
    """Warn of a field that a single record lacks, where that is likely a slip: it has one
    that is called nearly the same, or behavior.yaml names it."""
    counts = Counter(name for record, _ in file.records for name in record)
    usual = {name for name, many in counts.items() if many == len(file.records) - 1}
    if not usual or len(file.records) < 3:
        return
    named = set(re.findall(r"\w+", "\n".join(source.behavior.lines)))
    for record, at in file.records:
        own = [name for name in record if counts[name] == 1]
        for name in sorted(usual - record.keys()):
            slip = nearest(name, own)
            is_read = len(file.records) >= _MANY and name in named
            if slip is None and not is_read:
                continue
            source.report.add(
                file.document.diagnostic(
                    (*at, slip) if slip else at,
                    "fixture-field",
                    f"this record alone has {slip!r}, and lacks {name!r}"
                    if slip
                    else f"this record alone lacks {name!r}",
                    "all others have it, and here it is null",
                    f"did you mean {name}?" if slip else f"write it, or `{name}: null`",
                    key=slip is not None,
                    severity="warning",
                )
            )


def _check_writes(source: Source, collection: str, file: FixtureFile | None) -> None:
    """Warn of each value that calls store in a field whose other values are of another
    kind; an expression may give any, unless it shows which."""
    kinds = _kinds(file) if file else {}
    writes = [*_writes(source, collection)]
    for at, value in writes:
        name = str(at[-1])
        known, where = kinds.get(name, {}), "in the fixtures"
        kind = _kind(source, collection, value)
        if not kind:
            continue
        usual = max(known, key=lambda kind: known[kind][0], default="")
        if not known or kind in known:
            others = [other for place, other in writes if place[-1] == name]
            if file is None or not known:
                where, times = "elsewhere", _gives_times(others)
            else:
                times = _are_times(file, name)
            if is_time(value) or not isinstance(value, str) or not times:
                continue
            if "${" in value:  # a text, of which no more is known
                continue
            kind, usual = "no time", "one"
        source.report.add(
            source.behavior.diagnostic(
                at,
                "fixture-kind",
                f"{name!r} is {kind} here, and {where} it is {usual}",
                _WHY,
                f"write {'a time' if usual == 'one' else usual}, or null",
                severity="warning",
            )
        )


def _kind(source: Source, collection: str, value: Json) -> str:
    """The kind of what is stored by *value*; empty where it is null or may be any."""
    if value is None:
        return ""
    if not isinstance(value, str) or "${" not in value:
        return kind_of(value)
    try:
        parts = split(value)
    except BadExpression:
        return ""  # which was reported where it stands
    if len(parts) != 1:
        return "a text"
    scope, fields = source.scope, source.fields.get(collection, frozenset())
    kind = kind_of_expression(parts[0][1], scope.kinds, fields | set(scope.definitions))
    return _AS_WRITTEN.get(kind, kind)


def _writes(source: Source, collection: str) -> Iterator[tuple[Pointer, Json]]:
    """What calls store in the fields of *collection*'s records, and where that is said."""
    for at, values in _written(source, collection):
        if isinstance(values, Mapping):  # if not, one expression gives them all
            for name, value in values.items():
                yield (*at, name), value


def _written(source: Source, collection: str) -> Iterator[tuple[Pointer, Json]]:
    own: Pointer = ("collections", collection)
    for key in ("on_create", "on_update"):
        yield (*own, key), source.get(*own, key, default=None)
    for at, move in source.entries(*own, "states", "moves"):
        yield (*at, "set"), (move or {}).get("set")
    effects = [*source.entries("effects")]
    for operation, entry in source.entries("operations"):
        entry = entry or {}
        effects += source.entries(*operation, "effects")
        for does in ("create", "update"):
            if (entry.get(does) or {}).get("collection") == collection:
                yield (*operation, does, "set"), entry[does].get("set") or {}
    for effect, entry in effects:
        entry = entry or {}
        if collection in (entry.get("update"), entry.get("create")):
            yield (*effect, "set"), entry.get("set") or {}


def _are_times(file: FixtureFile, name: str) -> bool:
    """Whether every value that is written of this field is a time."""
    values = [record.get(name) for record, _ in file.records]
    return all(value is None or is_time(value) for value in values)


def _gives_times(written: Iterable[Json]) -> bool:
    """Whether one of the templates *written* gives a time."""
    return any(isinstance(text, str) and _A_TIME.match(text) for text in written)


_A_TIME = re.compile(r"\$\{\s*(?:now\s*\}|shift\()")


def _kinds(file: FixtureFile) -> dict[str, dict[str, tuple[int, int]]]:
    """Of each field, how often its values are of each kind, and the first such record."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for number, (record, _) in enumerate(file.records):
        for name, value in record.items():
            if value is None:
                continue
            kinds = found.setdefault(name, {})
            many, first = kinds.get(kind := kind_of(value), (0, number))
            kinds[kind] = many + 1, first
    return found


def _of_inputs(source: Source, collection: str) -> dict[str, str]:
    """The kind of each field that the inputs of creations give; empty for several kinds."""
    found: dict[str, str] = {}
    for name, schema in _given(source, collection):
        kind = kind_of_schema(schema)
        kind = _AS_WRITTEN.get(kind, kind)
        found[name] = kind if found.get(name, kind) == kind else ""
    return found


def _given(source: Source, collection: str) -> Iterator[tuple[str, Json]]:
    """The fields that are stored as a creation's input has them, and their schemas."""
    policy = source.get("collections", collection, default=None) or {}
    otherwise = {*(policy.get("on_create") or ()), *(policy.get("files") or ())}
    for id in source.creations.get(collection, ()):
        set_ = source.get("operations", id, "create", "set", default=None) or {}
        for name, schema in fields_of_inputs(source, id):
            if name not in otherwise and name not in set_:
                yield name, schema
