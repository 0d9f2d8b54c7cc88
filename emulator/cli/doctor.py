"""Doctor: what a stranger's machine may lack, and whether a server is ready.

`ready` is the health check of a container: it runs every few seconds, so this module
imports next to nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from emulator.cli.errors import Complaint

if TYPE_CHECKING:
    from emulator.settings import Settings

_PAUSE = 0.1
_PATIENCE = 2.0
"""Seconds that a server has to say that it is ready."""


class Finding(NamedTuple):
    """One thing that was looked at: `ok`, `warning` or `error`."""

    severity: str
    name: str
    says: str


def seconds(length: str) -> float:
    """`30s` or `2m`; a number alone is of seconds. Raises `Complaint`."""
    from emulator.durations import seconds as length_of

    found = length_of(length)
    if found is None:
        raise Complaint(f"--wait: {length[:60]!r} is no length of time: write 30s")
    return found


def ready(url: str, patience: float = 0) -> tuple[bool, str]:
    """The same, asked again for *patience* seconds until it is so."""
    from time import monotonic, sleep

    until = monotonic() + patience
    while True:
        good, says = _ready(url)
        if good or monotonic() >= until or not _is_url(url):
            return good, says
        sleep(_PAUSE)


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))


def _ready(url: str) -> tuple[bool, str]:
    """Whether the server at *url* answers calls, and what it says."""
    import http.client
    import urllib.request

    if not _is_url(url):
        return False, f"{url!r} is not an address: write http://127.0.0.1:8080"
    asked = f"{url.rstrip('/')}/_emulator/ready"
    # A proxy of the environment is not asked for an address of this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=_PATIENCE) as reply:
            if b'"ready"' in reply.read(1_000):
                return True, f"{url} is ready"
        return False, f"what answers at {url} is not the emulator"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return False, f"{url} is not ready: {getattr(error, 'reason', error)}"


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything that a start needs."""
    yield _python()
    yield from _packages()
    yield _time_zones()
    yield _cache(settings)
    yield _providers(settings)
    yield _port(settings)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("ok", "python", f"{version} ({sys.executable})")


def _packages() -> Iterator[Finding]:
    """The packages that this one asks for; the quick parts of the server may lack."""
    from importlib.metadata import PackageNotFoundError, requires, version

    wanted: dict[str, None] = {"uvloop": None, "httptools": None}
    with suppress(PackageNotFoundError):
        for line in requires("provider-emulator") or ():
            if "extra ==" not in line and "win32'" not in line.partition("==")[2]:
                wanted[_name(line)] = None
    for name in sorted(wanted):
        try:
            yield Finding("ok", name, version(name))
        except PackageNotFoundError:
            if name in ("uvloop", "httptools"):
                yield Finding("warning", name, "not installed: the server is slower")
            elif name != "tzdata":
                yield Finding("error", name, "not installed: pip install it")


def _name(requirement: str) -> str:
    """ "uvicorn>=0.34; sys_platform != 'x'"  ->  "uvicorn" """
    end = next(
        (
            at
            for at, check in enumerate(requirement)
            if not (check.isalnum() or check in "-_.")
        ),
        len(requirement),
    )
    return requirement[:end]


def _time_zones() -> Finding:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo("Europe/Berlin")
    except ZoneInfoNotFoundError:
        return Finding("error", "time zones", "there are none: pip install tzdata")
    return Finding("ok", "time zones", "known")


def _cache(settings: Settings) -> Finding:
    from tempfile import TemporaryFile

    from emulator.engine.loading import cache_folder
    from emulator.spec.cache import Cache

    folder = cache_folder(settings)
    if folder is None:
        return Finding("ok", "cache", "off: every start reads and checks all files")
    distrusted = Cache(folder).distrusted()
    if distrusted:
        says = f"{folder} is not used ({distrusted}): starts are slower"
        return Finding("warning", "cache", says)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            return Finding("ok", "cache", f"{folder} is writable")
    except OSError as error:
        says = f"{folder} is not writable ({error.strerror}): starts are slower"
        return Finding("warning", "cache", says)


def _providers(settings: Settings) -> Finding:
    from emulator.cli.tables import counted
    from emulator.diagnostics import SpecError
    from emulator.engine.loading import CannotServe, programs, served

    try:
        loaded = programs(settings, served(settings))
    except SpecError as error:
        many = sum(diagnostic.severity == "error" for diagnostic in error.diagnostics)
        says = f"{counted(many, 'problem')}: `emulator check` names each"
        return Finding("error", "providers", says)
    except CannotServe as error:
        return Finding("error", "providers", str(error))
    return Finding("ok", "providers", ", ".join(loaded) or "none")


def _port(settings: Settings) -> Finding:
    from emulator.server.listen import CannotListen, listen, url_of

    try:
        listen(settings).close()
    except CannotListen as error:
        if settings.port and ready(url_of(settings, settings.port))[0]:
            return Finding("warning", "port", f"an emulator is running there: {error}")
        return Finding("error", "port", str(error))
    if settings.port == 0:
        return Finding("ok", "port", "a free one will be picked")
    return Finding("ok", "port", f"{settings.port} of {settings.host} is free")
