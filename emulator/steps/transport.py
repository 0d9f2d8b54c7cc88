"""Transport: does the network let the call through?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Code, Step


def transport(exchange: Exchange) -> Refusal | None:
    # Only a hop that knows the outer scheme makes `secure` false: a local client
    # speaks plain http, and is let in.
    call, required = exchange.call, exchange.program.http.https == "required"
    if required and call.secure is False:
        return Refusal("https_required")
    if exchange.forced is None:
        return None
    # A rule of faults has it refused of calls that may be plain http, not of one that is not.
    if exchange.forced == "https_required" and (
        exchange.forced_strictly or not call.secure
    ):
        return Refusal("https_required")
    fault = exchange.operation.errors.get(exchange.forced)
    if fault is not None and fault.fault and fault.step == "transport":
        return Refusal(fault.code)
    return None


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if program.http.https == "required":
        yield "https_required"


def tell(notes: Notes) -> Words:
    code = notes.refusal
    if code == "https_required":
        return "the call came by http", {}
    return ("it has gone wrong on purpose" if code else "let through"), {}


STEP = Step(
    name="transport",
    question="does the network let the call through?",
    decide=transport,
    tell=tell,
    status=403,
    codes={"https_required": Code("the client used plain HTTP")},
    of_spec="a fault of the provider's that enters here",
    refusals=refusals,
    keys=("http.https",),
)
