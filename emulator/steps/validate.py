"""Validate: does the input keep the rules?

All violations are gathered: of parameters, of the body's schema, of references and
unique fields, and of the spec's own rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emulator.changes import frees, owner
from emulator.exchange.exchange import Exchange, Record, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.http.json_patch import same
from emulator.json_type import Json
from emulator.language.operators import OMIT
from emulator.program.bodies import BodyPolicy
from emulator.program.collections import CollectionPolicy, SoftDeletion
from emulator.program.operation import Operation, Query
from emulator.program.program import Program
from emulator.program.schemas import Needs, Schema
from emulator.program.shaping import Shape, UnknownName
from emulator.program.sorting import Sort, UnknownOrder
from emulator.program.thinning import too_wide
from emulator.program.violations import Violation
from emulator.step import Code, Step

_FEW = 20
"""With more values than this, equal ones are looked up once."""
_WIDEST = 10_000
"""The values that one field of a body may hold, whatever its schema says."""


def validate(exchange: Exchange) -> Refusal | None:
    operation = exchange.operation
    if exchange.forced == "invalid_request":
        # What an empty input gets, so that it is a refusal that could come naturally.
        exchange.body = exchange.given = _empty(operation)
    action, violations = operation.action, [*exchange.violations]
    body = None if operation.body is None else exchange.body
    if operation.body is not None:
        of_body = _of_schema(exchange, operation.body)
        violations += of_body
        if of_body and body is None:
            return _refusal(exchange, violations)  # there is no field to judge
    if exchange.patched is not None:
        violations += _of_patched(exchange, exchange.patched)
    if action.query is not None:
        refusal = _of_query(exchange, violations)
        if refusal is not None:
            return refusal
    if action.sort is not None:
        violations += _of_sort(exchange, action.sort)
    if action.shape is not None:
        violations += _of_shape(exchange, action.shape)
    if operation.rules or action.kind in ("create", "update"):
        wrong = _named_by(violations) if violations else set()
        fields = _input(operation, body)
        if exchange.patched is not None:
            fields = _changed(exchange.record or {}, exchange.patched)
        if isinstance(fields, dict):
            violations += _of_records(exchange, fields, wrong)
            if operation.rules:
                violations += _of_rules(exchange, fields, wrong)
    if not violations and exchange.forced == "invalid_request":
        violations = _wished(exchange)
    return _refusal(exchange, violations) if violations else None


def of_schemas(exchange: Exchange) -> Refusal | None:
    """What is wrong with a call by its schemas alone, when an expression failed."""
    violations, policy = [*exchange.violations], exchange.operation.body
    if policy is not None:
        violations += _of_schema(exchange, policy)
    return _refusal(exchange, violations) if violations else None


def _named_by(violations: list[Violation]) -> set[str]:
    """The fields of which something is known to be wrong, by each name that they have."""
    tops = [str(wrong["path"][0]) for wrong in violations if wrong["path"]]
    return {wrong["field"] for wrong in violations}.union(tops)


def _refusal(exchange: Exchange, violations: list[Violation]) -> Refusal:
    """The refusal for these *violations*, in the provider's order."""
    operation = exchange.operation
    if operation.body is not None and len(violations) > 1:
        order = operation.body.order
        violations.sort(
            key=lambda violation: order.get(
                violation["path"][0] if violation["path"] else "", -1
            )
        )
    if operation.wording.one_per_field and len(violations) > 1:
        violations = list(
            {
                violation["field"]: violation for violation in reversed(violations)
            }.values()
        )[::-1]
    facts = {"violations": violations}
    exchange.note("validate", "violated", facts)
    return Refusal("invalid_request", facts)


def _of_patched(exchange: Exchange, patched: Record) -> Iterator[Violation]:
    """What is wrong with a record that has been patched."""
    operation = exchange.operation
    policy = operation.action.patch
    schema = policy.schema if policy is not None else None
    if schema is not None:
        for error in operation.wording.told(schema.violations(patched)):
            yield operation.wording.violation(exchange, "body", error, schema)


def _changed(before: Record, patched: Record) -> Record:
    """The fields that a patch has changed."""
    return {
        name: value
        for name, value in patched.items()
        if name not in before or not same(before[name], value)
    }


