"""How long a request body may be, and in whose words a longer one is refused."""

from __future__ import annotations

from typing import Any

import pytest
from tiny import Tiny

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PLAIN = {"Content-Type": "text/plain"}
TEXT = b"x" * 2_001
TOO_LARGE = (413, {"error": "body_too_large"})


def sent(forms: Tiny, size: int, path: str = "/form") -> tuple[int, Any]:
    body = b"name=".ljust(size, b"x")
    return forms.answer(path, method="POST", content=body, headers=FORM)


@pytest.mark.parametrize("written", [2_000, "2000B", "2kB", "2KB"])
def test_an_operation_has_a_limit_of_its_own(written: object) -> None:
    """To the byte, below what the server reads; it is the provider that refuses."""
    forms = Tiny(
        "forms", {"operations.form": {"reply": {"body": 1}, "max_body": written}}
    )

    assert sent(forms, 2_000) == (200, 1)
    assert sent(forms, 2_001) == TOO_LARGE


def test_an_operation_may_take_more_than_the_server_does() -> None:
    """Its own limit is what is read for it, and for nobody else."""
    own = {"reply": {"body": 1}, "max_body": "2KiB"}
    forms = Tiny("forms", {"operations.form": own}, max_body=1_000)

    assert sent(forms, 2_048) == (200, 1)
    assert sent(forms, 2_049) == TOO_LARGE
    status, _ = forms.answer("/text", method="POST", content=TEXT, headers=PLAIN)
    assert status == 413


def test_a_provider_has_a_limit_for_all_of_its_operations() -> None:
    """`http.max_body` holds where an operation does not say."""
    own = {"reply": {"body": 1}, "max_body": 3_000}
    forms = Tiny("forms", {"http.max_body": 2_000, "operations.form": own})

    assert sent(forms, 3_000) == (200, 1)
    answer = forms.answer("/text", method="POST", content=TEXT, headers=PLAIN)
    assert answer == TOO_LARGE


def test_the_emulator_s_own_limit_is_told_in_its_own_words() -> None:
    """The provider says nothing of a limit, so it does not refuse: RFC 9457, and an alarm."""
    forms = Tiny("forms", max_body=1_000)

    reply = forms.post("/form", content=b"name=".ljust(1_001, b"x"), headers=FORM)

    assert reply.headers["Content-Type"] == "application/problem+json"
    body = reply.json()
    assert (reply.status_code, body["title"]) == (413, "body over the emulator's limit")
    assert "a larger --max-body" in body["fix"]
    assert "`max_body` in behavior.yaml" in body["fix"]
    assert [alarm.kind for alarm in forms.world.alarms] == ["body over limit"]
    (entry,) = forms.world.journal
    assert (entry.status, entry.operation, entry.refusal) == (413, "form", None)


@pytest.mark.parametrize("strict", [False, True])
def test_what_comes_before_the_body_is_refused_first(strict: bool) -> None:
    """A body that is not read is no reason to say nothing of its type."""
    forms = Tiny("forms", max_body=1_000, strict=strict)

    assert sent(forms, 2_000, "/text")[0] == 415
    assert not forms.world.alarms
