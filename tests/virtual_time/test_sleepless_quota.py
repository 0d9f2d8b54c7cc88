"""Client code under `sleepless`, against a provider: its waits open the windows."""

from __future__ import annotations

import time
from typing import Any

from front_door import START, Api

from emulator.times import micros
from emulator.virtual_time import sleepless
from emulator.world.clock import Clock


def patiently(api: Api) -> Any:
    """Call as a polite client does: when refused, again after what Retry-After says."""
    while (answer := api.get("/jobs")).status_code == 429:
        time.sleep(int(answer.headers["Retry-After"]))
    return answer


def test_a_client_that_waits_for_its_quota_gets_it(jobriver: Api, clock: Clock) -> None:
    """The clock that the wait has moved is the one that the rate limit is counted by."""
    calls = 0
    with sleepless(clock) as slept:
        while not slept.waits:
            assert patiently(jobriver).status_code == 200
            calls += 1

    assert calls > 1
    assert [wait[:2] for wait in slept.waits] == [(60, "time.sleep")]
    assert clock.now() == micros(START + 60)
