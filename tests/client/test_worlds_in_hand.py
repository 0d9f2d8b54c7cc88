"""A world in hand is the same whether it is started here, connected to, or in process."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import pytest
import requests
from calling import call, status

import emulator
from emulator import AdminRefused, World


def test_a_providers_url_ends_where_its_own_base_url_ends(sandbox: World) -> None:
    """What follows is a path of the provider's, and its answer comes from the world."""
    jobriver = sandbox.provider("jobriver")

    assert urlsplit(jobriver.url).path.endswith("/jobriver/api/v1")
    assert call(jobriver, "/status")[1]["success"] is True


def test_a_provider_that_is_not_there_is_named_with_what_is_near(
    sandbox: World,
) -> None:
    with pytest.raises(LookupError, match="did you mean 'jobriver'"):
        sandbox.provider("jobrivr")


def test_credentials_go_by_the_state_that_they_are_in(sandbox: World) -> None:
    """Each state can be had, and one that nothing proves."""
    credentials = sandbox.provider("jobriver").credentials

    states = {name: credentials[name].state for name in ("full", "revoked", "unknown")}
    assert states == {"full": "active", "revoked": "revoked", "unknown": "unknown"}
    assert credentials["full"].headers == {"X-API-Key": credentials["full"].value}
    assert credentials["full"].value not in repr(credentials["full"])
    assert status(sandbox.provider("jobriver"), key="unknown") == 403


def test_a_credential_that_is_not_there_is_a_key_error(sandbox: World) -> None:
    credentials = sandbox.provider("jobriver").credentials

    with pytest.raises(KeyError, match="has no credential 'ful': did you mean 'full'"):
        credentials["ful"]


def test_an_oauth_credential_has_what_its_grant_takes(sandbox: World) -> None:
    """Client and user come with the token, as attributes."""
    full = sandbox.provider("jobspace").credentials["full"]

    parts = (full.client_id, full.client_secret, full.username, full.password)
    assert all(isinstance(part, str) and part for part in parts)
    with pytest.raises(AttributeError, match="did you mean 'client_id'"):
        full.client_ids  # noqa: B018


def test_a_drained_quota_is_back_when_its_window_is_over(sandbox: World) -> None:
    jobriver = sandbox.provider("jobriver")

    jobriver.drain_quota(leave=1)
    answers = [status(jobriver), status(jobriver)]
    sandbox.clock.advance("61s")

    assert [*answers, status(jobriver)] == [200, 429, 200]


def test_draining_says_what_it_does_not_know(sandbox: World) -> None:
    with pytest.raises(AdminRefused, match="no credential 'ful': did you mean 'full'"):
        sandbox.provider("jobriver").drain_quota("ful")


def test_a_lock_shuts_out_good_keys_for_as_long_as_the_provider_says(
    sandbox: World,
) -> None:
    jobriver = sandbox.provider("jobriver")

    jobriver.lock_out()
    locked = call(jobriver)
    sandbox.clock.advance(minutes=1)

    assert (locked[0], locked[1]["error"]["code"]) == (403, "API_KEY_BLOCKED")
    assert status(jobriver) == 200


def test_a_lock_is_about_what_the_provider_counts(sandbox: World) -> None:
    """Where failures are counted per address, no credential is locked."""
    jobriver = sandbox.provider("jobriver")

    jobriver.lock_out(ip="127.0.0.1")

    assert status(jobriver) == 403
    with pytest.raises(AdminRefused, match="counts them per ip"):
        jobriver.lock_out("full")


def test_refusals_and_faults_strike_the_calls_that_are_named(sandbox: World) -> None:
    """Each says how often it struck, and goes when it is told to."""
    jobriver = sandbox.provider("jobriver")

    second = jobriver.refuse("rate_limited", "listJobs", calls=2)
    always = sandbox.add_fault("jobriver", "gateway=502", ["getStatus"])
    answers = [status(jobriver), status(jobriver), status(jobriver)]

    assert answers == [200, 429, 200]
    assert (second.hits, second.over) == (1, True)
    assert status(jobriver, "/status") == 502
    assert (always.hits, always.over) == (1, False)
    always.remove()
    assert status(jobriver, "/status") == 200


def test_a_fault_with_an_unknown_word_is_a_type_error(sandbox: World) -> None:
    with pytest.raises(TypeError, match="did you mean 'probability'"):
        sandbox.add_fault("jobriver", "reset", probabilities=0.5)


def test_a_scenario_puts_the_world_into_a_situation(sandbox: World) -> None:
    """By its whole name, or by its own at the provider."""
    jobriver = sandbox.provider("jobriver")

    sandbox.apply_scenario("jobriver/credential_revoked")
    jobriver.apply_scenario("maintenance")

    assert jobriver.credentials["full"].state == "revoked"
    assert status(jobriver) == 503
    assert "rate_limited" in sandbox.scenarios("jobriver")
    with pytest.raises(AdminRefused, match="did you mean 'maintenance'"):
        sandbox.apply_scenario("jobriver/maintenances")
    with pytest.raises(ValueError, match="write <provider>/<scenario>"):
        sandbox.apply_scenario("maintenance")


