"""Faults as client code meets them: each client tells each as the failure it stands for."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Iterator
from shutil import which
from time import perf_counter
from typing import Any, NamedTuple

import aiohttp
import httpx
import pytest
import requests
from tiny import START, program

from emulator.engine.dispatcher import Dispatcher
from emulator.server.run import running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

PATIENCE = 0.1
"""Seconds that every client waits for the reply to a call that is held up."""
SLOW = ("delay=280ms", "delay=250ms-290ms", "dribble=290ms")

Raised = tuple[type[Exception] | tuple[type[Exception], ...], str]


class Failure(NamedTuple):
    """What each client raises and says; of Node.js, the code of the cause."""

    requests: Raised
    httpx: Raised
    aiohttp: Raised
    node: str


FAILURES = {
    "delay=280ms": Failure(
        (requests.ReadTimeout, "timed out"),
        (httpx.ReadTimeout, "timed out"),
        (aiohttp.ServerTimeoutError, "Timeout on reading"),
        "TimeoutError",
    ),
    "delay=250ms-290ms": Failure(
        (requests.ReadTimeout, "timed out"),
        (httpx.ReadTimeout, "timed out"),
        (aiohttp.ServerTimeoutError, "Timeout on reading"),
        "TimeoutError",
    ),
    "reset": Failure(
        (requests.ConnectionError, "ConnectionResetError"),
        (httpx.ReadError, "reset by peer"),
        (aiohttp.ClientOSError, "reset by peer"),
        "ECONNRESET",
    ),
    "empty": Failure(
        (requests.ConnectionError, "RemoteDisconnected"),
        (httpx.RemoteProtocolError, "without sending a response"),
        (aiohttp.ServerDisconnectedError, "Server disconnected"),
        "UND_ERR_SOCKET",
    ),
    "truncate=0.5": Failure(
        (requests.exceptions.ChunkedEncodingError, "2 bytes read, 2 more expected"),
        (httpx.RemoteProtocolError, "received 2 bytes, expected 4"),
        (aiohttp.ClientPayloadError, "received 2 of 4 bytes"),
        "UND_ERR_SOCKET",
    ),
    "malformed": Failure(
        (requests.exceptions.ChunkedEncodingError, "InvalidChunkLength"),
        (httpx.RemoteProtocolError, "illegal chunk header"),
        # It is told as the error of a head where the head is read along with it.
        (
            (aiohttp.ClientPayloadError, aiohttp.ClientResponseError),
            "chunk size|not-a-length",
        ),
        "HPE_INVALID_CHUNK_SIZE",
    ),
    "garbage": Failure(
        (requests.ConnectionError, "BadStatusLine"),
        (httpx.RemoteProtocolError, "illegal status line"),
        (aiohttp.ClientResponseError, "400, message"),
        "HPE_INVALID_CONSTANT",
    ),
}

NODE = """
const [url, patience, ...faults] = process.argv.slice(1);
const outcomes = {};
for (const fault of faults) {
  const slow = /^(delay|dribble)=/.test(fault);
  const headers = { 'X-Emulator-Fault': fault };
  const refused = /retry-after/i.test(fault);
  if (refused) headers['X-Emulator-Refuse'] = 'rate_limited';
  try {
    const signal = AbortSignal.timeout(slow ? 1000 * patience : 10000);
    const reply = await fetch(url + (refused ? '/clock' : '/when'), { headers, signal });
    const told = ['content-type', 'retry-after'].map((name) => reply.headers.get(name));
    outcomes[fault] = [reply.status, ...told, await reply.text()];
  } catch (error) {
    outcomes[fault] = error.cause?.code ?? error.name;
  }
}
console.log(JSON.stringify(outcomes));
"""


class Seen(NamedTuple):
    """A reply as a client shows it."""

    status: int
    content_type: str | None
    retry_after: str | None
    text: str


REFUSED = (
    '{"name":"clock","limit":2,"used":2,"remaining":0,"reset":1772445660,'
    '"retry_after":60,"window":60}'
)
PAGE = """<html>
<head><title>502 Bad Gateway</title></head>
<body>
<h1>502 Bad Gateway</h1>
<p>This is a gateway. What came from the server behind it was no answer.</p>
</body>
</html>
"""
JSON = "application/json"

REPLIES: dict[str, Seen] = {
    "gateway=502": Seen(502, "text/html", None, PAGE),
    "type=text/html": Seen(200, "text/html", None, "null"),
    "drop=Content-Type": Seen(200, None, None, "null"),
    "repeat=Content-Type": Seen(200, f"{JSON}, {JSON}", None, "null"),
    "drop=Retry-After": Seen(429, JSON, None, REFUSED),
    "retry-after=date": Seen(429, JSON, "Mon, 02 Mar 2026 10:01:00 GMT", REFUSED),
}


def asking(url: str, fault: str) -> tuple[str, dict[str, str]]:
    """The address and the headers of a call with *fault*; a 429 where it wants one."""
    headers = {"X-Emulator-Fault": fault}
    if "retry-after" not in fault.lower():
        return f"{url}/when", headers
    return f"{url}/clock", {**headers, "X-Emulator-Refuse": "rate_limited"}


def patience_with(fault: str) -> float:
    return PATIENCE if fault in SLOW else 10.0


def by_requests(url: str, fault: str) -> Seen:
    address, headers = asking(url, fault)
    timeout = (10.0, patience_with(fault))
    with requests.get(address, headers=headers, timeout=timeout) as reply:
        told = [reply.headers.get(name) for name in ("Content-Type", "Retry-After")]
        return Seen(reply.status_code, told[0], told[1], reply.content.decode())


def by_httpx(url: str, fault: str) -> Seen:
    address, headers = asking(url, fault)
    timeout = httpx.Timeout(10.0, read=patience_with(fault))
    reply = httpx.get(address, headers=headers, timeout=timeout)
    told = [reply.headers.get(name) for name in ("Content-Type", "Retry-After")]
    return Seen(reply.status_code, told[0], told[1], reply.content.decode())


def by_aiohttp(url: str, fault: str) -> Seen:
    address, headers = asking(url, fault)

    async def ask() -> Seen:
        timeout = aiohttp.ClientTimeout(sock_read=patience_with(fault))
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(address, headers=headers) as reply,
        ):
            found = [
                reply.headers.getall(name, [])
                for name in ("Content-Type", "Retry-After")
            ]
            told = [", ".join(values) or None for values in found]
            return Seen(reply.status, told[0], told[1], await reply.text())

    return asyncio.run(ask())


CLIENTS: dict[str, Callable[[str, str], Seen]] = {
    "requests": by_requests,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A provider whose clock stands still: one server for all calls."""
    settings = Settings(port=0, log_format="none")
    world = World(clock=Clock(micros(START), frozen=True))
    board = Dispatcher({"meters": program("meters")}, world, settings)
    with running(board, settings) as server:
        yield f"{server.url}/meters"


