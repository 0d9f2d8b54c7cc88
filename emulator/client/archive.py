"""Archive: writes what happened in a world into files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl

from emulator.admin.archive import FILES
from emulator.client.admin_client import AdminClient, AdminRefused


def write_archive(admin: AdminClient, world: str, folder: Path) -> Iterator[Path]:
    """Write the files of the world at the address *world*; each as it is written.

    Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in FILES.items():
        path, _, query = path.partition("?")
        with suppress(AdminRefused):  # there may be no recipe: the others are written
            found = admin("GET", world + path, query=dict(parse_qsl(query)))
            file = folder / name
            if not isinstance(found, bytes):
                found = json.dumps(found, indent=2, ensure_ascii=False).encode()
            file.write_bytes(found)
            yield file
