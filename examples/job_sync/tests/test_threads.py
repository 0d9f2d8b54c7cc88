"""Our clients in threads: one world sees them all, and nothing of other tests."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from emulator import World

from clients import JOB, TEN, jobriver_of


def create(world: World, number: int) -> str:
    with jobriver_of(world) as client:
        return str(client.create_job({**JOB, "title": f"Developer {number}"})["slug"])


@pytest.mark.parametrize(
    "way",
    [
        pytest.param("socket", marks=pytest.mark.emulator(clock=TEN)),
        pytest.param("process", marks=pytest.mark.emulator(intercept=True, clock=TEN)),
    ],
)
def test_threads_create_side_by_side(emulator: World, way: str) -> None:
    """Twelve jobs by four threads are twelve jobs."""
    with ThreadPoolExecutor(4) as pool:
        slugs = [*pool.map(lambda number: create(emulator, number), range(12))]

    assert slugs == [f"developer-{number}" for number in range(12)]
    emulator.verify("createJob", times=12, status=201)


@pytest.mark.emulator(
    provider="jobriver", scenario="small_quota", clock=TEN, sleepless=True
)
def test_threads_share_a_quota(emulator: World) -> None:
    """Three calls fit into a minute: of five, one or two are told to come again."""
    with ThreadPoolExecutor(5) as pool:
        slugs = {*pool.map(lambda number: create(emulator, number), range(5))}

    assert slugs == {f"developer-{number}" for number in range(5)}
    assert {wait.seconds for wait in emulator.waits} == {60}
    emulator.verify("createJob", times=5, status=201)
    emulator.verify("createJob", at_least=1, at_most=2, refusal="rate_limited")
