"""Clients of this test's world, which is the plugin's fixture `emulator`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulator import World

from clients import jobriver_of, jobspikr_of
from job_sync import Jobriver, JobsPikr


@pytest.fixture
def jobriver(emulator: World) -> Iterator[Jobriver]:
    with jobriver_of(emulator) as client:
        yield client


@pytest.fixture
def jobspikr(emulator: World) -> Iterator[JobsPikr]:
    with jobspikr_of(emulator) as client:
        yield client
