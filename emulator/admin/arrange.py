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
from emulator.admin.table import (
    Answer,
    Body,
    Schema,
    ref,
    rows,
)
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


def arrange_world(request: AdminRequest) -> Reply:
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


_TEXT: Schema = {"type": "string", "maxLength": 200}
_CREDENTIAL: Schema = {**_TEXT, "description": "The name of a credential."}

SCHEMAS: Mapping[str, Schema] = {
    "Arrangement": {
        "description": (
            "Changes as in a scenario's `arrange`, in this order; for example"
            ' {"arrange": [{"drain": {"credential": "full", "leave": 2}}]}.'
        ),
        "type": "object",
        "required": ["arrange"],
        "additionalProperties": False,
        "properties": {
            "arrange": {
                "type": "array",
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": False,
                    "properties": {
                        "drain": {
                            "description": "Spends the quota of a credential.",
                            "type": "object",
                            "required": ["credential"],
                            "additionalProperties": False,
                            "properties": {
                                "credential": _CREDENTIAL,
                                "leave": {
                                    "description": "How many calls remain.",
                                    "type": "integer",
                                    "minimum": 0,
                                    "maximum": 1_000_000_000,
                                },
                                "limit": {
                                    **_TEXT,
                                    "description": "The name of one limit; by default all.",
                                },
                                "ip": {
                                    **_TEXT,
                                    "description": "The caller's IP address, for a limit that counts addresses.",
                                },
                            },
                        },
                        "rotate": {
                            **_TEXT,
                            "description": "The name of signing keys whose next key signs from now on.",
                        },
                        "lock_out": {
                            "description": "Locks callers out: one of these three.",
                            "type": "object",
                            "minProperties": 1,
                            "maxProperties": 1,
                            "additionalProperties": False,
                            "properties": {
                                "ip": {**_TEXT, "description": "An IP address."},
                                "credential": _CREDENTIAL,
                                "everyone": {"const": True},
                            },
                        },
                    },
                },
            }
        },
    }
}

row = rows("scenarios")

OPERATIONS = (
    row(
        "POST /worlds/{world}/arrange/{provider}",
        arrange_world,
        (
            "Spend a quota, lock out a caller, or rotate signing keys, without the calls"
            " that this would take"
        ),
        {204: Answer("arranged")},
        body=Body(ref("Arrangement"), most=65_536),
    ),
)
