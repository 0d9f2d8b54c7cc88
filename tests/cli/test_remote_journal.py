"""`emulator journal`: what was called, why it was answered so, and whether it should."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from remote import Remote, board_of, serving

from emulator.world.journal import Journal

ALL = (
    "#1 2026-03-02 10:00:00 GET /header -> 200 header by 'ada'\n"
    "#2 2026-03-02 10:00:00 GET /header?a=1&token=h…(#53ae) -> 401 header, refused: credential_missing\n"
    "#3 2026-03-02 10:00:00 GET /nowhere -> 404 no operation, refused: no_route\n"
)


@pytest.fixture
def remote() -> Iterator[Remote]:
    """A server that was called three times."""
    with serving(board_of("doors")) as found:
        found.call("/header", "ada")
        found.call("/header?a=1&token=hush")
        found.call("/nowhere")
        yield found


def test_each_exchange_is_a_line(remote: Remote) -> None:
    """Oldest first, secrets masked."""
    assert remote.shown("journal") == ALL


def test_a_call_is_made_again(remote: Remote) -> None:
    """The latest or another one: what it is answered, as an exchange of its own."""
    assert remote.shown("journal", "replay", "1") == (
        '#4 2026-03-02 10:00:00 GET /header -> 200 header by \'ada\'\n{"caller":"ada"}\n'
    )
    remote.shown("faults", "add", "--provider", "doors", "--fault", "reset")
    assert remote.shown("journal", "replay").split("\n")[:2] == [
        "#5 2026-03-02 10:00:00 GET /header -> 200 header by 'ada', fault: reset",
        "not done to this connection: reset",
    ]
    assert remote.json("journal", "replay", "3")["status"] == 404
    assert remote.complaint("journal", "replay", "9")[0] == 1


def test_an_exchange_is_saved_as_a_test(remote: Remote, tmp_path: Path) -> None:
    """To stdout or to a file; the latest, where none is named."""
    text = remote.shown("journal", "test", "2")
    file = str(tmp_path / "test_saved.py")

    assert text.startswith('"""GET /header answers 401, credential_missing.')
    assert remote.shown("journal", "test", "2", file) == (
        f"default: exchange 2 in {file}; run it with: pytest {file}\n"
    )
    assert Path(file).read_text(encoding="utf-8") == text
    remote.shown("journal", "test", file)
    assert "GET /nowhere answers 404" in Path(file).read_text(encoding="utf-8")


def test_the_json_is_what_the_admin_api_has(remote: Remote) -> None:
    """Whole entries."""
    entries = remote.json("journal")

    assert [entry["id"] for entry in entries] == [1, 2, 3]
    assert [entry["refused_by"] for entry in entries] == [None, "identify", "route"]


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["--provider", "doors"], [1, 2, 3]),
        (["--operation", "header"], [1, 2]),
        (["--status", "4xx"], [2, 3]),
        (["--refused-by", "route"], [3]),
        (["--refused-by", "none"], [1]),
        (["--credential", "ada"], [1]),
        (["--since", "1"], [2, 3]),
        (["--limit", "1"], [3]),
        (["--operation", "header", "--status", "401"], [2]),
    ],
)
def test_filters_leave_out_the_rest(
    remote: Remote, words: list[str], ids: list[int]
) -> None:
    """Together they all hold, and an archive has the same."""
    assert [one["id"] for one in remote.json("journal", *words)] == ids
    har = json.loads(remote.shown("journal", "har", "-", *words))
    assert len(har["log"]["entries"]) == len(ids)


def test_a_filter_that_nothing_can_pass_is_a_mistake(remote: Remote) -> None:
    """All mistakes in one line, by the options' names."""
    code, said = remote.complaint(
        "journal", "--operation", "headr", "--refused-by", "rout"
    )

    assert code == 2
    assert said == (
        "emulator journal list: --operation: there is no operation 'headr': did you mean"
        " 'header'?; --refused-by: there is no step 'rout': did you mean 'route'?"
    )


