"""Jobriver: where the jobs go. One API key, pages by number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

import requests
from tenacity import Retrying

from job_sync.errors import NoAnswer, refused
from job_sync.patience import patience

Json = Any

URL = "https://dev.jobriver.de/api/v1"


class Jobriver:
    """A client of Jobriver; a context manager that closes its connections."""

    def __init__(self, api_key: str, url: str = URL, timeout: float = 10.0) -> None:
        self._url = url
        self._timeout = timeout
        self._session = requests.Session()
        self._session.headers["X-API-Key"] = api_key

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def jobs(self, *, per_page: int = 100, **filters: Json) -> Iterator[Json]:
        """The company's jobs, the newest first, fetched as they are needed."""
        number = last = 1
        while number <= last:
            query = {**filters, "page": number, "per_page": per_page}
            data = self._call("GET", "/jobs", params=query)
            yield from data["jobs"]
            last = data["pagination"]["total_pages"]
            number += 1

    def create_job(self, job: Mapping[str, Json]) -> Json:
        """The job as it was stored. Raises `Invalid` for one that is not taken."""
        return self._call("POST", "/jobs", json=job)

    def _call(self, method: str, path: str, **more: Any) -> Json:
        retrying = Retrying(**patience(repeatable=method == "GET"))
        return retrying(self._once, method, path, **more)

    def _once(self, method: str, path: str, **more: Any) -> Json:
        try:
            reply = self._session.request(
                method, self._url + path, timeout=self._timeout, **more
            )
        except requests.RequestException as error:
            raise NoAnswer(f"{method} {path}: {error}") from error
        try:
            body = reply.json()
        except requests.JSONDecodeError:
            body = {}
        if reply.ok:
            if "data" not in body:
                raise NoAnswer(f"{method} {path}: {reply.status_code} without data")
            return body["data"]
        told = body.get("error", {})
        raise refused(
            reply.status_code,
            reply.headers,
            told.get("message", reply.reason),
            told.get("code", ""),
            told.get("details", {}).get("errors"),
        )
