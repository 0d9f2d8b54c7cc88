"""Jobriver's lockout: five failed attempts shut a caller out for a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jobriver_replies import refusal
from replies import calling_from, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Api

INVALID = refusal(403, "INVALID_API_KEY", "Invalid API key", None)


def wrong(api: Api, times: int = 1) -> list[str]:
    """Call with a wrong key; the codes that come back."""
    headers = {"X-API-Key": "jrv_wrong"}
    answers = [api.get("/status", None, headers=headers) for _ in range(times)]
    return [answer.json()["error"]["code"] for answer in answers]


def code(api: Api, key: str | None = "full") -> str:
    """The code that a call gets, or `ok`."""
    body = api.get("/status", key).json()
    return "ok" if body["success"] else str(body["error"]["code"])


def test_the_fifth_failure_is_still_an_invalid_key(jobriver: Api) -> None:
    """[primary] §2: five failed attempts; [assumed] §2: the fifth says INVALID_API_KEY."""
    assert wrong(jobriver, 6) == ["INVALID_API_KEY"] * 5 + ["API_KEY_BLOCKED"]


def test_a_blocked_caller_is_told_so_even_with_the_right_key(jobriver: Api) -> None:
    """[primary] §2: API_KEY_BLOCKED is 403; [assumed] §2: no Retry-After, no quota."""
    wrong(jobriver, 5)

    assert shown(jobriver.get("/jobs")) == refusal(
        403,
        "API_KEY_BLOCKED",
        "API key is temporarily blocked due to too many failed attempts",
        None,
    )


def test_four_failures_block_nobody(jobriver: Api) -> None:
    """[primary] §2: the block needs five."""
    wrong(jobriver, 4)

    assert code(jobriver) == "ok"


def test_the_block_ends_after_a_minute(jobriver: Api) -> None:
    """[primary] §2: one minute; [assumed] §2: from the fifth failure on."""
    wrong(jobriver, 4)
    jobriver.clock.advance(30)
    wrong(jobriver)
    jobriver.clock.advance(59.9)
    before = code(jobriver)
    jobriver.clock.advance(0.1)

    assert (before, code(jobriver)) == ("API_KEY_BLOCKED", "ok")


def test_knocking_does_not_keep_the_door_locked(jobriver: Api) -> None:
    """[assumed] §2: a blocked call is not a failed attempt."""
    wrong(jobriver, 5)
    jobriver.clock.advance(59)
    knocks = wrong(jobriver, 10)
    jobriver.clock.advance(1)

    assert knocks == ["API_KEY_BLOCKED"] * 10
    assert code(jobriver) == "ok"


def test_counting_starts_again_after_a_block(jobriver: Api) -> None:
    """[assumed] §2: the lock ends and the counter restarts."""
    wrong(jobriver, 5)
    jobriver.clock.advance(60)

    assert wrong(jobriver, 6) == ["INVALID_API_KEY"] * 5 + ["API_KEY_BLOCKED"]


def test_failures_grow_old(jobriver: Api) -> None:
    """[assumed] §2: what failed a quarter of an hour ago counts no more."""
    wrong(jobriver, 4)
    jobriver.clock.advance(15 * 60)

    assert wrong(jobriver, 6) == ["INVALID_API_KEY"] * 5 + ["API_KEY_BLOCKED"]


def test_success_resets_the_counter(jobriver: Api) -> None:
    """[assumed] §2: a successful authentication forgets the failures."""
    wrong(jobriver, 4)
    code(jobriver)

    assert wrong(jobriver, 5) == ["INVALID_API_KEY"] * 5
    assert code(jobriver) == "API_KEY_BLOCKED"


@pytest.mark.parametrize("key", ["inactive", "revoked", "expired", "ip_restricted"])
def test_a_known_key_that_is_refused_is_no_failed_attempt(
    jobriver: Api, key: str
) -> None:
    """[assumed] §2: only INVALID_API_KEY counts, and such a key is no success either."""
    wrong(jobriver, 4)
    refused = {code(jobriver, key) for _ in range(10)}

    assert "API_KEY_BLOCKED" not in refused
    assert wrong(jobriver, 2) == ["INVALID_API_KEY", "API_KEY_BLOCKED"]


def test_a_missing_key_is_neither_failure_nor_blocked(jobriver: Api) -> None:
    """[assumed] §2: an attempt needs a credential; MISSING_API_KEY comes before the lock."""
    missing = [code(jobriver, None) for _ in range(10)]
    wrong(jobriver, 5)

    assert missing == ["MISSING_API_KEY"] * 10
    assert code(jobriver, None) == "MISSING_API_KEY"
    assert code(jobriver) == "API_KEY_BLOCKED"


def test_callers_are_told_apart_by_their_address(jobriver: Api) -> None:
    """[assumed] §2: a wrong key has no record to attach to, so the address is blocked."""
    one = calling_from(jobriver, "192.0.2.1")
    other = calling_from(jobriver, "192.0.2.2")
    wrong(one, 5)

    assert (code(one), code(other)) == ("API_KEY_BLOCKED", "ok")


def test_callers_behind_a_trusted_proxy_are_told_apart(
    api_of: Callable[..., Api],
) -> None:
    """[assumed] §2: the address is the client's, not the proxy's."""
    api = calling_from(api_of("jobriver", trusted_proxies=("10.0.0.0/8",)), "10.0.0.1")

    def through(client: str, key: str) -> int:
        sent = {"X-Forwarded-For": client, "X-API-Key": key}
        return int(api.get("/status", None, headers=sent).status_code)

    for _ in range(5):
        through("192.0.2.1", "jrv_wrong")
    right = api.credentials["full"]["value"]

    assert (through("192.0.2.1", right), through("192.0.2.2", right)) == (403, 200)


def test_different_wrong_keys_count_together(jobriver: Api) -> None:
    """[assumed] §2: trying many keys is what the block is for."""
    for number in range(5):
        answer = jobriver.get("/status", None, headers={"X-API-Key": f"jrv_{number}"})
        assert shown(answer) == INVALID

    assert code(jobriver) == "API_KEY_BLOCKED"


def test_unknown_paths_are_found_wanting_before_the_lock(jobriver: Api) -> None:
    """[assumed] §2: route and method come before the key."""
    wrong(jobriver, 5)

    assert jobriver.get("/nowhere").status_code == 404
    assert jobriver.post("/status").status_code == 405
