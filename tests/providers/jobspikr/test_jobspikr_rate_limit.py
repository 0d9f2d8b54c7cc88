"""JobsPikr's two windows for each endpoint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from replies import shown
from searches import COUNTS, EXPIRED, NOTHING, refusal, search

from emulator.exchange.call import Call
from emulator.times import micros

if TYPE_CHECKING:
    from tests.conftest import Api

DRAIN = {"X-Emulator-Refuse": "rate_limited"}


def spent(seconds: int) -> str:
    message = f"Rate limit exceeded. Try again in {seconds} seconds."
    return refusal(429, message, retry_after=str(seconds))


def ask(api: Api, path: str, key: str = "full") -> Any:
    return search(api, NOTHING, key) if path == "/data" else api.get(path, key)


@pytest.mark.parametrize(
    ("path", "many"), [("/data", 100), (EXPIRED, 100), (COUNTS, 10)]
)
def test_so_many_calls_a_minute(jobspikr: Api, path: str, many: int) -> None:
    """[primary] §3: 100 and 10; [assumed]: 100 for expired jobs."""
    codes = {ask(jobspikr, path).status_code for _ in range(many)}
    refused = ask(jobspikr, path)
    jobspikr.clock.advance(60)

    assert codes == {200}
    assert shown(refused) == spent(60)
    assert ask(jobspikr, path).status_code == 200


@pytest.mark.parametrize(("path", "many", "minute"), [(COUNTS, 100, 10)])
def test_so_many_calls_an_hour(
    jobspikr: Api, path: str, many: int, minute: int
) -> None:
    """[primary] §3: the tighter window wins, and says how long to wait."""
    codes = []
    for _ in range(many // minute):
        codes += [ask(jobspikr, path).status_code for _ in range(minute)]
        jobspikr.clock.advance(60)
    refused = ask(jobspikr, path)
    wait = 3600 - 60 * (many // minute)

    assert codes == [200] * many
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(wait)
    jobspikr.clock.advance(wait)
    assert ask(jobspikr, path).status_code == 200


@pytest.mark.parametrize("operation", ["searchJobs", "listExpiredJobs"])
def test_the_hour_has_room_for_5000(jobspikr: Api, operation: str) -> None:
    """[primary] §3: 5000 an hour; [assumed] for expired jobs."""
    limits = jobspikr.program.operations[operation].limits

    assert [(limit.quota.tree, limit.window) for limit in limits] == [
        (100, micros(60)),
        (5000, micros(3600)),
    ]


def test_the_hour_counts_what_minutes_let_through(jobspikr: Api) -> None:
    """[primary] §3: 50 full minutes of searching are an hour's quota."""
    headers = {
        **jobspikr.credentials["full"]["headers"],
        "content-type": "application/json",
    }
    body = json.dumps({"search_query_json": NOTHING}).encode()

    def quickly() -> int:
        path = f"{jobspikr.root}/data"
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        call = Call(method="POST", path=path, raw_headers=raw, body=body)
        return jobspikr.board.answer(call).status

    for _ in range(50):
        assert {quickly() for _ in range(100)} == {200}
        jobspikr.clock.advance(60)

    assert ask(jobspikr, "/data").headers["Retry-After"] == "600"


def test_endpoints_and_clients_are_counted_apart(jobspikr: Api) -> None:
    """[assumed] §3: per client id and endpoint; sandbox keys likewise."""
    for key in ("full", "sandbox"):
        for _ in range(11):
            ask(jobspikr, COUNTS, key)
        assert ask(jobspikr, COUNTS, key).status_code == 429
        assert ask(jobspikr, EXPIRED, key).status_code == 200
        assert ask(jobspikr, "/data", key).status_code == 200
    assert ask(jobspikr, COUNTS, "production").status_code == 200


def test_only_a_refusal_tells_of_limits(jobspikr: Api) -> None:
    """[assumed] §3: no headers but Retry-After."""
    fine = ask(jobspikr, COUNTS)
    refused = jobspikr.get(COUNTS, headers=DRAIN)

    assert set(fine.headers) == {"content-length", "content-type", "date"}
    assert set(refused.headers) - set(fine.headers) == {"retry-after"}
