"""Seeds: the records that an API had before the first call of an archive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from emulator.json_type import Json
from emulator.traffic.observing import Observed, read_as
from emulator.traffic.recorded import Recorded
from emulator.traffic.shapes import alike

_MOST = 2_000


def records_of(
    observed: list[Observed],
    path: str,
    item_path: str,
    key: str,
    places: Mapping[str, str] = MappingProxyType({}),
) -> list[dict[str, Json]]:
    """The records of the list at *path*, merged by *key*, as they were at first.

    They have what the path says of those that they are below: *places* has the field of
    each of its parameters.

    What a call of one record shows counts where lists show it otherwise. What a call
    created was not there before; what was changed is as it was read before that, if it was.
    """
    of_list, of_item = plain(path), plain(item_path)
    calls = [
        (call, above, operation)
        for operation in observed
        if plain(operation.template.path) in (of_list, of_item)
        for call, above in _placed(operation, places)
        if call.succeeded and call.reply.kind == "json"
    ]
    order = {id(call): at for at, call in enumerate(_in_order(observed))}
    calls.sort(key=lambda found: order[id(found[0])])
    found: dict[str, dict[str, Json]] = {}
    created: set[str] = set()
    changed: set[str] = set()
    for call, above, one in calls:
        is_list = plain(one.template.path) == of_list
        for record in records_in(call.reply.value, key):
            name = str(record[key])
            if call.method == "POST" and is_list:
                created.add(name)
            if name in created or (name in changed and name in found):
                continue
            if call.method in ("PUT", "PATCH", "POST"):
                changed.add(name)
            known = found.setdefault(name, {})
            for member, value in (*record.items(), *above.items()):
                if member not in known or not (is_list or alike(value, known[member])):
                    known[member] = value  # a list may show less of it, or otherwise
        if len(found) >= _MOST:
            break
    records = [record for name, record in found.items() if name not in created]
    if records:
        # What was only changed or removed was there too: it is taken to be like others.
        there = {str(record[key]) for record in records}
        for name in _touched(observed, of_item):
            if name not in there and name not in created:
                is_number = isinstance(records[0][key], int) and name.isdecimal()
                records.append({**records[0], key: int(name) if is_number else name})
                there.add(name)
    return records


def _touched(observed: list[Observed], of_item: str) -> Iterator[str]:
    """The keys with which something was done to a record, with success."""
    for operation in observed:
        if plain(operation.template.path) == of_item and operation.template.names:
            for call, values in zip(operation.calls, operation.values, strict=True):
                if call.succeeded:
                    yield values[operation.template.names[-1]]


def _in_order(observed: list[Observed]) -> Iterator[Recorded]:
    """All calls as they were made."""

    def number(call: Recorded) -> tuple[str, int]:
        file, _, entry = call.place.rpartition(", entry ")
        return file, int(entry)

    yield from sorted(
        (call for operation in observed for call in operation.calls), key=number
    )


def _placed(
    one: Observed, places: Mapping[str, str]
) -> Iterator[tuple[Recorded, dict[str, Json]]]:
    """The calls of an operation, each with the fields that its path says: `places`."""
    kinds = {name: one.kind_of(name) for name in one.template.names if name in places}
    for call, values in zip(one.calls, one.values, strict=True):
        yield (
            call,
            {places[name]: read_as(kind, values[name]) for name, kind in kinds.items()},
        )


def plain(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def records_in(value: Json, key: str, depth: int = 4) -> Iterator[dict[str, Json]]:
    """The objects in *value* that have *key*, and are in no other one that has."""
    if not depth:
        return
    if isinstance(value, list):
        for item in value:
            yield from records_in(item, key, depth - 1)
    elif isinstance(value, dict):
        if isinstance(value.get(key), (str, int)) and not isinstance(value[key], bool):
            yield value
        else:
            for member in value.values():
                yield from records_in(member, key, depth - 1)
