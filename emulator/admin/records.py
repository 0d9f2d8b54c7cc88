"""Records: what a world holds, looked at and changed behind the provider's back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from emulator.admin.request import (
    AdminRequest,
    invalid,
    json_reply,
    no_content,
    problem_error,
    program_of,
    unprocessable,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
    any_object,
    count,
    integer,
    list_of,
    ref,
    text,
)
from emulator.admin.table import Answer, Body, Rows, problems, query
from emulator.diagnostics import did_you_mean
from emulator.engine.fitness import unfit
from emulator.exchange.call import Reply
from emulator.exchange.exchange import Record
from emulator.http.pointer import token
from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed
from emulator.program.onlooker import Onlooker
from emulator.program.program import Program
from emulator.world.base import Key
from emulator.world.collection import Collection
from emulator.world.world import World

_PATH = "/worlds/{world}/records/{provider}/{collection}"
_FULL = problems("the world has the maximum number of records")

row = Rows("records")


@row(
    f"GET {_PATH}",
    {200: Answer("up to 1000 records", list_of(ref("Record")))},
    query=(
        query("limit", integer(minimum=1, maximum=10_000)),
        query("offset", count(maximum=10_000_000)),
        query(
            "contains",
            text(maxLength=200),
            "only records in which this text occurs, whatever its case",
        ),
    ),
)
def list_records(request: AdminRequest) -> Reply:
    """List the records of a collection, in its order.

    The header X-Emulator-Records counts all of them, on whichever page.
    """
    collection = _collection(request)[2]
    records = [*collection]
    wanted = request.options.get("contains", "").casefold()
    if wanted:
        records = [record for record in records if _contains(record, wanted)]
    start = request.options.get("offset", 0)
    reply = json_reply(records[start : start + request.options.get("limit", 1_000)])
    reply.headers.append(("x-emulator-records", str(len(records))))
    return reply


@row(f"GET {_PATH}/{{key}}", {200: Answer("the record", ref("Record"))})
def get_record(request: AdminRequest) -> Reply:
    """Show a record."""
    _, _, collection = _collection(request)
    return json_reply(_record(request, collection))


@row(
    f"PUT {_PATH}/{{key}}",
    {
        200: Answer("replaced", ref("Record")),
        201: Answer("created", ref("Record")),
        507: _FULL,
    },
    body=Body(ref("Record")),
)
def put_record(request: AdminRequest) -> Reply:
    """Store a record; an existing one is replaced.

    Fields that are left out are null. The provider's rules are not checked, but a
    record that the provider could not show is refused.
    """
    world, program, collection = _collection(request)
    key = _key(collection, request.names["key"])
    old = collection.get(key)
    record = {collection.key: key, **request.json}
    sent = record[collection.key]
    if type(sent) is not type(key) or sent != key:  # true and 1.0 are not 1
        raise invalid(
            f"the address names the record {key!r}, and the body another one",
            f"/{collection.key}",
        )
    record = _whole(program, request.names["collection"], record)
    if old is None and world.room.full:
        detail = f"the world {world.id!r} takes no more records"
        raise problem_error(507, "world full", detail, fix="reset it")
    _check(world, program, request.names["collection"], record)
    collection.put(record)
    return json_reply(record, 201 if old is None else 200)


@row(f"DELETE {_PATH}/{{key}}", {204: Answer("deleted")})
def delete_record(request: AdminRequest) -> Reply:
    """Delete a record."""
    _, _, collection = _collection(request)
    collection.delete(_record(request, collection)[collection.key])
    return no_content()


@row(f"DELETE {_PATH}", {204: Answer("deleted")})
def delete_records(request: AdminRequest) -> Reply:
    """Delete all records of a collection."""
    _, _, collection = _collection(request)
    for record in [*collection]:
        collection.delete(record[collection.key])
    return no_content()


def _contains(value: Json, wanted: str) -> bool:
    """Whether *wanted* occurs in a value or in one inside of it, whatever the case."""
    if isinstance(value, dict):
        return any(_contains(item, wanted) for item in value.values())
    if isinstance(value, list):
        return any(_contains(item, wanted) for item in value)
    return value is not None and wanted in str(value).casefold()


def _collection(request: AdminRequest) -> tuple[World, Program, Collection]:
    world, program = world_of(request), program_of(request)
    name = request.names["collection"]
    if name not in program.bases:
        fix = did_you_mean(name[:60], program.bases)
        detail = f"{program.name} has no collection {name[:60]!r}: {fix}"
        raise problem_error(404, "no such collection", detail)
    return world, program, world.collections(program)[name]


def _record(request: AdminRequest, collection: Collection) -> Record:
    text = request.names["key"]
    record = collection.get(_key(collection, text))
    if record is None:
        record = collection.get(text)
    if record is None:
        name = request.names["collection"]
        raise problem_error(
            404, "no such record", f"{name} has no record {text[:60]!r}"
        )
    return record


def _key(collection: Collection, text: str) -> Key:
    """The key that *text* means: a number, unless the records have texts for keys."""
    if collection.get(text) is not None:
        return text
    is_number = text.isascii() and text.isdigit() and str(int(text[:18])) == text
    numbered = next(
        (type(record[collection.key]) is int for record in collection), True
    )
    return int(text) if is_number and numbered else text


def _whole(program: Program, name: str, record: Record) -> Record:
    """*record* with null for what it lacks. Raises `AdminError` for fields there are not."""
    policy = program.collections.get(name)
    known: dict[str, None] = {}
    for other in program.bases[name].records.values():
        known.update(dict.fromkeys(other))
    known.update(dict.fromkeys(sorted(policy.fields if policy else ())))
    wrong = [
        {
            "pointer": f"/{token(field)}",
            "detail": f"records of {name} have no field {field[:60]!r}:"
            f" {did_you_mean(field[:60], known)}",
        }
        for field in record
        if field not in known
    ]
    if wrong and known:
        raise unprocessable(wrong)
    return {**dict.fromkeys(known), **record}


def _check(world: World, program: Program, name: str, record: Record) -> None:
    """Raise `AdminError` for a record that the provider could not show or judge."""
    wrong = [*_misfits(world, program, name, record)]
    if wrong:
        raise unprocessable(wrong)


def _misfits(
    world: World, program: Program, name: str, record: Record
) -> Iterator[Mapping[str, Json]]:
    x = Onlooker(program, world)
    x.caller = record
    policy = program.collections.get(name)
    for view in program.views.values():
        if view.of != name:
            continue
        try:
            shown = view.template.value(x, record)
        except ExpressionFailed as error:
            detail = f"{view.name} cannot show it: {error}"
            yield {"pointer": "", "detail": detail}
            continue
        schema = policy.conforms_to.get(view.name) if policy else None
        for violation in schema.violations(shown) if schema else ():
            where = ".".join(map(str, violation["path"])) or "it"
            yield {
                "pointer": "",
                "detail": f"shown as {view.name}, {where} breaks the rule"
                f" {violation['rule']} ({json.dumps(violation['limit'])})",
            }
    for detail in unfit(x, name, record):
        yield {"pointer": "", "detail": detail}


SCHEMAS: Mapping[str, Schema] = {
    "Record": any_object("One record, with the same fields as in fixtures.")
}
