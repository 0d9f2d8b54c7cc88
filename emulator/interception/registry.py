"""Stack: the interceptions that are open, and which of them a host belongs to.

Those that this thread or task has entered come first, the innermost before the others;
a thread has entered what the one that started it had, and so has a call that was
submitted to an executor (`client_threads`). Then come those that others have entered,
the newest first, as long as one thread has entered them: which of two threads the call
of a third belongs to cannot be told, and it is refused.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from emulator.concurrency.fork_locks import Lock
from emulator.exchange.call import Call, Reply
from emulator.http.hosts import Hosts, lower
from emulator.http.url import host_name
from emulator.settings import Settings


class ForeignHost(AssertionError):
    """A call that is forbidden inside an interception; an `AssertionError`.

    Its host is neither intercepted nor allowed; or the host is intercepted, but the call
    is not HTTP, or could belong to several blocks.
    """

    def __init__(self, host: str, says: str) -> None:
        super().__init__(says)
        self.host = host
        """The host that was called."""


@dataclass(eq=False)
class Entry:
    """One open interception."""

    answer: Callable[[Call], Reply]
    hosts: Hosts
    wait: Callable[[float], object] | None
    refuses: bool
    """Whether hosts that nobody answers for are refused."""
    allow: Hosts
    settings: Settings | None = None
    """Has the limits of a request; None: those of a server that is told nothing."""
    refused: Callable[[ForeignHost], object] | None = None
    """Is told of each call that was refused, whatever its client makes of that."""
    longest_body: Callable[[Call], int] | None = None
    """How many bytes are read of a body whose head has come; None: what *settings* say."""
    thread: int = 0
    """The one that has entered it."""
    answers_for: Callable[[str], bool] | None = None
    """Whether it answers for a further host, as long as it does; None: for none."""

    def has(self, name: str) -> bool:
        """Whether it answers for the host *name* now."""
        if name in self.hosts:
            return True
        return self.answers_for is not None and self.answers_for(name)


Entries = tuple[Entry, ...]

ANSWERING = Lock(whole=True)
"""Held while a call is answered or a clock is moved: the core knows no threads."""

own_servers: dict[tuple[str, int], None] = {}
"""Where servers of this process listen: they are nobody else's hosts."""

_open: Entries = ()
_entered: ContextVar[Entries | None] = ContextVar("entered", default=None)
_changing = Lock()
_LOCAL: Mapping[str, str] = {"localhost": "127.0.0.1"}


def put(entry: Entry) -> None:
    """Open *entry*, as the innermost of this thread or task."""
    global _open
    entry.thread = threading.get_ident()
    with _changing:
        _open = (*_open, entry)
    _entered.set((*entered(), entry))


def take(entry: Entry) -> None:
    """Close *entry*, in whatever order, thread or task."""
    global _open
    with _changing:
        _open = tuple(other for other in _open if other is not entry)
    _entered.set(tuple(other for other in entered() if other is not entry))


def entered() -> Entries:
    """What this thread or task has entered and is open; the innermost stands last.

    One that was left elsewhere, as fixtures of a loop are, is open no more.
    """
    here = _entered.get()
    if here is None:
        here = getattr(threading.current_thread(), _INHERITED, ())
    everywhere = _open
    return tuple(entry for entry in here if entry in everywhere)


def inherit(thread: threading.Thread) -> None:
    """Have *thread*, which this one is about to start, enter what this one has."""
    setattr(thread, _INHERITED, entered())


@contextmanager
def within(here: Entries) -> Iterator[None]:
    """Be in a block as somebody else is who has entered *here*."""
    token = _entered.set(here)
    try:
        yield
    finally:
        _entered.reset(token)


def answering(host: str) -> Entry | None:
    """The interception that answers for *host* now. Raises `ForeignHost`."""
    name = normal(host)
    here = entered()
    found = next((entry for entry in reversed(here) if entry.has(name)), None)
    if found is not None:
        return found
    others = [other for other in _open if other not in here and other.has(name)]
    if len({other.thread for other in others}) > 1:
        raise _told(ForeignHost(name, _ambiguous(name, others)), others)
    return others[-1] if others else None


def answered(host: str) -> bool:
    """Whether any interception answers for *host* now."""
    name = normal(host)
    return any(entry.has(name) for entry in _open)


def intercepts(host: str, port: object = None) -> bool:
    """Whether a connection to *host* is ours. Raises `ForeignHost` if it may not be made.

    An interception that does not refuse leaves the decision to those around it.
    """
    if answering(host) is not None:
        return True
    name = normal(host)
    if (_LOCAL.get(name, name), port) in own_servers:
        return False
    for entry in _innermost_first():
        if name in entry.allow:
            return False
        if entry.refuses:
            raise _told(ForeignHost(name, _refusal(name, entry)), [entry])
    return False


def passes(host: str, port: object = None) -> None:
    """See `intercepts`, for what cannot be answered. Raises `ForeignHost`."""
    if not intercepts(host, port):
        return
    name = normal(host)
    around = [entry for entry in _open if entry.has(name)]
    raise _told(ForeignHost(name, _no_http(name)), around[-1:])


def normal(host: str) -> str:
    """A host name as it is compared: `API.example.com.` is `api.example.com`."""
    return host_name(host)


def read_hosts(hosts: Iterable[str], argument: str) -> Hosts:
    """The names in *hosts*. Raises `TypeError` and `ValueError` for what is no name."""
    if isinstance(hosts, str):
        raise TypeError(f"{argument} is one text: write {argument}=[{hosts!r}]")
    names = frozenset(lower(host) if "{" in host else normal(host) for host in hosts)
    for name in sorted(names):
        if not name or "/" in name or name.count(":") == 1:
            raise ValueError(
                f"{argument}: {name!r} is no host: write its name alone, without scheme,"
                " port and path, as in 'api.example.com'"
            )
    return Hosts(names)


_INHERITED = "_emulator_entered"


def _innermost_first() -> Iterator[Entry]:
    here = entered()
    yield from reversed(here)
    yield from (entry for entry in reversed(_open) if entry not in here)


def _told(error: ForeignHost, entries: Iterable[Entry]) -> ForeignHost:
    for entry in entries:
        if entry.refused is not None:
            entry.refused(error)
    return error


def _refusal(host: str, entry: Entry) -> str:
    return (
        f"this call goes to {host!r}, and only intercepted hosts may be called here\n"
        f"  intercepted: {', '.join(sorted(entry.hosts)) or 'none'}\n"
        f"  allowed: {', '.join(sorted(entry.allow)) or 'none'}\n"
        f"  fix: intercept(..., allow=[{host!r}]) lets this host through,"
        " on_other='pass' every host"
    )


def _no_http(host: str) -> str:
    return (
        f"this connection goes to {host!r}, which is intercepted, over a plain socket:"
        " only calls of requests, urllib3, httpx, aiohttp and http.client are answered\n"
        "  fix: call a running server (`emulator serve`)"
    )


def _ambiguous(host: str, entries: list[Entry]) -> str:
    return (
        f"{len(entries)} blocks of different threads answer for {host!r}, and the thread"
        f" {threading.current_thread().name!r}, which calls it, was started in none of"
        " them\n"
        "  fix: start it inside the block that it belongs to"
    )
