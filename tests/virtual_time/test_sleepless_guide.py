"""The examples of the guide to tests without waiting run as they stand, in order."""

from __future__ import annotations

import re
import time
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "test-without-waiting.md"


def test_the_guides_examples_run_without_waiting() -> None:
    """Every assertion that the page makes; its waits would take hours, however slow a machine."""
    examples = re.findall(
        r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.M | re.S
    )
    begun = time.perf_counter()

    names: dict[str, object] = {"__name__": "guide"}
    for example in examples:
        exec(compile(example, str(GUIDE), "exec"), names)

    assert len(examples) == 5
    assert names["woken"] == [5, 60, 3600]
    assert time.perf_counter() - begun < 1800
