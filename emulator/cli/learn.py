"""Learn: `emulator init NAME --har FILE`: a provider made of recorded calls."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

from emulator.cli.errors import Complaint, Trouble
from emulator.cli.init import Made, free_folder, purpose
from emulator.cli.tables import counted, table
from emulator.compile.files import inferred
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError
from emulator.inference.draft import Draft
from emulator.inference.inferred import Inferred
from emulator.json_type import Json
from emulator.spec.published import Bounds, Published
from emulator.spec.yaml_text import yaml_text
from emulator.traffic.describing import forget_rare_headers
from emulator.traffic.har import MAX_BYTES, read_archive
from emulator.traffic.learning import Learnt, NoHost, as_described, learn
from emulator.traffic.recorded import Recorded
from emulator.traffic.redaction import Replaced
from emulator.traffic.refining import refining, unlisted

_HEAD = "# Learnt from recorded calls: emulator init {name} --har ...\n"


class Wanted(NamedTuple):
    """What is to be learnt from."""

    archives: Sequence[str]
    host: str = ""
    """Whose calls; "" where there is one host."""
    lenient: bool = False
    document: str = ""
    """An OpenAPI document to keep; "" to make one from the calls."""
    without: Sequence[str] = ()
    """What is not to be inferred."""
    bounds: Bounds = Bounds()
    """How large the document may be."""


class Learning(NamedTuple):
    """What was written, and what there is to tell of it."""

    made: list[Made]
    operations: int
    calls: int
    replaced: list[Replaced]
    skipped: dict[str, int]
    warnings: list[str]


def init_from_archives(name: str, into: str, wanted: Wanted) -> Learning:
    """Write the provider *name* as the archives show it. Raises `Complaint`, `Trouble`
    and `SpecError`."""
    folder = free_folder(name, into)
    report = Report()
    calls: list[Recorded] = []
    skipped: Counter[str] = Counter()
    for file in wanted.archives:
        content = _content(file)
        archive = read_archive(content, file, report, lenient=wanted.lenient)
        calls += archive.entries
        skipped.update(archive.skipped)
    report.raise_if_failed()
    try:
        learnt = learn(calls, name, host=wanted.host)
    except NoHost as error:
        raise Complaint(str(error)) from None
    made, learnt = _write(folder, name, learnt, wanted)
    skipped.update(learnt.skipped)
    return Learning(
        made,
        len(learnt.observed),
        sum(len(operation.calls) for operation in learnt.observed),
        learnt.replaced,
        dict(skipped),
        [
            *map(str, report.diagnostics),
            *learnt.credentials.unchecked,
            *learnt.contradictions,
        ],
    )


def as_json(learning: Learning) -> dict[str, Json]:
    """All of it, for programs."""
    return {
        **learning._asdict(),
        "made": [file._asdict() for file in learning.made],
        "replaced": [each._asdict() for each in learning.replaced],
    }


def told(learning: Learning) -> str:
    """All of it, for people."""
    parts = [warning for warning in learning.warnings if "\n" in warning]
    sentences = [warning for warning in learning.warnings if "\n" not in warning]
    if sentences:
        parts.append("\n".join(sentences))
    parts.append(table(learning.made, ("file", "what it says")))
    many = counted(learning.operations, "operation")
    parts.append(f"{many} learnt from {counted(learning.calls, 'call')}")
    if learning.skipped:
        rows = [(str(times), reason) for reason, times in learning.skipped.items()]
        parts.append(table(rows, ("calls left out", "because they are")))
    if learning.replaced:
        replaced = [
            (each.kind, str(each.values), str(each.times), each.place)
            for each in learning.replaced
        ]
        parts.append(table(replaced, ("replaced", "values", "times", "where")))
    else:
        parts.append("nothing was found that had to be replaced")
    return "\n\n".join(parts)


def _content(file: str) -> bytes:
    try:
        with open(file, "rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Trouble(f"cannot read {file!r}: {error.strerror}") from None


def _write(
    folder: Path, name: str, learnt: Learnt, wanted: Wanted
) -> tuple[list[Made], Learnt]:
    """The folder appears when all is there, and when nothing is wrong with it."""
    around = folder.absolute().with_name(f".{name}.part")
    part = around / name
    try:
        part.mkdir(parents=True)
        document = Path(wanted.document or part / "openapi.yaml").absolute()
        files, learnt = _behavior(part, document, learnt, wanted)
        os.rename(part, folder)
    except OSError as error:
        raise Trouble(f"{str(folder)!r} cannot be written: {error.strerror}") from None
    finally:
        rmtree(around, ignore_errors=True)
    made = [Made(os.path.relpath(folder / file), purpose(file)) for file in files]
    return made, learnt


def _behavior(
    part: Path, document: Path, learnt: Learnt, wanted: Wanted
) -> tuple[list[str], Learnt]:
    """Write all files into *part*: without the refusals that nothing leads to."""
    without = tuple(wanted.without)
    published = Published(document, wanted.lenient, wanted.bounds, without)
    place = Place.of_document(part.name, published)
    idle: set[str] = set()
    known, described = learnt, False

    def refine(draft: Draft) -> None:
        nonlocal known, described
        if wanted.document:
            try:
                known = as_described(learnt, draft.openapi)
            except NoHost as error:
                raise Complaint(str(error)) from None
        refining(known, idle)(draft)
        if not wanted.document:
            stateless = unlisted(draft)
            rare = forget_rare_headers(learnt.document, learnt.observed, stateless)
            described = not rare

    while True:
        if not (wanted.document or described):
            text = _HEAD.format(name=part.name) + yaml_text(learnt.document)
            document.write_text(text, encoding="utf-8")
        files = _texts(place, refine)
        if not (wanted.document or described):
            continue
        for file, content in files.items():
            (part / file).parent.mkdir(parents=True, exist_ok=True)
            (part / file).write_bytes(content)
        unmet = _unmet(part) - idle
        if not unmet:
            return [*files], known
        idle |= unmet


def _texts(place: Place, refine: Callable[[Draft], None]) -> dict[str, bytes]:
    """The files that are inferred, and the document. Raises `SpecError`."""
    report = Report()
    made, files = inferred(place, report, refine)
    report.raise_if_failed()
    if made is None:
        raise SpecError(report.diagnostics)
    return {**files, **_written(made)}


def _written(made: Inferred) -> dict[str, bytes]:
    texts = {"behavior.yaml": made.behavior}
    if made.scenarios is not None:
        texts["scenarios.yaml"] = made.scenarios
    for collection, text in made.fixtures.items():
        texts[f"fixtures/{collection}.yaml"] = text
    return {file: text.encode() for file, text in texts.items()}


def _unmet(part: Path) -> set[str]:
    """The entries of `errors.table` that nothing can lead to, as `check` finds them."""
    try:
        load(Place(part, part / "fixtures"))
    except SpecError as error:
        codes = {
            diagnostic.what.split("'")[1]
            for diagnostic in error.diagnostics
            if diagnostic.code == "unreachable-error"
        }
        if not codes:
            raise
        return codes
    return set()
