"""Retrying libraries under `sleepless`: their waits are their policy, and take no time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import requests
import stamina
import tenacity
import urllib3
from front_door import START
from pytest_httpserver import HTTPServer
from requests.adapters import HTTPAdapter
from urllib3.util import Retry
from werkzeug import Request, Response

from emulator.times import micros
from emulator.virtual_time import Sleepless, sleepless
from emulator.world.clock import Clock

HERE = Path(__file__).name
QUICK = 30
"""Real seconds for all waits of a retry: an idle machine takes a few hundredths, a busy one seconds."""


class Broken(Exception):
    """What a call ends in that is to be tried again."""


class Flaky:
    """A call that fails so many times, and then answers."""

    def __init__(self, failures: int) -> None:
        self.left = failures

    def __call__(self) -> str:
        self.left -= 1
        if self.left >= 0:
            raise Broken
        return "done"

    async def call(self) -> str:
        return self()


def asked(slept: Sleepless) -> list[float]:
    return [wait.seconds for wait in slept.waits]


def files(slept: Sleepless) -> set[str]:
    """The files whose lines are named as those that waited."""
    return {Path(wait.where.rpartition(":")[0]).name for wait in slept.waits}


@contextmanager
def quickly() -> Iterator[None]:
    """What happens inside takes next to no real time."""
    begun = time.perf_counter()
    yield
    assert time.perf_counter() - begun < QUICK


@tenacity.retry(wait=tenacity.wait_exponential(min=1, max=900), sleep=time.sleep)
def decorated(call: Flaky) -> str:
    """A function whose decorator took `time.sleep` when the module was imported."""
    return call()


def test_tenacitys_back_off_of_an_hour_takes_milliseconds(clock: Clock) -> None:
    """1, 2, 4, ... up to 900 seconds: over an hour, to the second."""
    retry = tenacity.Retrying(wait=tenacity.wait_exponential(max=900))

    with quickly(), sleepless(clock) as slept:
        assert retry(Flaky(13)) == "done"

    assert asked(slept) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]
    assert clock.now() == micros(START + 3723)
    assert files(slept) == {HERE}


def test_tenacity_with_an_early_sleep_is_reached(clock: Clock) -> None:
    """`@retry(sleep=time.sleep)` of a module's function, decorated long before."""
    with quickly(), sleepless(clock) as slept:
        assert decorated(Flaky(3)) == "done"

    assert asked(slept) == [1, 2, 4]


def test_tenacity_with_an_event_can_be_stopped(clock: Clock) -> None:
    """`sleep_using_event` waits on an event that nobody sets."""
    retry = tenacity.Retrying(
        wait=tenacity.wait_fixed(60),
        sleep=tenacity.sleep_using_event(threading.Event()),
    )

    with quickly(), sleepless(clock) as slept:
        assert retry(Flaky(3)) == "done"

    assert [wait[:2] for wait in slept.waits] == [(60, "Event.wait")] * 3


@tenacity.retry(wait=tenacity.wait_fixed(600))
async def by_default(call: Flaky) -> str:
    return await call.call()


@tenacity.retry(wait=tenacity.wait_fixed(600), sleep=asyncio.sleep)
async def as_given(call: Flaky) -> str:
    return await call.call()


@pytest.mark.parametrize("decorated", [by_default, as_given])
def test_tenacity_awaits_its_waits(
    clock: Clock, decorated: Callable[[Flaky], Coroutine[None, None, str]]
) -> None:
    """A coroutine sleeps by asyncio, by default as well as by what it was given."""
    with quickly(), sleepless(clock) as slept:
        assert asyncio.run(decorated(Flaky(3))) == "done"

    assert [wait[:2] for wait in slept.waits] == [(600, "asyncio.sleep")] * 3


def test_staminas_back_off_takes_milliseconds(clock: Clock) -> None:
    """`wait_initial` doubles up to `wait_max`, here without jitter."""
    retry = stamina.retry(
        on=Broken,
        attempts=8,
        timeout=None,
        wait_initial=10,
        wait_max=600,
        wait_jitter=0,
    )

    with quickly(), sleepless(clock) as slept:
        assert retry(Flaky(7))() == "done"

    assert asked(slept) == [10, 20, 40, 80, 160, 320, 600]


