"""`emulator journal --follow`: exchanges as they come, over connections that break."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from command import EMULATOR, environment
from remote import Remote, board_of, serving

from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call
from emulator.server.run import running
from emulator.settings import Settings
from emulator.world.journal import Journal


@pytest.fixture
def remote() -> Iterator[Remote]:
    with serving(board_of("doors")) as found:
        yield found


class Follower:
    """The command while it runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().rstrip("\n")

    def complaint(self) -> str:
        """The next line of its stderr."""
        assert self.process.stderr is not None
        return self.process.stderr.readline().rstrip("\n")

    def interrupted(self) -> tuple[int, str]:
        """Its exit code, and the rest of its stderr, after Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=10)
        return self.process.returncode, said


def _hear_interrupts() -> None:
    """Tests that run in the background of a shell ignore SIGINT, as would what they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def following(remote: Remote, *words: str) -> Iterator[Follower]:
    with subprocess.Popen(
        [EMULATOR, "journal", "--follow", *words],
        env=environment(EMULATOR_URL=remote.server.url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_interrupts,
    ) as process:
        try:
            yield Follower(process)
        finally:
            process.kill()


def on_the_same_port(remote: Remote) -> Settings:
    return replace(remote.board.settings, port=remote.server.port)


def call_without_server(board: Dispatcher) -> None:
    board.answer(Call(method="GET", path="/doors/open", base_url="http://testserver"))


def test_what_there_is_comes_first_and_then_what_comes(remote: Remote) -> None:
    """Each in its line; Ctrl-C is a quiet end."""
    remote.call("/header", "ada")
    with following(remote) as follower:
        first = follower.line()
        remote.call("/header")
        second = follower.line()

        assert first == "#1 2026-03-02 10:00:00 GET /header -> 200 header by 'ada'"
        assert second == (
            "#2 2026-03-02 10:00:00 GET /header -> 401 header, refused: credential_missing"
        )
        assert follower.interrupted() == (0, "")


def test_the_lines_are_those_of_the_server(remote: Remote) -> None:
    """What is made of an entry here is what the server's events say."""
    remote.call("/header?token=hush", "ada")
    with following(remote, "--json") as follower:
        follower.line()
        remote.call("/nowhere?a=%1B")
        event = json.loads(follower.line())

        assert remote.shown("journal").splitlines()[1] == event["line"]


def test_filters_hold_for_what_comes(remote: Remote) -> None:
    """The rest is not sent."""
    remote.call("/nowhere")
    with following(remote, "--status", "2xx", "--operation", "header") as follower:
        remote.call("/header", "ada")
        first = follower.line()
        remote.call("/nowhere")
        remote.call("/header")
        remote.call("/header", "bob")

        assert first.startswith("#2 ")
        assert follower.line().startswith("#5 ")


def test_nothing_of_what_there_is(remote: Remote) -> None:
    """`--limit 0` begins with what comes."""
    remote.call("/header")
    with following(remote, "--limit", "0") as follower:
        while not remote.board.world.journal.followers:
            assert follower.process.poll() is None
            remote.json("worlds")
        remote.call("/open")

        assert follower.line() == "#2 2026-03-02 10:00:00 GET /open -> 200 open"


def test_a_filter_that_nothing_can_pass_is_a_mistake_at_once(remote: Remote) -> None:
    """Nobody waits for what cannot come."""
    code, said = remote.complaint("journal", "--follow", "--operation", "headr")

    assert code == 2
    assert said.endswith("there is no operation 'headr': did you mean 'header'?")


def test_what_comes_without_a_connection_is_not_lost() -> None:
    """The server is told what was seen last."""
    board = board_of("doors")
    with serving(board) as remote:
        remote.call("/header", "ada")
        with following(remote) as follower:
            follower.line()
            remote.call("/header", "ada")
            follower.line()
            remote.server.stop()
            told = follower.complaint()
            with running(board, on_the_same_port(remote)):
                remote.call("/header", "bob")

                assert follower.line() == (
                    "#3 2026-03-02 10:00:00 GET /header -> 200 header by 'bob'"
                )
                assert told == "the connection is lost: looking for the server"
                assert follower.interrupted() == (0, "")


def test_what_the_journal_let_go_meanwhile_is_told() -> None:
    """And what is left comes."""
    board = board_of("doors", journal=Journal(max_entries=2))
    with serving(board) as remote:
        remote.call("/header")
        with following(remote) as follower:
            follower.line()
            remote.call("/header")
            follower.line()
            remote.server.stop()
            follower.complaint()
            for _ in range(5):
                call_without_server(board)
            with running(board, on_the_same_port(remote)):
                assert follower.complaint() == (
                    "3 exchanges came of which the journal knows no more"
                )
                assert follower.line().startswith("#6 ")
                assert follower.line().startswith("#7 ")


def test_a_server_that_begins_again_is_followed_from_its_beginning() -> None:
    """Its journal has other exchanges under the same numbers."""
    with serving(board_of("doors")) as remote:
        for _ in range(3):
            remote.call("/header")
        with following(remote, "--limit", "1") as follower:
            follower.line()
            remote.call("/header")
            follower.line()
            remote.server.stop()
            follower.complaint()
            board = board_of("doors")
            call_without_server(board)
            with running(board, on_the_same_port(remote)):
                assert follower.complaint() == (
                    "the server has begun again, and its journal with it"
                )
                assert follower.line().startswith("#1 ")
