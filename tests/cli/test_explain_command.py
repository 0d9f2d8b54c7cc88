"""`emulator explain`: every rule of an operation, with its evidence."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner
from tiny import program

from emulator.cli.explain import explain, text
from emulator.cli.main import cli
from emulator.cli.rules import rules
from emulator.compile.load import beside, load
from emulator.compile.program import Program
from emulator.compile.refusals import can_refuse

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


def said(operation: str) -> dict[str, str]:
    """Each rule of *operation*, and its evidence."""
    steps = explained(operation)["steps"]
    return {rule["says"]: rule["evidence"] for step in steps for rule in step["rules"]}


@pytest.mark.parametrize(
    ("operation", "size", "evidence"),
    [
        ("jobsphere/listJobs", "size above 100", "assumed"),
        ("jobspikr/searchJobs", "size above 100", "assumed"),
        ("jobspikr/listExpiredJobs", "size below 1", "assumed"),
        ("recruitsome/listCandidates", "size above 100", "candidates-list"),
    ],
)
def test_a_size_that_is_refused_is_not_told_as_clamped(
    operation: str, size: str, evidence: str
) -> None:
    """The schema refuses it before the page is asked."""
    rules = said(operation)

    assert rules[f"a {size}: refused with invalid_request"] == evidence
    assert rules["what is no number: refused with invalid_request"] == evidence
    assert not any("size" in rule and "clamp" in rule for rule in rules)


def test_a_size_that_is_mended_is_told_as_it_is_mended() -> None:
    """By what its parameter tolerates, which comes before the page."""
    rules = said("jobriver/listJobs")

    assert rules["a size above 100: clamp"] == "assumed"
    assert rules["what is no number: default"] == "assumed"


@pytest.mark.parametrize(
    ("operation", "rule", "evidence"),
    [
        (
            "jobsphere/createJob",
            "company: string, at least 1 characters, required (assumed)",
            "primary",
        ),
        (
            "jobsphere/createJob",
            "title: string, at least 1 characters, required",
            "primary",
        ),
        ("jobsphere/createJob", "tags: array of string or null", "assumed"),
        ("jobsphere/listJobs", "query q: string", "assumed"),
        (
            "jobriver/createJob",
            (
                "employment_type: string, one of fulltime, parttime, contract, freelance,"
                " internship, default fulltime (assumed)"
            ),
            "primary",
        ),
        (
            "jobspikr/searchJobs",
            "exclude_duplicates: boolean, default false (assumed)",
            "clients",
        ),
        (
            "recruitsome/createApplication",
            "candidate.first_name: string, at most 255 characters, required",
            "assumed",
        ),
        (
            "jobsphere/createJob",
            "salary_range.min: number, >= 0, required",
            "assumed",
        ),
    ],
)
def test_what_is_described_is_as_well_known_as_its_parts(
    operation: str, rule: str, evidence: str
) -> None:
    """A parameter, a field, one inside another, and what of it is known less well."""
    assert said(operation).get(rule) == evidence


def test_a_parameter_under_two_names_is_told_once() -> None:
    """With its other name."""
    tags = [
        rule for rule in said("jobsphere/listJobs") if rule.startswith("query tags")
    ]
    dates = [
        rule for rule in said("jobspikr/listExpiredJobs") if "_date: string" in rule
    ]

    assert tags == ["query tags: array of string, also written tags[]"]
    assert [rule.rpartition(", ")[2] for rule in dates] == [
        "also written from_date",
        "also written to_date",
    ]


def test_what_media_types_have_of_their_own_is_told_apart() -> None:
    """JSON has objects where a form has files."""
    rules = [one for one in said("recruitsome/createApplication") if "documents" in one]

    assert any(one.startswith("documents: array of object") for one in rules)
    assert any(one.startswith("documents: array of file in multipart") for one in rules)
    assert any(one.startswith("documents[].content: ") for one in rules)


def test_the_longest_body_is_told_with_its_evidence() -> None:
    """In bytes, whatever unit it is written in."""
    assert said("recruitsome/createCandidate")["at most 16777216 bytes"] == "assumed"


def test_what_is_told_to_browsers_is_explained() -> None:
    """Among what goes with the reply."""
    asked = program("shelf", {"http": {"cors": {"origins": ["https://a.example"]}}})
    told = [*rules(asked, asked.operations["readBook"])]

    rule = "browsers may call from https://a.example"
    assert ("reply", (rule, ("http", "cors"))) in told


def test_a_long_pattern_is_cut() -> None:
    """Nobody reads two hundred characters of a regular expression."""
    (rule,) = [
        one for one in said("jobspace/createJob") if one.startswith("open_date:")
    ]

    assert "…" in rule
    assert len(rule) < 120


def test_what_the_document_says_of_an_operation_is_told() -> None:
    """In JSON as it is, and in the text in lines of a terminal."""
    found = explained("recruitsome/createCandidate")
    shown = CliRunner().invoke(cli, ["explain", "recruitsome/createCandidate"]).output

    assert "`no-email.pdf` holds none" in found["description"]
    assert found["description"] in " ".join(shown.split("\n"))
    assert max(map(len, shown.splitlines()[1:8])) <= 88
