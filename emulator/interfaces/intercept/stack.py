"""Stack: the interceptions that are open, and which of them a host belongs to.

Those that this thread or task has entered come first, the innermost before the others;
then those that others have entered, the newest first. So two threads with a block each
do not meet, and a thread that was started inside a block belongs to that block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from emulator.exchange import Call, Reply
from emulator.interfaces.locks import Lock
from emulator.settings import Settings
from emulator.world.target import host_name


class ForeignHost(AssertionError):
    """A call to a host that is neither intercepted nor allowed; an `AssertionError`."""

    def __init__(self, host: str, entry: Entry) -> None:
        super().__init__(
            f"this call goes to {host!r}, and only intercepted hosts may be called here\n"
            f"  intercepted: {', '.join(sorted(entry.hosts)) or 'none'}\n"
            f"  allowed: {', '.join(sorted(entry.allow)) or 'none'}\n"
            f"  fix: intercept(..., allow=[{host!r}]) lets this host through,"
            " on_other='pass' every host"
        )
        self.host = host
        """The host that was called."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One open interception."""

    answer: Callable[[Call], Reply]
    hosts: frozenset[str]
    wait: Callable[[float], object] | None
    refuses: bool
    """Whether hosts that nobody answers for are refused."""
    allow: frozenset[str]
    settings: Settings | None = None
    """Has the limits of a request; None: those of a server that is told nothing."""


ANSWERING = Lock(whole=True)
"""Held while a call is answered or a clock is moved: the core knows no threads."""

_open: tuple[Entry, ...] = ()
_entered: ContextVar[tuple[Entry, ...]] = ContextVar("entered", default=())
_changing = Lock()


def put(entry: Entry) -> None:
    """Open *entry*, as the innermost of this thread or task."""
    global _open
    with _changing:
        _open = (*_open, entry)
    # One that was left elsewhere, as fixtures of a loop are, still stands here.
    _entered.set((*(one for one in _entered.get() if one in _open), entry))


def take(entry: Entry) -> None:
    """Close *entry*, in whatever order, thread or task."""
    global _open
    with _changing:
        _open = tuple(one for one in _open if one is not entry)
    _entered.set(tuple(one for one in _entered.get() if one is not entry))


def answering(host: str) -> Entry | None:
    """The interception that answers for *host* now."""
    name = normal(host)
    return next((one for one in _innermost_first() if name in one.hosts), None)


def intercepts(host: str) -> bool:
    """Whether a connection to *host* is ours. Raises `ForeignHost` if it may not be made.

    An interception that does not refuse leaves the decision to those around it.
    """
    if answering(host) is not None:
        return True
    name = normal(host)
    for one in _innermost_first():
        if name in one.allow:
            return False
        if one.refuses:
            raise ForeignHost(name, one)
    return False


def normal(host: str) -> str:
    """A host name as it is compared: `API.example.com.` is `api.example.com`."""
    return host_name(host)


def read_hosts(hosts: Iterable[str], argument: str) -> frozenset[str]:
    """The names in *hosts*. Raises `TypeError` and `ValueError` for what is no name."""
    if isinstance(hosts, str):
        raise TypeError(f"{argument} is one text: write {argument}=[{hosts!r}]")
    names = frozenset(normal(one) for one in hosts)
    for name in sorted(names):
        if not name or "/" in name or name.count(":") == 1:
            raise ValueError(
                f"{argument}: {name!r} is no host: write its name alone, without scheme,"
                " port and path, as in 'api.example.com'"
            )
    return names


def _innermost_first() -> Iterator[Entry]:
    everywhere, here = _open, _entered.get()
    yield from (one for one in reversed(here) if one in everywhere)
    yield from (one for one in reversed(everywhere) if one not in here)
