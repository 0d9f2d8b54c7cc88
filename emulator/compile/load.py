"""Load: from the files of a provider to its program, with everything wrong at once.

What was found in order is remembered in a cache, under a hash of all files, so that
the next start neither checks nor makes records again, and a provider that is not
called is not compiled either.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from emulator.compile.issuers import issuer_files
from emulator.compile.source import Source
from emulator.diagnostics import Diagnostic, Report, SpecError
from emulator.language.failures import ExpressionFailed
from emulator.program.example import example
from emulator.program.program import Program
from emulator.program.remembered import Example, RememberedProgram
from emulator.spec.cache import Cache, Kept
from emulator.spec.document import Document, KeptDocument
from emulator.spec.files import shown_name
from emulator.spec.referred import referred_files
from emulator.version import __version__
from emulator.world.compact import Compact

if TYPE_CHECKING:
    from emulator.compile.files import Files
    from emulator.spec.frozen import Frozen
from emulator.compile.places import Place
from emulator.compile.program import collection_keys, compile_program
from emulator.json_type import Json

_FORMAT = b"program 15"
_TOGETHER = 500
"""How many records are read from the cache at a time: reading all at once fragments
memory."""


def load(
    place: Place,
    cache: Cache | None = None,
    report: Report | None = None,
    *,
    otherwise: Collection[str] = (),
) -> Program:
    """The program of one provider. Raises `SpecError` with all that is wrong.

    Give a *report* to learn of warnings too. The paths *otherwise* of `behavior.yaml` have
    the alternatives that stand beside them.
    """
    report = Report() if report is None else report
    place = place._replace(
        spec=place.spec.absolute(), fixtures=place.fixtures.absolute()
    )
    cache = cache or Cache(None)
    key = _key(place, otherwise)
    kept = cache.get(key)
    if kept is not None and _is_remembered(kept.head):
        return _remembered(place, kept, report, otherwise)
    program, source = _read(place, report, otherwise=otherwise)
    if cache.folder is not None:
        # An example that fails is not remembered: it fails at the next start too.
        with suppress(ExpressionFailed):
            head = _to_remember(place, program, source)
            cache.put(key, head, _lines(program, source))
    return program


def _to_remember(place: Place, program: Program, source: Source) -> Json:
    """What a start needs."""
    files = {"behavior": source.behavior.file, "openapi": source.openapi.document.file}
    if source.scenarios is not None:
        files["scenarios"] = source.scenarios.file
    shown = example(program)
    return {
        "title": program.title,
        "hosts": program.hosts,
        "base_path": program.base_path,
        "files": {
            part: _as_seen_from(place.spec, file, source)
            for part, file in files.items()
        },
        "max_body": program.max_body,
        "functions": program.hooks is not None,
        "unsound": program.unsound,
        "example": shown and [*shown],
    }


def _as_seen_from(folder: Path, file: str, source: Source) -> str:
    """*file*, as it is called from *folder*; one that stands nowhere has one name."""
    return file if file in source.texts else os.path.relpath(file, folder)


def _lines(program: Program, source: Source) -> Iterator[bytes]:
    """What the first call needs besides: the documents, and then some records a line."""
    documents = {
        "behavior": source.behavior.to_json(),
        "openapi": source.openapi.raw,
    }
    if source.scenarios is not None:
        documents["scenarios"] = source.scenarios.to_json()
    if source.texts:
        documents["texts"] = dict(source.texts)
    yield orjson.dumps(documents)
    for name, base in program.bases.items():
        rows = base.rows
        # At least one, so that an empty collection is known as well.
        for start in range(0, max(len(rows), 1), _TOGETHER):
            yield orjson.dumps([name, rows[start : start + _TOGETHER]])


def _is_remembered(head: Json) -> bool:
    """Whether *head* has the shape of what `_to_remember` gives."""
    if not isinstance(head, dict):
        return False
    files, hosts, example = (head.get(name) for name in ("files", "hosts", "example"))
    return (
        all(isinstance(head.get(name), str) for name in ("title", "base_path"))
        and type(head.get("max_body")) is int
        and type(head.get("functions")) is bool
        and type(head.get("unsound")) is int
        and isinstance(hosts, list)
        and all(isinstance(host, str) for host in hosts)
        and isinstance(files, dict)
        and {"behavior", "openapi"} <= files.keys()
        and all(isinstance(file, str) for file in files.values())
        and "example" in head
        and (example is None or _is_example(example))
    )


def _is_example(example: Json) -> bool:
    if not isinstance(example, list) or len(example) != len(Example._fields):
        return False
    method, path, credential, _, form = example
    if credential is None:
        credential = {}
    if not all(
        isinstance(part, kind)
        for part, kind in (
            (method, str),
            (path, str),
            (credential, dict),
            (form, bool),
        )
    ):
        return False
    if not isinstance(credential.get("body", {}), dict):
        return False
    sent = [credential.get(name, {}) for name in ("headers", "cookies", "query")]
    return all(
        isinstance(part, dict) and all(isinstance(text, str) for text in part.values())
        for part in sent
    )


def _remembered(
    place: Place, kept: Kept, report: Report, otherwise: Collection[str]
) -> Program:
    """The program of files that were found in order before: nothing is read or checked."""
    head = kept.head
    example = head["example"]
    # Files are named from where we are now; those who kept them may have stood elsewhere.
    files = {
        part: place.shown(f"{part}.yaml")
        if place.published is not None and part != "openapi"
        else shown_name(place.spec / file)
        for part, file in head["files"].items()
    }

    def make() -> Program:
        try:
            return remembered()
        except Exception:
            # What is kept has the hash of what we keep and another shape: somebody
            # made it. The files still say what the program is.
            return _read(place, Report(), otherwise=otherwise)[0]

    def remembered() -> Program:
        from emulator.spec.openapi import remembered as remembered_openapi

        lines = kept.take_lines()
        lines.reverse()
        documents = orjson.loads(lines.pop())
        for part in files.keys() - {"openapi"}:
            documents[part]["file"] = files[part]
        behavior = KeptDocument(documents["behavior"])
        path = place.spec / head["files"]["openapi"]
        published = place.described_by(path, behavior.data)
        openapi = remembered_openapi(
            path, place.spec, documents["openapi"], published, head["unsound"]
        )
        source = Source(
            place.name, behavior, openapi, report, folder=place.spec, trusted=True
        )
        texts = documents.get("texts", {})
        source.texts = {_shown_from(place, file): texts[file] for file in texts}
        if "scenarios" in documents:
            source.scenarios = KeptDocument(documents["scenarios"])
        return compile_program(source, _records(lines))

    return RememberedProgram(
        make,
        name=place.name,
        title=head["title"],
        hosts=tuple(head["hosts"]),
        base_path=head["base_path"],
        files=(files["behavior"], files["openapi"]),
        max_body=head["max_body"],
        functions=head["functions"],
        unsound=head["unsound"],
        example=example and Example(*example),
    )


def _shown_from(place: Place, file: str) -> str:
    """What the text is called here that was kept as *file* of another folder, maybe."""
    return place.shown(file.partition(" (")[0])


def _records(lines: list[bytes]) -> dict[str, list[dict[str, Json]]]:
    """The records of all collections, of which the last line has the first.

    Each line makes room as soon as it is read: none of *lines* is left.
    """
    records: dict[str, list[dict[str, Json]]] = {}
    compacts: dict[str, Compact] = {}
    while lines:
        name, rows = orjson.loads(lines.pop())
        compact = compacts.setdefault(name, Compact())
        records.setdefault(name, []).extend(map(compact, rows))
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
    keys, schemas = collection_keys(source), source.openapi.schemas
    frozen = freeze_records(place.name, files, keys, report, schemas)
    return {path_of(place.fixtures, name): fixture for name, fixture in frozen.items()}


def _read(
    place: Place,
    report: Report,
    *,
    thaw: bool = False,
    otherwise: Collection[str] = (),
) -> tuple[Program, Source]:
    """The program, read and checked. Raises `SpecError` with all that is wrong.

    With *thaw*, recipes are used, whatever is frozen of them. The paths *otherwise* have
    the alternatives that the spec names for them.
    """
    # What a second start does not need is not imported by it.
    from emulator.compile.files import read_files

    if place.published is not None:
        from emulator.compile.inferring import compile_inferred

        return compile_inferred(
            place,
            place.published,
            report,
            lambda files, heard: _compile(place, files, heard, otherwise),
        )
    files = read_files(place, report, thaw=thaw)
    return _compile(place, files, report, otherwise)


def amiss(place: Place, report: Report) -> tuple[str, ...]:
    """What is not to be inferred of the document at *place*, since it would not hold.

    Raises `SpecError` with what is wrong with the document.
    """
    from emulator.compile.inferring import settled

    if place.published is None:
        raise TypeError(f"{place.name} has files of its own")
    _, without = settled(
        place,
        place.published,
        report,
        lambda files, heard: _compile(place, files, heard, ()),
    )
    return without


def _compile(
    place: Place, files: Files, report: Report, otherwise: Collection[str]
) -> tuple[Program, Source]:
    """The program of *files*, checked. Raises `SpecError` with all that is wrong."""
    from emulator.compile.checks import check_program
    from emulator.compile.files import read_described
    from emulator.compile.fixture_checks import check_fixtures
    from emulator.compile.fixtures import make_records
    from emulator.compile.outdated import as_version_1, check_version
    from emulator.compile.scenario_checks import check_scenarios
    from emulator.spec.structure import check_structure, scenarios_keywords

    scenarios, fixtures = files.scenarios, files.fixtures
    behavior, broken = _behavior(files.behavior, report, otherwise)
    openapi = files.openapi
    if openapi is None or (behavior is not None and "oauth2" in behavior.data):
        openapi = read_described(place, behavior, report)
    if behavior is None or openapi is None:
        raise SpecError(report.diagnostics)
    shaped = not broken and not report.failed
    if "oauth2" in behavior.data:
        from emulator.compile.oauth2.expansion import expand

        behavior = expand(behavior, openapi)
    if scenarios is not None:
        if not check_version(scenarios, report):
            raise SpecError(report.diagnostics)
        keywords = scenarios_keywords()
        scenarios = as_version_1(scenarios, keywords, report)
        scenarios, taken = check_structure(scenarios, report, keywords.schema)
        broken |= taken
    source = Source(
        place.name,
        behavior,
        openapi,
        report,
        folder=place.spec,
        broken=broken,
        scenarios=scenarios,
        texts=files.texts,
    )
    keys, schemas = collection_keys(source), openapi.schemas
    records = make_records(place.name, fixtures, keys, report, schemas)
    if shaped:
        _check_callers(source, place.fixtures, records)
    program = compile_program(source, records)
    check_fixtures(source, fixtures, keys)
    check_program(program, source, whole=shaped)
    if shaped:
        check_scenarios(program, source)
    report.raise_if_failed()
    return program, source


def _behavior(
    written: Document | None, report: Report, otherwise: Collection[str]
) -> tuple[Document | None, frozenset[str]]:
    """*written* in version 1, with what is said beside a fact, and the keys that are broken."""
    from emulator.compile.facts import gather
    from emulator.compile.facts import otherwise as with_alternatives
    from emulator.compile.outdated import as_version_1, check_version
    from emulator.spec.structure import behavior_keywords, check_structure

    if written is None:
        return None, frozenset()
    if not check_version(written, report):
        raise SpecError(report.diagnostics)
    behavior = as_version_1(written, behavior_keywords(), report)
    behavior = gather(behavior, behavior_keywords(), report)
    if otherwise:
        behavior = with_alternatives(behavior, otherwise, report)
    return check_structure(behavior, report)


def load_all(
    places: Mapping[str, Place],
    *,
    cache: Cache | None = None,
    otherwise: Iterable[str] = (),
) -> dict[str, Program]:
    """The programs of the providers at *places*, by name.

    Raises `SpecError` with what is wrong in any of them.
    """
    otherwise = [*otherwise]
    programs: dict[str, Program] = {}
    wrong: list[Diagnostic] = []
    for name, place in places.items():
        try:
            own = [path.partition(".") for path in otherwise]
            paths = [path for provider, _, path in own if provider == name]
            programs[name] = load(place, cache, otherwise=paths)
        except SpecError as error:
            wrong.extend(error.diagnostics)
    if wrong:
        raise SpecError(wrong)
    return programs


def _key(place: Place, otherwise: Collection[str]) -> str:
    """The hash of every file that the program is made from, and of its alternatives."""
    parts = [_FORMAT, __version__.encode(), str(place.spec).encode()]
    if place.published is not None:
        parts += [_version_of_inference(), repr(place).encode(errors="replace")]
        for path in files_of(place):
            parts += [str(path).encode(errors="surrogateescape"), _content(path)]
        parts += [*map(str.encode, sorted(otherwise)), _version_of_faker()]
        return Cache.key(parts)
    parts.append(repr(place.bounds).encode())
    for folder in (place.spec, place.fixtures):
        for name in sorted(files_in(str(folder))):
            with open(f"{folder}/{name}", "rb", buffering=0) as file:
                content = file.read()
            parts += [name.encode(errors="surrogateescape"), content]
            if name == "behavior.yaml" and folder is place.spec:
                for path in issuer_files(place.spec, content):
                    parts += [
                        str(path).encode(errors="surrogateescape"),
                        _content(path),
                    ]
    parts += [path.encode() for path in sorted(otherwise)]
    parts.append(_version_of_faker())  # another one makes other records
    return Cache.key(parts)


def _content(path: Path) -> bytes:
    """What stands in *path*, which may not be there."""
    try:
        return b"has " + path.read_bytes()
    except OSError:
        return b"missing"


def files_of(place: Place) -> Iterator[Path]:
    """The files that the provider at *place* is made from, as far as they are there."""
    if place.published is not None:
        published = place.published
        yield published.file
        yield from referred_files(published.file, place.spec, published.bounds.bytes)
        return
    for folder in (place.spec, place.fixtures):
        yield from (folder / name for name in files_in(str(folder)))
    with suppress(OSError):
        text = (place.spec / "behavior.yaml").read_bytes()
        yield from issuer_files(place.spec, text)


def files_in(folder: str, above: str = "") -> Iterator[str]:
    """The files in *folder* and below that a provider is made from, as seen from it."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from files_in(entry.path, f"{above}{entry.name}/")
            elif (
                entry.name.endswith((".yaml", ".yml", ".json", ".py"))
                and entry.is_file()
            ):
                yield above + entry.name


