"""Files: reading what a spec names, and nothing outside its folder."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from emulator.diagnostics import Diagnostic, Location, Report, did_you_mean
from emulator.spec.document import Document

MAX_BYTES = 8 * 1024 * 1024
_REGULAR = "folders, devices, pipes and sockets are not read"

# A FIFO without a writer must not block, and a link that appears after the path was
# resolved must not be followed. Windows has neither flag.
_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
    _FLAGS |= getattr(os, _name, 0)


def read_file(
    path: str | Path,
    root: Path,
    report: Report,
    referrer: Location,
    *,
    most: int = MAX_BYTES,
    too_large: str = "split it",
) -> bytes | None:
    """The content of *path*, which is relative to *root* unless absolute.

    It has to be a regular file that really lies below *root*, links resolved.
    *referrer* is the place that named it; *too_large* says what to do with one that has
    more than *most* bytes.
    """

    def refuse(code: str, what: str, why: str = "", fix: str = "") -> None:
        report.add(Diagnostic(referrer, code, what, why, fix))

    shown = _as_named(path, root)
    inside, real = _below(path, root)
    if not inside:
        why = "only files below the folder are read, links resolved"
        refuse("file-outside", f"{shown!r} is outside its folder", why, "move it there")
        return None
    try:
        descriptor = os.open(real, _FLAGS)
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else errno.ENOENT
        if number in (errno.ENOENT, errno.ENOTDIR):
            name, there = _beside(real)
            what = f"there is no file {shown!r}"
            fix = did_you_mean(name, there) if there else "create it"
            refuse("file-missing", what, fix=fix)
        elif number in (errno.ENXIO, errno.EISDIR):
            refuse("file-not-regular", f"{shown!r} is not a regular file", _REGULAR)
        else:
            why = getattr(error, "strerror", None) or str(error)
            refuse("file-unreadable", f"{shown!r} cannot be read", why)
        return None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        refuse("file-not-regular", f"{shown!r} is not a regular file", _REGULAR)
        return None
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        mebibytes, rest = divmod(most, 1024**2)
        read = f"{most:,} bytes" if rest else f"{mebibytes} MiB"
        why = f"at most {read} are read"
        refuse("file-too-large", f"{shown!r} is too large", why, too_large)
        return None
    return content


def read_document(
    path: str | Path, root: Path, report: Report, referrer: Location
) -> Document | None:
    """The content of *path* as values."""
    content = read_file(path, root, report, referrer)
    if content is None:
        return None
    # A start that finds its programs in the cache needs no parser, and imports none.
    from emulator.spec.yaml import parse

    return parse(content, shown_name(Path(root) / path), report)


def shown_name(path: Path) -> str:
    """What diagnostics call *path*: relative to where we are, when it is below."""
    absolute = os.path.abspath(path)
    with suppress(ValueError):
        return Path(absolute).relative_to(Path.cwd()).as_posix()
    return absolute


def _as_named(path: str | Path, root: Path) -> str:
    """*path* as an author names it: relative to *root*."""
    if not Path(path).is_absolute():
        return str(path)
    with suppress(ValueError):  # another drive of Windows
        return Path(os.path.relpath(path, root)).as_posix()
    return str(path)


def _below(path: str | Path, root: Path) -> tuple[bool, str]:
    """Whether *path* lies below *root*, as written and as it really is."""
    try:
        written, real = os.path.abspath(root / path), os.path.realpath(root / path)
    except ValueError:  # a NUL in the name
        return False, ""
    return (
        Path(written).is_relative_to(os.path.abspath(root))
        and Path(real).is_relative_to(os.path.realpath(root))
    ), real


def _beside(path: str) -> tuple[str, list[str]]:
    """The name of a missing file, and the names that stand where it should."""
    folder, name = os.path.split(path)
    try:
        return name, os.listdir(folder)[:200]
    except OSError:
        return name, []
