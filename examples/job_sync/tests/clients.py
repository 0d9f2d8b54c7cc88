"""Clients of a world, pointed at it as at the real thing: by address and key."""

from __future__ import annotations

from typing import Any

from emulator import World

from job_sync import AsyncJobsPikr, Jobriver, JobsPikr

JOB = {
    "title": "Backend Developer",
    "description": "You look after the calls between our services, and their tests.",
    "location": "Berlin",
    "apply_type": "external",
    "apply_url": "https://careers.example/42",
}
"""One that Jobriver takes."""

TEN = {"set": "2026-03-02T10:00:00Z", "freeze": True}
"""A clock that stands at the beginning of a minute."""


def jobriver_of(world: World, key: str = "full", **more: Any) -> Jobriver:
    """A client with the key of that name."""
    provider = world.provider("jobriver")
    return Jobriver(provider.credentials[key].value, provider.url, **more)


def jobspikr_of(world: World, pair: str = "full", **more: Any) -> JobsPikr:
    """A client with the pair of keys of that name."""
    return JobsPikr(*pair_of(world, pair), world.provider("jobspikr").url, **more)


def async_jobspikr_of(world: World, pair: str = "full") -> AsyncJobsPikr:
    """The same for asyncio."""
    return AsyncJobsPikr(*pair_of(world, pair), world.provider("jobspikr").url)


def pair_of(world: World, name: str = "full") -> tuple[str, str]:
    """The client's id and its key."""
    headers = world.provider("jobspikr").credentials[name].headers
    return headers["client_id"], headers["client_auth_key"]
