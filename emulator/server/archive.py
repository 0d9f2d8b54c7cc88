"""Archive: keeps what happened in worlds that are gone, in a folder for each."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from emulator.admin.admin import Admin
from emulator.admin.archive import FILES, folder_name
from emulator.admin.request import PREFIX, AdminRequest
from emulator.world.world import World


def make_folder(directory: str) -> Path:
    """A folder that others can be made in, made if it is missing. Raises `OSError`."""
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    os.rmdir(mkdtemp(prefix=".", dir=folder))
    return folder


class Archive:
    """Writes the worlds of one server into *directory*, and tells of what it cannot write.

    A disk that is full is no reason to fail a call. One that cannot be written to at all
    raises `OSError` at the start.
    """

    def __init__(
        self, admin: Admin, directory: str, base_url: str, tell: Callable[[str], None]
    ) -> None:
        self._admin = admin
        self._directory = make_folder(directory)
        self._base_url = base_url
        self._tell = tell

    def keep(self, world: World) -> None:
        """Write *world*, which is still there; one that nobody has called is left out."""
        if not world.journal.written:
            return
        try:
            folder = self._folder(world.id)
            for name, path in FILES.items():
                data = self._asked(world, path)
                if data is not None:
                    (folder / name).write_bytes(data)
        except OSError as error:
            self._tell(f"warning: the world {world.id!r} is not kept: {error}")

    def _folder(self, id: str) -> Path:
        """A new folder for the world *id*; earlier worlds of that id keep theirs."""
        number = 1
        while True:
            name = folder_name(id) if number == 1 else f"{folder_name(id)}-{number}"
            folder = self._directory / name
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                number += 1
            else:
                return folder

    def _asked(self, world: World, path: str) -> bytes | None:
        path, _, query = path.partition("?")
        reply = self._admin.answer(
            AdminRequest(
                method="GET",
                path=f"{PREFIX}/worlds/{world.id}{path}",
                query=query,
                base_url=self._base_url,
            )
        )
        return reply.body if reply.status == 200 else None
