"""Calls of each client library, answered without a socket."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import aiohttp
import httpx
import pytest
import requests
import urllib3
from library import BOOK, URL
from talkers import TALKERS, httpx2
from urllib3.util.wait import wait_for_read

from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call, Reply
from emulator.interception import intercept
from emulator.settings import Settings

pytestmark = pytest.mark.usefixtures("library")

PIECES = [b"once ", b"upon ", b"a time"]
BEFORE = {"method": "GET", "type": "", "cookie": "", "query": "", "body": ""}


def pieces() -> Iterator[bytes]:
    yield from PIECES


async def pieces_in_time() -> AsyncIterator[bytes]:
    for piece in PIECES:
        await asyncio.sleep(0)
        yield piece


@pytest.mark.parametrize("talker", TALKERS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_provider_answers_at_its_own_host(
    board: Dispatcher, full: Mapping[str, str], talker: str, scheme: str
) -> None:
    """Client code keeps the address that it has in production."""
    url = f"{scheme}://dev.jobriver.de/api/v1/jobs?per_page=1"

    met: list[Call] = []

    def answer(call: Call) -> Reply:
        met.append(call)
        return board.answer(call)

    with intercept(answer, board.hosts):
        status, body = TALKERS[talker](url, full, 5.0)

    assert (status, body[:16]) == (200, b'{"success":true,')
    assert [(one.scheme, one.secure, one.client) for one in met] == [
        (scheme, True if scheme == "https" else None, "127.0.0.1")
    ]
    assert met[0].base_url == f"{scheme}://dev.jobriver.de"


@pytest.mark.parametrize(
    "client", [requests, httpx, httpx2], ids=lambda one: one.__name__
)
def test_bodies_come_as_they_were_sent(client: Any) -> None:
    """JSON, a form with a file, and a stream of unknown length."""
    json = client.post(f"{URL}/echo", json={"id": 7}).json()
    form = client.post(f"{URL}/echo", files={"cover": io.BytesIO(b"blue")}).json()
    body: Any = {"data": pieces()} if client is requests else {"content": pieces()}
    stream = client.put(f"{URL}/echo", **body).json()

    assert json["body"].replace(" ", "") == '{"id":7}'
    assert (json["method"], json["type"]) == ("POST", "application/json")
    assert form["type"] == "multipart/form-data"
    assert 'name="cover"' in form["body"]
    assert "\r\n\r\nblue\r\n" in form["body"]
    assert stream == {
        **BEFORE,
        "method": "PUT",
        "url": f"{URL}/echo",
        "body": "once upon a time",
    }


def test_bodies_of_aiohttp_come_as_they_were_sent() -> None:
    """The same, in a loop."""

    async def post(**sent: Any) -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{URL}/echo", **sent) as reply,
        ):
            return await reply.json()

    form = aiohttp.FormData()
    form.add_field("cover", b"blue", filename="cover.txt")
    json = asyncio.run(post(json={"id": 7}))
    parts = asyncio.run(post(data=form))
    stream = asyncio.run(post(data=pieces_in_time()))

    assert (json["method"], json["body"]) == ("POST", '{"id": 7}')
    assert parts["type"] == "multipart/form-data"
    assert "\r\n\r\nblue\r\n" in parts["body"]
    assert stream["body"] == "once upon a time"


def test_a_stream_of_async_httpx_comes_as_it_was_sent() -> None:
    """The same, with httpx in a loop."""

    async def put() -> Any:
        async with httpx.AsyncClient() as client:
            reply = await client.put(f"{URL}/echo", content=pieces_in_time())
        return reply.json()

    assert asyncio.run(put())["body"] == "once upon a time"


def test_uploads_that_wait_for_leave_get_it() -> None:
    """`Expect: 100-continue` is answered before the body comes."""

    async def post() -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{URL}/echo", data=b"may I", expect100=True) as reply,
        ):
            return await reply.json()

    assert asyncio.run(post())["body"] == "may I"


def test_downloads_can_be_streamed() -> None:
    """Piece by piece, in each library, to the last byte."""

    async def by_aiohttp() -> bytes:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{URL}/book") as reply,
        ):
            return b"".join([piece async for piece in reply.content.iter_chunked(999)])

    async def by_async_httpx() -> bytes:
        async with (
            httpx.AsyncClient() as client,
            client.stream("GET", f"{URL}/book") as reply,
        ):
            return b"".join([piece async for piece in reply.aiter_bytes(999)])

    with requests.get(f"{URL}/book", stream=True) as reply:
        assert b"".join(reply.iter_content(999)) == BOOK
    with urllib3.PoolManager() as pool:
        raw = pool.request("GET", f"{URL}/book", preload_content=False)
        assert b"".join(raw.stream(999)) == BOOK
    with httpx.stream("GET", f"{URL}/book") as streamed:
        assert b"".join(streamed.iter_bytes(999)) == BOOK
    assert asyncio.run(by_aiohttp()) == BOOK
    assert asyncio.run(by_async_httpx()) == BOOK


def test_redirects_are_followed_and_cookies_kept() -> None:
    """By the client's own code, which sees nothing but HTTP."""

    async def by_aiohttp() -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{URL}/moved") as reply,
        ):
            return await reply.json()

    with requests.Session() as session, httpx.Client(follow_redirects=True) as client:
        shown = [
            session.get(f"{URL}/moved").json(),
            client.get(f"{URL}/moved").json(),
            asyncio.run(by_aiohttp()),
        ]

    landed = {**BEFORE, "url": f"{URL}/echo", "query": "from=moved"}
    assert shown == [{**landed, "cookie": "reader=7"}] * 3


