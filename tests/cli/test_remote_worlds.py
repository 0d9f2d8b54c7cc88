"""`emulator worlds`: made, shown, forked, kept and let go on a server that runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from remote import Remote, board_of, serving

ANOTHER = "choose another id, leave it out to be given one, or delete that world"
AT = "2026-03-02T10:00:00Z"
CLOCK = ("--clock", AT, "--frozen")


@pytest.fixture
def remote() -> Iterator[Remote]:
    with serving(board_of("hooks", "shelf")) as found:
        yield found


def test_the_worlds_of_a_server_are_listed(remote: Remote) -> None:
    """Without a word, and with `list`; the JSON is the admin API's."""
    remote.shown("worlds", "create", "ada", "--provider", "shelf", "--pinned", *CLOCK)
    rows = (
        "WORLD    CLOCK                         PROVIDERS     SCENARIOS  FAULTS  CALLS"
        "  PINNED\n"
        f"default  {AT}, frozen  hooks, shelf  -          0       0      no\n"
        f"ada      {AT}, frozen  shelf         -          0       0      yes\n"
    )

    assert remote.shown("worlds") == rows
    assert remote.shown("worlds", "list") == rows
    assert [world["id"] for world in remote.json("worlds")["worlds"]] == [
        "default",
        "ada",
    ]


def test_a_new_world_says_how_it_is_called(remote: Remote) -> None:
    """Its addresses, and its credentials."""
    words = ["worlds", "create", "ada", "--provider", "shelf", "--seed", "7", *CLOCK]
    shown = remote.shown(*words).split("\n\n")
    keys = remote.json("worlds", "credentials", "ada", "shelf")

    assert shown[:2] == [
        f"world  ada\nclock  {AT}, frozen\nseed   7",
        "PROVIDER  BASE URL\nshelf     http://127.0.0.1:8080/@ada/shelf",
    ]
    assert [row.split() for row in shown[2].splitlines()] == [
        ["PROVIDER", "CREDENTIAL", "STATE", "SCHEME", "VALUE"],
        *(["shelf", k["name"], k["state"], k["scheme"], k["value"]] for k in keys),
    ]


def test_a_world_is_given_an_id_where_none_is_named(remote: Remote) -> None:
    """A script finds it in the JSON."""
    made = remote.json("worlds", "create")

    assert remote.json("worlds", "show", made["id"])["id"] == made["id"]


@pytest.mark.parametrize(
    ("words", "frozen", "seed"),
    [
        (["--clock", "frozen"], True, 0),
        (["--clock", AT], False, 0),
        (["--frozen", "--seed", "-3"], True, -3),
        (["--seed", "a lucky one"], False, "a lucky one"),
    ],
)
def test_a_world_begins_as_the_options_say(
    remote: Remote, words: list[str], frozen: bool, seed: object
) -> None:
    """A seed is a number where it looks like one."""
    made = remote.json("worlds", "create", *words)

    assert (made["clock"]["frozen"], made["rng_seed"]) == (frozen, seed)


def test_a_world_is_shown(remote: Remote) -> None:
    """How it stands, and where its calls go."""
    remote.call("/parcels/1")

    assert remote.shown("worlds", "show", "default") == (
        "world            default\n"
        f"clock            {AT}, frozen\n"
        "seed             0\n"
        "pinned           no\n"
        "scenarios        -\n"
        "faults           0\n"
        "records changed  0\n"
        "calls            1, of which 1 are in the journal\n"
        "\n"
        "PROVIDER  BASE URL\n"
        "hooks     http://127.0.0.1:8080/hooks/v1\n"
        "shelf     http://127.0.0.1:8080/shelf\n"
    )


def test_a_fork_goes_on_from_where_a_world_stood(remote: Remote) -> None:
    """At an exchange of its journal; one that is not there is told."""
    remote.call("/parcels")
    remote.shown("clock", "advance", "10s")
    remote.call("/parcels")

    then = remote.json("worlds", "fork", "default", "then", "--at", "1")
    later = remote.json("worlds", "fork", "--before", "2")

    assert then["clock"]["now"] == AT
    assert later["clock"]["now"] != AT
    assert remote.complaint("worlds", "fork", "--at", "9") == (
        1,
        "emulator worlds fork: the journal of 'default' has no exchange '9': it holds 1 to 2",
    )


def test_a_fork_goes_on_from_where_a_world_stands(remote: Remote) -> None:
    """Under a name that is chosen, or one that is given."""
    remote.shown("clock", "advance", "61s")

    named = remote.json("worlds", "fork", "default", "eve", "--pinned")
    other = remote.json("worlds", "fork", "default")

    assert (named["id"], named["pinned"]) == ("eve", True)
    assert named["clock"]["now"] == other["clock"]["now"] == "2026-03-02T10:01:01Z"
    assert other["id"] not in ("eve", "default")


def test_a_reset_world_begins_again(remote: Remote) -> None:
    """And is shown."""
    remote.shown("worlds", "create", "ada", *CLOCK)
    remote.shown("clock", "advance", "61s", "--world", "ada")

    shown = remote.shown("worlds", "reset", "ada")

    assert shown.splitlines()[1] == f"clock            {AT}, frozen"


