"""Kept replies: what was answered to calls that may come again, by their keys."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections import OrderedDict
from typing import NamedTuple

from emulator.json_type import Json
from emulator.world.tally import Key, Renaming, bounded_key, renamed_key

MOST = 10_000
"""Replies that are kept at one time; the one that was given longest ago goes first."""
MOST_BYTES = 32 * 2**20
"""The bytes of all of them together."""
_EACH = 1_000
"""About how many bytes a reply takes that says nothing."""


class KeptReply(NamedTuple):
    """One reply, and the call that it was given to."""

    fingerprint: str
    exchange: int
    """The call's number in the journal."""
    request_id: str
    over: int
    """When the call is no longer in flight, in microseconds since 1970."""
    until: int
    """When the reply is forgotten."""
    code: str | None
    """What the call was refused with."""
    status: int
    """0: the reply is not given again; the call was only in flight."""
    lines: tuple[tuple[str, str], ...] = ()
    """All headers that were sent."""
    own: int = 0
    """From which line on they are the reply's own."""
    body: bytes = b""

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return (
            _EACH + len(self.body) + sum(len(a) + len(b) + 200 for a, b in self.lines)
        )


class KeptReplies:
    """The replies of one world, those that were given longest ago first; bounded."""

    __slots__ = ("_replies", "_size")

    def __init__(self) -> None:
        self._replies: OrderedDict[Key, KeptReply] = OrderedDict()
        self._size = 0

    def get(self, key: Key, now: int) -> KeptReply | None:
        """The reply that was given to *key*, unless that is too long ago."""
        reply = self._replies.get(bounded_key(key))
        return None if reply is None or reply.until <= now else reply

    def keep(self, key: Key, reply: KeptReply, now: int) -> None:
        key = bounded_key(key)
        self._drop(key)
        self._replies[key] = reply
        self._size += reply.size
        # Times that are kept differ: those that are over go when they are the oldest.
        while self._replies:
            oldest, kept = next(iter(self._replies.items()))
            full = len(self._replies) > MOST or self._size > MOST_BYTES
            if not full and kept.until > now:
                break
            self._drop(oldest)

    def fork(self, renamed: Renaming) -> KeptReplies:
        """The same replies, to callers that have other names."""
        made = KeptReplies()
        made._size = self._size
        for key, reply in self._replies.items():
            made._replies[tuple(renamed_key(key, renamed))] = reply
        return made

    def dump(self, renamed: Renaming) -> Json:
        """All of them as JSON holds them."""
        return [
            [
                renamed_key(key, renamed),
                {**reply._asdict(), "body": b64encode(reply.body).decode()},
            ]
            for key, reply in self._replies.items()
        ]

    @classmethod
    def load(cls, kept: Json, renamed: Renaming) -> KeptReplies:
        """What `dump` wrote down. Raises `LookupError` or `ValueError`."""
        made = cls()
        for key, fields in kept:
            lines = tuple((name, text) for name, text in fields["lines"])
            body = b64decode(fields["body"], validate=True)
            reply = KeptReply(**{**fields, "lines": lines, "body": body})
            made._replies[tuple(renamed_key(key, renamed))] = reply
            made._size += reply.size
        return made

    def _drop(self, key: Key) -> None:
        reply = self._replies.pop(key, None)
        if reply is not None:
            self._size -= reply.size
