"""Operations that ask for credentials of several collections at once (OpenAPI 3.1, 4.8.30)."""

from __future__ import annotations

from pathlib import Path

import pytest
from front_door import Api
from small import small

FULL = {"X-App": "app-1", "Authorization": "Bearer token-1"}


@pytest.fixture
def shop(tmp_path: Path) -> Api:
    """Its orders are for people, who come with an app; apps are known by themselves."""
    asks = {"App": [], "Person": ["orders"]}
    ok = {"responses": {"200": {"description": "Fine"}}}
    who = {"reply": {"body": {"who": "${caller.name}"}}}
    return small(
        tmp_path,
        {
            "/orders": {"get": {"operationId": "orders", "security": [asks], **ok}},
            "/app": {"get": {"operationId": "app", "security": [{"App": []}], **ok}},
        },
        {"orders": who, "app": who},
        openapi={
            "components": {
                "securitySchemes": {
                    "App": {"type": "apiKey", "in": "header", "name": "X-App"},
                    "Person": {"type": "http", "scheme": "bearer"},
                }
            }
        },
        collections={"apps": {}, "people": {}},
        authentication={
            "schemes": {
                "App": {"credentials": "apps", "state": "state"},
                "Person": {"credentials": "people", "field": "token", "scopes": "may"},
            }
        },
        table={
            "credential_missing": {"status": 401},
            "credential_malformed": {"status": 401},
            "credential_unknown": {"status": 401},
            "credential_revoked": {"status": 403},
            "scope_missing": {"status": 403},
        },
        fixtures={
            "apps": [
                {"id": 1, "name": "till", "key": "app-1", "state": "active"},
                {"id": 2, "name": "old till", "key": "app-2", "state": "revoked"},
            ],
            "people": [
                {"id": 1, "name": "ada", "token": "token-1", "may": ["orders"]},
                {"id": 2, "name": "bob", "token": "token-2", "may": []},
            ],
        },
    )


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, 200),
        ({"X-App": ""}, 401),
        ({"Authorization": ""}, 401),
        ({"X-App": "app-9"}, 401),
        ({"Authorization": "Bearer token-9"}, 401),
        ({"X-App": "app-2"}, 403),
        ({"Authorization": "Bearer token-2"}, 403),
    ],
)
def test_each_credential_is_proved(
    shop: Api, changed: dict[str, str], status: int
) -> None:
    assert shop.get("/orders", None, headers={**FULL, **changed}).status_code == status


def test_the_one_with_scopes_is_the_caller(shop: Api) -> None:
    assert shop.get("/orders", None, headers=FULL).json() == {"who": "ada"}
    assert shop.get("/app", None, headers={"X-App": "app-1"}).json() == {"who": "till"}


def test_credentials_are_listed_with_what_is_sent_beside_them(shop: Api) -> None:
    """That of a person has an app's as well; one of the same state."""
    assert shop.credentials["ada"]["headers"] == FULL
    assert shop.credentials["till"]["headers"] == {"X-App": "app-1"}
    assert shop.get("/orders", "ada").status_code == 200


def test_no_secret_of_either_is_shown_by_the_journal(shop: Api) -> None:
    shop.get("/orders", None, headers=FULL)
    entry = shop.client.get("/_emulator/worlds/default/journal").text
    assert "app-1" not in entry
    assert "token-1" not in entry