@pytest.mark.parametrize("talker", TALKERS)
def test_what_is_compressed_is_unpacked(talker: str) -> None:
    """And what has no body has none."""
    assert TALKERS[talker](f"{URL}/squeezed", {}, 5.0) == (200, b"squeezed")
    assert TALKERS[talker](f"{URL}/nothing", {}, 5.0) == (204, b"")


def test_head_tells_the_length_and_sends_nothing() -> None:
    """And the connection goes on to be of use."""

    async def by_aiohttp() -> tuple[str, str]:
        async with aiohttp.ClientSession() as session:
            async with session.head(f"{URL}/book") as head:
                length = head.headers["content-length"]
            async with session.get(f"{URL}/squeezed") as reply:
                return length, await reply.text()

    with requests.Session() as session, httpx.Client() as client:
        for one in (session, client):
            head = one.head(f"{URL}/book")
            assert (head.headers["content-length"], head.content) == ("1024000", b"")
            assert one.get(f"{URL}/squeezed").text == "squeezed"
    assert asyncio.run(by_aiohttp()) == ("1024000", "squeezed")


def test_a_connection_is_used_again() -> None:
    """Pools count one connection for many requests."""

    async def by_aiohttp() -> int:
        async with aiohttp.ClientSession() as session:
            for _ in range(3):
                async with session.get(f"{URL}/squeezed") as reply:
                    await reply.read()
            assert session.connector is not None
            return sum(len(conn) for conn in session.connector._conns.values())

    with urllib3.PoolManager() as manager, httpx.Client() as client:
        for _ in range(3):
            manager.request("GET", f"{URL}/squeezed")
            client.get(f"{URL}/squeezed")
        pool = manager.connection_from_url(URL)
        transport: Any = client._transport

        assert (pool.num_connections, pool.num_requests) == (1, 3)
        assert len(transport._pool.connections) == 1
    assert asyncio.run(by_aiohttp()) == 1


def test_a_client_that_wants_no_more_gets_the_end() -> None:
    """`Connection: close` is obeyed, and the next call connects anew."""
    with urllib3.PoolManager(headers={"Connection": "close"}) as manager:
        replies = [manager.request("GET", f"{URL}/squeezed") for _ in range(2)]

    assert [(reply.headers["connection"], reply.data) for reply in replies] == [
        ("close", b"squeezed"),
        ("close", b"squeezed"),
    ]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_left_out(scheme: str) -> None:
    """A machine that reaches the world by a proxy reaches the library without."""
    proxy = "http://proxy.library.test:3128"
    url = f"{scheme}://api.library.test/squeezed"

    async def by_aiohttp() -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.get(url, proxy=proxy) as reply,
        ):
            return await reply.text()

    with httpx.Client(proxy=proxy) as client:
        assert client.get(url).text == "squeezed"
    proxies = {"http": proxy, "https": proxy}
    assert requests.get(url, proxies=proxies).text == "squeezed"
    assert asyncio.run(by_aiohttp()) == "squeezed"


class SignedConnection(urllib3.connection.HTTPSConnection):
    """A connection as SDKs have them: urllib3's, with something of their own."""

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> None:
        more["headers"] = {**more.get("headers", {}), "Content-Type": "x/signed"}
        super().request(method, url, *rest, **more)


class SignedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = SignedConnection


def test_connections_derived_from_those_of_urllib3_are_met() -> None:
    """So are SDKs with a transport of their own on top of urllib3."""
    with SignedPool("api.library.test") as pool:
        reply = pool.request("GET", "/echo")

    assert reply.json() == {**BEFORE, "url": f"{URL}/echo", "type": "x/signed"}


def test_a_poll_sees_what_has_come() -> None:
    """An SDK that waits for leave to send polls the socket first, and reads then."""
    connection = urllib3.connection.HTTPSConnection("api.library.test")
    connection.connect()
    assert not wait_for_read(connection.sock, timeout=0)

    connection.putrequest("PUT", "/echo")
    connection.putheader("Content-Length", "5")
    connection.putheader("Expect", "100-continue")
    connection.endheaders()

    assert wait_for_read(connection.sock, timeout=0)
    with connection.sock.makefile("rb", 0) as read:
        assert read.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert read.readline() == b"\r\n"
    assert not wait_for_read(connection.sock, timeout=0)
    connection.close()


def test_a_client_that_does_not_verify_is_warned() -> None:
    """By urllib3, as over the network."""
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
        assert requests.get(f"{URL}/squeezed", verify=False).text == "squeezed"


def test_a_body_longer_than_the_settings_say_is_told() -> None:
    """The call has none, and says that it was too long."""
    told: list[tuple[bool, bytes]] = []

    def answer(call: Call) -> Reply:
        told.append((call.body_too_large, call.body))
        return Reply(status=413)

    with intercept(answer, ["api.library.test"], settings=Settings(max_body=10)):
        reply = requests.post(f"{URL}/echo", data=b"x" * 100_000)

    assert (reply.status_code, told) == (413, [(True, b"")])


def test_a_bug_of_ours_says_so(caplog: pytest.LogCaptureFixture) -> None:
    """As over a socket: a problem with status 500, and the traceback in the log."""
    reply = requests.get(f"{URL}/broken")

    assert reply.status_code == 500
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["title"] == "emulator bug"
    assert "KeyError: 'shelf'" in caplog.text
