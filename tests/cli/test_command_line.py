"""The command line in this process: listings, settings, and what it says of mistakes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from command import emulator, environment

import emulator as package
from emulator.cli.main import cli
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.settings import table
from emulator.times import micros

SPECS = str(Path(__file__).parents[1] / "specs")


def run(*words: str, **variables: str) -> Result:
    """Run the command in this process, with these variables of ours and no others."""
    clean: dict[str, str | None] = {row.variable: None for row in table()}
    return CliRunner().invoke(
        cli, [*words], prog_name="emulator", env={**clean, **variables}
    )


def test_version() -> None:
    """The version is the package's."""
    assert run("--version").output == f"emulator {package.__version__}\n"


def test_without_a_verb_it_says_what_it_can() -> None:
    """Help is not a mistake."""
    result = run()

    assert result.exit_code == 0
    assert result.output == run("--help").output


def test_every_setting_is_an_option_of_serve_that_names_its_variable() -> None:
    """One table makes flags and variables."""
    shown = " ".join(run("serve", "--help").output.split())

    missing = [
        row.name
        for row in table()
        if row.flag not in shown or f"[{row.variable}" not in shown
    ]

    assert missing == []


@pytest.mark.parametrize(
    ("words", "variables", "expected"),
    [
        ([], {}, ["8080", "default"]),
        ([], {"EMULATOR_PORT": "81"}, ["81", "variable"]),
        (["--port", "82"], {}, ["82", "flag"]),
        (["--port", "82"], {"EMULATOR_PORT": "81"}, ["82", "flag"]),
    ],
)
def test_a_flag_wins_over_a_variable_over_the_default(
    words: list[str], variables: dict[str, str], expected: list[str]
) -> None:
    """And `settings` says which of them it was."""
    lines = run("settings", *words, **variables).output.splitlines()

    port = next(line.split() for line in lines if line.startswith("port "))
    assert port == ["port", *expected, "EMULATOR_PORT"]


