"""Run: the server's life, from the open port to the last connection.

uvicorn's own server looks every 100 ms whether it should end, takes as long again
before it asks, and then ends with the signal that it got. This one wakes up, and
ends with 0.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from uvicorn.config import Config
from uvicorn.server import Server

from emulator.http.authority import is_loopback
from emulator.server.app import Application, create_app
from emulator.server.board import Board
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
from emulator.server.protocol import RESERVE, protocol_class
from emulator.settings import Settings

__all__ = ["CannotListen", "PortTaken", "Running", "running", "serve"]

_GRACE = 0.5
"""Seconds that a reply has to be finished once the server is to end."""
_SPARE_FILES = 24
"""Open files that are not connections: ours, the loop's, the log's."""


Announce = Callable[[str, str], None]
"""Told the providers' address and that of /_emulator once calls are answered there."""


def serve(dispatcher: Board, settings: Settings, announce: Announce) -> int:
    """Serve until one of `ending_signals`; the exit code. Raises `CannotListen`."""
    opened = listen_all(settings)
    app = create_app(dispatcher, settings)

    def begun(url: str, admin_url: str) -> None:
        if not is_loopback(settings.host.strip("[]")):
            token = "needs the admin token" if settings.admin_token else "is refused"
            app.lines.say(
                f"warning: listening on {settings.host}: whoever reaches this port can"
                f" use every provider; /_emulator {token}"
            )
        announce(url, admin_url)

    try:
        _run(_Serving(app, settings, opened, begun))
    finally:
        for one in opened:
            one.close()
        app.lines.flush()
    return 0


class Running:
    """A server in a thread of this process."""

    def __init__(self, dispatcher: Board, settings: Settings) -> None:
        PortFile(settings.port_file).clear()
        self._opened = listen_all(settings)
        self.port = port_of(self._opened[0])
        self.url = url_of(settings, self.port)
        self.admin_url = url_of(settings, port_of(self._opened[-1]))
        """Where /_emulator is; the same address unless it has a port of its own."""
        self._up = threading.Event()
        self._failures: list[BaseException] = []
        app = create_app(dispatcher, settings)
        self._server = _Serving(app, settings, self._opened, lambda *_: self._up.set())
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
            for one in self._opened:
                one.close()
            self._up.set()


@contextmanager
def running(dispatcher: Board, settings: Settings) -> Iterator[Running]:
    """A server in a thread, for as long as the block lasts."""
    server = Running(dispatcher, settings)
    try:
        yield server
    finally:
        server.stop()


class _Serving(Server):
    """uvicorn's server with an end that comes at once, and that is not a failure."""

    def __init__(
        self,
        app: Application,
        settings: Settings,
        opened: list[socket.socket],
        announce: Announce,
    ) -> None:
        limit = _connections(settings)
        super().__init__(
            Config(
                app,
                http=protocol_class(settings, app.lines, limit),
                ws="none",
                lifespan="on",
                interface="asgi3",
                log_config=None,
                proxy_headers=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=65,
                backlog=BACKLOG,
            )
        )
        self._app = app
        self._settings = settings
        self._opened = opened
        self._announce = announce
        self._port_file = PortFile(settings.port_file)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = asyncio.Event()
        self._complaint = "", 0.0
        """What the loop said last, and when: out of files, it says so for each try."""

    def end(self) -> None:
        """Ask for the end, from any thread; once more: without waiting for replies."""
        self.force_exit = self.should_exit
        self.should_exit = True
        with suppress(RuntimeError):  # the loop has ended already
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._end.set)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.end()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before: dict[signal.Signals, Any] = {}
        try:
            for number in ending_signals():
                before[number] = signal.signal(number, self.handle_exit)
            yield
        finally:
            for number, kept in before.items():
                signal.signal(number, kept)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._report)
        await super().startup(sockets)
        ports = [port_of(one) for one in self._opened]
        reach = self._app.sender.reach
        reach.own_port, reach.admin_port = ports[0], ports[-1]
        if len(ports) > 1:
            self._app.ports = ports[0], ports[1]
        try:
            if self._settings.port_file:
                self._port_file.write(ports)
            self._announce(
                url_of(self._settings, ports[0]), url_of(self._settings, ports[-1])
            )
        except BaseException:
            await self.shutdown()
            raise

    async def main_loop(self) -> None:
        if not self.should_exit:
            await self._end.wait()

    async def shutdown(
        self,
        sockets: list[socket.socket] | None = None,  # noqa: ARG002
    ) -> None:
        self._port_file.remove()
        # asyncio forgets the connections that it is accepting when its server closes:
        # so no more are taken, and those on their way to us arrive.
        with suppress(NotImplementedError):
            for one in self._opened:
                asyncio.get_running_loop().remove_reader(one)
        for _ in range(3):
            await asyncio.sleep(0)
        for server in self.servers:
            server.close()
        self._app.stop()
        state = self.server_state
        await self._until_gone(_GRACE)
        for connection in list(state.connections):
            connection.transport.abort()
        await self._until_gone(_GRACE / 2)
        for task in list(state.tasks):
            task.cancel()
        await self.lifespan.shutdown()

    async def _until_gone(self, seconds: float) -> None:
        """Ask each connection to end, and wait for that."""
        state, loop = self.server_state, asyncio.get_running_loop()
        asked: set[Any] = set()
        end = loop.time() + seconds
        while (state.connections or state.tasks) and loop.time() < end:
            for connection in state.connections - asked:
                connection.shutdown()
                asked.add(connection)
            if self.force_exit:
                return
            await asyncio.sleep(0.002)

    def _report(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What the loop has to complain of, in a line and not in a traceback each."""
        error = context.get("exception")
        if isinstance(error, OSError):
            text = f"{context.get('message', 'error')}: {error}"
            if text != self._complaint[0] or loop.time() > self._complaint[1] + 1:
                self._app.lines.say(text)
                self._complaint = text, loop.time()
        else:
            loop.default_exception_handler(context)


def _run(server: _Serving) -> None:
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(server.serve(server._opened))


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
