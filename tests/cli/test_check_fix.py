"""`emulator check --fix`: the files of a provider, carried over to version 1."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from command import emulator

OPENAPI = """\
openapi: 3.1.0
info: {title: Acme, version: v1}
paths:
  /things:
    get:
      operationId: listThings
      responses: {"200": {description: All.}}
"""
BEHAVIOR = """\
# Nothing but things.
provider: acme
collections:
  things:
operations:
  listThings:
    list: {from: things}  # all of them
    reply: {body: "${items}"}
errors:
  envelopes: {default: {error: "${code}"}}
  table:
    no_route: {status: 404, code: none}
    wrong_method: {status: 405, code: method}
    malformed_query: {status: 400, code: query}
"""
SCENARIOS = """\
empty:
  says: There is nothing.
  arrange:
    - {delete: things}
"""


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    """A provider of version 0."""
    folder = tmp_path / "specs" / "acme"
    folder.mkdir(parents=True)
    (folder / "openapi.yaml").write_text(OPENAPI, "utf-8")
    (folder / "behavior.yaml").write_text(BEHAVIOR, "utf-8")
    (folder / "scenarios.yaml").write_text(SCENARIOS, "utf-8")
    return folder


def test_a_folder_is_carried_over_and_checked(acme: Path) -> None:
    """Each change is a line; what is said afterwards is about the files as they are then."""
    ran = emulator("check", "specs", "--fix", cwd=acme.parents[1])

    assert ran.stdout == (
        "specs/acme/behavior.yaml:2:1: fixed[missing-version]: the file is of version 1\n"
        "specs/acme/behavior.yaml:7:12: fixed[renamed-key]: 'from' is 'collection'\n"
        "specs/acme/scenarios.yaml:1:1: fixed[missing-version]: the file is of version 1\n"
        "\n"
        "1 provider: 3 changes made, nothing is wrong\n"
    )
    assert ran.returncode == 0
    written = (acme / "behavior.yaml").read_text("utf-8")
    assert written == BEHAVIOR.replace("provider", "spec: 1\nprovider").replace(
        "from: things", "collection: things"
    )
    assert (acme / "scenarios.yaml").read_text("utf-8") == f"spec: 1\n\n{SCENARIOS}"
    assert sorted(path.name for path in acme.iterdir()) == [
        "behavior.yaml", "openapi.yaml", "scenarios.yaml",
    ]  # fmt: skip


def test_a_second_time_changes_nothing(acme: Path) -> None:
    """Not even the times of the files."""
    emulator("check", "specs", "--fix", cwd=acme.parents[1])
    times = [path.stat().st_mtime_ns for path in sorted(acme.iterdir())]

    ran = emulator("check", "specs", "--fix", cwd=acme.parents[1])

    assert ran.stdout == "1 provider: nothing is wrong\n"
    assert [path.stat().st_mtime_ns for path in sorted(acme.iterdir())] == times


def test_programs_are_told_of_changes_as_of_mistakes(acme: Path) -> None:
    """A list of what was found, in which what was changed has a severity of its own."""
    ran = emulator("check", "specs", "--fix", "--json", cwd=acme.parents[1])

    assert [(each["severity"], each["code"]) for each in json.loads(ran.stdout)] == [
        ("fixed", "missing-version"),
        ("fixed", "renamed-key"),
        ("fixed", "missing-version"),
    ]


def test_what_cannot_be_read_stays_as_it_is(acme: Path) -> None:
    """What is wrong with it is told, and the other file is carried over."""
    (acme / "behavior.yaml").write_text(BEHAVIOR + "  a: [\n", "utf-8")

    ran = emulator("check", "specs", "--fix", cwd=acme.parents[1])

    assert ran.returncode == 2
    assert "error[yaml-syntax]" in ran.stdout
    assert (acme / "behavior.yaml").read_text("utf-8") == BEHAVIOR + "  a: [\n"
    assert (acme / "scenarios.yaml").read_text("utf-8").startswith("spec: 1\n")


def test_mode_link_and_mark_of_a_file_stay(acme: Path) -> None:
    """It is the same file, with another text."""
    real = acme / "real.yaml"
    real.write_bytes(b"\xef\xbb\xbf" + BEHAVIOR.encode())
    real.chmod(0o640)
    (acme / "behavior.yaml").unlink()
    (acme / "behavior.yaml").symlink_to("real.yaml")

    emulator("check", "specs", "--fix", cwd=acme.parents[1])

    assert os.readlink(acme / "behavior.yaml") == "real.yaml"
    assert real.read_bytes().startswith(b"\xef\xbb\xbf# Nothing but things.\nspec: 1\n")
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_fact_that_means_something_else_is_left_to_a_person(acme: Path) -> None:
    """`window` was the limit's name: what a text means by it, only its author knows."""
    path = acme / "behavior.yaml"
    limited = '    rate_limited: {status: 429, code: "spent: ${window}"}\n'
    limits = "rate_limits: [{quota: 3, window: 1m, per: ip}]\n"
    path.write_text(BEHAVIOR + limited + limits, "utf-8")
    ran = emulator("check", "specs", "--fix", cwd=acme.parents[1])

    assert ran.returncode == 0
    assert "warning[undecided-change]: `window` was the limit's name" in ran.stdout
    assert "${window}" in path.read_text("utf-8")
