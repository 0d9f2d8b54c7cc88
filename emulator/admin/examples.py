"""Examples: a call of an operation that should work, made from the records of a world.

Several are thought of and tried, each in a copy of the world that nobody else sees, and
the first that the provider takes is shown. The same world gives the same example.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import orjson

from emulator.admin.calls import with_credential
from emulator.admin.providers import operation_of
from emulator.admin.request import AdminRequest, json_reply, program_of, world_of
from emulator.admin.table import TEXT, Answer, Schema, object_schema, ref, rows
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call, Reply
from emulator.exchange.exchange import Exchange
from emulator.generation.directions import REQUEST
from emulator.generation.failures import NotGenerated
from emulator.language.failures import ExpressionFailed
from emulator.pipeline import handle
from emulator.program.example import written_example
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.world.tally import Tally
from emulator.world.world import Beginning, World

Json = Any

_KEYS = 20
"""Records that are tried for what a path names."""
_CALLERS = 4
_TRIES = 100
_PARTS = "multipart/form-data"
_BOUNDARY = "emulator-part"
_LAST = f"--{_BOUNDARY}--\r\n".encode()
_FILE = "%PDF-1.4 a file\n"
_PAIRS: Schema = {
    "type": "array",
    "items": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2},
}


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
        sent = [*self.needed]
        if self.media == _PARTS:
            sent.append(("Content-Type", f"{_PARTS}; boundary={_BOUNDARY}"))
        elif self.media:
            sent.append(("Content-Type", self.media))
        return sent


def get_example(request: AdminRequest) -> Reply:
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
            "body": None if found.body is None else found.body.decode(),
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
        if best is None or rank < best[0]:
            best = rank, call
        if rank == 0:
            break
    assert best is not None  # noqa: S101 - something is always thought of
    return best[1]


def _thought_of(
    dispatcher: Dispatcher, world: World, program: Program, operation: Operation
) -> Iterator[ExampleCall]:
    callers = _callers(dispatcher, world, program, operation)
    query = tuple(_needed(operation, "query"))
    headers = tuple(_needed(operation, "header"))
    for path in _paths(world, program, operation):
        for media, body in _bodies(dispatcher, world, program, operation):
            for caller in callers:
                yield ExampleCall(path, query, media, body, caller, headers)


def _callers(
    dispatcher: Dispatcher, world: World, program: Program, operation: Operation
) -> Sequence[Mapping[str, Json] | None]:
    if not operation.security:
        return (None,)
    listed = dispatcher.worlds.credentials(world, program.name)
    active = [one for one in listed if one["state"] == "active"]
    active.sort(key=lambda one: one["name"] != "full")
    return active[:_CALLERS] or (None,)


def _paths(world: World, program: Program, operation: Operation) -> Iterator[str]:
    """Addresses that lead to records of the world, and one that leads to none."""
    names = operation.parameter_names
    described = operation.parameters.typed("path")

    def filled(values: Mapping[str, Json]) -> str:
        path = operation.path.partition("#")[0]
        for name in names:
            typed = described.get(name)
            known = values.get(name)
            if known is None:
                known = _value(typed.schema, name) if typed else 1
            safe = "/" if typed and typed.greedy else ""
            text = (typed.before if typed else "") + quote(str(known), safe=safe)
            path = path.replace(f"{{{name}}}", text)
        return path

    for name, by in _kinds(program, operation) if names else ():
        collection = world.collections(program)[name]
        for record in islice(collection, _KEYS):
            found = {name: record.get(name) for name in names}
            found[names[-1]] = record.get(by or collection.key)
            yield filled(found)
    yield filled({})


def _kinds(program: Program, operation: Operation) -> Iterator[tuple[str, str]]:
    """The collections that a path may name a record of, and the field that is in it: that
    which it is called for, and that of the action."""
    action = operation.action
    for segment in operation.path.split("/"):
        if segment in program.bases and segment != action.collection:
            yield segment, ""
    if action.collection in program.bases:
        yield action.collection, action.by


def _value(schema: Json, name: str = "") -> Json:
    """A value of *schema* that a call may send, the same at any time; else None.

    Integers are 1 where they can be, which is the id of many a record.
    """
    from emulator.generation.values import Generator  # not loaded at a start

    generator = Generator(schema, REQUEST)

    def fits(value: Json) -> bool:
        return generator.fits((generator.schema,), value)

    try:
        value = generator.value("example", name=name)
    except NotGenerated:
        return None
    if type(value) is int:
        return 1 if fits(1) else value
    if isinstance(value, dict):
        for member in [name for name in value if type(value[name]) is int]:
            if fits(value | {member: 1}):
                value[member] = 1
    return value


def _of_a_client(
    dispatcher: Dispatcher, world: World, program: Program, body: Mapping[str, Json]
) -> Mapping[str, Json]:
    """*body* with what a client of the world proves itself by: its id, its secret."""
    listed = dispatcher.worlds.credentials(world, program.name)
    listed.sort(key=lambda one: one["name"] != "full")
    known = next((one for one in listed if one["state"] == "active"), {})
    return {name: known.get(name, said) for name, said in body.items()}


def _bodies(
    dispatcher: Dispatcher, world: World, program: Program, operation: Operation
) -> Iterator[tuple[str, bytes | None]]:
    """Bodies with their media type: what the document shows, what its schema needs, and
    what a record has."""
    policy = operation.body
    if policy is None:
        yield "", None
        return
    media = next((one for one in policy.schemas if "json" in one), None)
    media = media or next(iter(policy.schemas), "application/json")
    media = "application/json" if "*" in media else media
    schema = policy.schema(media)
    written = written_example(program, operation)
    if isinstance(written, dict):
        written = _of_a_client(dispatcher, world, program, written)
    if written is not None and "json" in media:
        yield media, orjson.dumps(written, option=orjson.OPT_INDENT_2)
    plain = _value(schema.schema) if schema else None
    if isinstance(plain, dict) and schema and media != _PARTS:
        needed = schema.schema.get("required", ())
        yield media, _encoded(media, {k: plain[k] for k in plain if k in needed})
    if media == _PARTS and isinstance(plain, dict):
        members = policy.properties
        plain = {
            name: _FILE if _is_file(members.get(name, {})) else one
            for name, one in plain.items()
        }
    yield media, _encoded(media, plain)
    if isinstance(plain, dict):
        for record in _similar(world, program, operation):
            fields = policy.input_of(plain)
            sent = {
                name: record[name]
                for name in policy.properties
                if record.get(name) is not None
            }
            for extra in (dict.fromkeys(fields or ()), sent):
                made = {**(fields or {}), **{k: sent[k] for k in extra if k in sent}}
                yield media, _encoded(media, policy.wrapped(made))


def _similar(world: World, program: Program, operation: Operation) -> list[Json]:
    """Records of the kind that the operation makes or changes."""
    if operation.action.collection not in program.bases:
        return []
    return [*islice(world.collections(program)[operation.action.collection], 2)]


def _encoded(media: str, fields: Json) -> bytes:
    if media == "application/x-www-form-urlencoded" and isinstance(fields, dict):
        texts = {
            name: "true" if one is True else str(one)
            for name, one in fields.items()
            if not isinstance(one, (dict, list))
        }
        return urlencode(texts).encode()
    if media == _PARTS and isinstance(fields, dict):
        return b"".join(_part(name, one) for name, one in fields.items()) + _LAST
    if "json" in media:
        return orjson.dumps(fields, option=orjson.OPT_INDENT_2)
    return fields.encode() if isinstance(fields, str) else b""


def _is_file(schema: Mapping[str, Json]) -> bool:
    return schema.get("format") == "binary" or "contentMediaType" in schema


def _part(name: str, value: Json) -> bytes:
    file = (
        '; filename="file.pdf"\r\nContent-Type: application/pdf'
        if value is _FILE
        else ""
    )
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}'
    return f"{head}\r\n\r\n{text}\r\n".encode()


def _needed(operation: Operation, place: str) -> Iterator[tuple[str, str]]:
    """The parameters that a call must have there."""
    for name, typed in operation.parameters.typed(place).items():
        if typed.required:
            found = _value(typed.schema, name)
            if not isinstance(found, (dict, list)):
                text = str(found).lower() if isinstance(found, bool) else str(found)
                yield name, text


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
    except ExpressionFailed:
        return 4
    if reply.status < 400:
        return 0
    return {401: 3, 403: 1, 429: 1}.get(reply.status, 2)


SCHEMAS: Mapping[str, Schema] = {
    "ExampleCall": object_schema(
        operation=TEXT,
        method=TEXT,
        path={**TEXT, "description": "What follows the provider's base address."},
        query=_PAIRS,
        headers=_PAIRS,
        body={"type": ["string", "null"]},
        credential={
            "description": "The name of a credential that may make it; null: none is needed.",
            "type": ["string", "null"],
        },
    ),
}

row = rows("calls")

OPERATIONS = (
    row(
        "GET /worlds/{world}/examples/{provider}/{operation}",
        get_example,
        "Show a call of an operation that should work",
        {200: Answer("the call, without its credential", ref("ExampleCall"))},
        description=(
            "It is made from the OpenAPI document and the records that the world has"
            " now, and was tried in a copy of the world."
        ),
    ),
)
