"""Call and reply: a request and its response as values.

Neither of them knows of sockets or frameworks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from emulator.http.query import MalformedQuery, read_query
from emulator.values import lazy
from emulator.world.faults import Fault


@dataclass(eq=False, repr=False, kw_only=True)
class Call:
    """The request as values, with nothing of the network left in it.

    *path* is raw: still percent-encoded, with the prefixes of a world and of a provider
    where they were sent. Header names are in lower case; where a header came more
    than once, *headers* has the first value and *raw_headers* all of them.
    """

    method: str
    path: str
    query: bytes = b""
    raw_headers: list[tuple[bytes, bytes]] = field(default_factory=list)
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
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        headers: dict[str, str] = {}
        self.headers = headers
        for name, value in self.raw_headers:
            headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))

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
        for part in self.headers.get("cookie", "").split(";"):
            name, equals, value = part.strip().partition("=")
            if equals:
                cookies.setdefault(name, []).append(value.strip('"'))
        return cookies


@dataclass(repr=False)
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
    world: str = ""
    """For the log: the id of the world that answered."""
    sends: bool = False
    """The call has put something into its world's outbox."""
