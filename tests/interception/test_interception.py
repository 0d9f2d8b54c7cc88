"""Which calls an interception meets, from when, until when, and what becomes of others."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import aiohttp
import httpcore
import httpx
import pytest
import requests
import urllib3
from library import HOST, URL, answer, named
from pytest_httpserver import HTTPServer
from talkers import TALKERS

from emulator.exchange.call import Call, Reply
from emulator.interception import ForeignHost, UnknownVersion, intercept
from emulator.interception.patch_point import seams as seams_of

ELSEWHERE = "http://api.elsewhere.test/"


def said(url: str = URL) -> str:
    """What the service behind *url* says its name is."""
    return requests.get(url).text


async def said_in_loop(url: str = URL) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as reply:
        return await reply.text()


def seams() -> list[object]:
    """What the libraries open their connections with at this moment."""
    return [
        vars(urllib3.connection.HTTPConnection)["_new_conn"],
        vars(urllib3.connection.HTTPSConnection)["connect"],
        vars(urllib3.poolmanager.ProxyManager)["connection_from_host"],
        vars(httpcore.SyncBackend)["connect_tcp"],
        vars(httpcore.AnyIOBackend)["connect_tcp"],
        vars(httpcore.HTTPProxy)["create_connection"],
        vars(aiohttp.TCPConnector)["_create_connection"],
        vars(aiohttp.BaseConnector)["connect"],
        [type(one).__module__ for one in sys.meta_path],
    ]


@pytest.mark.parametrize("talker", TALKERS)
def test_other_hosts_are_passed_on(httpserver: HTTPServer, talker: str) -> None:
    """To the network, where a real server answers."""
    httpserver.expect_request("/here").respond_with_data("real")

    with intercept(answer, [HOST]):
        assert TALKERS[talker](httpserver.url_for("/here"), {}, 5.0) == (200, b"real")


@pytest.mark.parametrize("talker", TALKERS)
def test_other_hosts_can_be_refused_by_name(talker: str) -> None:
    """No library takes the refusal for an error of its own that it may try again."""
    with (
        intercept(answer, [HOST], on_other="refuse", allow=["127.0.0.1"]),
        pytest.raises(ForeignHost) as refused,
    ):
        TALKERS[talker](ELSEWHERE, {}, 5.0)

    assert str(refused.value) == (
        "this call goes to 'api.elsewhere.test', and only intercepted hosts may be"
        " called here\n"
        "  intercepted: api.library.test\n"
        "  allowed: 127.0.0.1\n"
        "  fix: intercept(..., allow=['api.elsewhere.test']) lets this host through,"
        " on_other='pass' every host"
    )


def test_allowed_hosts_are_passed_on(httpserver: HTTPServer) -> None:
    """Though all others are refused."""
    httpserver.expect_request("/here").respond_with_data("real")

    with intercept(answer, [HOST], on_other="refuse", allow=[httpserver.host]):
        assert said(httpserver.url_for("/here")) == "real"


def test_names_are_compared_as_dns_does() -> None:
    """Without regard to case, a last dot, or the port."""
    with intercept(named("one"), ["API.Library.Test."]):
        assert said("https://api.LIBRARY.test:8443/") == "one"


def test_the_innermost_that_has_the_host_answers() -> None:
    """And the outer one again, once the inner one is left."""
    with intercept(named("outer"), [HOST, "api.archive.test"]):
        with intercept(named("inner"), [HOST]):
            inside = said(), said("https://api.archive.test/")
        outside = said()

    assert (inside, outside) == (("inner", "outer"), "outer")


def test_an_outer_refusal_holds_inside() -> None:
    """Unless the inner one allows the host, or itself answers for it."""
    with intercept(answer, [HOST], on_other="refuse"):
        with intercept(named("inner"), ["api.elsewhere.test"]):
            assert said(ELSEWHERE) == "inner"
            with pytest.raises(ForeignHost):
                said("http://api.third.test/")
        with pytest.raises(ForeignHost):
            said(ELSEWHERE)


def test_a_pooled_connection_belongs_to_whoever_answers_now() -> None:
    """A session may be older than a block, and outlive it."""
    with (
        intercept(named("outer"), [HOST], on_other="refuse"),
        requests.Session() as session,
        httpx.Client() as client,
    ):
        names = [session.get(URL).text, client.get(URL).text]
        with intercept(named("inner"), [HOST]):
            names += [session.get(URL).text, client.get(URL).text]

    assert names == ["outer", "outer", "inner", "inner"]


def test_a_pooled_connection_ends_with_its_block() -> None:
    """What is kept of it is not taken for one to the real host."""

    async def by_aiohttp() -> None:
        async with aiohttp.ClientSession() as session:
            with intercept(answer, [HOST]):
                async with session.get(URL) as reply:
                    await reply.read()
            with intercept(answer, [], on_other="refuse"):
                await session.get(URL)

    with requests.Session() as session, httpx.Client() as client:
        with intercept(answer, [HOST]):
            session.get(URL)
            client.get(URL)
        with intercept(answer, [], on_other="refuse"):
            with pytest.raises(ForeignHost):
                session.get(URL)
            with pytest.raises(ForeignHost):
                client.get(URL)
    with pytest.raises(ForeignHost):
        asyncio.run(by_aiohttp())


def test_leaving_restores_everything() -> None:
    """After an error as well, and in whatever order."""
    before = seams()
    one, other = intercept(answer, [HOST]), intercept(answer, [HOST])

    one.__enter__()
    other.__enter__()
    between = seams()
    one.__exit__(None, None, None)
    assert seams() == between
    other.__exit__(None, None, None)
    with pytest.raises(KeyError), intercept(answer, [HOST]):
        raise KeyError("inside")

    assert all(ours is not theirs for ours, theirs in zip(between, before, strict=True))
    assert seams() == before


def test_eight_threads_are_answered_one_at_a_time() -> None:
    """The core knows no threads: no two of its calls overlap."""
    inside, second = threading.Semaphore(1), threading.Event()
    overlaps = []

    def answer_alone(call: Call) -> Reply:
        alone = inside.acquire(blocking=False)
        overlaps.append(not alone)
        if not alone:
            second.set()
            return answer(call)
        if len(overlaps) == 1:
            second.wait(0.2)  # time enough for another to come in, if one can
        inside.release()
        return answer(call)

    def talk(number: int) -> Any:
        with requests.Session() as session:
            urls = [f"{URL}/echo?by={number}&at={at}" for at in range(20)]
            return [session.get(url).json()["query"] for url in urls]

    with intercept(answer_alone, [HOST]), ThreadPoolExecutor(8) as threads:
        queries = [*threads.map(talk, range(8))]

    assert queries == [[f"by={one}&at={at}" for at in range(20)] for one in range(8)]
    assert overlaps == [False] * 160


def test_threads_with_a_block_each_do_not_meet() -> None:
    """What a thread has entered comes before what others have."""
    ready = threading.Barrier(4)

    def talk(name: str) -> list[str]:
        with intercept(named(name), [HOST]):
            ready.wait(10)
            names = [said() for _ in range(5)]
            ready.wait(10)
        return names

    with ThreadPoolExecutor(4) as threads:
        names = [*threads.map(talk, "abcd")]

    assert names == [["a"] * 5, ["b"] * 5, ["c"] * 5, ["d"] * 5]


def test_tasks_with_a_block_each_do_not_meet() -> None:
    """The same within one loop."""

    async def talk(name: str) -> list[str]:
        with intercept(named(name), [HOST]):
            return [await said_in_loop() for _ in range(5)]

    async def all_at_once() -> list[list[str]]:
        return await asyncio.gather(*map(talk, "abc"))

    assert asyncio.run(all_at_once()) == [["a"] * 5, ["b"] * 5, ["c"] * 5]


def test_functions_can_be_decorated() -> None:
    """Plain ones and async ones; each call has a block of its own."""
    decorate: Callable[..., Any] = intercept(named("one"), [HOST])
    before = seams()

    assert decorate(said)() == "one"
    assert decorate(decorate(said))() == "one"
    assert asyncio.run(decorate(said_in_loop)()) == "one"
    assert decorate(said).__name__ == "said"
    assert seams() == before


def test_libraries_may_be_imported_inside() -> None:
    """What is imported after the block has begun is met as well."""
    program = f"""
