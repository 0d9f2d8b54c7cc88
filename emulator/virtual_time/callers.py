"""Callers: whose wait it is, and who reads a clock, told by the frames of the call.

The standard library and infrastructure (servers, test runners, event loops) wait for
the real world, so their waits and their clocks stay real. All else is code under test, and so are the
libraries that retry for it.
"""

from __future__ import annotations

import inspect
import os
import sys
from types import FrameType

_REAL = """
IPython _pydevd_bundle _pytest aiohttp anyio apscheduler coverage daphne ddtrace debugpy
emulator eventlet execnet fasteners filelock freezegun gevent granian grpc gunicorn h11 h2
httpcore httptools hypercorn hypothesis ipykernel jupyter_client opentelemetry
playwright pluggy portalocker prometheus_client psutil pydevd pytest schemathesis selenium sentry_sdk sniffio starlette
testcontainers time_machine tornado tqdm trio uvicorn uvloop waitress watchdog watchfiles websockets
werkzeug xdist zmq
"""
_CARRYING = """
backoff botocore httpcore httpx httpx_retries opnieuw requests retry retrying stamina
tenacity urllib3
"""

_INFRASTRUCTURE = frozenset(_REAL.split())
"""Top-level packages whose waits are real, as are those of pytest's plugins."""

_CARRIERS = frozenset(_CARRYING.split())
"""Packages that wait for somebody: a wait is shown where that somebody called them."""

_STARTERS = frozenset(
    {
        ("threading", "Thread.run"),
        ("concurrent.futures.thread", "_WorkItem.run"),
    }
)
"""Functions that call what they were given: `Thread(target=time.sleep, ...)`."""

_OF_CLIENTS = frozenset({"aiohttp.cookiejar", "email.utils", "http.cookiejar"})
"""Modules of such packages that nonetheless see the date which their caller sees."""

_OF_SOCKETS = frozenset({"urllib3.connection", "urllib3.util.timeout"})
"""Modules of other packages that measure how long a socket takes, which is real."""

_LIBRARY = os.path.dirname(os.__file__)
_COROUTINE = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def top(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__") or "").partition(".")[0]


def infrastructure(package: str) -> bool:
    """Whether the waits of a top-level package are real."""
    return package in _INFRASTRUCTURE or package.startswith("pytest_")


def standard(name: str, file: str) -> bool:
    """Whether a module is of the standard library, and not merely called so."""
    return name in sys.stdlib_module_names and file.startswith((_LIBRARY, "<frozen"))


def under_test(frame: FrameType) -> bool:
    """Whether the code of a frame may be spared its waits."""
    name = top(frame)
    return not infrastructure(name) and not standard(name, frame.f_code.co_filename)


def spared(frame: FrameType) -> bool:
    """Whether a wait that *frame* asks for passes without waiting."""
    return _starts(frame) or under_test(frame)


def timed(frame: FrameType) -> bool:
    """Whether *frame* sees the time that its waits have moved on."""
    name = frame.f_globals.get("__name__")
    if name in _OF_SOCKETS:
        return False
    return name in _OF_CLIENTS or spared(frame)


def _starts(frame: FrameType) -> bool:
    """Whether *frame* only calls a function that it was given to call."""
    # anyio's own waits are awaited by its coroutines. Its plain functions only call
    # what `start_soon` or `to_thread.run_sync` got.
    if top(frame) == "anyio":
        return not frame.f_code.co_flags & _COROUTINE
    name = str(frame.f_globals.get("__name__"))
    return (name, frame.f_code.co_qualname) in _STARTERS


def asks_for_anyio(frame: FrameType) -> bool:
    """Whether *frame* is anyio's own `sleep`, on its way to asyncio's."""
    return top(frame) == "anyio" and frame.f_code.co_name == "sleep"


def beyond_anyio(frame: FrameType) -> FrameType | None:
    """Who awaits anyio's `sleep`, or None if it is a task of its own."""
    outer: FrameType | None = frame
    while outer is not None and top(outer) == "anyio":
        outer = outer.f_back
    if outer is None or not outer.f_code.co_flags & _COROUTINE:
        return None
    return outer


def place(frame: FrameType) -> str:
    """The nearest `file:line` that is neither a retrying library's nor the system's."""
    outer: FrameType | None = frame
    while outer is not None:
        if under_test(outer) and top(outer) not in _CARRIERS:
            return f"{outer.f_code.co_filename}:{outer.f_lineno}"
        outer = outer.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
