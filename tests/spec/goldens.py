"""Goldens: write every `expected.txt` again: `python tests/spec/goldens.py`.

Read the difference before you keep it: it is what authors will be told.
"""

from __future__ import annotations

import os

from test_mistakes import BAD, HERE, told

from emulator.diagnostics import SpecError

for folder in [*BAD, HERE / "many"]:
    os.chdir(folder)
    text = f"{SpecError(told(folder).diagnostics)}\n"
    (folder / "expected.txt").write_text(text, encoding="utf-8")
