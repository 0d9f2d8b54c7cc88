"""Library: a small service that shows what a call was, and does what few providers do."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

from emulator.exchange.call import Call, Reply

HOST = "api.library.test"
URL = f"https://{HOST}"
BOOK = bytes(range(256)) * 4_000
"""A body that takes several reads."""


def echo(call: Call) -> Reply:
    """What has come, as JSON."""
    shown = {
        "method": call.method,
        "url": call.base_url + call.path,
        "query": call.query.decode(),
        "type": call.headers.get("content-type", "").partition(";")[0],
        "cookie": call.headers.get("cookie", ""),
        "body": call.body.decode("latin-1"),
    }
    return Reply(headers=[("Content-Type", "application/json")], body=_json(shown))


def moved(call: Call) -> Reply:
    """Elsewhere, and not to be forgotten."""
    headers = [("Location", "/echo?from=moved"), ("Set-Cookie", "reader=7; Path=/")]
    return Reply(status=302, headers=headers, body=b"elsewhere")


def squeezed(call: Call) -> Reply:
    headers = [("Content-Type", "text/plain"), ("Content-Encoding", "gzip")]
    return Reply(headers=headers, body=gzip.compress(b"squeezed"))


def nothing(call: Call) -> Reply:
    return Reply(status=204, headers=[("X-Shelf", "empty")])


def book(call: Call) -> Reply:
    return Reply(headers=[("Content-Type", "application/octet-stream")], body=BOOK)


def broken(call: Call) -> Reply:
    raise KeyError("shelf")


_ROUTES: dict[str, Callable[[Call], Reply]] = {
    "/moved": moved,
    "/squeezed": squeezed,
    "/nothing": nothing,
    "/book": book,
    "/broken": broken,
}


def answer(call: Call) -> Reply:
    return _ROUTES.get(call.path, echo)(call)


def named(name: str) -> Callable[[Call], Reply]:
    """A service that only says its name."""

    def answer(call: Call) -> Reply:
        return Reply(headers=[("Content-Type", "text/plain")], body=name.encode())

    return answer


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
