"""Arrange: a world is put where many calls would have put it: a quota spent, a lock.

These, and the rotation of signing keys, are three of the words of a scenario's `arrange`. The others change records, which
have an address of their own, and so has the clock; what a request says is never an
expression.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.admin.fault_rules import Sent, SentBody
from emulator.admin.request import (
    AdminRequest,
    no_content,
    program_of,
    unprocessable,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
    count,
    described,
    input_schema,
    list_of,
    ref,
    text,
)
from emulator.admin.table import Answer, Body, Rows
from emulator.engine.scenarios import arrange
from emulator.exchange.call import Reply
from emulator.json_type import Json
from emulator.program.arrangements import (
    check_drain,
    check_lock,
    check_rotate,
    read_drain,
    read_lock_out,
    read_rotate,
)
from emulator.program.program import Program
from emulator.program.scenarios import Arrangement

row = Rows("scenarios")


@row(
    "POST /worlds/{world}/arrange/{provider}",
    {204: Answer("arranged")},
    body=Body(ref("Arrangement"), most=65_536),
)
def arrange_world(request: AdminRequest) -> Reply:
    """Spend a quota, lock out a caller, or rotate signing keys, without the calls that this would take."""
    world, program = world_of(request), program_of(request)
    sent = Sent(SentBody("what was sent", request.json))
    steps = [
        _step(sent, program, at, step)
        for at, step in enumerate(request.json["arrange"])
    ]
    if sent.report.failed:
        raise unprocessable(
            [{"pointer": at, "detail": says} for at, says in sent.mistakes().problems]
        )
    arrange((step for step in steps if step is not None), program, world)
    return no_content()


def _step(sent: Sent, program: Program, at: int, written: Json) -> Arrangement | None:
    pointer = ("arrange", at)
    if "drain" in written:
        drained = read_drain(sent, pointer, written)
        check_drain(sent, program, drained)
        return drained
    if "rotate" in written:
        rotated = read_rotate(sent, pointer, written)
        check_rotate(sent, program, rotated)
        return rotated
    locked = read_lock_out(sent, pointer, written)
    if locked is not None:
        check_lock(sent, program, locked)
    return locked


_TEXT: Schema = text(maxLength=200)
_CREDENTIAL: Schema = described(_TEXT, "The name of a credential.")


def _one_member(description: str = "", **members: Json) -> Schema:
    """An object that has exactly one of *members*."""
    closed = input_schema(description, **members)
    return {**closed, "minProperties": 1, "maxProperties": 1}


SCHEMAS: Mapping[str, Schema] = {
    "Arrangement": input_schema(
        "Changes as in a scenario's `arrange`, in this order; for example"
        ' {"arrange": [{"drain": {"credential": "full", "leave": 2}}]}.',
        required="arrange",
        arrange=list_of(
            _one_member(
                drain=input_schema(
                    "Spends the quota of a credential.",
                    required="credential",
                    credential=_CREDENTIAL,
                    leave=count("How many calls remain.", maximum=1_000_000_000),
                    limit=described(_TEXT, "The name of one limit; by default all."),
                    ip=described(
                        _TEXT,
                        "The caller's IP address, for a limit that counts addresses.",
                    ),
                ),
                rotate=described(
                    _TEXT,
                    "The name of signing keys whose next key signs from now on.",
                ),
                lock_out=_one_member(
                    "Locks callers out: one of these three.",
                    ip=described(_TEXT, "An IP address."),
                    credential=_CREDENTIAL,
                    everyone={"const": True},
                ),
            ),
            maxItems=100,
        ),
    )
}
