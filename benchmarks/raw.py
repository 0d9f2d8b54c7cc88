"""The least that a reply over a socket can cost: an event loop, a read and a write.

It answers whatever arrives with so many bytes, and does not look at it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from typing import cast


class Answering(asyncio.Protocol):
    reply = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, _: bytes) -> None:
        self._transport.write(self.reply)


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bytes", type=int, default=0, help="length of the body")
    options = parser.parse_args()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {options.bytes}\r\n\r\n".encode()
    Answering.reply = head + b"x" * options.bytes
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    asyncio.run(serve(options.port))