def _empty(operation: Operation) -> dict[str, Json]:
    """A body that holds no input."""
    return {} if operation.body is None else operation.body.wrapped({})


def _input(operation: Operation, body: Json) -> Json:
    """The input that *body* holds; None where a wrapper should hold it and does not."""
    if operation.body is not None and operation.body.wrapper and body is not None:
        body = operation.body.input_of(body)
        return body if isinstance(body, dict) else None
    return body if isinstance(body, dict) else {}


def _wished(exchange: Exchange) -> list[Violation]:
    """What is said to be wrong where an empty input is right: the type of a field."""
    operation = exchange.operation
    policy = operation.body
    if policy is not None and policy.properties:
        found = {"path": [next(iter(policy.properties))], "rule": "type"}
        schema = policy.input_schema(exchange.media_type)
        return [operation.wording.violation(exchange, "body", found, schema)]
    for where, parameter in operation.parameters.all():
        if where != "path" and not parameter.tolerance:
            found = {"path": [parameter.name], "rule": "type"}
            schema = operation.parameters.schemas[where]
            return [operation.wording.violation(exchange, where, found, schema)]
    return []


def _of_schema(exchange: Exchange, policy: BodyPolicy) -> list[Violation]:
    """What is wrong with the body by its schema, or that there is none."""
    schema, wording = policy.schema(exchange.media_type), exchange.operation.wording
    if exchange.body is None and not exchange.call.body:
        missing = {"path": [], "rule": "required"}
        wrong = [wording.violation(exchange, "body", missing, schema)]
        return wrong if policy.required else []
    if schema is None:
        return []
    body = exchange.given  # what has a default may be required all the same
    if wording.missing_when and isinstance(body, dict):
        body = _without_missing(body, schema.needs, wording.missing_when)
    wrong = schema.violations(body)
    if not wrong and len(exchange.call.body) > _WIDEST:
        wrong = too_wide(body, _WIDEST)  # each value has taken a byte at least
    if policy.wrapper:
        return [*_of_wrapped(exchange, policy, schema, wrong)]
    if not wrong:
        return wrong
    return [
        wording.violation(exchange, "body", error, schema)
        for error in wording.told(wrong)
    ]


def _of_wrapped(
    exchange: Exchange, policy: BodyPolicy, schema: Schema, wrong: list[dict[str, Json]]
) -> Iterator[Violation]:
    """What is wrong with an input in a wrapper, named as the input names it.

    A wrapper that is missing, or is none, is wrong whatever the schema says.
    """
    wording, inner = (
        exchange.operation.wording,
        policy.input_schema(exchange.media_type),
    )
    at, body = _broken_wrapper(policy, exchange.given)
    if at:
        rule = "required" if body is None else "type"
        outside = [error for error in wrong if error["path"] != [*at]]
        error = {"path": [*at], "rule": rule, "limit": None, "value": body}
        wrong = [*outside, {**error, "limit": "object"} if body is not None else error]
    inside = len(policy.wrapper)
    for error in wording.told(wrong):
        if tuple(error["path"][:inside]) == policy.wrapper and error["path"][inside:]:
            named = {**error, "path": error["path"][inside:]}
            yield wording.violation(exchange, "body", named, inner)
        else:
            yield wording.violation(exchange, "body", error, schema)


def _broken_wrapper(policy: BodyPolicy, body: Json) -> tuple[tuple[str, ...], Json]:
    """The path of the first part of the wrapper that is no object, and what it is."""
    for deep, name in enumerate(policy.wrapper, 1):
        body = body.get(name) if isinstance(body, dict) else None
        if not isinstance(body, dict):
            return policy.wrapper[:deep], body
    return (), body


def _of_query(exchange: Exchange, violations: list[Violation]) -> Refusal | None:
    """Read the query of a list, unless it is known to be wrong.

    What is wrong with it joins the *violations*, or refuses the call by itself.
    """
    query = exchange.operation.action.query
    if query is None or any(
        violation["path"][:1] == [query.field] for violation in violations
    ):
        return None
    value = query.of.value(exchange)
    if exchange.forced == "invalid_query":
        return Refusal("invalid_query", _unread(query, "it cannot be read", value))
    if value is None or value is OMIT:
        return None
    # Few providers have a query language, and a start should not pay for it.
    from emulator.search.dialects import compile_query
    from emulator.search.predicate import BadQuery

    try:
        exchange.predicate = compile_query(query, exchange, value)
    except BadQuery as error:
        if query.refuse == "invalid_query":
            return Refusal("invalid_query", _unread(query, str(error), value))
        operation = exchange.operation
        where = "query" if query.field in operation.parameters.query else "body"
        wrong = {"path": [query.field], "rule": "query", "value": value}
        violations.append(
            operation.wording.violation(
                exchange, where, {**wrong, "limit": str(error)}, None
            )
        )
    return None


