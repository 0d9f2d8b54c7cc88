"""`emulator check`: everything that is wrong with the files of providers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import emulator, installed

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
spec: 1
provider: acme
operations:
  listThings:
    reply: {body: []}
errors:
  envelopes: {default: {error: "${code}"}}
  table:
    no_route: {status: 404, code: none}
    wrong_method: {status: 405, code: method}
    malformed_query: {status: 400, code: query}
"""
IGNORED = """\
      callbacks: {done: {"{$request.query.to}": {post: {responses: {}}}}}
"""
GOLDEN = """\
specs/nameless/behavior.yaml:2:11: error[provider-name]: 'nobody' is not the name of its folder, 'nameless'
  2 | provider: nobody
    |           ^
  why: addresses, fixtures and settings go by the folder's name
  fix: write `provider: nameless`, or rename the folder

specs/wordless/behavior.yaml:8:3: error[unrenderable-refusal]: `parameters` can refuse with 'malformed_query' on listThings, which wordless has no error for
  8 |   table:
    |   ^
  why: a refusal is answered in the provider's own words
  fix: add `malformed_query:` under errors.table, or `default:` under errors for all that have no entry
"""


def write(folder: Path, behavior: str = BEHAVIOR, openapi: str = OPENAPI) -> None:
    folder.mkdir(parents=True)
    (folder / "behavior.yaml").write_text(behavior, encoding="utf-8")
    (folder / "openapi.yaml").write_text(openapi, encoding="utf-8")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A folder of three providers, two of them broken."""
    write(tmp_path / "specs" / "acme")
    write(tmp_path / "specs" / "nameless", BEHAVIOR.replace("acme", "nobody"))
    wordless = BEHAVIOR.replace("acme", "wordless").rpartition("    malformed")[0]
    write(tmp_path / "specs" / "wordless", wordless)
    return tmp_path


def test_all_providers_are_checked_though_one_is_broken(broken: Path) -> None:
    """Every diagnostic, sorted, then the sum."""
    ran = emulator("check", "specs", cwd=broken)

    assert ran.stdout == f"{GOLDEN}\n3 providers: 2 errors\n"
    assert ran.stderr == ""
    assert ran.returncode == 2


def test_json_is_a_list_of_the_same(broken: Path) -> None:
    """Each diagnostic with its parts."""
    ran = emulator("check", "specs/nameless", "--json", cwd=broken)

    assert json.loads(ran.stdout) == [
        {
            "file": "specs/nameless/behavior.yaml",
            "line": 2,
            "column": 11,
            "severity": "error",
            "code": "provider-name",
            "what": "'nobody' is not the name of its folder, 'nameless'",
            "why": "addresses, fixtures and settings go by the folder's name",
            "fix": "write `provider: nameless`, or rename the folder",
        }
    ]
    assert ran.returncode == 2


def test_a_provider_is_checked_from_inside_its_folder(broken: Path) -> None:
    """`.` has a name too."""
    ran = emulator("check", ".", cwd=broken / "specs" / "acme")

    assert ran.stdout == "1 provider: nothing is wrong\n"
    assert ran.returncode == 0
    listed = emulator("check", ".", "--json", cwd=broken / "specs" / "acme")
    assert json.loads(listed.stdout) == []


def test_fixtures_stand_beside_the_folder_of_the_providers(broken: Path) -> None:
    """Whether all of them are checked or one."""
    things = broken / "fixtures" / "acme" / "things.yaml"
    things.parent.mkdir(parents=True)
    things.write_text("- {id: 1}\n", encoding="utf-8")

    for folder in ("specs", "specs/acme"):
        ran = emulator("check", folder, cwd=broken)
        assert "fixtures/acme/things.yaml:1:" in ran.stdout


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    """They are shown all the same."""
    write(tmp_path / "acme", BEHAVIOR, OPENAPI + IGNORED)

    ran = emulator("check", "acme", cwd=tmp_path)

    assert ": warning[openapi-ignored]: " in ran.stdout
    assert ran.stdout.endswith("\n\n1 provider: 1 warning\n")
    assert ran.returncode == 0


def test_what_is_bundled_has_nothing_wrong() -> None:
    """The default is all there is."""
    ran = emulator("check")

    assert ran.stdout.endswith("nothing is wrong\n")
    assert ran.returncode == 0


def test_serving_them_says_the_same_and_ends_with_2(broken: Path) -> None:
    """All diagnostics on stderr, before the port opens."""
    ran = installed("serve", "--specs", "specs", "--no-cache", cwd=broken)

    assert ran.stderr == f"{GOLDEN}\n2 problems\n"
    assert ran.stdout == ""
    assert ran.returncode == 2


def test_one_operation_is_explained_though_a_sibling_is_broken(broken: Path) -> None:
    """Only the provider that is named is loaded; without its name, one that has it."""
    specs = str(broken / "specs")

    named = emulator("explain", "acme/listThings", "--specs", specs, cwd=broken)
    unnamed = emulator("explain", "listThings", "--specs", specs, cwd=broken)

    assert (named.returncode, unnamed.returncode) == (0, 0)
    assert named.stdout == unnamed.stdout
    assert named.stdout.startswith("acme/listThings  GET /things")
    wrong = emulator("explain", "listThigns", "--specs", specs, cwd=broken)
    assert wrong.returncode == 2
    assert "2 problems" in wrong.stderr


def test_fixtures_for_one_provider_take_no_others_away(broken: Path) -> None:
    """The bundled providers keep theirs where the folder has none for them."""
    (broken / "fixtures" / "acme").mkdir(parents=True)
    where = ("--specs", "specs/acme", "--fixtures", "fixtures")

    ran = emulator("explain", "jobriver/listJobs", *where, cwd=broken)
    own = emulator("explain", "acme/listThings", *where, cwd=broken)

    assert (ran.returncode, own.returncode) == (0, 0), ran.stderr
