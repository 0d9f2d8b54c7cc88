"""What holds for every job and every key, drawn from the provider's own spec."""

from __future__ import annotations

from typing import Any

import emulator
import pytest
from emulator import Emulator
from emulator.strategies import credentials, invalid_payloads, payloads
from hypothesis import HealthCheck, given, settings

from clients import JOB, jobriver_of
from job_sync import Invalid, Jobriver, NotAllowed

Json = Any

few = settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
"""The same twenty each time, however busy the machine is."""


@few
@given(payloads("jobriver", "createJob"))
def test_every_job_that_is_taken_comes_back(
    emulator_server: Emulator, job: Json
) -> None:
    """Each example has a world of its own, so that no quota ends the test."""
    with emulator_server.world() as world, jobriver_of(world) as client:
        created = client.create_job(job)

        newest = next(client.jobs())

    assert newest == created
    assert created["title"] == job["title"]


@few
@given(invalid_payloads("jobriver", "createJob"))
def test_what_is_wrong_with_a_job_is_always_named(invalid: Any) -> None:
    """No refusal reaches a caller without a reason."""
    with (
        emulator.intercept("jobriver") as world,
        jobriver_of(world) as client,
        pytest.raises(Invalid) as refused,
    ):
        client.create_job(invalid.payload)

    assert refused.value.errors, invalid.wrong


@few
@given(credentials("jobriver", "revoked") | credentials("jobriver", "expired"))
def test_no_key_that_is_over_creates_anything(key: Json) -> None:
    """These are the keys of the fixtures, which are those of the world `default`."""
    with emulator.intercept("jobriver") as world, Jobriver(key["value"]) as client:
        with pytest.raises(NotAllowed) as refused:
            client.create_job(JOB)

        world.verify("createJob", times=1, refusal=f"credential_{key['state']}")
    assert refused.value.code == f"API_KEY_{key['state'].upper()}"
