"""Stubs: replies that a test gives in place of a provider's, set and listed."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping

import orjson

from emulator.admin.request import (
    AdminRequest,
    json_reply,
    no_content,
    problem_error,
    unprocessable,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
    anything,
    count,
    described,
    input_schema,
    integer,
    list_of,
    object_schema,
    of_types,
    ref,
    text,
    text_or_null,
)
from emulator.admin.table import Answer, Body, Rows, problems
from emulator.diagnostics import did_you_mean
from emulator.exchange.call import Reply
from emulator.http.url import host_name
from emulator.json_type import Json
from emulator.program.headers import UNSENDABLE
from emulator.world.fault import BadFault, Fault, read_fault
from emulator.world.stubs import Set, Stub, TooManyStubs

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING = ("content-length", "transfer-encoding", "connection")
_KINDS = {
    "json": "application/json",
    "text": "text/plain; charset=utf-8",
    "base64": "application/octet-stream",
}
"""The members that give a reply's body, and the media type that each has by itself."""


_PATH = "/worlds/{world}/stubs"

row = Rows("stubs")


@row(f"GET {_PATH}", {200: Answer("the stubs", list_of(ref("Stub")))})
def list_stubs(request: AdminRequest) -> Reply:
    """List the stubs, oldest first."""
    return json_reply([_shown(each) for each in world_of(request).stubs])


@row(
    f"POST {_PATH}",
    {
        201: Answer("the new stub", ref("Stub")),
        429: problems("the world has the maximum number of stubs"),
    },
    body=Body(ref("NewStub"), most=16_777_216),
)
def add_stub(request: AdminRequest) -> Reply:
    """Answer calls in place of a provider.

    The newest stub that a call matches answers it, before the provider is asked, and
    the journal says so.
    """
    world, wanted = world_of(request), request.json
    reader = _Reader(request, wanted)
    stub = reader.read()
    if reader.wrong or stub is None:
        raise unprocessable(reader.wrong)
    try:
        made = world.stubs.add(stub)
    except TooManyStubs as error:
        raise problem_error(429, "too many stubs", str(error)) from None
    return json_reply(_shown(made), 201)


@row(f"GET {_PATH}/{{stub}}", {200: Answer("the stub", ref("Stub"))})
def get_stub(request: AdminRequest) -> Reply:
    """Show a stub."""
    return json_reply(_shown(_stub(request)))


@row(f"DELETE {_PATH}/{{stub}}", {204: Answer("removed")})
def delete_stub(request: AdminRequest) -> Reply:
    """Remove a stub."""
    world_of(request).stubs.remove(_stub(request).id)
    return no_content()


@row(f"DELETE {_PATH}", {204: Answer("removed")})
def delete_stubs(request: AdminRequest) -> Reply:
    """Remove all stubs."""
    world_of(request).stubs.clear()
    return no_content()


def _stub(request: AdminRequest) -> Set:
    id = request.names["stub"]
    found = world_of(request).stubs.get(id)
    if found is None:
        raise problem_error(404, "no such stub", f"there is no stub {id[:40]!r}")
    return found


