"""The examples of the page about HTTPS and the proxy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pages import DOCS, blocks

PAGE = DOCS / "how-to" / "intercept-https.md"


def test_the_example_runs(tmp_path: Path) -> None:
    (example,) = blocks(PAGE, "python")
    proxies = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    environment = {
        name: text for name, text in os.environ.items() if name.lower() not in proxies
    }

    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (done.returncode, done.stderr) == (0, "")
