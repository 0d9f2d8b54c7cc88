"""Init: a small provider that works, to learn from and to make one's own of."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from emulator.cli.errors import Complaint, Trouble
from emulator.cli.tables import counted, table
from emulator.compile.places import bundled, gallery, places
from emulator.diagnostics import Report, SpecError
from emulator.spec.published import Published

if TYPE_CHECKING:  # what the first command of everybody does not need
    from emulator.inference.inferred import Finding

_STARTER = Path(__file__).parent / "starter"
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_FILES = {
    "openapi.yaml": "what the API looks like",
    "behavior.yaml": "how it behaves",
    "scenarios.yaml": "situations that a test can start in",
    "fixtures/tokens.yaml": "who may call",
    "fixtures/tasks.yaml": "the records that a world begins with",
}


class Made(NamedTuple):
    """One file that was written, and what it is for."""

    file: str
    purpose: str


def init(name: str, into: str) -> list[Made]:
    """Write a provider called *name* into a folder of its name in *into*.

    Nothing is written where there is a folder of that name already. Raises `Complaint`
    and `Trouble`.
    """
    files = {file: _text(file, name).encode() for file in _FILES}
    return write(name, into, files)


def init_from_openapi(
    name: str,
    into: str,
    published: Published,
    without: Collection[str] = (),
    report: Report | None = None,
) -> tuple[list[Made], tuple[Finding, ...]]:
    """Write what is inferred of an OpenAPI document, and the document itself.

    Gives what was written, and what was concluded for it. What would not hold of the
    document is left out; *report* gets the warnings of that. Raises `Complaint`, `Trouble`,
    and `SpecError` where the document cannot be used.
    """
    # What the first command of everybody does not need is not imported by it.
    from emulator.compile.files import inferred
    from emulator.compile.load import amiss
    from emulator.compile.places import Place

    free_folder(name, into)
    told = Report() if report is None else report
    report = Report()
    place = Place.of_document(name, published._replace(without=tuple(without)))
    left_out = (*without, *amiss(place, told))
    place = Place.of_document(name, published._replace(without=left_out))
    made, documents = inferred(place, report)
    report.raise_if_failed()
    if made is None:
        raise SpecError(report.diagnostics)
    files = {**documents, "behavior.yaml": made.behavior.encode()}
    if made.scenarios is not None:
        files["scenarios.yaml"] = made.scenarios.encode()
    for collection, text in made.fixtures.items():
        files[f"fixtures/{collection}.yaml"] = text.encode()
    return write(name, into, files), made.findings


def to_look_at(findings: Sequence[Finding]) -> str:
    """What was concluded with less confidence, and what was not, each with its reason."""
    unsure = [
        (
            "a guess" if finding.confidence == "medium" else "left out",
            finding.kind,
            finding.where,
            finding.reason,
        )
        for finding in findings
        if finding.confidence != "high"
    ]
    sure = counted(len(findings) - len(unsure), "conclusion")
    says = f"Of the document, {sure} can be relied on"
    if not unsure:
        return f"{says}."
    more = len(unsure) - _MOST_UNSURE
    rows = table(unsure[:_MOST_UNSURE], ("", "kind", "where", "why"))
    rest = f"\nand {more} more" if more > 0 else ""
    return f"{says}; look at these first:\n\n{rows}{rest}"


_MOST_UNSURE = 20


def write(name: str, into: str, files: Mapping[str, bytes]) -> list[Made]:
    """Write the *files* of the provider *name*. Raises `Complaint` and `Trouble`."""
    folder = free_folder(name, into)
    # A folder that is made half is worse than none: it appears when all is there.
    part = folder.with_name(f".{name}.part")
    try:
        for file, content in files.items():
            path = part / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        os.rename(part, folder)
    except OSError as error:
        raise Trouble(f"{str(folder)!r} cannot be written: {error.strerror}") from None
    return [Made(os.path.relpath(folder / file), purpose(file)) for file in files]


def free_folder(name: str, into: str) -> Path:
    """Where a provider called *name* is to be written. Raises `Complaint` for a name that
    cannot be used, or where there is something already."""
    if not _NAME.fullmatch(name):
        raise Complaint(
            f"{name!r} cannot be the name of a provider: write small letters, digits,"
            " `-` and `_`, a letter first"
        )
    taken = {*gallery(), *(place.name for place in places(*bundled()))}
    if name in taken:
        raise Complaint(f"{name!r} comes with the emulator: choose another name")
    folder = Path(into) / name
    if folder.exists() or folder.is_symlink():
        raise Complaint(
            f"there is something at {str(folder)!r} already: nothing is changed"
        )
    return folder


def purpose(file: str) -> str:
    """What the file of a provider is for."""
    usual = (
        "records that a world begins with" if "/" in file else _FILES["openapi.yaml"]
    )
    return _FILES.get(file, usual)


def _text(file: str, name: str) -> str:
    """The starter's *file*, in which the provider has another name."""
    text = (_STARTER / file).read_text(encoding="utf-8")
    host = name.replace("_", "-").strip("-")
    return (
        text.replace("api.starter.example", f"api.{host}.example")
        .replace("title: Starter", f"title: {name.capitalize()}")
        .replace("starter", name)
    )


def next_steps(name: str, into: str) -> str:
    """What to do with it, in commands that can be pasted."""
    folder = os.path.relpath(Path(into) / name)
    return "\n".join(
        (
            "",
            f"emulator check {folder}",
            f"emulator serve {name} --specs {folder} --watch",
        )
    )
