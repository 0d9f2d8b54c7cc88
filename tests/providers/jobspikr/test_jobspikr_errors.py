"""JobsPikr's refusals: each reached naturally, and the same again on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from replies import another, shown
from searches import BASIC, COUNTS, EVERYTHING, EXPIRED, NOTHING, refusal, search

from emulator.pipeline import REFUSALS

if TYPE_CHECKING:
    from tests.conftest import Api

JSON = {"Content-Type": "application/json"}
REQUIRED = "search_query_json is required."
NO_QUERY = "search_query_json is not a valid query."
SIZE = "size should be between 1 and 100."
CURSOR = "cursor is invalid."
FORMAT = "format should be json or xml."
DATASET = "dataset should be a list of job_board and f500."
DATES = "start_date and end_date are required."
DATE = "Invalid date format. Use YYYY-MM-DD."
GROUPS = "query and group_by are required."


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, REQUIRED),
        ({"size": 0}, REQUIRED),
        ({"search_query_json": None}, REQUIRED),
        # The switch of §10: a query that is JSON in a text is none.
        ({"search_query_json": '{"match_all": {}}'}, NO_QUERY),
        ({"search_query_json": []}, NO_QUERY),
        ({"search_query_json": {}}, NO_QUERY),
        ({"search_query_json": {"nonsense": {}}}, NO_QUERY),
        ({"search_query_json": {"query_string": {"query": "(a"}}}, NO_QUERY),
        ({"search_query_json": {"range": {"post_date": "2022"}}}, NO_QUERY),
        ({"search_query_json": EVERYTHING, "size": 0}, SIZE),
        ({"search_query_json": EVERYTHING, "size": 101}, SIZE),
        ({"search_query_json": EVERYTHING, "size": "50"}, SIZE),
        ({"search_query_json": EVERYTHING, "size": None}, SIZE),
        ({"search_query_json": EVERYTHING, "size": 1.5}, SIZE),
        ({"search_query_json": EVERYTHING, "cursor": "abc"}, CURSOR),
        ({"search_query_json": EVERYTHING, "cursor": -1}, CURSOR),
        ({"search_query_json": EVERYTHING, "cursor": False}, CURSOR),
        ({"search_query_json": EVERYTHING, "format": "csv"}, FORMAT),
        ({"search_query_json": EVERYTHING, "format": None}, FORMAT),
        (
            {"search_query_json": EVERYTHING, "exclude_duplicates": "yes"},
            "exclude_duplicates should be true or false.",
        ),
        ({"search_query_json": EVERYTHING, "dataset": "f500"}, DATASET),
        ({"search_query_json": EVERYTHING, "dataset": ["all"]}, DATASET),
        ({"search_query_json": EVERYTHING, "dataset": []}, DATASET),
    ],
)
def test_a_search_that_breaks_a_rule(jobspikr: Api, body: Any, message: str) -> None:
    """[assumed] §6, §7, §10: 400, in the words of the first rule that is broken."""
    assert shown(jobspikr.post("/data", json=body)) == refusal(400, message)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/expired_jobs", DATES),
        ("/expired_jobs?start_date=2026-01-01", DATES),
        ("/expired_jobs?end_date=2026-01-01", DATES),
        ("/expired_jobs?from_date=2026-01-01", DATES),
        ("/expired_jobs?start_date=x&end_date=2026-01-01", DATE),
        ("/expired_jobs?start_date=2026-01-01&end_date=2026-02-30", DATE),
        ("/expired_jobs?from_date=1/2/2026&to_date=2026-02-01", DATE),
        (f"{EXPIRED}&size=101", SIZE),
        (f"{EXPIRED}&size=all", SIZE),
        (f"{EXPIRED}&cursor=abc", CURSOR),
        (f"{EXPIRED}&cursor=", CURSOR),
        (f"{EXPIRED}&format=yaml", FORMAT),
        ("/aggregate_data", GROUPS),
        ("/aggregate_data?query=geo", GROUPS),
        ("/aggregate_data?group_by=geo", GROUPS),
        (
            "/aggregate_data?query=x&group_by=geo",
            "query should be the name of a field.",
        ),
        (
            "/aggregate_data?query=geo&group_by=x",
            "group_by should be the name of a field.",
        ),
        (f"{COUNTS}&search_query_json=x", NO_QUERY),
        (f"{COUNTS}&search_query_json=%7B%7D", NO_QUERY),
    ],
)
def test_a_question_that_breaks_a_rule(jobspikr: Api, path: str, message: str) -> None:
    """[assumed] §6, §7."""
    assert shown(jobspikr.get(path)) == refusal(400, message)


class Way(NamedTuple):
    """One refusal, how a call comes by it, and a call that can be refused with it."""

    code: str
    expected: str
    naturally: Callable[[Api], Any]
    asking: Callable[[Api, dict[str, str]], Any]


def searching(api: Api, headers: dict[str, str]) -> Any:
    body = {"search_query_json": NOTHING}
    return api.post("/data", json=body, headers=headers)


def walking(api: Api, headers: dict[str, str]) -> Any:
    return api.get(EXPIRED, headers=headers)


def counting(api: Api, headers: dict[str, str]) -> Any:
    return api.get(COUNTS, headers=headers)


def drained(api: Api) -> Any:
    for _ in range(10):
        api.get(COUNTS)
    return api.get(COUNTS)


def sent(body: bytes, media: str = "application/json") -> Callable[[Api], Any]:
    return lambda api: api.post("/data", content=body, headers={"Content-Type": media})


WRONG = {"client_id": "nobody_jp_0000000000", "client_auth_key": "x" * 43}

# fmt: off
WAYS = [
    Way("credential_missing", refusal(401, "Missing client_id or client_auth_key.", www_authenticate=BASIC),
        lambda api: search(api, key=""), searching),
    Way("credential_unknown", refusal(401, "Invalid client_id or client_auth_key.", www_authenticate=BASIC),
        lambda api: api.get(COUNTS, None, headers=WRONG), counting),
    Way("credential_malformed", refusal(401, "Invalid client_id or client_auth_key.", www_authenticate=BASIC),
        lambda api: api.get(COUNTS, None, headers={"Authorization": "Basic ?"}), counting),
    Way("credential_disabled", refusal(403, "This account is disabled."),
        lambda api: api.get(EXPIRED, "disabled"), walking),
    Way("rate_limited", refusal(429, "Rate limit exceeded. Try again in 60 seconds.", retry_after="60"),
        drained, counting),
    Way("credits_exhausted", refusal(402, "Job credits are exhausted."),
        lambda api: search(api, key="no_credits"), searching),
    Way("invalid_cursor", refusal(400, CURSOR),
        lambda api: search(api, cursor="x"), searching),
    Way("invalid_cursor", refusal(400, CURSOR),
        lambda api: api.get(f"{EXPIRED}&cursor=x"), walking),
    Way("invalid_request", refusal(400, REQUIRED),
        lambda api: api.post("/data", json={}), searching),
    Way("malformed_body", refusal(400, "Request body is not valid JSON."),
        sent(b'{"search_query_json": '), searching),
    Way("malformed_body", refusal(400, "Request body is not valid JSON."), sent(b""), searching),
    Way("malformed_body", refusal(400, "Request body is not valid JSON."), sent(b"[]"), searching),
    Way("malformed_body", refusal(400, "Request body is not valid JSON."), sent(b"\xff"), searching),
    Way("malformed_query", refusal(400, "Query string is not valid."),
        lambda api: api.get(f"{COUNTS}&a=%ff"), counting),
    Way("unsupported_media", refusal(415, "Content-Type should be application/json."),
        sent(b"{}", "text/plain"), searching),
    Way("body_too_large", refusal(413, "Request body is too large.", connection="close"),
        sent(b" " * 2_000_000), searching),
    Way("no_route", refusal(404, "Not found."),
        lambda api: api.get("/jobs"), counting),
    Way("wrong_method", refusal(405, "Method not allowed.", allow="OPTIONS, POST"),
        lambda api: api.get("/data"), searching),
]
# fmt: on


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.code)
def test_a_refusal_is_the_same_on_request(api_of: Callable[..., Api], way: Way) -> None:
    """[assumed] §6: each of the table; [primary]: `status` and `message`, always."""
    api = api_of("jobspikr", max_body=1_000_000)

    assert shown(way.naturally(api)) == way.expected
    forced = way.asking(another(api), {"X-Emulator-Refuse": way.code})
    if way.code not in ("no_route", "wrong_method"):
        # Only a body that is not read to its end ends the connection.
        assert shown(forced) == way.expected.replace("connection: close\n", "")


def test_every_refusal_is_in_the_document(jobspikr: Api) -> None:
    """Each operation's replies have the status of whatever can refuse it."""
    for operation in jobspikr.program.operations.values():
        codes = set(REFUSALS.of(jobspikr.program, operation)) - {"no_route"}
        statuses = {str(operation.errors[code].status) for code in codes}
        path = jobspikr.program.openapi["paths"][operation.path]
        assert statuses <= path[operation.method.lower()]["responses"].keys()
        assert {way.code for way in WAYS} | {"internal_error"} >= codes


