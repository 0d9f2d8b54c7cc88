"""Is the caller shut out, having failed too often?"""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

from emulator.diagnostics import SpecError

GOOD, BAD = {"X-Key": "k-ada"}, {"X-Key": "k-nobody"}
LOCKOUT = "authentication.lockout"


def locks(**changes: Any) -> Tiny:
    """The doors with another rule of locking: three failures, one minute."""
    rule = {"counts": ["credential_unknown"], "per": "ip", "after": 3, "for": "1m"}
    return Tiny("doors", {LOCKOUT: {**rule, **changes}})


def fail(doors: Tiny, times: int, **sent: Any) -> list[int]:
    """Knock with a wrong key; what came of it each time."""
    return [doors.status("/header", headers=BAD, **sent) for _ in range(times)]


def test_the_last_failure_locks_and_the_next_call_meets_the_lock() -> None:
    """The failure that locks is answered as a failure; the lock speaks afterwards."""
    doors = locks()

    assert fail(doors, 4) == [401, 401, 401, 423]


def test_a_lock_says_how_long_it_lasts() -> None:
    """Whoever is shut out hears the seconds that are left, a started one counted."""
    doors = locks()
    fail(doors, 3)
    doors.clock.advance(12.5)

    reply = doors.get("/header", headers=GOOD)

    assert reply.status_code == 423
    assert reply.headers["retry-after"] == "48"
    assert reply.json() == {"error": "locked_out", "more": 48}


def test_knocking_on_a_locked_door_does_not_keep_it_locked() -> None:
    """A lock runs from the failure that brought it about."""
    doors = locks()
    fail(doors, 3)
    doors.clock.advance(59)
    fail(doors, 5)
    doors.clock.advance(1)

    assert doors.status("/header", headers=GOOD) == 200


def test_after_a_lock_failures_are_counted_anew() -> None:
    """One failure after a lock does not lock again."""
    doors = locks()
    fail(doors, 3)
    doors.clock.advance(60)

    assert fail(doors, 4) == [401, 401, 401, 423]


@pytest.mark.parametrize(
    ("reset", "statuses"),
    [(True, [401, 401, 401, 423]), (False, [401, 423, 423, 423])],
)
def test_getting_through_may_forget_failures(reset: bool, statuses: list[int]) -> None:
    """With `reset_on_success`, only failures in a row add up."""
    doors = locks(reset_on_success=reset)
    fail(doors, 2)
    doors.get("/header", headers=GOOD)

    assert fail(doors, 4) == statuses


def test_failures_grow_old_within_the_window() -> None:
    """A failure that is as old as `within` no longer counts."""
    doors = locks(within="10s")
    fail(doors, 1)
    doors.clock.advance(5)
    fail(doors, 1)
    doors.clock.advance(5)
    statuses = fail(doors, 1)
    doors.clock.advance(4)
    statuses += fail(doors, 2)

    assert statuses == [401, 401, 423]


def test_each_lock_may_last_longer_than_the_one_before() -> None:
    """The durations are those of the first lock, the second, ...; the last repeats."""
    doors = locks(after=1, **{"for": ["10s", "1m", "1h"]})
    lasted = []
    for _ in range(4):
        fail(doors, 1)
        left = int(doors.get("/header", headers=GOOD).headers["retry-after"])
        lasted.append(left)
        doors.clock.advance(left)

    assert lasted == [10, 60, 3_600, 3_600]


def test_getting_through_starts_the_durations_again() -> None:
    """Who got in with a good key is a first offender again."""
    doors = locks(after=1, **{"for": ["10s", "1m"]})
    fail(doors, 1)
    doors.clock.advance(10)
    doors.get("/header", headers=GOOD)
    fail(doors, 1)

    assert doors.get("/header", headers=GOOD).headers["retry-after"] == "10"


def test_per_ip_another_address_stays_free() -> None:
    """Failures are those of an address, whatever key it tried."""
    doors = locks()
    fail(doors, 3, ip="192.0.2.7")

    assert doors.status("/header", headers=GOOD, ip="192.0.2.7") == 423
    assert doors.status("/header", headers=GOOD, ip="192.0.2.8") == 200


