"""Switchboard: connects a call to its provider and its world, and has it answered.

A provider is found by the Host header, or else by the first segment of the path:
`/acme/api/v1/books`. What the emulator itself has to say, it says as a problem
(RFC 9457), never in a provider's words.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import orjson

from emulator.compile.program import Program
from emulator.diagnostics import did_you_mean
from emulator.exchange import Call, Exchange, Fault, Reply
from emulator.pipeline import CannotRefuse, handle
from emulator.settings import Settings
from emulator.world.world import World

REFUSE = "x-emulator-refuse"
FAULT = "x-emulator-fault"
_TIMED = ("delay", "dribble")
_PLAIN = ("reset", "empty", "malformed")
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0}
_LONGEST = 3_600.0


class BadTrigger(ValueError):
    """A trigger header that says nothing we can do."""


class Switchboard:
    """All providers and the world they live in; `answer` is the way in for every call."""

    def __init__(
        self,
        programs: Mapping[str, Program],
        world: World | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.programs = programs
        self.world = world or World()
        self.settings = settings or Settings()
        self._by_host = {
            host: program for program in programs.values() for host in program.hosts
        }
        self.hosts = frozenset(self._by_host)

    def answer(self, call: Call) -> Reply:
        """Answer *call*, whose path is the one that was asked for, prefix included."""
        program = self._program(call)
        if program is None:
            return self._nobody(call)
        if self.settings.strict_https and call.secure is None:
            call.secure = call.scheme == "https"
        exchange = Exchange(call, program, self.world)
        headers = call.headers
        try:
            if self.settings.triggers and (REFUSE in headers or FAULT in headers):
                _pull(exchange)
            return handle(exchange)
        except (BadTrigger, CannotRefuse) as error:
            return problem(400, "this cannot be triggered", str(error))

    def _program(self, call: Call) -> Program | None:
        """The provider that is called; its prefix moves from the path to the base URL."""
        if self._by_host:
            host = call.headers.get("host", "")
            found = self._by_host.get(host.partition(":")[0].lower())
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


def _pull(exchange: Exchange) -> None:
    """Do what the trigger headers of this call say. Raises `BadTrigger`."""
    headers = exchange.call.headers
    if REFUSE in headers:
        exchange.forced = headers[REFUSE].strip()
    faults = []
    for text in headers.get(FAULT, "").split(","):
        if not text.strip():
            continue
        fault = read_fault(text.strip())
        if fault.kind == "status":
            exchange.forced = _code(exchange.program, exchange.call, int(fault.amount))
        else:
            faults.append(fault)
    exchange.faults = tuple(faults)


def read_fault(text: str) -> Fault:
    """A fault as a trigger names it. Raises `BadTrigger`.

    "delay=2s"  ->  Fault(kind="delay", amount=2.0)
    """
    kind, equals, amount = text.partition("=")
    if kind in _PLAIN and not equals:
        return Fault(kind=kind)
    if kind in _TIMED:
        return Fault(kind=kind, amount=_seconds(text, amount))
    try:
        number = float(amount)
    except ValueError:
        number = math.nan
    if kind == "truncate" and 0 <= number < 1:
        return Fault(kind=kind, amount=number)
    if kind == "status" and number in range(500, 600):
        return Fault(kind=kind, amount=number)
    raise BadTrigger(
        f"{text!r} is no fault: write delay=2s, reset, empty, truncate=0.5, malformed, "
        "dribble=5s or status=503"
    )


def _seconds(text: str, amount: str) -> float:
    digits = amount.rstrip("ms")
    try:
        seconds = float(digits) * _UNITS[amount[len(digits) :]]
    except (ValueError, KeyError):
        seconds = math.nan
    if not 0 <= seconds <= _LONGEST:
        raise BadTrigger(
            f"{text!r} has no length of time up to an hour: write delay=2s"
        )
    return seconds


def _code(program: Program, call: Call, status: int) -> str:
    """The provider's own error with this status, for the operation that is called."""
    match = program.routes.match(call.path)
    operation = match.by_method.get(call.method) if match else None
    table = operation.errors if operation else program.errors
    found = [one for one in table.values() if one.status == status]
    own = [one for one in found if one.on and operation and operation.id in one.on]
    general = [one for one in found if one.on is None]
    for one in (*own, *general):
        return one.code
    known: Iterable[str] = (
        str(one.status) for one in table.values() if one.status >= 500
    )
    raise BadTrigger(
        f"{program.name} has no error with status {status}: "
        f"it has {', '.join(sorted(set(known))) or 'none of 500 and more'}"
    )


def problem(status: int, title: str, detail: str) -> Reply:
    """What the emulator itself has to say, as RFC 9457 has it."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Reply(
        status=status,
        headers=[("Content-Type", "application/problem+json")],
        body=orjson.dumps(body),
    )
