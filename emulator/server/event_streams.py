"""Event streams: replies that go on, as text/event-stream (HTML, 9.2: server-sent events)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from emulator.admin.table import Event, Stream
from emulator.server.asgi_messages import send_body, send_start
from emulator.server.reply_bytes import Headers

if TYPE_CHECKING:
    from starlette.types import Receive, Send

_QUIET = 15.0
"""Seconds without an event after which a comment says that the connection lives."""
_PIECE = 65_536
"""Bytes of events that are sent at once, but for the last one."""


class EventStreams:
    """All streams that are open; they end when their client goes, or the server stops."""

    def __init__(self, quiet: float = _QUIET) -> None:
        self._quiet = quiet
        self._stopping = False
        self._open: set[asyncio.Event] = set()

    def stop(self) -> None:
        """End every stream, and begin none."""
        self._stopping = True
        for woken in self._open:
            woken.set()

    def start(self) -> None:
        """Streams may begin: an application can live more than once."""
        self._stopping = False

    async def perform(
        self, reply: Stream, headers: Headers, last: str, receive: Receive, send: Send
    ) -> None:
        """Send the events that follow the one with the id *last*, and then those to come."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(woken.set)

        unwatch = reply.watch(wake)
        gone = asyncio.create_task(_until_gone(receive))
        gone.add_done_callback(lambda _: woken.set())
        self._open.add(woken)
        try:
            await send_start(send, reply.status, headers)
            text = b":\n\n"  # the head leaves with it
            while not (gone.done() or self._stopping or reply.over()):
                woken.clear()
                for event in reply.after(last):
                    text += encode_event(event)
                    last = event.id
                    if len(text) >= _PIECE:
                        # No more is made than its reader takes.
                        await send_body(send, text, more=True)
                        text = b""
                        if gone.done() or self._stopping:
                            break
                if text:
                    await send_body(send, text, more=True)
                text = b""
                try:
                    async with asyncio.timeout(self._quiet):
                        await woken.wait()
                except TimeoutError:
                    text = b":\n\n"
            if not gone.done():
                await send_body(send, b"")
        finally:
            unwatch()
            self._open.discard(woken)
            gone.cancel()


def encode_event(event: Event) -> bytes:
    """Event("7", b'{"a":1}', "entry")  ->  b'id: 7\\nevent: entry\\ndata: {"a":1}\\n\\n'."""
    lines = [f"id: {event.id}".encode()]
    if event.name:
        lines.append(f"event: {event.name}".encode())
    lines += [b"data: " + line for line in event.data.split(b"\n")]
    return b"\n".join(lines) + b"\n\n"


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