@pytest.fixture(scope="module")
def node(url: str) -> dict[str, Any]:
    """What Node.js makes of each fault: a reply, or the code of what it threw."""
    if which("node") is None:
        pytest.skip("Node.js is not installed")
    faults = [*FAILURES, *REPLIES, "dribble=290ms"]
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", NODE, url, str(PATIENCE), *faults],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.stderr == ""
    outcomes: dict[str, Any] = json.loads(ran.stdout)
    return outcomes


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", FAILURES)
def test_a_fault_is_the_failure_it_stands_for(
    url: str, fault: str, client: str
) -> None:
    """By the class that the client raises, and by what it says."""
    error, says = getattr(FAILURES[fault], client)

    with pytest.raises(error, match=says):
        CLIENTS[client](url, fault)


@pytest.mark.parametrize("fault", FAILURES)
def test_node_has_a_code_for_each_fault(node: dict[str, Any], fault: str) -> None:
    """`fetch` throws, and its cause has the code of what happened below."""
    assert node[fault] == FAILURES[fault].node


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("fault", REPLIES)
def test_a_spoilt_reply_is_a_reply(url: str, fault: str, client: str) -> None:
    """Nothing is raised: it is for the client's code to notice."""
    seen = CLIENTS[client](url, fault)

    assert seen == REPLIES[fault]


@pytest.mark.parametrize("fault", REPLIES)
def test_node_takes_a_spoilt_reply_as_well(node: dict[str, Any], fault: str) -> None:
    """The same four things as with any other client."""
    assert Seen(*node[fault]) == REPLIES[fault]


@pytest.mark.parametrize("client", ["requests", "httpx", "aiohttp"])
def test_a_dribbled_body_comes_whole_and_late(url: str, client: str) -> None:
    """No read takes long, and all of them together do."""
    started = perf_counter()

    seen = CLIENTS[client](url, "dribble=120ms")

    assert seen == Seen(200, JSON, None, "null")
    assert perf_counter() - started >= 0.11


def test_node_gives_up_on_a_dribbled_body(node: dict[str, Any]) -> None:
    """A signal ends the whole call, however quick its reads are."""
    assert node["dribble=290ms"] == "TimeoutError"