def test_settings_as_json() -> None:
    """Values keep their types."""
    result = run("settings", "--json", "--frozen", EMULATOR_SPECS=f"{SPECS},{SPECS}")

    rows = {one["name"]: one for one in json.loads(result.output)}
    assert [*rows] == [row.name for row in table()]
    assert rows["frozen"] == {
        "name": "frozen",
        "value": True,
        "from": "flag",
        "flag": "--frozen",
        "variable": "EMULATOR_FROZEN",
    }
    assert rows["specs"]["value"] == [SPECS, SPECS]
    assert rows["port"]["value"] == 8080


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["serve", "--port", "x"],
            "serve: Invalid value for '--port': 'x' is not a valid integer. (emulator",
        ),
        (["serve", "--port", "70000"], "--port: 70000 is not between 0 and 65535"),
        (["serve", "--log-format", "jsn"], "'jsn' is none of the choices: did you"),
        (["serve", "--http", "2"], "use one of: auto, h11, httptools"),
        (["serve", "--request-timeout", "nan"], "nan is not between"),
        (["serve", "--clock", "noon"], "--clock: 'noon' is not a time"),
        (["serve", "--clock", "1969-12-31T23:59:59Z"], "from 1970 on"),
        (["serve", "--base-url", "here"], "--base-url: 'here' is not an address"),
        (["serve", "--trusted-proxies", "all"], "'all' is no network"),
        (["serve", "--webhook-hosts", "http://a/"], "no host name and no network"),
        (["serve", "--specs", "/nowhere"], "there is no folder '/nowhere'"),
        (["serve", "--fixtures", "/nowhere"], "there is no folder '/nowhere'"),
        (["serve", "jobrivr"], "no provider 'jobrivr': did you mean 'jobriver'?"),
        (["routes", "jobrivr"], "no provider 'jobrivr': did you mean 'jobriver'?"),
        (["credentials"], "Missing argument 'PROVIDER'."),
        (["explain", "listJob"], "no operation 'listJob': did you mean 'listJobs'?"),
        (["explain", "rate_limited"], "is the code of a refusal and no operation: "),
        (["explain", "429"], "'429' is a status and no operation: `emulator journal"),
        (["explain", "acme/listJobs"], "no provider 'acme': use one of: "),
        (["check", "/nowhere"], "emulator check: there is no folder '/nowhere'"),
        (["tail"], "no command 'tail': did you mean `emulator journal --follow`?"),
        (["ui"], "open the server's address with /_emulator/ in a browser"),
        (
            ["scenario", "acme/slow"],
            "did you mean `emulator scenario apply acme/slow`?",
        ),
        (["clock", "pause"], "'pause': did you mean `emulator clock freeze`?"),
        (["worlds", "rest"], "'rest': did you mean `emulator worlds reset`?"),
        (["clock", "+1h"], "'+1h': did you mean `emulator clock advance 1h`?"),
        (["clock", "go"], "there are: show, freeze, resume, advance, set, next"),
        (["clock", "help"], "did you mean `emulator clock --help`?"),
        (["version"], "did you mean `emulator --version`?"),
        (["list"], "did you mean `emulator providers`?"),
        (["stop"], "press Ctrl+C where the server was started"),
        (["token"], "a server prints its admin token when it starts"),
        (["export", "acme"], "did you mean `emulator export openapi acme`?"),
        (["fixtures", "acme"], "did you mean `emulator fixtures freeze acme`?"),
        (["--url", "http://x", "status"], "emulator COMMAND --url"),
        (["serv"], "there is no command 'serv': did you mean `emulator serve`?"),
    ],
)
def test_a_mistake_is_answered_in_one_line_with_2(words: list[str], says: str) -> None:
    """On stderr, and with nothing on stdout."""
    result = run(*words)

    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("PORT", "x", "EMULATOR_PORT='x' is not a whole number"),
        ("FROZEN", "maybe", "EMULATOR_FROZEN='maybe' is neither true nor false"),
        ("CLOCK", "noon", "EMULATOR_CLOCK: 'noon' is not a time"),
    ],
)
def test_a_bad_variable_is_called_by_its_name(name: str, value: str, says: str) -> None:
    """Whoever set it must find it."""
    result = run("serve", **{f"EMULATOR_{name}": value})

    assert result.stderr.startswith(f"emulator serve: {says}")
    assert result.exit_code == 2


def test_a_folder_without_providers_is_said_so(tmp_path: Path) -> None:
    """A wrong path must not silently serve less."""
    assert run("providers", "--specs", str(tmp_path)).stderr == (
        f"emulator providers: no provider in '{tmp_path}': a provider is a folder with"
        " a behavior.yaml\n"
    )


def test_providers() -> None:
    """One row each; those of one's own come after the bundled ones."""
    lines = run("providers", "--specs", SPECS).output.splitlines()

    assert lines[0].split() == ["PROVIDER", "PATH", "OPERATIONS", "RECORDS", "HOSTS"]
    assert [line.split()[0] for line in lines[1:]] == [
        one["name"]
        for one in json.loads(run("providers", "--specs", SPECS, "--json").output)
    ]
    assert lines[1].split()[1] == "/jobriver/api/v1"


def test_providers_as_json(programs: dict[str, Program]) -> None:
    """All of it."""
    program = programs["jobriver"]

    assert json.loads(run("providers", "--json").output)[0] == {
        "name": "jobriver",
        "title": "Jobriver",
        "base_path": "/jobriver/api/v1",
        "hosts": ["dev.jobriver.de", "jobriver.de"],
        "operations": len(program.operations),
        "records": {name: len(one.records) for name, one in program.bases.items()},
        "files": [*program.files],
    }


def test_routes() -> None:
    """An operation that is also elsewhere has a row for each place."""
    lines = run("routes", "jobriver").output.splitlines()

    heads = ["PROVIDER", "METHOD", "PATH", "OPERATION", "SECURITY", "SCOPES"]
    assert lines[0].split() == heads
    deleting = ["deleteJob", "ApiKeyHeader", "delete"]
    assert [line.split() for line in lines if " deleteJob " in line] == [
        ["jobriver", "DELETE", "/api/v1/jobs/{id}", *deleting],
        ["jobriver", "DELETE", "/api/v1/jobs", *deleting],
    ]


