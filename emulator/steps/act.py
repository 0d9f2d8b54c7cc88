"""Act: what does the call do to the world?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from emulator.changes import (
    conflict,
    delete,
    made,
    owner,
    replace,
    taken_key,
    too_many,
    with_values,
)
from emulator.exchange.exchange import Exchange, Record, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.json_type import Json
from emulator.language.operators import OMIT
from emulator.moves import move
from emulator.program.collections import CollectionPolicy
from emulator.program.operation import Action, Operation, Search
from emulator.program.program import Program
from emulator.program.sorting import UnknownOrder
from emulator.requirements import unmet
from emulator.step import Code, Step
from emulator.uploads import keep_files
from emulator.world.ordering import Order, in_order, value_at
from emulator.world.references import restricting

if TYPE_CHECKING:  # what searches no records that way does not import it
    from emulator.search.predicate import Predicate


def act(exchange: Exchange) -> Refusal | None:
    operation = exchange.operation
    if exchange.forced is not None:
        fault = operation.errors.get(exchange.forced)
        if fault is not None and fault.fault and fault.step == "act":
            return Refusal(fault.code)
    refusal = unmet(exchange, "act") if operation.requires else None
    if refusal is not None:
        return refusal
    return _ACTIONS[operation.action.kind](exchange)


def _reply(_: Exchange) -> Refusal | None:
    return None


def _list(exchange: Exchange) -> Refusal | None:
    action = exchange.operation.action
    collection = exchange.collection(action.collection)
    equals: Record = owner(exchange, action.collection) if action.scoped else {}
    tests: list[tuple[str, str, Json]] = []
    for one in action.filters:
        operand = one.operand.value(exchange)
        if operand is None or operand is OMIT:
            continue
        # What an owner's records must equal, a filter never replaces.
        plain = one.operator == "equals" and "." not in one.field
        if plain and one.field not in equals:
            equals[one.field] = operand
        else:
            tests.append((one.field, one.operator, operand))
    soft = exchange.program.collections[action.collection].soft
    if soft is not None:
        _leave_out(soft.field, action.deleted, equals, tests)
    text = _searched(exchange, action)
    order = exchange.ordered = _order(exchange, action)
    predicate, by_index = exchange.predicate, not (tests or text)
    if by_index and predicate is None and action.condition is None and action.page:
        exchange.results = exchange.matched = collection.listed(equals, order)
        return None

    def selected(records: Sequence[Record]) -> Sequence[Record]:
        return _selected(records, tests, action.search, text, predicate)

    if action.condition is not None:
        # It may draw from the world's chance: it sees the records as they came.
        condition, matches = action.condition, selected(collection.where(equals))
        matches = [
            matching for matching in matches if condition.value(exchange, matching)
        ]
        exchange.results = exchange.matched = in_order(matches, order)
        return None
    if predicate is not None and predicate.text is None:
        # It asks for more than the collection, whose changes are all that is noticed.
        exchange.results = exchange.matched = selected(collection.listed(equals, order))
        return None
    query = (
        exchange.operation.id,
        repr(equals),
        repr(tests),
        text,
        predicate.text if predicate else None,
        order,
    )
    exchange.results = exchange.matched = collection.remembered(
        query, lambda: [*selected(collection.listed(equals, order))]
    )
    return None


def _leave_out(
    field: str, deleted: str, equals: Record, tests: list[tuple[str, str, Json]]
) -> None:
    """Leave out softly deleted records, or, where only those are wanted, all others."""
    if deleted == "also":
        return
    if deleted == "only":
        tests.append((field, "not", None))
        return
    if field in equals:  # it asks for deleted ones, which are not shown
        tests.append((field, "equals", equals[field]))
    equals[field] = None


def _selected(
    records: Sequence[Record],
    tests: Iterable[tuple[str, str, Json]],
    search: Search | None,
    text: str,
    predicate: Predicate | None,
) -> Sequence[Record]:
    """Those of *records* that pass what no index knows."""
    for field, operator, operand in tests:
        test = _TESTS[operator]
        records = [
            record for record in records if test(value_at(record, field), operand)
        ]
    if text:
        fields = search.fields if search else ()
        records = [record for record in records if _has(record, fields, text)]
    if predicate is not None:
        records = [record for record in records if predicate.test(record)]
    return records


def _searched(exchange: Exchange, action: Action) -> str:
    text = action.search.text.value(exchange) if action.search else None
    return "" if text is None else str(text).casefold()


def _has(record: Record, fields: tuple[str, ...], text: str) -> bool:
    return any(
        text in str(value_at(record, field) or "").casefold() for field in fields
    )


def _order(exchange: Exchange, action: Action) -> Order:
    order: Order | None = None
    if action.sort is not None:
        with suppress(UnknownOrder):
            order = action.sort.chosen(exchange)
    if order is None:
        policy = exchange.program.collections.get(action.collection)
        return policy.order if policy else ()
    return order


def _create(exchange: Exchange) -> Refusal | None:
    action = exchange.operation.action
    policy = exchange.program.collections[action.collection]
    given = exchange.patched
    if given is None:
        given = _input(exchange, whole=True, drops=policy.drops_unsent)
    record = made(exchange, policy, given, action.values, exchange.key)
    refusal = (
        too_many(exchange, exchange.operation.limit, None, record)
        or taken_key(exchange, policy, None, record, action.clashes)
        or conflict(exchange, policy, None, record)
    )
    if refusal is not None:
        return refusal
    if policy.files:
        keep_files(exchange, policy, record, None)
    exchange.collection(policy.name).put(record)
    exchange.record = record
    exchange.note("act", "created", {"in": policy.name, "key": record[policy.key]})
    return None


def _input(exchange: Exchange, *, whole: bool, drops: bool = False) -> Record:
    """The fields that the body sets; a *whole* record gets defaults and nulls too.

    It gets no nulls where the collection *drops* what is not sent.
    """
    policy = exchange.operation.body
    body = exchange.body
    if policy is not None and policy.wrapper:
        body = policy.input_of(body)
    if not isinstance(body, dict):
        body = {}
    if policy is None or not policy.properties:
        return dict(body)
    if not whole:
        return {name: body[name] for name in policy.settable if name in body}
    if not body.keys() <= policy.settable.keys():
        body = {name: body[name] for name in body if name in policy.settable}
    return {**(policy.defaults if drops else policy.unsent), **body}


def _update(exchange: Exchange) -> Refusal | None:
    operation = exchange.operation
    policy = exchange.program.collections[operation.action.collection]
    if exchange.record is None and operation.action.creates:
        return _create(exchange)
    before = exchange.before = exchange.record or {}
    whole, drops = operation.action.whole, policy.drops_unsent
    given = _input(exchange, whole=whole, drops=drops)
    record = {**before, **given}
    if whole and operation.body is not None and operation.body.properties:
        settable = operation.body.settable
        left = {name: before[name] for name in before if name not in settable}
        record = {**(left if drops else before), **given, **left}
    if exchange.patched is not None:
        record = dict(exchange.patched)
    if operation.action.scoped:
        record |= owner(exchange, policy.name)
    if not policy.given or record.get(policy.key) is None:
        record[policy.key] = before[policy.key]
    record = with_values(exchange, record, policy.on_update)
    if operation.action.values is not None:
        record = with_values(exchange, record, operation.action.values)
    refusal = (
        move(exchange, policy, before, record, operation.action.moves)
        or too_many(exchange, operation.limit, before, record)
        or taken_key(exchange, policy, before, record, operation.action.clashes)
        or conflict(exchange, policy, before, record)
    )
    if refusal is not None:
        return refusal
    if policy.files:
        keep_files(exchange, policy, record, before)
    replace(exchange.collection(policy.name), before, record)
    exchange.record = record
    exchange.note("act", "updated", {"in": policy.name, "key": record[policy.key]})
    return None


def _delete(exchange: Exchange) -> Refusal | None:
    action = exchange.operation.action
    record = exchange.before = exchange.record or {}
    key = record[exchange.collection(action.collection).key]
    if exchange.forced == "still_referenced":
        for name in restricting(action.collection, exchange.program.references):
            return Refusal("still_referenced", {"collection": name})
    refusal = delete(exchange, action.collection, record)
    if refusal is not None:
        return refusal
    exchange.note("act", "deleted", {"from": action.collection, "key": key})
    return None


def _contains(value: Json, operand: Json) -> bool:
    return str(operand).casefold() in str(value or "").casefold()


def _starts_with(value: Json, operand: Json) -> bool:
    return str(value or "").casefold().startswith(str(operand).casefold())


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Json, Json], bool]:
    def test(value: Json, operand: Json) -> bool:
        if value is None or type(value) is not type(operand):
            numbers = (int, float)
            if not (isinstance(value, numbers) and isinstance(operand, numbers)):
                return False
        return compare(value, operand)

    return test


_TESTS: Mapping[str, Callable[[Json, Json], bool]] = {
    "equals": lambda value, operand: value == operand,
    "not": lambda value, operand: value != operand,
    "in": lambda value, operand: value in _many(operand),
    "has": lambda value, operand: operand in _many(value),
    "has_all": lambda value, operand: all(o in _many(value) for o in _many(operand)),
    "contains": _contains,
    "starts_with": _starts_with,
    "at_least": _ordered(lambda value, operand: value >= operand),
    "at_most": _ordered(lambda value, operand: value <= operand),
    "above": _ordered(lambda value, operand: value > operand),
    "below": _ordered(lambda value, operand: value < operand),
}


def _many(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _read(_: Exchange) -> Refusal | None:
    return None


_ACTIONS: Mapping[str, Callable[[Exchange], Refusal | None]] = {
    "reply": _reply,
    "list": _list,
    "read": _read,
    "create": _create,
    "update": _update,
    "delete": _delete,
}


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    for requirement in operation.requires:
        if requirement.step == "act":
            yield requirement.refuse
    if operation.limit is not None:
        yield operation.limit.refuse
    action = operation.action
    policy = program.collections.get(action.collection)
    if policy is not None and action.kind in ("create", "update"):
        yield from _of_likeness(policy, action.clashes)
        if action.kind == "update":
            yield from _of_states(policy, action.moves)
    for effect in operation.effects:
        if effect.rules:
            yield "invalid_request"
        if effect.limit is not None:
            yield effect.limit.refuse
        if effect.kind == "create" or effect.clashes:
            policy = program.collections.get(effect.collection)
            if policy is not None:  # else its name is a mistake, which is told
                yield from _of_likeness(policy, effect.clashes)
        if effect.kind == "delete" and any(
            restricting(effect.collection, program.references)
        ):
            yield "still_referenced"
        if effect.kind == "update":
            yield from _of_states(
                program.collections.get(effect.collection), effect.moves
            )
    if action.kind == "delete" and any(
        restricting(action.collection, program.references)
    ):
        yield "still_referenced"


def _of_likeness(policy: CollectionPolicy, clashes: bool) -> Iterator[str]:
    """What a record is refused with that is too much like another."""
    codes = {unique.fields: unique.refuse for unique in policy.unique}
    if clashes:
        code = codes.pop((policy.key,), "conflict")
        yield "invalid_request" if code == "violation" else code
    yield from (code for code in codes.values() if code != "violation")


def _of_states(
    policy: CollectionPolicy | None, moves: tuple[str, ...]
) -> Iterator[str]:
    """What a record is refused with that cannot make a move from its state."""
    machine = policy.machine if policy is not None else None
    if machine is not None and (moves or not machine.free):
        yield machine.refuse


def tell(notes: Notes) -> Words:
    code, facts = notes.refusal, dict(notes.facts)
    if code is not None:
        if "count" in facts:
            return f"there are {facts['count']} of at most {facts['at_most']}", facts
        if "field" in facts and "value" in facts:
            return f"another has the same {facts['field']}: {facts['value']!r}", facts
        if "allowed" in facts and "state" in facts:
            return f"no move {facts['move']!r} from {facts['state']!r}", facts
        if "collection" in facts:
            return f"records of {facts['collection']} refer to it", facts
        return "a condition of this operation does not hold", facts
    for done, preposition in _DONE.items():
        note = notes.take(done)
        if note is not None:
            words = f"{done} {note['key']!r} {preposition} {note[preposition]}"
            return words, {"collection": note[preposition], "key": note["key"]}
    action = notes.operation.action if notes.operation else None
    if action is not None and action.kind == "list":
        matched, where = notes.entry.matched, action.collection
        facts = {"collection": where, "matched": matched}
        return f"{matched} records of {where} match", facts
    return "nothing is changed", {}


_DONE = {"created": "in", "updated": "in", "deleted": "from"}


STEP = Step(
    name="act",
    question="what does the call do to the world?",
    decide=act,
    tell=tell,
    status=409,
    codes={
        "conflict": Code(
            "another record has this value, or this key", ("field", "value")
        ),
        "still_referenced": Code("other records refer to the record", ("collection",)),
        "wrong_state": Code(
            "no move leads there from the state of the record",
            ("state", "move", "allowed"),
        ),
        "limit_reached": Code("the limit of records is reached", ("at_most", "count")),
    },
    families={"": Code("of the provider's own")},
    of_spec="what `limit`, `unique` and `requires` say, a fault of the provider's that enters here",
    refusals=refusals,
    acts=lambda _, operation: (
        operation.action.kind not in ("reply", "read") or bool(operation.effects)
    ),
    finds=("before", "matched", "results", "items", "item"),
    keys=(
        "operations.{operation}.{action}",
        "operations.{operation}.effects",
        "collections.{collection}.owned_by",
        "collections.{collection}.key",
        "collections.{collection}.ids",
        "collections.{collection}.unsent",
        "collections.{collection}.max_records",
        "collections.{collection}.on_create",
        "collections.{collection}.on_update",
        "collections.{collection}.states",
        "collections.{collection}.soft_delete",
        "collections.{collection}.files",
        "collections.{collection}.completes",
        "collections.{collection}.order",
        "fixtures.times.{collection}",
    ),
)