def test_per_credential_another_key_stays_free() -> None:
    """Failures are those of a key, whatever address it came from."""
    doors = locks(per="credential")
    for ip in ("192.0.2.7", "192.0.2.8", "192.0.2.9"):
        fail(doors, 1, ip=ip)

    assert doors.status("/header", headers=BAD) == 423
    assert doors.status("/header", headers={"X-Key": "k-other"}) == 401
    assert doors.status("/header", headers=GOOD) == 200


def test_per_account_all_credentials_of_the_account_are_locked() -> None:
    """Wrong passwords for one user shut out every user of the team."""
    doors = locks(per="account")
    for password in "abc":
        doors.get("/password", auth=("eve", password))

    assert doors.status("/password", auth=("eve", "o:p en")) == 423
    assert doors.status("/password", auth=("fay", "pässword")) == 423
    assert doors.status("/password", auth=("gus", "open")) == 200
    assert doors.status("/header", headers={"X-Key": "k-ada"}) == 423


def test_per_account_a_name_that_nobody_has_is_its_own_account() -> None:
    """Failures with an unknown user lock that name and nobody else."""
    doors = locks(per="account")
    for password in "abc":
        doors.get("/password", auth=("nobody", password))

    assert doors.status("/password", auth=("nobody", "x")) == 423
    assert doors.status("/password", auth=("nobody2", "x")) == 401


def test_per_operation_other_operations_stay_free() -> None:
    """Failures at one operation lock that operation, for everybody."""
    doors = locks(per="operation")
    fail(doors, 3, ip="192.0.2.7")

    assert doors.status("/header", headers=GOOD) == 423
    assert doors.status("/paid", headers=GOOD) == 200


def test_per_expression_counts_what_the_expression_says() -> None:
    """A network and an operation together can be what is shut out."""
    doors = locks(per="client[:8] + '/' + operation_id")
    fail(doors, 3, ip="192.0.2.7")

    assert doors.status("/header", headers=GOOD, ip="192.0.2.200") == 423
    assert doors.status("/header", headers=GOOD, ip="192.0.9.7") == 200
    assert doors.status("/paid", headers=GOOD, ip="192.0.2.7") == 200


def test_only_the_refusals_that_count_are_failures() -> None:
    """A suspended key is no failure, unless the provider counts it as one."""
    suspended = {"X-Key": "k-cy"}
    counted = locks(counts=["credential_suspended"], after=2)
    ignored = locks(after=2)

    for doors in (counted, ignored):
        for _ in range(2):
            doors.get("/header", headers=suspended)

    assert counted.status("/header", headers=GOOD) == 423
    assert ignored.status("/header", headers=GOOD) == 200


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        ("credential_missing", {}),
        ("credential_malformed", {"headers": {"Authorization": "Bearer "}}),
    ],
)
def test_a_call_that_claims_nothing_can_count(code: str, sent: Any) -> None:
    """An address that sends no credential, or a broken one, can fail too."""
    doors = locks(counts=[code], after=2)
    for _ in range(2):
        doors.get("/token", **sent)

    assert doors.status("/header", headers=GOOD) == 423


def test_operations_that_ask_for_nothing_know_no_locks() -> None:
    """A caller that is shut out still reaches what is open."""
    doors = locks()
    fail(doors, 3)

    assert doors.status("/open", headers=GOOD) == 200
    assert doors.status("/optional") == 200
    assert doors.status("/optional", headers=GOOD) == 423


def test_a_ban_of_an_address_holds_for_calls_that_claim_nothing() -> None:
    """Also at operations that ask for no credential; without it those stay open."""
    for all_calls, statuses in ((True, [423, 423]), (False, [200, 200])):
        doors = locks(all_calls=all_calls)
        fail(doors, 3)

        assert [doors.status(path) for path in ("/open", "/optional")] == statuses
        assert doors.status("/open", ip="192.0.2.9") == 200
        doors.clock.advance(60)
        assert doors.status("/open") == 200


def test_a_ban_of_all_calls_is_not_one_of_credentials() -> None:
    with pytest.raises(SpecError, match="write `per: ip`, or remove `all_calls`"):
        locks(all_calls=True, per="credential")
