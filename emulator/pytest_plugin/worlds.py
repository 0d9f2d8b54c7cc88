"""Pytest worlds: what the marker `emulator` wants, and what a report tells of a world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from traceback import walk_tb
from typing import Any, NamedTuple

import pytest

from emulator.admin.archive import folder_name
from emulator.client.admin_client import AdminRefused, NoServer, path_of
from emulator.client.emulator import (
    Begins,
    Emulator,
    GreenThreads,
    connect,
    start,
)
from emulator.client.in_process import Intercepted, intercept, whole_names
from emulator.client.journal import Entry
from emulator.client.world import World
from emulator.diagnostics import did_you_mean

_REFUSED = "refused call"
_LISTED = 20
_EXPLAINED = 3


class Address(NamedTuple):
    """Where an emulator runs."""

    url: str
    token: str
    called: str
    """What the user who named it calls it: `--emulator-url`."""


class Wanted(NamedTuple):
    """What the markers of a test say together; the one nearest to it wins."""

    providers: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    clock: Begins = None
    seed: int | None = None
    sleepless: bool = False
    intercept: bool | str = False
    strict_stubs: bool = False


_FORMS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "provider": ((str, list, tuple), "the name of a provider, or several"),
    "scenario": ((str, list, tuple), "the name of a scenario, or several"),
    "clock": (
        (str, datetime, Mapping),
        '"frozen", a time, or both: "frozen 2026-03-02T10:00:00Z"',
    ),
    "seed": ((int,), "a whole number"),
    "sleepless": ((bool,), "True or False"),
    "strict_stubs": ((bool,), "True or False"),
    "intercept": ((bool, str), 'True, False or "refuse" (calls to other hosts)'),
}


def wanted(item: pytest.Item) -> Wanted:
    """What the markers of *item* say. Fails the test for what they cannot mean."""
    given: dict[str, Any] = {}
    for mark in reversed([*item.iter_markers("emulator")]):
        if mark.args:
            raise _misuse(item, f"it takes no value without a name: {mark.args[0]!r}")
        for name, value in mark.kwargs.items():
            if name not in _FORMS:
                raise _misuse(
                    item, f"there is no {name!r}: {did_you_mean(name, _FORMS)}"
                )
            types, form = _FORMS[name]
            if not isinstance(value, types) or (
                name == "intercept" and value not in (True, False, "refuse")
            ):
                raise _misuse(item, f"{name}={value!r} is not {form}")
        given |= mark.kwargs
    providers = _many(given.get("provider", ()))
    return Wanted(
        providers,
        whole_names(_many(given.get("scenario", ())), providers),
        given.get("clock"),
        given.get("seed"),
        given.get("sleepless", False),
        given.get("intercept", False),
        given.get("strict_stubs", False),
    )


def begin(
    item: pytest.Item,
    opened: ExitStack,
    server: Callable[[], Emulator],
    *,
    shared: str | None,
    own: Mapping[str, Any],
    strict: bool,
) -> World:
    """The world that *item* wants, until *opened* is closed; in process, or of *server*.

    One of *server* is new, or that which is *shared*. *own* are the settings that say where
    providers of one's own are.
    """
    chosen, said = wanted(item), ""
    try:
        if chosen.intercept:
            return opened.enter_context(_intercepted(chosen, own, strict))
        return opened.enter_context(_served(chosen, server(), shared))
    except (AdminRefused, LookupError, ValueError) as error:
        if isinstance(error, AdminRefused) and error.status >= 500:
            raise
        said = str(error)
    except (RuntimeError, UserWarning) as error:
        if not _is_blocked(error):
            raise
        raise _no_sockets() from None
    raise _misuse(item, said)


def server(
    address: Address | None,
    *,
    own: Mapping[str, Any],
    providers: Sequence[str] | None,
    strict: bool,
    items: Sequence[pytest.Item] = (),
) -> Emulator:
    """The emulator at *address*, or one that is started. Fails the test without one.

    It serves the *providers*. By default these are all but the gallery's, and those that a
    marker of one of the *items* names.
    """
    said = ""
    try:
        if address is not None:
            return connect(address.url, address.token)
        return start(providers or _marked(items, own), strict=strict, **own)
    except (AdminRefused, NoServer, ValueError) as error:
        said = f"{address.called}: {error}" if address is not None else str(error)
    except (RuntimeError, UserWarning) as error:
        if _is_blocked(error):
            raise _no_sockets() from None
        if not isinstance(error, GreenThreads):
            raise
        said = f"{error}, or mark them emulator(intercept=True)"
    raise pytest.fail.Exception(
        f"no emulator for these tests: {said}", pytrace=False
    ) from None


def _marked(items: Sequence[pytest.Item], own: Mapping[str, Any]) -> Sequence[str]:
    from emulator.engine.loading import with_gallery
    from emulator.settings import Settings

    given = (
        mark.kwargs.get("provider", ())
        for item in items
        for mark in item.iter_markers("emulator")
    )
    names = {
        name
        for value in given
        if isinstance(value, str | list | tuple)
        for name in _many(value)
        if isinstance(name, str)
    }
    settings = Settings(
        specs=tuple(map(str, own["specs"])),
        openapi=tuple(own["openapi"]),
        lenient=own["lenient"],
    )
    return with_gallery(settings, names)


def _is_blocked(error: Exception) -> bool:
    """Whether pytest-socket has raised it: an error of its own, or the warning of that."""
    raised = [frame for frame, _ in walk_tb(error.__traceback__)]
    return bool(raised) and raised[-1].f_globals["__name__"] == "pytest_socket"


def _no_sockets() -> BaseException:
    return pytest.fail.Exception(
        "pytest-socket forbids the server of these tests: mark them"
        " emulator(intercept=True), which needs no socket, or run with"
        " --allow-hosts=127.0.0.1",
        pytrace=False,
    )


def _intercepted(wanted: Wanted, own: Mapping[str, Any], strict: bool) -> Intercepted:
    return intercept(
        wanted.providers or None,
        scenario=wanted.scenarios,
        clock=wanted.clock,
        seed=wanted.seed,
        sleepless=wanted.sleepless,
        on_other="refuse" if wanted.intercept == "refuse" else "pass",
        strict=strict,
        **own,
    )


@contextmanager
def _served(wanted: Wanted, server: Emulator, shared: str | None) -> Iterator[World]:
    with ExitStack() as opened:
        if shared is None:
            made = server.world(
                scenario=wanted.scenarios or None, clock=wanted.clock, seed=wanted.seed
            )
        else:
            made = _shared(wanted, server, shared)
        world = opened.enter_context(made)
        for name in wanted.providers:
            world.provider(name)
        if wanted.sleepless:
            opened.enter_context(world.sleepless())
        yield world


def _shared(wanted: Wanted, server: Emulator, id: str) -> World:
    """A world that there is, which stays. Raises `ValueError`."""
    for name in ("clock", "seed"):
        if getattr(wanted, name) is not None:
            raise ValueError(
                f"{name} says how a world begins, and all tests share the world {id!r}:"
                " leave it out, or let each test have a world of its own"
            )
    found = server.admin("GET", path_of("worlds", id))
    world = World(server.admin, found, kept=True)
    for scenario in wanted.scenarios:
        world.apply_scenario(scenario)
    return world


def fail_if_alarmed(world: World, known: int = 0) -> None:
    """Fail the test where a call was not answered as the provider would, or refused.

    The first *known* alarms have been told of.
    """
    try:
        alarms = world.alarms[known:]
    except AdminRefused as error:
        if error.status == 404:  # the test has deleted its world
            return
        raise
    if alarms:
        said = "\n".join(f"  {_alarm(alarm)}" for alarm in alarms)
        refused = all(alarm["kind"] == _REFUSED for alarm in alarms)
        went = "refused" if refused else "not answered as the provider would"
        pytest.fail(
            f"a call was {went}, whatever the client made of that:\n{said}",
            pytrace=False,
        )


def fail_if_unmet(world: World) -> None:
    """Fail the test where it has set a stub that no call has met."""
    unmet = world.unmet_stubs
    if unmet:
        said = "\n".join(f"  {stub}" for stub in unmet)
        pytest.fail(f"no call has met these stubs:\n{said}", pytrace=False)


def told(world: World) -> tuple[str, int]:
    """What happened in *world*, for the report of a test that failed; and its alarms."""
    try:
        alarms = world.alarms
        lines = [_alarm(alarm) for alarm in alarms]
        return "\n".join([*lines, *_told(world)]), len(alarms)
    except (AdminRefused, NoServer) as error:
        return f"nothing can be told of it: {error}", 0


def keep(world: World, directory: str, test: str) -> str:
    """Write what happened in *world* into a folder for *test*; where that is."""
    folder = Path(directory) / folder_name(test)
    try:
        files = world.archive(folder)
    except (NoServer, OSError) as error:
        return f"nothing is kept in {folder}: {error}"
    return f"kept in {folder}: {', '.join(file.name for file in files)}"


def _alarm(alarm: Mapping[str, str]) -> str:
    return f"{alarm['kind']}: {alarm['call']}: {alarm['detail']}"


def _told(world: World) -> Iterator[str]:
    entries = [*world.journal]
    if not entries and not world.alarms:
        yield "nothing was called in this world; its providers answer at"
        yield from (f"  {world.provider(name).url}" for name in world.providers)
        return
    if len(entries) > _LISTED:
        yield f"{len(entries)} calls came; the latest {_LISTED} are"
    yield from map(_line, entries[-_LISTED:])
    yield ""
    for entry in entries[-_EXPLAINED:]:
        yield entry.explained


def _line(entry: Entry) -> str:
    """`#7 10:00:00 POST /jobs -> 401 createJob by 'old'; authenticate: it expired ...`.

    What went wrong on the way stands behind it: the client saw that.
    """
    who = f" by {entry.credential!r}" if entry.credential else ""
    reasons = [step.decision for step in entry.steps if step.step == entry.refused_by]
    faults = "".join(f"; fault: {fault}" for fault in entry.faults)
    why = f"; {entry.refused_by}: {reasons[0]}" if reasons else ""
    return (
        f"#{entry.id} {entry.at:%H:%M:%S} {entry.request.method} {entry.request.path} ->"
        f" {entry.status} {entry.operation or 'no operation'}{who}{why}{faults}"
    )


def _many(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _misuse(item: pytest.Item, says: str) -> BaseException:
    return pytest.fail.Exception(
        f"usage error: @pytest.mark.emulator of {item.nodeid}: {says}", pytrace=False
    )
