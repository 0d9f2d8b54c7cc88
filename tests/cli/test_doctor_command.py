"""`emulator doctor`: what a machine lacks, and whether a server is ready."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from command import emulator, environment, installed, serving


def test_a_server_that_is_up_is_ready(tmp_path: Path) -> None:
    """By its address, or by the port of the settings; no proxy is asked."""
    with serving(tmp_path) as server:
        by_variable = emulator("doctor", "--ready", EMULATOR_URL=server.url)
        by_url = emulator("doctor", "--ready", "--url", f"{server.url}/")
        by_port = emulator(
            "doctor",
            "--ready",
            EMULATOR_PORT=str(server.port),
            EMULATOR_HOST="0.0.0.0",
            http_proxy="http://127.0.0.1:1",
        )

    assert (by_url.returncode, by_port.returncode) == (0, 0)
    assert by_variable.stdout == by_port.stdout
    assert by_port.stdout == f"{server.url} is ready\n"


def test_the_image_s_health_check_says_what_the_command_says(tmp_path: Path) -> None:
    """By a way of its own, without a command line, as long as all is well."""
    with serving(tmp_path, "jobriver") as server:
        ports = {"EMULATOR_PORT": str(server.port)}
        ready = installed("doctor", "--ready", **ports, EMULATOR_HOST="0.0.0.0")
        as_json = installed("doctor", "--ready", "--json", **ports)
    gone = installed("doctor", "--ready", **ports)

    assert (ready.returncode, ready.stdout) == (0, f"{server.url} is ready\n")
    assert json.loads(as_json.stdout) == {
        "ready": True,
        "says": f"{server.url} is ready",
    }
    assert gone.returncode == 1
    assert gone.stderr.startswith(f"emulator doctor: {server.url} is not ready: ")


def test_a_server_that_is_not_there_is_not_ready() -> None:
    """One line, and 1."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # ours, and nobody listens
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        ran = emulator("doctor", "--ready", "--url", url)
        as_json = emulator("doctor", "--ready", "--url", url, "--json")

    assert ran.stderr.startswith(f"emulator doctor: {url} is not ready: ")
    assert ran.stderr.count("\n") == 1
    assert ran.returncode == 1
    assert as_json.returncode == 1
    assert json.loads(as_json.stdout)["ready"] is False


def test_other_addresses_than_of_http_are_not_asked(tmp_path: Path) -> None:
    """A file is no server."""
    ran = emulator("doctor", "--ready", "--url", f"file://{tmp_path}")

    assert "is not an address" in ran.stderr
    assert ran.returncode == 1


def test_the_health_check_loads_next_to_nothing() -> None:
    """It runs every few seconds beside the server."""
    program = """
import sys
from emulator.cli.main import cli
try:
    cli(["doctor", "--ready", "--url", "http://127.0.0.1:1"])
except SystemExit:
    pass
heavy = ("emulator.compile", "emulator.engine.dispatcher", "starlette", "uvicorn", "yaml",
         "orjson", "asyncio")
print(*[name for name in heavy if name in sys.modules])
"""

    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=environment(),
    )

    assert ran.stdout.split() == []


def test_a_sound_machine(tmp_path: Path) -> None:
    """Every line says what was found."""
    ran = emulator("doctor", "--json", "--port", "0", "--cache-dir", str(tmp_path))

    found = {one["name"]: one for one in json.loads(ran.stdout)}
    assert ran.returncode == 0
    assert {one["severity"] for one in found.values()} == {"ok"}
    assert found["cache"]["says"] == f"{tmp_path} is writable"
    assert found["providers"]["says"].startswith("jobriver")
    assert {"python", "click", "uvicorn", "starlette", "uvloop"} <= found.keys()
    assert emulator("doctor", "--port", "0").stdout.startswith("ok  python")


def test_what_is_wrong_is_named_and_the_rest_still_looked_at(tmp_path: Path) -> None:
    """A broken provider, a port that is taken, a cache folder that cannot be."""
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "behavior.yaml").write_text("a: [")
    (tmp_path / "file").touch()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = ["--specs", str(tmp_path), "--cache-dir", str(tmp_path / "file" / "x")]
        ran = emulator("doctor", "--json", "--port", str(port), *words)

    found = {
        one["name"]: one["severity"]
        for one in json.loads(ran.stdout)
        if one["severity"] != "ok"
    }
    assert found == {"cache": "warning", "providers": "error", "port": "error"}
    assert ran.returncode == 1


def test_a_port_that_an_emulator_has_is_only_warned_of(tmp_path: Path) -> None:
    """It is most likely the one that was started before."""
    with serving(tmp_path) as server:
        ran = emulator("doctor", "--port", str(server.port))

    assert "an emulator is running there" in ran.stdout
    assert ran.returncode == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_cache_where_others_write_is_not_used(tmp_path: Path) -> None:
    """The doctor says so, and each command that loads providers does."""
    tmp_path.chmod(0o777)
    words = ("--cache-dir", str(tmp_path))

    found = json.loads(emulator("doctor", "--json", "--port", "0", *words).stdout)
    ran = installed("providers", *words)

    why = "others may write there (mode 0777)"
    says = {one["name"]: one for one in found}["cache"]
    assert says["severity"] == "warning"
    assert says["says"] == f"{tmp_path} is not used ({why}): starts are slower"
    assert ran.stderr == f"the cache {tmp_path} is not used: {why}\n"
    assert [*tmp_path.iterdir()] == []
