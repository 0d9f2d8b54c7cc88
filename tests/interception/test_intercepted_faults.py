"""What goes wrong on purpose, in each client's own words and in no time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import perf_counter

import aiohttp
import httpx
import pytest
import requests
import urllib3
from front_door import START
from talkers import TALKERS, httpx2

from emulator.engine.dispatcher import Dispatcher
from emulator.interception import intercept
from emulator.times import micros
from emulator.world.clock import Clock

URL = "http://dev.jobriver.de/api/v1/jobs"
FAULT = "X-Emulator-Fault"
TOO_LATE: Mapping[str, type[Exception]] = {
    "requests": requests.exceptions.ReadTimeout,
    "urllib3": urllib3.exceptions.ReadTimeoutError,
    "urllib.request": TimeoutError,
    "httpx": httpx.ReadTimeout,
    "httpx2": httpx2.ReadTimeout,
    "httpx-async": httpx.ReadTimeout,
    "httpx2-async": httpx2.ReadTimeout,
    "aiohttp": aiohttp.SocketTimeoutError,
    "aiohttp-total": asyncio.TimeoutError,
}


@pytest.mark.parametrize("talker", TALKERS)
def test_breaks_are_those_of_a_real_socket(
    board: Dispatcher, full: Mapping[str, str], served: str, talker: str
) -> None:
    """Whatever a client raises for a broken connection, it raises for one in memory."""
    talk = TALKERS[talker]
    met = []
    for fault in ("reset", "empty", "garbage", "truncate=0.5", "malformed"):
        headers = {**full, FAULT: fault}
        with pytest.raises(Exception) as over_socket:
            talk(f"{served}/jobriver/api/v1/jobs", headers, 5.0)
        with (
            intercept(board.answer, board.hosts),
            pytest.raises(over_socket.type) as in_memory,
        ):
            talk(URL, headers, 5.0)
        met.append((fault, in_memory.type, over_socket.type))

    assert all(ours is theirs for _, ours, theirs in met)


@pytest.mark.parametrize("talker", TALKERS)
def test_delays_move_the_clock_and_take_no_time(
    board: Dispatcher, clock: Clock, full: Mapping[str, str], talker: str
) -> None:
    """The world is four seconds older, and the test is not."""
    started = perf_counter()

    with intercept(board.answer, board.hosts, wait=clock.advance):
        status, _ = TALKERS[talker](URL, {**full, FAULT: "delay=1s, dribble=3s"}, 5.0)

    assert perf_counter() - started < 3.5
    assert status == 200
    assert clock.now() == pytest.approx(micros(START + 4), abs=micros(0.01))


@pytest.mark.parametrize("talker", TALKERS)
def test_clients_time_out_at_once(
    board: Dispatcher, clock: Clock, full: Mapping[str, str], talker: str
) -> None:
    """With their own error, when the world is as old as they were patient."""
    took = []
    with intercept(board.answer, board.hosts, wait=clock.advance):
        for _ in range(3):
            started = perf_counter()
            with pytest.raises(TOO_LATE[talker]):
                TALKERS[talker](URL, {**full, FAULT: "delay=20s"}, 5.0)
            took.append(perf_counter() - started)

    assert min(took) < 0.1  # a busy machine may take its time once
    assert clock.now() == micros(START + 15)


def test_a_whole_request_can_be_too_slow(
    board: Dispatcher, clock: Clock, full: Mapping[str, str]
) -> None:
    """aiohttp's limit in all is met by a body that never pauses for long."""
    with (
        intercept(board.answer, board.hosts, wait=clock.advance),
        pytest.raises(asyncio.TimeoutError),
    ):
        TALKERS["aiohttp-total"](URL, {**full, FAULT: "delay=3s, dribble=20s"}, 5.0)

    assert clock.now() == pytest.approx(micros(START + 5), abs=micros(0.01))


@pytest.mark.parametrize("talker", TALKERS)
def test_without_a_clock_to_move_patience_is_real(
    board: Dispatcher, full: Mapping[str, str], talker: str
) -> None:
    """No call takes longer than its client is ready to wait."""
    with intercept(board.answer, board.hosts):
        TALKERS[talker](URL, {**full, FAULT: "dribble=0.1s"}, 5.0)
        started = perf_counter()
        with pytest.raises(TOO_LATE[talker]):
            TALKERS[talker](URL, {**full, FAULT: "delay=60s"}, 0.1)
        took = perf_counter() - started

    assert 0.09 <= took < 1


def test_a_client_that_tries_again_gets_through(
    board: Dispatcher, clock: Clock, full: Mapping[str, str]
) -> None:
    """Retries are the client's own, on a connection of their own."""
    entries = board.world.journal
    broken = {**full, FAULT: "reset"}
    retry = urllib3.Retry(total=2, backoff_factor=0)

    with (
        intercept(board.answer, board.hosts, wait=clock.advance),
        urllib3.PoolManager(retries=retry) as pool,
        pytest.raises(urllib3.exceptions.MaxRetryError),
    ):
        pool.request("GET", URL, headers=broken)

    assert len([*entries]) == 3