import sys
sys.path.insert(0, {str(__file__).rpartition("/")[0]!r})
from emulator.interception import intercept
from library import HOST, URL, answer
libraries = {{"urllib3", "httpcore", "httpcore2", "aiohttp"}}
assert not libraries & set(sys.modules), libraries & set(sys.modules)
with intercept(answer, [HOST], on_other="refuse"):
    import asyncio
    from talkers import TALKERS
    for talk in TALKERS.values():
        assert talk(URL + "/squeezed", {{}}, 5.0) == (200, b"squeezed")
import httpcore
assert type(httpcore.__spec__.loader).__name__ == "SourceFileLoader"
assert httpcore.SyncBackend.connect_tcp.__module__.startswith("httpcore")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"hosts": HOST}, f"hosts is one text: write hosts=['{HOST}']"),
        (
            {"hosts": [URL]},
            f"hosts: '{URL}' is no host: write its name alone",
        ),
        (
            {"hosts": [HOST], "allow": ["localhost:80"]},
            "allow: 'localhost:80' is no host: write its name alone",
        ),
        ({"hosts": [HOST], "on_other": "refused"}, "did you mean 'refuse'?"),
    ],
)
def test_bad_arguments_say_what_to_write(wrong: dict[str, Any], message: str) -> None:
    """Before anything is replaced."""
    with pytest.raises((TypeError, ValueError)) as refused:
        intercept(answer, **wrong)

    assert message in str(refused.value)


def test_one_interception_is_open_once() -> None:
    """Entered again inside itself, it says what to do."""
    one = intercept(answer, [HOST])

    with one, pytest.raises(RuntimeError, match="is open already"):
        one.__enter__()
    with one:
        assert said(f"{URL}/squeezed") == "squeezed"


def test_a_library_that_opens_its_connections_elsewhere_is_named() -> None:
    """Its calls would go to the network, so that nothing is intercepted at all."""
    with pytest.raises(UnknownVersion) as refused:
        seams_of(
            ModuleType("former.network"), "Pool", connect=lambda original: original
        )

    assert str(refused.value) == (
        "this version of former cannot be intercepted: former.network.Pool has no connect\n"
        "  fix: install a version that this one of the emulator was tested with, or call a"
        " running server (`emulator serve`)"
    )
