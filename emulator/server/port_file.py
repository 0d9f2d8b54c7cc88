"""Port file: tells another process where the server is, for as long as it is there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress

from emulator.server.listen import CannotListen


class PortFile:
    """The file of one server; it is there only while that takes calls.

    What is no regular file (a pipe, /dev/stdout) is written into, and never replaced.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._ours: tuple[int, int] | None = None
        """Which file it is that was written."""

    def clear(self) -> None:
        """Take away what an earlier server has left. Raises `CannotListen`."""
        if not self._path or _stays(self._path):
            return
        try:
            os.unlink(self._path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._unwritable(error) from None

    def write(self, ports: Iterable[int]) -> None:
        """Tell *ports*, a line each: a reader sees all of it or no file.

        Raises `CannotListen`.
        """
        text = "".join(f"{port}\n" for port in ports).encode()
        try:
            if _stays(self._path):
                _write_into(self._path, text)
            else:
                self._ours = _replace(self._path, text)
        except OSError as error:
            raise self._unwritable(error) from None

    def remove(self) -> None:
        """Take it away again, unless another server has written its own by now."""
        with suppress(OSError):
            if self._ours == _identity(os.stat(self._path, follow_symlinks=False)):
                os.unlink(self._path)

    def _unwritable(self, error: OSError) -> CannotListen:
        return CannotListen(f"cannot write the port file {self._path}: {error}")


def _stays(path: str) -> bool:
    """Whether *path* is something that can be written into, and not made anew."""
    folder = os.path.realpath(os.path.dirname(os.path.abspath(path)))
    if f"{folder}/".startswith(("/dev/fd/", "/proc/")) or folder == "/dev":
        return True  # /dev/stdout leads to whatever that is, a regular file included
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _write_into(path: str, text: bytes) -> None:
    # A pipe that nobody reads is no reason to wait for ever.
    patience = getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | patience)
    try:
        os.write(descriptor, text)
    finally:
        os.close(descriptor)


def _replace(path: str, text: bytes) -> tuple[int, int]:
    """Write *text* beside *path* and rename that; which file it is."""
    folder = os.path.dirname(os.path.abspath(path))
    beside = os.path.join(folder, f".port-{os.urandom(8).hex()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            known = _identity(os.fstat(file.fileno()))
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
    return known


def _identity(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_dev, stat.st_ino
