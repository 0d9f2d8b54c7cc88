"""Jobriver's hosts, paths, methods and formats."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from jobriver_replies import JOB, refusal
from replies import another, shown

if TYPE_CHECKING:
    from tests.conftest import Api


@pytest.mark.parametrize("host", ["dev.jobriver.de", "jobriver.de", "JobRiver.de:443"])
def test_both_hosts_serve_the_same_tree(jobriver: Api, host: str) -> None:
    """[primary] §1: the base is dev.jobriver.de/api/v1; [docs: en page] §1: jobriver.de too."""
    key = jobriver.credentials["full"]["headers"]
    by_prefix = another(jobriver).get("/jobs?per_page=3")

    by_host = jobriver.client.get(
        "/api/v1/jobs?per_page=3", headers={**key, "Host": host}
    )

    assert shown(by_host) == shown(by_prefix)


def test_plain_http_is_let_in(jobriver: Api) -> None:
    """[assumed] §1: the documentation knows no error for plain http."""
    answer = jobriver.get("/status", headers={"X-Forwarded-Proto": "http"})

    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/status", "/jobs", "/jobs/123", "/categories"])
def test_a_trailing_slash_makes_no_difference(jobriver: Api, path: str) -> None:
    """[assumed] §1: the base is written with a trailing slash, paths with a leading one."""
    slashed = another(jobriver).get(path + "/")

    assert shown(slashed) == shown(jobriver.get(path))


def test_a_job_can_be_posted_with_a_trailing_slash(jobriver: Api) -> None:
    """[assumed] §1: `/jobs/` is `/jobs` for writing too."""
    assert jobriver.post("/jobs/", json=JOB).status_code == 201


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("GET", "/"),
        ("GET", "/jobs/123/nowhere"),
        ("DELETE", "/company"),
    ],
)
def test_an_unknown_path_is_not_found(jobriver: Api, method: str, path: str) -> None:
    """[assumed] §6: unknown routes get 404 NOT_FOUND, before the key is looked at."""
    answer = jobriver.call(method, path)

    assert shown(answer) == refusal(404, "NOT_FOUND", "Not found", None)


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks",
        "/jobs/batch/delete",
        "/batch",
        "/jobs/123/applications",
        "/applications",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_on_the_roadmap_is_not_there(
    jobriver: Api, method: str, path: str
) -> None:
    """[primary] §8: webhooks, batch operations and applications are yet to come."""
    answer = jobriver.call(method, path, json={} if method == "POST" else None)

    assert shown(answer) == refusal(404, "NOT_FOUND", "Not found", None)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/status", "GET, HEAD, OPTIONS"),
        ("PATCH", "/categories", "GET, HEAD, OPTIONS"),
        ("DELETE", "/technologies", "GET, HEAD, OPTIONS"),
        ("TRACE", "/jobs", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/jobs/123", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    jobriver: Api, method: str, path: str, allow: str
) -> None:
    """[primary] §6: METHOD_NOT_ALLOWED is 405; [assumed] §6: with Allow."""
    answer = jobriver.call(method, path)

    assert shown(answer) == refusal(
        405, "METHOD_NOT_ALLOWED", "Method not allowed", None, allow=allow
    )


@pytest.mark.parametrize("path", ["/status", "/jobs", "/jobs/123", "/technologies"])
def test_head_answers_like_get_without_the_body(jobriver: Api, path: str) -> None:
    """RFC 9110, 9.3.2: HEAD has the status and the headers of GET."""
    get = another(jobriver).get(path)

    head = jobriver.call("HEAD", path)

    without_body = shown(get).partition("\n\n")[0] + "\n"
    assert (shown(head), head.content) == (without_body, b"")


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/status", "GET, HEAD, OPTIONS"),
        ("/jobs", "GET, HEAD, OPTIONS, POST"),
        ("/jobs/123", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
    ],
)
def test_options_tells_what_a_path_offers(jobriver: Api, path: str, allow: str) -> None:
    """RFC 9110, 9.3.7: OPTIONS needs no key and no quota."""
    answer = jobriver.call("OPTIONS", path, key=None)

    assert shown(answer) == "\n".join(
        [
            "204",
            f"allow: {allow}",
            "date: Mon, 02 Mar 2026 10:00:00 GMT",
            "x-request-id: <uuid>",
            "",
        ]
    )


def test_options_is_refused_in_the_provider_s_words_too(jobriver: Api) -> None:
    """[assumed] §6: what cannot be read, or is asked for, has its row of the catalogue."""
    malformed = jobriver.call("OPTIONS", "/jobs?search=%FF", key=None)
    asked = jobriver.call(
        "OPTIONS", "/jobs", key=None, headers={"X-Emulator-Fault": "status=500"}
    )

    assert shown(malformed) == refusal(
        400, "BAD_REQUEST", "Query string is malformed", None
    )
    assert shown(asked) == refusal(500, "INTERNAL_ERROR", "Internal server error", None)


def test_a_query_that_cannot_be_read_is_refused(jobriver: Api) -> None:
    """[assumed] §6: text that is not UTF-8 is 400, and no matter of the body's."""
    assert shown(jobriver.get("/jobs?search=%FF")) == refusal(
        400, "BAD_REQUEST", "Query string is malformed"
    )


