"""Bare ASGI: the least that an application under the same server can do.

It reads the body when there is one, and sends twelve kilobytes with six headers. What
the emulator reaches of its rate is what the emulator costs. With a folder in BARE_FOLDER
it sends what the files `page` and `created` there hold, to a GET and to a POST.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

FILLER = b'{"success":true,"data":"' + b"x" * 12_000 + b'"}'
FOLDER = os.environ.get("BARE_FOLDER")
PAGE = (Path(FOLDER) / "page").read_bytes() if FOLDER else FILLER
CREATED = (Path(FOLDER) / "created").read_bytes() if FOLDER else FILLER


def headers(body: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", b"00000000-0000-4000-8000-000000000000"),
        (b"x-ratelimit-limit", b"60"),
        (b"x-ratelimit-remaining", b"59"),
        (b"x-ratelimit-reset", b"1772445660"),
    ]


PAGE_HEADERS, CREATED_HEADERS = headers(PAGE), headers(CREATED)


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    fields, body = PAGE_HEADERS, PAGE
    if scope["method"] in ("POST", "PUT", "PATCH"):
        fields, body = CREATED_HEADERS, CREATED
        while (await receive()).get("more_body"):
            pass
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    await send({"type": "http.response.body", "body": body})
