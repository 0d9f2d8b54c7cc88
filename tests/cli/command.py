"""The command: run to its end, or installed and left running as a server."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from time import monotonic

from click.testing import CliRunner

from emulator.cli.main import cli

EMULATOR = str(Path(sysconfig.get_path("scripts")) / "emulator")
ROOT = Path(__file__).parents[2]


def environment(**variables: str) -> dict[str, str]:
    """This process's variables without any of ours, and *variables*."""
    plain = {name: text for name, text in os.environ.items() if "EMULATOR_" not in name}
    return {**plain, **variables}


def emulator(
    *words: str, cwd: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, in this process: what it prints and its exit code.

    For what is about a process of its own (signals, streams, what it imports) there
    is `installed`.
    """
    plain: dict[str, str | None] = dict.fromkeys(
        name for name in os.environ if "EMULATOR_" in name
    )
    with chdir(cwd):
        ran = CliRunner(catch_exceptions=False).invoke(
            cli, words, prog_name="emulator", env={**plain, **variables}
        )
    return subprocess.CompletedProcess(words, ran.exit_code, ran.stdout, ran.stderr)


def installed(
    *words: str, cwd: Path = ROOT, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the installed command to its end, in a process of its own."""
    return subprocess.run(
        [EMULATOR, *words],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


class Server:
    """A server of the installed command: its process, its port, what it printed."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def printed(self) -> str:
        """Everything up to the first line that is empty and the last of all."""
        assert self.process.stdout is not None
        lines: list[str] = []
        while lines[-2:] != ["\n", "\n"] and not (lines and "curl" in lines[-1]):
            lines.append(self.process.stdout.readline())
        return "".join(lines)

    def end(self, number: int) -> tuple[int, float]:
        """Send a signal; the exit code, and the seconds that it took."""
        started = monotonic()
        self.process.send_signal(number)
        return self.process.wait(10), monotonic() - started


@contextmanager
def serving(folder: Path, *words: str, **variables: str) -> Iterator[Server]:
    """`emulator serve` on a free port, known by its port file in *folder*."""
    file = folder / "port"
    command = [EMULATOR, "serve", "--port", "0", "--port-file", str(file), *words]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # the first line comes when the port is open
            yield Server(process, int(file.read_text().split()[0]))
        finally:
            process.kill()
