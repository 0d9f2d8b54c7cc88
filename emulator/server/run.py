"""Run: the server's life, from the open port to the last connection.

uvicorn runs it, with our protocol by its setting `http`. It ends as soon as nothing has
to be answered any more, within milliseconds, and with 0: uvicorn would look for that
every 100 ms, and end with the signal that it got (docs/decisions/0014-one-connection.md).
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import uvicorn

from emulator.engine.dispatcher import Dispatcher
from emulator.http.authority import is_loopback
from emulator.server.ending import ending_signals
from emulator.server.listen import (
    BACKLOG,
    CannotListen,
    PortTaken,
    listen_all,
    port_of,
    url_of,
)
from emulator.server.port_file import PortFile
from emulator.server.protocol import RESERVE, Connections, ServerProtocol
from emulator.server.service import Service
from emulator.settings import Settings

if TYPE_CHECKING:
    from emulator.server.certificates import Certificates

__all__ = ["CannotListen", "PortTaken", "Running", "running", "serve"]

_GRACE = 0.5
"""Seconds that a reply has to be finished once the server is to end."""
_SPARE_FILES = 24
"""Open files that are not connections: ours, the loop's, the log's."""


Announce = Callable[[str, str], None]
"""Told the providers' address and that of /_emulator once calls are answered there."""


def serve(dispatcher: Dispatcher, settings: Settings, announce: Announce) -> int:
    """Serve until one of `ending_signals`; the exit code. Raises `CannotListen`."""
    service = Service(dispatcher, settings)
    certificates = _certificates(service, settings)
    opened = listen_all(settings)

    def begun(url: str, admin_url: str) -> None:
        if not is_loopback(settings.host.strip("[]")):
            token = "needs the admin token" if settings.admin_token else "is refused"
            service.log.write(
                f"warning: listening on {settings.host}: whoever reaches this port can"
                f" use every provider; /_emulator {token}"
            )
        if service.admin.ca and certificates and not certificates.lasting:
            service.log.write(
                "warning: the CA lives as long as this server, because there is no folder"
                " to keep it in: give one by --tls-dir"
            )
        announce(url, admin_url)

    try:
        _run(_Serving(service, settings, opened, begun, certificates))
    finally:
        for listener in opened:
            listener.close()
        service.log.flush()
    return 0


class Running:
    """A server in a thread of this process."""

    def __init__(self, dispatcher: Dispatcher, settings: Settings) -> None:
        PortFile(settings.port_file).clear()
        service = Service(dispatcher, settings)
        certificates = _certificates(service, settings)
        self._opened = listen_all(settings)
        self.port = port_of(self._opened[0])
        self.url = url_of(settings, self.port)
        self.admin_url = url_of(settings, port_of(self._opened[-1]))
        """Where /_emulator is; the same address unless it has a port of its own."""
        self._up = threading.Event()
        self._failures: list[BaseException] = []
        self._server = _Serving(
            service, settings, self._opened, lambda *_: self._up.set(), certificates
        )
        self._thread = threading.Thread(target=self._live, name="emulator", daemon=True)
        self._thread.start()
        self._up.wait()
        if self._failures:
            self._thread.join()
            raise self._failures[0]

    def stop(self) -> None:
        """End the server and wait for its end."""
        self._server.end()
        self._thread.join()

    def _live(self) -> None:
        try:
            _run(self._server)
        except BaseException as error:
            self._failures.append(error)
        finally:
            for listener in self._opened:
                listener.close()
            self._up.set()


@contextmanager
def running(dispatcher: Dispatcher, settings: Settings) -> Iterator[Running]:
    """A server in a thread, for as long as the block lasts."""
    server = Running(dispatcher, settings)
    try:
        yield server
    finally:
        server.stop()


