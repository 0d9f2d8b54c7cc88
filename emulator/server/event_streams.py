"""Streams: replies that go on, as text/event-stream (HTML, 9.2: server-sent events)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from emulator.admin.table import Event, Stream

if TYPE_CHECKING:
    from starlette.types import Receive, Send

Headers = list[tuple[bytes, bytes]]

_QUIET = 15.0
"""Seconds without an event after which a comment says that the connection lives."""


class Streams:
    """Sends events, for as long as somebody listens and the server does not stop."""

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
        """Send what follows the event with the id *last*, and then what comes."""
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(woken.set)

        ended = reply.watch(wake)
        gone = asyncio.create_task(_until_gone(receive))
        gone.add_done_callback(lambda _: woken.set())
        self._open.add(woken)
        try:
            start = {"type": "http.response.start", "status": reply.status}
            await send({**start, "headers": headers})
            text = b":\n\n"  # the head leaves with it
            while not (gone.done() or self._stopping or reply.over()):
                woken.clear()
                for event in [*reply.after(last)]:
                    text += written(event)
                    last = event.id
                if text:
                    part = {"type": "http.response.body", "body": text}
                    await send({**part, "more_body": True})
                text = b""
                try:
                    async with asyncio.timeout(self._quiet):
                        await woken.wait()
                except TimeoutError:
                    text = b":\n\n"
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            ended()
            self._open.discard(woken)
            gone.cancel()


def written(event: Event) -> bytes:
    """Event("7", b'{"a":1}', "entry")  ->  b'id: 7\\nevent: entry\\ndata: {"a":1}\\n\\n'."""
    lines = [f"id: {event.id}".encode()]
    if event.name:
        lines.append(f"event: {event.name}".encode())
    lines += [b"data: " + one for one in event.data.split(b"\n")]
    return b"\n".join(lines) + b"\n\n"


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
