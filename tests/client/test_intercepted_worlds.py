"""Inside `intercept`, providers' own addresses are answered by a world in this process."""

from __future__ import annotations

import asyncio
import threading
import time

import httpx
import pytest
import requests
from calling import status

import emulator
from emulator import AdminRefused, World
from emulator.interception import ForeignHost

JOBS = "https://dev.jobriver.de/api/v1/jobs"
BEGINS = {"set": "2026-03-02T10:00:00Z", "freeze": True}


def fetch(world: World, timeout: float = 5) -> requests.Response:
    """The jobs, from where the provider really is."""
    headers = world.provider("jobriver").credentials["full"].headers
    return requests.get(JOBS, headers=headers, timeout=timeout)


def test_a_providers_own_address_is_answered() -> None:
    with emulator.intercept("jobriver") as world:
        answer = fetch(world)

        assert answer.status_code == 200
        assert world.verify("listJobs", times=1) == 1


def test_a_scenario_needs_only_its_own_name_for_one_provider() -> None:
    with emulator.intercept("jobriver", scenario="rate_limited") as world:
        assert fetch(world).status_code == 429
        world.reset()
        assert fetch(world).status_code == 429


def test_a_frozen_world_is_late_by_its_own_time() -> None:
    """A reply that takes twenty seconds takes none."""
    begun = time.perf_counter()

    with emulator.intercept(clock=BEGINS) as world:
        world.add_fault("jobriver", "delay=20s")
        fetch(world, timeout=30)

        assert f"{world.clock.now:%H:%M:%S}" == "10:00:20"
    assert time.perf_counter() - begun < 15


def test_a_sleepless_world_spares_its_client_the_waits() -> None:
    """The client backs off, and is let in when it has."""
    with emulator.intercept("jobriver", clock=BEGINS, sleepless=True) as world:
        world.provider("jobriver").drain_quota()
        refused = fetch(world)
        time.sleep(int(refused.headers["Retry-After"]))

        assert fetch(world).status_code == 200
        assert [wait.seconds for wait in world.waits] == [60]


@emulator.intercept("jobriver", scenario="maintenance")
def during_maintenance() -> int:
    return requests.get(JOBS, timeout=5).status_code


@emulator.intercept("jobriver", scenario="maintenance")
async def during_maintenance_too() -> int:
    async with httpx.AsyncClient() as client:
        return (await client.get(JOBS)).status_code


def test_a_decorated_function_has_a_new_world_each_time() -> None:
    """Plain or async, its calls are answered as long as it runs."""
    assert [during_maintenance(), during_maintenance()] == [503, 503]
    assert asyncio.run(during_maintenance_too()) == 503


def test_two_threads_have_a_world_each() -> None:
    """Neither meets the calls of the other."""
    met, both_are_open = list[int](), threading.Barrier(2)

    def client(many: int) -> None:
        with emulator.intercept("jobriver") as world:
            both_are_open.wait(10)
            for _ in range(many):
                fetch(world)
            met.append(len(world.journal))
            both_are_open.wait(10)

    threads = [threading.Thread(target=client, args=(many,)) for many in (1, 4)]
    for one in threads:
        one.start()
    for thread in threads:
        thread.join()

    assert sorted(met) == [1, 4]


def test_a_fork_is_answered_as_well() -> None:
    """By its credentials, and at an address of its own."""
    with emulator.intercept("jobriver") as world, world.fork() as twin:
        assert fetch(twin).status_code == 200
        assert status(twin.provider("jobriver")) == 200
        assert (len(world.journal), len(twin.journal)) == (0, 2)


def test_other_hosts_can_be_refused() -> None:
    """Those of other providers are other hosts, when one is named."""
    with (
        emulator.intercept("jobspace", on_other="refuse"),
        pytest.raises(ForeignHost, match=r"dev\.jobriver\.de"),
    ):
        requests.get(JOBS, timeout=5)


def test_a_block_can_be_opened_again_once_it_is_left() -> None:
    block = emulator.intercept("jobriver")

    with block, pytest.raises(RuntimeError, match="open already"):
        block.__enter__()
    with block as world:
        assert fetch(world).status_code == 200


def test_what_cannot_be_imitated_is_told() -> None:
    with pytest.raises(ValueError, match="did you mean 'jobriver'"):
        emulator.intercept("jobrivr").__enter__()
    with pytest.raises(AdminRefused, match="did you mean 'maintenance'"):
        emulator.intercept("jobriver", scenario="maintenances").__enter__()
    with pytest.raises(AdminRefused, match="is no time"):
        emulator.intercept(clock="yesterday").__enter__()
    with pytest.raises(TypeError, match="did you mean 'strict'"):
        emulator.intercept(strictly=True)
    with pytest.raises(TypeError, match="with parentheses"):
        emulator.intercept(fetch)  # type: ignore[arg-type]
