"""What people type before they have read anything does what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest
import requests
from command import emulator
from front_door import START
from remote import Remote, board_of, serving

from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.server.admin_token import with_token
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World


@pytest.fixture
def remote() -> Iterator[Remote]:
    """A server that was called twice."""
    with serving(board_of("doors", "shelf")) as found:
        found.call("/header", "ada")
        found.call("/header")
        yield found


@pytest.fixture
def jobriver(programs: dict[str, Program]) -> Iterator[Remote]:
    """A server with the bundled providers."""
    world = World(clock=Clock(micros(START), frozen=True))
    settings = Settings(log_format="none", port=0)
    with serving(Dispatcher(programs, world, settings)) as found:
        yield found


def test_status_logs_and_reset_are_what_they_are_elsewhere(remote: Remote) -> None:
    """The same output as the commands that they stand for."""
    assert remote.shown("status") == remote.shown("worlds", "show")
    assert remote.shown("logs") == remote.shown("journal", "list")
    assert remote.shown("logs", "--status", "401").startswith("#2 ")
    assert remote.shown("reset").startswith("world            default\n")
    assert remote.json("logs") == []
    assert remote.complaint("reset", "nobody")[0] == 1


def test_the_variable_names_the_world_of_a_reset(remote: Remote) -> None:
    """As for all other commands."""
    remote.shown("worlds", "create", "mine")

    done = remote.run("reset", EMULATOR_WORLD="mine")

    assert done.stdout.startswith("world            mine\n")
    assert len(remote.json("logs")) == 2


def test_a_journal_is_filtered_by_method(remote: Remote) -> None:
    """In either case, and nonsense is told."""
    assert len(remote.json("journal", "--method", "get")) == 2
    assert remote.json("journal", "--method", "POST") == []
    assert remote.complaint("journal", "--method", "G T") == (
        2,
        "emulator journal list: --method: 'G T' is not a method such as GET",
    )


def test_the_last_exchange_has_a_name(remote: Remote) -> None:
    """`last` is the latest."""
    assert remote.shown("journal", "show", "last") == remote.shown("journal", "show")


def test_a_scenario_that_has_one_provider_needs_no_more(jobriver: Remote) -> None:
    """One that several have is answered with their whole names."""
    known = [each["name"] for each in jobriver.json("scenario")]
    alone = next(name for name in known if known.count(name) == 1)
    shared = next(name for name in known if known.count(name) > 1)

    applied = jobriver.json("scenario", "apply", alone)
    code, says = jobriver.complaint("scenario", "apply", shared)

    assert applied["name"] == alone
    assert jobriver.shown("scenario", "clear", alone).startswith(f"{alone}: ")
    assert code == 2
    assert f"several providers have a scenario {shared!r}: " in says
    assert f"/{shared}" in says


def test_the_situations_of_a_server_are_listed_by_either_command(
    jobriver: Remote,
) -> None:
    """`scenarios --url` is `scenario list`."""
    words = ["scenarios", "--url", jobriver.server.url]

    assert jobriver.shown(*words) == jobriver.shown("scenario", "list")
    assert jobriver.json(*words, "jobriver") == jobriver.json(
        "scenario", "list", "--provider", "jobriver"
    )


def test_the_credentials_of_a_server_are_listed_by_either_command(
    jobriver: Remote,
) -> None:
    """`credentials jobriver --url` is `world credentials default jobriver`."""
    words = ["credentials", "--url", jobriver.server.url]

    shown = jobriver.shown("world", "credentials", "default", "jobriver")
    code, says = jobriver.complaint(*words, "jobrover")

    assert "full" in shown
    assert jobriver.shown(*words, "jobriver") == shown
    assert (code, says) == (
        1,
        (
            "emulator credentials: there is no provider 'jobrover':"
            " did you mean 'jobriver'?"
        ),
    )


@pytest.mark.parametrize(
    ("words", "operations"),
    [
        (["--operation", "createbook"], ["createBook"]),
        (["--operation", "createb*"], ["createBook"]),
        (["--operation", "*book", "--method", "post"], ["createBook"]),
        (["--method", "post", "--operation", "createb*"], ["createBook"]),
        (["--operation", "createBook", "--operation", "CREATEB*"], ["createBook"]),
    ],
)
def test_operations_of_a_rule_are_guessed(
    remote: Remote, words: list[str], operations: list[str]
) -> None:
    """By their beginning, in any case, or by their method."""
    made = remote.json("faults", "add", *words, "--delay", "2s", "--call", "3")

    assert made["provider"] == "shelf"
    assert made["operations"] == operations
    assert (made["faults"], made["calls"]) == (["delay=2s"], "3")


def test_operations_that_nothing_is_like_are_told(remote: Remote) -> None:
    """With what may be meant."""
    words = ["faults", "add", "--provider", "shelf", "--fault", "reset"]

    assert remote.complaint(*words, "--operation", "createBok") == (
        2,
        (
            "emulator faults add: --operation: there is no operation 'createBok': did you"
            " mean 'createBook'?"
        ),
    )
    assert remote.complaint(*words, "--method", "TRACE") == (
        2,
        "emulator faults add: --method: shelf has no such operation with TRACE",
    )


@pytest.mark.parametrize("length", ["1h", "+1h", "1 hour", "60 minutes", "3600"])
def test_a_length_is_read_as_people_write_it(remote: Remote, length: str) -> None:
    """In one word or in two."""
    moved = remote.shown("clock", "advance", *length.split())

    assert moved == "2026-03-02T11:00:00Z, frozen\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("fork --at 1", "did you mean `emulator worlds fork`?"),
        ("replay 1", "did you mean `emulator journal replay`?"),
        ("curl", "did you mean `emulator journal show --curl`?"),
        ("records", "the page at /_emulator/ shows and edits them"),
        ("open", "open the server's address with /_emulator/ in a browser"),
        ("journal save 1", "did you mean `emulator journal test ID FILE`?"),
        ("journal fork 1", "did you mean `emulator worlds fork default --at ID`?"),
        ("worlds export", "did you mean `emulator worlds snapshot`?"),
        (
            "scenario rate_limited",
            "did you mean `emulator scenario apply rate_limited`?",
        ),
        ("clock pause", "did you mean `emulator clock freeze`?"),
        ("clock +1h", "did you mean `emulator clock advance 1h`?"),
        ("clock set tomorrow", "did you mean `emulator clock advance 1d`?"),
        ("explain", "`emulator journal show` explains the latest call"),
        ("credentials", "`emulator worlds credentials` lists those of all providers"),
        ("webhooks", "`emulator providers` lists those that there are"),
    ],
)
def test_what_is_called_otherwise_is_named(
    remote: Remote, words: str, says: str
) -> None:
    """In the line that refuses it."""
    code, said = remote.complaint(*words.split())

    assert code == 2
    assert says in said


def test_what_is_guessed_works(remote: Remote, tmp_path: Path) -> None:
    """Other names of commands and options."""
    file = str(tmp_path / "state")
    assert remote.shown("world") == remote.shown("worlds")
    assert remote.json("world", "fork", "default", "then", "--at", "1")["id"] == "then"
    assert remote.json("world", "create", "x", "--rng-seed", "7")["rng_seed"] == 7
    assert len(remote.shown("journal", "list", "--verbose").split("\n\n")) == 2
    assert remote.complaint("logs", "-v", "-f")[0] == 2
    remote.shown("worlds", "snapshot", file)
    remote.shown("worlds", "restore", "bug1", "--file", file)
    assert remote.json("status", "bug1")["id"] == "bug1"


def test_all_situations_are_cleared_where_none_is_named(jobriver: Remote) -> None:
    assert jobriver.shown("scenario", "clear") == "the world is in no situation\n"
    for name in ("jobriver/maintenance", "jobspace/rate_limited"):
        said = jobriver.shown("scenario", "apply", name)
        assert "the clock stands still at 2026-03-02T10:00:00Z" in said

    assert len(jobriver.shown("scenario", "clear").splitlines()) == 2
    assert jobriver.json("faults") == jobriver.json("status")["scenarios"] == []


def test_a_seed_goes_by_either_name(remote: Remote) -> None:
    url = f"{remote.server.url}/_emulator/worlds"
    made = requests.post(url, json={"seed": 7}, timeout=10)
    both = requests.post(url, json={"seed": 7, "rng_seed": 7}, timeout=10)

    assert made.json()["rng_seed"] == 7
    assert both.json()["detail"].startswith("/seed: it has seed and rng_seed")


def test_a_doctor_waits_until_a_server_is_ready() -> None:
    """And no longer than that, or than it is told to."""
    board = board_of("doors")
    with serving(board) as remote:
        url = remote.server.url
        board_is_ready = emulator("doctor", "--ready", "--wait", "30s", "--url", url)
    nobody = emulator("doctor", "--wait", "200ms", "--url", url)
    unclear = emulator("doctor", "--ready", "--wait", "soon")

    assert (board_is_ready.returncode, board_is_ready.stdout) == (
        0,
        f"{url} is ready\n",
    )
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert nobody.stderr.startswith(f"emulator doctor: {url} is not ready: ")
    assert unclear.stderr == (
        "emulator doctor: --wait: 'soon' is no length of time: write 30s\n"
    )


def test_a_doctor_asks_again_while_a_server_starts() -> None:
    """A port that nobody listens at yet."""
    with serving(board_of("doors")) as remote:
        port = remote.server.port
    late = board_of("doors", port=port)
    started: list[object] = []
    opened = serving(late)
    begin = Timer(0.3, lambda: started.append(opened.__enter__()))
    begin.start()
    ready = emulator("doctor", "--wait", "20s", "--url", f"http://127.0.0.1:{port}")
    begin.join()
    opened.__exit__(None, None, None)

    assert ready.returncode == 0, ready.stderr


def test_a_token_is_written_once_and_read_by_both(tmp_path: Path) -> None:
    """Nobody else may read it, and a command finds it by the variable."""
    file = tmp_path / "token"
    settings = with_token(Settings(admin_token_file=str(file)))
    again = with_token(Settings(admin_token_file=str(file), host="0.0.0.0"))

    assert settings.admin_token == again.admin_token == file.read_text().strip()
    assert file.stat().st_mode & 0o077 == 0
    board = board_of("doors", admin_token=settings.admin_token)
    with serving(board) as remote:
        assert remote.complaint("status")[0] == 1
        assert remote.run("status", EMULATOR_ADMIN_TOKEN_FILE=str(file)).exit_code == 0
        assert remote.shown("status", "--admin-token-file", str(file))
        given = remote.run(
            "status", "--admin-token-file", str(file), EMULATOR_ADMIN_TOKEN="other"
        )
        assert given.exit_code == 0
        missing = str(tmp_path / "none")
        assert remote.complaint("status", "--admin-token-file", missing) == (
            2,
            f"emulator status: --admin-token-file: {missing!r}: No such file or directory",
        )


def test_a_token_file_that_cannot_be_written_ends_the_start(tmp_path: Path) -> None:
    """In a line."""
    ran = emulator("serve", "--admin-token-file", str(tmp_path / "no" / "token"))

    assert ran.returncode == 1
    assert "emulator serve: --admin-token-file: " in ran.stderr
