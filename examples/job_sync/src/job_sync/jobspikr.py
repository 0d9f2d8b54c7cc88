"""JobsPikr: where the jobs come from. A pair of keys, pages by cursor, credits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple, Self

import httpx
from tenacity import AsyncRetrying, Retrying

from job_sync.errors import NoAnswer, refused
from job_sync.patience import patience

Json = Any

URL = "https://api.jobspikr.com/v2"

# A search changes nothing, and a job that was paid for is not paid for again.
_PATIENCE = patience(repeatable=True)


class Page(NamedTuple):
    """Some of what a search has found."""

    jobs: list[Json]
    next_cursor: int | None
    """None: there are no more."""


class JobsPikr:
    """A client of JobsPikr; a context manager that closes its connections."""

    def __init__(
        self,
        client_id: str,
        client_auth_key: str,
        url: str = URL,
        timeout: float = 10.0,
    ) -> None:
        self._url = url
        self._client = httpx.Client(
            headers=_keys(client_id, client_auth_key), timeout=timeout
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def search(self, query: Json, *, size: int = 100) -> Iterator[Json]:
        """What *query* finds, fetched as it is needed.

        Raises `OutOfCredits` when the plan does not reach any further.
        """
        cursor: int | None = 0
        while cursor is not None:
            page = Retrying(**_PATIENCE)(self._page, _body(query, size, cursor))
            yield from page.jobs
            cursor = page.next_cursor

    def _page(self, body: Json) -> Page:
        try:
            reply = self._client.post(f"{self._url}/data", json=body)
        except httpx.HTTPError as error:
            raise NoAnswer(f"POST /data: {error!r}") from error
        return _read(reply)


class AsyncJobsPikr:
    """The same for asyncio."""

    def __init__(
        self,
        client_id: str,
        client_auth_key: str,
        url: str = URL,
        timeout: float = 10.0,
    ) -> None:
        self._url = url
        self._client = httpx.AsyncClient(
            headers=_keys(client_id, client_auth_key), timeout=timeout
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def search(self, query: Json, *, size: int = 100) -> AsyncIterator[Json]:
        """See `JobsPikr.search`."""
        cursor: int | None = 0
        while cursor is not None:
            retrying = AsyncRetrying(**_PATIENCE)
            page: Page = await retrying(self._page, _body(query, size, cursor))
            for job in page.jobs:
                yield job
            cursor = page.next_cursor

    async def _page(self, body: Json) -> Page:
        try:
            reply = await self._client.post(f"{self._url}/data", json=body)
        except httpx.HTTPError as error:
            raise NoAnswer(f"POST /data: {error!r}") from error
        return _read(reply)


def _keys(client_id: str, client_auth_key: str) -> dict[str, str]:
    return {"client_id": client_id, "client_auth_key": client_auth_key}


def _body(query: Json, size: int, cursor: int) -> Json:
    return {"search_query_json": query, "size": size, "cursor": cursor}


def _read(reply: httpx.Response) -> Page:
    try:
        body = reply.json()
    except ValueError:
        body = {}
    if reply.is_success:
        if "job_data" not in body:
            raise NoAnswer(f"POST /data: {reply.status_code} without job_data")
        # A page may be short because credits are: only an empty one is the last.
        return Page(body["job_data"], body.get("next_cursor"))
    raise refused(
        reply.status_code,
        reply.headers,
        body.get("message", reply.reason_phrase),
    )