def test_a_fork_goes_on_from_an_exchange(sandbox: World) -> None:
    """Right after it, or right before it."""
    jobriver = sandbox.provider("jobriver")
    before = len(jobriver.records("jobs"))
    key = jobriver.credentials["full"].headers
    for job in [*jobriver.records("jobs")][:2]:
        url = f"{jobriver.url}/jobs/{job['id']}"
        assert requests.delete(url, headers=key, timeout=10).ok

    gone = []
    for at, earlier in ((1, None), (None, 1), (None, 2), (None, None)):
        with sandbox.fork(at=at, before=earlier) as twin:
            gone.append(before - len(twin.provider("jobriver").records("jobs")))

    assert gone == [1, 0, 1, 2]


def test_a_fork_goes_on_alone(sandbox: World) -> None:
    """What happens in it does not reach the world that it came from."""
    sandbox.provider("jobriver").drain_quota()

    with sandbox.fork() as twin:
        other = twin.provider("jobriver")
        before = status(other)
        other.records("jobs").clear()
        twin.clock.advance(hours=1)
        after = call(other)

    assert before == 429
    assert after[1]["data"]["jobs"] == []
    assert len(sandbox.provider("jobriver").records("jobs")) > 0
    assert status(sandbox.provider("jobriver")) == 429


def test_a_snapshot_brings_back_what_was(sandbox: World) -> None:
    jobs = sandbox.provider("jobriver").records("jobs")
    many = len(jobs)

    kept = sandbox.snapshot()
    jobs.clear()
    gone = len(jobs)
    sandbox.restore(kept)

    assert (gone, len(jobs)) == (0, many)


def test_a_reset_world_begins_again(sandbox: World) -> None:
    """Its clock as well, and its credentials stay."""
    jobriver = sandbox.provider("jobriver")
    key, begun = jobriver.credentials["full"].value, sandbox.clock.now

    jobriver.drain_quota()
    sandbox.clock.advance(days=2)
    sandbox.reset()

    assert sandbox.clock.now == begun
    assert jobriver.credentials["full"].value == key
    assert status(jobriver) == 200


def test_records_are_stored_found_changed_and_deleted(sandbox: World) -> None:
    """Behind the provider's back, and shown by it from then on."""
    jobriver = sandbox.provider("jobriver")
    jobs = jobriver.records("jobs")
    first = next(iter(jobs))
    key = first["id"]

    changed = jobs.update(key, title="Lighthouse keeper")
    shown = call(jobriver, f"/jobs/{key}")[1]["data"]["title"]
    jobs[key + 10_000] = {**first, "id": key + 10_000, "slug": "another"}
    del jobs[key]

    assert changed == {**first, "title": "Lighthouse keeper"}
    assert shown == "Lighthouse keeper"
    assert key not in jobs
    assert jobs[key + 10_000]["slug"] == "another"
    assert jobs.get(key) is None
    with pytest.raises(KeyError, match=f"jobs has no record {key}"):
        jobs[key]
    with pytest.raises(KeyError, match="jobs has no record"):
        jobs.delete(key)
    with pytest.raises(AdminRefused, match="did you mean 'jobs'"):
        jobriver.records("jobz").get(1)


def test_waits_move_a_sleepless_world(sandbox: World) -> None:
    """A client that backs off for a minute is through at once."""
    jobriver = sandbox.provider("jobriver")
    jobriver.drain_quota()

    begun = time.perf_counter()
    with sandbox.sleepless():
        time.sleep(60)
        answer = status(jobriver)

    assert answer == 200
    assert [wait.seconds for wait in sandbox.waits] == [60]
    assert f"{sandbox.clock.now:%H:%M:%S}" == "10:01:00"
    assert time.perf_counter() - begun < 30


def test_what_no_one_could_answer_is_an_alarm(sandbox: World) -> None:
    """There is none where everything is well, a refusal included."""
    status(sandbox.provider("jobriver"), key="unknown")

    assert sandbox.alarms == []


def test_nothing_is_asked_to_show_what_is_in_hand() -> None:
    """A debugger shows it in the middle of anything, and when the server is gone."""
    with emulator.start(["jobriver"]) as server, server.world("ada") as world:
        jobriver = world.provider("jobriver")
        credentials, fault = jobriver.credentials, jobriver.refuse("rate_limited")
        requests.get(jobriver.url + "/jobs", timeout=10)
        entry = world.journal[0]

    shown = [server, world, jobriver, credentials["full"], fault, entry, world.clock]
    assert [repr(one) for one in (*shown, world.journal, jobriver.records("jobs"))] == [
        f"<Emulator {server.url}>",
        f"<World 'ada' of {server.url}>",
        f"<Provider jobriver at {jobriver.url}>",
        "<Credential 'full', active>",
        f"<Fault {fault.id}>",
        "<Entry #1 GET /api/v1/jobs -> 401 listJobs, refused: credential_missing>",
        "<Clock of the world 'ada'>",
        "<Journal of the world 'ada'>",
        "<Records jobs of jobriver in the world 'ada'>",
    ]
