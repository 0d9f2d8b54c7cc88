"""Loading: the programs, and the dispatcher, that the settings ask for."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from logging import getLogger
from pathlib import Path

from emulator.compile.load import load_all
from emulator.compile.places import Place, beside, find, gallery
from emulator.diagnostics import did_you_mean
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.scenarios import NoSuchScenario
from emulator.language.failures import ExpressionFailed
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.spec.cache import Cache, default_folder
from emulator.spec.published import Bounds, Published
from emulator.times import LATEST, time_of
from emulator.world.world import Beginning


class CannotServe(ValueError):
    """The settings name something that there is not."""


def known(settings: Settings, named: Collection[str] = ()) -> dict[str, Place]:
    """Every provider there is, by name: of the gallery, those that are *named*.

    Raises `CannotServe` for a folder without any.
    """
    fixtures = _fixtures(settings)
    for folder in settings.specs:
        below(Path(folder), fixtures)
    found = find(map(Path, settings.specs), fixtures, named)
    return {
        name: place._replace(bounds=bounds_of(settings))
        for name, place in found.items()
    } | documents(settings)


def bounds_of(settings: Settings) -> Bounds:
    """How large a document may be that somebody else has written."""
    return Bounds(settings.openapi_bytes, settings.openapi_levels)


def documents(settings: Settings) -> dict[str, Place]:
    """The providers that are made from OpenAPI documents. Raises `CannotServe`."""
    if settings.lenient and not settings.openapi:
        raise CannotServe("--lenient is about the documents that --openapi names")
    if settings.without and not settings.openapi:
        raise CannotServe("--without is about the documents that --openapi names")
    if not settings.openapi:
        return {}
    from emulator.compile.document_names import NotADocument, named

    without = tuple(part for text in settings.without for part in text.split(","))
    bounds = bounds_of(settings)
    try:
        files = named(settings.openapi)
    except NotADocument as error:
        raise CannotServe(f"--openapi: {error}") from None
    return {
        name: Place.of_document(
            name, Published(file, settings.lenient, bounds, without)
        )
        for name, file in files.items()
    }


def wanted(settings: Settings, only: Iterable[str] = ()) -> tuple[str, ...]:
    """The providers to load, by name; none: all but the gallery's.

    With OpenAPI documents and no names, only the documents are served.
    """
    names = tuple(only)
    if names or settings.specs:
        return names
    return tuple(documents(settings))


def served(settings: Settings) -> tuple[str, ...]:
    """The providers that a server starts with, by name; none: all but the gallery's.

    With names and OpenAPI documents, both are served.
    """
    names, made = settings.providers, documents(settings)
    if names and not made.keys() & {*names}:
        return (*names, *made)
    return wanted(settings, names)


def with_gallery(settings: Settings, names: Iterable[str]) -> tuple[str, ...]:
    """The providers that are served without a name, and what of *names* the gallery has.

    Empty where it has none of them, as usual.
    """
    more = gallery().keys() & {*names}
    usual = wanted(settings) or tuple(known(settings))
    return tuple(dict.fromkeys((*usual, *sorted(more)))) if more else ()


def below(folder: Path, fixtures: Path | None) -> list[Place]:
    """The providers in *folder*. Raises `CannotServe` where there are none."""
    if not folder.is_dir():
        raise CannotServe(f"there is no folder {str(folder)!r}")
    places = beside(folder, fixtures)
    if not places:
        raise CannotServe(
            f"no provider in {str(folder)!r}: a provider is a folder with a"
            " behavior.yaml"
        )
    return places


def programs(settings: Settings, only: Iterable[str] = ()) -> dict[str, Program]:
    """The programs of the providers that are named, or of all but the gallery's.

    Raises `CannotServe` for a name that is not known and `SpecError` for bad files.
    """
    names = wanted(settings, only)
    places = known(settings, names)
    for name in names:
        if name not in places:
            fix = did_you_mean(name, {*places, *gallery()})
            raise CannotServe(f"no provider {name!r}: {fix}")
    for path in settings.otherwise:
        name = path.partition(".")[0]
        if name not in places:
            raise CannotServe(
                f"--otherwise {path}: no provider {name!r}: {did_you_mean(name, places)}"
            )
    return load_all(
        {name: places[name] for name in names or places},
        cache=_cache(settings),
        otherwise=settings.otherwise,
    )


def make_dispatcher(settings: Settings) -> Dispatcher:
    """The providers, and a world that begins as the settings say.

    Raises `CannotServe` and `SpecError`.
    """
    at = instant(settings.clock) if settings.clock else None
    beginning = Beginning(at, settings.frozen, settings.scenario)
    made = Dispatcher(programs(settings, served(settings)), beginning, settings)
    try:
        made.worlds.arrange(made.world)
    except NoSuchScenario as error:
        raise CannotServe(str(error)) from None
    except (ValueError, ExpressionFailed) as error:
        names = ", ".join(settings.scenario)
        raise CannotServe(f"scenario {names}: {error}") from None
    return made


def instant(text: str) -> int:
    """A time in ISO 8601 as microseconds since 1970; UTC where it names no offset.

    Raises `ValueError` for another text, and outside the years 1970 to 9998.
    """
    at = time_of(text)
    if not 0 <= at <= LATEST:
        raise ValueError("a clock stays between the years 1970 and 9998")
    return at


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
        raise CannotServe(f"there is no folder {settings.fixtures!r}")
    return Path(settings.fixtures) if settings.fixtures else None
