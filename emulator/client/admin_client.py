"""Admin client: how a program asks the admin API, of a server or of an emulator in this process.

The two ways differ in nothing that comes back: an answer as JSON, or `AdminRefused`.
"""

from __future__ import annotations

import json as _json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

from emulator.json_type import Json

if TYPE_CHECKING:
    import http.client

    from emulator.admin.admin import Admin
    from emulator.exchange.call import Reply


PREFIX = "/_emulator"

_create_connection = socket.create_connection
"""As it was before an interception guarded it."""
_SILENCE = 60.0
"""Seconds without a word after which a stream is dead: it says something every 15."""


class AdminRefused(Exception):
    """The emulator refused a request to its admin API; the message says why.

    Every function, method and attribute that calls the emulator can raise this.
    """

    def __init__(self, status: int, problem: Mapping[str, Json]) -> None:
        self.status = status
        """The status of the reply: 404 for an unknown name, 422 for an invalid value."""
        self.problem = problem
        """The body of the reply, a problem document (RFC 9457): `title`, `detail`, `errors`, ..."""
        detail = str(problem.get("detail") or problem.get("title") or status)
        fix = problem.get("fix")
        super().__init__(f"{detail} ({fix})" if fix and fix not in detail else detail)


class NoServer(ConnectionError):
    """No server answers at the address, or it is not an emulator.

    Everything that calls an emulator over HTTP can raise this. It is a `ConnectionError`.
    """


class AdminClient(Protocol):
    """Asks one emulator."""

    @property
    def url(self) -> str:
        """Where its providers answer, without a slash at the end."""

    def __call__(
        self,
        method: str,
        path: str,
        json: Json = None,
        *,
        query: Mapping[str, Json] | None = None,
        body: bytes | None = None,
        media: str = "application/json",
    ) -> Json:
        """What stands below /_emulator at *path*; bytes where it is no plain JSON.

        `admin("PATCH", "/worlds/w1/clock", {"advance": "61s"})`. Raises `AdminRefused`
        and `NoServer`.
        """


def path_of(*segments: str) -> str:
    """`path_of("worlds", "a b")` is "/worlds/a%20b"."""
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


class HttpAdminClient:
    """Asks a server, with a connection of its own each time."""

    def __init__(
        self, url: str, token: str = "", *, admin_url: str = "", timeout: float = 30.0
    ) -> None:
        self.url = url.rstrip("/")
        self._admin_url = (admin_url or url).rstrip("/")
        self._token = token
        self._timeout = timeout

    def __call__(
        self,
        method: str,
        path: str,
        json: Json = None,
        *,
        query: Mapping[str, Json] | None = None,
        body: bytes | None = None,
        media: str = "application/json",
    ) -> Json:
        headers, sent = _request(json, body, media)
        if path == "/worlds" and isinstance(json, dict) and "id" in json:
            # For a proxy that takes each world to its own process, and reads no bodies.
            headers["X-Emulator-World"] = str(json["id"])
        with self._sent(method, path, query, headers, sent) as response:
            data = response.read()
            kind = response.headers.get_content_type()
            return _answer(response.status, kind, data)

    def events(
        self, path: str, query: Mapping[str, Json] | None = None, *, last: str = ""
    ) -> Iterator[Json]:
        """The events of a stream as they come, until it ends or is closed.

        Those that follow the one with the id *last*, where it is given.
        """
        headers = {"Accept": "text/event-stream"}
        if last:
            headers["Last-Event-ID"] = last
        with self._sent("GET", path, query, headers, None, endless=True) as response:
            if response.status != 200:
                _answer(response.status, "application/problem+json", response.read())
            for line in response:
                if line.startswith(b"data:"):
                    yield _json.loads(line[5:])

    @contextmanager
    def _sent(
        self,
        method: str,
        path: str,
        query: Mapping[str, Json] | None,
        headers: dict[str, str],
        body: bytes | None,
        *,
        endless: bool = False,
    ) -> Iterator[http.client.HTTPResponse]:
        parts = urlsplit(self._admin_url)
        library = _http()
        kind = (
            library.HTTPSConnection
            if parts.scheme == "https"
            else library.HTTPConnection
        )
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        target = f"{parts.path}{PREFIX}{path}{_query(query)}"
        timeout = _SILENCE if endless else self._timeout
        connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        connection._create_connection = _create_connection
        with closing(connection):
            try:
                connection.request(method, target, body, headers)
                response = connection.getresponse()
            except (OSError, library.HTTPException) as error:
                raise NoServer(
                    f"no emulator answers at {self._admin_url}: {error or 'no answer'};"
                    " start one with `emulator serve`, or name its address with --url"
                ) from error
            try:
                # A response that ends its connection keeps the socket after `close()` above.
                with response:
                    yield response
            except (OSError, library.HTTPException, ValueError) as error:
                if isinstance(error, NoServer):
                    raise
                raise NoServer(
                    f"{self._admin_url}: no whole answer: {error}"
                ) from error


class InProcessAdminClient:
    """Asks the admin API of this process; no socket is involved."""

    def __init__(self, admin: Admin, url: str = "http://emulator.test") -> None:
        self.url = url
        self._admin = admin

    def __call__(
        self,
        method: str,
        path: str,
        json: Json = None,
        *,
        query: Mapping[str, Json] | None = None,
        body: bytes | None = None,
        media: str = "application/json",
    ) -> Json:
        from emulator.admin.request import AdminRequest

        headers, sent = _request(json, body, media)
        reply: Reply = self._admin.answer(
            AdminRequest(
                method=method,
                path=PREFIX + path,
                query=_query(query)[1:],
                headers={name.lower(): value for name, value in headers.items()},
                body=sent or b"",
                base_url=self.url,
            )
        )
        kind = next((v for n, v in reply.headers if n.lower() == "content-type"), "")
        return _answer(reply.status, kind.partition(";")[0], reply.body)


@cache
def _http() -> Any:
    """A copy of `http.client` that nobody else has.

    Recorders and blockers replace the classes of the one that all share, and a recorded
    answer would say that a clock has moved which has not.
    """
    import http.client  # once for all others, so that nobody takes the copy for it

    spec = find_spec(http.client.__name__)
    assert spec is not None  # noqa: S101 - it is in the standard library
    assert spec.loader is not None  # noqa: S101
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    return copy


def _request(
    json: Json, body: bytes | None, media: str
) -> tuple[dict[str, str], bytes | None]:
    if body is None and json is None:
        return {}, None
    sent = _json.dumps(json).encode() if body is None else body
    return {"Content-Type": media}, sent


def _query(query: Mapping[str, Json] | None) -> str:
    given = {name: value for name, value in (query or {}).items() if value is not None}
    return f"?{urlencode(given, doseq=True)}" if given else ""


def _answer(status: int, media: str, data: bytes) -> Json:
    if status >= 400:
        try:
            problem = _json.loads(data)
        except ValueError:
            problem = None
        if not isinstance(problem, dict) or media != "application/problem+json":
            raise NoServer(
                f"no emulator: it answered {status} with {media or 'nothing'}"
            )
        raise AdminRefused(status, problem)
    if not data:
        return None
    return _json.loads(data) if media == "application/json" else data
