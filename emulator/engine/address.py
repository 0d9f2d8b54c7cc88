"""Address: finds the provider, the operation and the world of a call, once.

A provider is found by the Host header, or else by the first segment of the path:
`/acme/api/v1/books`. A world is found by the header `X-Emulator-World`, by a prefix
of the path (`/@w1/acme/api/v1/books`), or by the credential that the call carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from emulator.diagnostics import did_you_mean
from emulator.engine.registry import NoSuchWorld, Worlds
from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call
from emulator.http.codings import BrokenCoding, TooLong, UnknownCoding, decoded
from emulator.http.hosts import Hosts
from emulator.http.url import host_name
from emulator.language.scope import EMPTY
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.routes import Match
from emulator.settings import Settings
from emulator.world.world import World

CODING = "content-encoding"
WORLD = "x-emulator-world"
_REMEMBERED = 1_000
"""How many addresses are remembered with their matches: a bound, since a client may
send new ones for ever."""
_SHORT = 200
"""Characters of a host and a path that are."""


class NoSuchProvider(LookupError):
    """An address that no provider has."""


class _Place(NamedTuple):
    """What a host and a path lead to."""

    program: Program
    host_parts: Mapping[str, str]
    path: str
    """What follows the name of the provider, where that stands in the path."""
    prefix: str
    """That name, with a slash before it."""
    match: Match[Operation] | None
    """What that path leads to there."""


class Addresses:
    """Where the calls to some providers go, in some worlds."""

    def __init__(
        self, programs: Mapping[str, Program], worlds: Worlds, settings: Settings
    ) -> None:
        self._programs = programs
        self._worlds = worlds
        self._max_body = settings.max_body
        self._strict_https = settings.strict_https
        self.learn()

    def learn(self) -> None:
        """Know the hosts of all providers, as they are now."""
        self._by_host = {
            host: program
            for program in self._programs.values()
            for host in program.hosts
        }
        self.hosts = Hosts(self._by_host)
        self._known: dict[tuple[str, str], _Place] = {}

    def address(self, call: Call) -> Addressed:
        """Where *call* goes. Raises `NoSuchWorld` and `NoSuchProvider`."""
        addressed, world = self._address(call)
        if CODING in call.headers:
            addressed.call = _decoded(call, self._longest(addressed))
        operation = addressed.operation
        if operation is not None and operation.dispatch is not None:
            addressed.choose()
        if self._strict_https and call.secure is None:
            addressed.call = addressed.call.changed(secure=call.scheme == "https")
        addressed.world = world or self._worlds.find(addressed)
        return addressed

    def longest_body(self, head: Call) -> int:
        """How many bytes are read of the body of a call, of which only the head is known.

        What its operation takes, where that is more than for all.
        """
        try:
            addressed, _ = self._address(head)
        except (NoSuchWorld, NoSuchProvider):
            return self._max_body
        return self._longest(addressed)

    def _longest(self, addressed: Addressed) -> int:
        operation = addressed.operation
        body = operation.body if operation else None
        return max(self._max_body, (body and body.most) or 0)

    def _address(self, call: Call) -> tuple[Addressed, World | None]:
        """Where *call* goes, and the world that it names; it may carry a credential."""
        path, base_url, named = call.path, call.base_url, call.headers.get(WORLD)
        if path.startswith("/@"):
            prefix, slash, rest = path[1:].partition("/")
            path, base_url = slash + rest or "/", f"{base_url}/{prefix}"
            named = unquote(prefix[1:]) if named is None else named
        world = None if named is None else self._worlds[named]
        host = call.headers.get("host", "")
        program, parts, path, prefix, match = self._known.get(
            (host, path)
        ) or self._find(host, path)
        addressed = Addressed(
            call, program, world or self._worlds.default, path, base_url + prefix, match
        )
        if parts:
            addressed.host_parts = parts
        return addressed, world

    def _find(self, host: str, path: str) -> _Place:
        """Where *path* at *host* leads; it is remembered for the next call."""
        match = self.hosts.match(host_name(host.partition(":")[0]))
        if match is not None:
            place = _place(self._by_host[match[0]], match[1], path, "")
        else:
            name, slash, rest = path[1:].partition("/")
            program = self._programs.get(name) if path.startswith("/") else None
            if program is None:
                raise self._no_provider(path)
            place = _place(program, EMPTY, slash + rest or "/", f"/{name}")
        if len(host) + len(path) <= _SHORT:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[host, path] = place
        return place

    def _no_provider(self, path: str) -> NoSuchProvider:
        names = ", ".join(f"/{name}" for name in sorted(self._programs))
        first = path.strip("/").partition("/")[0][:60]
        return NoSuchProvider(
            f"an address starts with a provider ({names}) or names its host; "
            f"{did_you_mean(first, self._programs)}"
        )


def _place(
    program: Program, parts: Mapping[str, str], path: str, prefix: str
) -> _Place:
    return _Place(program, parts, path, prefix, program.match(path))


def _decoded(call: Call, most: int) -> Call:
    """*call* with the body as it was before it was coded, or with why it is not."""
    coding = CODING.encode()
    lines = [
        value.decode("latin-1") for name, value in call.raw_headers if name == coding
    ]
    try:
        return call.changed(body=decoded(call.body, ",".join(lines), most))
    except UnknownCoding as error:
        return call.changed(unknown_coding=str(error))
    except BrokenCoding as error:
        return call.changed(broken_coding=str(error))
    except TooLong:
        return call.changed(body=b"", body_too_large=True)
