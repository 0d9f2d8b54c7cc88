"""Loading: the programs that the settings ask for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from logging import getLogger
from pathlib import Path

from emulator.cli.errors import BadSpecs, Complaint
from emulator.compile.load import Place, beside, find, load_all
from emulator.compile.program import Program
from emulator.diagnostics import SpecError, did_you_mean
from emulator.settings import Settings
from emulator.spec.cache import Cache, default_folder


def known(settings: Settings) -> dict[str, Place]:
    """Every provider there is, by name. Raises `Complaint` for a folder without any."""
    fixtures = _fixtures(settings)
    for folder in settings.specs:
        below(Path(folder), fixtures)
    return find(map(Path, settings.specs), fixtures)


def below(folder: Path, fixtures: Path | None) -> list[Place]:
    """The providers in *folder*. Raises `Complaint` where there are none."""
    if not folder.is_dir():
        raise Complaint(f"there is no folder {str(folder)!r}")
    found = beside(folder, fixtures)
    if not found:
        raise Complaint(
            f"no provider in {str(folder)!r}: a provider is a folder with a"
            " behavior.yaml"
        )
    return found


def programs(settings: Settings, only: Iterable[str] = ()) -> dict[str, Program]:
    """The programs of the providers that are named, or of all there are.

    Raises `Complaint` for a name that is not known and `BadSpecs` for bad files.
    """
    places, wanted = known(settings), tuple(only)
    for name in wanted:
        if name not in places:
            raise Complaint(f"no provider {name!r}: {did_you_mean(name, places)}")
    try:
        return load_all(
            map(Path, settings.specs),
            _fixtures(settings),
            cache=_cache(settings),
            only=wanted,
        )
    except SpecError as error:
        raise BadSpecs(error) from None


def _cache(settings: Settings) -> Cache:
    """The cache, of which a line of the log says if it is not used."""
    cache = Cache(cache_folder(settings))
    why = cache.distrusted()
    if why:
        getLogger("emulator").warning("the cache %s is not used: %s", cache.folder, why)
    return cache


def cache_folder(settings: Settings) -> Path | None:
    """Where loading keeps what it produced; None: nowhere."""
    if not settings.cache:
        return None
    if settings.cache_dir:
        return Path(settings.cache_dir)
    return default_folder(os.environ)


def _fixtures(settings: Settings) -> Path | None:
    if settings.fixtures and not Path(settings.fixtures).is_dir():
        raise Complaint(f"there is no folder {settings.fixtures!r}")
    return Path(settings.fixtures) if settings.fixtures else None