def test_every_reply_has_a_request_id_of_its_own(jobriver: Api) -> None:
    """[primary] §3: X-Request-Id is unique; [assumed] §3: a UUID, on errors as well."""
    answers = [
        *(jobriver.get("/status") for _ in range(3)),
        jobriver.get("/status", key=None),
        jobriver.get("/nowhere"),
        jobriver.post("/status"),
        jobriver.post("/jobs", json={}),
        jobriver.call("DELETE", "/jobs/123"),
    ]

    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == len(answers)
    assert {uuid.UUID(one).version for one in ids} == {4}


def test_text_is_utf_8(jobriver: Api) -> None:
    """[assumed] §9: umlauts come as they were sent."""
    job = {**JOB, "title": "Bäcker:in für Großküche 🥨"}

    answer = jobriver.post("/jobs", json=job)

    assert answer.content.decode("utf-8").count(job["title"]) == 1


@pytest.mark.parametrize(
    "sent", ["application/json", "application/json; charset=utf-8", "Application/JSON"]
)
def test_json_may_come_with_a_charset(jobriver: Api, sent: str) -> None:
    """[primary] §9: writes need application/json; [assumed] §9: a charset is fine."""
    answer = jobriver.call(
        "PUT", "/jobs/123", content=b"{}", headers={"Content-Type": sent}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "sent", ["text/plain", "application/x-www-form-urlencoded", ""]
)
def test_a_body_of_another_type_is_not_taken(
    jobriver: Api, method: str, sent: str
) -> None:
    """[primary] §6: INVALID_CONTENT_TYPE is 415 unless application/json is sent."""
    path = "/jobs" if method == "POST" else "/jobs/123"

    answer = jobriver.call(method, path, content=b"{}", headers={"Content-Type": sent})

    assert shown(answer) == refusal(
        415, "INVALID_CONTENT_TYPE", "Content-Type must be application/json"
    )


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"7", b"null", b"\xff\xfe", b'{"title": NaN}']
)
def test_a_body_that_is_no_json_object_is_refused(
    jobriver: Api, method: str, body: bytes
) -> None:
    """[primary] §6: missing or not JSON; [assumed] §10: JSON but no object is 400 too."""
    path = "/jobs" if method == "POST" else "/jobs/123"

    answer = jobriver.call(
        method, path, content=body, headers={"Content-Type": "application/json"}
    )

    assert shown(answer) == refusal(
        400, "INVALID_REQUEST_BODY", "Request body is missing or not valid JSON"
    )


def test_a_delete_needs_neither_body_nor_type(jobriver: Api) -> None:
    """[primary] §9: only POST, PUT and PATCH need a Content-Type."""
    answer = jobriver.call(
        "DELETE", "/jobs/123", content=b"{", headers={"Content-Type": "text/plain"}
    )

    assert answer.status_code == 200