class _Serving:
    """One server: its sockets, its connections, and what ends it."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        opened: list[socket.socket],
        announce: Announce,
        certificates: Certificates | None,
    ) -> None:
        self.connections = Connections(
            service, settings, _connections(settings), certificates
        )
        self._service = service
        self._settings = settings
        self._opened = opened
        self._announce = announce
        self._port_file = PortFile(settings.port_file)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()
        self._ending = False
        self._at_once = False
        self._complaint = "", 0.0
        """What the loop said last, and when: out of files, it says so for each try."""

    def end(self) -> None:
        """Ask for the end, from any thread; once more: without waiting for replies."""
        self._at_once = self._ending
        self._ending = True
        with suppress(RuntimeError):  # the loop has ended already
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._end.set)

    async def serve(self) -> None:
        """Answer calls until the end is asked for."""
        self._loop = loop = asyncio.get_running_loop()
        loop.set_exception_handler(self._report)
        with self._ended_by_signals():
            async with self._service.alive():
                self._tell_ports()
                server = uvicorn.Server(self._config())
                serving = loop.create_task(server.serve(sockets=self._opened))
                while not server.started:
                    if serving.done():
                        serving.result()  # raises why it cannot start
                    await asyncio.sleep(0)
                try:
                    with self._ended_by_signals():  # which uvicorn has taken over
                        self._say_where()
                        if not self._ending:
                            await self._end.wait()
                finally:
                    await self._stop(server.servers)
                    serving.cancel()
                    with suppress(asyncio.CancelledError):
                        await serving

    def _config(self) -> uvicorn.Config:
        http: Any = self.connections  # uvicorn calls a class or whatever else makes one
        return uvicorn.Config(
            self._service,
            http=http,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            proxy_headers=False,
            backlog=BACKLOG,
        )

    def _tell_ports(self) -> None:
        ports = [port_of(listener) for listener in self._opened]
        policy = self._service.sender.egress
        policy.own_port, policy.admin_port = ports[0], ports[-1]
        if len(ports) > 1:
            self._service.ports = ports[0], ports[1]

    def _say_where(self) -> None:
        ports = [port_of(listener) for listener in self._opened]
        if self._settings.port_file:
            self._port_file.write(ports)
        self._announce(
            url_of(self._settings, ports[0]), url_of(self._settings, ports[-1])
        )

    @contextmanager
    def _ended_by_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: dict[signal.Signals, Any] = {}
        try:
            for number in ending_signals():
                before[number] = signal.signal(number, lambda *_: self.end())
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def _stop(self, servers: Iterable[asyncio.AbstractServer]) -> None:
        self._port_file.remove()
        # asyncio forgets the connections that it is accepting when its server closes:
        # so no more are taken, and those on their way to us arrive.
        with suppress(NotImplementedError):
            for listener in self._opened:
                asyncio.get_running_loop().remove_reader(listener)
        for _ in range(3):
            await asyncio.sleep(0)
        for server in servers:
            server.close()
        self._service.stop()
        self.connections.end_pauses()
        await self._until_gone(_GRACE)
        for protocol in [*self.connections.open]:
            protocol.transport.abort()
        await self._until_gone(_GRACE / 2)
        for task in [*self.connections.tasks]:
            task.cancel()

    async def _until_gone(self, seconds: float) -> None:
        """Ask each connection to end, and wait for that."""
        connections, loop = self.connections, asyncio.get_running_loop()
        ended: set[ServerProtocol] = set()
        end = loop.time() + seconds
        while (connections.open or connections.tasks) and loop.time() < end:
            for protocol in connections.open - ended:
                protocol.shutdown()
                ended.add(protocol)
            if self._at_once:
                return
            await asyncio.sleep(0.002)

    def _report(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What the loop has to complain of, in a line and not in a traceback each."""
        error = context.get("exception")
        if isinstance(error, OSError):
            text = f"{context.get('message', 'error')}: {error}"
            if text != self._complaint[0] or loop.time() > self._complaint[1] + 1:
                self._service.log.write(text)
                self._complaint = text, loop.time()
        else:
            loop.default_exception_handler(context)


def _certificates(service: Service, settings: Settings) -> Certificates | None:
    """What TLS is spoken with; None: it is not spoken. Raises `CannotListen`."""
    if not (settings.tls or settings.tls_cert):
        return None
    from emulator.server.certificates import certificates
    from emulator.server.local_ca import NoCa

    def refusing(name: str) -> None:
        service.log.write(f"no TLS: {name[:200]} is not emulated")

    try:
        made = certificates(settings, service.guard.knows, refusing)
    except NoCa as error:
        raise CannotListen(str(error)) from None
    service.admin.ca = service.sender.ca = made.ca_pem
    return made


def _run(server: _Serving) -> None:
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(server.serve())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


def _connections(settings: Settings) -> int:
    """How many connections may be open: fewer than the files a process may have."""
    try:
        import resource
    except ImportError:  # Windows
        return settings.max_connections
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return settings.max_connections
    return max(1, min(settings.max_connections, files - _SPARE_FILES - RESERVE))
