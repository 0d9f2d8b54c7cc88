"""The journal of a world in hand says what was called and why it was answered so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from calling import call, status

from emulator import AdminRefused, NotVerified, World


def test_an_entry_is_one_exchange(sandbox: World) -> None:
    """Its request and its reply are values, and secrets in them are masked."""
    jobriver = sandbox.provider("jobriver")

    call(jobriver, "/jobs?per_page=1")
    (entry,) = sandbox.journal

    assert (entry.provider, entry.operation, entry.credential, entry.status) == (
        "jobriver",
        "listJobs",
        "full",
        200,
    )
    assert entry.at == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert (entry.request.method, entry.request.path) == ("GET", "/api/v1/jobs")
    assert entry.request.query == {"per_page": "1"}
    assert jobriver.credentials["full"].value not in str(entry.raw)
    assert entry.reply.headers["content-type"] == "application/json"
    assert entry.reply.body["success"] is True
    assert (entry.refused_by, entry.refusal) == (None, None)
    assert repr(entry) == "<Entry #1 GET /api/v1/jobs -> 200 listJobs>"


def test_an_entry_explains_each_decision(sandbox: World) -> None:
    sandbox.provider("jobriver").drain_quota()
    status(sandbox.provider("jobriver"))
    entry = sandbox.journal[-1]

    (refused,) = [step for step in entry.steps if step.step == entry.refused_by]
    assert refused.step == "rate_limit"
    assert "x rate_limit" in entry.explained
    assert refused.decision in entry.explained


def test_a_journal_is_a_sequence_that_grows(sandbox: World) -> None:
    jobriver = sandbox.provider("jobriver")
    journal = sandbox.journal

    empty = len(journal)
    for key in ("full", "unknown", "full"):
        status(jobriver, key=key)

    assert (empty, len(journal)) == (0, 3)
    assert [one.status for one in journal] == [200, 403, 200]
    assert [one.id for one in journal[1:]] == [2, 3]
    assert [one.id for one in journal.where(refused_by="authenticate")] == [2]
    assert [one.id for one in journal.where(since=journal[0], status="2xx")] == [3]
    journal.clear()
    assert [*journal] == []


def test_a_filter_that_cannot_be_meant_is_refused(sandbox: World) -> None:
    with pytest.raises(AdminRefused, match="operation"):
        sandbox.journal.where(operation="listJob")


def test_what_came_as_it_should_is_counted(sandbox: World) -> None:
    jobriver = sandbox.provider("jobriver")
    status(jobriver)
    status(jobriver, key="unknown")

    assert sandbox.verify("listJobs") == 2
    assert sandbox.verify("listJobs", times=1, status=200) == 1
    assert sandbox.verify("createJob", times=0) == 0
    assert sandbox.verify(refused_by="authenticate", at_most=1) == 1
    assert sandbox.verify("listJobs", refused_by=None) == 1


def test_what_did_not_come_is_told_with_what_came_instead(sandbox: World) -> None:
    """The message names the nearest call, and where it differs."""
    status(sandbox.provider("jobriver"))

    with pytest.raises(NotVerified) as caught:
        sandbox.verify("createJob", times=2)

    text = str(caught.value)
    assert text.startswith("expected that createJob came exactly twice; it came never")
    assert "operation: expected createJob, came listJobs" in text
    assert caught.value.verdict["count"] == 0
    assert isinstance(caught.value, AssertionError)


def test_a_matcher_that_does_not_exist_is_a_type_error(sandbox: World) -> None:
    with pytest.raises(TypeError, match="did you mean 'status'"):
        sandbox.verify("listJobs", stat=200)
