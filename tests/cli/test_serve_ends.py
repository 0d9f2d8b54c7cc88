"""How `emulator serve` tells its port, and how it ends: by a signal, and without a word."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from command import EMULATOR, ROOT, environment, serving


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The command, once it has said that it serves."""
    with subprocess.Popen(
        [EMULATOR, "serve", "--port", "0", *words],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_the_port_file_goes_with_the_server(
    tmp_path: Path, number: signal.Signals
) -> None:
    """A terminal that is closed ends it as every request to end does."""
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("whoever runs the tests has them go on after a hang-up")
    with serving(tmp_path) as server:
        assert (tmp_path / "port").exists()

        assert server.end(number)[0] == 0

    assert [*tmp_path.iterdir()] == []


def test_a_hang_up_that_is_ignored_stays_so(tmp_path: Path) -> None:
    """It is what nohup is for."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with serving(tmp_path) as server:
            server.process.send_signal(signal.SIGHUP)
            assert server.end(signal.SIGTERM)[0] == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_no_port_of_an_earlier_server_is_told(tmp_path: Path) -> None:
    """It is gone when the start begins: here, one that never comes to an open port."""
    file = tmp_path / "port"
    file.write_text("1\n")

    ended = subprocess.run(
        [EMULATOR, "serve", "--specs", str(tmp_path), "--port-file", str(file)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
    )

    assert ended.returncode != 0
    assert not file.exists()


def test_another_server_s_port_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "port"
    with serving(tmp_path) as server:
        (tmp_path / "new").write_text("7\n")
        os.replace(tmp_path / "new", file)

        server.end(signal.SIGTERM)

    assert file.read_text() == "7\n"


def test_a_pipe_is_told_the_port_and_stays_a_pipe(tmp_path: Path) -> None:
    """Nothing that is no regular file is replaced: as root, that would be a device."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    with started("--port-file", str(pipe)) as process:
        told = os.read(reader, 100)
        process.terminate()
        assert process.wait(10) == 0

    os.close(reader)
    assert int(told) > 0
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_a_device_stays_a_device(device: str) -> None:
    before = os.stat(device)

    with started("--port-file", device) as process:
        process.terminate()
        ended = process.wait(10)

    after = os.stat(device)
    assert ended == (0 if device == "/dev/null" else 1)
    assert (before.st_ino, before.st_rdev) == (after.st_ino, after.st_rdev)


def test_a_link_s_target_is_left_alone(tmp_path: Path) -> None:
    victim, link = tmp_path / "victim", tmp_path / "port"
    victim.write_text("mine")
    link.symlink_to(victim)

    with serving(tmp_path) as server:
        assert not link.is_symlink()
        assert server.end(signal.SIGTERM)[0] == 0

    assert victim.read_text() == "mine"


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-", ">&-"])
def test_it_serves_and_ends_where_nobody_reads(tmp_path: Path, closed: str) -> None:
    """A daemon's streams may be closed: what would be written goes nowhere."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    line = f'exec "{EMULATOR}" serve --port 0 --port-file "{pipe}" {closed}'

    with subprocess.Popen(["sh", "-c", line], cwd=ROOT, env=environment()) as process:
        try:
            with pipe.open() as reader:
                port = int(reader.readline())
            answer = requests.get(f"http://127.0.0.1:{port}/nowhere", timeout=10)
            process.terminate()
            assert process.wait(10) == 0
        finally:
            process.kill()

    assert answer.json()["title"] == "no provider has this address"
