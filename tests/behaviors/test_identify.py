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


def test_the_first_claim_must_prove_true(doors: Tiny) -> None:
    """A claim that fails is not mended by another one that would hold."""
    headers = {"Authorization": "Bearer t-nobody", **ADA}

    answer = doors.answer("/any", headers=headers)

    assert answer == (401, {"error": "unknown", "more": None})


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