def test_the_provider_can_be_in_trouble(jobspikr: Api) -> None:
    """[assumed] §6: 500, when it is asked for."""
    expected = refusal(500, "Internal server error.")

    for asking in (searching, walking, counting):
        asked = asking(jobspikr, {"X-Emulator-Refuse": "internal_error"})
        fault = asking(jobspikr, {"X-Emulator-Fault": "status=500"})
        assert shown(asked) == shown(fault) == expected


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/data", "OPTIONS, POST"),
        ("PUT", "/data", "OPTIONS, POST"),
        ("POST", "/expired_jobs", "GET, HEAD, OPTIONS"),
        ("POST", "/aggregate_data", "GET, HEAD, OPTIONS"),
    ],
)
def test_methods_are_those_of_the_page(
    jobspikr: Api, method: str, path: str, allow: str
) -> None:
    """[primary] §10: POST to search, GET for the rest; v1's GET is not there."""
    answer = jobspikr.call(method, path)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == allow
    assert answer.json() == {"status": "error", "message": "Method not allowed."}


def test_v1_is_not_there(jobspikr: Api) -> None:
    """[assumed] §10: its fields are never mixed with those of v2."""
    path = jobspikr.root.replace("v2", "v1") + "/data?search_query_string=x"
    answer = jobspikr.client.get(path)

    assert shown(answer) == refusal(404, "Not found.")
    assert "next_query" not in search(jobspikr, size=1).json()
