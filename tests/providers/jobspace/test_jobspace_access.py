"""Who may call The Job Space, how often, and what is asked for in which version."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from job_space import JOB, START, bearer, refusal
from replies import shown

if TYPE_CHECKING:
    from front_door import Api

UNAUTHENTICATED = refusal(401, "Unauthenticated", None)
NOT_ACCEPTABLE = "Unable to format response according to Accept header."
NO_VERSION = "The version given was unknown or has no registered routes."


def without(headers: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in headers.items() if key != name}


@pytest.mark.parametrize(
    "headers",
    [{}, bearer("no"), bearer(""), {"Authorization": "Token x"}],
)
def test_a_call_without_a_good_token_is_401(
    jobspace: Api, headers: dict[str, str]
) -> None:
    """[docs: rev B] §2.5: no full stop, in `data`."""
    assert shown(jobspace.get("/api/job", None, headers=headers)) == UNAUTHENTICATED


@pytest.mark.parametrize("key", ["expired", "revoked", "basic_not_enabled"])
def test_a_credential_that_is_over_is_401(jobspace: Api, key: str) -> None:
    """[docs: rev B] §2.5; [assumed] §2.3: an account without the feature."""
    assert shown(jobspace.get("/api/job", key)) == refusal(401, "Unauthenticated", 60)


@pytest.mark.parametrize("word", ["Basic", "BASIC", "basic"])
def test_basic_needs_no_token(jobspace: Api, word: str) -> None:
    """[docs: rev B] §2.3: three headers; [assumed]: the word in any case."""
    headers = dict(jobspace.credentials["basic"]["headers"])
    assert list(headers) == ["Authorization", "Client-Id", "Client-Secret"]
    headers["Authorization"] = word + headers["Authorization"].removeprefix("Basic")

    answer = jobspace.get("/api/job/142", None, headers=headers)

    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["Authorization", "Client-Id", "Client-Secret"])
def test_basic_needs_all_three_headers(jobspace: Api, name: str) -> None:
    """[docs: rev B] §2.3."""
    headers = jobspace.credentials["basic"]["headers"]
    wrong = base64.b64encode(b"martin.test@example.com:no").decode()
    bad = {**headers, name: f"Basic {wrong}" if name == "Authorization" else "no"}

    lacking = jobspace.get("/api/job", None, headers=without(headers, name))
    spoilt = jobspace.get("/api/job", None, headers=bad)

    assert shown(lacking) == shown(spoilt) == UNAUTHENTICATED


@pytest.mark.parametrize("key", ["read_only", "basic_read_only"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/admin/api/job"),
        ("POST", "/admin/api/job/150/update"),
        ("POST", "/admin/api/job/150/delete"),
        ("GET", "/admin/api/job/options"),
        ("POST", "/api/job"),
        ("POST", "/api/job/150/update"),
    ],
)
def test_only_administrators_write(
    jobspace: Api, key: str, method: str, path: str
) -> None:
    """[docs: rev B] §6: 403 is for those who are none; [assumed]: where, and the body."""
    answer = jobspace.call(method, path, key)

    assert shown(answer) == refusal(403, "403 Forbidden")
    assert jobspace.get("/api/job", key).status_code == 200


def test_sixty_calls_a_minute(jobspace: Api) -> None:
    """[assumed] §3: per token, counted from the first call; then 429 and Retry-After."""
    for left in range(59, -1, -1):
        answer = jobspace.get("/api/job/type")
        assert answer.headers["X-RateLimit-Remaining"] == str(left)
    jobspace.clock.advance(20)

    refused = jobspace.get("/api/job/type")

    assert shown(refused) == refusal(
        429,
        "You have exceeded your rate limit.",
        0,
        at=START + 20,
        retry_after="40",
    )
    assert jobspace.get("/api/job/type", "other_organisation").status_code == 200
    jobspace.clock.advance(40)
    assert jobspace.get("/api/job/type").status_code == 200


@pytest.mark.parametrize(
    "accept",
    [
        "application/vnd.jb.v1+json",
        "application/json",
        "*/*",
        "application/*",
        "",
        "text/html, */*;q=0.1",
    ],
)
def test_json_is_what_is_served(jobspace: Api, accept: str) -> None:
    """[docs: rev B] §9: the vendor's type; [assumed]: or nothing in particular."""
    answer = jobspace.get("/api/job/142", headers={"Accept": accept})

    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        "application/json",
    )


@pytest.mark.parametrize(
    "accept", ["application/vnd.jb.v1+xml", "application/xml", "text/html"]
)
def test_another_format_is_406(jobspace: Api, accept: str) -> None:
    """[docs: rev A] §6: the meaning; [assumed] §9: the text."""
    answer = jobspace.get("/api/job/142", headers={"Accept": accept})

    assert shown(answer) == refusal(406, NOT_ACCEPTABLE)


