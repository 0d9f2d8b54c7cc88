"""Where the parts of the emulator stand that benchmarks call without its front door.

Benchmarks measure two versions by turns, so this names the places of both.
"""

from __future__ import annotations

from emulator.compile.load import load, load_all
from emulator.settings import Settings

try:
    from emulator.compile.places import Place
    from emulator.engine.dispatcher import Dispatcher
    from emulator.exchange.call import Call
except ImportError:  # 0.1.0
    from emulator.switchboard import (  # type: ignore[import-not-found, no-redef]
        Switchboard as Dispatcher,
    )

    from emulator.compile.load import Place  # type: ignore[attr-defined, no-redef]
    from emulator.exchange import Call  # type: ignore[attr-defined, no-redef]

__all__ = ["Call", "Dispatcher", "Place", "Settings", "load", "load_all"]
