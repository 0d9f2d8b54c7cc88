"""Changes: what may become of the records of a world, whichever step changes them.

An operation's own action and its effects create records in the same way: with a key,
an owner, and what the collection says of them; what must not be is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.exchange.exchange import Exchange, Record, Refusal
from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed
from emulator.language.operators import OMIT
from emulator.language.scope import Names
from emulator.language.templates import Template
from emulator.program.collections import CollectionPolicy
from emulator.program.operation import RecordLimit
from emulator.program.violations import Violation
from emulator.world.collection import Collection
from emulator.world.references import Deletion

_DRAWS = 100
"""So often a key is drawn again that is another record's."""


def owner(exchange: Exchange, collection: str) -> Record:
    """The fields that a record of *collection* must have for this caller to see it."""
    policy = exchange.program.collections.get(collection)
    if policy is None or not policy.owned_by:
        return {}
    return {name: field.value(exchange) for name, field in policy.owned_by.items()}


def replace(collection: Collection, before: Record, record: Record) -> None:
    """Store *record* in the place of *before*, or under a key of its own."""
    key = collection.key
    if record[key] != before[key]:
        collection.delete(before[key])
    collection.put(record)


def delete(exchange: Exchange, name: str, record: Record) -> Refusal | None:
    """Delete *record* of the collection *name*, with all that goes with it.

    Refused where a record that stays holds on to one that goes; nothing changes then.
    """
    program = exchange.program
    soft = {
        each: {policy.soft.field: policy.soft.value.value(exchange)}
        for each, policy in program.collections.items()
        if policy.soft is not None
    }
    for each, fields in soft.items():
        if None in fields.values():
            at = program.collections[each].soft
            raise ExpressionFailed(
                at.value.at if at else program.collections[each].on_update.at,
                ValueError("null says that a record is not deleted"),
            )
    references = program.references
    deletion = Deletion(name, record, references, exchange.collection, soft)
    if deletion.held_by:
        return Refusal("still_referenced", {"collection": deletion.held_by})
    deletion.apply()
    return None


def made(
    exchange: Exchange,
    policy: CollectionPolicy,
    given: Record,
    values: Template | None,
    key: Json = None,
) -> Record:
    """A new record of what is *given*, with a key, an owner and what it is set to.

    The *key* is that of the call, where it has one.
    """
    record: Record = {policy.key: None, **given}
    record |= owner(exchange, policy.name)
    if key is not None:
        record[policy.key] = key
    elif not (policy.given and record[policy.key] is not None):
        record[policy.key] = new_key(exchange, policy)
    machine = policy.machine
    if machine is not None and not (machine.free and record.get(machine.field)):
        record[machine.field] = machine.start
    record = with_values(exchange, record, policy.on_create)
    if values is not None:
        record = with_values(exchange, record, values)
    key = record[policy.key]
    if type(key) not in (str, int):
        at = (values or policy.on_create).at
        raise ExpressionFailed(at, ValueError(f"{key!r} cannot be a record's key"))
    if machine is not None and not machine.free:
        state = record.get(machine.field)
        if state not in machine.states:
            at = (values or policy.on_create).at
            reason = f"{state!r} is no state of the records of {policy.name}"
            raise ExpressionFailed(at, ValueError(reason))
    return record


def with_values(exchange: Names, record: Record, values: Template) -> Record:
    """*record* with the fields that *values* sets; a field whose value is `omit` is
    removed."""
    members = values.members(exchange, record)
    record.update(members)
    if OMIT in members.values():
        for name, value in members.items():
            if value is OMIT:
                del record[name]
    return record