def test_stamina_awaits_its_waits(clock: Clock) -> None:
    """An `async def` under `stamina.retry` sleeps by asyncio."""
    retry = stamina.retry(
        on=Broken, attempts=4, timeout=None, wait_initial=1, wait_max=60, wait_jitter=0
    )

    with quickly(), sleepless(clock) as slept:
        assert asyncio.run(retry(Flaky(3).call)()) == "done"

    assert [wait[:2] for wait in slept.waits] == [
        (1, "asyncio.sleep"),
        (2, "asyncio.sleep"),
        (4, "asyncio.sleep"),
    ]


@pytest.fixture
def busy(httpserver: HTTPServer) -> HTTPServer:
    """A server that answers 503 with Retry-After twice, 503 twice, and then 200."""
    replies = iter(
        [
            Response(status=503, headers={"Retry-After": "120"}),
            Response(status=503, headers={"Retry-After": "1800"}),
            Response(status=503),
            Response(status=503),
        ]
    )

    def answer(_: Request) -> Response:
        return next(replies, Response("at last"))

    httpserver.expect_request("/").respond_with_handler(answer)
    return httpserver


def policy() -> Retry:
    return Retry(total=5, status_forcelist=[503], backoff_factor=100, backoff_max=3600)


WAITED = [120, 1800, 400, 800]


def test_urllib3_waits_as_the_server_says(clock: Clock, busy: HTTPServer) -> None:
    """Retry-After where the server gave it, the back-off factor where it did not."""
    pool = urllib3.PoolManager(retries=policy())

    with pool, quickly(), sleepless(clock) as slept:
        reply = pool.request("GET", busy.url_for("/"))

    assert (reply.status, reply.data) == (200, b"at last")
    assert asked(slept) == WAITED
    assert clock.now() == micros(START + sum(WAITED))
    assert files(slept) == {HERE}


def test_requests_waits_as_urllib3_does(clock: Clock, busy: HTTPServer) -> None:
    """An `HTTPAdapter` with a `Retry` is how most code of `requests` retries."""
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=policy()))
        with quickly(), sleepless(clock) as slept:
            reply = session.get(busy.url_for("/"), timeout=5)

    assert reply.text == "at last"
    assert asked(slept) == WAITED


class Patient(httpx.BaseTransport):
    """A transport that tries again after what Retry-After says."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self.inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reply = self.inner.handle_request(request)
        while reply.status_code == 503:
            reply.close()
            time.sleep(float(reply.headers.get("Retry-After", 5)))
            reply = self.inner.handle_request(request)
        return reply

    def close(self) -> None:
        self.inner.close()


class PatientlyAwaiting(httpx.AsyncBaseTransport):
    """The same, awaited."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self.inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        reply = await self.inner.handle_async_request(request)
        while reply.status_code == 503:
            await reply.aclose()
            await asyncio.sleep(float(reply.headers.get("Retry-After", 5)))
            reply = await self.inner.handle_async_request(request)
        return reply

    async def aclose(self) -> None:
        await self.inner.aclose()


def test_a_transport_of_httpx_may_retry(clock: Clock, busy: HTTPServer) -> None:
    """The connection and its timeouts are real, the waits between the calls are not."""
    client = httpx.Client(transport=Patient(httpx.HTTPTransport()))

    with client, quickly(), sleepless(clock) as slept:
        reply = client.get(busy.url_for("/"))

    assert reply.text == "at last"
    assert asked(slept) == [120, 1800, 5, 5]


def test_an_awaited_transport_of_httpx_may_retry(
    clock: Clock, busy: HTTPServer
) -> None:
    """The same on an event loop, with anyio's sockets under it."""

    async def story() -> str:
        transport = PatientlyAwaiting(httpx.AsyncHTTPTransport())
        async with httpx.AsyncClient(transport=transport) as client:
            return (await client.get(busy.url_for("/"))).text

    with quickly(), sleepless(clock) as slept:
        assert asyncio.run(story()) == "at last"

    assert asked(slept) == [120, 1800, 5, 5]
