"""A refusal is one whatever its status: 200 with an error, a redirect, 304."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small import small
from tiny import Tiny

from emulator.diagnostics import SpecError

UNKNOWN = {"X-Key": "k-nobody"}
QUIET = {"errors.table.credential_unknown": {"status": 200, "error": "unknown"}}


def test_a_refusal_with_200_is_counted_and_written_down_as_one() -> None:
    """A lockout counts it, the journal names it, and success is something else."""
    doors = Tiny("doors", QUIET)

    replies = [doors.answer("/header", headers=UNKNOWN) for _ in range(4)]

    assert replies[:3] == [(200, {"error": "unknown", "more": None})] * 3
    assert replies[3][1]["error"] == "locked_out"
    found = [(entry.status, entry.refusal) for entry in doors.world.journal]
    assert found[2:] == [(200, "credential_unknown"), (replies[3][0], "locked_out")]


def test_it_is_forced_like_any_other() -> None:
    """Byte for byte what the natural one gives."""
    doors = Tiny("doors", QUIET)
    key = {"X-Key": "k-ada", "X-Emulator-Refuse": "credential_unknown"}

    natural, forced = (doors.get("/header", headers=sent) for sent in (UNKNOWN, key))

    assert (forced.status_code, forced.content) == (200, natural.content)


def answering(folder: Path, entry: Any, **more: Any) -> Any:
    """A provider with one operation that refuses every call with `closed`."""
    paths = {"/door": {"post": {
        "operationId": "open",
        "parameters": [{"name": "back", "in": "query", "schema": {"type": "string"}}],
        "responses": {"200": {"description": "Open"}},
    }}}  # fmt: skip
    closed = {"check": "false", "refuse": "closed", "facts": {"why": "${query.back}"}}
    operations = {"open": {
        "requires": [{**closed, "step": "act"}],
        "effects": [{"create": "visits", "set": {}}],
        "reply": {"body": "open"},
    }}  # fmt: skip
    table = {"closed": {"facts": ["why"], **entry}, "invalid_request": {"status": 422}}
    table["rate_limited"] = {"status": 429}
    if "rate_limits" not in more:
        del table["rate_limited"]
    return small(
        folder, paths, operations, table=table, collections={"visits": {}}, **more
    )


@pytest.mark.parametrize("status", [200, 202, 299, 302, 399])
def test_nothing_of_a_success_comes_with_it(tmp_path: Path, status: int) -> None:
    """No effect, and no headers that successes alone have."""
    headers = {"limit": "X-Limit", "remaining": "X-Left", "replies": "success"}
    limit = {"quota": 5, "window": "1m", "per": "ip"}
    api = answering(
        tmp_path, {"status": status}, rate_limits=[limit], rate_limit_headers=headers
    )

    reply = api.post("/door", None, follow_redirects=False)

    assert (reply.status_code, reply.json()) == (status, {"error": "refused"})
    assert "x-limit" not in reply.headers
    assert len(api.world.collections(api.program)["visits"]) == 0
    (entry,) = api.world.journal
    assert (entry.refusal, entry.refused_by) == ("closed", "act")


def test_a_refusal_may_be_a_redirect_with_what_was_sent(tmp_path: Path) -> None:
    """As of an authorization that is denied (RFC 6749, 4.1.2.1)."""
    address = "https://app.example/back?error=closed&state=${why}"
    api = answering(tmp_path, {"status": 302, "headers": {"Location": address}})

    reply = api.post("/door?back=a%20%26b%0d%0aX:1", None, follow_redirects=False)

    assert reply.headers["location"] == (
        "https://app.example/back?error=closed&state=a%20%26b%0D%0AX%3A1"
    )


@pytest.mark.parametrize("status", [204, 205, 304])
def test_some_statuses_have_no_body(tmp_path: Path, status: int) -> None:
    """Nor its type; the envelope is not asked for words."""
    api = answering(tmp_path, {"status": status})

    reply = api.post("/door", None)

    assert (reply.status_code, reply.content) == (status, b"")
    assert "content-type" not in reply.headers


@pytest.mark.parametrize("status", [199, 600, "200"])
def test_what_is_no_status_of_a_final_reply_is_told(
    tmp_path: Path, status: Any
) -> None:
    with pytest.raises(SpecError):
        answering(tmp_path, {"status": status})
