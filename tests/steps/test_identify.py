"""Who does the caller claim to be?"""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

ADA = {"X-Key": "k-ada"}
MISSING = (401, {"error": "missing", "more": None})


@pytest.fixture
def doors() -> Tiny:
    return Tiny("doors")


@pytest.mark.parametrize(
    ("path", "sent", "caller"),
    [
        ("/header", {"headers": {"x-key": "k-ada"}}, "ada"),
        ("/query", {"params": {"api_key": "k-bob"}}, "bob"),
        ("/query?api_key=wrong&api_key=k%2Dbob", {}, "bob"),
        ("/cookie", {"headers": {"Cookie": "a=1; session=s-ada; b"}}, "ada"),
        ("/cookie", {"headers": {"Cookie": 'session="s%2Dada"'}}, "ada"),
        ("/pair", {"headers": {"X-App-Id": "a-1", "X-App-Secret": "hush-1"}}, "reader"),
        ("/password", {"auth": ("eve", "o:p en")}, "eve"),
        ("/password", {"auth": ("fay", "pässword")}, "fay"),
        ("/token", {"headers": {"Authorization": "Bearer t-hal"}}, "hal"),
        ("/token", {"headers": {"Authorization": "bearer   t-hal"}}, "hal"),
    ],
)
def test_every_kind_of_scheme_leads_to_its_credential(
    doors: Tiny, path: str, sent: dict[str, Any], caller: str
) -> None:
    """A claim stands in a header, the query, a cookie, two headers, Basic or Bearer."""
    assert doors.answer(path, **sent) == (200, {"caller": caller})


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/header", {}),
        ("/header", {"headers": {"X-Key": ""}}),
        ("/header", {"params": {"X-Key": "k-ada"}}),
        ("/query", {"headers": ADA}),
        ("/query", {"params": {"api_key": ""}}),
        ("/cookie", {"headers": {"Cookie": "other=s-ada"}}),
        ("/pair", {"headers": {"X-App-Id": "a-1"}}),
        ("/pair", {"headers": {"X-App-Secret": "hush-1"}}),
        ("/password", {}),
        ("/token", {}),
        ("/any", {"headers": {"X-App-Id": "a-1"}}),
    ],
)
def test_material_that_is_not_all_there_is_no_claim(
    doors: Tiny, path: str, sent: dict[str, Any]
) -> None:
    """Nothing, or half of what belongs together, says nothing about who calls."""
    assert doors.answer(path, **sent) == MISSING


@pytest.mark.parametrize(
    ("path", "authorization", "why"),
    [
        ("/password", "Basic !!!", "it cannot be read"),
        ("/password", "Basic ZXZl", "it cannot be read"),  # "eve", without a colon
        ("/password", "Basic /+8=", "it cannot be read"),  # not UTF-8
        ("/password", "Basic", "it cannot be read"),
        ("/password", "Bearer t-hal", "it is of another scheme"),
        ("/token", "Bearer ", "it cannot be read"),
        ("/token", "t-hal", "it is of another scheme"),
        ("/any", "Digest x", "it is of another scheme"),
    ],
)
def test_material_that_cannot_be_read_is_malformed(
    doors: Tiny, path: str, authorization: str, why: str
) -> None:
    """An Authorization header of the wrong form is told from one that is not there."""
    answer = doors.answer(path, headers={"Authorization": authorization})

    assert answer == (400, {"error": "malformed", "more": why})


@pytest.mark.parametrize(
    ("headers", "caller"),
    [
        ({"Authorization": "Bearer t-ida"}, "ida"),
        ({"X-App-Id": "a-2", "X-App-Secret": "hush-2"}, "writer"),
        (ADA, "ada"),
        ({"X-App-Id": "a-2", **ADA}, "ada"),
        ({"Authorization": "Basic ZXZlOm8=", **ADA}, "ada"),
        ({"Authorization": "Bearer t-ida", **ADA}, "ida"),
    ],
)
def test_any_alternative_is_enough(
    doors: Tiny, headers: dict[str, str], caller: str
) -> None:
    """The first alternative whose material is all there makes the claim."""
    assert doors.answer("/any", headers=headers) == (200, {"caller": caller})


WRONG = {"Authorization": "Bearer t-nobody"}
FIRST_SENT = {"authentication.alternatives": "first_sent"}


