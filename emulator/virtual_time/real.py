"""Real: the real clocks, whatever stands in their place in the process.

`real.time` is a module `time` of our own, which nobody else can reach: its clocks go on
where a test has frozen those of the process, or where they show the world's time.
"""

from __future__ import annotations

from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import time as time
else:
    _spec = find_spec("time")
    time = module_from_spec(_spec)
    _spec.loader.exec_module(time)

__all__ = ["time"]
