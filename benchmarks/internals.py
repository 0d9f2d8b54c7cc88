"""Where the parts of the emulator stand that benchmarks call without its front door.

Benchmarks measure two versions by turns, so this names the places of both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emulator.compile.load import load
from emulator.settings import Settings

try:
    from emulator.compile.places import Place
    from emulator.engine.dispatcher import Dispatcher
    from emulator.engine.loading import programs
    from emulator.exchange.call import Call
except ImportError:  # 0.1.0
    from emulator.switchboard import (  # type: ignore[import-not-found, no-redef]
        Switchboard as Dispatcher,
    )

    from emulator.compile.load import (  # type: ignore[attr-defined, no-redef]
        Place,
        load_all,
    )
    from emulator.exchange import Call  # type: ignore[attr-defined, no-redef]

    def programs(settings: Any, only: Any = ()) -> Any:
        return load_all([], Path(settings.fixtures), only=only)


__all__ = ["Call", "Dispatcher", "Place", "Settings", "dispatcher", "load"]


def dispatcher(*only: str, **settings: Any) -> Any:
    """What answers the calls of the bundled providers, or of those that are named."""
    chosen = Settings(**settings)
    return Dispatcher(programs(chosen, only), settings=chosen)
