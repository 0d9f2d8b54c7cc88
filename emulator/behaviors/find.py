"""Find: does the record exist that the call is about, for this caller?

Reads: operation.action, path, query, body, world
Refuses: not_found (collection, key), or what `missing` of an action says
"""

from __future__ import annotations

from emulator.exchange import Exchange, Refusal


def find(exchange: Exchange) -> Refusal | None:
    action = exchange.operation.action
    if action.key is None:
        return None
    key = exchange.key = action.key.value(exchange)
    collection = exchange.collection(action.collection)
    by = action.by
    record = collection.first(by, key) if by else collection.get(key)
    if record is not None and action.scoped:
        for field, value in exchange.owner(action.collection).items():
            if record.get(field) != value:
                exchange.note("find", "of another owner", {"key": key})
                record = None
                break
    condition = action.condition
    if condition and record and not condition.value(exchange, record):
        exchange.note("find", "filtered out", {"key": key})
        record = None
    if record is None or exchange.forces(action.missing):
        return Refusal(action.missing, {"collection": action.collection, "key": key})
    exchange.record = record
    return None
