"""Where the commands that drive a server ask, and what they say when nobody answers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from command import emulator, environment
from pytest_httpserver import HTTPServer
from remote import Remote, board_of, serving

from emulator.cli.main import REMOTE, SHORT, cli

NOW = "2026-03-02T10:00:00Z, frozen"


@pytest.fixture
def remote() -> Iterator[Remote]:
    with serving(board_of("shelf")) as found:
        yield found


def test_the_installed_command_drives_a_server(remote: Remote) -> None:
    """Its address comes from a variable."""
    ran = emulator("clock", EMULATOR_URL=remote.server.url)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"{NOW}\n\nnothing is pending\n"


@pytest.mark.parametrize(
    ("words", "world"),
    [
        (["clock", "freeze"], "default"),
        (["clock", "freeze", "--world", "ada"], "ada"),
        (["clock", "--world", "ada", "freeze"], "ada"),
        (["clock", "--world=ada", "--json", "freeze"], "ada"),
        (["clock", "--world", "eve", "freeze", "--world", "ada"], "ada"),
    ],
)
def test_an_option_that_commands_share_stands_before_or_behind(
    remote: Remote, words: list[str], world: str
) -> None:
    """The one that comes last wins."""
    for id in ("ada", "eve"):
        remote.shown("worlds", "create", id)

    remote.shown(*words)

    frozen = [
        one["id"] for one in remote.json("worlds")["worlds"] if one["clock"]["frozen"]
    ]
    assert sorted(frozen) == sorted({"default", world})


def test_the_world_comes_from_a_variable_and_an_option_wins(remote: Remote) -> None:
    """An empty variable says nothing."""
    said = [
        remote.run("clock", *words, EMULATOR_WORLD=text).stderr
        for text, words in (("x", []), ("x", ["--world", "default"]), ("", []))
    ]

    assert said[0].startswith("emulator clock show: there is no world 'x': ")
    assert said[1:] == ["", ""]


def test_a_token_is_sent(remote: Remote) -> None:
    """And asked for in the words of the command line where it is missing or wrong."""
    with serving(board_of("shelf", admin_token="open-sesame")) as guarded:
        missing = guarded.complaint("clock")
        wrong = guarded.complaint("clock", "--admin-token", "sesame")
        right = guarded.shown("clock", "freeze", "--admin-token", "open-sesame")
        guarded.variables["EMULATOR_ADMIN_TOKEN"] = "open-sesame"

        fix = (
            "give the server's with --admin-token, EMULATOR_ADMIN_TOKEN or"
            " EMULATOR_ADMIN_TOKEN_FILE"
        )
        says = "emulator clock show: "
        assert missing == (1, f"{says}the admin token is needed here ({fix})")
        assert wrong == (1, f"{says}this is not the admin token ({fix})")
        assert right == guarded.shown("clock", "freeze") == f"{NOW}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["worlds"],
        ["clock"],
        ["scenario"],
        ["faults"],
        ["journal"],
        ["journal", "--follow"],
        ["journal", "verify"],
        ["worlds", "snapshot", "default", "-"],
    ],
)
def test_no_server_is_one_line_that_says_how_to_start_one(words: list[str]) -> None:
    """With 1, and without a traceback."""
    with serving(board_of("shelf")) as gone:
        url = gone.server.url
    code, said = gone.complaint(*words)

    assert code == 1
    assert f": no emulator answers at {url}: " in said
    assert said.endswith(
        "; start one with `emulator serve`, or name its address with --url"
    )


@pytest.mark.parametrize(
    "text", ["localhost:8080", "ftp://localhost", "http://", "http://a:b", "http://a?b"]
)
def test_what_is_no_address_is_a_mistake(remote: Remote, text: str) -> None:
    """Named for where it was written."""
    says = f"{text!r} is not an address: write http://127.0.0.1:8080"
    assert remote.complaint("clock", "--url", text) == (
        2,
        f"emulator clock show: --url: {says}",
    )
    remote.variables["EMULATOR_URL"] = text
    assert remote.complaint("clock") == (
        2,
        f"emulator clock show: EMULATOR_URL: {says}",
    )


@pytest.mark.parametrize("media", ["text/html", "application/json"])
@pytest.mark.parametrize("status", [200, 404, 302])
@pytest.mark.parametrize("words", [["worlds"], ["worlds", "snapshot", "default", "-"]])
def test_what_is_not_the_emulator_is_said_so(
    remote: Remote, httpserver: HTTPServer, words: list[str], status: int, media: str
) -> None:
    """Whatever it answers."""
    httpserver.expect_request("/_emulator/worlds").respond_with_data(
        "<html>", status, content_type=media
    )
    httpserver.expect_request("/_emulator/worlds/default/snapshot").respond_with_data(
        "{}", status, content_type="application/json"
    )
    url = httpserver.url_for("").rstrip("/")

    code, said = remote.complaint(*words, "--url", url)

    assert code == 1
    assert url in said


@pytest.mark.parametrize(
    "name", [name for name in REMOTE if name not in {*SHORT, "mcp"}]
)
def test_each_group_says_what_it_can(name: str) -> None:
    """Its commands, and the options of the one that is meant where none is named."""
    shown = CliRunner().invoke(cli, [name, "--help"], prog_name="emulator").output

    assert f"Usage: emulator {name} " in shown
    assert "\nCommands:\n" in shown
    assert "--url TEXT" in shown


def test_the_help_groups_the_commands() -> None:
    """Each stands in one place."""
    shown = CliRunner().invoke(cli, [], prog_name="emulator").output
    titles = [line for line in shown.splitlines() if line[:1].isupper()]

    assert titles[0].startswith("Usage: emulator [OPTIONS] ")
    assert titles[1:] == [
        "Options:",
        "Serve:",
        "Look at providers:",
        "Drive a running server:",
    ]


def test_the_help_loads_next_to_nothing() -> None:
    """Neither what serves, nor what asks."""
    script = (
        "import sys; from emulator.cli.main import cli;"
        " cli(['--help'], standalone_mode=False);"
        " print(*sorted(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=environment(),
        check=True,
    )

    heavy = {"orjson", "yaml", "starlette", "uvicorn", "http.client", "jsonschema_rs"}
    assert heavy & {*ran.stderr.split()} == set()
