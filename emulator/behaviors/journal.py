"""Journal: write the exchange down, with every reason.

Reads: the whole exchange
"""

from __future__ import annotations

from emulator.exchange import Exchange
from emulator.world.journal import Entry


def journal(exchange: Exchange) -> None:
    call, reply = exchange.call, exchange.reply
    written = exchange.world.journal
    written.write(
        Entry(
            written.written + 1,
            exchange.at,
            exchange.program.name,
            exchange.operation_id,
            call.method,
            call.path,
            call.query,
            call.raw_headers,
            call.body,
            reply.status,
            reply.headers,
            reply.body,
            exchange.refused_by,
            exchange.refused,
            exchange.notes,
        )
    )
