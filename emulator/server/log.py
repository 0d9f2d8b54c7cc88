"""Log: one line per request, gathered and written together.

A line holds no secret: no header, no query, no body. A reader that stops reading (a
test that starts the emulator with a pipe and never empties it) must not block the
emulator: a pipe is written to only while it takes more, and lines are dropped when too
many wait.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import sys
import time
from collections import deque
from contextlib import suppress
from typing import IO, NamedTuple

_PAUSE = 0.05
_MOST_WAITING = 5_000
"""How many lines wait for a reader before the oldest are dropped."""
_PIECE = 4_096
"""Bytes that a writable pipe takes without blocking (PIPE_BUF on Linux)."""
_LONGEST = 500
"""Characters of a path or a name that a line shows."""


class Row(NamedTuple):
    """One request, as a line shows it."""

    method: str
    path: str
    status: int
    seconds: float
    provider: str
    operation: str
    refusal: str
    refused_by: str
    world: str


class Log:
    """Gathers lines and writes them together; *form* is text, json or none."""

    def __init__(self, form: str, stream: IO[str] | None = None) -> None:
        self.wanted = form != "none"
        self._line = _json if form == "json" else _text
        self._stream = sys.stderr if stream is None else stream
        self._rows: list[Row] = []
        self._waiting: deque[str] = deque()
        self._rest = b""
        """The part of a line that is still to be written."""
        self._dropped = 0
        self._loop: asyncio.AbstractEventLoop | None = None

    def request(
        self,
        method: str,
        path: str,
        status: int,
        seconds: float,
        summary: tuple[str, str, str] = ("", "", ""),
        refused_by: str = "",
        world: str = "",
    ) -> None:
        """Log one request; *summary* is its provider, operation and refusal."""
        if not self.wanted:
            return
        self._rows.append(
            Row(method, path, status, seconds, *summary, refused_by, world)
        )
        if self._loop is None or self._loop.is_closed():
            self._wake()

    def write(self, text: str) -> None:
        """Write *text* in every format: a warning, or a traceback."""
        self._format()
        self._waiting.append(text if text.endswith("\n") else f"{text}\n")
        if self._loop is None or self._loop.is_closed():
            self._wake()

    def flush(self) -> None:
        """Write as much as the reader takes; the rest waits for the next flush."""
        self._loop = None
        self._format()
        self._write()
        if self._waiting or self._rest:
            self._wake()

    def _wake(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # before the loop runs, or after it
            self._format()
            self._write()
            return
        loop.call_later(_PAUSE, self.flush)
        self._loop = loop

    def _format(self) -> None:
        if not self._rows:
            return
        rows, self._rows = self._rows, []
        clock = time.strftime(
            "%H:%M:%S" if self._line is _text else "%Y-%m-%dT%H:%M:%S%z"
        )
        self._waiting.extend(self._line(clock, row) for row in rows)
        surplus = len(self._waiting) - _MOST_WAITING
        for _ in range(surplus):
            self._waiting.popleft()
        if surplus > 0:
            self._dropped += surplus

    def _write(self) -> None:
        try:
            descriptor = self._stream.fileno()
        except (AttributeError, OSError, ValueError):  # captured by a test runner
            with suppress(AttributeError, OSError, ValueError):  # and it may be closed
                self._stream.write("".join(self._waiting))
            self._waiting.clear()
            return
        if self._dropped:
            self._waiting.appendleft(f"({self._dropped} lines dropped)\n")
            self._dropped = 0
        try:
            while (self._waiting or self._rest) and _writable(descriptor):
                self._fill()
                written = os.write(descriptor, self._rest[:_PIECE])
                self._rest = self._rest[written:]
        except OSError:  # the reader is gone
            self._waiting.clear()
            self._rest = b""

    def _fill(self) -> None:
        lines = [self._rest]
        size = len(self._rest)
        while self._waiting and size < _PIECE:
            lines.append(self._waiting.popleft().encode("utf-8", "backslashreplace"))
            size += len(lines[-1])
        self._rest = b"".join(lines)


def _writable(descriptor: int) -> bool:
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))


def _text(clock: str, row: Row) -> str:
    provider = (row.provider or "-") + (f"@{_plain(row.world)}" if row.world else "")
    request = f"{clock} {provider} {_plain(row.method)} {_plain(row.path)} {row.status}"
    operation = f" {row.operation}" if row.operation else ""
    refusal = f" {row.refusal}" if row.refusal else ""
    return f"{request}{operation}{refusal} {row.seconds * 1000:.1f}ms\n"


def _json(clock: str, row: Row) -> str:
    members = {
        "time": clock,
        "world": row.world or None,
        "provider": row.provider or None,
        "method": _plain(row.method),
        "path": _plain(row.path),
        "status": row.status,
        "operation": row.operation or None,
        "refused_by": row.refused_by or None,
        "refusal": row.refusal or None,
        "milliseconds": round(row.seconds * 1000, 3),
    }
    return json.dumps(members) + "\n"


def _plain(text: str) -> str:
    """*text* on one line, without control characters, and cut where it is very long."""
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "..."
    if text.isascii() and text.isprintable():
        return text
    return text.encode("unicode_escape").decode("ascii")
