"""Call and reply: a request and its response as values.

Neither of them knows of sockets or frameworks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emulator.http.cookies import cookie_pairs
from emulator.http.query import MalformedQuery, read_query
from emulator.values import lazy
from emulator.world.faults import Fault


class _Fields(NamedTuple):
    method: str
    path: str
    """Raw: still percent-encoded, with the prefixes of a world and of a provider."""
    query: bytes = b""
    raw_headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""
    client: str = "127.0.0.1"
    """The caller's IP address."""
    scheme: str = "http"
    """What the outermost hop spoke: `http` or `https`."""
    secure: bool | None = None
    """Whether a trusted hop said that the outer scheme is https; None: nobody did."""
    base_url: str = ""
    """What stands before *path* in an absolute address of this call, without a slash."""
    body_too_large: bool = False
    """The body was longer than the server takes; *body* is then empty."""
    unknown_coding: str = ""
    """What the body is coded in, where that is not decoded here."""
    broken_coding: str = ""
    """Why the body cannot be decoded."""


class Call(_Fields):
    """The request as values, with nothing of the network left in it. It never changes.

    Header names are in lower case; where a header came more than once, *headers* has the
    first value and *raw_headers* all of them. What is read of headers and query is read
    when it is first asked for, once.
    """

    def __repr__(self) -> str:  # headers and body have secrets
        return f"Call({self.method} {self.path})"

    def changed(self, **fields: Any) -> Call:
        """The same call with other *fields*, but with the same headers and query."""
        call = self._replace(**fields)
        call.__dict__.update(self.__dict__)
        return call

    def with_body(self, body: bytes) -> Call:
        """The same call with a *body*. What is read of either counts for both."""
        call = tuple.__new__(Call, (*self[:4], body, *self[5:]))
        call.__dict__ = self.__dict__
        return call

    def again(self, method: str, path: str, query: bytes) -> Call:
        """What the same client asks next, with the same headers and without a body.

        What is read of the headers counts for both, and so it does of the same query.
        """
        call = Call(method, path, query, self.raw_headers, b"", *self[5:9])
        if query == self.query:
            call.__dict__ = self.__dict__
        else:
            call.__dict__.update(self.__dict__)
            call.__dict__.pop("_query", None)
        return call

    def placed(
        self, client: str, scheme: str, secure: bool | None, base_url: str
    ) -> Call:
        """The same as `changed`, in less time."""
        before, after = self[:5], self[9:]
        call = Call(*before, client, scheme, secure, base_url, *after)
        call.__dict__.update(self.__dict__)
        return call

    @lazy
    def headers(self) -> dict[str, str]:
        """The headers by name; the first value of each."""
        return {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in reversed(self.raw_headers)
        }

    @lazy
    def headers_size(self) -> int:
        """How many bytes the journal counts for the texts of its headers."""
        return sum(
            len(name) + 2 * len(value)  # what is claimed is in one of them
            for name, value in self.raw_headers
        )

    @lazy
    def header_lines(self) -> dict[str, str]:
        """The headers by name; lines of one name as one (RFC 9110, 5.3)."""
        lines: dict[str, str] = {}
        for raw_name, raw in self.raw_headers:
            name, value = raw_name.decode("latin-1"), raw.decode("latin-1")
            between = "; " if name == "cookie" else ", "
            lines[name] = f"{lines[name]}{between}{value}" if name in lines else value
        return lines

    @lazy
    def accept(self) -> str:
        """What the Accept headers say, as one (RFC 9110, 5.3)."""
        lines = [value for name, value in self.raw_headers if name == b"accept"]
        return b", ".join(lines).decode("latin-1")

    @property
    def query_texts(self) -> dict[str, list[str]]:
        """The names and texts of the query string. Raises `MalformedQuery`."""
        read = self._query
        if isinstance(read, MalformedQuery):
            raise read
        return read

    @lazy
    def _query(self) -> dict[str, list[str]] | MalformedQuery:
        try:
            return read_query(self.query) if self.query else {}
        except MalformedQuery as error:
            return error

    @lazy
    def cookies(self) -> dict[str, list[str]]:
        """The names and texts of the Cookie header."""
        cookies: dict[str, list[str]] = {}
        for name, value in cookie_pairs(self.headers.get("cookie", "")):
            cookies.setdefault(name, []).append(value.strip('"'))
        return cookies


@dataclass(repr=False, slots=True)
class Reply:
    """The response as values. *faults* are what `server/wire.py` does to it on its way."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    faults: tuple[Fault, ...] = ()
    summary: tuple[str, str, str] = ("", "", "")
    """For log and metrics: provider, operation, and the code of the refusal."""
    refused_by: str = ""
    """For the log: the step that refused."""
    parts: tuple[int, ...] | None = None
    """Of a stream: how many bytes of the body each item has."""
    every: float = 0.0
    """Of a stream: the seconds between two items."""
    world: str = ""
    """For the log: the id of the world that answered."""
    sends: bool = False
    """The call has put something into its world's outbox."""
