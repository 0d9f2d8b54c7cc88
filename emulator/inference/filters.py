"""Filters: the query parameters that choose among the records of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.inference.collections import Records, records_of
from emulator.inference.draft import HIGH, LOW, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.inference.names import member_like, reading, snake
from emulator.inference.resources import Resource
from emulator.inference.shapes import Shape
from emulator.spec.description import OperationDoc, Parameter

Json = Any
KIND = Kind(
    "filters",
    "query parameters of a list that are called like a member of its records, or like one with"
    " `min_`, `max_`, `_after`, `_before`, ...; `q` and `search`",
    "`list.where` and `list.search`",
)
_SCALARS = {"string", "integer", "number", "boolean"}
_BOUNDS: tuple[tuple[str, str], ...] = (
    (r"(?:min|from|since|start)_(.+)", "at_least"),
    (r"(?:max|to|until|end)_(.+)", "at_most"),
    (r"(.+)_(?:min|from|since|gte|after|start)", "at_least"),
    (r"(.+)_(?:max|to|until|lte|before|end)", "at_most"),
    (r"(.+)_gt", "above"),
    (r"(.+)_lt", "below"),
    (r"(.+)\[gte\]", "at_least"),
    (r"(.+)\[lte\]", "at_most"),
    (r"(.+)\[gt\]", "above"),
    (r"(.+)\[lt\]", "below"),
)
_TIMES = {"since": "updated_at", "updated_since": "updated_at", "modified_since": "updated_at",
          "created_since": "created_at"}  # fmt: skip
_SEARCH = ("q", "search", "query", "search_term", "keyword", "keywords", "term")
_NAMES = (
    "name",
    "title",
    "label",
    "description",
    "summary",
    "subject",
    "text",
    "body",
    "email",
)


def infer_filters(draft: Draft) -> None:
    for resource in draft.resources:
        operation = resource.operations.get("list")
        written = draft.operations.get(operation.id) if operation else None
        if operation is None or written is None or not draft.allows(KIND, operation.id):
            continue
        _of_list(draft, resource, operation, written["list"])


def _of_list(
    draft: Draft, resource: Resource, operation: OperationDoc, action: dict[str, Json]
) -> None:
    records = records_of(draft, resource)
    where: dict[str, Json] = {}
    for parameter in operation.parameters:
        if (
            parameter.where != "query"
            or parameter.media_type
            or parameter.style != "form"
        ):
            continue
        if (
            snake(parameter.name) in _SEARCH
            and member_like(parameter.name, records.fields) is None
        ):
            _search(draft, operation, parameter, records, action)
            continue
        found = next(_tests(parameter, records), None)
        if found is None:
            continue
        field, operator = found
        value = f"${{{reading('query', parameter.name)}}}"
        if operator == "equals":
            if field in where or field in action.get("where", {}):
                continue
            where[field] = value
        else:
            tests = where.setdefault(field, {})
            if not isinstance(tests, dict) or operator in tests:
                continue
            tests[operator] = value
        draft.found(
            KIND,
            operation.id,
            HIGH if operator in ("equals", "has", "in") else MEDIUM,
            f"the parameter {parameter.name!r} is called like {field!r} of the records",
        )
    if where:
        action["where"] = {**action.get("where", {}), **where}


def _tests(parameter: Parameter, records: Records) -> Iterator[tuple[str, str]]:
    """The field that *parameter* is about, and the operator, if one is certain."""
    sent, name = Shape(parameter.schema), snake(parameter.name)
    field = member_like(parameter.name.removesuffix("[]"), records.fields)
    if field is not None:
        operator = _operator(sent, records.fields[field])
        if operator:
            yield field, operator
        return
    for pattern, operator in _BOUNDS:
        matched = re.fullmatch(
            pattern, parameter.name if "[" in parameter.name else name
        )
        if matched is None:
            continue
        for wanted in (matched[1], f"{matched[1]}_at", f"{matched[1]}_date"):
            field = member_like(wanted, records.fields)
            if field is not None and _ordered(sent, records.fields[field]):
                yield field, operator
    field = member_like(_TIMES.get(name, ""), records.fields)
    if field is not None and _ordered(sent, records.fields[field]):
        yield field, "at_least"


def _operator(sent: Shape, stored: Shape) -> str:
    if stored.type in _SCALARS:
        if sent.type == stored.type or {sent.type, stored.type} == {
            "integer",
            "number",
        }:
            return "equals"
        if sent.is_list and sent.items.type == stored.type:
            return "in"
    if (
        stored.is_list
        and stored.items.type in _SCALARS
        and sent.type == stored.items.type
    ):
        return "has"
    return ""


def _ordered(sent: Shape, stored: Shape) -> bool:
    numbers = {"integer", "number"}
    if sent.type in numbers and stored.type in numbers:
        return True
    times = ("date", "date-time")
    return sent.type == stored.type == "string" and stored["format"] in times


def _search(
    draft: Draft,
    operation: OperationDoc,
    parameter: Parameter,
    records: Records,
    action: dict[str, Json],
) -> None:
    texts = [
        name
        for name, shape in records.fields.items()
        if shape.type == "string" and not shape["format"] and not shape["enum"]
        and name in records.shape.properties and name != records.resource.key
    ]  # fmt: skip
    fields = [name for name in texts if snake(name) in _NAMES] or texts[:3]
    if (
        Shape(parameter.schema).type not in ("string", "")
        or not fields
        or "search" in action
    ):
        return
    query = reading("query", parameter.name)
    action["search"] = {"text": query, "fields": fields}
    reason = (
        f"the parameter {parameter.name!r} is taken to search in {', '.join(fields)}"
    )
    draft.found(KIND, operation.id, MEDIUM, reason)


SORTING = Kind(
    "sorting",
    "a query parameter of a list that is called `sort`, `order_by`, ..., and one for the direction",
    "`list.sort`, with the orders that its `enum` allows, or else all plain members",
)
_SORTS = (
    "sort",
    "order_by",
    "sort_by",
    "orderby",
    "sortby",
    "ordering",
    "sort_field",
    "sort_key",
)
_DIRECTIONS = (
    "direction",
    "order",
    "sort_order",
    "sort_dir",
    "order_direction",
    "sort_direction",
    "dir",
)
_MOST = 12


def infer_sorting(draft: Draft) -> None:
    for resource in draft.resources:
        operation = resource.operations.get("list")
        written = draft.operations.get(operation.id) if operation else None
        if (
            operation is None
            or written is None
            or not draft.allows(SORTING, operation.id)
        ):
            continue
        sort = _sort(draft, resource, operation)
        if sort:
            written["list"]["sort"] = sort


def _sort(draft: Draft, resource: Resource, operation: OperationDoc) -> dict[str, Json]:
    parameters = {snake(p.name): p for p in operation.parameters if p.where == "query"}
    by = next((parameters[name] for name in _SORTS if name in parameters), None)
    records = records_of(draft, resource)
    if by is None or member_like(by.name, records.fields) is not None:
        return {}
    shape = Shape(by.schema)
    values = shape["enum"] or (shape.items["enum"] if shape.is_list else None)
    allowed = _allowed(values, records)
    if not allowed:
        reason = f"none of the values of {by.name!r} is a member of the records"
        draft.found(SORTING, operation.id, LOW, reason)
        return {}
    sort: dict[str, Json] = {
        "by": reading("query", by.name),
        "allowed": allowed,
    }
    if shape.is_list or (values is None and shape.type == "string"):
        sort["form"] = "list"
    direction = next(
        (parameters[name] for name in _DIRECTIONS if name in parameters), None
    )
    if direction is not None and direction is not by:
        sort["direction"] = reading("query", direction.name)
    default = shape["default"]
    if isinstance(default, str) and default.lstrip("-+") in allowed:
        sort["default"] = default if default in allowed else default.lstrip("-+")
    draft.found(
        SORTING,
        operation.id,
        HIGH if values else MEDIUM,
        f"by the parameter {by.name!r}",
    )
    return sort


def _allowed(values: Json, records: Records) -> Mapping[str, Json]:
    """The orders by name, and the field of each."""
    plain = {
        name: name
        for name, shape in records.fields.items()
        if shape.type in _SCALARS and name in records.shape.properties
    }
    if not isinstance(values, list):
        return dict(list(plain.items())[:_MOST])
    allowed: dict[str, Json] = {}
    for value in values:
        if not isinstance(value, str):
            continue
        bare = re.sub(
            r"^[-+]|[:. ](?:asc|desc)$|_(?:asc|desc)$", "", value, flags=re.IGNORECASE
        )
        field = next(
            (
                name
                for wanted in (bare, f"{bare}_at", f"{bare}_on")
                if (name := member_like(wanted, plain)) is not None
            ),
            None,
        )
        if field is None:
            continue
        if value.startswith("-"):
            allowed.setdefault(value[1:], field)
        elif re.search(r"desc$", value, re.IGNORECASE) and bare != value:
            allowed[value] = f"-{field}"
        else:
            allowed[value] = field
    return allowed
