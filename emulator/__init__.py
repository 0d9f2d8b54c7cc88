"""The emulator: stands in for somebody else's HTTP API.

    with emulator.start() as server, server.world(scenario="acme/rate_limited") as world:
        acme = world.provider("acme")
        client = AcmeClient(acme.url, key=acme.credentials["full"].value)

Nothing below is imported before it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.client.admin_client import AdminRefused, NoServer
    from emulator.client.clock import Clock, Event
    from emulator.client.emulator import Emulator, connect, start
    from emulator.client.fault import Fault
    from emulator.client.in_process import intercept
    from emulator.client.journal import (
        Entry,
        Journal,
        NotVerified,
        Reply,
        Request,
        Step,
    )
    from emulator.client.program import load
    from emulator.client.provider import (
        Attempt,
        Credential,
        Credentials,
        Delivery,
        Provider,
        Subscription,
    )
    from emulator.client.records import Records
    from emulator.client.world import World
    from emulator.interception.registry import ForeignHost
    from emulator.settings import Settings
    from emulator.version import __version__ as __version__
    from emulator.virtual_time import EndlessWait, SleeplessIsOn, Wait, sleepless

_HOMES = {
    "__version__": "version",
    "start": "client.emulator",
    "connect": "client.emulator",
    "intercept": "client.in_process",
    "sleepless": "virtual_time",
    "load": "client.program",
    "Settings": "settings",
    "Emulator": "client.emulator",
    "World": "client.world",
    "Provider": "client.provider",
    "Credential": "client.provider",
    "Credentials": "client.provider",
    "Records": "client.records",
    "Subscription": "client.provider",
    "Delivery": "client.provider",
    "Attempt": "client.provider",
    "Clock": "client.clock",
    "Event": "client.clock",
    "Journal": "client.journal",
    "Entry": "client.journal",
    "Request": "client.journal",
    "Reply": "client.journal",
    "Step": "client.journal",
    "Fault": "client.fault",
    "Stub": "client.stub",
    "Wait": "virtual_time",
    "NotVerified": "client.journal",
    "AdminRefused": "client.admin_client",
    "NoServer": "client.admin_client",
    "ForeignHost": "interception.registry",
    "SleeplessIsOn": "virtual_time",
    "EndlessWait": "virtual_time",
}
"""The module of `emulator` that each public name is from."""

__all__ = [
    "start",
    "connect",
    "intercept",
    "sleepless",
    "load",
    "Settings",
    "Emulator",
    "World",
    "Provider",
    "Credential",
    "Credentials",
    "Records",
    "Subscription",
    "Delivery",
    "Attempt",
    "Clock",
    "Event",
    "Journal",
    "Entry",
    "Request",
    "Reply",
    "Step",
    "Fault",
    "Stub",
    "Wait",
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
    found = getattr(import_module(f"emulator.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