def new_key(exchange: Exchange, policy: CollectionPolicy) -> Json:
    """A key for a new record, as `ids` of the collection says."""
    collection = exchange.collection(policy.name)
    template = policy.id_template
    if template is None:
        if policy.ids == "uuid":
            return exchange.world.chance.uuid()
        return collection.next_key()
    key = template.value(exchange)
    if template.uses.fresh:
        for _ in range(_DRAWS):
            if collection.get(key) is None:
                return key
            key = template.value(exchange)
        if not policy.draws:
            return key  # the call says it, and is refused
        raise ExpressionFailed(
            template.at, ValueError(f"{_DRAWS} keys were drawn, and all are taken")
        )
    return key


def taken_key(
    exchange: Exchange,
    policy: CollectionPolicy,
    before: Record | None,
    record: Record,
    clashes: bool,
) -> Refusal | None:
    """Refuse a record with the key of another; `unique` of the key says how."""
    if not clashes:
        return None
    code = next(
        (rule.refuse for rule in policy.unique if rule.fields == (policy.key,)),
        "conflict",
    )
    key = record[policy.key]
    stays = before is not None and before[policy.key] == key
    taken = not stays and exchange.collection(policy.name).get(key) is not None
    if not taken and exchange.forced != code:
        return None
    if code == "violation":
        violation = {"path": [policy.key], "rule": "unique", "value": key}
        return violated(worded(exchange, violation))
    return Refusal(code, {"field": policy.key, "value": key})


def conflict(
    exchange: Exchange,
    policy: CollectionPolicy,
    before: Record | None,
    record: Record,
) -> Refusal | None:
    """Refuse values that are to be unique, and that another record has."""
    for unique in policy.unique:
        values = {field: record.get(field) for field in unique.fields}
        others = [
            other
            for other in exchange.collection(policy.name).where(values)
            if (before is None or other[policy.key] != before[policy.key])
            and not frees(policy, other)
        ]
        taken = others and None not in values.values()
        if taken or exchange.forced == unique.refuse:
            field = _named(exchange, unique.fields)
            if unique.refuse == "violation":  # of what `set` or an effect has given
                violation = {"path": [field], "rule": "unique", "value": values[field]}
                return violated(worded(exchange, violation))
            return Refusal(unique.refuse, {"field": field, "value": values[field]})
    return None


def _named(exchange: Exchange, fields: tuple[str, ...]) -> str:
    """That of *fields* which a caller is told of: the first that calls can send."""
    body = exchange.operation.body
    sent = (name for name in fields if body is not None and name in body.properties)
    return next(sent, fields[0])


def frees(policy: CollectionPolicy, record: Record) -> bool:
    """Whether *record* is deleted, and what is unique of it may be another's."""
    soft = policy.soft
    return soft is not None and not soft.unique and soft.hides(record)


def too_many(
    exchange: Exchange,
    limit: RecordLimit | None,
    before: Record | None,
    record: Record,
) -> Refusal | None:
    """Refuse a change that makes one record more match a limit that is reached."""
    if limit is None:
        return None
    one_more = _matches(record, limit.where) and not (
        before is not None and _matches(before, limit.where)
    )
    forced = exchange.forced == limit.refuse
    if not (one_more or forced):
        return None
    at_most = limit.at_most.amount(exchange)
    if at_most is None and not forced:
        return None  # and nothing is counted: there may be very many
    equals = {**owner(exchange, limit.collection), **limit.where}
    soft = exchange.program.collections[limit.collection].soft
    if soft is not None:
        equals[soft.field] = None
    count = exchange.collection(limit.collection).count(equals)
    if forced or (at_most is not None and count >= at_most):
        return Refusal(limit.refuse, {"at_most": at_most, "count": count})
    return None


def _matches(record: Record, where: Mapping[str, Json]) -> bool:
    return all(record.get(field) == value for field, value in where.items())


def worded(exchange: Exchange, found: Mapping[str, Json]) -> list[Violation]:
    operation = exchange.addressed.operation
    if operation is None:  # an effect of every call, also of those that lead nowhere
        return []
    return [operation.wording.violation(exchange, "body", found, None)]


def violated(found: list[Violation]) -> Refusal:
    return Refusal("invalid_request", {"violations": found})
