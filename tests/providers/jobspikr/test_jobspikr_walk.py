"""JobsPikr's cursors, credits and what a client has consumed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from replies import shown
from searches import (
    COUNTS,
    EVERYTHING,
    EXPIRED,
    NOTHING,
    no_data,
    refusal,
    reply,
    search,
    walk,
)

if TYPE_CHECKING:
    from tests.conftest import Api

EXHAUSTED = refusal(402, "Job credits are exhausted.")


def test_a_walk_ends_with_no_data(jobspikr: Api) -> None:
    """[primary] §5: an extra request, not a missing cursor."""
    replies = walk(jobspikr)
    jobs = [job for one in replies for job in one["job_data"]]

    assert [one["size"] for one in replies] == [100, 100, 100, 100, 100, 0]
    assert [one["total_count"] for one in replies] == [500] * 5 + [0]
    assert replies[-1] == no_data(4500)
    assert len({job["uniq_id"] for job in jobs}) == 500


def test_cursors_ascend(jobspikr: Api) -> None:
    """[assumed] §5: a reply's `next_cursor` is that of its last job."""
    replies = walk(jobspikr, "sandbox", size=90)
    cursors = [job["cursor"] for one in replies for job in one["job_data"]]

    assert cursors == sorted(set(cursors))
    for one in replies[:-1]:
        assert one["next_cursor"] == one["job_data"][-1]["cursor"]
    assert "next_cursor" not in replies[-1]


def test_a_cursor_is_a_time_after_the_crawl(jobspikr: Api) -> None:
    """[docs: support v1] §5: 16 digits, microseconds since 1970."""
    for job in search(jobspikr).json()["job_data"]:
        crawled = datetime.strptime(job["crawl_timestamp"], "%Y-%m-%d %H:%M:%S %z")
        stored = datetime.fromtimestamp(job["cursor"] / 1_000_000, UTC)
        assert len(str(job["cursor"])) == 16
        assert 0 < (stored - crawled).total_seconds() < 86_400


@pytest.mark.parametrize("start", [{}, {"cursor": 0}, {"cursor": None}])
def test_every_start_is_the_beginning(
    jobspikr: Api, start: dict[str, int | None]
) -> None:
    """[docs: clients] §4.1: absent, 0 and null."""
    first = search(jobspikr, size=1, **start).json()

    assert first["job_data"][0]["uniq_id"] == "cc5ebc646150889d82afa36a0f8ebcf0"


def test_a_cursor_without_its_job_leads_on(jobspikr: Api) -> None:
    """[assumed] §5: to the jobs that come after it."""
    first = search(jobspikr, size=2).json()["job_data"]
    between = search(jobspikr, size=1, cursor=first[0]["cursor"] + 1).json()

    assert between["job_data"] == first[1:]
    assert shown(search(jobspikr, cursor=9_999_999_999_999_999)) == reply(
        200, no_data(4998)
    )


def test_a_page_has_a_hundred_jobs_unless_asked(jobspikr: Api) -> None:
    """[docs: clients] §4.1: 100 is the most that samples use, and the default."""
    assert search(jobspikr).json()["size"] == 100
    assert search(jobspikr, size=50).json()["size"] == 50


def test_a_job_costs_one_credit(jobspikr: Api) -> None:
    """[primary] §8: with a production key; the balance is that after the call."""
    assert search(jobspikr, size=7).json()["job_credit_remaining"] == 4993
    assert search(jobspikr, NOTHING).json()["job_credit_remaining"] == 4993


def test_a_job_is_paid_for_once_in_a_cycle(jobspikr: Api) -> None:
    """[assumed] §8: once for each client and month."""
    balances = [search(jobspikr, size=5).json()["job_credit_remaining"]]
    balances.append(search(jobspikr, size=8).json()["job_credit_remaining"])
    other = search(jobspikr, key="production", size=8).json()["job_credit_remaining"]
    jobspikr.clock.advance(31 * 86_400)
    balances.append(search(jobspikr, size=5).json()["job_credit_remaining"])

    assert balances == [4995, 4992, 4995]
    assert other == 242


def test_the_sandbox_is_free(jobspikr: Api) -> None:
    """[primary] §8: its balance [assumed] never changes."""
    replies = walk(jobspikr, "sandbox")

    assert {one["job_credit_remaining"] for one in replies} == {1000}


def test_a_small_balance_makes_a_small_page(jobspikr: Api) -> None:
    """[assumed] §8: as many jobs as credits remain; then nothing more."""
    page = search(jobspikr, key="few_credits", size=10).json()

    assert (page["size"], page["total_count"]) == (3, 500)
    assert page["job_credit_remaining"] == 0
    assert shown(search(jobspikr, key="few_credits", size=10)) == EXHAUSTED
    assert shown(search(jobspikr, key="few_credits", size=1)) == EXHAUSTED
    jobspikr.clock.advance(31 * 86_400)
    assert search(jobspikr, key="few_credits").json()["size"] == 3


