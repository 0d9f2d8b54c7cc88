"""Options: the settings as options of the command line, and what their values may be."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from importlib.util import find_spec
from typing import Any, TypeVar

import click

from emulator.cli.errors import Complaint
from emulator.cli.mounts import with_mounts
from emulator.settings import Setting, Settings, read, table

Command = TypeVar("Command", bound=Callable[..., Any])
Flags = Any
"""The values of the options that `options` gives a command."""

SIZES = ("openapi_bytes", "openapi_levels")
"""How large a document may be."""
PLACES = (
    "specs",
    "fixtures",
    "mounts",
    "openapi",
    "lenient",
    "without",
    *SIZES,
)
"""The settings that say where providers are."""

LOADING = (*PLACES, "cache", "cache_dir")
"""The settings that say which providers there are."""

_CHOICES: Mapping[str, Collection[str]] = {
    "log_format": ("text", "json", "none"),
    "http": ("auto", "httptools", "h11"),
}
_BOUNDS: Mapping[str, tuple[float, float]] = {
    "port": (0, 65_535),
    "admin_port": (-1, 65_535),
    "max_body": (0, 2**40),
    "openapi_bytes": (1, 2**30),
    "openapi_levels": (1, 900),
    "max_headers": (1, 2**30),
    "request_timeout": (0.001, 86_400),
    "max_connections": (1, 2**20),
    "journal_entries": (0, 2**30),
    "journal_bytes": (0, 2**40),
    "journals_bytes": (0, 2**40),
    "worlds": (1, 1_000_000),
    "world_records": (1, 2**40),
    "world_bytes": (1, 2**40),
}


def options(names: Collection[str] | None = None) -> Callable[[Command], Command]:
    """Give a command an option for each setting, or for those with these *names*."""

    def add(command: Command) -> Command:
        for row in reversed(table()):
            if names is None or row.name in names:
                command = _option(row)(command)
        return command

    return add


def _option(row: Setting) -> Callable[[Command], Command]:
    usual = "" if row.default in ("", (), False) else f"; {_shown(row.default)}"
    help = f"{row.help}  [{row.variable}{usual}]"
    if row.type is bool:
        off = row.flag.replace("--", "--no-", 1)
        return click.option(f"{row.flag}/{off}", row.name, default=None, help=help)
    return click.option(
        row.flag,
        row.name,
        type=row.type,
        default=None,
        multiple=row.repeated,
        metavar={int: "N", float: "SECONDS"}.get(row.type, "TEXT"),
        help=help,
    )


def settings_of(flags: Mapping[str, Any]) -> Settings:
    """The settings that *flags* and variables make. Raises `Complaint`."""
    try:
        settings = with_mounts(read(flags, os.environ))
    except ValueError as error:
        raise Complaint(str(error)) from None
    rows = {row.name: row for row in table()}
    for name, complaint in _wrong(settings):
        row = rows[name]
        given = row.flag if source(row, flags) == "flag" else row.variable
        raise Complaint(f"{given}: {complaint}")
    return settings


def source(row: Setting, flags: Mapping[str, Any]) -> str:
    """Where the value of a setting comes from: `flag`, `variable` or `default`."""
    if flags.get(row.name) not in (None, ()):
        return "flag"
    return "variable" if row.variable in os.environ else "default"


def _wrong(settings: Settings) -> Iterator[tuple[str, str]]:
    """The names of settings whose values cannot be used, each with the reason."""
    for name, choices in _CHOICES.items():
        value = getattr(settings, name)
        if value not in choices:
            from emulator.diagnostics import did_you_mean

            yield (
                name,
                f"{value!r} is none of the choices: {did_you_mean(value, choices)}",
            )
    if settings.http == "httptools" and find_spec("httptools") is None:
        yield "http", "httptools is not installed: use auto or h11"
    for name, (least, most) in _BOUNDS.items():
        value = getattr(settings, name)
        if not least <= value <= most:
            yield name, f"{value} is not between {least} and {most}"
    if settings.tls_key and not settings.tls_cert:
        yield "tls_key", "there is no certificate for it: give --tls-cert as well"
    if settings.tls_dir and settings.tls_cert:
        yield "tls_dir", "there is no CA where a certificate is given by --tls-cert"
    if settings.clock:
        from emulator.engine.loading import instant

        try:
            instant(settings.clock)
        except (ValueError, OverflowError):
            written = "write it as in 2026-03-02T10:00:00Z, from 1970 on"
            yield "clock", f"{settings.clock!r} is not a time: {written}"
    if settings.base_url and not _is_url(settings.base_url):
        says = "write it as in https://api.example.com"
        yield "base_url", f"{settings.base_url!r} is not an address: {says}"
    for network in settings.trusted_proxies:
        if not _is_network(network):
            yield "trusted_proxies", f"{network!r} is no network: write 10.0.0.0/8"
    for host in settings.webhook_hosts:
        if not (re.fullmatch(r"[\w.-]+", host, re.ASCII) or _is_network(host)):
            says = "write hooks.example.com or 10.0.0.0/8"
            yield "webhook_hosts", f"{host!r} is no host name and no network: {says}"


def _is_url(text: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _is_network(text: str) -> bool:
    from ipaddress import ip_network

    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _shown(value: object) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)
