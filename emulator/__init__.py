"""The emulator: stands in for somebody else's HTTP API.

    with emulator.start() as server, server.world(scenario="acme/rate_limited") as world:
        acme = world.provider("acme")
        client = AcmeClient(acme.url, key=acme.credentials["full"].value)

Nothing below is imported before it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from emulator.interfaces.ask import AdminRefused, NoServer
    from emulator.interfaces.emulating import Emulator, connect, start
    from emulator.interfaces.handles.clock import Clock, Event
    from emulator.interfaces.handles.journal import Entry, Journal, NotVerified
    from emulator.interfaces.handles.provider import Credential, Provider
    from emulator.interfaces.handles.world import Fault, World
    from emulator.interfaces.intercept.stack import ForeignHost
    from emulator.interfaces.intercepting import intercept
    from emulator.interfaces.sleepless import EndlessWait, SleeplessIsOn, sleepless

_HOMES = {
    "start": "emulating",
    "connect": "emulating",
    "intercept": "intercepting",
    "sleepless": "sleepless",
    "Emulator": "emulating",
    "World": "handles.world",
    "Provider": "handles.provider",
    "Credential": "handles.provider",
    "Clock": "handles.clock",
    "Event": "handles.clock",
    "Journal": "handles.journal",
    "Entry": "handles.journal",
    "Fault": "handles.world",
    "NotVerified": "handles.journal",
    "AdminRefused": "ask",
    "NoServer": "ask",
    "ForeignHost": "intercept.stack",
    "SleeplessIsOn": "sleepless",
    "EndlessWait": "sleepless",
}
"""The module of `emulator.interfaces` that each public name is from."""

__all__ = [
    "start",
    "connect",
    "intercept",
    "sleepless",
    "Emulator",
    "World",
    "Provider",
    "Credential",
    "Clock",
    "Event",
    "Journal",
    "Entry",
    "Fault",
    "NotVerified",
    "AdminRefused",
    "NoServer",
    "ForeignHost",
    "SleeplessIsOn",
    "EndlessWait",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"emulator.interfaces.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
