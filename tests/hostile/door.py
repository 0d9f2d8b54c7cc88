"""A served Jobriver to knock at: whatever is sent, as bytes, and what comes back."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

import orjson

from emulator.engine.dispatcher import Dispatcher
from emulator.program.credentials import credentials
from emulator.program.program import Program
from emulator.server.run import Running

JSON = b"Content-Type: application/json"
JOBS = b"/jobriver/api/v1/jobs"
PATIENCE = 5.0
"""Seconds after which a server that does not answer is taken to hang."""


def error(code: str, message: str) -> dict[str, Any]:
    """Jobriver's envelope of a failure that has no details."""
    failure: dict[str, Any] = {"code": code, "message": message, "details": {}}
    return {"success": False, "error": failure}


BAD_BODY = (
    400,
    error("INVALID_REQUEST_BODY", "Request body is missing or not valid JSON"),
)
BAD_QUERY = 400, error("BAD_REQUEST", "Query string is malformed")
BAD_ID = 400, error("INVALID_JOB_ID", "Invalid job ID")
NO_JOB = 404, error("JOB_NOT_FOUND", "Job not found")
NO_ROUTE = 404, error("NOT_FOUND", "Not found")
NO_METHOD = 405, error("METHOD_NOT_ALLOWED", "Method not allowed")
TOO_LARGE = 413, error("INVALID_REQUEST_BODY", "Request body is too large")
NO_MEDIA = 415, error("INVALID_CONTENT_TYPE", "Content-Type must be application/json")


@dataclass(frozen=True)
class Answer:
    """One reply, whole."""

    status: int
    headers: dict[str, str]
    """By name in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def said(self) -> tuple[int, Any]:
        """The status and the body, which together are what was answered."""
        return self.status, self.json

    @property
    def title(self) -> tuple[int, str]:
        """The status and the title of a problem: the emulator speaks for itself."""
        assert self.headers["content-type"] == "application/problem+json"
        return self.status, self.json["title"]


class Door:
    """One served Jobriver, and the raw requests that are sent to it."""

    def __init__(self, server: Running, board: Dispatcher, program: Program) -> None:
        self.server = server
        self.clock = board.world.clock
        self.program = program
        self.keys = {
            credential["name"]: credential["value"].encode()
            for credential in credentials(program)
        }
        example = program.openapi["components"]["examples"]["JobInputMinimal"]
        self.job: dict[str, Any] = example["value"]

    def knock(self, data: bytes, method: str = "GET") -> Answer:
        """What *data* is answered; and whatever it was, others are served after it."""
        answer = self.say(data, method)
        assert self.say(request(path=JOBS, key=self.keys["read_only"])).status == 200
        return answer

    def say(self, data: bytes, method: str = "GET") -> Answer:
        """What *data* is answered on a connection of its own; raises when nothing is."""
        address = ("127.0.0.1", self.server.port)
        with socket.create_connection(address, timeout=PATIENCE) as connection:
            with suppress(ConnectionError):  # the answer may come before the end
                connection.sendall(data)
            reply = HTTPResponse(connection, method=method)
            reply.begin()
            headers = [(name.lower(), value) for name, value in reply.getheaders()]
            return Answer(reply.status, dict(headers), reply.read())

    def ask(
        self,
        method: bytes = b"GET",
        path: bytes = JOBS,
        headers: Iterable[bytes] = (),
        body: bytes | None = None,
        host: bytes = b"localhost",
    ) -> Answer:
        """Knock with one request that holds the key with every permission."""
        key = self.keys["full"]
        data = request(method, path, headers, body, host=host, key=key)
        return self.knock(data, method.decode("latin-1"))

    def post(self, body: bytes, headers: Iterable[bytes] = (JSON,)) -> Answer:
        return self.ask(b"POST", JOBS, headers, body)

    def job_with(self, **fields: Any) -> bytes:
        """The smallest job, with these fields as well."""
        return orjson.dumps({**self.job, **fields})

    def job_and(self, members: bytes) -> bytes:
        """The smallest job, with *members* written behind its own as they are."""
        return orjson.dumps(self.job)[:-1] + b"," + members + b"}"


def request(
    method: bytes = b"GET",
    path: bytes = JOBS,
    headers: Iterable[bytes] = (),
    body: bytes | None = None,
    *,
    host: bytes = b"localhost",
    key: bytes,
) -> bytes:
    """A request as it is written; a body comes with its length."""
    lines = [method + b" " + path + b" HTTP/1.1", b"Host: " + host]
    lines += [b"X-API-Key: " + key, *headers]
    if body is not None:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", b""]) + (body or b"")


OpenDoor = Callable[..., Door]
