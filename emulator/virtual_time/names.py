"""Names: every place that holds one function, so that another can stand there a while.

`from time import sleep` and `def call(sleep=time.sleep)` hold the function itself, and
replacing `time.sleep` does not reach them. Looked at are: the names of modules, the
defaults of their functions and of their classes' methods, the attributes of their
classes, and the attributes of the objects they name. No object is asked anything on
the way: no property runs, and nothing is compared by `==`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from emulator.virtual_time.callers import infrastructure, standard

_HOMES = (
    "time",
    "asyncio",
    "asyncio.tasks",
    "anyio._backends._asyncio",
    "freezegun.api",
)
"""Modules that are not code under test, and yet have to show the other function.

freezegun, when it ends, puts into `time` what it found there when it was imported.
"""
_SOURCES = frozenset({"time", "asyncio"})
"""A module that names none of these has no default to hold one of their functions."""

Swap = Mapping[int, object]
"""What is to stand for what: the `id` of one function, and the other."""


class Place(NamedTuple):
    """Something that holds one of the functions, and how to put another there."""

    found: object
    put: Callable[[object], object]
    held: Callable[[], object]


def swap(others: Swap, back: Swap, undo: ExitStack) -> None:
    """Put the other functions in the places of the ones; *undo* gives each its own back.

    A place in which somebody has put something else meanwhile keeps that. *back* is the
    swap the other way round, for what was imported in between.
    """
    sources = {id(sys.modules[name]) for name in _SOURCES if name in sys.modules}
    undo.callback(_put, back, set(back))
    elsewhere = undo.enter_context(ExitStack())
    at_home = undo.enter_context(ExitStack())
    # First where the functions are taken from, there and back: a module that another
    # thread imports meanwhile takes the right ones, or is found by the search.
    for places, way_back in (
        (_at_home(others), at_home),
        (_elsewhere(others, sources.union(others)), elsewhere),
    ):
        for place in places:
            # The way back comes before the way there, whatever happens on it.
            way_back.callback(_put_back, place, back)
            place.put(_other(place.found, others))


def _put(others: Swap, telling: set[int]) -> None:
    for places in (_at_home(others), _elsewhere(others, telling)):
        for place in places:
            place.put(_other(place.found, others))


def _at_home(others: Swap) -> Iterator[Place]:
    """The names of the modules that the functions are taken from."""
    for name in _HOMES:
        if name in sys.modules:
            yield from _entries(vars(sys.modules[name]), others)


def _elsewhere(others: Swap, telling: set[int]) -> Iterator[Place]:
    """The places of each module that names one of the *telling* objects, by their `id`."""
    for name, module in _modules():
        if not telling.isdisjoint(map(id, vars(module).copy().values())):
            yield from [*_places(name, vars(module), others)]


def _put_back(place: Place, back: Swap) -> None:
    if _other(place.held(), back) is not None:
        place.put(place.found)


def _bare(value: object) -> object:
    return value.__func__ if type(value) is staticmethod else value


def _other(value: object, others: Swap) -> object:
    """What is to stand in the place of *value*, or None if it may stay."""
    if type(value) is tuple:
        if set(map(id, value)).isdisjoint(others):
            return None
        return tuple(others.get(id(item), item) for item in value)
    if type(value) is staticmethod:
        inner: Any = others.get(id(value.__func__))
        return inner and staticmethod(inner)
    return others.get(id(value))


def _modules() -> Iterator[tuple[str, ModuleType]]:
    """The modules of the code under test, and of the libraries that it uses."""
    # A copy is made at once; a list of it may be interrupted by a thread that imports.
    for name, module in sys.modules.copy().items():
        package = name.partition(".")[0]
        if infrastructure(package) or not issubclass(type(module), ModuleType):
            continue
        if package in sys.stdlib_module_names and standard(
            package, vars(module).get("__file__") or "<frozen"
        ):
            continue
        yield name, module


def _places(name: str, values: dict[str, Any], others: Swap) -> Iterator[Place]:
    yield from _entries(values, others)
    for value in list(values.values()):
        if type(value) is FunctionType:
            yield from _function(value, others)
        elif issubclass(type(value), type):
            if vars(value).get("__module__") == name:
                yield from _class(value, others)
        elif not issubclass(type(value), ModuleType):
            yield from _object(value, others)


def _entries(values: dict[str, Any], others: Swap) -> Iterator[Place]:
    for key, value in list(values.items()):
        if id(value) in others:

            def put(other: object, key: str = key) -> None:
                values[key] = other

            def held(key: str = key) -> object:
                return values.get(key)

            yield Place(value, put, held)


def _function(function: FunctionType, others: Swap) -> Iterator[Place]:
    """The defaults of a function and of those it wraps, and what hangs on it."""
    seen = 0
    one: object = function
    while type(one) is FunctionType and seen < 8:
        yield from _defaults(one, others)
        for value in list(one.__dict__.values()):
            yield from _object(value, others)
        one = one.__dict__.get("__wrapped__")
        seen += 1


def _defaults(function: FunctionType, others: Swap) -> Iterator[Place]:
    defaults = function.__defaults__
    if defaults and not set(map(id, defaults)).isdisjoint(others):

        def put(other: object) -> None:
            function.__defaults__ = other  # type: ignore[assignment]

        def held() -> object:
            return function.__defaults__

        yield Place(defaults, put, held)
    if function.__kwdefaults__:
        yield from _entries(function.__kwdefaults__, others)


def _class(owner: type, others: Swap) -> Iterator[Place]:
    for key, value in vars(owner).copy().items():
        bare = _bare(value)
        if id(bare) in others:

            def put(other: object, key: str = key) -> None:
                type.__setattr__(owner, key, other)

            def held(key: str = key) -> object:
                return vars(owner).get(key)

            yield Place(value, put, held)
        elif type(bare) is FunctionType:
            yield from _function(bare, others)


def _object(value: object, others: Swap) -> Iterator[Place]:
    """What an object holds as its own attributes: a `Retrying(sleep=time.sleep)`."""
    if not type(value).__dictoffset__:
        return
    try:
        held = object.__getattribute__(value, "__dict__")
    except (AttributeError, RuntimeError):  # a proxy that stands for nothing now
        return
    if type(held) is dict and not set(map(id, list(held.values()))).isdisjoint(others):
        yield from _entries(held, others)
