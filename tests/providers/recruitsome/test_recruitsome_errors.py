"""RecruitSome's errors: each reached naturally, and again on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from recruits import APPLICATION, SENIOR, file, reply
from replies import another, change, shown

if TYPE_CHECKING:
    from tests.conftest import Api

INVALID = "The given data was invalid."
TEXT = {"Content-Type": "text/plain"}


class Way(NamedTuple):
    """One refusal, how a call comes by it, and how it is asked for."""

    code: str
    status: int
    body: dict[str, Any]
    naturally: Callable[[Api], Any]
    asking: Callable[[Api, dict[str, str]], Any]
    """A call that would go well, with more headers."""
    left: int | None = 59
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed


def health(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/health", headers=headers)


def listing(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/vacancies", headers=headers)


def reading(api: Api, headers: dict[str, str]) -> Any:
    return api.get(f"/vacancies/{SENIOR}", headers=headers)


def member(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/team/1", headers=headers)


def applying(api: Api, headers: dict[str, str]) -> Any:
    return api.post("/applications", json=APPLICATION, headers=headers)


def uploading(api: Api, headers: dict[str, str]) -> Any:
    data = {"user_id": "5"}
    return api.post("/candidates", data=data, files=file("cv.pdf"), headers=headers)


def candidates(api: Api, headers: dict[str, str]) -> Any:
    return api.get("/candidates?user_id=5", headers=headers)


def drained(api: Api) -> Any:
    for _ in range(60):
        api.get("/health")
    return api.get("/health")


def without_scope(api: Api) -> Any:
    change(api, "api_keys", "full", scopes=[])
    return api.get("/vacancies")


def without_api(api: Api) -> Any:
    change(api, "tenants", "grachtenwerk", api_enabled=False)
    return api.get("/health")


def revoked(api: Api) -> Any:
    change(api, "api_keys", "full", state="revoked")
    return api.get("/health")


def bearer(text: str) -> Callable[[Api], Any]:
    return lambda api: api.get("/health", None, headers={"Authorization": text})


def message(text: str) -> dict[str, Any]:
    return {"message": text}


def invalid(**errors: str) -> dict[str, Any]:
    return {"message": INVALID, "errors": {k: [v] for k, v in errors.items()}}


APPLICATION_LACKS = invalid(
    vacancy="The vacancy field is required.",
    candidate="The candidate field is required.",
)
RESUME_LACKS = invalid(
    resume="The resume field is required.", user_id="The user id field is required."
)
WRONG = message("Invalid authentication credentials.")
NO_KEY = message("Unauthenticated.")
MISSING = message("Resource not found.")
WAYS = [
    Way(
        "credential_missing",
        401,
        NO_KEY,
        lambda api: api.get("/health", None),
        health,
        None,
    ),
    Way("credential_malformed", 401, NO_KEY, bearer("Basic x"), health, None),
    Way("credential_unknown", 401, WRONG, bearer("Bearer rs_wrong"), health, None),
    Way("credential_revoked", 401, WRONG, revoked, health, None),
    Way(
        "api_disabled",
        403,
        message("API access is not enabled for this tenant."),
        without_api,
        health,
        None,
    ),
    Way(
        "scope_missing",
        403,
        {
            "message": "This API key does not have the required scope: vacancies:read.",
            "code": "INSUFFICIENT_SCOPE",
        },
        without_scope,
        listing,
    ),
    Way(
        "rate_limited",
        429,
        message("Too Many Attempts."),
        drained,
        health,
        0,
        {"retry_after": "60"},
    ),
    Way("not_found", 404, MISSING, lambda api: api.get("/vacancies/none"), reading),
    Way("invalid_path", 404, MISSING, lambda api: api.get("/team/none"), member),
    Way("no_route", 404, MISSING, lambda api: api.get("/nowhere"), listing, None),
    Way(
        "malformed_query",
        400,
        message("Bad Request"),
        lambda api: api.get("/vacancies?search=%FF"),
        listing,
    ),
    Way(
        "invalid_request",
        422,
        invalid(page="The page must be an integer."),
        lambda api: api.get("/vacancies?page=x"),
        listing,
    ),
    Way(
        "invalid_request",
        422,
        APPLICATION_LACKS,
        lambda api: api.post("/applications", json={}),
        applying,
    ),
    Way(
        "malformed_body",
        422,
        APPLICATION_LACKS,
        lambda api: api.post(
            "/applications", content=b"{", headers={"Content-Type": "application/json"}
        ),
        applying,
    ),
    Way(
        "unsupported_media",
        422,
        APPLICATION_LACKS,
        lambda api: api.post("/applications", content=b"x", headers=TEXT),
        applying,
    ),
    Way(
        "unsupported_media",
        422,
        RESUME_LACKS,
        lambda api: api.post("/candidates", content=b"x", headers=TEXT),
        uploading,
    ),
    Way(
        "malformed_body",
        422,
        RESUME_LACKS,
        lambda api: api.post(
            "/candidates", content=b"x", headers={"Content-Type": "multipart/form-data"}
        ),
        uploading,
    ),
    Way(
        "invalid_request",
        422,
        RESUME_LACKS,
        lambda api: api.post("/candidates", files={"other": ("a", b"x")}),
        uploading,
    ),
]
BY_CODE = [pytest.param(way, id=f"{way.code}-{way.asking.__name__}") for way in WAYS]


@pytest.mark.parametrize("way", BY_CODE)
def test_every_refusal_can_be_met(recruitsome: Api, way: Way) -> None:
    """[primary], [docs: errors] §6: status and envelope; [assumed]: the other texts."""
    answer = way.naturally(recruitsome)

    expected = reply(way.status, way.body, way.left, **way.headers)
    assert shown(answer) == expected


@pytest.mark.parametrize("way", BY_CODE)
def test_a_refusal_on_request_is_the_natural_one(recruitsome: Api, way: Way) -> None:
    """[primary] §6: a client cannot tell X-Emulator-Refuse from the real thing."""
    natural = way.naturally(another(recruitsome))

    asked = way.asking(recruitsome, {"X-Emulator-Refuse": way.code})

    assert shown(asked) == shown(natural)
    assert asked.content == natural.content
    assert list(asked.headers) == list(natural.headers)


@pytest.mark.parametrize("way", BY_CODE)
def test_the_call_that_is_refused_on_request_would_go_well(
    recruitsome: Api, way: Way
) -> None:
    """[primary] §6: without the wish the same call succeeds."""
    assert way.asking(recruitsome, {}).status_code in (200, 201, 202)


@pytest.mark.parametrize("call", [listing, applying, uploading, health])
@pytest.mark.parametrize(
    ("status", "text", "left"),
    [
        (500, "Server Error", 59),
        (502, "Bad Gateway", None),
        (503, "Service Unavailable", None),
    ],
)
def test_the_server_can_fail(
    recruitsome: Api,
    call: Callable[[Api, dict[str, str]], Any],
    status: int,
    text: str,
    left: int | None,
) -> None:
    """[primary] 500, [docs: errors] 502 and 503 of §6; [assumed] §6: the texts."""
    answer = call(recruitsome, {"X-Emulator-Fault": f"status={status}"})

    assert shown(answer) == reply(status, message(text), left)


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("POST", "/vacancies", "GET, HEAD"),
        ("DELETE", f"/vacancies/{SENIOR}", "GET, HEAD"),
        ("PUT", "/candidates", "GET, HEAD, POST"),
        ("GET", "/applications", "POST"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    recruitsome: Api, method: str, path: str, methods: str
) -> None:
    """[assumed] §6: 405, with the route and the methods in the text."""
    answer = recruitsome.call(method, path)

    assert answer.status_code == 405
    assert answer.json() == message(
        f"The {method} method is not supported for route api/v1{path}. "
        f"Supported methods: {methods}."
    )
    assert "X-RateLimit-Limit" not in answer.headers


def test_a_body_that_is_too_large(api_of: Callable[..., Api]) -> None:
    """[assumed] §6: 413, by the framework's own name for it."""
    api = api_of("recruitsome", max_body=1_000)

    answer = api.post("/applications", json={**APPLICATION, "motivation": "x" * 2_000})

    assert (answer.status_code, answer.json()) == (413, message("Content Too Large"))


def test_only_validation_has_errors(recruitsome: Api) -> None:
    """[primary], [docs: errors] §6: `errors` is for validation alone."""
    for way in WAYS:
        assert ("errors" in way.body) == (way.status == 422)


@pytest.mark.parametrize("accept", ["application/json", "text/html", ""])
def test_every_answer_is_json(recruitsome: Api, accept: str) -> None:
    """[primary] §9: JSON for all; [assumed] §9: whatever is accepted."""
    for path in ("/health", "/vacancies/none", "/nowhere"):
        answer = recruitsome.get(path, headers={"Accept": accept})
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.json()
