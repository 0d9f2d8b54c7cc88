"""Load: from the files of a provider to its program, with everything wrong at once.

What was found in order is remembered in a cache, under a hash of all files, so that
the next start neither checks nor makes records again, and a provider that is not
called is not compiled either.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from emulator.compile.authentication import (
    check_asked,
    compile_lockout,
    compile_schemes,
)
from emulator.compile.collections import compile_collections
from emulator.compile.cors import compile_cors
from emulator.compile.effects import compile_effects
from emulator.compile.errors import compile_errors
from emulator.compile.evidence import compile_evidence
from emulator.compile.formats import compile_formats
from emulator.compile.headers import compile_headers
from emulator.compile.limits import compile_limits, compile_quota_headers
from emulator.compile.minted import compile_minted
from emulator.compile.operations import Parts, compile_operations, implied_options
from emulator.compile.pages import compile_pages
from emulator.compile.scenarios import compile_scenarios
from emulator.compile.source import Source
from emulator.compile.times import compile_times
from emulator.compile.violations import compile_wording
from emulator.compile.webhooks import compile_webhooks
from emulator.diagnostics import Diagnostic, Location, Report, SpecError
from emulator.http.url import host_name
from emulator.language.expressions import Scope
from emulator.language.failures import ExpressionFailed
from emulator.pipeline import STEPS
from emulator.program.example import example
from emulator.program.http_policy import HttpPolicy
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.remembered import Example, RememberedProgram
from emulator.program.routes import Routes, allowed
from emulator.program.schemas import properties_of
from emulator.program.views import View
from emulator.spec.cache import Cache
from emulator.spec.description import OpenAPI
from emulator.spec.document import Document, KeptDocument
from emulator.spec.files import read_document, shown_name
from emulator.version import __version__
from emulator.world.collection import Base
from emulator.world.compact import Compact

if TYPE_CHECKING:
    from emulator.spec.fixtures import FixtureFile
    from emulator.spec.frozen import Frozen

Json = Any

_FORMAT = b"program 8"
_TOGETHER = 500
"""So many records are read from the cache at a time: read all at once they leave holes."""
_ROOTS: Mapping[str, frozenset[str] | None] = {
    "caller": None,
    "authenticated": None,
    "now": None,
    "request_id": None,
    "client": None,
    "method": None,
    "operation_id": None,
    "base_url": None,
    "raw_path": None,
    "path": None,
    "query": None,
    "header": None,
    "cookie": None,
    "body": None,
    "refused": None,
    "matched": None,
}
"""What every expression of a spec may name, whatever the operation."""


class Place(NamedTuple):
    """The folders of one provider: its spec, and its fixtures."""

    spec: Path
    fixtures: Path

    @property
    def name(self) -> str:
        return self.spec.name


def bundled() -> tuple[Path, Path]:
    """The folders `specs` and `fixtures` that came with the package."""
    package = Path(__file__).parent.parent
    inside = package / "bundled"
    root = inside if inside.is_dir() else package.parent
    return root / "specs", root / "fixtures"


def places(specs: Path, fixtures: Path) -> list[Place]:
    """The providers below *specs*: the folders that hold a `behavior.yaml`.

    A folder that itself holds one is one provider; its fixtures may then stand in a
    folder `fixtures` beside it or inside it.
    """
    if (specs / "behavior.yaml").is_file():
        inside = specs / "fixtures"
        return [Place(specs, inside if inside.is_dir() else fixtures / specs.name)]
    if not specs.is_dir():
        return []
    return [
        Place(
            one,
            one / "fixtures" if (one / "fixtures").is_dir() else fixtures / one.name,
        )
        for one in sorted(specs.iterdir())
        if (one / "behavior.yaml").is_file()
    ]


def load(
    place: Place, cache: Cache | None = None, report: Report | None = None
) -> Program:
    """The program of one provider. Raises `SpecError` with all that is wrong.

    Give a *report* to learn of warnings too.
    """
    report = Report() if report is None else report
    place = Place(place.spec.absolute(), place.fixtures.absolute())
    cache = cache or Cache(None)
    key = _key(place)
    kept = cache.get(key)
    if kept is not None and _is_remembered(kept):
        return _remembered(place, kept, report)
    program, source = _read(place, report)
    if cache.folder is not None:
        # An example that fails is not remembered: it fails at the next start too.
        with suppress(ExpressionFailed):
            cache.put(key, _to_remember(place, program, source))
    return program


def _to_remember(place: Place, program: Program, source: Source) -> Json:
    """What a start needs, and the text of what the first call needs besides."""
    documents = {
        "behavior": source.behavior.to_json(),
        "openapi": source.openapi.to_json(),
    }
    if source.scenarios is not None:
        documents["scenarios"] = source.scenarios.to_json()
    records = {name: _texts(base.rows) for name, base in program.bases.items()}
    shown = example(program)
    return {
        "title": program.title,
        "hosts": program.hosts,
        "base_path": program.base_path,
        "files": {
            part: os.path.relpath(document["file"], place.spec)
            for part, document in documents.items()
        },
        "max_body": program.max_body,
        "example": shown and [*shown],
        "documents": orjson.dumps(documents).decode(),
        "records": records,
    }


def _is_remembered(kept: Json) -> bool:
    """Whether *kept* has the shape of what `_to_remember` gives."""
    if not isinstance(kept, dict):
        return False
    files, hosts, example, records = (
        kept.get(one) for one in ("files", "hosts", "example", "records")
    )
    texts = ("title", "base_path", "documents")
    return (
        all(isinstance(kept.get(one), str) for one in texts)
        and type(kept.get("max_body")) is int
        and isinstance(records, dict)
        and all(isinstance(one, list) for one in records.values())
        and all(isinstance(text, str) for one in records.values() for text in one)
        and isinstance(hosts, list)
        and all(isinstance(one, str) for one in hosts)
        and isinstance(files, dict)
        and {"behavior", "openapi"} <= files.keys()
        and all(isinstance(one, str) for one in files.values())
        and "example" in kept
        and (example is None or _is_example(example))
    )


def _is_example(example: Json) -> bool:
    if not isinstance(example, list) or len(example) != len(Example._fields):
        return False
    method, path, credential, _ = example
    if credential is None:
        credential = {}
    if not all(
        isinstance(one, kind)
        for one, kind in ((method, str), (path, str), (credential, dict))
    ):
        return False
    sent = [credential.get(one, {}) for one in ("headers", "cookies", "query")]
    return all(
        isinstance(one, dict) and all(isinstance(text, str) for text in one.values())
        for one in sent
    )


def _remembered(place: Place, kept: Json, report: Report) -> Program:
    """The program of files that were found in order before: nothing is read or checked."""
    text, example = kept["documents"], kept["example"]
    # Files are named from where we are now; those who kept them may have stood elsewhere.
    files = {part: shown_name(place.spec / one) for part, one in kept["files"].items()}

    def make() -> Program:
        try:
            return remembered()
        except Exception:
            # What is kept has the hash of what we keep and another shape: somebody
            # made it. The files still say what the program is.
            return _read(place, Report())[0]

    def remembered() -> Program:
        documents = orjson.loads(text)
        for part, name in files.items():
            documents[part]["file"] = name
        behavior = KeptDocument(documents["behavior"])
        openapi = OpenAPI.from_json(documents["openapi"])
        source = Source(place.name, behavior, openapi, report, trusted=True)
        if "scenarios" in documents:
            source.scenarios = KeptDocument(documents["scenarios"])
        # Taken out, so that each text makes room as soon as its records are read.
        texts = kept.pop("records")
        return _compile(source, {name: _records(one) for name, one in texts.items()})

    return RememberedProgram(
        make,
        name=place.name,
        title=kept["title"],
        hosts=tuple(kept["hosts"]),
        base_path=kept["base_path"],
        files=(files["behavior"], files["openapi"]),
        max_body=kept["max_body"],
        example=example and Example(*example),
    )


def _texts(records: Sequence[Json]) -> list[str]:
    """The *records* as JSON, some at a time."""
    return [
        orjson.dumps(records[start : start + _TOGETHER]).decode()
        for start in range(0, len(records), _TOGETHER)
    ]


def _records(texts: list[str]) -> list[dict[str, Json]]:
    """The records of a collection, some at a time, so that none stand in more room.

    None of the *texts* is left.
    """
    compact = Compact()
    records: list[dict[str, Json]] = []
    texts.reverse()
    while texts:
        records += map(compact, orjson.loads(texts.pop()))
    return records


def freeze(place: Place) -> dict[Path, Frozen]:
    """What the recipes of a provider make today, by the file that it belongs into.

    Raises `SpecError` with what is wrong with the provider.
    """
    from emulator.compile.fixtures import freeze_records
    from emulator.spec.fixtures import read_fixtures
    from emulator.spec.frozen import path_of

    report = Report()
    _, source = _read(place, report, thaw=True)
    files = read_fixtures(place.fixtures, report, thaw=True)
    frozen = freeze_records(place.name, files, _keys(source), report)
    return {path_of(place.fixtures, name): one for name, one in frozen.items()}


def _read(
    place: Place, report: Report, *, thaw: bool = False
) -> tuple[Program, Source]:
    """The program, read and checked. Raises `SpecError` with all that is wrong.

    With *thaw*, recipes are used, whatever is frozen of them.
    """
    # What a second start does not need is not imported by it.
    from emulator.compile.checks import check_program
    from emulator.compile.fixtures import make_records
    from emulator.compile.scenario_checks import check_scenarios
    from emulator.spec.fixtures import read_fixtures
    from emulator.spec.structure import check_structure, scenarios_schema

    at = Location(shown_name(place.spec))
    behavior = read_document("behavior.yaml", place.spec, report, at)
    openapi = _read_openapi(place, behavior, report)
    fixtures = read_fixtures(place.fixtures, report, thaw=thaw)
    scenarios = _read_scenarios(place, report)
    broken: frozenset[str] = frozenset()
    if behavior is not None:
        behavior, broken = check_structure(behavior, report)
    if behavior is None or openapi is None:
        raise SpecError(report.diagnostics)
    shaped = not broken and not report.failed
    if scenarios is not None:
        scenarios, taken = check_structure(scenarios, report, scenarios_schema())
        broken |= taken
    source = Source(
        place.name, behavior, openapi, report, broken=broken, scenarios=scenarios
    )
    records = make_records(place.name, fixtures, _keys(source), report)
    _check_fixtures(source, fixtures, _keys(source))
    if shaped:
        _check_callers(source, place.fixtures, records)
    program = _compile(source, records)
    check_program(program, source, whole=shaped)
    if shaped:
        check_scenarios(program, source)
    report.raise_if_failed()
    return program, source


def _read_openapi(
    place: Place, behavior: Document | None, report: Report
) -> OpenAPI | None:
    """The OpenAPI document that `openapi` of `behavior.yaml` names."""
    from emulator.spec.openapi import read_openapi

    name, named_at = "openapi.yaml", Location(shown_name(place.spec / "behavior.yaml"))
    if behavior is not None and isinstance(behavior.data, dict):
        written = behavior.data.get("openapi", name)
        if isinstance(written, str):
            name, named_at = written, behavior.locate(("openapi",))
    return read_openapi(place.spec / name, place.spec, report, named_at)


def _read_scenarios(place: Place, report: Report) -> Document | None:
    """`scenarios.yaml`, which a provider may have."""
    if not os.path.lexists(place.spec / "scenarios.yaml"):
        return None
    at = Location(shown_name(place.spec))
    return read_document("scenarios.yaml", place.spec, report, at)


def find(specs: Iterable[Path], fixtures: Path | None = None) -> dict[str, Place]:
    """The bundled providers, then those below each of *specs*, by name.

    A provider of one's own takes the place of a bundled one of the same name.
    """
    own_specs, own_fixtures = bundled()
    found = {one.name: one for one in places(own_specs, own_fixtures)}
    if fixtures is not None:
        for name, one in found.items():
            if (fixtures / name).is_dir():  # one for others says nothing of this
                found[name] = Place(one.spec, fixtures / name)
    for folder in specs:
        for one in beside(folder, fixtures):
            found[one.name] = one
    return found


def beside(folder: Path, fixtures: Path | None = None) -> list[Place]:
    """The providers below *folder*, or the one in it, with fixtures near them.

    Those of `a/specs` and of `a/specs/acme` stand in `a/fixtures`.
    """
    folder = Path(os.path.abspath(folder))  # a provider in `.` has a name too
    near = folder.parent / "fixtures"
    outer = folder.parent.parent / "fixtures"
    if (folder / "behavior.yaml").is_file() and (outer / folder.name).is_dir():
        near = outer
    return places(folder, fixtures or near)


def load_all(
    specs: Iterable[Path],
    fixtures: Path | None = None,
    *,
    cache: Cache | None = None,
    only: Iterable[str] = (),
) -> dict[str, Program]:
    """The programs of all providers: the bundled ones, then those below each of *specs*.

    A provider of one's own takes the place of a bundled one of the same name. Raises
    `SpecError` with what is wrong in any of them.
    """
    found = find(specs, fixtures)
    wanted = list(only)
    programs: dict[str, Program] = {}
    wrong: list[Diagnostic] = []
    for name, place in found.items():
        if wanted and name not in wanted:
            continue
        try:
            programs[name] = load(place, cache)
        except SpecError as error:
            wrong.extend(error.diagnostics)
    if wrong:
        raise SpecError(wrong)
    return programs


def _key(place: Place) -> str:
    """The hash of every file that the program is made from."""
    parts = [_FORMAT, __version__.encode(), str(place.spec).encode()]
    recipes = False
    for folder in (place.spec, place.fixtures):
        if not folder.is_dir():
            continue
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".yaml", ".yml", ".json") and path.is_file():
                content = path.read_bytes()
                parts += [path.relative_to(folder).as_posix().encode(), content]
                recipes = recipes or (
                    folder == place.fixtures and b"generate" in content
                )
    if recipes:  # another version of Faker makes other records
        parts.append(_version_of_faker())
    return Cache.key(parts)


@cache
def _version_of_faker() -> bytes:
    """The line that says it: importing Faker, or its metadata, takes a start too long."""
    found = find_spec("faker")
    if found is None or found.origin is None:
        return b""
    with suppress(OSError), open(found.origin, "rb") as file:
        return b"".join(line for line in file if line.startswith(b"VERSION"))
    return b""


def _keys(source: Source) -> dict[str, str]:
    """The field that identifies a record, by collection."""
    return {
        str(pointer[-1]): (written or {}).get("key", "id")
        for pointer, written in source.entries("collections")
    }


def _compile(source: Source, records: Mapping[str, list[dict[str, Json]]]) -> Program:
    keys = _keys(source)
    source.fields = _fields(source, records, keys)
    times = compile_times(source, records, keys)
    bases = {
        name: Base(records.get(name, []), keys.get(name, "id"), times.get(name))
        for name in source.fields
    }
    source.scope = _scope(source)
    program = _program(source, bases)
    for name, policy in program.collections.items():
        if name in bases:
            bases[name].prepare(policy.order)
    return program


def _http(source: Source) -> HttpPolicy:
    written = source.get("http", default={})
    made = {"max_body": source.size("http", "max_body"), "cors": compile_cors(source)}
    return HttpPolicy(**{**written, **made})


def _program(source: Source, bases: Mapping[str, Base]) -> Program:
    schemes = compile_schemes(source)
    check_asked(source, schemes)
    limits = compile_limits(source)
    views = _views(source)
    http = _http(source)
    wording = compile_wording(source, ("errors", "violations"))
    errors = compile_errors(source, {}, "errors", "table")
    parts = Parts(
        schemes,
        limits,
        compile_pages(source),
        views,
        errors,
        wording,
        http.repeated,
        http.accept,
        http.max_body,
    )
    operations = compile_operations(source, parts)
    program = Program(
        name=source.name,
        title=source.get("title", default=source.openapi.title),
        hosts=tuple(host_name(one) for one in source.get("hosts", default=[])),
        base_path=source.openapi.base_path,
        order=_order(source),
        http=http,
        schemes=schemes,
        alternatives=source.get("authentication", "alternatives", default="any"),
        lockout=compile_lockout(source),
        limits=limits,
        quota_headers=compile_quota_headers(source),
        collections=compile_collections(source),
        bases=bases,
        views=views,
        headers=compile_headers(source, ("headers",)),
        effects=compile_effects(source, ("effects",), source.scope),
        operations=operations,
        routes=_routes(source, parts, operations),
        errors=errors,
        evidence=compile_evidence(source),
        openapi=source.openapi.raw,
        files=(source.behavior.file, source.openapi.document.file),
        formats=compile_formats(source),
        scenarios=compile_scenarios(source),
        webhooks=compile_webhooks(source),
        minted=compile_minted(source, schemes, bases),
    )
    _check_order(source, program.order)
    return program


def _fields(
    source: Source,
    records: Mapping[str, list[dict[str, Json]]],
    keys: Mapping[str, str],
) -> dict[str, frozenset[str]]:
    """The fields that the records of each collection are known to have."""
    names = [*keys, *(name for name in records if name not in keys)]
    fields: dict[str, set[str]] = {name: {keys.get(name, "id")} for name in names}
    for name, found in records.items():
        fields[name].update(*found)
    for pointer, written in source.entries("collections"):
        for part in ("on_create", "on_update", "owned_by", "fields"):
            fields[str(pointer[-1])].update((written or {}).get(part, ()))
    for pointer, written in source.entries("operations"):
        for kind in ("create", "update"):
            collection = ((written or {}).get(kind) or {}).get("in")
            document = source.openapi.operations.get(str(pointer[-1]))
            if (
                isinstance(collection, str)
                and collection in fields
                and document is not None
                and document.body
            ):
                fields[collection].update(written[kind].get("set", ()))
                for schema in document.body.content.values():
                    fields[collection].update(properties_of(schema))
    return {name: frozenset(found) for name, found in fields.items()}


def _scope(source: Source) -> Scope:
    callers: set[str] = set()
    for _, written in source.entries("authentication", "schemes"):
        callers |= source.fields.get(str(written.get("credentials")), frozenset())
    return Scope(
        roots={**_ROOTS, **_said(source), "caller": frozenset(callers) or None},
        collections=frozenset(source.fields),
        views=frozenset(source.get("views", default={})),
    )


def _said(source: Source) -> dict[str, frozenset[str] | None]:
    """What the calls of any operation can say, by place."""
    found: dict[str, set[str]] = {
        place: set() for place in ("path", "query", "header", "cookie")
    }
    members: set[str] | None = set()
    for operation in source.openapi.operations.values():
        for parameter in operation.parameters:
            found[parameter.where].add(parameter.name)
        if operation.body is not None and members is not None:
            schemas = operation.body.content.values()
            named = {name for one in schemas for name in properties_of(one)}
            members = members | named if named else None
    return {
        **{place: frozenset(names) for place, names in found.items()},
        "body": None if members is None else frozenset(members),
    }


def _views(source: Source) -> dict[str, View]:
    views: dict[str, View] = {}
    for pointer, written in source.entries("views"):
        name = str(pointer[-1])
        if "given" in written:
            fields = frozenset(written["given"])
        elif "of" not in written:
            source.problem(
                pointer,
                "missing-key",
                f"the view {name!r} has neither 'of' nor 'given'",
                "a view shows a record `of` a collection, or what it is `given`",
                "add `of: <collection>`",
                key=True,
            )
            continue
        else:
            collection, at = written["of"], (*pointer, "of")
            if not source.known(at, collection, source.fields, "collection"):
                continue
            fields = source.fields[collection]
        scope = source.scope.with_fields(fields)
        template = source.template((*pointer, "show"), scope)
        views[name] = View(name, template, views, written.get("of", ""))
    return views


def _routes(
    source: Source, parts: Parts, operations: Mapping[str, Operation]
) -> Routes[Operation]:
    """Where each operation is reached, for every value of the server's variables; every
    path answers OPTIONS besides."""
    found: list[tuple[str, str, Operation]] = []
    methods: dict[str, set[str]] = {}
    for operation in operations.values():
        found.append((operation.method, operation.path, operation))
        methods.setdefault(operation.path, set()).add(operation.method)
    for operation in operations.values():
        for path in operation.also_at:
            found.append((operation.method, path, operation))
            methods.setdefault(path, set())
    for path, known in methods.items():
        if known and "OPTIONS" not in known:
            implied = implied_options(source, parts, path, allowed(known))
            found.append(("OPTIONS", path, implied))
    routes: Routes[Operation] = Routes()
    for base_path in (source.openapi.base_path, *source.openapi.further_paths):
        for method, path, operation in found:
            routes.add(method, base_path + path, operation)
    return routes


def _order(source: Source) -> tuple[str, ...]:
    return tuple(source.get("order", default=STEPS))


def _check_order(source: Source, order: tuple[str, ...]) -> None:
    known = [
        source.known(("order", at), name, STEPS, "step")
        for at, name in enumerate(source.get("order", default=[]))
    ]
    if not all(known):
        return
    if order and order[0] != "route":
        source.problem(
            ("order", 0),
            "incomplete-order",
            f"the order begins with {order[0]!r}",
            "what else is asked depends on the operation, which `route` finds",
            "move `route` to the front",
        )
    steps = STEPS
    missing = [name for name in steps if name not in order]
    if missing or len(order) != len(steps):
        source.problem(
            ("order",),
            "incomplete-order",
            f"the order lacks {', '.join(missing)}"
            if missing
            else "a step comes twice",
            "an order is a permutation of all steps",
            f"name each of {', '.join(steps)} once",
            key=True,
        )


def _check_callers(
    source: Source, folder: Path, records: Mapping[str, Sequence[Any]]
) -> None:
    """Warn of schemes that nobody can prove: without records, and nothing makes any."""
    made = set()
    for at, one in source.entries("operations"):
        made.add(((one or {}).get("create") or {}).get("in"))
        made |= {effect.get("create") for _, effect in source.entries(*at, "effects")}
    made |= {effect.get("create") for _, effect in source.entries("effects")}
    for at, scheme in source.entries("authentication", "schemes"):
        name = scheme.get("credentials")
        if records.get(name) or name in made or name not in _keys(source):
            continue
        source.report.add(
            source.behavior.diagnostic(
                (*at, "credentials"),
                "fixture-missing",
                f"{name!r} has no records, so nobody has a credential",
                f"they were looked for in {shown_name(folder / f'{name}.yaml')}",
                "write them there, or move the file: fixtures stand in"
                f" `fixtures/{source.name}/` beside the folder of the specs",
                severity="warning",
            )
        )


def _check_fixtures(
    source: Source, fixtures: Mapping[str, FixtureFile], keys: Mapping[str, str]
) -> None:
    for name, file in fixtures.items():
        if name not in keys:
            source.report.add(
                file.document.diagnostic(
                    (),
                    "unknown-collection",
                    f"{source.name} has no collection {name!r}",
                    "a fixture is named for the collection that it fills",
                    f"add `{name}:` under collections, or rename the file",
                )
            )
