"""Calls: made for somebody who has no client at hand, and made again from the journal.

A page cannot call a provider by itself: a browser keeps some headers for itself, and the
provider is at another port, or says nothing of other origins. So it has us do it. The
call is answered as any other is; what faults do to a connection is told and not done.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import urlencode

import orjson

from emulator.admin.journal.find import entry_of
from emulator.admin.request import (
    AdminRequest,
    invalid,
    json_reply,
    problem_error,
    program_of,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
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
from emulator.admin.trial import call_of
from emulator.diagnostics import did_you_mean
from emulator.engine.address import WORLD
from emulator.exchange.call import Call, Reply
from emulator.http.cookies import cookie_header
from emulator.http.media_types import media_type
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.world.world import World

_CLIENT = "emulator-console"
_UNTOLD = frozenset((b"content-length", b"transfer-encoding", WORLD.encode()))
"""Headers of a call that are made anew."""
_FORM = "application/x-www-form-urlencoded"


row = Rows("calls")


@row(
    "POST /worlds/{world}/calls/{provider}",
    {200: Answer("the reply, whatever its status", ref("MadeCall"))},
    body=Body(ref("NewCall"), most=16_777_216),
)
def make_call(request: AdminRequest) -> Reply:
    """Make a call to a provider.

    The call is answered and written down like that of any client. Faults of the
    connection, delays among them, are listed and not performed.
    """
    world, program, wanted = world_of(request), program_of(request), request.json
    path, _, query = wanted["path"].partition("?")
    body = wanted.get("body")
    call = Call(
        method=wanted["method"],
        path=f"/{program.name}{program.base_path}{path}",
        query=query.encode(),
        raw_headers=_headers(request, wanted.get("headers") or ()),
        body=b"" if body is None else body.encode(),
        base_url=request.base_url,
        scheme=request.base_url.partition(":")[0],
    )
    name = wanted.get("credential")
    if name is not None:
        call = with_credential(call, _credential(request, world, program, name))
    return _answered(request, world, call)


@row(
    "POST /worlds/{world}/journal/{exchange}/replay",
    {
        200: Answer("the reply, whatever its status", ref("MadeCall")),
        409: problems("the journal has not kept the body of the call"),
    },
)
def replay_exchange(request: AdminRequest) -> Reply:
    """Make the call of an exchange again.

    The call is the same to the byte; the world may have changed.
    """
    world = world_of(request)
    entry = entry_of(request, world)
    if entry.long_body is not None:
        raise problem_error(
            409,
            "not kept",
            f"the body of the exchange {entry.id} was too long for the journal to keep:"
            f" {entry.request_size} bytes",
            fix="make the call again with your client",
        )
    return _answered(request, world, call_of(entry))


def with_credential(call: Call, credential: Mapping[str, Json] | None) -> Call:
    """*call* with a credential where it belongs: header, query, cookie or body."""
    if credential is None:
        return call
    sent = {name.lower(): text for name, text in credential["headers"].items()}
    cookies = credential.get("cookies") or {}
    if cookies:
        own = [v.decode("latin-1") for n, v in call.raw_headers if n == b"cookie"]
        sent["cookie"] = "; ".join([*own, cookie_header(cookies.items())])
    lines = [(n, v) for n, v in call.raw_headers if n.decode("latin-1") not in sent]
    lines += [(name.encode(), text.encode("latin-1")) for name, text in sent.items()]
    query = call.query
    if credential.get("query"):
        more = urlencode(credential["query"]).encode()
        query = b"&".join(part for part in (query, more) if part)
    body = call.body
    if credential.get("body"):
        body, lines = _with_members(body, lines, credential["body"])
    return call._replace(raw_headers=lines, query=query, body=body)


def _with_members(
    body: bytes, lines: list[tuple[bytes, bytes]], members: Mapping[str, Json]
) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """A body with the members that prove who calls, where it is one that has members."""
    sent = next((v.decode("latin-1") for n, v in lines if n == b"content-type"), "")
    if media_type(sent) == _FORM:
        return b"&".join(
            part for part in (body, urlencode(members).encode()) if part
        ), lines
    try:
        fields = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return body, lines
    if not isinstance(fields, dict):
        return body, lines
    kind = [] if sent else [(b"content-type", b"application/json")]
    return orjson.dumps({**fields, **members}), [*lines, *kind]


def _headers(request: AdminRequest, pairs: Json) -> list[tuple[bytes, bytes]]:
    lines = []
    for number, (name, content) in enumerate(pairs):
        if not _NAME.fullmatch(name):
            raise invalid(
                f"{name[:60]!r} is no name of a header", f"/headers/{number}/0"
            )
        if not _VALUE.fullmatch(content):
            raise invalid(
                "a header has printable characters of Latin-1 alone",
                f"/headers/{number}/1",
            )
        lines.append((name.lower().encode(), content.strip(" \t").encode("latin-1")))
    names = {name for name, _ in lines}
    authority = request.base_url.partition("://")[2].partition("/")[0]
    usual = ((b"host", authority.encode()), (b"user-agent", _CLIENT.encode()))
    return [*(line for line in usual if line[0] not in names), *lines]


def _credential(
    request: AdminRequest, world: World, program: Program, name: str
) -> Mapping[str, Json]:
    listed = request.dispatcher.worlds.credentials(world, program.name)
    known = {credential["name"]: credential for credential in listed}
    if name not in known:
        fix = did_you_mean(name[:60], known)
        raise invalid(
            f"{program.name} has no credential {name[:60]!r}: {fix}", "/credential"
        )
    return known[name]


def _answered(request: AdminRequest, world: World, call: Call) -> Reply:
    lines = [line for line in call.raw_headers if line[0].lower() not in _UNTOLD]
    if call.body:
        lines.append((b"content-length", b"%d" % len(call.body)))
    lines.append((WORLD.encode(), world.id.encode()))
    before = world.journal.written
    reply = request.dispatcher.answer(call._replace(raw_headers=lines))
    written = world.journal.written
    told = json_reply(
        {
            "status": reply.status,
            "headers": [[name, text] for name, text in reply.headers],
            **_body(reply.body),
            "faults": [fault.text for fault in reply.faults],
            "exchange": written if written > before else None,
        }
    )
    told.sends = reply.sends
    return told


def _body(body: bytes) -> Mapping[str, Json]:
    try:
        return {"body": body.decode(), "base64": None}
    except UnicodeDecodeError:
        return {"body": None, "base64": base64.b64encode(body).decode()}


_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}")
_VALUE = re.compile(r"[\t -~\x80-\xff]{0,16384}")
_PAIRS: Schema = list_of(list_of(text(), minItems=2, maxItems=2), maxItems=100)

SCHEMAS: Mapping[str, Schema] = {
    "NewCall": input_schema(
        required="method path",
        method=text(pattern="^[A-Z-]{1,40}$"),
        path=text(
            "What follows the provider's base address, percent-encoded, with the"
            " query.",
            pattern='^/[!"$-~]*$',
            maxLength=8_192,
        ),
        headers=described(_PAIRS, "Names and values, in order."),
        body=text_or_null("The body, sent as UTF-8."),
        credential=text_or_null("The name of the credential that is sent along."),
    ),
    "MadeCall": object_schema(
        status=integer(),
        headers=_PAIRS,
        body=text_or_null("The body, where it is text."),
        base64=text_or_null("The body, where it is none."),
        faults=list_of(text(), "What a connection would have suffered."),
        exchange=of_types(
            "integer null", "The id of the exchange in the journal; null: it has none."
        ),
    ),
}
