"""Examples: a call of an operation that should work, made from the records of a world.

Several are thought of and tried, each in a copy of the world that nobody else sees, and
the first that the provider takes is shown. The same world gives the same example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import urlencode

from emulator.admin.calls import with_credential
from emulator.admin.example_bodies import bodies
from emulator.admin.example_paths import paths
from emulator.admin.example_values import needed
from emulator.admin.providers import operation_of
from emulator.admin.request import AdminRequest, json_reply, program_of, world_of
from emulator.admin.schemas import (
    Schema,
    list_of,
    object_schema,
    ref,
    text,
    text_or_null,
)
from emulator.admin.table import Answer, Rows
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call, Reply
from emulator.exchange.exchange import Exchange
from emulator.http.cookies import cookie_header
from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed, SpecMistake
from emulator.pipeline import handle
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.world.tally import Tally
from emulator.world.world import Beginning, World

_CALLERS = 4
_PATHS = 40
_TRIES = 100
_UNSEEN = 3
"""How far a call has got that proves nothing."""
_PAIRS: Schema = list_of(list_of(text(), minItems=2, maxItems=2))


class ExampleCall(NamedTuple):
    """A call without its credential, as it is put together and shown."""

    path: str
    """What follows the provider's base address."""
    query: tuple[tuple[str, str], ...]
    media: str
    body: bytes | None
    credential: Mapping[str, Json] | None
    needed: tuple[tuple[str, str], ...] = ()
    """The headers that the operation must have."""

    @property
    def headers(self) -> list[tuple[str, str]]:
        typed = [("Content-Type", self.media)] if self.media else []
        return [*self.needed, *typed]


row = Rows("calls")


@row(
    "GET /worlds/{world}/examples/{provider}/{operation}",
    {200: Answer("the call, without its credential", ref("ExampleCall"))},
)
def get_example(request: AdminRequest) -> Reply:
    """Show a call of an operation that should work.

    It is made from the OpenAPI document and the records that the world has now, and was
    tried in a copy of the world.
    """
    world, program = world_of(request), program_of(request)
    operation = operation_of(program, request.names["operation"])
    found = example_call(request.dispatcher, world, program, operation)
    return json_reply(
        {
            "operation": operation.id,
            "method": operation.method,
            "path": found.path,
            "query": [*found.query],
            "headers": found.headers,
            "body": None if found.body is None else found.body.decode(errors="replace"),
            "credential": found.credential and found.credential["name"],
        }
    )


def example_call(
    dispatcher: Dispatcher, world: World, program: Program, operation: Operation
) -> ExampleCall:
    """The first call that is taken; where none is, the one that gets furthest."""
    best: tuple[int, ExampleCall] | None = None
    for call in islice(_thought_of(dispatcher, world, program, operation), _TRIES):
        rank = _tried(dispatcher.programs, world, program, call, operation)
        if rank == 0:
            return call
        if best is None or (
            rank < best[0]
            # Another caller, whom nobody lets in, gets no further than the first.
            and (call.credential is best[1].credential or best[0] == _UNSEEN)
        ):
            best = rank, call
    assert best is not None  # noqa: S101 - something is always thought of
    return best[1]


def _thought_of(
    dispatcher: Dispatcher, world: World, program: Program, operation: Operation
) -> Iterator[ExampleCall]:
    callers = _callers(dispatcher, world, program, operation)
    query, headers = needed(operation, "query"), [*needed(operation, "header")]
    cookies = cookie_header(needed(operation, "cookie"))
    headers += [("Cookie", cookies)] if cookies else []
    sent = tuple(query), tuple(headers)
    client = _client(dispatcher, world, program)
    ways = [*islice(paths(world, program, operation), _PATHS)]
    contents = [*bodies(world, program, operation, client)]
    # What is wrong with a call is its path, mostly.
    found = dict.fromkeys((way, contents[0], 0) for way in ways)
    found |= dict.fromkeys(
        (way, content, at)
        for way in ways
        for content in contents
        for at in range(len(callers))
    )
    for path, (media, body), at in found:
        yield ExampleCall(path, sent[0], media, body, callers[at], sent[1])


def _callers(
    dispatcher: Dispatcher, world: World, program: Program, operation: Operation
) -> Sequence[Mapping[str, Json] | None]:
    if not operation.security:
        return (None,)
    listed = dispatcher.worlds.credentials(world, program.name)
    first = {way[0].name for way in operation.security}
    active = [credential for credential in listed if credential["state"] == "active"]
    active.sort(
        key=lambda credential: (
            credential["scheme"] not in first,
            credential["name"] != "full",
        )
    )
    return active[:_CALLERS] or (None,)


def _client(
    dispatcher: Dispatcher, world: World, program: Program
) -> Mapping[str, Json]:
    """What a client of the world proves itself by: its id, its secret."""
    listed = dispatcher.worlds.credentials(world, program.name)
    listed.sort(key=lambda credential: credential["name"] != "full")
    return next(
        (credential for credential in listed if credential["state"] == "active"), {}
    )


def _tried(
    programs: Mapping[str, Program],
    world: World,
    program: Program,
    call: ExampleCall,
    operation: Operation,
) -> int:
    """What would become of *call*: 0, it is taken; 1, its caller is not welcome now; 2, the
    call itself is not; 3, nobody looked at it, since it proves nothing."""
    twin = World(
        world.id,
        seed=world.seed,
        beginning=Beginning(world.clock.now(), True),
        minted=world.minted,
    )
    world.fork(twin, programs)
    twin.tally, twin.providers = Tally(), world.providers
    twin.faults.clear()
    made = with_credential(
        Call(
            method=operation.method,
            path=program.base_path + call.path,
            query=urlencode(call.query).encode(),
            raw_headers=[
                (b"host", b"localhost"),
                (b"user-agent", b"emulator-console"),
                *((n.lower().encode(), v.encode()) for n, v in call.headers),
            ],
            body=call.body or b"",
        ),
        call.credential,
    )
    addressed = Addressed(made, program, twin, made.path, "")
    if addressed.operation is not None and addressed.operation.dispatch is not None:
        addressed.choose()
    exchange = Exchange(addressed)
    exchange.trusted = True
    try:
        reply = handle(exchange)
    except (ExpressionFailed, SpecMistake):
        return 4
    if reply.status < 400:
        return 0
    return {401: _UNSEEN, 403: 1, 429: 1}.get(reply.status, 2)


SCHEMAS: Mapping[str, Schema] = {
    "ExampleCall": object_schema(
        operation=text(),
        method=text(),
        path=text("What follows the provider's base address."),
        query=_PAIRS,
        headers=_PAIRS,
        body=text_or_null(),
        credential=text_or_null(
            "The name of a credential that may make it; null: none is needed."
        ),
    )
}
