"""Tools that tape calls get the client's own, and nothing that a test asks the emulator."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import requests
import vcr

from emulator import World


def test_what_is_asked_of_an_emulator_is_neither_taped_nor_replayed(
    sandbox: World, tmp_path: Path
) -> None:
    """A recorded answer would say that a clock has moved which has not."""
    tape = tmp_path / "tape.yaml"
    begins = sandbox.clock.now

    with vcr.use_cassette(str(tape)):
        sandbox.clock.advance(seconds=61)
        key = sandbox.provider("jobriver").credentials["full"]
    with vcr.use_cassette(str(tape), record_mode="none"):
        now = sandbox.clock.advance(seconds=61)

    assert (now - begins).total_seconds() == 122
    assert not tape.exists()
    assert key.name == "full"


def test_the_clients_own_calls_are_taped(sandbox: World, tmp_path: Path) -> None:
    """Served or in process, and the rest of the test is not."""
    tape = tmp_path / "tape.yaml"
    jobriver = sandbox.provider("jobriver")

    with vcr.use_cassette(str(tape)) as taped:
        requests.get(f"{jobriver.url}/status", timeout=10)
        sandbox.verify("getStatus", times=1)

    assert [request.uri for request in taped.requests] == [f"{jobriver.url}/status"]


def test_a_server_may_be_asked_first_inside_a_block() -> None:
    """Where nothing has needed `http.client` before."""
    program = """
import sys
import emulator
with emulator.intercept("jobriver"):
    assert "http.client" not in sys.modules
    with emulator.start(["jobriver"]) as server:
        assert server.providers == ["jobriver"]
    import requests
    assert requests.get("https://dev.jobriver.de/api/v1/jobs").status_code == 401
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)

    assert (done.returncode, done.stderr) == (0, b"")