def test_routes_as_json(programs: dict[str, Program]) -> None:
    """One object for each operation."""
    found = json.loads(run("routes", "jobriver", "--json").output)

    operations = programs["jobriver"].operations
    assert [one["operation"] for one in found] == [*operations]
    assert next(one for one in found if one["operation"] == "deleteJob") == {
        "provider": "jobriver",
        "operation": "deleteJob",
        "method": "DELETE",
        "path": "/api/v1/jobs/{id}",
        "also_at": ["/api/v1/jobs"],
        "security": [["ApiKeyHeader"]],
        "open": False,
        "scopes": ["delete"],
        "summary": operations["deleteJob"].summary,
        "at": str(operations["deleteJob"].at),
    }


def test_credentials(programs: dict[str, Program]) -> None:
    """The table has what is needed to choose one; the JSON is ready to send."""
    expected = credentials(programs["jobriver"], at=micros(1_772_445_600))

    assert json.loads(run("credentials", "jobriver", "--json").output) == expected
    heads, *rows = run("credentials", "jobriver").output.splitlines()
    assert heads.split() == ["NAME", "STATE", "SCHEME", "VALUE", "FOR"]
    assert [re.split("  +", row) for row in rows] == [
        [one["name"], one["state"], one["scheme"], one["value"], one["about"]]
        for one in expected
    ]
    assert expected[0]["about"] == (
        "Production API Key, TechStartup GmbH: read, create, update, delete, "
        "60 calls a minute"
    )


@pytest.mark.parametrize(
    ("provider", "name", "needs"),
    [
        (
            "jobspace",
            "full",
            [
                "client_id=4",
                "client_secret=mtx6t5Bc6o3HdPhjANR4vJxImHA2MN82R7hqM6q7",
                "username=martin.test@example.com",
                "password=horse-battery-7",
                "refresh_token=WwwrpvWrRevqS6okAhPpcyoxVntzV01q87ggKz6dqstKwkpamwnsBJboNqnCdODI",
            ],
        ),
        (
            "jobspace",
            "vendor",
            ["client_secret=mtx6t5Bc6o3HdPhjANR4vJxImHA2MN82R7hqM6q7"],
        ),
        (
            "jobspikr",
            "full",
            ["client_auth_key=jW6D0by9s2fNOBCe89wxrvePbPNYHoZdUXCEII2VWAg"],
        ),
    ],
)
def test_credentials_have_all_that_a_first_call_needs(
    provider: str, name: str, needs: list[str]
) -> None:
    """In the table, in JSON, and where a server says how to call it."""
    table = run("credentials", provider).output
    row = next(line for line in table.splitlines() if line.startswith(f"{name} "))
    found = json.loads(run("credentials", provider, "--json").output)
    credential = next(one for one in found if one["name"] == name)

    assert all(need in row for need in needs)
    assert credential["about"] in row
    for need in needs:
        member, _, text = need.partition("=")
        assert credential[member] == text


def test_the_module_is_the_command() -> None:
    """`python -m emulator` does what `emulator` does."""
    ran = subprocess.run(
        [sys.executable, "-m", "emulator", "--version"],
        capture_output=True,
        text=True,
        env=environment(),
    )

    assert ran.stdout == emulator("--version").stdout


def test_a_reader_that_leaves_is_no_reason_to_complain() -> None:
    """`emulator routes | head -0`."""
    with subprocess.Popen(
        [sys.executable, "-m", "emulator", "explain", "jobriver/listJobs", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(PYTHONUNBUFFERED="1"),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        assert process.stderr.read() == b""


def test_a_terminal_without_umlauts_is_no_reason_for_a_traceback() -> None:
    """What it cannot show becomes a question mark."""
    ran = emulator("explain", "jobriver/listJobs", PYTHONIOENCODING="ascii")

    assert ran.returncode == 0
    assert ran.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "emulator", "routes"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)

    assert done.returncode == 1
    assert done.stderr == (
        "emulator: cannot write the output: No space left on device\n"
    )
