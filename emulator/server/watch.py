"""Watch: a provider is served anew as soon as its files have changed.

A broken edit changes nothing: what was served is served on, and the log says what is
wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from traceback import format_exc

from emulator.diagnostics import SpecError, some
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.reload import reload
from emulator.engine.watching import Watcher

_EVERY = 0.3
"""Seconds between two looks at the files."""


async def watch(
    dispatcher: Dispatcher, write: Callable[[str], None], changed: Callable[[], None]
) -> None:
    """Serve what the files say, for as long as the task lasts; *write* a line for each
    change, and call *changed* after it."""
    watcher = Watcher(dispatcher.settings)
    while True:
        await asyncio.sleep(_EVERY)
        try:
            looked = await asyncio.to_thread(lambda: [*watcher.look()])
            for name, program in looked:
                if isinstance(program, SpecError):
                    write(f"{program}\n{name} is served as it was before")
                    continue
                try:
                    again = reload(dispatcher, program)
                except SpecError as error:
                    write(f"{error}\n{name} is served as it was before")
                    continue
                changed()
                told = f"; it begins again in {some(again)}" if again else ""
                write(f"{name} is served anew{told}")
        except Exception:  # a bug of ours must not end what serves on without it
            write(f"emulator bug while files were looked at:\n{format_exc()}")
