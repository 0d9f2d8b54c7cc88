"""Learn: `emulator init NAME --har FILE`: a provider made of recorded calls."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from shutil import rmtree
from typing import Any, NamedTuple

from emulator.cli.errors import Complaint, Trouble
from emulator.cli.init import Made, free_folder
from emulator.cli.tables import counted, table
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report, SpecError
from emulator.inference import infer
from emulator.spec.openapi import read_openapi
from emulator.spec.yaml_text import yaml_text
from emulator.traffic.har import MAX_BYTES, read_archive
from emulator.traffic.learning import Learnt, NoHost, learn
from emulator.traffic.recorded import Recorded
from emulator.traffic.redaction import Replaced
from emulator.traffic.refining import refining

Json = Any
_HEAD = "# Learnt from recorded calls: emulator init {name} --har ...\n"


class Learning(NamedTuple):
    """What was written, and what there is to tell of it."""

    made: list[Made]
    operations: int
    calls: int
    replaced: list[Replaced]
    skipped: dict[str, int]
    warnings: list[str]


def init_from_archives(
    name: str, into: str, files: Sequence[str], *, host: str = "", lenient: bool = False
) -> Learning:
    """Write the provider *name* as the archives show it. Raises `Complaint`, `Trouble`
    and `SpecError`."""
    folder = free_folder(name, into)
    report = Report()
    calls: list[Recorded] = []
    skipped: Counter[str] = Counter()
    for file in files:
        archive = read_archive(_content(file), file, report, lenient=lenient)
        calls += archive.entries
        skipped.update(archive.skipped)
    report.raise_if_failed()
    try:
        learnt = learn(calls, name, host=host)
    except NoHost as error:
        raise Complaint(str(error)) from None
    skipped.update(learnt.skipped)
    made = _write(folder, name, learnt)
    return Learning(
        made,
        len(learnt.observed),
        len(learnt.calls),
        learnt.replaced,
        dict(skipped),
        [str(diagnostic) for diagnostic in report.diagnostics],
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
    parts = [*learning.warnings]
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


def _write(folder: Path, name: str, learnt: Learnt) -> list[Made]:
    """The folder appears when all is there, and when nothing is wrong with it."""
    around = folder.absolute().with_name(f".{name}.part")
    part = around / name
    try:
        part.mkdir(parents=True)
        document = _HEAD.format(name=name) + yaml_text(learnt.document)
        texts = {"openapi.yaml": document}
        (part / "openapi.yaml").write_text(document, encoding="utf-8")
        texts |= _behavior(part, name, learnt)
        os.rename(part, folder)
    except OSError as error:
        raise Trouble(f"{str(folder)!r} cannot be written: {error.strerror}") from None
    finally:
        rmtree(around, ignore_errors=True)
    return [Made(os.path.relpath(folder / file), _purpose(file)) for file in texts]


def _behavior(part: Path, name: str, learnt: Learnt) -> dict[str, str]:
    """Write the other files into *part*: without the refusals that nothing leads to."""
    report = Report()
    openapi = read_openapi(part / "openapi.yaml", part, report)
    report.raise_if_failed()
    if openapi is None:
        raise Trouble("nothing could be learnt from these calls")
    idle: set[str] = set()
    while True:
        inferred = infer(openapi, name, refine=refining(learnt, idle))
        texts = {"behavior.yaml": inferred.behavior}
        if inferred.scenarios is not None:
            texts["scenarios.yaml"] = inferred.scenarios
        for collection, text in inferred.fixtures.items():
            texts[f"fixtures/{collection}.yaml"] = text
        for file, text in texts.items():
            (part / file).parent.mkdir(parents=True, exist_ok=True)
            (part / file).write_text(text, encoding="utf-8")
        unmet = _unmet(part) - idle
        if not unmet:
            return texts
        idle |= unmet


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


def _purpose(file: str) -> str:
    usual = {
        "openapi.yaml": "what the API looks like",
        "behavior.yaml": "how it behaves",
        "scenarios.yaml": "situations that a test can start in",
    }
    return usual.get(file, "the records that a world begins with")
