"""Hosts: those that a spec names, and what their varying parts are without one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.compile.source import Source
from emulator.http.hosts import lower, parts_of
from emulator.spec.document import Pointer

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def compile_hosts(source: Source) -> tuple[str, ...]:
    """The names under `hosts`, in lower case."""
    return tuple(
        lower(name).removesuffix(".")
        for at, name in source.entries("hosts")
        if _is_host(source, at, name)
    )


def host_defaults(source: Source) -> dict[str, str]:
    """What each part of a host is for calls that came to none: a server's default."""
    return {
        part: source.openapi.server_defaults.get(part, part)
        for _, name in source.entries("hosts")
        for part in parts_of(name)
    }


def server_names(source: Source) -> frozenset[str]:
    """The variables of servers, which `server` has as members."""
    return frozenset(source.openapi.server_defaults)


def servers_of(source: Source) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """The paths of servers with what their variables are there, the longest first."""
    known = source.openapi.server_values.items()
    return tuple(sorted(known, key=lambda host: -len(host[0])))


def _bare(address: str) -> str:
    """The host of an address: `https://acme.example:8080/v1` has `acme.example`."""
    return re.split(r"[/:]", address.rpartition("://")[2])[0] or "acme.example"


def _is_host(source: Source, at: Pointer, name: str) -> bool:
    """Whether *name* is that of a host; if not, that is reported."""
    what = why = fix = ""
    parts = parts_of(name)
    if "*" in name:
        what, why = f"the host {name!r} has a wildcard", "what stands there has no name"
        fix = f"give it one, in braces: `{name.replace('*', '{tenant}', 1)}`"
    elif not _NAME.fullmatch(re.sub(r"\{\w+\}", "x", name)):
        what, fix = (
            f"{name!r} is not the name of a host",
            f"write it without scheme, port and path: `{_bare(name)}`",
        )
    elif len(parts) != len(set(parts)) or "}{" in name:
        what = f"the parts of the host {name!r} cannot be told from each other"
        fix = "give each its own name, with something between them"
    else:
        for part in parts:
            if part not in source.openapi.server_defaults:
                what = (
                    f"nothing says what {part!r} is for calls that come to no such host"
                )
                why = "a provider is called below its name as well"
                fix = (
                    f"write `servers: [{{url: 'https://{name}', variables: {{{part}:"
                    f" {{default: ...}}}}}}]` in openapi.yaml"
                )
                break
    if what:
        source.problem(at, "wrong-form", what, why, fix)
    return not what