class _Reader:
    """Reads a stub that was sent, and notes what no schema can know to be wrong."""

    def __init__(self, request: AdminRequest, wanted: Mapping[str, Json]) -> None:
        self._request = request
        self._wanted = wanted
        self._reply: Mapping[str, Json] = wanted.get("reply") or {}
        self.wrong: list[Json] = []

    def read(self) -> Stub | None:
        wanted = self._wanted
        provider, host, path = self._address()
        headers, body = [*self._headers()], self._body()
        faults = self._faults()
        if self.wrong:
            return None
        return Stub(
            provider=provider,
            host=host,
            method=wanted["method"].upper(),
            path=path,
            query=wanted.get("query") or {},
            headers={
                name.lower(): value
                for name, value in (wanted.get("headers") or {}).items()
            },
            body=wanted.get("body"),
            times=wanted.get("times"),
            status=self._reply.get("status", 200),
            reply_headers=tuple(headers),
            reply_body=body,
            faults=faults,
        )

    def _note(self, pointer: str, detail: str) -> None:
        self.wrong.append({"pointer": pointer, "detail": detail})

    def _address(self) -> tuple[str, str, str]:
        """The provider, or the host of none, and the path that follows its prefix."""
        dispatcher, path = self._request.dispatcher, self._wanted["path"]
        if not path.startswith("/") or "?" in path or "#" in path:
            self._note("/path", "it begins with `/`, and has no query: that is `query`")
        given = self._wanted.get("host")
        if given:
            match = dispatcher.hosts.match(host_name(given))
            if match is None:
                return "", host_name(given), path
            for program in dispatcher.programs.values():
                if match[0] in program.hosts:
                    return program.name, "", path
        name, slash, rest = path[1:].partition("/")
        if name not in dispatcher.programs:
            fix = did_you_mean(name[:60], dispatcher.programs)
            self._note("/path", f"it begins with a provider, or `host` is given: {fix}")
        return name, "", slash + rest or "/"

    def _headers(self) -> Iterator[tuple[str, str]]:
        given: Mapping[str, Json] = self._reply.get("headers") or {}
        kind = next((kind for kind in _KINDS if kind in self._reply), None)
        if kind and not any(name.lower() == "content-type" for name in given):
            yield "Content-Type", _KINDS[kind]
        for name, value in given.items():
            at = f"/reply/headers/{name[:60]}"
            if not _TOKEN.fullmatch(name) or name.lower() in _FRAMING:
                self._note(at, "it is no header that a reply can have here")
            for content in value if isinstance(value, list) else [value]:
                if UNSENDABLE.search(content):
                    self._note(at, "a header cannot carry this")
                yield name, content

    def _body(self) -> bytes:
        kinds = [kind for kind in _KINDS if kind in self._reply]
        if len(kinds) > 1:
            self._note(f"/reply/{kinds[1]}", f"it has {' and '.join(kinds)}: send one")
        if not kinds:
            return b""
        value = self._reply[kinds[0]]
        if kinds[0] == "json":
            return orjson.dumps(value)
        if kinds[0] == "text":
            return str(value).encode(errors="replace")
        try:
            return b64decode(value, validate=True)
        except ValueError:
            self._note("/reply/base64", "it is not base64")
            return b""

    def _faults(self) -> tuple[Fault, ...]:
        given = self._reply.get("fault") or []
        try:
            made = tuple(map(read_fault, [given] if isinstance(given, str) else given))
        except BadFault as error:
            self._note("/reply/fault", str(error))
            return ()
        if any(fault.kind == "status" for fault in made):
            self._note("/reply/fault", "a status is what `status` says")
        return made


def _shown(found: Set) -> Mapping[str, Json]:
    stub = found.stub
    return {
        "id": found.id,
        "provider": stub.provider or None,
        "host": stub.host or None,
        "method": stub.method,
        "path": stub.path,
        "query": stub.query,
        "headers": dict.fromkeys(stub.headers, _MASK),
        "body": stub.body,
        "times": stub.times,
        "status": stub.status,
        "met": found.met,
        "state": "over" if found.is_over else "active",
    }


_MASK = "***"
"""Shown for the value of a header: it may be a secret."""
_NAMED: Schema = of_types("object null", maxProperties=100)

SCHEMAS: Mapping[str, Schema] = {
    "NewStub": input_schema(
        'For example {"method": "GET", "path": "/acme/things/7", "reply": {"status":'
        ' 200, "json": {"id": 7}}, "times": 1}.',
        required="method path",
        method=text(pattern="^[A-Za-z-]{1,40}$"),
        path=text(
            "As it is called here, `/<provider>/...`, or with `host` as it is called"
            " there; `{name}` stands for any one segment.",
            maxLength=2_048,
        ),
        host=text_or_null("A host, also one that no provider has.", maxLength=253),
        query=described(_NAMED, "Some of the parameters; null: it must be absent."),
        headers=described(_NAMED, "Some of the headers; null: it must be absent."),
        body=anything(
            "What the body contains: some members of JSON or of a form, or a part of a"
            " text."
        ),
        times=of_types(
            "integer null",
            "How often it answers; by default always.",
            minimum=1,
            maximum=1_000_000,
        ),
        reply=input_schema(
            status=integer(minimum=200, maximum=599),
            headers=of_types(
                "object null",
                maxProperties=100,
                additionalProperties=of_types("string array", items=text()),
            ),
            json=anything("The body as JSON."),
            text=text("The body as text."),
            base64=text("The bytes of it."),
            fault=of_types(
                "string array null",
                "What goes wrong with it: `delay=2s`, `reset`.",
                items=text(),
                maxItems=10,
            ),
        ),
    ),
    "Stub": object_schema(
        required="id method path status met state",
        id=text(),
        provider=text_or_null(),
        host=text_or_null(),
        method=text(),
        path=text("What follows the provider's prefix."),
        times=of_types("integer null"),
        status=integer(),
        met=count("How many calls it has answered."),
        state={"enum": ["active", "over"]},
    ),
}
