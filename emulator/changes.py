"""Changes: what may become of the records of a world, whoever brings it about.

An operation's own action and its effects create records in the same way: with a key,
an owner, and what the collection says of them; what must not be is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from emulator.exchange import Exchange, Json, Record, Refusal
from emulator.language.expressions import OMIT
from emulator.language.failures import ExpressionFailed
from emulator.language.templates import Template
from emulator.program.collections import CollectionPolicy
from emulator.program.operation import Effect, RecordLimit, Rule
from emulator.program.violations import Violation
from emulator.world.collection import Collection

_DRAWS = 100
"""So often a key is drawn again that is another record's."""


def bring_about(exchange: Exchange, effects: Iterable[Effect]) -> Refusal | None:
    """Change the records that *effects* name, or say why one cannot be created."""
    for effect in effects:
        if effect.each is None:
            refusal = _bring_about(exchange, effect)
            if refusal is not None:
                return refusal
            continue
        for item in effect.each.value(exchange) or ():
            exchange.it = item
            refusal = _bring_about(exchange, effect)
            if refusal is not None:
                return refusal
    return None


def _bring_about(exchange: Exchange, effect: Effect) -> Refusal | None:
    if effect.when is not None and not effect.when.value(exchange):
        return None
    collection = exchange.collection(effect.collection)
    if effect.kind == "create":
        return _create(exchange, effect)
    found = collection.get(effect.key.value(exchange)) if effect.key else None
    if found is None:
        return None
    if effect.kind == "delete":
        collection.delete(found[collection.key])
        return None
    changed = with_values(exchange, dict(found), effect.values)
    policy = exchange.program.collections[effect.collection]
    if effect.clashes:
        refusal = taken_key(exchange, policy, found, changed, effect.clashes)
        if refusal is not None:
            return refusal
    replace(collection, found, changed)
    return None


def can_refuse(exchange: Exchange, effects: Iterable[Effect]) -> bool:
    """Whether one of *effects* may be refused, so that others must be undone."""
    policies = exchange.program.collections
    return any(
        one.clashes or one.rules or one.limit or policies[one.collection].unique
        for one in effects
        if one.kind != "delete"
    )


def replace(collection: Collection, before: Record, record: Record) -> None:
    """Store *record* in the place of *before*, or under a key of its own."""
    key = collection.key
    if record[key] != before[key]:
        collection.delete(before[key])
    collection.put(record)


def _create(exchange: Exchange, effect: Effect) -> Refusal | None:
    policy = exchange.program.collections[effect.collection]
    record = made(exchange, policy, {}, effect.values)
    refusal = (
        _broken_rule(exchange, effect.rules, record)
        or too_many(exchange, effect.limit, None, record)
        or taken_key(exchange, policy, None, record, effect.clashes)
        or conflict(exchange, policy, None, record)
    )
    if refusal is None:
        exchange.collection(policy.name).put(record)
    return refusal


def made(
    exchange: Exchange, policy: CollectionPolicy, given: Record, values: Template | None
) -> Record:
    """A new record of what is *given*, with a key, an owner and what it is set to."""
    record: Record = {policy.key: None, **given}
    record |= exchange.owner(policy.name)
    if not (policy.given and record[policy.key] is not None):
        record[policy.key] = _new_key(exchange, policy)
    record = with_values(exchange, record, policy.on_create)
    if values is not None:
        record = with_values(exchange, record, values)
    key = record[policy.key]
    if type(key) not in (str, int):
        at = (values or policy.on_create).at
        raise ExpressionFailed(at, ValueError(f"{key!r} cannot be a record's key"))
    return record


def with_values(exchange: Exchange, record: Record, values: Template) -> Record:
    """*record* with the fields that *values* sets; one that is `omit` is taken out."""
    for name, value in values.members(exchange, record).items():
        if value is OMIT:
            record.pop(name, None)
        else:
            record[name] = value
    return record


def _new_key(exchange: Exchange, policy: CollectionPolicy) -> Json:
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
        (one.refuse for one in policy.unique if one.fields == (policy.key,)), "conflict"
    )
    key = record[policy.key]
    stays = before is not None and before[policy.key] == key
    taken = not stays and exchange.collection(policy.name).get(key) is not None
    if not taken and exchange.forced != code:
        return None
    if code == "violation":
        found = {"path": [policy.key], "rule": "unique", "value": key}
        return _violated(_worded(exchange, found))
    return Refusal(code, {"field": policy.key, "value": key})


def conflict(
    exchange: Exchange,
    policy: CollectionPolicy,
    before: Record | None,
    record: Record,
) -> Refusal | None:
    """Refuse values that are to be unique, and that another record has."""
    for unique in policy.unique:
        if unique.refuse == "violation":
            continue
        values = {field: record.get(field) for field in unique.fields}
        others = [
            one
            for one in exchange.collection(policy.name).where(values)
            if before is None or one[policy.key] != before[policy.key]
        ]
        taken = others and None not in values.values()
        if taken or exchange.forced == unique.refuse:
            field = unique.fields[0]
            return Refusal(unique.refuse, {"field": field, "value": values[field]})
    return None


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
    owner = exchange.owner(limit.collection)
    count = exchange.collection(limit.collection).count({**owner, **limit.where})
    if forced or (at_most is not None and count >= at_most):
        return Refusal(limit.refuse, {"at_most": at_most, "count": count})
    return None


def _matches(record: Record, where: Mapping[str, Json]) -> bool:
    return all(record.get(field) == value for field, value in where.items())


def _broken_rule(
    exchange: Exchange, rules: Iterable[Rule], record: Record
) -> Refusal | None:
    """Refuse a record that an effect creates and that breaks a rule of its collection."""
    broken = [*_broken(exchange, rules, record)]
    return _violated(broken) if broken else None


def _broken(
    exchange: Exchange, rules: Iterable[Rule], record: Record
) -> Iterator[Violation]:
    for rule in rules:
        if any(record.get(name) is None for name in rule.given):
            continue
        if not rule.check.value(exchange, record):
            path = [rule.field] if rule.field else []
            found = {"path": path, "rule": rule.name, "value": record.get(rule.field)}
            if rule.message is not None:
                found["message"] = rule.message
            yield from _worded(exchange, found)


def _worded(exchange: Exchange, found: Mapping[str, Json]) -> list[Violation]:
    operation = exchange.addressed.operation
    if operation is None:  # an effect of every call, also of those that lead nowhere
        return []
    return [operation.wording.violation(exchange, "body", found, None)]


def _violated(found: list[Violation]) -> Refusal:
    return Refusal("invalid_request", {"violations": found})


class Undo:
    """The records of a provider as they were, in case a change is refused half way."""

    def __init__(self, exchange: Exchange) -> None:
        self._kept = [
            (collection, collection.kept())
            for collection in map(exchange.collection, exchange.program.bases)
        ]

    def __call__(self) -> None:
        for collection, kept in self._kept:
            if collection.version != kept.version:
                collection.restore(kept)
