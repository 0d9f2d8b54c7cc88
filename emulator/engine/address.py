"""Address: finds the provider, the operation and the world of a call, once.

A provider is found by the Host header, or else by the first segment of the path:
`/acme/api/v1/books`. A world is found by the header `X-Emulator-World`, by a prefix
of the path (`/@w1/acme/api/v1/books`), or by the credential that the call carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from emulator.diagnostics import did_you_mean
from emulator.engine.registry import NoSuchWorld, Worlds
from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call
from emulator.http.codings import BrokenCoding, TooLong, UnknownCoding, decoded
from emulator.http.hosts import Hosts
from emulator.http.url import host_name
from emulator.language.scope import EMPTY
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.world.world import World

CODING = "content-encoding"
WORLD = "x-emulator-world"
_REMEMBERED = 256
"""Values of Host headers whose provider is remembered; a sender of ever new ones fills
no memory."""


class NoSuchProvider(LookupError):
    """An address that no provider has."""


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
        self._known_hosts: dict[str, tuple[Program | None, Mapping[str, str]]] = {}

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
        program, parts = None, EMPTY
        if self._by_host:
            host = call.headers.get("host", "")
            try:
                program, parts = self._known_hosts[host]
            except KeyError:
                program, parts = self._of_host(host)
        if program is None:
            name, slash, rest = path[1:].partition("/")
            program = self._programs.get(name) if path.startswith("/") else None
            if program is None:
                raise self._no_provider(path)
            path, base_url = slash + rest or "/", f"{base_url}/{name}"
        addressed = Addressed(
            call, program, world or self._worlds.default, path, base_url
        )
        if parts:
            addressed.host_parts = parts
        return addressed, world

    def _of_host(self, host: str) -> tuple[Program | None, Mapping[str, str]]:
        """The provider that a Host header names; it is remembered for the next call."""
        if len(self._known_hosts) >= _REMEMBERED:
            self._known_hosts.clear()
        match = self.hosts.match(host_name(host.partition(":")[0]))
        named = (None, EMPTY) if match is None else (self._by_host[match[0]], match[1])
        self._known_hosts[host] = named
        return named

    def _no_provider(self, path: str) -> NoSuchProvider:
        names = ", ".join(f"/{name}" for name in sorted(self._programs))
        first = path.strip("/").partition("/")[0][:60]
        return NoSuchProvider(
            f"an address starts with a provider ({names}) or names its host; "
            f"{did_you_mean(first, self._programs)}"
        )


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
