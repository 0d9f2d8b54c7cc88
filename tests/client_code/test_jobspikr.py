"""Client code that crawls all jobs, as people write it: until there is no data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from emulator.engine.dispatcher import Dispatcher
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.server.run import running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

START = 1_772_445_600.0
"""2026-03-02T10:00:00Z"""
QUERY = {"query_string": {"default_field": "job_title", "query": "*"}}


@pytest.fixture
def address(programs: dict[str, Program]) -> Iterator[str]:
    settings = Settings(port=0, log_format="none")
    world = World(clock=Clock(micros(START), frozen=True))
    with running(Dispatcher(programs, world, settings), settings) as server:
        yield server.url


def keys(programs: dict[str, Program], name: str) -> dict[str, str]:
    found = {
        credential["name"]: credential["headers"]
        for credential in credentials(programs["jobspikr"])
    }
    headers: dict[str, str] = found[name]
    return headers


def crawl(session: requests.Session, url: str, **more: Any) -> Iterator[dict[str, Any]]:
    """All jobs, page by page, as long as there are some and they can be paid for."""
    body: dict[str, Any] = {"search_query_json": QUERY, "cursor": None, **more}
    while True:
        reply = session.post(f"{url}/data", json=body, timeout=5)
        reply.raise_for_status()
        page = reply.json()
        if page["status"] == "no_data":
            return
        yield from page["job_data"]
        if page["job_credit_remaining"] <= 0:
            return
        body["cursor"] = page["next_cursor"]


def test_a_crawl_finds_every_job_once(
    address: str, programs: dict[str, Program]
) -> None:
    """With the two headers, whose names have underscores; then what has expired."""
    url = f"{address}/jobspikr/v2"
    days = {"start_date": "2019-01-01", "end_date": "2026-12-31"}
    with requests.Session() as session:
        session.headers.update(keys(programs, "full"))
        jobs = list(crawl(session, url, size=70))
        expired = session.get(f"{url}/expired_jobs", params=days, timeout=5).json()

    assert len(jobs) == len({job["uniq_id"] for job in jobs}) == 500
    assert expired["job_credit_remaining"] == 4500
    assert expired["total_count"] == sum(
        job["has_expired"] == "true" and bool(job["latest_expiry_check_date"])
        for job in jobs
    )


def test_a_crawl_ends_with_its_credits(
    address: str, programs: dict[str, Program]
) -> None:
    """With Basic; at the host that the documentation names, and then at the other."""
    sent = keys(programs, "few_credits")
    with requests.Session() as session:
        session.auth = (sent["client_id"], sent["client_auth_key"])
        session.headers["Host"] = "api.jobspikr.com"
        jobs = list(crawl(session, f"{address}/v2", exclude_duplicates=True))
        session.headers["Host"] = "api-bcp.jobspikr.com"
        body = {"search_query_json": QUERY}
        more = session.post(f"{address}/v2/data", json=body, timeout=5)

    assert len(jobs) == 3
    assert more.status_code == 402
    assert more.json() == {"status": "error", "message": "Job credits are exhausted."}
