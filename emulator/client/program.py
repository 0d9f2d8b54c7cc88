"""Program: a provider of one's own, loaded for the strategies that draw calls of it."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.program.program import Program


def load(path: str | PathLike[str]) -> Program:
    """Load the provider in the folder *path*, for `emulator.strategies`.

    *path* is the folder with `behavior.yaml`, or a folder that contains only that folder;
    or an OpenAPI document that alone makes a provider.
    Raises `ValueError` for a folder without exactly one provider, and for mistakes in the
    provider's files, all of which it lists.
    """
    from emulator.compile import load as loading
    from emulator.diagnostics import SpecError
    from emulator.engine.loading import below, documents
    from emulator.settings import Settings

    if Path(path).is_file():
        found = [*documents(Settings(openapi=(fspath(path),))).values()]
    else:
        found = below(Path(path), None)
    if len(found) > 1:
        names = ", ".join(place.name for place in found)
        raise ValueError(f"{str(path)!r} holds several providers: name one of {names}")
    try:
        return loading.load(found[0])
    except SpecError as error:
        raise ValueError(str(error)) from None
