"""Dispatcher: connects a call to its provider and its world, and has it answered.

A provider is found by the Host header, or else by the first segment of the path:
`/acme/api/v1/books`. A world is found by the header `X-Emulator-World`, by a prefix
of the path (`/@w1/acme/api/v1/books`), or by the credential that the call carries.
What the emulator itself has to say, it says as a problem (RFC 9457), never in a
provider's words.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from urllib.parse import unquote

from emulator.call import Call, Reply
from emulator.compile.program import Program
from emulator.diagnostics import did_you_mean
from emulator.engine.registry import NoSuchWorld, Worlds
from emulator.engine.scenarios import operation_of, strike
from emulator.engine.strict import (
    NotEmulated,
    insist_on_known,
    not_emulated,
    over_limit,
)
from emulator.exchange import BodyOverLimit, Exchange
from emulator.http.codings import BrokenCoding, TooLong, UnknownCoding, decoded
from emulator.http.problem import kind_of, problem
from emulator.http.url import host_name
from emulator.pipeline import CannotRefuse, handle
from emulator.settings import Settings
from emulator.world.faults import BadFault, read_fault
from emulator.world.world import Alarm, Beginning, World

CODING = "content-encoding"
WORLD = "x-emulator-world"
REFUSE = "x-emulator-refuse"
FAULT = "x-emulator-fault"


_LONG = 65_536
"""A body of so many bytes may have so many values that looking at all of them costs."""


class BadTrigger(ValueError):
    """A trigger header that says nothing we can do."""


class Dispatcher:
    """All providers and worlds; `answer` is the way in for every call."""

    def __init__(
        self,
        programs: Mapping[str, Program],
        world: World | Beginning | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.programs = programs
        self.settings = settings or Settings()
        self.worlds = Worlds(programs, self.settings, world)
        self.world = self.worlds.default
        """The world of calls that name none."""
        self._by_host = {
            host: program for program in programs.values() for host in program.hosts
        }
        self.hosts = frozenset(self._by_host)

    def answer(self, call: Call) -> Reply:
        """Answer *call*, whose path is the one that was asked for, prefix included."""
        if len(call.body) < _LONG and CODING not in call.headers:
            return self._answer(call)
        with _without_collecting():
            return self._answer(call)

    def _answer(self, call: Call) -> Reply:
        try:
            named = self._named(call)
            program = self._program(call)
            if program is None:
                return self._nobody(call)
            if CODING in call.headers:
                _decode(call, self._longest(program, call))
            world = named or self.worlds.find(call, program)
        except NoSuchWorld as error:
            return problem(404, "no such world", str(error))
        if world.providers is not None and program.name not in world.providers:
            return _not_in(world, program)
        if world.room.full and _needs_room(program, call):
            return _full(world)
        if self.settings.strict_https and call.secure is None:
            call.secure = call.scheme == "https"
        exchange = Exchange(call, program, world)
        headers = call.headers
        try:
            if self.settings.strict:
                insist_on_known(exchange)
            if world.faults.rules:
                strike(exchange)
            if self.settings.triggers and (REFUSE in headers or FAULT in headers):
                _pull(exchange)
            return handle(exchange)
        except NotEmulated as error:
            _alarm(world, "not emulated", call, str(error))
            return not_emulated(error)
        except BodyOverLimit as error:
            exchange.found, most = error.found, self.settings.max_body
            detail = f"the body is longer than --max-body, {most} bytes"
            _alarm(world, "body over limit", call, detail)
            return over_limit(exchange, most)
        except (BadFault, BadTrigger, CannotRefuse) as error:
            return problem(400, "this cannot be triggered", str(error))
        except Exception as error:
            kind = kind_of(error)
            told = f"{type(error).__name__}: " if kind == "emulator bug" else ""
            _alarm(world, kind, call, f"{told}{error}")
            raise

    def longest_body(self, call: Call) -> int:
        """How many bytes are read of the body of *call*, of which only the head is known:
        what its operation takes, where that is more than for all."""
        head = copy(call)
        try:
            self._named(head)
        except NoSuchWorld:
            return self.settings.max_body
        program = self._program(head)
        return self._longest(program, head) if program else self.settings.max_body

    def _longest(self, program: Program, call: Call) -> int:
        found = operation_of(program, call) if program.max_body else None
        body = found.body if found else None
        return max(self.settings.max_body, (body and body.most) or 0)

    def _named(self, call: Call) -> World | None:
        """The world that *call* names; a prefix moves from the path to the base URL.

        Raises `NoSuchWorld`.
        """
        prefixed = None
        if call.path.startswith("/@"):
            id, slash, rest = call.path[2:].partition("/")
            call.path = slash + rest or "/"
            call.base_url = f"{call.base_url}/@{id}"
            prefixed = unquote(id)
        named = call.headers.get(WORLD, prefixed)
        return None if named is None else self.worlds[named]

    def _program(self, call: Call) -> Program | None:
        """The provider that is called; its prefix moves from the path to the base URL."""
        if self._by_host:
            host = call.headers.get("host", "")
            found = self._by_host.get(host_name(host.partition(":")[0]))
            if found is not None:
                return found
        _, _, path = call.path.partition("/")
        name, slash, rest = path.partition("/")
        program = self.programs.get(name)
        if program is not None:
            call.path = slash + rest or "/"
            call.base_url = f"{call.base_url}/{name}"
        return program

    def _nobody(self, call: Call) -> Reply:
        names = ", ".join(f"/{name}" for name in sorted(self.programs))
        first = call.path.strip("/").partition("/")[0][:60]
        return problem(
            404,
            "no provider has this address",
            f"an address starts with a provider ({names}) or names its host; "
            f"{did_you_mean(first, self.programs)}",
        )


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Look for no garbage: hundreds of thousands of values are in use, and gone after it.

    The collector would go through all of them again and again, which takes longer than
    everything else that is done with them.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _decode(call: Call, most: int) -> None:
    """Have *call* say what its body was before it was coded, or that nobody can tell."""
    name = CODING.encode()
    lines = [text.decode("latin-1") for one, text in call.raw_headers if one == name]
    try:
        call.body = decoded(call.body, ",".join(lines), most)
    except UnknownCoding as error:
        call.unknown_coding = str(error)
    except BrokenCoding as error:
        call.broken_coding = str(error)
    except TooLong:
        call.body, call.body_too_large = b"", True


def _needs_room(program: Program, call: Call) -> bool:
    """Whether *call* may store a record."""
    operation = operation_of(program, call)
    if operation is None:
        return False
    stores = operation.action.kind in ("create", "update")
    return stores or any(one.kind == "create" for one in operation.effects)


def _alarm(world: World, kind: str, call: Call, detail: str) -> None:
    world.alarms.append(Alarm(kind, f"{call.method[:20]} {call.path[:200]}", detail))


def _not_in(world: World, program: Program) -> Reply:
    names = ", ".join(sorted(world.providers or ()))
    return problem(
        404,
        "not in this world",
        f"the world {world.id!r} was made without {program.name}; it has {names}",
    )


def _full(world: World) -> Reply:
    return problem(
        507,
        "world full",
        f"the world {world.id!r} holds {world.room.taken} records that calls have"
        " created or changed, and takes no more",
        fix="reset it, or start the emulator with a larger --world-records",
    )


def _pull(exchange: Exchange) -> None:
    """Do what the trigger headers of this call say. Raises `BadFault`, `BadTrigger`."""
    headers = exchange.call.headers
    if REFUSE in headers:
        exchange.forced, exchange.insists = headers[REFUSE].strip(), True
    faults = [*exchange.faults]
    for text in headers.get(FAULT, "").split(","):
        if not text.strip():
            continue
        fault = read_fault(text.strip())
        if fault.kind == "status":
            exchange.forced = _code(exchange.program, exchange.call, int(fault.amount))
            exchange.insists = True
        else:
            faults.append(fault.drawn(exchange.world.chance))
    exchange.faults = tuple(faults)


def _code(program: Program, call: Call, status: int) -> str:
    """The provider's own error with this status, for the operation that is called."""
    operation = operation_of(program, call)
    code = program.error_with(operation, status)
    if code is not None:
        return code
    table = operation.errors if operation else program.errors
    known: Iterable[str] = (
        str(one.status) for one in table.values() if one.status >= 500
    )
    raise BadTrigger(
        f"{program.name} has no error with status {status}: "
        f"it has {', '.join(sorted(set(known))) or 'none of 500 and more'}"
    )
