"""Behind: several emulators behind nginx, on free ports of this machine."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
EMULATOR = Path(sysconfig.get_path("scripts")) / "emulator"
DEPLOY = ROOT / "deploy" / "nginx"
NGINX = os.environ.get("EMULATOR_TEST_NGINX") or shutil.which("nginx") or ""
"""The program; there may be none."""


class Behind(NamedTuple):
    """nginx, and what is behind it."""

    url: str
    processes: list[str]
    """The addresses of the emulators."""
    ids: list[int]
    """Their process ids."""


@contextmanager
def behind_nginx(folder: Path, number: int, *words: str) -> Iterator[Behind]:
    """So many of `emulator serve --spread` with *words*, and nginx in front of them."""
    with ExitStack() as stack:
        processes = []
        for place in range(number):
            process = stack.enter_context(_emulator(folder / f"port{place}", *words))
            processes.append(process)
        ports = [
            _port(folder / f"port{place}", processes[place]) for place in range(number)
        ]
        port = stack.enter_context(_nginx(folder, ports))
        urls = [f"http://127.0.0.1:{one}" for one in ports]
        yield Behind(
            f"http://127.0.0.1:{port}", urls, [process.pid for process in processes]
        )


def small_provider(folder: Path, *, quota: int) -> None:
    """Write the provider `acme` of `emulator init`, which allows *quota* calls a minute."""
    words = [sys.executable, str(EMULATOR), "init", "acme", "--into", str(folder)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    behavior = folder / "acme" / "behavior.yaml"
    behavior.write_text(behavior.read_text().replace("quota: 60", f"quota: {quota}"))


@contextmanager
def _emulator(port_file: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    plain = {name: text for name, text in os.environ.items() if "EMULATOR_" not in name}
    given = ["--port", "0", "--port-file", str(port_file), "--log-format", "none"]
    with subprocess.Popen(
        [sys.executable, str(EMULATOR), "serve", "--spread", *given, *words],
        env=plain,
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    end = monotonic() + 30
    while monotonic() < end and process.poll() is None:
        if file.exists() and (text := file.read_text().strip()):
            return int(text)
        sleep(0.02)
    raise RuntimeError("no emulator has started")


def configuration(folder: Path, port: int, ports: list[int]) -> str:
    """deploy/nginx/nginx.conf with addresses of this machine, and files in *folder*."""
    text = (DEPLOY / "nginx.conf").read_text()
    servers = "\n".join(f"        server 127.0.0.1:{one} max_fails=0;" for one in ports)
    text = re.sub(
        r"(        server emulator-\d:8080 max_fails=0;\n)+", f"{servers}\n", text
    )
    text = text.replace("listen 8080", f"listen 127.0.0.1:{port}")
    text = text.replace("/tmp/nginx", f"{folder}/nginx")
    return re.sub(r"include (\w+\.conf)", rf"include {DEPLOY}/\1", text)


@contextmanager
def _nginx(folder: Path, ports: list[int]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    file = folder / "nginx.conf"
    file.write_text(configuration(folder, port, ports))
    words = ["-p", str(folder), "-e", "stderr", "-c", str(file), "-g", "daemon off;"]
    with subprocess.Popen([NGINX, *words]) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = monotonic() + 10
    while monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            sleep(0.02)
        else:
            return
    raise RuntimeError("nginx has not started")
