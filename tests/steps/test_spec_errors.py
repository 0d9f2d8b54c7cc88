"""Spec errors: what a spec does wrong while a call is answered, told as the spec's."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

from emulator.compile.program import ROOTS
from emulator.diagnostics import SpecError
from emulator.engine.events import pending
from emulator.program.credentials import CredentialSet, credentials
from emulator.program.onlooker import Onlooker
from emulator.world.world import World

ADA = {"X-Key": "k-ada"}


def problem(tiny: Tiny, path: str, **rest: Any) -> Any:
    """The problem that a call is answered with, which must be a spec error."""
    reply = tiny.get(path, **rest)
    assert (reply.status_code, reply.headers["content-type"]) == (
        500,
        "application/problem+json",
    )
    told = reply.json()
    assert told["title"] == "spec error"
    assert "emulator" not in told["fix"]
    return told


@pytest.mark.parametrize(
    ("part", "wrong", "told", "values"),
    [
        (
            "expires",
            "team",
            "`team` failed: 'red' is not a time",
            {"team": "'red'"},
        ),
        (
            "scopes",
            "id",
            "`id` failed: scopes are a list of texts, or a text, and this is a number",
            {"id": "1"},
        ),
        (
            "state",
            "id",
            "`id` failed: a state is a text, and this is a number",
            {"id": "1"},
        ),
        (
            "allowed_ips",
            "team",
            "`team` failed: networks are a list, and this is a text",
            {"team": "'red'"},
        ),
    ],
)
def test_what_a_credential_can_never_be_judged_by_is_found_before_a_call(
    part: str, wrong: str, told: str, values: dict[str, str]
) -> None:
    """The record of every fixture credential is judged when the spec is loaded."""
    changes: dict[str, Any] = {f"authentication.schemes.Key.{part}": wrong}
    if part == "allowed_ips":
        changes["errors.table.ip_not_allowed"] = {"status": 403, "error": "where"}
    with pytest.raises(SpecError) as found:
        Tiny("doors", changes)

    assert [
        (diagnostic.code, diagnostic.fix) for diagnostic in found.value.diagnostics
    ] == [("fixture-credential", "mend the record in keys.yaml, or the expression")]
    shown = ", ".join(f"{name} is {value}" for name, value in values.items())
    assert found.value.diagnostics[0].why == f"{told}; {shown}"


@pytest.mark.parametrize(
    ("part", "judged"),
    [
        ("expires", "'soon' is not a time"),
        ("scopes", "scopes are a list of texts, or a text, and this is true or false"),
        ("state", "a state is a text, and this is true or false"),
        ("allowed_ips", "networks are a list, and this is true or false"),
    ],
)
def test_a_credential_that_cannot_be_judged_is_the_specs_mistake(
    part: str, judged: str
) -> None:
    """The schema calls each of them an expression."""
    good = {"state": "active", "scopes": "a b"}.get(part)
    ends = {"fields": ["team_ends"]}
    expression = f"team_ends or {good!r}"
    changes = {
        "collections.keys": ends,
        f"authentication.schemes.Key.{part}": expression,
        "operations.header.scope": "a",
    }
    if part == "allowed_ips":
        changes["errors.table.ip_not_allowed"] = {"status": 403, "error": "where"}
    tiny = Tiny("doors", changes)
    keys = tiny.world.collections(tiny.program)["keys"]
    assert tiny.status("/header", headers=ADA) == 200
    wrong = "soon" if part == "expires" else True
    keys.put({**keys.get(1), "team_ends": wrong})

    told = problem(tiny, "/header", headers=ADA)

    assert judged in told["detail"]
    assert told["expression"] == f"team_ends or {good!r}"
    assert told["values"] == {"team_ends": repr(wrong) if wrong == "soon" else "true"}


def test_a_state_without_words_is_the_specs_mistake() -> None:
    """It names the line where the words are missing; nothing wears a provider's dress."""
    tiny = Tiny("doors")
    keys = tiny.world.collections(tiny.program)["keys"]
    keys.put({**keys.get(1), "status": "revoked"})

    told = problem(tiny, "/header", headers=ADA)

    assert told["detail"].endswith(
        "the call is refused with 'credential_revoked', and errors.table has no words"
        " for that"
    )
    assert told["fix"] == "add `credential_revoked:` under errors.table"
    assert [alarm.kind for alarm in tiny.world.alarms] == ["spec error"]


def test_an_expression_that_fails_is_told_with_its_values_and_no_secret() -> None:
    """The caller's own key is not repeated, neither in the reply nor in an alarm."""
    body = {"caller": "${caller.key + caller.id}"}
    tiny = Tiny("doors", {"operations.header.reply.body": body})

    told = problem(tiny, "/header", headers=ADA)

    assert told["expression"] == "caller.key + caller.id"
    assert told["values"] == {"caller.key": "***", "caller.id": "1"}
    assert "a text and 1 cannot be added" in told["detail"]
    assert told["where"].split("/")[-1].startswith("behavior.yaml:")
    alarm = tiny.world.alarms[0]
    assert (alarm.kind, alarm.call) == ("spec error", "GET /header")
    assert "k-ada" not in f"{told} {alarm}"


def test_a_secret_of_the_body_is_not_told_either() -> None:
    """What `claims` of the operation names proves who calls, as a key does."""
    changes = {
        "operations.form.secret_members": ["name"],
        "operations.form.reply.body": "${(body.name or []) + body.age}",
    }
    tiny = Tiny("forms", changes)

    reply = tiny.post(
        "/form",
        data={"name": "hunter2", "age": "7"},
        headers={"X-Forwarded-Proto": "https"},
    )

    told = reply.json()
    assert (reply.status_code, told["title"]) == (500, "spec error")
    assert told["values"] == {"body.name": "***", "body.age": "7"}
    assert "hunter2" not in f"{told} {tiny.world.alarms[0]}"


