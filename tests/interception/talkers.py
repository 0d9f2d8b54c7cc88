"""Talkers: each client library as one function that gets an address."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import httpx
import requests
import urllib3

Headers = Mapping[str, str]
Answer = tuple[int, bytes]
Talker = Callable[[str, Headers, float], Answer]
"""GETs an address with these headers, patient for so many seconds."""

httpx2: Any = importlib.import_module("httpx2")


def by_requests(url: str, headers: Headers, patience: float) -> Answer:
    with requests.Session() as session:
        session.trust_env = False
        reply = session.get(url, headers=headers, timeout=patience)
    return reply.status_code, reply.content


def by_urllib3(url: str, headers: Headers, patience: float) -> Answer:
    with urllib3.PoolManager(retries=False, timeout=patience) as pool:
        reply = pool.request("GET", url, headers=headers)
    return reply.status, reply.data


def by_httpx(
    url: str, headers: Headers, patience: float, client: Any = httpx
) -> Answer:
    with client.Client(trust_env=False, verify=False, timeout=patience) as opened:
        reply = opened.get(url, headers=headers)
    return reply.status_code, reply.content


def by_httpx2(url: str, headers: Headers, patience: float) -> Answer:
    return by_httpx(url, headers, patience, httpx2)


def by_urllib(url: str, headers: Headers, patience: float) -> Answer:
    """With the standard library alone."""
    request = urllib.request.Request(url, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=patience) as reply:
            body = reply.read()
            squeezed = reply.headers.get("Content-Encoding") == "gzip"
            return reply.status, gzip.decompress(body) if squeezed else body
    except urllib.error.HTTPError as reply:
        with reply:
            return reply.code, reply.read()


async def with_httpx(
    url: str, headers: Headers, patience: float, client: Any = httpx
) -> Answer:
    async with client.AsyncClient(
        trust_env=False, verify=False, timeout=patience
    ) as opened:
        reply = await opened.get(url, headers=headers)
    return reply.status_code, reply.content


async def with_aiohttp(url: str, headers: Headers, patience: float) -> Answer:
    timeout = aiohttp.ClientTimeout(sock_read=patience)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(url, headers=headers) as reply,
    ):
        return reply.status, await reply.read()


async def with_aiohttp_in_all(url: str, headers: Headers, patience: float) -> Answer:
    """With one limit for the whole request, as most use it."""
    timeout = aiohttp.ClientTimeout(total=patience)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(url, headers=headers) as reply,
    ):
        return reply.status, await reply.read()


async def with_httpx2(url: str, headers: Headers, patience: float) -> Answer:
    return await with_httpx(url, headers, patience, httpx2)


def in_loop(talk: Callable[[str, Headers, float], Awaitable[Answer]]) -> Talker:
    async def awaited(url: str, headers: Headers, patience: float) -> Answer:
        return await talk(url, headers, patience)

    def talked(url: str, headers: Headers, patience: float) -> Answer:
        return asyncio.run(awaited(url, headers, patience))

    return talked


TALKERS: dict[str, Talker] = {
    "requests": by_requests,
    "urllib3": by_urllib3,
    "urllib.request": by_urllib,
    "httpx": by_httpx,
    "httpx2": by_httpx2,
    "httpx-async": in_loop(with_httpx),
    "httpx2-async": in_loop(with_httpx2),
    "aiohttp": in_loop(with_aiohttp),
    "aiohttp-total": in_loop(with_aiohttp_in_all),
}
