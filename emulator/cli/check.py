"""Check: hold the files of providers against all rules, and say what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from emulator.cli.tables import counted
from emulator.compile.load import load
from emulator.compile.places import Place, gallery
from emulator.diagnostics import Diagnostic, Report, SpecError
from emulator.engine.loading import below, bounds_of, known, wanted
from emulator.settings import Settings


def places(folder: str, settings: Settings) -> list[Place]:
    """The providers to check: those in *folder*, or that of this name, or else all."""
    if not folder:
        there, names = known(settings, gallery()), wanted(settings)
        return [there[name] for name in names or there]
    if not Path(folder).exists() and folder in (there := known(settings, [folder])):
        return [there[folder]]
    fixtures = Path(settings.fixtures) if settings.fixtures else None
    return [
        place._replace(bounds=bounds_of(settings))
        for place in below(Path(folder), fixtures)
    ]


def check(places: Iterable[Place]) -> list[Diagnostic]:
    """Everything that is wrong with these providers, sorted by place; without a cache."""
    diagnostics: list[Diagnostic] = []
    for place in places:
        report = Report()
        try:
            program = load(place, None, report)
        except SpecError as error:
            diagnostics += error.diagnostics
        else:
            diagnostics += report.diagnostics
            for path in program.evidence.otherwise:
                diagnostics += _otherwise(place, path)
    return sorted(dict.fromkeys(diagnostics))


def _otherwise(place: Place, path: str) -> list[Diagnostic]:
    """Everything that would be wrong with the alternative that stands for *path*."""
    report = Report()
    try:
        load(place, None, report, otherwise=(path,))
    except SpecError as error:
        return error.diagnostics
    return report.diagnostics


def fix(places: Iterable[Place]) -> list[Diagnostic]:
    """What was changed in these providers' files to carry them over to version 1, and
    what has to be looked at, sorted by place."""
    from emulator.cli.fix import fix as fix_files

    return sorted(fix_files(places))


def texts(found: Iterable[Diagnostic]) -> Iterator[str]:
    """What is printed: changes that were made, a line each, and then what is wrong."""
    told = [*found]
    changes = [each for each in told if each.severity == "fixed"]
    if changes:
        yield "\n".join(str(each).partition("\n")[0] for each in changes)
    yield from (str(each) for each in told if each.severity != "fixed")


def summary(many: int, found: Iterable[Diagnostic]) -> str:
    """The last line: how many providers were checked, and what was found."""
    severities = [diagnostic.severity for diagnostic in found]
    counts = [
        counted(severities.count(name), name)
        for name in ("error", "warning")
        if name in severities
    ]
    fixed = severities.count("fixed")
    changes = [f"{counted(fixed, 'change')} made"] if fixed else []
    told = ", ".join([*changes, *(counts or ["nothing is wrong"])])
    return f"{counted(many, 'provider')}: {told}"


def as_json(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "file": diagnostic.at.file,
        "line": diagnostic.at.line,
        "column": diagnostic.at.column,
        "severity": diagnostic.severity,
        "code": diagnostic.code,
        "what": diagnostic.what,
        "why": diagnostic.why,
        "fix": diagnostic.fix,
    }
