"""Replies that are streams: one chunk for each item, with time between, broken off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import httpx
import pytest
import requests
from echo_board import Client
from front_door import served
from small import small
from starlette.testclient import TestClient

from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Reply
from emulator.server.run import Running, running
from emulator.server.wire import Ending, outputs
from emulator.settings import Settings
from emulator.world.fault import read_fault

WORDS = "${[{'token': word} for word in ['a', 'b', 'c', 'd']]}"
EVENTS = [f'data: {{"token":"{word}"}}\n\n' for word in "abcd"]
STREAM = {"body": WORDS, "encode": "events"}
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def board(folder: Path, reply: Any = STREAM) -> Dispatcher:
    get = {"operationId": "read", "responses": {}}
    api = small(folder, {"/it": {"get": get}}, {"read": {"reply": reply}})
    return api.board


@pytest.fixture(params=["httptools", "h11"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    settings = Settings(http=request.param, log_format="none", port=0)
    with running(board(tmp_path), settings) as found:
        yield found


def raw(server: Running, *headers: str, more: str = "", method: str = "GET") -> bytes:
    """All that the server sends to a request, and to what follows it."""
    lines = "".join(f"{line}\r\n" for line in ("Host: localhost", *headers))
    with closing(Client(server.port)) as client:
        client.send(f"{method} /small/it HTTP/1.1\r\n{lines}\r\n{more}".encode())
        return client.read()


def chunks(data: bytes) -> tuple[list[bytes], bool]:
    """The chunks (RFC 9112, 7.1) behind a head, and whether the last one has come."""
    body = data.partition(b"\r\n\r\n")[2]
    found = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return found, rest == b"\r\n"
        found.append(rest[:length])
        body = rest[length + 2 :]
    return found, False


def test_each_item_is_a_chunk(server: Running) -> None:
    """Nobody says how long it is; the last chunk ends it, and the connection goes on."""
    with_close = raw(server, "Connection: close")

    assert b"content-length" not in with_close.lower()
    assert chunks(with_close) == ([event.encode() for event in EVENTS], True)
    assert requests.get(f"{server.url}/small/it").text == "".join(EVENTS)


def test_head_has_no_chunk(server: Running) -> None:
    """The next reply on the connection is read as what it is."""
    more = "GET /small/nowhere HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    head, _, rest = raw(server, more=more, method="HEAD").partition(b"\r\n\r\n")

    assert b"text/event-stream" in head
    assert rest.startswith(b"HTTP/1.1 404")


@pytest.mark.parametrize(
    ("fault", "count"),
    [("truncate=3items", 3), ("truncate=0.5", 2), ("truncate=0", 0), ("truncate=9items", 4),
     ("truncate=0items", 0)],
)  # fmt: skip
def test_a_stream_is_broken_off_after_whole_items(
    server: Running, fault: str, count: int
) -> None:
    """A share is one of its items; the last chunk never comes."""
    data = raw(server, f"X-Emulator-Fault: {fault}")

    assert chunks(data) == ([event.encode() for event in EVENTS[:count]], False)


def tokens(url: str, fault: str) -> Iterator[str]:
    """Those of the stream, as they come."""
    with httpx.stream("GET", url, headers={"X-Emulator-Fault": fault}) as reply:
        for line in filter(None, reply.iter_lines()):
            yield json.loads(line.removeprefix("data: "))["token"]


def test_a_client_that_reads_events_sees_the_stream_break(server: Running) -> None:
    """Some tokens, and then an error of its library's."""
    seen: list[str] = []

    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        seen.extend(tokens(f"{server.url}/small/it", "truncate=3items"))

    assert seen == ["a", "b", "c"]


def test_time_passes_between_items(tmp_path: Path) -> None:
    """Not before the first, nor after the last."""
    paced = board(tmp_path, {**STREAM, "every": "40ms"})
    with running(paced, Settings(log_format="none", port=0)) as server:
        begun = perf_counter()
        with httpx.stream("GET", f"{server.url}/small/it") as reply:
            assert reply.read() == "".join(EVENTS).encode()

    assert perf_counter() - begun >= 0.12


def performed(reply: Reply, method: str = "GET") -> list[Any]:
    return outputs(reply, method, closes=False)


def stream(*faults: str, every: float = 0.0) -> Reply:
    parts = tuple(len(event) for event in EVENTS)
    body = "".join(EVENTS).encode()
    return Reply(
        body=body, parts=parts, every=every, faults=tuple(map(read_fault, faults))
    )


def test_what_comes_at_once_is_sent_at_once() -> None:
    """And what a client sees of the rest is a matter of faults that others have, too."""
    (whole,) = performed(stream())
    assert chunks(whole) == ([event.encode() for event in EVENTS], True)

    first, *rest = performed(stream(every=0.5))
    assert chunks(first) == ([EVENTS[0].encode()], False)
    assert rest[0::2] == [0.5, 0.5, 0.5]
    assert rest[-1].endswith(b"0\r\n\r\n")

    *_, end = performed(stream("truncate=2items", every=0.5))
    assert end is Ending.CLOSE
    late = performed(stream("delay=2s", every=0.5))
    assert late[0] == 2.0
    assert performed(stream("reset")) == [Ending.RESET]
    assert performed(stream(every=0.5), "HEAD") == [HEAD]


def test_a_dribbled_stream_is_chunked_as_well() -> None:
    """The pieces are those of the fault."""
    sent = performed(stream("dribble=200ms"))

    bytes_sent = b"".join(part for part in sent if isinstance(part, bytes))
    found, whole = chunks(bytes_sent)
    assert (b"".join(found).decode(), whole) == ("".join(EVENTS), True)


def test_a_gateway_answers_in_place_of_a_stream(server: Running) -> None:
    """Its page has a length."""
    headers = {"X-Emulator-Fault": "gateway=502"}

    reply = requests.get(f"{server.url}/small/it", headers=headers)

    assert reply.headers["content-type"] == "text/html"
    assert int(reply.headers["content-length"]) == len(reply.content)


def test_a_body_that_is_no_stream_is_one_item() -> None:
    """It is cut before its end, whatever the number."""
    reply = Reply(body=b"hello", faults=(read_fault("truncate=3items"),))

    assert performed(reply)[0].endswith(b"hell")


def test_a_long_stream_is_sent_in_time() -> None:
    """A hundred thousand items, in one piece."""
    items = tuple(len(b"data: 1\n\n") for _ in range(100_000))
    begun = process_time()

    (whole,) = performed(Reply(body=b"data: 1\n\n" * 100_000, parts=items))

    assert len(whole) > 1_400_000
    assert process_time() - begun < 2


def test_a_stream_in_process_is_the_same(tmp_path: Path) -> None:
    """An ASGI server frames it."""
    reply = TestClient(served(board(tmp_path))).get("/small/it")

    assert (reply.text, "content-length" in reply.headers) == ("".join(EVENTS), False)
