"""Filters: the query parameters that choose among the records of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from emulator.inference.collections import lists_of
from emulator.inference.draft import HIGH, LOW, MEDIUM, Draft
from emulator.inference.inferred import Kind
from emulator.inference.messages import input_shape, success
from emulator.inference.names import IDENTIFIER, member_like, reading, singular, snake
from emulator.inference.records import Records, records_of
from emulator.inference.resources import Resource
from emulator.inference.shapes import Shape
from emulator.inference.things import list_in, thing_in
from emulator.inference.times import field_in
from emulator.json_type import Json
from emulator.spec.description import OperationDoc

KIND = Kind(
    "filters",
    "query parameters of a list that are called like a member of its records, or like one with"
    " `min_`, `max_`, `_after`, `_before`, ...; `q` and `search`. A truth value with a `default`,"
    " or that includes something, chooses no records",
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
    for resource, operation, written in lists_of(draft, KIND):
        _of_list(draft, resource, operation, written["list"])


def _of_list(
    draft: Draft, resource: Resource, operation: OperationDoc, action: dict[str, Json]
) -> None:
    known = _members(records_of(draft, resource))
    where: dict[str, Json] = {}
    conditions: list[str] = []
    for sent in sent_by(operation):
        if snake(sent.name) in _SEARCH and member_like(sent.name, known) is None:
            _search(draft, operation, sent, records_of(draft, resource), action)
            continue
        condition = _of_lists(sent, known)
        if condition:
            conditions.append(condition)
            reason = f"{sent.name!r} is taken to choose by items of a list"
            draft.found(KIND, operation.id, MEDIUM, reason)
            continue
        found = next(_tests(sent, known), None)
        if found is None:
            continue
        field, operator = found
        value = f"${{{sent.read}}}"
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
            f"the parameter {sent.name!r} is called like {field!r} of the records",
        )
    for sent in sent_by(operation):
        if sent.is_of_reply and _named(sent, known) is not None:
            reason = f"{sent.name!r} is taken to say what a reply shows, not of which records"
            draft.found(KIND, operation.id, LOW, reason)
    if where:
        action["where"] = {**action.get("where", {}), **where}
    if conditions:
        several = [f"({each})" for each in conditions]
        action["filter"] = " and ".join(several if len(several) > 1 else conditions)


class Sent(NamedTuple):
    """One thing that a call may say of the records that it wants."""

    name: str
    schema: Shape
    read: str
    """The expression of its value."""
    about: str
    """What the document says of it."""

    @property
    def is_of_reply(self) -> bool:
        """Whether it is a switch: a truth value that has a default, or that has something
        be included, chooses no records that are like it: the others would be lost."""
        if self.schema.type != "boolean":
            return False
        return self.schema["default"] is not None or bool(_SHOWS.match(self.about))


_SHOWS = re.compile(
    r"\W*(?:optional\W+)?(?:if (?:set to )?\W?true\W+|(?:specifies )?whether (?:or not )?(?:to )?)?"
    r"(?:include|exclude|embed|expand|hide|omit)\s",
    re.IGNORECASE,
)


def sent_by(operation: OperationDoc) -> Iterator[Sent]:
    """What a call says by its query; and by its body, where that is one of a search."""
    for parameter in operation.parameters:
        plain = parameter.style == "form" and not parameter.media_type
        if parameter.where == "query" and plain:
            inner = _BRACKETS.fullmatch(parameter.name)
            name = inner[1] if inner else parameter.name
            read = reading("query", parameter.name)
            schema, about = Shape(parameter.schema), parameter.description
            yield Sent(name, schema, read, about or str(schema["description"] or ""))
    searches = operation.method in ("QUERY", "POST")
    shape = input_shape(operation) if searches else None
    if shape is not None:
        for name in shape.properties:
            schema, read = shape.member(name), reading("body", name)
            yield Sent(name, schema, read, str(schema["description"] or ""))


_BRACKETS = re.compile(r"(?:filters?|where|q)\[([^\[\]]+)\]")
_HOLDERS = ("attributes", "properties", "fields", "metadata")


def _members(records: Records) -> dict[str, tuple[str, Shape]]:
    """The members that a filter may be about, by name: the path of each, and its shape."""
    known = {name: (name, shape) for name, shape in records.fields.items()}
    for name, shape in records.fields.items():
        if snake(name) not in _HOLDERS or not IDENTIFIER.fullmatch(name):
            continue
        for inner in shape.properties if shape.is_object else ():
            if inner not in known and "." not in inner:
                known[inner] = f"{name}.{inner}", shape.member(inner)
    return known


_LABELS = ("name", "slug", "label", "title", "value", "id")


def _of_lists(sent: Sent, known: Mapping[str, tuple[str, Shape]]) -> str:
    """The condition that a list of the record has some of what is sent; empty for none."""
    found = _named(sent, known)
    if found is None or not known[found][1].is_list or "request" in known:
        return ""
    path, shape = known[found]
    item, several = shape.items, sent.schema.is_list
    asked = (sent.schema.items if several else sent.schema).type
    each = "each"
    if item.is_object:
        label = next((m for m in _LABELS if item.member(m).type == asked), "")
        each = f"each.{label}"
        if not label:
            return ""
    elif not several or not asked or item.type != asked:
        return ""  # which `has` says as well
    root = sent.read.partition(".")[0].partition("[")[0]
    read = f"request.{sent.read}" if root in known else sent.read
    test = f"{each} in {read}" if several else f"{each} == {read}"
    field = ".".join([field_in(path.split(".")[0]), *path.split(".")[1:]])
    none = f"not {read}" if several else f"{read} is None"
    return f"{none} or any([{test} for each in {field} or []])"


def _named(sent: Sent, known: Mapping[str, tuple[str, Shape]]) -> str | None:
    """The member that *sent* is called like, or that is a list of such: `tag` and `tags`."""
    found = member_like(sent.name.removesuffix("[]"), known)
    if found is not None:
        return found
    name = snake(sent.name)
    lists = (n for n in known if known[n][1].is_list and singular(snake(n)) == name)
    return next(lists, None)


def _tests(
    sent: Sent, known: Mapping[str, tuple[str, Shape]]
) -> Iterator[tuple[str, str]]:
    """The field that *sent* is about, and the operator, if one is certain."""
    if sent.is_of_reply:
        return
    name = snake(sent.name)
    found = _named(sent, known)
    if found is not None:
        path, shape = known[found]
        operator = _operator(sent.schema, shape)
        if operator:
            yield path, operator
        return
    for pattern, operator in _BOUNDS:
        matched = re.fullmatch(pattern, sent.name if "[" in sent.name else name)
        if matched is None:
            continue
        for wanted in (matched[1], f"{matched[1]}_at", f"{matched[1]}_date"):
            found = member_like(wanted, known)
            if found is not None and _ordered(sent.schema, known[found][1]):
                yield known[found][0], operator
    found = member_like(_TIMES.get(name, ""), known)
    if found is not None and _ordered(sent.schema, known[found][1]):
        yield known[found][0], "at_least"


def tests_of(sent: Sent, records: Records) -> Iterator[tuple[str, str]]:
    """The field of the records that *sent* is about, and the operator."""
    return _tests(sent, _members(records))


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
    sent: Sent,
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
    if sent.schema.type not in ("string", "") or not fields or "search" in action:
        return
    action["search"] = {"text": sent.read, "fields": fields}
    reason = f"the parameter {sent.name!r} is taken to search in {', '.join(fields)}"
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
    for resource, operation, written in lists_of(draft, SORTING):
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
    hidden = records.fields.keys() - records.shape.properties.keys()
    plain = {
        name: path
        for name, (path, shape) in _members(records).items()
        if shape.type in _SCALARS and name not in hidden
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
        name = next(
            (
                name
                for wanted in (bare, f"{bare}_at", f"{bare}_on")
                if (name := member_like(wanted, plain)) is not None
            ),
            None,
        )
        if name is None:
            continue
        field = plain[name]
        if value.startswith("-"):
            allowed.setdefault(value[1:], field)
        elif re.search(r"desc$", value, re.IGNORECASE) and bare != value:
            allowed[value] = f"-{field}"
        else:
            allowed[value] = field
    return allowed


FIELDS = Kind(
    "fields",
    "a query parameter that is called `fields`, `select`, `fields[articles]`, ..., and is a text"
    " or a list of texts",
    "`fields` of the action: the members that a call asks for alone",
)
_FIELDS = ("fields", "select", "only", "include_fields", "_fields", "properties")
_OF_TYPE = re.compile(r"fields\[([^\[\]]+)\]")


def infer_fields(draft: Draft) -> None:
    for resource in draft.resources:
        for does, operation in resource.does():
            written = draft.operations.get(operation.id)
            if does not in ("list", "read") or written is None:
                continue
            if draft.allows(FIELDS, operation.id):
                _sparse(draft, resource, does, operation, written[does])


def _required(resource: Resource, does: str, operation: OperationDoc) -> list[str]:
    """The members that the schema of the reply asks for, whichever the query names."""
    _, shape = success(operation)
    if shape is None:
        return []
    _, thing = (list_in if does == "list" else thing_in)(shape, resource)
    return [] if thing is None else [*thing.required]


def _sparse(
    draft: Draft,
    resource: Resource,
    does: str,
    operation: OperationDoc,
    action: dict[str, Json],
) -> None:
    """Have an operation show the members alone that its query names."""
    members = records_of(draft, resource).fields
    for parameter in operation.parameters:
        shape = Shape(parameter.schema)
        of_texts = shape.type == "string" or shape.items.type == "string"
        if parameter.where != "query" or not of_texts or "fields" in action:
            continue
        if member_like(parameter.name, members) is not None:
            continue
        of_type = _OF_TYPE.fullmatch(parameter.name)
        if of_type is None and parameter.name.lower() not in _FIELDS:
            continue
        if of_type is not None and singular(snake(of_type[1])) != resource.thing:
            continue
        sparse: dict[str, Json] = {"of": reading("query", parameter.name)}
        if of_type is not None and "attributes" in members:
            sparse["inside"] = ["attributes"]
        elif not resource.inside and not resource.single:
            sparse["always"] = [
                *dict.fromkeys([resource.key, *_required(resource, does, operation)])
            ]
        action["fields"] = sparse
        reason = f"the parameter {parameter.name!r} names members"
        draft.found(FIELDS, operation.id, MEDIUM, reason)
