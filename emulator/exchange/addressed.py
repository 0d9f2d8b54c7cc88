"""Addressed: a call whose provider, operation and world are known, and what it says.

What it says is read when somebody first asks for it, and only once. A step refuses what
cannot be read; everywhere else it counts as empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING
from urllib.parse import unquote

from emulator.exchange.call import Call
from emulator.exchange.claims import NONE, Claims, claims_of
from emulator.http.query import MalformedQuery
from emulator.json_type import Json
from emulator.language.scope import EMPTY, Names
from emulator.program.bodies import BodyPolicy
from emulator.program.dispatch import DispatchPolicy
from emulator.program.operation import Operation
from emulator.program.parameters import Read
from emulator.program.program import Program
from emulator.program.reading import BodyRead, MalformedBody, read_body
from emulator.program.routes import Match
from emulator.values import lazy
from emulator.world.world import World


class _Asked(Names):
    """What an expression sees of a call before it is known which operation it is for."""

    host: Mapping[str, str]
    server: Mapping[str, str]

    def __init__(self, addressed: Addressed) -> None:
        self.addressed = addressed

    if not TYPE_CHECKING:  # what is not asked for is not read
        path = property(lambda self: self.addressed.path_values)
        query = property(lambda self: self.addressed.query_values)
        header = property(lambda self: self.addressed.header.values)
        cookie = property(lambda self: self.addressed.cookie.values)
        body = property(lambda self: self.addressed.body_value)
        host = property(lambda self: self.addressed.host)
        server = property(lambda self: self.addressed.server)
        method = property(lambda self: self.addressed.call.method)
        client = property(lambda self: self.addressed.call.client)
        raw_path = property(lambda self: self.addressed.path.rstrip("/") or "/")
        raw_query = property(
            lambda self: self.addressed.call.query.decode(errors="replace")
        )
        raw_body = property(
            lambda self: self.addressed.call.body.decode(errors="replace")
        )
        header_lines = property(lambda self: self.addressed.call.header_lines)


class Addressed:
    """A call, where it goes, and what it says there."""

    host_parts: Mapping[str, str] = EMPTY
    """What the parts of the host are that the call came to."""

    def __init__(
        self,
        call: Call,
        program: Program,
        world: World,
        path: str,
        base_url: str,
        match: Match[Operation] | None = None,
    ) -> None:
        """*match* is what *path* leads to, where it has been looked up."""
        self.call = call
        self.program = program
        self.world = world
        self.path = path
        """What follows the prefixes of world and provider; still percent-encoded."""
        self.base_url = base_url
        """What stands before that in an absolute address, without a slash."""
        if match is None:
            match = program.match(path)
        self.match = match
        operation: Operation | None = None
        if match is not None:
            operation = match.by_method.get(call.method)
            if operation is None and call.method == "HEAD":
                operation = match.by_method.get("GET")
        self.operation = operation
        """What the call is for; None where the path or its method leads nowhere."""

    target: str | None = None
    """What the call names of several operations at its path."""
    several: DispatchPolicy | None = None
    """How those are told apart, once `choose` has done so."""

    def choose(self) -> None:
        """Find which of several operations at its path the call is for.

        It is asked for where the body is as it was before its sender compressed it. The
        operation is None where the call names none of them.
        """
        policy = self.operation.dispatch if self.operation else None
        if policy is None:
            return
        asked = copy(self)
        self.several, self.target = policy, policy.target(_Asked(asked))
        self.operation = (
            policy.otherwise
            if self.target is None
            else policy.operations.get(self.target, policy.otherwise)
        )

    @lazy
    def claims(self) -> Claims:
        """Who the caller claims to be."""
        operation = self.operation
        if operation is None or not operation.security:
            return NONE
        first_only = self.program.alternatives == "first_sent"
        return claims_of(self.call, operation, self.read_value, first_only=first_only)

    @lazy
    def path_values(self) -> Mapping[str, Json]:
        """The parameters of the path."""
        if self.operation is None or self.match is None:
            return EMPTY
        policy = self.operation.parameters
        return policy.read_path(self.match.values)[0] if policy.path else EMPTY

    @property
    def host(self) -> Mapping[str, str]:
        """What the parts of its provider's host are: those that the call came to, or what
        the spec says of calls that came to none."""
        return {**self.program.host_defaults, **self.host_parts}

    @property
    def server(self) -> Mapping[str, str]:
        """What the variables of the server are that the call came to."""
        path = unquote(self.path) if "%" in self.path else self.path
        return {**self.program.server(path), **self.host_parts}

    @lazy
    def query(self) -> Read:
        """The parameters of the query. Raises `MalformedQuery`."""
        return self._read("query", self.query_texts)

    @property
    def query_texts(self) -> Mapping[str, list[str]]:
        """What the query says, and what a cursor in it carries. Raises `MalformedQuery`."""
        operation = self.operation
        carrying = None if operation is None else operation.action.carrying
        sent = self.call.query_texts
        return sent if carrying is None else carrying.restored(sent)

    @lazy
    def header(self) -> Read:
        """The parameters that stand in headers."""
        sent, operation = self.call.headers, self.operation
        declared = operation.parameters.header if operation else ()
        texts = {
            parameter.key: [sent[parameter.key]]
            for parameter in declared
            if parameter.key in sent
        }
        return self._read("header", texts)

    @lazy
    def cookie(self) -> Read:
        """The parameters that stand in cookies."""
        return self._read("cookie", self.call.cookies)

    def _read(self, place: str, texts: Mapping[str, list[str]]) -> Read:
        if self.operation is not None:
            return self.operation.parameters.read(place, texts)
        values = {name: sent[-1] for name, sent in texts.items()}
        if place == "header":  # what any operation declares can be asked for
            sent = self.call.headers
            values = {
                parameter.name: sent[parameter.key]
                for operation in self.program.operations.values()
                for parameter in operation.parameters.header
                if parameter.key in sent
            }
        return Read(values, (), ())

    @lazy
    def query_values(self) -> Mapping[str, Json]:
        """The values of the query; none where it cannot be read."""
        try:
            return self.query.values
        except MalformedQuery:
            return EMPTY

    @lazy
    def media_type(self) -> tuple[str, bool]:
        """The media type of the body, and whether the operation takes it."""
        policy, call = self._body_policy, self.call
        if policy is None:
            return "", False
        return policy.media_type(
            call.headers.get("content-type", ""),
            empty=not call.body and not call.body_too_large,
            http=self.program.http,
        )

    @property
    def _body_policy(self) -> BodyPolicy | None:
        return None if self.operation is None else self.operation.body

    @lazy
    def _body(self) -> BodyRead | MalformedBody:
        call, policy = self.call, self._body_policy
        if policy is None:
            return BodyRead(None, None, None)
        if call.broken_coding:
            return MalformedBody(call.broken_coding)
        try:
            sent = call.headers.get("content-type", "")
            media, _ = self.media_type
            return read_body(policy, self.program.http, call.body, media, sent)
        except MalformedBody as error:
            return error

    def read_body(self) -> BodyRead:
        """What the body says. Raises `MalformedBody`."""
        read = self._body
        if isinstance(read, MalformedBody):
            raise read
        return read

    def read_value(self) -> Json:
        """What the body says; None where it cannot be read."""
        return self.body_value

    @property
    def body_value(self) -> Json:
        """What the body says; None where it cannot be read."""
        call = self.call
        if call.body_too_large or call.unknown_coding or not self.media_type[1]:
            return None
        read = self._body
        return None if isinstance(read, MalformedBody) else read.value