def test_a_claim_that_fails_gives_way_to_one_that_proves_true(doors: Tiny) -> None:
    """`security` names alternatives (OpenAPI 3.1, 4.8.30): any one of them is enough."""
    assert doors.answer("/any", headers={**WRONG, **ADA}) == (200, {"caller": "ada"})
    sent = {"X-App-Id": "a-1", "X-App-Secret": "wrong", **ADA}
    assert doors.answer("/any", headers=sent) == (200, {"caller": "ada"})


def test_a_provider_may_look_at_the_first_claim_alone() -> None:
    """It says so: `first_sent`; the order is that of the operation's alternatives."""
    doors = Tiny("doors", FIRST_SENT)
    unknown = (401, {"error": "unknown", "more": None})

    assert doors.answer("/any", headers={**WRONG, **ADA}) == unknown
    right = {"Authorization": "Bearer t-ida", "X-Key": "k-nobody"}
    assert doors.answer("/any", headers=right) == (200, {"caller": "ida"})


def test_where_no_claim_proves_true_the_first_that_was_sent_is_refused(
    doors: Tiny,
) -> None:
    """In its words, and as the one that the reply and the journal are about."""
    doors.clock.advance(7_200)  # hal's token is over
    sent = {"Authorization": "Bearer t-hal", "X-Key": "k-cy"}

    assert doors.answer("/any", headers=sent)[1]["error"] == "expired"
    assert doors.answer("/any", headers={**WRONG, "X-Key": "k-cy"})[1]["error"] == (
        "unknown"
    )
    entry = next(iter(doors.world.journal))
    assert entry.claim is not None
    assert entry.claim.schemes == ("Token",)
    assert [
        decision for step, decision, _ in entry.steps if step == "authenticate"
    ] == ["expired"]


def test_many_wrong_claims_in_one_call_are_one_failure() -> None:
    """The lock comes with the third call, not with the third claim."""
    doors = Tiny("doors")
    sent = {**WRONG, "X-App-Id": "a-1", "X-App-Secret": "x", "X-Key": "k-nobody"}

    statuses = [doors.status("/any", headers=sent) for _ in range(4)]

    assert statuses == [401, 401, 401, 423]


def test_a_claim_that_is_shut_out_gives_way_to_one_that_is_not() -> None:
    """Per credential, the lock is that of one key."""
    doors = Tiny("doors", {"authentication.lockout.per": "credential"})
    for _ in range(3):
        doors.get("/token", headers=WRONG)

    assert doors.status("/any", headers=WRONG) == 423
    assert doors.answer("/any", headers={**WRONG, **ADA}) == (200, {"caller": "ada"})


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("credential_unknown", 401),
        ("credential_expired", 401),
        ("credential_suspended", 403),
        ("plan_lapsed", 402),
    ],
)
def test_a_refusal_that_any_claim_can_get_can_be_forced(
    doors: Tiny, code: str, status: int
) -> None:
    """Although the other claim would let the call in."""
    sent = {"Authorization": "Bearer t-ida", **ADA, "X-Emulator-Refuse": code}

    assert doors.status("/any", headers=sent) == status


@pytest.mark.parametrize(
    ("path", "sent", "status", "caller"),
    [
        ("/word", "token w-wes", 200, "wes"),
        ("/word", "Bearer t-ida", 200, "ida"),
        ("/word", "bearer t-ida", 200, "ida"),
        ("/word", "Basic ZXZlOm86cCBlbg==", 200, "eve"),
        ("/word", "Bearer w-xi", 401, None),
        ("/word", "token w-nobody", 401, None),
        ("/wordy", "Bearer w-xi", 200, "xi"),
    ],
)
def test_a_key_in_authorization_leaves_others_what_is_of_their_kind(
    path: str, sent: str, status: int, caller: str | None
) -> None:
    """Whichever stands first in `security`; alone, it may begin with any word."""
    for changes in ({}, FIRST_SENT):
        got, body = Tiny("doors", changes).answer(path, headers={"Authorization": sent})

        assert (got, body.get("caller")) == (status, caller)


@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({}, (200, {"caller": None})),
        (ADA, (200, {"caller": "ada"})),
        ({"X-Key": "k-nobody"}, (401, {"error": "unknown", "more": None})),
    ],
)
def test_optional_security_looks_at_what_is_sent(
    doors: Tiny, headers: dict[str, str], answer: tuple[int, Any]
) -> None:
    """A call without a claim gets through; one with a claim must prove it."""
    assert doors.answer("/optional", headers=headers) == answer


def test_open_operations_do_not_look_at_credentials(doors: Tiny) -> None:
    """Where nothing is asked, a wrong key is not wrong."""
    answer = doors.answer("/open", headers={"X-Key": "k-nobody"})

    assert answer == (200, {"caller": None})
