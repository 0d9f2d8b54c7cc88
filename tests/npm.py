"""What tests use of npm's packages: .ci/node names them, EMULATOR_TEST_NODE where they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("EMULATOR_TEST_NODE") or "/nowhere")
"""In which `npm install` was run."""
MODULES = FOLDER / "node_modules"


def needs(*packages: str) -> pytest.MarkDecorator:
    """Skip a test where Node or one of *packages* is not there."""
    missing = [name for name in packages if not (MODULES / name).exists()]
    if shutil.which("node") is None:
        missing.insert(0, "node")
    return pytest.mark.skipif(
        bool(missing),
        reason=f"EMULATOR_TEST_NODE names no folder with {', '.join(missing)}",
    )
