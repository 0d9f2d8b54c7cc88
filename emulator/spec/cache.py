"""Cache: what loading produced, kept under a hash of what it was made from.

Only JSON is kept, with a hash of its own: a head, which every start reads, and lines
that are read when they are needed. Whatever is wrong with a stored file, or
with the folder, means that nothing was kept: the cache never fails a start. Nor is a
file believed that somebody else could have written: of another user (but root), in a
folder of another user, or where others may write.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

MAX_FILES = 64
MAX_BYTES = 512 * 1024 * 1024
"""Of one file."""
_KEY = re.compile(r"[0-9a-f]{64}")

# A FIFO without a writer must not block, and a link is none of our files.
_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)


class Kept:
    """What the cache has under a key: a head, and lines that nobody has looked at."""

    def __init__(self, head: Any, content: bytes) -> None:
        self.head = head
        self._content = content

    def take_lines(self) -> list[bytes]:
        """The lines, each of which is JSON; no room is taken by them here any more."""
        content, self._content = self._content, b""
        return content.split(b"\n")[2:]


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

    def distrusted(self) -> str:
        """Why the folder is not used though it is there; empty where it is."""
        if self.folder is None:
            return ""
        try:
            status = os.stat(self.folder)
        except (OSError, ValueError):
            return ""
        if not stat.S_ISDIR(status.st_mode):
            return "it is no folder"
        return _distrusted(status)

    def get(self, key: str) -> Kept | None:
        path = self._path(key)
        if path is None or self.distrusted():
            return None
        try:
            content = _read(path)
            start = content.index(b"\n") + 1
            kept = memoryview(content)[start:]
            if content[: start - 1].decode() != hashlib.sha256(kept).hexdigest():
                return None
            end = content.find(b"\n", start)
            head = orjson.loads(content[start : end if end >= 0 else None])
            return Kept(head, content)
        except (OSError, ValueError):
            return None

    def put(self, key: str, head: Any, lines: Iterable[bytes] = ()) -> bool:
        """Keep *head* and *lines* of JSON; the answer says whether it worked."""
        path = self._path(key)
        if path is None or self.distrusted():
            return False
        payload = b"\n".join((orjson.dumps(head), *lines))
        if len(payload) > MAX_BYTES:
            return False
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


def _distrusted(found: os.stat_result) -> str:
    """Who besides us and root can have written what is there; empty where nobody can."""
    if not hasattr(os, "geteuid"):  # Windows has neither owners of this kind nor modes
        return ""
    if found.st_uid not in (os.geteuid(), 0):
        return f"it belongs to another user (uid {found.st_uid})"
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"others may write there (mode {stat.S_IMODE(found.st_mode):04o})"
    return ""


def _read(path: Path) -> bytes:
    """The content of a regular file that is ours. Raises `OSError` for any other."""
    with os.fdopen(os.open(path, _FLAGS), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or _distrusted(status):
            raise OSError("not a file of ours")
        content = file.read(MAX_BYTES + 100)
    if len(content) == MAX_BYTES + 100:
        raise OSError("too large for a file of ours")
    return content


def _replace(path: Path, content: bytes) -> None:
    """Write the whole of *content* or nothing. `mkstemp` makes the file 0600."""
    import tempfile  # a start that finds all it needs writes nothing

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
        files = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
    if len(files) <= MAX_FILES:
        return
    ages = []
    for file in files:
        with suppress(OSError):  # another process may have been here first
            ages.append((file.stat(follow_symlinks=False).st_mtime_ns, file.path))
    for _, path in sorted(ages)[:-MAX_FILES]:
        with suppress(OSError):
            os.unlink(path)
