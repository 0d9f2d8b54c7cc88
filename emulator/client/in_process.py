"""Intercepting: a world in this process that answers at its providers' own addresses."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from emulator.client.admin_client import AdminRefused
from emulator.client.emulator import (
    Begins,
    Paths,
    board,
    clock_of,
    over,
    settings_of,
)
from emulator.client.world import World
from emulator.concurrency.block_decorators import BlockDecorator
from emulator.diagnostics import did_you_mean
from emulator.json_type import Json
from emulator.settings import Settings

if TYPE_CHECKING:
    from emulator.engine.dispatcher import Dispatcher
    from emulator.exchange.call import Call, Reply
    from emulator.interception.registry import ForeignHost


def intercept(
    provider: str | Sequence[str] | None = None,
    *,
    scenario: str | Sequence[str] | None = None,
    clock: Begins = None,
    seed: int | None = None,
    sleepless: bool = False,
    on_other: Literal["pass", "refuse"] = "pass",
    allow: Iterable[str] = (),
    specs: Paths = (),
    openapi: Paths = (),
    settings: Settings | None = None,
    **more: Any,
) -> Intercepted:
    """Answer calls to the hosts of *provider*, or of every provider, in this process.

    As a context manager it gives the `World`. As a decorator it gives each call a new
    world; it decorates functions, async functions, generators (such as yield fixtures) and
    classes, of which it decorates each method whose name begins with `test` (but not
    `setUp`). It opens no socket, and the code under test keeps its addresses;
    `world.provider(...).url` is answered too. Raises `TypeError` for a function whose code
    would run outside of the block.

    *scenario* and *clock* are as in `Emulator.world`; with one provider, the name of the
    scenario alone is enough. With *sleepless*, waits return at once and move the clock,
    whose date the code sees (see `World.sleepless`). With *sleepless* or a frozen clock, a
    delayed reply moves the clock too. Calls to other hosts go to the network; with
    *on_other* "refuse" they raise `ForeignHost`, except those to the hosts in *allow*.
    Only clients in this process and in forked children are intercepted;
    docs/explanation/interception.md lists them. *specs*, *openapi*, *settings* and *more*
    are as in `start`. Raises `AdminRefused`, at the start, for an unknown scenario or an invalid
    clock, and `ValueError` for an unknown provider.
    """
    if callable(provider):
        raise TypeError("write @emulator.intercept(), with parentheses")
    chosen = settings_of(None, specs, openapi, settings, more)
    return Intercepted(
        _Wanted(chosen, provider, scenario, clock, seed),
        sleepless=sleepless,
        on_other=on_other,
        allow=tuple(allow),
    )


class Intercepted(BlockDecorator):
    """The result of `intercept`: a context manager and a decorator."""

    def __init__(
        self, wanted: _Wanted, *, sleepless: bool, on_other: str, allow: tuple[str, ...]
    ) -> None:
        self._wanted = wanted
        self._sleepless = sleepless
        self._on_other = on_other
        self._allow = allow
        self._open: ExitStack | None = None

    def __enter__(self) -> World:
        from emulator.interception.block import Interception

        if self._open is not None:
            raise RuntimeError("this block is open already: call intercept() again")
        own = self._wanted.board()
        emulator = over(own)
        world = emulator.default
        moved = own.world.clock
        world._now = moved.seconds  # which a reply that is late moves without a word
        passes = self._sleepless or moved.frozen
        hosts = {*self._wanted.hosts(own), urlsplit(emulator.url).hostname or ""}
        with ExitStack() as opened:
            opened.enter_context(
                Interception(
                    _answering(own),
                    hosts,
                    wait=moved.advance if passes else None,
                    on_other=self._on_other,
                    allow=self._allow,
                    settings=own.settings,
                    refused=_alarming(own),
                    longest_body=own.longest_body,
                    answers_for=own.answers_for,
                )
            )
            if self._sleepless:
                opened.enter_context(world.sleepless())
            self._open = opened.pop_all()
        return world

    def __exit__(self, *_: object) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            opened.close()

    def _another(self) -> Intercepted:
        another = copy(self)
        another._open = None
        return another


class _Wanted:
    """Who is to be imitated, and how the world is to begin."""

    def __init__(
        self,
        settings: Settings,
        provider: str | Sequence[str] | None,
        scenario: str | Sequence[str] | None,
        clock: Begins,
        seed: int | None,
    ) -> None:
        self._settings = settings if seed is None else replace(settings, seed=seed)
        self._providers = [provider] if isinstance(provider, str) else provider
        if self._providers and not settings.providers:
            self._settings = _serving(self._settings, self._providers)
        named = whole_names(scenario, self._providers)
        self._scenarios = (*settings.scenario, *named)
        self._clock = clock_of(clock) or settings.clock or None

    def board(self) -> Dispatcher:
        """A dispatcher whose one world has begun so. Raises `ValueError`."""
        from emulator.admin.clock import read_start
        from emulator.admin.request import AdminError, invalid
        from emulator.language.failures import ExpressionFailed
        from emulator.world.world import Beginning

        try:
            at, frozen = read_start(self._clock, "/clock")
        except AdminError as error:
            raise _refused(error.reply) from None
        chosen = self._settings
        begins = Beginning(at, frozen or chosen.frozen, self._scenarios)
        made = board(chosen, begins)
        for name in self._providers or ():
            if name not in made.programs:
                fix = did_you_mean(name, made.programs)
                raise ValueError(f"there is no provider {name!r}: {fix}")
        try:
            made.worlds.arrange(made.world)
        except (ValueError, ExpressionFailed) as error:
            raise _refused(invalid(str(error), "/scenario").reply) from None
        return made

    def hosts(self, own: Dispatcher) -> Iterable[str]:
        if self._providers is None:
            return own.hosts
        return {host for name in self._providers for host in own.programs[name].hosts}


def _serving(settings: Settings, providers: Sequence[str]) -> Settings:
    """*settings* with *providers*, where one of them is served only when named."""
    from emulator.compile.places import gallery

    if gallery().keys().isdisjoint(providers):
        return settings
    return replace(settings, providers=tuple(providers))


def whole_names(
    scenario: str | Sequence[str] | None, providers: Sequence[str] | None
) -> tuple[str, ...]:
    """Scenarios with their provider, which goes without saying where there is one.

    "rate_limited"  ->  "acme/rate_limited"
    """
    named = [scenario] if isinstance(scenario, str) else scenario or ()
    only = f"{providers[0]}/" if providers and len(providers) == 1 else ""
    return tuple(
        scenario_name if "/" in scenario_name else only + scenario_name
        for scenario_name in named
    )


def _answering(own: Dispatcher) -> Callable[[Call], Reply]:
    from emulator.exchange.problems import kind_of, mistake

    def answer(call: Call) -> Reply:
        try:
            return own.answer(call)
        except Exception as error:
            logging.getLogger("emulator").error(kind_of(error), exc_info=error)
            return mistake(error, f"answering {call.method[:20]} {call.path[:200]}")

    return answer


def _alarming(own: Dispatcher) -> Callable[[ForeignHost], None]:
    """Note a call that was refused for its host: its client may make anything of that."""
    from emulator.world.world import Alarm

    def note(error: ForeignHost) -> None:
        says = "; ".join(line.strip() for line in str(error).splitlines())
        alarm = Alarm("refused call", f"a call to {error.host!r}", says)
        if alarm not in own.world.alarms:
            own.world.alarms.append(alarm)

    return note


def _refused(reply: Reply) -> AdminRefused:
    import json

    told: Mapping[str, Json] = json.loads(reply.body)
    return AdminRefused(reply.status, told)