def test_a_state_may_depend_on_the_time_and_on_all_else_that_has_a_name() -> None:
    """What is content at load can be listed and called: there is one scope for all."""
    names = "request_id, query, path, header, cookie, body, client"
    more = "method, operation_id, base_url, raw_path, caller, now"
    state = f"status if [{names}, {more}] and now > '2020' else 'suspended'"
    tiny = Tiny("doors", {"authentication.schemes.Key.state": state})

    assert tiny.status("/header", headers=ADA) == 200
    states = {
        credential["name"]: credential["state"]
        for credential in credentials(tiny.program)
    }
    assert (states["ada"], states["cy"]) == ("active", "suspended")
    assert [*pending(tiny.world, {"doors": tiny.program})]


def test_looking_at_a_credential_leaves_its_world_as_it_is() -> None:
    """Listing what a scheme `show`s draws nothing from the world's chance."""
    show = {"nonce": "${token(8)}", "mine": "${secret(8)}", "at": "${now}"}
    tiny = Tiny("doors", {"authentication.schemes.Key.show": show})
    before = tiny.world.dump()

    first, second = (CredentialSet(tiny.program).listed(tiny.world) for _ in range(2))

    assert first == second
    assert len(first[0]["nonce"]) == 8
    assert tiny.world.dump() == before


@pytest.mark.parametrize(
    ("held", "status"),
    [
        ("letters", 200),
        ("numbers letters", 200),
        (["letters"], 200),
        ("letterspacing:read", 403),
        ("", 403),
        ([], 403),
        (None, 200),
    ],
)
def test_scopes_in_a_text_are_words_and_not_parts_of_words(
    held: Any, status: int
) -> None:
    """OAuth's `scope`: what is granted is separated by spaces (RFC 6749, 3.3)."""
    tiny = Tiny("doors")
    tokens = tiny.world.collections(tiny.program)["tokens"]
    tokens.put({**tokens.get(1), "scopes": held})

    got = tiny.status("/scoped", headers={"Authorization": "Bearer t-hal"})

    assert got == status


def test_every_name_of_every_scope_has_a_value_without_a_call() -> None:
    """An onlooker has whatever an expression may name: nothing fails for lack of it."""
    onlooker = Onlooker(Tiny("doors").program, World())

    assert [one for one in ROOTS if not hasattr(onlooker, one)] == []


REVOKE = {
    "effects": [{"update": "keys", "key": "caller.id", "set": {"status": "revoked"}}],
    "reply": {"status": 204},
}
WORDS = {"status": 403, "error": "revoked"}


def test_a_state_that_an_effect_brings_about_has_words_of_its_own() -> None:
    """No credential of the fixtures is in it, and it can be met, and be asked for."""
    tiny = Tiny(
        "doors",
        {"operations.open": REVOKE, "operations.header": REVOKE}
        | {"errors.table.credential_revoked": WORDS},
    )

    assert tiny.answer("/header", headers=ADA) == (204, None)
    revoked = (403, {"error": "revoked", "more": None})
    assert tiny.answer("/header", headers=ADA) == revoked
    forced = {"X-Key": "k-bob", "X-Emulator-Refuse": "credential_revoked"}
    assert tiny.answer("/header", headers=forced) == revoked


def test_a_state_that_an_effect_brings_about_must_have_words() -> None:
    """It is written out where the effect sets it: nothing waits for the first call."""
    with pytest.raises(SpecError) as found:
        Tiny("doors", {"operations.header": REVOKE})

    (one,) = found.value.diagnostics
    assert one.code == "unrenderable-refusal"
    assert "'credential_revoked'" in one.what


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"operations.header": REVOKE, "errors.table.credential_revoked": WORDS}, None),
        ({"operations.header": REVOKE}, "credential_revokd"),
    ],
)
def test_words_for_a_state_are_wrong_only_where_they_are_a_slip(
    changes: dict[str, Any], code: str | None
) -> None:
    """A test may put a record into any state: the table says what that gets."""
    table = {"errors.table.credential_revokd": WORDS}
    try:
        Tiny("doors", {**changes, **table})
        told = None
    except SpecError as error:
        told = {diagnostic.code: diagnostic.what for diagnostic in error.diagnostics}

    if code is None:
        assert told is None
    else:
        assert told is not None
        assert told["unreachable-error"] == f"nothing refuses with {code!r}"


@pytest.mark.parametrize(
    ("limit", "told", "values"),
    [
        (
            {"quota": "caller.plan"},
            "it is to be a number, and this is a text",
            {"caller.plan": "'pro'"},
        ),
        (
            {"quota": 5, "cost": "caller.id - 2"},
            "a cost is 0 or more, and this is -1",
            {"caller.id": "1"},
        ),
        (
            {"quota": 5, "cost": "caller.status == 'active' or caller.plan"},
            "it is to be a number, and this is true or false",
            {"caller.status": "'active'", "caller.plan": "'pro'"},
        ),
        (
            {"quota": 5, "cost": "lookup('keys', 99)"},
            "a cost is 0 or more, and this is null",
            {},
        ),
    ],
)
def test_a_quota_or_cost_that_is_no_amount_is_the_specs_mistake(
    limit: dict[str, Any], told: str, values: dict[str, str]
) -> None:
    """A cost below nothing would give quota back."""
    tiny = Tiny(
        "doors",
        {
            "rate_limits": [{"window": "1m", **limit}],
            "errors.table.rate_limited": {"status": 429, "error": "slower"},
        },
    )

    said = problem(tiny, "/header", headers=ADA)

    assert told in said["detail"]
    assert said["values"] == values
