"""Protocol: drives a connection over a socket: sends its bytes, waits, and ends it.

A call to a provider is answered as soon as it is complete, in the turn of the event loop
that brought its last byte, without a task; its reply leaves in one write. What stands
under /_emulator is answered by the service as an ASGI application, in a task.

There is one timer for a connection, and not one for a request: it looks at when the
request in progress began, and sets itself anew. A request costs a look at the clock.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from time import perf_counter
from typing import TYPE_CHECKING, Any, cast

from emulator.exchange.call import Call, Reply
from emulator.http.authority import split_authority
from emulator.server.asgi import Address, AsgiCall
from emulator.server.connection import REFUSED_STAYS, Connection, no_tunnels
from emulator.server.heads import Room
from emulator.server.parser import Refused
from emulator.server.parsers import parser_maker
from emulator.server.service import is_admin_path
from emulator.server.tls import Doorway
from emulator.server.wire import Ending, Output

if TYPE_CHECKING:
    from emulator.server.certificates import Certificates
    from emulator.server.service import Service
    from emulator.settings import Settings

RESERVE = 16
"""Connections above the limit that are told so; those beyond are closed unheard."""


class Connections:
    """All connections of a server, and what they share; *limit* is of their number.

    It makes a protocol for each that is accepted: for `loop.create_server`, and for
    uvicorn, whose setting `http` takes it.
    """

    def __init__(
        self,
        service: Service,
        settings: Settings,
        limit: int,
        certificates: Certificates | None = None,
    ) -> None:
        self.service = service
        self.certificates = certificates
        """What TLS is spoken with; None: it is not spoken."""
        self.settings = settings
        self.parser = parser_maker(settings.http)
        self.room = Room()
        self.open: set[ServerProtocol] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.stopping = False
        self._limit = limit

    def __call__(self, server_state: Any = None, **_: Any) -> asyncio.Protocol:
        """A protocol for one connection; *server_state* has the set of connections that
        uvicorn asks to end."""
        if server_state is not None:
            self.open = server_state.connections
        if self.certificates is None:
            return ServerProtocol(self)
        return self.doorway(self.certificates)

    def doorway(
        self, certificates: Certificates, host: str = "", *, tunnelled: bool = False
    ) -> Doorway:
        """What finds out whether TLS is spoken on a connection, which is one to *host*
        where the client does not say to which."""
        inner = ServerProtocol(self, tunnels=not tunnelled)
        return Doorway(
            inner,
            lambda: certificates.context(host or inner.address),
            self._note_failure,
        )

    def _note_failure(self, reason: str) -> None:
        if reason == "CALLBACK_FAILED":  # and that was noted
            return
        trusts = "UNKNOWN_CA" in reason or "BAD_CERTIFICATE" in reason
        how = ": the client does not trust this server, see `emulator ca`"
        self.service.log.write(f"no TLS: {reason}{how if trusts else ''}")

    @property
    def surplus(self) -> int:
        """How many connections there are above the limit."""
        return len(self.open) - self._limit

    def refusal(self) -> Refused:
        """What a connection above the limit is told."""
        return Refused(
            503,
            "too many connections",
            f"this server keeps {self._limit} connections open at one time"
            " (--max-connections, and the limit of the process on open files)",
        )

    def end_pauses(self) -> None:
        """Wait for nothing any more that a fault wants waited for."""
        self.stopping = True
        for protocol in [*self.open]:
            protocol.end_pauses()


class ServerProtocol(asyncio.Protocol):
    """One connection over a socket."""

    transport: asyncio.Transport

    def __init__(self, connections: Connections, *, tunnels: bool = False) -> None:
        service = connections.service
        self.connection = Connection(
            connections.parser,
            connections.settings,
            service.allowed,
            service.endpoint.slots,
            place=self._place,
            wake=self._go_on,
            refusing=self._note_refusal,
            refuse_tunnel=self._refuse_tunnel if tunnels else no_tunnels,
            room=connections.room,
        )
        self._all = connections
        self._service = service
        self._endpoint = service.endpoint
        self._loop = asyncio.get_running_loop()
        self._peer: Address = ("", None)
        self._local: Address | None = None
        self._own = "localhost"
        """The host and port that this leads to."""
        self._only_own = False
        """No provider is at this port."""
        self._over_limit = False
        """There were too many connections when this was made."""
        self._timer: asyncio.TimerHandle | None = None
        self._pause: asyncio.TimerHandle | None = None
        """Runs while a fault wants something waited for."""
        self._delayed: tuple[str, str, Reply, float] | None = None
        """A call that is to be noted once its reply is sent."""
        self._asgi: AsgiCall | None = None
        self._reading = True
        self._writable = True
        self._drained: asyncio.Future[None] | None = None

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._all.open.add(self)
        surplus = self._all.surplus
        if surplus > RESERVE:
            self.transport.abort()
            return
        if surplus > 0:
            self._over_limit = True
            self.connection.patience = min(self.connection.patience, REFUSED_STAYS)
        self._peer = _address(transport.get_extra_info("peername")) or self._peer
        self._local = _address(transport.get_extra_info("sockname"))
        if self._local is not None:
            name, port = self._local
            self._own = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
            ports = self._service.ports
            self._only_own = ports is not None and port == ports[1]
        self.connection.opened(self._loop.time())
        self._arm(self.connection.patience)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._leave()
        self._note_delayed()
        self.resume_writing()
        if self._asgi is not None:
            self._asgi.lost()

    def data_received(self, data: bytes) -> None:
        connection = self.connection
        if self._over_limit:
            above = self._all.surplus > 0
            connection.over_limit = self._all.refusal() if above else None
        connection.receive(data, self._loop.time())
        self._go_on()

    def eof_received(self) -> bool:
        return self.connection.eof()

    def pause_writing(self) -> None:
        self._writable = False

    def resume_writing(self) -> None:
        self._writable = True
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._go_on()

    # TLS

    @property
    def address(self) -> str:
        """The address that this leads to, for a client that asks for no name."""
        return self._local[0] if self._local is not None else "localhost"

    def secured(self, transport: asyncio.Transport) -> None:
        """Send over *transport*, which encrypts it."""
        self.transport = transport
        self.connection.secured()

    def _refuse_tunnel(self, target: bytes) -> Refused | None:
        port = self._local[1] if self._local is not None else None
        return self._service.guard.refuse_tunnel(target, port)

    def _begin_tunnel(self) -> None:
        """Make way for what is spoken in the tunnel."""
        connections, connection = self._all, self.connection
        assert connections.certificates is not None  # noqa: S101 - narrows the type
        name, _ = split_authority(connection.tunnel.decode("ascii")) or ("", "")
        rest = connection.rest
        self._leave()
        door = connections.doorway(connections.certificates, name, tunnelled=True)
        self.transport.set_protocol(door)
        door.connection_made(self.transport)
        if rest:
            door.data_received(rest)

    def _leave(self) -> None:
        """Have nothing to do any more with the connection."""
        self._all.open.discard(self)
        for timer in (self._timer, self._pause):
            if timer is not None:
                timer.cancel()
        self._timer = self._pause = None
        self.connection.lost()

    def _place(self, call: Call) -> Call:
        return self._endpoint.placed(call, self._peer[0], self._own)

    # the server's side

    def shutdown(self) -> None:
        """The server ends: let what is being answered be answered, and nothing else."""
        self.connection.shut_down()
        self._go_on()

    def end_pauses(self) -> None:
        """Wait no longer for what a fault wants waited for."""
        if self._pause is not None:
            self._pause.cancel()
            self._resume()

    @property
    def paused(self) -> bool:
        """Whether a fault wants something waited for."""
        return self._pause is not None

    # what is to be done

    def _go_on(self) -> None:
        """Do what is to be done next, up to where something has to be waited for."""
        connection = self.connection
        outputs = connection.outputs
        while self._pause is None and self._writable:
            if not outputs:
                call = connection.next_call()
                if call is not None:
                    self._answer(call)
                if not outputs:
                    break
            output = outputs.popleft()
            if type(output) is bytes and self._delayed is None:  # nearly always
                self.transport.write(output)
            else:
                self._perform(output)
        if connection.reading_paused is self._reading or not self._writable:
            self._mind_reading()

    def _answer(self, call: Call) -> None:
        if self._only_own or is_admin_path(call.path):
            self._begin_task(call)
            return
        started = perf_counter()
        endpoint = self._endpoint
        reply = endpoint.answer(call)
        try:
            self.connection.send(reply)
        except Exception as error:
            reply = endpoint.bug(error, call)
            self.connection.send(reply)
        if reply.faults:
            self._delayed = call.method, call.path, reply, started
        else:
            endpoint.note(call.method, call.path, reply, perf_counter() - started)

    def _perform(self, output: Output) -> None:
        if isinstance(output, bytes):
            self.transport.write(output)
        elif isinstance(output, float):
            if not self._all.stopping:
                self._pause = self._loop.call_later(output, self._resume)
        elif output is Ending.RESET:
            self._reset()
        elif output is Ending.TUNNEL:
            self._begin_tunnel()
        elif self.connection.lingering and self.transport.can_write_eof():
            self.transport.write_eof()
            self._arm(self.connection.lingering)
        else:
            self.transport.close()
        if self._delayed is not None and not self.connection.outputs:
            self._note_delayed()

    def _resume(self) -> None:
        self._pause = None
        self._go_on()

    def _reset(self) -> None:
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def _begin_task(self, call: Call) -> None:
        self._asgi = AsgiCall(
            call, self.connection, self._flush, self._service.log.write
        )
        task = self._loop.create_task(
            self._asgi.run(self._service, self._local, self._peer)
        )
        self._all.tasks.add(task)
        task.add_done_callback(self._all.tasks.discard)

    async def _flush(self) -> None:
        """Send what there is, and wait while the client takes no more."""
        self._go_on()
        if not self._writable:
            self._drained = self._loop.create_future()
            await self._drained

    def _mind_reading(self) -> None:
        """Read no more while calls wait to be answered, or replies to be taken."""
        reading = self._writable and not self.connection.reading_paused
        if reading is self._reading or self.transport.is_closing():
            return
        self._reading = reading
        if reading:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()

    def _note_delayed(self) -> None:
        if self._delayed is not None:
            method, path, reply, started = self._delayed
            self._delayed = None
            self._endpoint.note(method, path, reply, perf_counter() - started)

    def _note_refusal(self, refused: Refused) -> None:
        why = ("", "", refused.reason or refused.title)
        self._service.log.request("-", "-", refused.status, 0.0, why)

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._tick)

    def _tick(self) -> None:
        self._timer = None
        connection = self.connection
        if connection.ended:
            if connection.lingering:
                self.transport.abort()
            return
        left = connection.tick(self._loop.time())
        self._go_on()
        if self._timer is None and not self.transport.is_closing():
            self._arm(left)


def _address(info: object) -> Address | None:
    """The host and the port of a socket's address; None: it is no internet socket's."""
    if isinstance(info, tuple) and len(info) >= 2:
        return str(info[0]), int(info[1])
    return None
