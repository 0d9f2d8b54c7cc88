"""Patches: where the client libraries open a connection, while anybody intercepts.

The first interception to be opened replaces those functions in the libraries that are
imported by then, and has a finder wait for those that are imported later; the last to be
closed puts everything back. A library that is not imported costs one look-up.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, NamedTuple

from emulator.concurrency.fork_locks import Lock
from emulator.interception import (
    client_aiohttp,
    client_httpcore,
    client_stdlib,
    client_threads,
    client_urllib3,
)
from emulator.interception.patch_point import Seam

_SEAMS: Mapping[str, Callable[[Any], list[Seam]]] = {
    "urllib3.connection": client_urllib3.connections,
    "urllib3.poolmanager": client_urllib3.proxies,
    "urllib3.contrib.socks": client_urllib3.socks,
    "urllib3._async.connection": client_urllib3.unanswered,
    "urllib3_future.connection": client_urllib3.unanswered,
    "urllib3_future._async.connection": client_urllib3.unanswered,
    "httpcore": client_httpcore.backends,
    "httpcore2": client_httpcore.backends,
    "aiohttp.connector": client_aiohttp.connectors,
    "http.client": client_stdlib.connections,
    "urllib.request": client_stdlib.proxies,
    "socket": client_stdlib.sockets,
    "threading": client_threads.threads,
    "concurrent.futures.thread": client_threads.executors,
}


class _Replaced(NamedTuple):
    owner: Any
    name: str
    original: Any
    ours: Any


_lock = Lock()
_replaced: list[_Replaced] = []
_held = 0


def hold() -> None:
    """Put the patches in place, if nobody has. Raises `UnknownVersion`."""
    global _held
    with _lock:
        _held += 1
        if _held > 1:
            return
        sys.meta_path.insert(0, _FINDER)
        try:
            for name in _SEAMS:
                module = sys.modules.get(name)
                if module is not None:
                    _patch(name, module)
        except BaseException:
            release()
            raise


def release() -> None:
    """Take the patches away, if nobody else needs them."""
    global _held
    with _lock:
        _held -= 1
        if _held:
            return
        if _FINDER in sys.meta_path:
            sys.meta_path.remove(_FINDER)
        while _replaced:
            owner, name, original, ours = _replaced.pop()
            # What somebody has put over ours calls us: it goes on to the original.
            if vars(owner).get(name) is ours:
                setattr(owner, name, original)


def _patch(name: str, module: ModuleType) -> None:
    for owner, attribute, replace in _SEAMS[name](module):
        original = vars(owner)[attribute]
        ours = replace(original)
        setattr(owner, attribute, ours)
        _replaced.append(_Replaced(owner, attribute, original, ours))


class _Finder(MetaPathFinder):
    """Finds what the finders behind it find, and has it patched once it is loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _SEAMS:
            return None
        for finder in sys.meta_path:
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Patching(spec.loader)
                return spec
        return None


class _Patching(Loader):
    """Loads as another loader does, hands the module back to it, and patches."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        created: ModuleType | None = self._loader.create_module(spec)
        return created

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        with _lock:
            if _held:
                _patch(module.__name__, module)


_FINDER = _Finder()