def test_a_snapshot_is_put_back(remote: Remote, tmp_path: Path) -> None:
    """Into the world that it was taken of, or into another."""
    file = tmp_path / "kept"
    remote.shown("clock", "advance", "61s")

    said = remote.shown("worlds", "snapshot", "default", str(file))
    remote.shown("worlds", "create", "ada", *CLOCK)
    restored = remote.shown("worlds", "restore", "ada", str(file)).splitlines()

    assert said == f"default: {file.stat().st_size} bytes in {file}\n"
    assert restored[:2] == [
        "world            ada",
        "clock            2026-03-02T10:01:01Z, frozen",
    ]


def test_a_snapshot_goes_through_pipes(remote: Remote) -> None:
    """`-` is stdout, and stdin."""
    remote.shown("worlds", "create", "ada", *CLOCK)
    kept = remote.run("worlds", "snapshot", "ada", "-").stdout
    remote.shown("clock", "advance", "61s", "--world", "ada")

    result = remote.run("worlds", "restore", "ada", "-", "--json", input=kept)

    assert result.exit_code == 0
    assert remote.json("worlds", "show", "ada")["clock"]["now"] == AT


def test_the_world_of_the_variable_is_meant_where_none_is_named(
    remote: Remote, tmp_path: Path
) -> None:
    """As everywhere else; an id wins, and one word alone is the file."""
    file = str(tmp_path / "kept")
    remote.shown("worlds", "create", "ada", *CLOCK)
    remote.variables["EMULATOR_WORLD"] = "ada"

    assert remote.json("worlds", "show")["id"] == "ada"
    assert remote.json("worlds", "reset")["id"] == "ada"
    assert remote.json("worlds", "reset", "default")["id"] == "default"
    assert remote.shown("worlds", "snapshot", file).startswith("ada: ")
    assert remote.json("worlds", "restore", file)["id"] == "ada"
    assert remote.json("worlds", "fork")["clock"]["now"] == AT
    assert remote.shown("worlds", "delete") == "ada: it is gone\n"


def test_a_world_is_not_named_twice(remote: Remote) -> None:
    """Which of the two is meant cannot be told."""
    assert remote.complaint("worlds", "reset", "ada", "--world", "eve") == (
        2,
        "emulator worlds reset: it is about 'ada', or about --world 'eve'?",
    )


def test_a_snapshot_makes_the_world_that_it_is_put_into(
    remote: Remote, tmp_path: Path
) -> None:
    """A colleague's snapshot wants no world made before; a bad one leaves none behind."""
    file = tmp_path / "kept"
    remote.shown("clock", "advance", "61s")
    remote.shown("worlds", "snapshot", str(file))

    made = remote.json("worlds", "restore", "bug", str(file))
    code, said = remote.complaint("worlds", "restore", "other", "-", input="{}")

    assert (made["id"], made["clock"]["now"]) == ("bug", "2026-03-02T10:01:01Z")
    assert (code, "the snapshot is not taken up" in said) == (1, True)
    names = [world["id"] for world in remote.json("worlds")["worlds"]]
    assert sorted(names) == ["bug", "default"]


def test_a_world_is_let_go(remote: Remote) -> None:
    """And is not there any more."""
    remote.shown("worlds", "create", "ada")
    remote.shown("worlds", "create", "eve")

    assert remote.shown("worlds", "delete", "eve") == "eve: it is gone\n"
    assert remote.complaint("worlds", "delete", "eve") == (
        1,
        "emulator worlds delete: there is no world 'eve': use one of: ada, default",
    )


def test_no_answer_is_null_in_json(remote: Remote) -> None:
    """What reads JSON is not left with nothing."""
    remote.shown("worlds", "create", "ada")

    assert remote.json("worlds", "delete", "ada") is None


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (
            ["create", "default"],
            1,
            f"create: there is a world 'default' already ({ANOTHER})",
        ),
        (
            ["create", "--provider", "shelv"],
            2,
            "create: --provider: there is no provider 'shelv': did you mean 'shelf'?",
        ),
        (
            ["create", "--clock", "noon"],
            2,
            "create: --clock: 'noon' is no time: write 2026-03-02T10:00:00Z",
        ),
        (
            ["delete", "default"],
            1,
            "delete: the world 'default' stays; it can be reset",
        ),
        (
            ["restore", "default", "nowhere"],
            1,
            "restore: cannot read 'nowhere': No such file or directory",
        ),
        (
            ["snapshot", "default", "no/where"],
            1,
            "snapshot: cannot write 'no/where': No such file or directory",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    remote: Remote, words: list[str], code: int, says: str
) -> None:
    """In the words of the command line, with what to do instead."""
    assert remote.complaint("worlds", *words) == (code, f"emulator worlds {says}")


def test_what_is_no_snapshot_is_not_taken(remote: Remote) -> None:
    """The world stays as it is."""
    code, said = remote.complaint("worlds", "restore", "default", "-", input="{}")

    assert code == 1
    assert said.startswith("emulator worlds restore: the snapshot is not taken up: ")
