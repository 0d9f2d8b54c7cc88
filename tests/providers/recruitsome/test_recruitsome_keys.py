"""RecruitSome's keys: who may call, and what."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from recruits import APPLICATION, SENIOR, file, reply
from replies import change, shown

if TYPE_CHECKING:
    from tests.conftest import Api

CALLS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("GET", "/vacancies", "vacancies:read", {}),
    ("GET", "/vacancies/facets", "vacancies:read", {}),
    ("GET", f"/vacancies/{SENIOR}", "vacancies:read", {}),
    ("POST", "/applications", "applications:write", {"json": APPLICATION}),
    ("GET", "/candidates?user_id=5", "candidates:read", {}),
    ("GET", "/candidates/1", "candidates:read", {}),
    (
        "POST",
        "/candidates",
        "candidates:write",
        {"data": {"user_id": "5"}, "files": file("cv.pdf")},
    ),
    ("GET", "/team", "team:read", {}),
    ("GET", "/team/5", "team:read", {}),
    ("GET", "/locations", "locations:read", {}),
    ("GET", "/locations/amsterdam-office-amsterdam-nl", "locations:read", {}),
    ("GET", "/articles", "articles:read", {}),
    ("GET", "/articles/our-fleet-is-half-electric", "articles:read", {}),
]
"""Every call that needs a scope, and the scope."""
SCOPES = sorted({scope for _, _, scope, _ in CALLS})


def test_health_is_not_wrapped(recruitsome: Api) -> None:
    """[primary] §4.1: GET /health, with status and tenant and no `data`."""
    body = {"status": "authenticated", "tenant": "grachtenwerk"}

    assert shown(recruitsome.get("/health")) == reply(200, body)


def test_health_names_the_key_s_own_tenant(recruitsome: Api) -> None:
    """[primary] §1: every key belongs to one tenant."""
    answer = recruitsome.get("/health", "other_tenant")

    assert answer.json()["tenant"] == "noorderlicht-talent"


def test_health_needs_no_scope(recruitsome: Api) -> None:
    """[assumed] §10: any valid key may ask."""
    assert recruitsome.get("/health", "no_scopes").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": "Bearer "}, {"X-API-Key": "rs_x"}],
)
def test_no_key_is_unauthenticated(recruitsome: Api, headers: dict[str, str]) -> None:
    """[docs: errors] §2: no key."""
    answer = recruitsome.get("/health", None, headers=headers)

    assert shown(answer) == reply(401, {"message": "Unauthenticated."}, None)


def test_a_key_of_another_kind_is_no_key(recruitsome: Api) -> None:
    """[assumed] §2: only a bearer token is looked at."""
    answer = recruitsome.get("/health", None, headers={"Authorization": "Basic eDp5"})

    assert shown(answer) == reply(401, {"message": "Unauthenticated."}, None)


@pytest.mark.parametrize("token", ["rs_wrong", "YOUR_API_KEY", "x" * 3_000, "' OR 1"])
def test_a_wrong_key_has_a_text_of_its_own(recruitsome: Api, token: str) -> None:
    """[docs: errors] §2, §10: wrong and missing keys are told apart."""
    answer = recruitsome.get(
        "/health", None, headers={"Authorization": f"Bearer {token}"}
    )

    assert shown(answer) == reply(
        401, {"message": "Invalid authentication credentials."}, None
    )


def test_a_revoked_key_is_a_wrong_key(recruitsome: Api) -> None:
    """[docs: errors] §2: wrong or revoked; [assumed] §3: no quota on a 401."""
    assert shown(recruitsome.get("/vacancies", "revoked")) == reply(
        401, {"message": "Invalid authentication credentials."}, None
    )


@pytest.mark.parametrize(("method", "path", "scope", "rest"), CALLS)
def test_a_tenant_can_have_no_api(
    recruitsome: Api, method: str, path: str, scope: str, rest: dict[str, Any]
) -> None:
    """[docs: errors] §2: the text; [primary] §2: the status, whatever the scope."""
    answer = recruitsome.call(method, path, "tenant_disabled", **rest)

    assert shown(answer) == reply(
        403, {"message": "API access is not enabled for this tenant."}, None
    )


def test_health_of_a_tenant_without_api_is_403_too(recruitsome: Api) -> None:
    """[primary] §2: the key is good, the tenant is not."""
    assert recruitsome.get("/health", "tenant_disabled").status_code == 403


@pytest.mark.parametrize(("method", "path", "scope", "rest"), CALLS)
def test_a_key_may_do_what_its_scopes_say(
    recruitsome: Api, method: str, path: str, scope: str, rest: dict[str, Any]
) -> None:
    """[primary] §2: the table of scopes, and the code; [assumed] §2: its place and text."""
    change(recruitsome, "api_keys", "full", scopes=[s for s in SCOPES if s != scope])
    without = recruitsome.call(method, path, **rest)
    change(recruitsome, "api_keys", "full", scopes=[scope])
    allowed = recruitsome.call(method, path, **rest)

    body = {
        "message": f"This API key does not have the required scope: {scope}.",
        "code": "INSUFFICIENT_SCOPE",
    }
    assert shown(without) == reply(403, body)
    assert allowed.status_code in (200, 201, 202)


@pytest.mark.parametrize(
    ("key", "scopes"),
    [
        (
            "career_website",
            [
                "vacancies:read",
                "applications:write",
                "locations:read",
                "team:read",
                "articles:read",
            ],
        ),
        ("chrome_plugin", ["candidates:read", "candidates:write", "team:read"]),
        ("vacancies_only", ["vacancies:read"]),
        ("no_scopes", []),
    ],
)
def test_the_presets_hold_what_the_dashboard_says(
    recruitsome: Api, key: str, scopes: list[str]
) -> None:
    """[primary] §2: the presets Career Website and Chrome Plugin."""
    for method, path, scope, rest in CALLS:
        status = recruitsome.call(method, path, key, **rest).status_code
        assert (status < 300, status == 403) == (scope in scopes, scope not in scopes)


@pytest.mark.parametrize(("method", "path", "scope", "rest"), CALLS)
def test_a_tenant_sees_its_own_data_only(
    recruitsome: Api, method: str, path: str, scope: str, rest: dict[str, Any]
) -> None:
    """[primary] §1: data is tenant-scoped: what has a name there has none here."""
    answer = recruitsome.call(method, path, "other_tenant", **rest)

    if path.partition("?")[0].count("/") > 1 and not path.endswith("/facets"):
        assert shown(answer) == reply(404, {"message": "Resource not found."})
    elif method == "POST" or "user_id" in path:
        assert answer.status_code == 422
    else:
        assert "grachtenwerk" not in answer.text
        assert answer.json()["data"]


def spent(api: Api) -> None:
    for _ in range(60):
        api.get("/health")


CAUSES: list[tuple[str, Callable[[Api], None]]] = [
    ("revoked", lambda api: change(api, "api_keys", "full", state="revoked")),
    ("disabled", lambda api: change(api, "tenants", "grachtenwerk", api_enabled=False)),
    ("limited", spent),
    ("scope", lambda api: change(api, "api_keys", "full", scopes=[])),
]
STATUSES = {"revoked": 401, "disabled": 403, "limited": 429, "scope": 403}


def test_the_checks_come_in_order(recruitsome: Api) -> None:
    """[assumed] §2: key, tenant, rate limit, scope, and validation at last."""
    assert recruitsome.get("/vacancies?per_page=0").status_code == 422
    seen = []
    for name, cause in reversed(CAUSES):
        cause(recruitsome)
        answer = recruitsome.get("/vacancies?per_page=0")
        assert answer.status_code == STATUSES[name]
        seen.append(answer.json()["message"])

    assert len(set(seen)) == 4
