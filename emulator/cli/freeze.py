"""Freezing: what the recipes of fixtures make, written beside them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from emulator.cli.errors import Complaint, Trouble
from emulator.compile.load import freeze
from emulator.compile.places import Place
from emulator.diagnostics import did_you_mean
from emulator.engine.loading import below, known
from emulator.settings import Settings
from emulator.spec.frozen import Frozen, TooMuch, write


class Written(NamedTuple):
    """One file of frozen records."""

    provider: str
    file: str
    records: int
    faker: str
    changed: bool


def places(names: Iterable[str], settings: Settings) -> list[Place]:
    """The providers that are named, or else those below --specs. Raises `Complaint`."""
    found, wanted = known(settings), [*names]
    for name in wanted:
        if name not in found:
            raise Complaint(f"no provider {name!r}: {did_you_mean(name, found)}")
    if not wanted:
        fixtures = Path(settings.fixtures) if settings.fixtures else None
        for folder in settings.specs:
            wanted += [place.name for place in below(Path(folder), fixtures)]
    if not wanted:
        raise Complaint("say which providers: name them, or give their --specs")
    return [found[name] for name in dict.fromkeys(wanted)]


def freeze_all(places: Iterable[Place]) -> Iterator[Written]:
    """Write what the recipes of each provider make. Raises `SpecError` and `Trouble`."""
    for place in places:
        for path, frozen in freeze(place).items():
            yield _write(place, path, frozen)


def _write(place: Place, path: Path, frozen: Frozen) -> Written:
    fixture = path.name.removesuffix(".frozen.json") + ".yaml"
    try:
        content = write(frozen, fixture)
        changed = not path.is_file() or path.read_bytes() != content
        if changed:
            part = path.with_name(f".{path.name}.part")
            part.unlink(missing_ok=True)  # left over, or a link to somewhere else
            with part.open("xb") as file:
                file.write(content)
            os.replace(part, path)
    except TooMuch as error:
        raise Trouble(str(error)) from None
    except OSError as error:
        raise Trouble(f"{str(path)!r} cannot be written: {error.strerror}") from None
    return Written(
        place.name, os.path.relpath(path), len(frozen.records), frozen.faker, changed
    )
