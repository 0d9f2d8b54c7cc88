"""JobsPikr's two ways to say who calls, its hosts, and its two sets of keys."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import pytest
from replies import shown
from searches import BASIC, COUNTS, EVERYTHING, EXPIRED, refusal, search

if TYPE_CHECKING:
    from tests.conftest import Api

MISSING = refusal(401, "Missing client_id or client_auth_key.", www_authenticate=BASIC)
INVALID = refusal(401, "Invalid client_id or client_auth_key.", www_authenticate=BASIC)


def pair(api: Api, name: str = "full") -> dict[str, str]:
    headers: dict[str, str] = dict(api.credentials[name]["headers"])
    return headers


def basic(api: Api, name: str = "full") -> dict[str, str]:
    sent = pair(api, name)
    both = f"{sent['client_id']}:{sent['client_auth_key']}".encode()
    return {"Authorization": f"Basic {base64.b64encode(both).decode()}"}


def asked(api: Api, headers: dict[str, str]) -> Any:
    return api.get(COUNTS, None, headers=headers)


def test_two_headers_say_who_calls(jobspikr: Api) -> None:
    """[primary] §2: `client_id` and `client_auth_key`, with underscores."""
    assert set(pair(jobspikr)) == {"client_id", "client_auth_key"}
    assert asked(jobspikr, pair(jobspikr)).status_code == 200


def test_basic_says_it_too(jobspikr: Api) -> None:
    """[primary] §2: HTTP Basic; [docs: clients]: the id is the user."""
    assert asked(jobspikr, basic(jobspikr)).status_code == 200


def test_hyphens_are_other_headers(jobspikr: Api) -> None:
    """[assumed] §2: the names are read verbatim."""
    sent = {name.replace("_", "-"): one for name, one in pair(jobspikr).items()}

    assert shown(asked(jobspikr, sent)) == MISSING


def test_the_headers_win(jobspikr: Api) -> None:
    """[assumed] §2: who sends both is known by the headers."""
    wrong = {"Authorization": "Basic eDp5"}

    assert asked(jobspikr, pair(jobspikr) | wrong).status_code == 200
    assert shown(asked(jobspikr, pair(jobspikr) | {"client_id": "x"})) == INVALID
    sent = basic(jobspikr) | pair(jobspikr) | {"client_auth_key": "x"}
    assert shown(asked(jobspikr, sent)) == INVALID


def test_half_a_pair_is_none(jobspikr: Api) -> None:
    """[assumed] §2: both are needed; Basic then still counts."""
    for name, value in pair(jobspikr).items():
        assert shown(asked(jobspikr, {name: value})) == MISSING
        assert asked(jobspikr, {name: value} | basic(jobspikr)).status_code == 200


def test_nobody_is_401(jobspikr: Api) -> None:
    """[assumed] §2: with the challenge of Basic."""
    assert shown(asked(jobspikr, {})) == MISSING


@pytest.mark.parametrize("scheme", ["Bearer abc", "Basic !", "Basic eA==", "Basic"])
def test_what_cannot_be_read_is_invalid(jobspikr: Api, scheme: str) -> None:
    """[assumed] §2: as a wrong pair."""
    assert shown(asked(jobspikr, {"Authorization": scheme})) == INVALID


def test_a_key_belongs_to_its_client(jobspikr: Api) -> None:
    """[assumed] §2: one client's id with another's key is no pair."""
    mixed = {**pair(jobspikr), "client_id": pair(jobspikr, "production")["client_id"]}

    assert shown(asked(jobspikr, mixed)) == INVALID


def test_the_query_string_is_not_looked_at(jobspikr: Api) -> None:
    """[assumed] §2: v1's way is not one of v2's."""
    answer = jobspikr.get(COUNTS, None, params=pair(jobspikr) | {"query": "geo"})

    assert shown(answer) == MISSING


@pytest.mark.parametrize("key", ["disabled", "sandbox_disabled"])
def test_a_disabled_account_is_403(jobspikr: Api, key: str) -> None:
    """[assumed] §2."""
    expected = refusal(403, "This account is disabled.")

    assert shown(jobspikr.get(COUNTS, key)) == expected
    assert shown(search(jobspikr, key=key)) == expected
    assert shown(jobspikr.get(COUNTS, None, headers=basic(jobspikr, key))) == expected


def test_ids_and_keys_look_like_the_real_ones(jobspikr: Api) -> None:
    """[docs: support v1], [docs: clients] §2: the patterns that were seen."""
    for name in jobspikr.credentials:
        sent = pair(jobspikr, name)
        kind = "sandbox_" if name.startswith("sandbox") else ""
        assert re.fullmatch(rf"[a-z_]+_jp_{kind}[0-9a-f]{{10}}", sent["client_id"])
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", sent["client_auth_key"])


@pytest.mark.parametrize("host", ["api.jobspikr.com", "api-bcp.jobspikr.com"])
@pytest.mark.parametrize("path", [EXPIRED, COUNTS])
def test_both_hosts_answer(jobspikr: Api, host: str, path: str) -> None:
    """[primary] §1: the second one is for persistent problems with the first."""
    headers = {**pair(jobspikr), "Host": host}

    assert jobspikr.client.get(f"/v2{path}", headers=headers).status_code == 200


def test_the_hosts_share_their_state(jobspikr: Api) -> None:
    """[assumed] §1: the same keys, credits and counters."""
    left, codes = [], []
    for host in ("api.jobspikr.com", "api-bcp.jobspikr.com", "api.jobspikr.com"):
        headers = {**pair(jobspikr), "Host": host}
        body = {"search_query_json": EVERYTHING, "size": 10, "cursor": 1 + len(left)}
        answer = jobspikr.client.post("/v2/data", json=body, headers=headers)
        left.append(answer.json()["job_credit_remaining"])
        for _ in range(4):
            counted = jobspikr.client.get(f"/v2{COUNTS}", headers=headers)
            codes.append(counted.status_code)

    assert left == [4990, 4990, 4990]  # the same ten jobs, paid for once
    assert codes == [200] * 10 + [429] * 2
