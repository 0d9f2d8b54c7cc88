"""Cache: what loading produced, kept under a hash of what it was made from.

Only JSON is kept, with a hash of its own. Whatever is wrong with a stored file, or
with the folder, means that nothing was kept: the cache never fails a start.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

MAX_FILES = 64
_KEY = re.compile(r"[0-9a-f]{64}")


class Cache:
    """JSON values by key, in *folder*; without one, nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @staticmethod
    def key(parts: Iterable[bytes]) -> str:
        """A key that no other sequence of *parts* has."""
        digest = hashlib.sha256()
        for part in parts:
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.hexdigest()

    def get(self, key: str) -> Any | None:
        path = self._path(key)
        if path is None:
            return None
        try:
            digest, _, payload = path.read_bytes().partition(b"\n")
            if digest.decode() != hashlib.sha256(payload).hexdigest():
                return None
            return orjson.loads(payload)
        except (OSError, ValueError):
            return None

    def put(self, key: str, value: Any) -> bool:
        """Keep *value*; the answer says whether it worked."""
        path = self._path(key)
        if path is None:
            return False
        payload = orjson.dumps(value)
        digest = hashlib.sha256(payload).hexdigest().encode()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(path, digest + b"\n" + payload)
            _prune(path.parent)
        except OSError:
            return False
        return True

    def _path(self, key: str) -> Path | None:
        if self.folder is None or not _KEY.fullmatch(key):
            return None
        return self.folder / f"{key}.json"


def default_folder(
    environment: Mapping[str, str], platform: str = sys.platform
) -> Path | None:
    """Where this system keeps the caches of its user, or None if nobody says."""
    home = environment.get("HOME") or environment.get("USERPROFILE")
    if platform == "win32":
        base = environment.get("LOCALAPPDATA")
    elif environment.get("XDG_CACHE_HOME", "").startswith("/"):
        base = environment["XDG_CACHE_HOME"]
    elif home is None:
        base = None
    else:
        base = f"{home}/Library/Caches" if platform == "darwin" else f"{home}/.cache"
    return Path(base) / "provider-emulator" if base else None


def _replace(path: Path, content: bytes) -> None:
    """Write the whole of *content* or nothing. `mkstemp` makes the file 0600."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _prune(folder: Path) -> None:
    """Remove the oldest files, left-over parts included."""
    with os.scandir(folder) as entries:
        files = [one for one in entries if one.is_file(follow_symlinks=False)]
    if len(files) <= MAX_FILES:
        return
    ages = []
    for one in files:
        with suppress(OSError):  # another process may have been here first
            ages.append((one.stat(follow_symlinks=False).st_mtime_ns, one.path))
    for _, path in sorted(ages)[:-MAX_FILES]:
        with suppress(OSError):
            os.unlink(path)
