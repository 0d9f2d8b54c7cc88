"""Many long request bodies at once: what they take up, and that all are answered."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)
CROWD = 50
FILE = {"resume": ("cv.pdf", b"x" * 10_240 * 1_024, "application/pdf")}

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="the kernel does not tell"
)


class Served(NamedTuple):
    """The installed command: where it is, who may call, and its process."""

    url: str
    key: str
    pid: int


@pytest.fixture
def server() -> Iterator[Served]:
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0"]
    more = ["--providers", "recruitsome"]
    with subprocess.Popen(
        [*command, *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if "curl" in line:
                    break
            urls = re.findall(r"http://\S+/recruitsome/api/v1", said)
            keys = re.findall(r"full: (\S+)", said)
            yield Served(urls[0], keys[0], process.pid)
        finally:
            process.terminate()


def test_fifty_uploads_of_the_largest_file_take_up_what_is_documented(
    server: Served,
) -> None:
    """docs/explanation/security.md: 128 MiB of long bodies, and a few times one of them."""
    before = _most_memory(server.pid)
    headers = {"Authorization": f"Bearer {server.key}"}

    def upload(_: int) -> int:
        return httpx.post(
            f"{server.url}/candidates",
            headers=headers,
            data={"user_id": "5"},
            files=FILE,
            timeout=60,
        ).status_code

    with ThreadPoolExecutor(CROWD) as crowd:
        statuses = list(crowd.map(upload, range(CROWD)))

    assert statuses == [202] * CROWD
    assert _most_memory(server.pid) - before < 250 * 1_048_576


def _most_memory(pid: int) -> int:
    """The most bytes of memory that a process has ever taken up."""
    found = HIGH_WATER.search(Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1_024
