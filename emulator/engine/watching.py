"""Watching: which providers' files have changed since they were looked at last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from emulator.compile.load import files_of, load
from emulator.compile.places import Place
from emulator.diagnostics import SpecError
from emulator.engine.loading import CannotServe, known, served
from emulator.program.program import Program
from emulator.settings import Settings

Files = dict[str, tuple[int, int]]
"""When each file was written, and how long it is."""


class Watcher:
    """Looks at the files of the providers that are served."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._seen = {name: _files(place) for name, place in self._places().items()}

    def look(self) -> Iterator[tuple[str, Program | SpecError]]:
        """The providers whose files have changed, each as it is now or as it is wrong.

        Blocks for as long as reading and compiling them takes.
        """
        for name, place in self._places().items():
            files = _files(place)
            if files == self._seen.get(name):
                continue
            self._seen[name] = files
            try:
                yield name, load(place)
            except SpecError as error:
                yield name, error

    def _places(self) -> dict[str, Place]:
        try:
            names = served(self._settings)
            places = known(self._settings, names)
        except CannotServe:  # a folder that is being written anew
            return {}
        return {
            name: place for name, place in places.items() if not names or name in names
        }


def _files(place: Place) -> Files:
    files: Files = {}
    for path in files_of(place):
        with suppress(OSError):  # it is gone meanwhile
            about = path.stat()
            files[str(path)] = about.st_mtime_ns, about.st_size
    return files