@pytest.mark.parametrize("version", ["v2", "v0", "v1.1"])
def test_another_version_is_400(jobspace: Api, version: str) -> None:
    """[assumed] §9."""
    headers = {"Accept": f"application/vnd.jb.{version}+json"}

    assert shown(jobspace.get("/api/job/142", headers=headers)) == refusal(
        400, NO_VERSION
    )


def test_the_host_is_an_address_too(jobspace: Api) -> None:
    """[primary], [docs: rev A] §1: www and beta, with paths from the root."""
    headers = jobspace.credentials["full"]["headers"]
    for host in ("www.thejobspace.com", "beta.thejobspace.com"):
        answer = jobspace.client.get(
            f"http://{host}/api/job/142", headers={**headers, "Host": host}
        )
        links = answer.json()["data"]["links"]
        assert links["self"] == f"http://{host}/api/job/142"


Call = Callable[["Api"], Any]

# fmt: off
WAYS: dict[str, tuple[int, str, Call, str]] = {
    "credential_missing": (401, "Unauthenticated", lambda api: api.get("/api/job", None), "/api/job"),
    "credential_unknown": (401, "Unauthenticated", lambda api: api.get("/api/job", None, headers=bearer("no")), "/api/job"),
    "credential_malformed": (401, "Unauthenticated", lambda api: api.get("/api/job", None, headers={"Authorization": "x"}), "/api/job"),
    "credential_expired": (401, "Unauthenticated", lambda api: api.get("/api/job", "expired"), "/api/job"),
    "credential_revoked": (401, "Unauthenticated", lambda api: api.get("/api/job", "revoked"), "/api/job"),
    "admins_only": (403, "403 Forbidden", lambda api: api.get("/admin/api/job/options", "read_only"), "/admin/api/job/options"),
    "not_found": (404, "404 Not Found", lambda api: api.get("/api/job/99999"), "/api/job/142"),
    "invalid_path": (404, "404 Not Found", lambda api: api.get("/api/job/abc"), "/api/job/142"),
    "no_route": (404, "404 Not Found", lambda api: api.get("/api/nowhere"), "/api/job"),
    "wrong_method": (405, "405 Method Not Allowed", lambda api: api.call("DELETE", "/api/job/142"), "/api/job/142"),
    "not_acceptable": (406, NOT_ACCEPTABLE, lambda api: api.get("/api/job", headers={"Accept": "text/html"}), "/api/job"),
    "version_unknown": (400, NO_VERSION, lambda api: api.get("/api/job", headers={"Accept": "application/vnd.jb.v9+json"}), "/api/job"),
    "malformed_query": (400, "400 Bad Request", lambda api: api.get("/api/job?a=%FF"), "/api/job"),
}
# fmt: on


@pytest.mark.parametrize("code", WAYS)
def test_a_refusal_on_request_is_the_natural_one(
    jobspace: Api, elsewhere: Callable[[str], Api], code: str
) -> None:
    """[docs: rev B] §6: status and envelope; a client cannot tell the two apart."""
    status, message, naturally, path = WAYS[code]
    natural = naturally(elsewhere("jobspace"))
    asked = jobspace.get(path, headers={"X-Emulator-Refuse": code})

    body = {"data": {"message": message, "status_code": status}}
    assert (natural.status_code, natural.json()) == (status, body)
    assert (asked.status_code, asked.content) == (status, natural.content)
    assert jobspace.get(path).status_code == 200


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("gone", 410, "410 Gone"),
        ("teapot", 418, "418 I'm a teapot"),
        ("server_error", 500, "500 Internal Server Error"),
        ("unavailable", 503, "503 Service Unavailable"),
    ],
)
def test_what_nothing_brings_about_can_be_wished_for(
    jobspace: Api, code: str, status: int, message: str
) -> None:
    """[docs: rev A] §6: the codes are documented, what causes them is not."""
    answer = jobspace.get("/api/job/142", headers={"X-Emulator-Refuse": code})

    body = {"data": {"message": message, "status_code": status}}
    assert (answer.status_code, answer.json()) == (status, body)


def test_the_order_is_401_403_422_402(jobspace: Api) -> None:
    """[assumed] §8: what is wrong with the input is said before what it would cost."""
    path = "/admin/api/job"

    assert jobspace.post(path, "expired", json={}).status_code == 401
    assert jobspace.post(path, "read_only", json={}).status_code == 403
    assert jobspace.post(path, "no_credits", json={}).status_code == 422
    assert jobspace.post(path, "no_credits", json=JOB).status_code == 402