def test_without_credits_there_are_no_jobs(jobspikr: Api) -> None:
    """[assumed] §6: 402, after the input was looked at; the rest goes on."""
    wrong = search(jobspikr, {}, "no_credits")

    assert shown(search(jobspikr, key="no_credits")) == EXHAUSTED
    assert wrong.status_code == 400
    assert jobspikr.get(COUNTS, "no_credits").status_code == 200
    assert jobspikr.get(EXPIRED, "no_credits").json() == no_data(0)


def test_errors_cost_nothing(jobspikr: Api) -> None:
    """[assumed] §8."""
    search(jobspikr, size=0)
    search(jobspikr, cursor="x")
    jobspikr.post("/data", json={"search_query_json": EVERYTHING, "format": "csv"})

    assert search(jobspikr, size=1).json()["job_credit_remaining"] == 4999


def test_expired_jobs_are_those_that_were_consumed(jobspikr: Api) -> None:
    """[primary] §4.2: by this client, and expired in the range."""
    before = jobspikr.get(EXPIRED).json()
    search(jobspikr, {"match": {"job_title": "nurse"}}, size=1)
    after = jobspikr.get(EXPIRED).json()
    walk(jobspikr)
    everything = jobspikr.get(EXPIRED).json()

    assert [job["url"].split("/")[2] for job in before["job_data"]] == [
        "naukri.example",
        "shine.example",
        "dice.example",
        "indeed.example",
        "reed.example",
        "naukri.example",
    ]
    assert len(after["job_data"]) == 7
    assert everything["total_count"] > 50
    assert jobspikr.get(EXPIRED, "production").json()["total_count"] == 5


def test_a_reply_about_expired_jobs(jobspikr: Api) -> None:
    """[assumed] §4.2: the envelope, and what an expiry is about; it costs nothing."""
    days = "start_date=2019-02-11&end_date=2019-02-11"
    expected = {
        "status": "success",
        "message": "Data present.",
        "next_cursor": 1549140725123457,
        "total_count": 1,
        "size": 1,
        "job_credit_remaining": 5000,
        "job_data": [
            {
                "uniq_id": "cc5ebc646150889d82afa36a0f8ebcf0",
                "url": "https://naukri.example/job/area-sales-manager-indore-1",
                "has_expired": "true",
                "latest_expiry_check_date": "2019-02-11",
            }
        ],
    }
    aliases = "from_date=2019-02-11&to_date=2019-02-11"
    other = "start_date=2019-02-12&end_date=2019-02-28"

    assert shown(jobspikr.get(f"/expired_jobs?{days}")) == reply(200, expected)
    assert shown(jobspikr.get(f"/expired_jobs?{aliases}")) == reply(200, expected)
    assert shown(jobspikr.get(f"/expired_jobs?{other}")) == reply(200, no_data(5000))


@pytest.mark.parametrize("key", ["full", "production", "sandbox"])
def test_the_documented_range_of_expired_jobs_has_some(jobspikr: Api, key: str) -> None:
    """[primary] §4.2: from January 1 to May 18, 2023, both days included."""
    jobspikr.clock.advance(400 * 86_400)
    days = "start_date=2023-01-01&end_date=2023-05-18"

    answer = jobspikr.get(f"/expired_jobs?{days}", key).json()

    assert answer["status"] == "success"
    dates = [job["latest_expiry_check_date"] for job in answer["job_data"]]
    assert dates == ["2023-01-14", "2023-03-01", "2023-05-18"]


def test_expired_jobs_are_walked_as_jobs_are(jobspikr: Api) -> None:
    """[assumed] §4.2: `cursor` and `size`, and `no_data` at the end."""
    first = jobspikr.get(f"{EXPIRED}&size=4").json()
    second = jobspikr.get(f"{EXPIRED}&size=4&cursor={first['next_cursor']}").json()
    third = jobspikr.get(f"{EXPIRED}&cursor={second['next_cursor']}").json()

    assert [first["size"], second["size"]] == [4, 2]
    assert third == no_data(5000)


def test_the_sandbox_has_consumed_for_itself(jobspikr: Api) -> None:
    """[assumed] §8: the sandbox key of the same client sees other expired jobs."""
    walk(jobspikr)
    sandbox = jobspikr.get(EXPIRED, "sandbox").json()

    assert sandbox["total_count"] == 4
    assert sandbox["job_credit_remaining"] == 1000
