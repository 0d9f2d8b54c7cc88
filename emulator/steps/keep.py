"""Keep: which reply is given again when the same call comes once more?

It is kept before anything goes wrong with it on purpose: what a client never got is what
it asks for again.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange
from emulator.exchange.notes import Notes, Words
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Finish
from emulator.times import micros
from emulator.world.kept_replies import KeptReply


def keep(exchange: Exchange) -> None:
    idempotent = exchange.idempotent
    if idempotent is None:
        return
    policy = idempotent.policy
    world, reply = exchange.world, exchange.reply
    delays = [fault.amount for fault in exchange.faults if fault.kind == "delay"]
    over = exchange.at + policy.takes + micros(sum(delays))
    kept = KeptReply(
        fingerprint=idempotent.fingerprint,
        exchange=world.journal.written + 1,
        request_id=exchange.request_id,
        over=over,
        until=over,
        code=exchange.refused,
        status=0,
    )
    if policy.keeps.has(*exchange.outcome):
        kept = kept._replace(
            until=max(over, exchange.at + policy.lasts),
            status=reply.status,
            lines=tuple(reply.headers),
            own=exchange.own_lines,
            body=reply.body,
        )
        exchange.note("keep", "kept")
    if kept.until > exchange.at:
        world.kept_replies.keep(idempotent.place, kept, exchange.at)


def acts(program: Program, operation: Operation) -> bool:
    return operation.idempotency is not None


def tell(notes: Notes) -> Iterator[Words]:
    if notes.take("kept") is not None:
        yield "the reply is kept, for the same call", {}


STEP = Finish(
    name="keep",
    question="which reply is given again when the same call comes once more?",
    finish=keep,
    acts=acts,
    of_repeats=False,
    tell=tell,
    keys=("idempotency",),
)
