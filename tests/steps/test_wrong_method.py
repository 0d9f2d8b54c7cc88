"""What a refused method is told."""

from __future__ import annotations

from tiny import Tiny


def test_a_wrong_method_knows_the_path_and_the_right_ones() -> None:
    """`methods` are those of the path without OPTIONS; `raw_path` is what was called."""
    words = {"status": 405, "error": "${raw_path}", "facts_": "${methods}"}
    forms = Tiny("forms", {"errors.table.wrong_method": words})

    answer = forms.call("GET", "/form/")

    assert answer.headers["Allow"] == "OPTIONS, POST"
    assert answer.json() == {
        "error": forms.program.base_path + "/form",
        "facts": ["POST"],
    }


def test_quota_headers_can_wait_for_a_proven_caller() -> None:
    """`on: authenticated` is silent where a credential is unknown."""
    dialect = {"limit": "Quota", "replies": "authenticated"}
    meters = Tiny("meters", {"rate_limit_headers": dialect})

    proven = meters.get("/tier", headers={"X-Key": "k-pro"})
    unproven = meters.get("/tier", headers={"X-Key": "k-none"})

    assert proven.headers["Quota"] == "3"
    assert "Quota" not in unproven.headers
