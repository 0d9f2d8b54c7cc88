"""`emulator explain`: every rule of an operation, with its evidence."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner

from emulator.compile.load import beside, load
from emulator.compile.program import Program
from emulator.compile.refusals import can_refuse
from emulator.interfaces.cli import cli
from emulator.interfaces.explain import explain, text

SPECS = Path(__file__).parents[1] / "specs"


def explained(*words: str) -> Any:
    result = CliRunner().invoke(cli, ["explain", *words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_steps_come_in_the_order_in_which_the_provider_asks(
    programs: dict[str, Program],
) -> None:
    """And those that ask nothing of this operation are not there."""
    steps = [one["step"] for one in explained("jobriver/listJobs")["steps"]]

    order = [*programs["jobriver"].order, "effects", "reply"]
    assert steps == sorted(steps, key=order.index)
    assert "body" not in steps
    assert {"route", "identify", "lockout", "parameters", "paginate"} <= {*steps}


def test_each_rule_has_its_evidence_and_its_place() -> None:
    """What the documentation says, and what was assumed, are told apart."""
    found = explained("jobriver/listJobs")
    rules = {rule["says"]: rule for step in found["steps"] for rule in step["rules"]}

    assert rules["shuts out after 5"]["evidence"] == "primary"
    assert rules["counted per ip"]["evidence"] == "assumed"
    assert rules["ApiKeyHeader: header X-API-Key is api_keys.key"]
    per_page = (
        "query per_page: integer, >= 1, <= 100, default 20, what does not fit: clamp"
    )
    file, line, _ = rules[per_page]["at"].rsplit(":", 2)
    written = Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    assert "tolerate:" in written
    assert "per_page: clamp" in written


def test_every_refusal_is_there_with_the_providers_words(
    programs: dict[str, Program],
) -> None:
    """Those that a call of this operation can meet, and no others."""
    program = programs["jobriver"]
    found = {one["code"]: one for one in explained("jobriver/createJob")["refusals"]}

    assert found.keys() == can_refuse(program, program.operations["createJob"]).keys()
    missing = found["scope_missing"]
    assert (missing["status"], missing["message"]) == (
        403,
        "Permission denied: ${scope}",
    )
    assert (missing["step"], missing["evidence"]) == ("authorize", "primary")
    assert missing["message_evidence"] == "assumed"
    assert missing["body"] == {
        "success": False,
        "error": {
            "code": "PERMISSION_DENIED",
            "message": "Permission denied: ${scope}",
            "details": {},
        },
    }


def test_the_text_says_what_the_json_says() -> None:
    """Line by line."""
    found = explained("jobriver/createJob")
    shown = CliRunner().invoke(cli, ["explain", "jobriver/createJob"]).output

    says = [rule["says"] for step in found["steps"] for rule in step["rules"]]
    assert [one for one in says if one not in shown] == []
    assert [one["code"] for one in found["refusals"] if one["code"] not in shown] == []
    assert shown.startswith(f"jobriver/createJob  POST /api/v1/jobs  {found['at']}\n")


def test_an_operation_of_two_providers_must_be_told_apart(tmp_path: Path) -> None:
    """The message says what to write."""
    copytree(SPECS / "doors", tmp_path / "gates")
    behavior = tmp_path / "gates" / "behavior.yaml"
    behavior.write_text(
        behavior.read_text("utf-8").replace("provider: doors", "provider: gates"),
        "utf-8",
    )
    specs = ["--specs", str(SPECS), "--specs", str(tmp_path)]

    result = CliRunner().invoke(cli, ["explain", "paid", *specs], prog_name="emulator")

    assert result.exit_code == 2
    assert result.stderr == (
        "emulator explain: 'paid' is an operation of several providers: write"
        " doors/paid or gates/paid\n"
    )
    assert explained("gates/paid", *specs)["provider"] == "gates"


@pytest.mark.parametrize("place", beside(SPECS), ids=lambda place: str(place.name))
def test_whatever_a_spec_can_say_can_be_explained(place: Any) -> None:
    """Every operation of every invented provider."""
    program = load(place)

    for operation in program.operations.values():
        shown = text(explain(program, operation))
        assert f"{operation.method} {program.base_path}{operation.path}" in shown