@cache
def _version_of_inference() -> bytes:
    """What changes when the same document would be inferred to behave otherwise."""
    found = find_spec("emulator.inference")
    folders = found.submodule_search_locations if found is not None else None
    with os.scandir((folders or ["."])[0]) as entries:
        files = sorted((entry.name, entry.stat().st_mtime_ns) for entry in entries)
    return repr(files).encode()


@cache
def _version_of_faker() -> bytes:
    """The line that says it: importing Faker, or its metadata, takes a start too long."""
    spec = find_spec("faker")
    if spec is None or spec.origin is None:
        return b""
    with suppress(OSError), open(spec.origin, "rb") as file:
        return b"".join(line for line in file if line.startswith(b"VERSION"))
    return b""


def _check_callers(
    source: Source, folder: Path, records: Mapping[str, Sequence[Any]]
) -> None:
    """Warn of schemes that nobody can prove: without records, and nothing makes any."""
    made = set()
    for at, entry in source.entries("operations"):
        made.add(((entry or {}).get("create") or {}).get("collection"))
        made |= {"tokens"} if (entry or {}).get("grant") == "token" else set()
        made |= {effect.get("create") for _, effect in source.entries(*at, "effects")}
    made |= {effect.get("create") for _, effect in source.entries("effects")}
    for at, scheme in source.entries("authentication", "schemes"):
        name = scheme.get("credentials")
        if records.get(name) or name in made or name not in collection_keys(source):
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
