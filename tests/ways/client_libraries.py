"""Client libraries: each opened once, and told one request after the other."""

from __future__ import annotations

from asyncio import Runner
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
import requests
import urllib3
import yarl
from playing import Seen, Send, Sent, decoded

PATIENCE = 20.0


@contextmanager
def using_requests() -> Iterator[Send]:
    with requests.Session() as session:
        session.trust_env = False

        def send(sent: Sent) -> Seen:
            answer = session.request(
                sent.method,
                sent.url,
                headers=sent.headers,
                data=iter(sent.pieces) if sent.chunked else sent.body,
                timeout=PATIENCE,
                allow_redirects=False,
            )
            lines = [*answer.raw.headers.items()]
            return Seen(answer.status_code, lines, answer.content)

        yield send


@contextmanager
def using_urllib3() -> Iterator[Send]:
    with urllib3.PoolManager(retries=False, timeout=PATIENCE) as pool:

        def send(sent: Sent) -> Seen:
            answer = pool.request(
                sent.method,
                sent.url,
                headers=sent.headers,
                body=iter(sent.pieces) if sent.chunked else sent.body or None,
                redirect=False,
            )
            return Seen(answer.status, [*answer.headers.items()], answer.data)

        yield send


@contextmanager
def using_httpx() -> Iterator[Send]:
    with httpx.Client(trust_env=False, verify=False, timeout=PATIENCE) as client:

        def send(sent: Sent) -> Seen:
            answer = client.request(
                sent.method,
                sent.url,
                headers=sent.headers,
                content=iter(sent.pieces) if sent.chunked else sent.body,
            )
            return _of_httpx(answer)

        yield send


@contextmanager
def using_async_httpx() -> Iterator[Send]:
    with Runner() as runner:
        client = httpx.AsyncClient(trust_env=False, verify=False, timeout=PATIENCE)

        async def fetch(sent: Sent) -> Seen:
            answer = await client.request(
                sent.method,
                sent.url,
                headers=sent.headers,
                content=_in_time(sent) if sent.chunked else sent.body,
            )
            return _of_httpx(answer)

        try:
            yield lambda sent: runner.run(fetch(sent))
        finally:
            runner.run(client.aclose())


@contextmanager
def using_aiohttp() -> Iterator[Send]:
    async def begin() -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        # It would give every body a type.
        return aiohttp.ClientSession(
            timeout=timeout, skip_auto_headers=["Content-Type"]
        )

    with Runner() as runner:
        session = runner.run(begin())

        async def fetch(sent: Sent) -> Seen:
            url = yarl.URL(sent.url, encoded=True)
            async with session.request(
                sent.method,
                url,
                headers=sent.headers,
                data=_in_time(sent) if sent.chunked else sent.body or None,
                allow_redirects=False,
            ) as answer:
                lines = decoded(answer.raw_headers)
                return Seen(answer.status, lines, await answer.read())

        try:
            yield lambda sent: runner.run(fetch(sent))
        finally:
            runner.run(session.close())


async def _in_time(sent: Sent) -> AsyncIterator[bytes]:
    for piece in sent.pieces:
        yield piece


def _of_httpx(answer: httpx.Response) -> Seen:
    return Seen(answer.status_code, decoded(answer.headers.raw), answer.content)
