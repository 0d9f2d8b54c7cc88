"""`emulator explain`: every rule of an operation, with its evidence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner

from emulator.cli.explain import text
from emulator.cli.main import cli
from emulator.compile.load import load
from emulator.compile.places import beside
from emulator.explanation.explain import explain
from emulator.pipeline import FINISH, REFUSALS
from emulator.program.program import Program

SPECS = Path(__file__).parents[1] / "specs"


def explained(*words: str) -> Any:
    result = CliRunner().invoke(cli, ["explain", *words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_steps_come_in_the_order_in_which_the_provider_asks(
    programs: dict[str, Program],
) -> None:
    """And those that ask nothing of this operation are not there."""
    steps = [step["step"] for step in explained("jobriver/listJobs")["steps"]]

    order = [*programs["jobriver"].order, *(step.name for step in FINISH)]
    assert steps == sorted(steps, key=order.index)
    assert "body" not in steps
    assert {"route", "identify", "lockout", "parameters", "paginate"} <= {*steps}


def rules_of(operation: str) -> dict[tuple[str, str], Any]:
    """Each rule of *operation*, by the name of its file and its path in it."""
    return {
        (Path(rule["at"].rsplit(":", 2)[0]).stem, rule["path"]): rule
        for step in explained(operation)["steps"]
        for rule in step["rules"]
    }


def lines_of(rule: Any) -> str:
    """The lines of a rule as one text."""
    return "\n".join(line["text"] for line in rule["lines"])


def test_each_rule_is_what_its_author_wrote_with_its_evidence_and_its_place() -> None:
    """What the documentation says, and what was assumed, are told apart."""
    rules = rules_of("jobriver/listJobs")

    lockout = rules["behavior", "authentication.lockout"]
    assert lines_of(lockout) == (
        "lockout: {counts: [credential_unknown], per: ip, after: 5, within: 15m,"
        " for: 1m, reset_on_success: true,"
        " assumed: [counts, per, within, reset_on_success]}"
    )
    assert lockout["evidence"] == "primary"
    assert lockout["lines"][0]["exceptions"] == {
        "assumed": ["counts", "per", "within", "reset_on_success"]
    }
    assert rules["behavior", "authentication.schemes.ApiKeyHeader.field"]
    for rule in rules.values():
        file, line, column = rule["at"].rsplit(":", 2)
        written = Path(file).read_text(encoding="utf-8").splitlines()
        (first,) = [one for one in rule["lines"] if one["number"] == int(line)]
        assert written[int(line) - 1][int(column) - 1 :].endswith(
            first["text"].removeprefix("- ")
        )


def test_the_comment_above_a_rule_is_shown_with_it() -> None:
    """It is what its author has to say of it."""
    tolerate = rules_of("jobriver/listJobs")["behavior", "operations.listJobs.tolerate"]

    comment, line = tolerate["lines"]
    assert comment["text"].startswith("# Without a word here")
    assert comment["evidence"] == ""
    assert "per_page: clamp" in line["text"]
    assert line["evidence"] == "assumed"


def test_no_line_that_holds_is_left_out() -> None:
    """Of a list that is long: views that are shown inside of others are there too."""
    rules = rules_of("jobriver/listJobs")

    view = rules["behavior", "views.job"]
    assert [line["number"] for line in view["lines"]] == [
        *range(view["lines"][0]["number"], view["lines"][-1]["number"] + 1)
    ]
    assert view["lines"][-1]["text"].startswith("    technologies: ")
    assert {("behavior", "views.category"), ("behavior", "views.technology")} <= {
        *rules
    }


def test_every_refusal_is_there_with_the_providers_words(
    programs: dict[str, Program],
) -> None:
    """Those that a call of this operation can meet, and no others."""
    program = programs["jobriver"]
    found = {
        refusal["code"]: refusal
        for refusal in explained("jobriver/createJob")["refusals"]
    }

    assert found.keys() == REFUSALS.of(program, program.operations["createJob"]).keys()
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

    lines = [
        f"{line['number']}  {line['text']}\n"
        for step in found["steps"]
        for rule in step["rules"]
        for line in rule["lines"]
    ]
    assert len(lines) > 100
    assert [line for line in lines if line not in shown] == []
    assert [
        refusal["code"] for refusal in found["refusals"] if refusal["code"] not in shown
    ] == []
    assert shown.startswith(f"jobriver/createJob  POST /api/v1/jobs  {found['at']}\n")


def test_the_text_has_evidence_and_line_numbers_in_the_margin() -> None:
    """The evidence where it begins; below a line what it does not hold for, unless the
    line says so."""
    shown = CliRunner().invoke(cli, ["explain", "jobriver/listJobs"]).output

    assert (
        """