def test_no_exchange_is_said_so_on_stderr(remote: Remote) -> None:
    """What reads lines gets none."""
    result = remote.run("journal", "--status", "5xx")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "no exchange like that in the world 'default'\n"
    remote.shown("journal", "clear")
    assert remote.run("journal").stderr == "no exchange in the world 'default'\n"


def test_an_exchange_is_explained(remote: Remote) -> None:
    """The latest, where none is named."""
    explained = remote.json("journal", "show", "3")["explained"]
    shown = remote.shown("journal", "show")

    assert shown == remote.shown("journal", "show", "3") == f"{explained}\n"
    assert shown.splitlines()[0] == ALL.splitlines()[2]
    assert "  x route  " in shown


@pytest.mark.parametrize("id", ["9", "x/y"])
def test_an_exchange_that_is_not_there(remote: Remote, id: str) -> None:
    """The line says which there are."""
    says = f"the journal of 'default' has no exchange {id!r}: it holds 1 to 3"
    assert remote.complaint("journal", "show", id) == (
        1,
        f"emulator journal show: {says}",
    )


def test_the_latest_of_no_exchanges(remote: Remote) -> None:
    """There is none to explain."""
    assert remote.shown("journal", "clear") == "the journal is empty\n"
    assert remote.complaint("journal", "show") == (
        1,
        "emulator journal show: no exchange in the world 'default'",
    )


def test_what_came_as_it_should_is_0(remote: Remote) -> None:
    """For counts of every kind."""
    words = ["journal", "verify", "--operation", "header"]

    assert remote.shown(*words, "--times", "2") == (
        "as expected, header came exactly twice\n"
    )
    assert remote.json(*words, "--credential", "none", "--at-most", "1")["count"] == 1
    assert remote.json(*words, "--refused-by", "none")["matches"] == [1]
    assert remote.json(*words, "--method", "get", "--path", "/header")["passed"]


def test_what_did_not_come_as_it_should_is_1_and_the_difference(remote: Remote) -> None:
    """On stdout, since that was asked for."""
    words = ["--operation", "header", "--status", "200", "--times", "2"]
    result = remote.run("journal", "verify", *words)

    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == (
        "expected that header with status 200 came exactly twice; it came once\n"
        "  came: #1 2026-03-02 10:00:00 GET /header -> 200 header by 'ada'\n"
        "header came once but was refused by identify: credential_missing: nothing says"
        " who calls; Key would\n"
        "nearest of what came:\n"
        "  #2 2026-03-02 10:00:00 GET /header?a=1&token=h…(#53ae) -> 401 header, refused:"
        " credential_missing\n"
        "    status: expected 200, came 401\n"
        "    refused by identify: credential_missing: nothing says who calls; Key would\n"
    )
    as_json = remote.run("journal", "verify", *words, "--json")
    assert (as_json.exit_code, json.loads(as_json.stdout)["passed"]) == (1, False)


def test_what_cannot_be_proven_is_2() -> None:
    """A journal that let an exchange go cannot say that it never came."""
    with serving(board_of("doors", journal=Journal(max_entries=1))) as remote:
        remote.call("/header")
        remote.call("/nowhere")

        code, said = remote.complaint(
            "journal", "verify", "--operation", "header", "--times", "0"
        )

        assert code == 2
        assert said.startswith(
            "emulator journal verify: cannot prove that header came never: the journal"
            " has dropped 1 of 2 entries"
        )
        assert said.count("raise journal_entries") == 1


def test_an_archive_is_written_to_a_file(remote: Remote, tmp_path: Path) -> None:
    """And how many exchanges that were is printed."""
    file = tmp_path / "calls.har"

    said = remote.shown("journal", "har", str(file))

    assert said == f"default: 3 exchanges in {file}\n"
    assert json.loads(file.read_text("utf-8"))["log"]["version"] == "1.2"
