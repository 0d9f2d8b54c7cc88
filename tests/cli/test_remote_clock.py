"""`emulator clock`, `scenario` and `faults`: what becomes of a world that is running."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front_door import START
from remote import Remote, board_of, serving

from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World


@pytest.fixture
def doors() -> Iterator[Remote]:
    with serving(board_of("doors")) as found:
        yield found


@pytest.fixture
def jobriver(programs: dict[str, Program]) -> Iterator[Remote]:
    board = Dispatcher(
        {"jobriver": programs["jobriver"]},
        World(clock=Clock(micros(START), frozen=True)),
        Settings(log_format="none", port=0),
    )
    with serving(board) as found:
        yield found


def test_the_clock_is_shown_with_what_is_going_to_happen(doors: Remote) -> None:
    """In order."""
    assert doors.shown("clock") == (
        "2026-03-02T10:00:00Z, frozen\n"
        "\n"
        "AT                    EVENT   PROVIDER  WHAT\n"
        "2026-03-02T11:00:00Z  expiry  doors     tokens hal\n"
    )


def test_a_clock_leaps_over_no_year_that_was_not_asked_for(doors: Remote) -> None:
    """What is far away is shown when asked, and gone to when it is named."""
    doors.shown("clock", "set", "2024-03-02T10:00:00Z")

    near, far = doors.shown("clock"), doors.shown("clock", "--all")
    refused = doors.complaint("clock", "next")
    named = doors.shown("clock", "next", "expiry")

    when = "2026-03-02T11:00:00Z"
    assert near == (
        "2024-03-02T10:00:00Z, frozen\n\nand 1 more than a year away: --all shows"
        " them\n"
    )
    assert far.splitlines()[-1] == f"{when}  expiry  doors     tokens hal"
    assert refused == (
        1,
        (
            "emulator clock next: within a year nothing is pending in the world 'default':"
            f" the next is expiry of doors, tokens hal, at {when}"
            " (ask for expiry by its name, to leap that far)"
        ),
    )
    assert named == f"{when}, frozen: expiry of doors, tokens hal\n"


def test_the_clock_moves_on_command(doors: Remote) -> None:
    """Each way says where it stands."""
    said = [
        doors.shown("clock", *words)
        for words in (
            ["advance", "61s"],
            ["advance", "0.5"],
            ["next"],
            ["set", "2026-03-03T00:00:00Z"],
            ["freeze"],
            ["show"],
        )
    ]

    assert said == [
        "2026-03-02T10:01:01Z, frozen\n",
        "2026-03-02T10:01:01Z, frozen\n",
        "2026-03-02T11:00:00Z, frozen: expiry of doors, tokens hal\n",
        "2026-03-03T00:00:00Z, frozen\n",
        "2026-03-03T00:00:00Z, frozen\n",
        "2026-03-03T00:00:00Z, frozen\n\nnothing is pending\n",
    ]
    assert doors.json("clock", "resume")["frozen"] is False


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (
            ["advance", "soon"],
            2,
            "advance: LENGTH: 'soon' is not a duration: write 90s, 1m, 24h or 7d",
        ),
        (
            ["set", "noon"],
            2,
            "set: TIME: 'noon' is no time: write 2026-03-02T10:00:00Z",
        ),
        (
            ["next", "expirey"],
            2,
            "next: there is no event of the kind 'expirey': did you mean 'expiry'?",
        ),
        (
            ["next", "webhook"],
            1,
            "next: nothing of the kind webhook is pending in the world 'default'",
        ),
        (
            ["--world", "nope", "freeze"],
            1,
            "freeze: there is no world 'nope': there is 'default'",
        ),
    ],
)
def test_a_clock_that_cannot_move_so(
    doors: Remote, words: list[str], code: int, says: str
) -> None:
    """In the words of the command line."""
    assert doors.complaint("clock", *words) == (code, f"emulator clock {says}")


def test_a_scenario_is_applied_and_its_faults_are_cleared(jobriver: Remote) -> None:
    """The list says which a world is in."""
    name = "jobriver/flaky_writes"

    applied = jobriver.shown("scenario", "apply", name)
    listed = [one for one in jobriver.json("scenario") if one["applied"]]
    struck = jobriver.shown("faults").count("flaky_writes")
    cleared = jobriver.shown("scenario", "clear", name)

    assert applied == (
        f"{name}: {listed[0]['says']}\n"
        "the clock stands still at 2026-03-02T10:00:00Z: nothing ends or expires by itself"
        " until `emulator clock advance` or `clock resume`\n"
    )
    assert [one["name"] for one in listed] == ["flaky_writes"]
    assert struck == listed[0]["faults"] > 0
    assert cleared == (
        f"{name}: its faults are gone; what it has arranged stays until the world is"
        " reset\n"
    )
    assert jobriver.shown("faults").count("\n") == 1


def test_the_scenarios_are_listed(jobriver: Remote) -> None:
    """With a sentence each."""
    lines = jobriver.shown("scenario", "--provider", "jobriver").splitlines()
    first = jobriver.json("scenario")[0]

    assert lines[0].split() == ["SCENARIO", "APPLIED", "SAYS"]
    assert lines[1].split(maxsplit=2) == ["jobriver/rate_limited", "-", first["says"]]


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("/slow", 2, "no scenario '/slow': write it as in acme/rate_limited"),
        (
            "rate_limted",
            2,
            (
                "no provider of this world has a scenario 'rate_limted': did you mean"
                " 'rate_limited'?"
            ),
        ),
        ("jobriver/slo", 1, "jobriver has no scenario 'slo': did you mean 'slow'?"),
        ("acme/slow", 1, "there is no provider 'acme': use one of: jobriver"),
    ],
)
def test_a_scenario_that_is_not_there_is_not_applied(
    jobriver: Remote, name: str, code: int, says: str
) -> None:
    """The line names the nearest."""
    assert jobriver.complaint("scenario", "apply", name) == (
        code,
        f"emulator scenario apply: {says}",
    )


def test_a_rule_is_added_and_strikes(doors: Remote) -> None:
    """The list counts."""
    words = ["--provider", "doors", "--operation", "header", "--refuse", "locked_out"]
    doors.shown("faults", "add", *words, "--calls", "2, 3", "--credential", "ada")

    statuses = [doors.call("/header", "ada") for _ in range(4)]

    assert statuses == [200, 423, 423, 200]
    assert doors.shown("faults") == (
        "RULE  PROVIDER  OPERATIONS  CALLS        GOES WRONG         STRUCK"
        "  CALLS SEEN  STATE"
        "  SOURCE\n"
        "1     doors     header      2, 3 by ada  refuse locked_out  2     "
        "  3           over "
        "  the admin API\n"
    )


def test_a_rule_has_all_that_a_scenario_can_say(doors: Remote) -> None:
    """Each option is a word of it."""
    words = ["--provider", "doors", "--operation", "header", "--operation", "token"]
    words += ["--fault", "delay=2s", "--fault", "drop=Date", "--refuse", "locked_out"]
    words += ["--calls", "every 3", "--probability", "0.3", "--after", "10s"]

    assert doors.json("faults", "add", *words, "--for", "10m") == {
        "id": "1",
        "provider": "doors",
        "operations": ["header", "token"],
        "credential": None,
        "calls": "every 3",
        "probability": 0.3,
        "after": "2026-03-02T10:00:10Z",
        "until": "2026-03-02T10:10:00Z",
        "faults": ["delay=2s", "drop=Date"],
        "refuse": "locked_out",
        "status": None,
        "source": "the admin API",
        "counted": 0,
        "struck": 0,
        "state": "active",
    }
    assert doors.shown("faults", "--provider", "doors").splitlines()[1].split("  ") == [
        "1",
        *("", " doors", "", " header, token", "every 3, 0.3 of them"),
        "delay=2s, drop=Date, refuse locked_out",
        *("0", "", "", " 0", "", "", "", ""),
        " active from 2026-03-02T10:00:10Z until 2026-03-02T10:10:00Z",
        "the admin API",
    ]


def test_rules_are_forgotten(doors: Remote) -> None:
    """One, or all."""
    for _ in range(2):
        doors.shown("faults", "add", "--provider", "doors", "--fault", "reset")

    assert doors.shown("faults", "remove", "1") == "rule 1 is gone\n"
    assert [one["id"] for one in doors.json("faults")] == ["2"]
    assert doors.shown("faults", "clear") == "nothing goes wrong any more\n"
    assert doors.json("faults") == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (
            ["add", "--provider", "doors", "--fault", "delya=2s", "--calls", "0"],
            2,
            "faults add: --fault: ",
        ),
        (["remove", "9"], 1, "faults remove: there is no rule '9'"),
    ],
)
def test_a_rule_that_cannot_be(
    doors: Remote, words: list[str], code: int, says: str
) -> None:
    """All that is wrong with it, by the options' names."""
    exit_code, said = doors.complaint("faults", *words)

    assert exit_code == code
    assert said.startswith(f"emulator {says}")
    assert ("--calls" in words) == ("; --calls: '0' says no calls: " in said)


def test_the_provider_of_a_rule_is_the_one_whose_operation_it_is() -> None:
    """Whoever has one provider, or names an operation of one, need not say whose."""
    with serving(board_of("hooks", "shelf")) as remote:
        made = remote.json(
            "faults", "add", "--operation", "createBook", "--fault", "reset"
        )
        unclear = remote.complaint("faults", "add", "--fault", "reset")
        nobodys = remote.complaint(
            "faults", "add", "--operation", "x", "--fault", "reset"
        )

    assert made["provider"] == "shelf"
    assert unclear == (
        2,
        "emulator faults add: --provider: say whose calls are meant: hooks, shelf",
    )
    assert nobodys == (
        2,
        "emulator faults add: --provider: none has such operations: say whose",
    )


def test_a_rule_that_waits_for_a_frozen_clock_says_so(doors: Remote) -> None:
    """It would never begin, and never end."""
    shown = doors.shown("faults", "add", "--fault", "reset", "--for", "10m")

    assert shown.splitlines()[-1] == (
        "the clock is frozen: only `emulator clock advance` moves it there"
    )
