"""Bare ASGI: the least that an application under the same server can do.

It reads the body when there is one, and sends twelve kilobytes with six headers. What
the emulator reaches of its rate is what the emulator costs.
"""

from __future__ import annotations

from typing import Any

BODY = b'{"success":true,"data":"' + b"x" * 12_000 + b'"}'
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
    (b"x-request-id", b"00000000-0000-4000-8000-000000000000"),
    (b"x-ratelimit-limit", b"60"),
    (b"x-ratelimit-remaining", b"59"),
    (b"x-ratelimit-reset", b"1772445660"),
]


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["method"] in ("POST", "PUT", "PATCH"):
        while (await receive()).get("more_body"):
            pass
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": BODY})
