"""What JobsPikr is asked, and what it answers, as `replies.shown` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from replies import written

if TYPE_CHECKING:
    from tests.conftest import Api

EVERYTHING: dict[str, Any] = {
    "query_string": {"default_field": "job_title", "query": "*"}
}
NOTHING: dict[str, Any] = {
    "query_string": {"default_field": "job_title", "query": "astronaut"}
}
DATE = "Mon, 02 Mar 2026 10:00:00 GMT"
BASIC = 'Basic realm="JobsPikr"'
EXPIRED = "/expired_jobs?start_date=2019-01-01&end_date=2026-12-31"
COUNTS = "/aggregate_data?query=job_category&group_by=location"


def search(api: Api, query: Any = EVERYTHING, key: str = "full", **body: Any) -> Any:
    return api.post("/data", key, json={"search_query_json": query, **body})


def found(api: Api, query: Any, **body: Any) -> list[dict[str, Any]]:
    """The jobs of the first page, with a key that costs nothing."""
    jobs: list[dict[str, Any]] = search(api, query, "sandbox", **body).json()[
        "job_data"
    ]
    return jobs


def text(query: str, field: str = "job_title") -> dict[str, Any]:
    return {"query_string": {"default_field": field, "query": query}}


def walk(api: Api, key: str = "full", **body: Any) -> list[dict[str, Any]]:
    """Every reply of a walk, the one with `no_data` included."""
    replies: list[dict[str, Any]] = []
    cursor = None
    for _ in range(40):
        answer = search(api, key=key, **{"cursor": cursor, **body})
        assert answer.status_code == 200
        replies.append(answer.json())
        if replies[-1]["status"] == "no_data":
            return replies
        cursor = replies[-1]["next_cursor"]
    raise AssertionError("the walk never ends")


def reply(status: int, body: Any, **headers: str) -> str:
    text = orjson.dumps(body)
    lines = {
        "content-length": str(len(text)),
        "content-type": "application/json",
        "date": DATE,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return written(status, list(lines.items()), text)


def refusal(status: int, message: str, **headers: str) -> str:
    return reply(status, {"status": "error", "message": message}, **headers)


def no_data(credits: int) -> dict[str, Any]:
    return {
        "status": "no_data",
        "message": "No data present.",
        "total_count": 0,
        "size": 0,
        "job_credit_remaining": credits,
        "job_data": [],
    }
