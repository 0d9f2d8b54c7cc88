"""Referred: the files that a document refers to, found in its text without parsing it.

A start that finds its program in the cache, and a look whether a file has changed, have
to know them and should not have to read a document as it is compiled. So what looks like
a reference is taken for one: a file too many is of no harm.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

_REFERENCE = re.compile(
    rb"""\$ref["']?\s*:\s*(?:[|>][-+0-9]*\s*)?(?:"(?!\#)([^"\n\#]+)|'(?!\#)([^'\n\#]+)"""
    rb"""|([^"'\#\s,}\]][^\#\n,}\]]*))"""
)
_REMOTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")
_MOST = 10_000
"""The most files that are followed; no document that can be read has more."""


def referred_files(file: Path, root: Path, most: int) -> Iterator[Path]:
    """The files below *root* that *file* refers to, and those that they refer to.

    Files that are not there are among them: they may come. No more than *most* bytes are
    read of each.
    """
    top = os.path.abspath(root)
    seen = {os.path.abspath(file)}
    waiting = [*seen]
    while waiting:
        for name in _named_in(waiting.pop(), most):
            if name in seen or not _below(name, top) or len(seen) > _MOST:
                continue
            seen.add(name)
            waiting.append(name)
            yield Path(name)


def _below(name: str, top: str) -> bool:
    """Whether *name* lies below *top*, as written and as it really is."""
    return Path(name).is_relative_to(top) and Path(
        os.path.realpath(name)
    ).is_relative_to(os.path.realpath(top))


def _named_in(file: str, most: int) -> tuple[str, ...]:
    """The files that *file* names, as absolute paths."""
    try:
        about = os.stat(file)
    except (OSError, ValueError):
        return ()
    if not os.path.isfile(file) or about.st_size > most:
        return ()
    return _named(file, (about.st_mtime_ns, about.st_size))


@lru_cache(1_000)
def _named(file: str, version: tuple[int, int]) -> tuple[str, ...]:
    """The same, of the *version* of a file: when it was written, and how long it is."""
    try:
        with open(file, "rb") as opened:
            content = opened.read(version[1])
    except OSError:
        return ()
    folder = os.path.dirname(file)
    names = {
        (quoted or single or plain).strip()
        for quoted, single, plain in _REFERENCE.findall(content)
    }
    found: dict[str, None] = {}
    for name in sorted(names):
        written = unquote(name.replace(b"\\/", b"/").decode(errors="replace"))
        if written and "\0" not in written and not _REMOTE.match(written):
            found[os.path.abspath(os.path.join(folder, written))] = None
    return tuple(found)