def _of_sort(exchange: Exchange, sort: Sort) -> Iterator[Violation]:
    """An order that the caller asks for, and that there is not."""
    if sort.unknown != "violation":
        return
    try:
        sort.chosen(exchange)
    except UnknownOrder as error:
        yield _of_query_word(exchange, sort.field, "sort", str(error))


def _of_shape(exchange: Exchange, shape: Shape) -> Iterator[Violation]:
    """Members and references that the caller asks for, and that there are not."""
    action = exchange.operation.action
    view = exchange.program.views.get(action.view)
    if shape.fields is not None and shape.fields.unknown == "violation":
        try:
            shape.fields.asked(exchange, action.view)
        except UnknownName as error:
            yield _of_query_word(exchange, shape.fields.field, "fields", str(error))
    expand = shape.expand
    if expand is not None and expand.unknown == "violation" and view is not None:
        try:
            expand.asked(exchange, view.name, view.expansions)
        except UnknownName as error:
            yield _of_query_word(exchange, expand.field, "expand", str(error))


def _of_query_word(exchange: Exchange, field: str, rule: str, value: str) -> Violation:
    """A word that a call says in one of its parameters, and that stands for nothing."""
    operation = exchange.operation
    where = "query" if field in operation.parameters.query else "body"
    wrong = {"path": [field], "rule": rule, "value": value}
    return operation.wording.violation(exchange, where, wrong, None)


def _unread(query: Query, why: str, value: Json) -> Record:
    return {"why": why, "parameter": query.field, "value": value}


def _without_missing(
    body: dict[str, Json], needs: Needs, missing: frozenset[str]
) -> dict[str, Json]:
    """*body* without the required fields that count as missing, inside it too."""
    gone = [
        name
        for name in needs.names
        if name in body and _is_missing(body[name], missing)
    ]
    changed: dict[str, Json] = {}
    for name, inner in needs.inside.items():
        value = body.get(name)
        if isinstance(value, dict):
            changed[name] = _without_missing(value, inner, missing)
    if not (gone or changed):  # as nearly always
        return body
    left = {**body, **changed}
    for name in gone:
        left.pop(name, None)
    return left


def _is_missing(value: Json, missing: frozenset[str]) -> bool:
    if value is None:
        return "null" in missing
    if not isinstance(value, str):
        return False
    return ("empty" in missing and not value) or (
        "blank" in missing and not value.strip()
    )


def _of_records(
    exchange: Exchange, fields: dict[str, Json], wrong: set[str]
) -> Iterable[Violation]:
    """References that lead nowhere, and values that must be unique and are not."""
    action = exchange.operation.action
    policy = exchange.program.collections.get(action.collection)
    if policy is None or action.kind not in ("create", "update"):
        return ()
    violations = []
    for reference in policy.references:
        field = reference.field
        value = fields.get(field)
        if value is None or field in wrong:
            continue
        others = exchange.collection(reference.to)
        soft = exchange.program.collections[reference.to].soft
        for item in _different(value) if isinstance(value, list) else (value,):
            known = (
                others.where({reference.by: item}) if reference.by else others.get(item)
            )
            if not known or (soft is not None and _is_gone(soft, known)):
                violations.append(_violation(exchange, field, "reference", item))
                break
    for unique in policy.unique:
        if unique.refuse == "violation" and wrong.isdisjoint(unique.fields):
            taken = _taken(exchange, policy, unique.fields, fields)
            if taken is not None:
                violations.append(_violation(exchange, *taken))
    return violations


def _is_gone(soft: SoftDeletion, known: Record | list[Record]) -> bool:
    """Whether all records that are referred to are softly deleted."""
    return all(map(soft.hides, known if isinstance(known, list) else [known]))


