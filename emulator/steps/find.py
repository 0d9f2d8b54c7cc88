"""Find: does the record exist that the call is about, for this caller?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.changes import owner
from emulator.exchange.exchange import Exchange, Record, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.json_type import Json
from emulator.program.collections import SoftDeletion
from emulator.program.operation import Action, Operation
from emulator.program.program import Program
from emulator.step import Code, Step


def find(exchange: Exchange) -> Refusal | None:
    action = exchange.operation.action
    if action.key is None:
        return None
    key = exchange.key = action.key.value(exchange)
    record = _found(exchange, action, key)
    soft = exchange.program.collections[action.collection].soft
    if soft is not None and action.deleted != "also":
        refusal = _hidden(exchange, soft, action, record)
        if refusal is not None:
            return refusal
    makes = action.creates and type(key) in (str, int)  # else it cannot be a key
    if record is None and makes and exchange.forced != action.missing:
        exchange.note("find", "to be created", {"key": key})
        return None
    if record is None or exchange.forced == action.missing:
        return Refusal(action.missing, {"collection": action.collection, "key": key})
    exchange.record = record
    return None


def _hidden(
    exchange: Exchange, soft: SoftDeletion, action: Action, record: Record | None
) -> Refusal | None:
    """Refuse a call about a softly deleted record, or, in a bin, about any other
    record."""
    code, wanted = soft.refuse or action.missing, action.deleted == "only"
    if record is not None and exchange.forced != code:
        if soft.hides(record) == wanted:
            return None
        code = action.missing if wanted else code
    elif exchange.forced != code:
        return None
    facts = {"collection": action.collection, "key": exchange.key}
    exchange.note("find", "deleted" if not wanted else "not deleted", facts)
    return Refusal(code, facts)


def _found(exchange: Exchange, action: Action, key: Json) -> Record | None:
    """The record, among those that the caller owns and that the action's condition lets by.

    A field other than the key may have one value in many records: of several owners, say.
    """
    collection = exchange.collection(action.collection)
    if action.by:
        records = collection.where({action.by: key})
    else:
        record = collection.get(key)
        records = [] if record is None else [record]
    if not records:
        return None
    if action.scoped:
        equals = owner(exchange, action.collection)
        for field, value in equals.items():
            records = [
                candidate for candidate in records if candidate.get(field) == value
            ]
        if not records:
            exchange.note("find", "of another owner", {"key": key})
            return None
    condition = action.condition
    soft = exchange.program.collections[action.collection].soft
    if soft is not None and len(records) > 1:  # those first that are there
        records = sorted(records, key=soft.hides, reverse=action.deleted == "only")
    if condition is None:
        return records[0]
    for record in records:
        if condition.value(exchange, record):
            return record
    exchange.note("find", "filtered out", {"key": key})
    return None


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if operation.action.kind in ("read", "update", "delete"):
        action = operation.action
        yield action.missing
        policy = program.collections.get(action.collection)
        soft = policy.soft if policy is not None else None
        if soft is not None and soft.refuse and action.deleted == "hide":
            yield soft.refuse


def tell(notes: Notes) -> Words:
    found, entry = notes.operation, notes.entry
    if found is None or found.action.key is None:
        return "no one record is asked for", {}
    where = found.action.collection
    facts = {"collection": where, "key": entry.key}
    if notes.take("to be created") is not None:
        return f"there is no {entry.key!r} in {where}: it is created", facts
    if notes.refusal is None:
        return f"found {entry.key!r} in {where}", facts
    if notes.take("of another owner") is not None:
        return f"{entry.key!r} in {where} belongs to another", facts
    if notes.take("filtered out") is not None:
        return f"{entry.key!r} in {where} is not one of those that are shown", facts
    if notes.take("deleted") is not None:
        return f"{entry.key!r} in {where} is deleted", facts
    if notes.take("not deleted") is not None:
        return f"{entry.key!r} in {where} is not deleted", facts
    return f"there is no {entry.key!r} in {where}", facts


STEP = Step(
    name="find",
    question="does the record exist that the call is about, for this caller?",
    decide=find,
    tell=tell,
    status=404,
    codes={"not_found": Code("no such record", ("collection", "key"))},
    of_spec="what `missing` of an action and `soft_delete` say",
    refusals=refusals,
    acts=lambda _, operation: operation.action.key is not None,
    finds=("record",),
    keys=(
        "operations.{operation}.{action}",
        "collections.{collection}.owned_by",
        "collections.{collection}.soft_delete",
    ),
)