rate_limit: may the caller call now?
  specs/jobriver/behavior.yaml:32  rate_limits
    primary   32  - {name: minute, quota: caller.requests_per_minute, window: 1m,\
 algorithm: fixed_window, starts: clock, per: credential, assumed: [algorithm, starts]}

authorize: may the caller do this?
"""
        in shown
    )
    assert shown.endswith(
        """
EVIDENCE  SOURCE
primary   REST API Dokumentation (dev.jobriver.de)
assumed   documented nowhere: what the author takes to be so
"""
    )


def test_what_is_known_is_not_told_twice() -> None:
    """Lines that only say so of others are left out: the margin tells it."""
    shown = CliRunner().invoke(cli, ["explain", "github/listIssues"]).output

    assert re.search(r"^ +assumed +\d+ +starts: first_call$", shown, re.MULTILINE)
    assert not re.search(r"^[^└]*\d+ +(assumed|source): ", shown, re.MULTILINE)


def test_an_authorization_server_is_told_of_where_it_answers() -> None:
    """An operation with a `grant` follows `oauth2`; one that is called with a token not."""
    paths = {
        name: [path for _, path in rules_of(f"identity/{name}")]
        for name in ("oauthToken", "listNotes")
    }

    assert "oauth2" in paths["oauthToken"]
    assert "oauth2" not in paths["listNotes"]


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


def known(operation: str, begins: str) -> set[str]:
    """The evidence of the lines of `openapi.yaml` that begin so."""
    found = set[str]()
    for (file, _), rule in rules_of(operation).items():
        shown = ""
        for line in rule["lines"] if file == "openapi" else ():
            shown = line["evidence"] or shown
            if line["text"].strip().startswith(begins):
                found.add(shown)
    return found


@pytest.mark.parametrize(
    ("operation", "line", "evidence"),
    [
        # A field, what of it is known less well, a field inside another one.
        ("jobsphere/createJob", "JobInput:", "primary"),
        ("jobsphere/createJob", "tags:", "assumed"),
        ("jobriver/createJob", "default: fulltime", "assumed"),
        ("recruitsome/createApplication", "candidate:", "assumed"),
        # A parameter.
        ("jobsphere/listJobs", "Sort:", "assumed"),
        ("jobsphere/listJobs", "Location:", "primary"),
    ],
)
def test_what_is_described_is_as_well_known_as_its_parts(
    operation: str, line: str, evidence: str
) -> None:
    """`evidence` speaks of parameters and fields, which `openapi.yaml` describes."""
    assert known(operation, line) == {evidence}


def test_what_is_known_less_well_than_its_line_is_named() -> None:
    """A default beside a type, and a field that is required among others."""
    shown = CliRunner().invoke(cli, ["explain", "jobspikr/searchJobs"]).output
    default = shown.index("exclude_duplicates: {type: boolean, default: false")
    assert shown[default:].split("\n")[1].strip() == "└ assumed: default"

    shown = CliRunner().invoke(cli, ["explain", "recruitsome/createApplication"]).output

    listed = shown.index("required: [vacancy, candidate]\n")
    assert shown[listed:].split("\n")[1].strip() == "└ assumed: candidate"


def test_each_schema_that_a_body_refers_to_is_shown_once() -> None:
    """JSON has objects where a form has files: both are there."""
    rules = rules_of("recruitsome/createApplication")

    schemas = [path for file, path in rules if path.startswith("components.schemas.")]
    assert schemas == [
        "components.schemas.ApplicationInput",
        "components.schemas.ApplicationForm",
    ]
    assert "format: binary" in lines_of(rules["openapi", schemas[1]])


def test_security_is_shown_where_callers_are_identified() -> None:
    """The requirement, and the scheme."""
    identify = explained("jobriver/listJobs")["steps"][1]

    assert identify["step"] == "identify"
    assert [rule["path"] for rule in identify["rules"]][-2:] == [
        "security",
        "components.securitySchemes.ApiKeyHeader",
    ]


def test_an_operations_own_word_stands_in_place_of_the_providers() -> None:
    """Both say how long a body may be: the nearer one holds."""
    paths = [path for _, path in rules_of("recruitsome/createCandidate")]

    assert "operations.createCandidate.max_body" in paths
    assert "http.max_body" not in paths


def test_what_the_document_says_of_an_operation_is_told() -> None:
    """In JSON as it is, and in the text in lines of a terminal."""
    found = explained("recruitsome/createCandidate")
    shown = CliRunner().invoke(cli, ["explain", "recruitsome/createCandidate"]).output

    assert "`no-email.pdf` holds none" in found["description"]
    assert found["description"] in " ".join(shown.split("\n"))
    assert max(map(len, shown.splitlines()[1:8])) <= 88
