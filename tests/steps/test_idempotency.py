"""The same call twice is done once, and gets the same reply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from twice import FIXTURES, KEY, api

from emulator.diagnostics import SpecError


def add(made: Api, name: str = "a", key: str = "full", **headers: str) -> Any:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return made.post("/things", key, json={"name": name}, headers={**KEY, **sent})


def things(made: Api) -> int:
    count: int = made.get("/things").json()
    return count


def test_the_same_call_gets_the_same_reply(tmp_path: Path) -> None:
    """Byte for byte, with its own headers; what goes with every reply is of now."""
    made = api(tmp_path)
    first, again = add(made), add(made)

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"] == "/things/1"
    assert again.headers["X-Count"] == first.headers["X-Count"]
    assert again.headers["Content-Type"] == "application/json"
    assert again.headers["X-Request"] != first.headers["X-Request"]
    assert again.headers["Original"] == first.headers["X-Request"]
    assert ("Replayed" in first.headers, again.headers["Replayed"]) == (False, "true")
    assert things(made) == 1


def test_who_else_calls_and_what_else_is_another_call(tmp_path: Path) -> None:
    """Without a key, with another one, or by another caller."""
    made = api(tmp_path)
    add(made)
    add(made, key="other")
    add(made, Idempotency_Key="k-2")
    made.post("/things", json={"name": "a"})
    made.post("/things", json={"name": "a"}, headers={"Idempotency-Key": ""})

    assert things(made) == 5


def test_another_body_with_the_same_key_is_refused(tmp_path: Path) -> None:
    """In the provider's words, and the first reply stays what it is."""
    made = api(tmp_path)
    first = add(made)
    other = add(made, "b")
    elsewhere = made.post("/pay", headers=KEY)
    same = made.post("/things", content=b'{ "name" : "a" }',
                     headers={**KEY, "Content-Type": "application/json"})  # fmt: skip

    assert (other.status_code, other.json()) == (400, {"error": "key_reused"})
    assert elsewhere.status_code == 400
    assert same.content == first.content
    assert things(made) == 1


def test_a_key_is_forgotten_after_its_time(tmp_path: Path) -> None:
    made = api(tmp_path, {"for": "1h"})
    add(made)
    made.clock.advance(3599)
    add(made)
    before = things(made)
    made.clock.advance(1)
    late = add(made)

    assert (before, things(made), late.headers["Location"]) == (1, 2, "/things/2")


def test_refusals_are_given_again_where_they_are_kept(tmp_path: Path) -> None:
    """By default only successes are: a refused call may be made anew."""
    kept = api(tmp_path / "kept", {"keeps": ["2xx", "too_poor"]})
    fresh = api(tmp_path / "fresh")
    replies = []
    for made in (kept, fresh):
        made.post("/pay", headers=KEY)
        made.world.collections(made.program)["keys"].put(
            {**FIXTURES["keys"][0], "rich": True}
        )
        replies.append(made.post("/pay", headers=KEY).status_code)

    assert replies == [402, 200]


def test_a_lost_reply_is_given_again(tmp_path: Path) -> None:
    """A gateway's page in its place is not what the provider has answered."""
    made = api(tmp_path)
    lost = add(made, X_Emulator_Fault="gateway=502")
    again = add(made)

    assert (lost.status_code, again.status_code, again.json()["id"]) == (502, 201, 1)
    assert things(made) == 1


def test_a_call_is_in_flight_while_it_takes_its_time(tmp_path: Path) -> None:
    """The second of two is refused, and gets the reply when the first is over."""
    made = api(tmp_path, {"takes": "2s"})
    first = add(made, X_Emulator_Fault="delay=10ms")
    at_once = add(made)
    made.clock.advance(2.01)
    then = add(made)

    assert (at_once.status_code, at_once.headers["Retry-After"]) == (409, "3")
    assert (then.content, things(made)) == (first.content, 1)


def test_a_delayed_reply_is_in_flight(tmp_path: Path) -> None:
    made = api(tmp_path)
    add(made, X_Emulator_Fault="delay=20ms")
    at_once = add(made).status_code
    made.clock.advance(0.02)

    assert (at_once, add(made).status_code, things(made)) == (409, 201, 1)


@pytest.mark.parametrize("code", ["idempotency_mismatch", "idempotency_in_flight"])
def test_its_refusals_can_be_forced(tmp_path: Path, code: str) -> None:
    """With the same bytes, on a call that has a key."""
    made = api(tmp_path, {"takes": "1s"})
    forced = add(made, X_Emulator_Refuse=code)
    add(made)
    natural = add(made, "b" if code == "idempotency_mismatch" else "a")

    assert (forced.status_code, forced.content) == (
        natural.status_code,
        natural.content,
    )
    assert things(made) == 1


def test_keys_that_nobody_makes_are_refused(tmp_path: Path) -> None:
    """A key of 10 KB is the provider's own 400; one that is needed is missed."""
    missing = {"idempotency_key_missing": {"status": 400, "code": "no_key"}}
    made = api(tmp_path, {"required": True, "max_length": 64}, table=missing)
    long = add(made, Idempotency_Key="k" * 10_000)
    none = made.post("/things", json={})

    assert (long.status_code, long.json()) == (400, {"error": "bad_key"})
    assert (none.status_code, none.json()) == (400, {"error": "no_key"})
    assert things(made) == 0


def test_an_operation_may_have_it_otherwise(tmp_path: Path) -> None:
    made = api(tmp_path, operation={"idempotency": False})
    add(made)
    add(made)

    assert things(made) == 2


def test_the_journal_tells_which_call_it_was(tmp_path: Path) -> None:
    """The replay is an entry of its own, and names the first."""
    made = api(tmp_path)
    add(made)
    add(made)
    first, again = made.world.journal

    assert (first.id, again.id, again.status, again.refused_by) == (1, 2, 201, None)
    assert ("idempotency", "given again", {"exchange": 1}) in again.steps


def test_a_replay_is_charged_as_the_limit_says(tmp_path: Path) -> None:
    limits = [
        {"name": "all", "quota": 9, "window": "1h"},
        {"name": "work", "quota": 9, "window": "1h", "uncharged": ["replayed"]},
    ]
    headers = {"X-Used": "${quotas.all.used} ${quotas.work.used}"}
    made = api(tmp_path, rate_limits=limits, rate_limit_headers={"template": headers},
               table={"rate_limited": {"status": 429}})  # fmt: skip
    add(made)

    assert add(made).headers["X-Used"] == "2 1"


def test_replies_go_with_a_fork_and_a_snapshot_and_not_with_a_reset(
    tmp_path: Path,
) -> None:
    made = api(tmp_path)
    first = add(made)
    state = made.world.dump()
    made.world.reset()
    after_reset = add(made)
    made.world.load(state, {"small": made.program})
    restored = add(made)

    assert "Replayed" not in after_reset.headers
    assert (restored.content, restored.headers["Replayed"]) == (first.content, "true")
    assert things(made) == 1


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ({"key": "nothing.x"}, "unknown-name"),
        ({"key": "record.id"}, "not-yet-known"),
        ({"keeps": ["2xx", "to_poor"]}, "unknown-refusal"),
        ({"per": "caller"}, "unknown-value"),
        ({"headers": {"Content-Length": "1"}}, "unusable-header"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, written: Any, code: str) -> None:
    with pytest.raises(SpecError) as mistakes:
        api(tmp_path, written)

    assert code in {diagnostic.code for diagnostic in mistakes.value.diagnostics}
