"""Recorded: one call of an archive and its reply, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from emulator.json_type import Json

Pairs = tuple[tuple[str, str], ...]


class Body(NamedTuple):
    """A body: what kind it is, and what it holds."""

    media: str
    """Its media type, as Content-Type says it."""
    kind: str
    """`nothing`, `json`, `form` (pairs), `parts` (fields by name), `text` or `bytes`."""
    value: Json = None


NOTHING = Body("", "nothing")


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """One call and its reply."""

    place: str
    """The archive and the number of the entry, as people are told of it."""
    method: str
    origin: str
    """Scheme, host and port: `https://api.acme.example`."""
    path: str
    """As it was sent, percent-encoded."""
    query: Pairs
    headers: Pairs
    body: Body
    status: int
    reply_headers: Pairs
    reply: Body
    answered_with: int = 0
    """The status that was sent, where *status* is what its body means by it; else 0."""
    at: int = 0
    """When it was sent, in microseconds since 1970; 0 where the archive does not say."""

    def header(self, name: str) -> str:
        return _of(self.headers, name)

    def reply_header(self, name: str) -> str:
        return _of(self.reply_headers, name)

    @property
    def host(self) -> str:
        """The host, with its port if it has one."""
        return self.origin.partition("://")[2]

    @property
    def answered(self) -> int:
        """The status that was sent."""
        return self.answered_with or self.status

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    def with_path(self, path: str) -> Recorded:
        return replace(self, path=path)


def _of(headers: Iterable[tuple[str, str]], name: str) -> str:
    return next((value for known, value in headers if known.lower() == name), "")
