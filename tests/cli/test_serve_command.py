"""`emulator serve`: the installed command, from its first line to its end."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from command import ROOT, emulator, environment, installed, serving

from emulator.compile.places import bundled, places

HEAVY = "faker jsonschema jsonschema_rs httpx yaml"
UNNEEDED = f"""{HEAVY} prometheus_client h11 starlette anyio http.client html
    difflib fractions gzip zipfile zoneinfo cryptography jwt mcp hypothesis
    emulator.admin.worlds emulator.cli.mcp emulator.client emulator.compile.checks
    emulator.compile.document_names emulator.explanation emulator.generation.values
    emulator.inference emulator.interception emulator.search.elasticsearch
    emulator.server.certificates emulator.server.local_ca emulator.spec.swagger
    emulator.spec.yaml emulator.strategies emulator.traffic emulator.virtual_time"""
"""What a start that finds all in the cache answers a health check without."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_a_signal_and_ends_with_0(
    tmp_path: Path, number: signal.Signals
) -> None:
    """Within a second, and with nothing to complain of."""
    with serving(tmp_path, "--log-format", "none") as server:
        assert requests.get(f"{server.url}/_emulator/ready").json() == {
            "status": "ready"
        }

        code, seconds = server.end(number)

        assert code == 0
        assert seconds < 1
        assert server.process.stderr is not None
        assert server.process.stderr.read() == ""


def test_what_it_prints_can_be_pasted(tmp_path: Path) -> None:
    """A base URL, a credential, and a call that works."""
    with serving(tmp_path, "jobriver") as server:
        base, credential, line = server.printed().split("\n")[1:4]
        assert server.process.stdout is not None
        last = [server.process.stdout.readline() for _ in range(2)][-1]
        words = shlex.split(line)
        name, _, value = words[2].partition(": ")

        assert base == f"jobriver  {server.url}/jobriver/api/v1"
        assert last == f"in a browser: {server.url}/_emulator/\n"
        assert credential.strip() == f"full: {value}"
        assert words[:2] == ["curl", "-H"]
        assert requests.get(words[3], headers={name: value}).status_code == 200


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("provider", [place.name for place in places(*bundled())])
def test_every_line_for_curl_works(tmp_path: Path, provider: str) -> None:
    """Each bundled provider has a call to paste, and it is answered."""
    with serving(tmp_path, provider) as server:
        line = server.printed().splitlines()[3]
        show = ["-s", "-o", os.devnull, "-w", "%{http_code}"]

        ran = subprocess.run(
            [*shlex.split(line), *show], capture_output=True, text=True, timeout=20
        )

        assert ran.stdout == "200"


def test_only_those_that_are_named_are_served(tmp_path: Path) -> None:
    """As arguments or as a setting."""
    specs = str(ROOT / "tests" / "specs")
    with serving(
        tmp_path, "doors", "--specs", specs, EMULATOR_PROVIDERS="shelf"
    ) as server:
        shown = requests.get(f"{server.url}/_emulator/providers").json()["providers"]

        assert [one["name"] for one in shown] == ["doors"]


def test_a_world_starts_as_the_settings_say(tmp_path: Path) -> None:
    """Its clock stands still where it was told to."""
    words = ["--clock", "2026-03-02T11:00:00+01:00", "--frozen"]
    with serving(tmp_path, *words) as server:
        line = server.printed().splitlines()[-1]
        words = shlex.split(line)
        name, _, value = words[2].partition(": ")

        reply = requests.get(words[3], headers={name: value})

        assert reply.headers["Date"] == "Mon, 02 Mar 2026 10:00:00 GMT"


def test_a_port_in_use_is_one_line_and_1(tmp_path: Path) -> None:
    """And the line says what to do."""
    with serving(tmp_path) as server:
        ran = installed("serve", "--port", str(server.port))

    assert ran.stderr == (
        f"emulator serve: port {server.port} of 127.0.0.1 is in use: stop what listens"
        " there, or choose another with --port (0 picks a free one)\n"
    )
    assert ran.stdout == ""
    assert ran.returncode == 1


def test_a_flag_wins_over_the_variable(tmp_path: Path) -> None:
    """The port file is a setting like any other."""
    with serving(tmp_path, EMULATOR_PORT_FILE=str(tmp_path / "other")) as server:
        assert server.port > 0
        assert not (tmp_path / "other").exists()


def test_an_open_host_is_warned_of(tmp_path: Path) -> None:
    """Nothing protects the emulator's own addresses there."""
    with serving(tmp_path, "--host", "0.0.0.0", "--log-format", "none") as server:
        server.end(signal.SIGTERM)

        assert server.process.stderr is not None
        assert server.process.stderr.read().startswith(
            "warning: listening on 0.0.0.0: "
        )


def test_a_reader_that_left_does_not_keep_it_from_serving(tmp_path: Path) -> None:
    """The list of providers is for people, who may not be there."""
    reading, writing = os.pipe()
    os.close(reading)
    file = tmp_path / "port"
    with subprocess.Popen(
        [sys.executable, "-m", "emulator", "serve", "--port", "0"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(EMULATOR_PORT_FILE=str(file), EMULATOR_LOG_FORMAT="none"),
    ) as process:
        os.close(writing)
        try:
            while not file.exists():
                assert process.poll() is None
            url = f"http://127.0.0.1:{file.read_text().strip()}/_emulator/ready"

            assert requests.get(url).status_code == 200

            process.terminate()
            assert process.wait(10) == 0
        finally:
            process.kill()


def test_a_second_start_imports_nothing_heavy(tmp_path: Path) -> None:
    """A start is what people wait for: the cache has what the first one found out."""
    program = f"""
import sys
from emulator.engine.loading import make_dispatcher
from emulator.program.example import example
from emulator.settings import Settings
import emulator.server.run
settings = Settings(cache_dir={str(tmp_path)!r})
for program in make_dispatcher(settings).programs.values():
    example(program), program.operations
print(*[name for name in {HEAVY.split()!r} if name in sys.modules])
"""

    first, second = (
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            env=environment(),
        ).stdout.split()
        for _ in range(2)
    )

    assert "yaml" in first
    assert "faker" not in first  # what is bundled is frozen
    assert second == []


def test_a_second_start_imports_nothing_that_a_health_check_does_not_need(
    tmp_path: Path,
) -> None:
    """What is imported at a start is most of the time that it takes."""
    for _ in range(2):
        with serving(
            tmp_path,
            *("--log-format", "none", "--cache-dir", str(tmp_path / "cache")),
            PYTHONPROFILEIMPORTTIME="1",
        ) as server:
            assert requests.get(f"{server.url}/_emulator/health").status_code == 200
            server.end(signal.SIGTERM)
            assert server.process.stderr is not None
            lines = server.process.stderr.read().splitlines()
    imported = {line.rpartition("|")[2].strip() for line in lines}

    # What libraries import for themselves differs between their versions.
    libraries = subprocess.run(
        [
            sys.executable,
            "-c",
            "import click, orjson, uvicorn, sys; print(*sys.modules)",
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert "emulator.server.protocol" in imported
    assert imported.isdisjoint({*UNNEEDED.split()} - {*libraries})


@pytest.mark.parametrize("number", ["2", "0", "-1"])
def test_one_server_is_one_process(number: str) -> None:
    said = emulator("serve", "--workers", number)

    assert said.returncode == 2
    assert said.stderr.startswith(
        "emulator serve: --workers: a world is in one process"
    )
    assert "docs/how-to/scale-out.md" in said.stderr
