"""Ways in: each way of calling the emulator, opened as one block."""

from __future__ import annotations

import http.client
import os
import subprocess
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from client_libraries import (
    PATIENCE,
    using_aiohttp,
    using_async_httpx,
    using_httpx,
    using_requests,
    using_urllib3,
)
from corpus import MOST
from front_door import START
from playing import Seen, Send, Sent, Way, decoded, target
from starlette.testclient import TestClient

import emulator
from emulator.client.emulator import Emulator, board, over
from emulator.exchange.call import Call
from emulator.server.app import create_app
from emulator.server.forwarded import Forwarded
from emulator.server.reply_bytes import encode
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.world import Beginning

SEED = 20_260_302
BEGINS = "2026-03-02T10:00:00Z"
SETTINGS = Settings(seed=SEED, max_body=MOST, log_format="none")

Open = Callable[[], AbstractContextManager[Way]]


@contextmanager
def by_dispatcher() -> Iterator[Way]:
    """No server at all: a call as values, which has what every transport puts in it."""
    own = board(SETTINGS, Beginning(micros(START), True))
    forwarded = Forwarded(())

    def send(sent: Sent) -> Seen:
        parts = urlsplit(sent.url)
        lines = {"host": parts.netloc, **sent.headers}
        call = Call(
            method=sent.method,
            path=parts.path,
            query=parts.query.encode(),
            raw_headers=[(k.lower().encode(), v.encode()) for k, v in lines.items()],
            scheme=parts.scheme,
        )
        too_large = len(sent.body) > own.longest_body(call)
        body = b"" if too_large else sent.body
        call = call.changed(body=body, body_too_large=too_large)
        call = forwarded.placed(call, "127.0.0.1", parts.netloc)
        reply = own.answer(call)
        headers, content = encode(reply, call.method)
        return Seen(reply.status, decoded(headers), content)

    yield Way(over(own).default, send)


@contextmanager
def by_asgi() -> Iterator[Way]:
    """The ASGI application, called by Starlette's test client."""
    own = board(SETTINGS, Beginning(micros(START), True))
    allowing = replace(SETTINGS, allowed_hosts=("emulator.test",))
    with TestClient(create_app(own, allowing), follow_redirects=False) as client:

        def send(sent: Sent) -> Seen:
            answer = client.request(
                sent.method,
                sent.url,
                headers=sent.headers,
                content=iter(sent.pieces) if sent.chunked else sent.body,
            )
            lines = decoded(answer.headers.raw)
            return Seen(answer.status_code, lines, answer.content)

        yield Way(over(own).default, send)


def intercepted(
    client: Callable[[], AbstractContextManager[Send]],
) -> Open:
    """A client library that is intercepted in this process."""

    @contextmanager
    def opened() -> Iterator[Way]:
        clock = {"set": BEGINS, "freeze": True}
        with (
            emulator.intercept(
                clock=clock, settings=SETTINGS, on_other="refuse"
            ) as world,
            client() as send,
        ):
            yield Way(world, send)

    return opened


def served(server: Emulator) -> Open:
    """A server, called over a real socket by the standard library's client."""

    @contextmanager
    def opened() -> Iterator[Way]:
        address = urlsplit(server.url).netloc
        with closing(http.client.HTTPConnection(address, timeout=PATIENCE)) as line:

            def send(sent: Sent) -> Seen:
                host, asked = target(sent.url)
                headers = {"Host": host, **sent.headers}
                body = iter(sent.pieces) if sent.chunked else sent.body or None
                line.request(sent.method, asked, body, headers)
                answer = line.getresponse()
                return Seen(answer.status, answer.getheaders(), answer.read())

            server.default.reset()
            yield Way(server.default, send, "http")

    return opened


@contextmanager
def commanded(port_file: Path) -> Iterator[str]:
    """The address of `emulator serve`, as it is installed, while it runs."""
    command = [
        str(Path(sysconfig.get_path("scripts")) / "emulator"),
        *("serve", "--port", "0", "--port-file", str(port_file), "--frozen"),
        *("--clock", BEGINS, "--seed", str(SEED), "--max-body", str(MOST)),
        *("--log-format", "none"),
    ]
    plain = {name: text for name, text in os.environ.items() if "EMULATOR_" not in name}
    with subprocess.Popen(
        command, env=plain, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # the first line comes when the port is open
            yield f"http://127.0.0.1:{port_file.read_text().split()[0]}"
        finally:
            process.terminate()


IN_PROCESS: Mapping[str, Open] = {
    "asgi": by_asgi,
    "requests": intercepted(using_requests),
    "urllib3": intercepted(using_urllib3),
    "httpx": intercepted(using_httpx),
    "async httpx": intercepted(using_async_httpx),
    "aiohttp": intercepted(using_aiohttp),
}
GROUPING = ("requests", "urllib3")
"""Those that show the lines of a header together, wherever they came."""
