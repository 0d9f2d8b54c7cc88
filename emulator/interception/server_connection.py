"""Server connection: a connection in memory, as its server sees it.

Bytes of a client go in, and what a server would do about them comes out. It is the same
connection that answers on a socket, so it says the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from emulator.exchange.call import Call, Reply
from emulator.exchange.problems import mistake
from emulator.server.connection import Connection
from emulator.server.forwarded import Forwarded
from emulator.server.parsers import parser_maker
from emulator.server.slots import Allowed, Slots, allowed
from emulator.server.wire import Ending, Output
from emulator.settings import Settings

__all__ = ["Ending", "Output", "ServerConnection"]


class ServerConnection:
    """One connection; *answer* may answer None, which is nobody there."""

    def __init__(
        self,
        answer: Callable[[Call], Reply | None],
        settings: Settings | None = None,
        longest_body: Callable[[Call], int] | None = None,
    ) -> None:
        limits = settings or Settings()
        self._answer = answer
        self._usual = Allowed(limits.max_body)
        self._longest_body = longest_body or (lambda _: limits.max_body)
        placed = Forwarded(limits.trusted_proxies).placed
        self._connection = Connection(
            parser_maker(limits.http),
            limits,
            self._allowed,
            Slots(1),
            place=lambda call: placed(call, "127.0.0.1", "localhost"),
        )
        self.outputs = self._connection.outputs

    def secure(self) -> None:
        """Speak https from now on."""
        self._connection.secured()

    def receive(self, data: bytes) -> None:
        """Take bytes of the client's, and answer the requests that are complete."""
        connection = self._connection
        connection.receive(data)
        while (call := connection.next_call()) is not None:
            self._reply_to(call)

    def _allowed(self, call: Call) -> Allowed:
        return allowed(call, self._usual, self._longest_body)

    def _reply_to(self, call: Call) -> None:
        doing = f"answering {call.method} {call.path[:200]}"
        try:
            reply = self._answer(call)
            if reply is None:
                self._connection.break_off(Ending.RESET)
            else:
                self._connection.send(reply)
        except Exception as error:
            _LOG.exception("%s failed", doing)
            self._connection.send(mistake(error, doing))


_LOG = logging.getLogger("emulator.intercept")