def _different(values: list[Json]) -> Iterable[Json]:
    """Each of *values* once; a few may come again, where comparing costs more."""
    return values if len(values) <= _FEW else _once_each(values)


def _once_each(values: list[Json]) -> Iterator[Json]:
    seen: set[tuple[type, Json]] = set()
    for value in values:
        if isinstance(value, (list, dict)):
            yield value
        elif (type(value), value) not in seen:
            seen.add((type(value), value))
            yield value


def _taken(
    exchange: Exchange,
    policy: CollectionPolicy,
    names: tuple[str, ...],
    fields: dict[str, Json],
) -> tuple[str, str, Json] | None:
    """The first of the fields *names* that is sent, if another record has all of them."""
    sent = next((name for name in names if name in fields), "")
    merged = {**(exchange.record or owner(exchange, policy.name)), **fields}
    values = {name: merged.get(name) for name in names}
    if not sent or None in values.values():
        return None
    for other in exchange.collection(policy.name).where(values):
        if frees(policy, other):
            continue
        if exchange.record is None or other[policy.key] != exchange.record[policy.key]:
            return sent, "unique", values[sent]
    return None


def _of_rules(
    exchange: Exchange, fields: dict[str, Json], wrong: set[str]
) -> Iterator[Violation]:
    operation = exchange.operation
    defaults = operation.body.defaults if operation.body else {}
    # A partial update is judged by the record as it would be.
    merged: Record = {**(exchange.record or defaults), **fields}
    if exchange.patched is not None:
        merged = exchange.patched
    for rule in operation.rules:
        if rule.given and None in map(merged.get, rule.given):
            continue
        if wrong and (rule.field in wrong or not wrong.isdisjoint(rule.fields)):
            continue
        if not rule.check.value(exchange, merged):
            violation: dict[str, Json] = {
                "path": [rule.field] if rule.field else [],
                "rule": rule.name,
            }
            if rule.message is not None:
                violation["message"] = rule.message
            violation["value"] = merged.get(rule.field)
            yield operation.wording.violation(exchange, "body", violation, None)


def _violation(exchange: Exchange, field: str, rule: str, value: Json) -> Violation:
    operation = exchange.operation
    policy = operation.body
    schema = policy.input_schema(exchange.media_type) if policy else None
    violation = {"path": [field], "rule": rule, "value": value}
    return operation.wording.violation(exchange, "body", violation, schema)


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    """Parameters and bodies have schemas; records have references and unique fields."""
    parameters, action = operation.parameters.all(), operation.action
    policy = program.collections.get(action.collection)
    writes = action.kind in ("create", "update")
    if action.query is not None and action.query.refuse != "violation":
        yield action.query.refuse
    if (
        operation.body is not None
        or any(
            place != "path" and not parameter.tolerance
            for place, parameter in parameters
        )
        or operation.rules
        or (action.query and action.query.refuse == "violation")
        or (action.sort and action.sort.unknown == "violation")
        or (action.shape and action.shape.refuses)
        or (writes and policy and (policy.references or policy.unique))
    ):
        yield "invalid_request"


def tell(notes: Notes) -> Words:
    notes.take("violated")
    if notes.refusal is None:
        return "keeps the rules", {}
    if notes.refusal == "invalid_query":
        return f"the query is wrong: {notes.facts.get('why')}", dict(notes.facts)
    return notes.violations(notes.facts.get("violations", []))


STEP = Step(
    name="validate",
    question="does the input keep the rules?",
    decide=validate,
    by_schema=of_schemas,
    tell=tell,
    status=422,
    codes={
        "invalid_request": Code("the input is invalid", ("violations",)),
        "invalid_query": Code(
            "the query of a list cannot be read", ("why", "parameter", "value"), 400
        ),
    },
    refusals=refusals,
    acts=lambda _, operation: any(at != "path" for at, _ in operation.parameters.all()),
    keys=(
        "errors.violations",
        "operations.{operation}.input",
        "operations.{operation}.rules",
        "operations.{operation}.violations",
        "operations.{operation}.list.query",
        "operations.{operation}.list.sort",
        "collections.{collection}.rules",
        "collections.{collection}.references",
        "collections.{collection}.unique",
    ),
)
