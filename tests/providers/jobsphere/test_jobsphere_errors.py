"""JobSphere's refusals: each reached naturally, and the same again on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from replies import another, shown
from sphere import FREE, INPUT, START, invalid, missing, refusal

from emulator.pipeline import REFUSALS

if TYPE_CHECKING:
    from tests.conftest import Api

ONE = "/jobs/job_8x29a1b3"
NO_JSON = refusal(400, "invalid_request", "Request body is not valid JSON")
NO_MEDIA = refusal(
    415, "unsupported_media_type", "Content-Type must be application/json"
)
MISSING = refusal(401, "unauthorized", "Missing API key", quota=FREE)
UNKNOWN = refusal(401, "invalid_api_key", "Invalid API key provided", quota=FREE)
NOT_FOUND = refusal(404, "not_found", "Job not found")


class Way(NamedTuple):
    """One refusal, how a call comes by it, and a call that can be refused with it."""

    code: str
    expected: str
    naturally: Callable[[Api], Any]
    asking: Callable[[Api, dict[str, str]], Any]


def listing(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/jobs", headers=headers)


def creating(api: Api, headers: dict[str, str]) -> Any:
    return api.post("/jobs", json=INPUT, headers=headers)


def reading(api: Api, headers: dict[str, str]) -> Any:
    return api.get(ONE, headers=headers)


def as_free(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/jobs", "free", headers=headers)


def drained(api: Api) -> Any:
    for _ in range(100):
        api.get("/jobs?per_page=1", "free")
    return api.get("/jobs", "free")


def sent(body: bytes, media: str = "application/json") -> Callable[[Api], Any]:
    return lambda api: api.post("/jobs", content=body, headers={"Content-Type": media})


BASIC = {"Authorization": "Basic eDp5"}
WRONG = {"Authorization": "Bearer jk_live_sk_x"}

# fmt: off
WAYS = [
    Way("https_required", refusal(403, "https_required", "All requests must be made over HTTPS.", quota=FREE),
        lambda api: api.get("/jobs", headers={"X-Forwarded-Proto": "http"}), listing),
    Way("credential_missing", MISSING, lambda api: api.get("/jobs", None), listing),
    Way("credential_malformed", MISSING, lambda api: api.get("/jobs", None, headers=BASIC), creating),
    Way("credential_unknown", UNKNOWN, lambda api: api.get("/jobs", None, headers=WRONG), reading),
    Way("credential_revoked", UNKNOWN, lambda api: api.get("/jobs", "revoked"), listing),
    Way("rate_limited",
        refusal(429, "rate_limit_exceeded", "Rate limit exceeded", {"limit": 100, "reset": START + 60}, (100, 0), retry_after="60"),
        drained, as_free),
    Way("scope_missing",
        refusal(403, "insufficient_scope", "This API key does not have the required scope: write:jobs",
                {"required_scope": "write:jobs"}),
        lambda api: api.post("/jobs", "read_only", json=INPUT), creating),
    Way("malformed_query", refusal(400, "invalid_request", "Query string is not valid"),
        lambda api: api.get("/jobs?q=%ff"), listing),
    Way("invalid_request", invalid("page", "must be an integer"), lambda api: api.get("/jobs?page=x"), listing),
    Way("invalid_request", missing("title"), lambda api: api.post("/jobs", json={}), creating),
    Way("unsupported_media", NO_MEDIA, sent(b"{}", "text/plain"), creating),
    Way("malformed_body", NO_JSON, sent(b'{"title": '), creating),
    Way("malformed_body", NO_JSON, sent(b""), creating),
    Way("malformed_body", NO_JSON, sent(b'{"a": 1, "a": 2}'), creating),
    Way("body_too_large", refusal(413, "invalid_request", "Request body is too large", connection="close"),
        sent(b" " * 2_000_000), creating),
    Way("not_found", NOT_FOUND, lambda api: api.get("/jobs/x"), reading),
    Way("no_route", refusal(404, "not_found", "Resource not found", quota=FREE),
        lambda api: api.get("/companies"), listing),
    Way("wrong_method",
        refusal(405, "method_not_allowed", "Method not allowed", quota=FREE, allow="GET, HEAD, OPTIONS, POST"),
        lambda api: api.call("DELETE", "/jobs"), listing),
]
# fmt: on


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.code)
def test_a_refusal_is_the_same_on_request(api_of: Callable[..., Api], way: Way) -> None:
    """[primary] §6: the envelope; [assumed]: status, code and message of the table."""
    api = api_of("jobsphere", max_body=1_000_000, trusted_proxies=("127.0.0.1",))

    assert shown(way.naturally(api)) == way.expected
    forced = way.asking(another(api), {"X-Emulator-Refuse": way.code})
    # Only a body that is not read to its end ends the connection.
    assert shown(forced) == way.expected.replace("connection: close\n", "")


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null"])
def test_json_that_is_no_object_is_told_apart(jobsphere: Api, body: bytes) -> None:
    """[assumed] §7: it is valid JSON, and not what a job is made of."""
    expected = refusal(400, "invalid_request", "Request body must be a JSON object")

    assert shown(sent(body)(jobsphere)) == expected


def test_an_id_that_cannot_be_is_not_found(jobsphere: Api) -> None:
    """[assumed] §6: nothing is wrong with an id but that there is no such job."""
    asked = reading(jobsphere, {"X-Emulator-Refuse": "invalid_path"})

    assert shown(asked) == NOT_FOUND


def test_every_refusal_is_in_the_document(jobsphere: Api) -> None:
    """Each operation's replies have the status of whatever can refuse it."""
    faults = {"internal_error", "service_unavailable", "invalid_path"}
    for operation in jobsphere.program.operations.values():
        codes = set(REFUSALS.of(jobsphere.program, operation)) - {"no_route"}
        statuses = {str(operation.errors[code].status) for code in codes}
        path = jobsphere.program.openapi["paths"][operation.path]
        assert statuses <= path[operation.method.lower()]["responses"].keys()
        assert {way.code for way in WAYS} | faults >= codes


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("internal_error", refusal(500, "internal_error", "Internal server error")),
        (
            "service_unavailable",
            refusal(503, "service_unavailable", "Service unavailable", quota=FREE),
        ),
    ],
)
def test_the_provider_can_be_in_trouble(
    jobsphere: Api, code: str, expected: str
) -> None:
    """[primary] §6: 5xx is transient; [assumed]: the two there are, when asked for."""
    status = expected[:3]
    for asking in (listing, creating, reading):
        asked = asking(another(jobsphere), {"X-Emulator-Refuse": code})
        fault = asking(another(jobsphere), {"X-Emulator-Fault": f"status={status}"})
        assert shown(asked) == shown(fault) == expected


def test_the_documented_error_to_the_byte(jobsphere: Api) -> None:
    """[primary] §6: the error that the documentation shows."""
    answer = jobsphere.post("/jobs", json={**INPUT, "title": ""})

    assert answer.content == (
        b'{"error":{"code":"invalid_request","message":"Missing required field: title",'
        b'"details":{"field":"title","reason":"cannot be empty"}}}'
    )
