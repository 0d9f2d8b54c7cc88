"""Actions: what each operation does to records: `list`, `read`, `create`, `update`, `delete`."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.compile.collections import check_field, compile_order, given_key
from emulator.compile.effects import clashes
from emulator.compile.machines import moves_of
from emulator.compile.pages import compile_carrying
from emulator.compile.patches import compile_patch
from emulator.compile.queries import compile_query
from emulator.compile.shapes import compile_shape
from emulator.compile.source import Source
from emulator.json_type import Json
from emulator.language.grammar import BadExpression
from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.program.operation import (
    Action,
    Filter,
    Search,
)
from emulator.program.pages import PagePolicy
from emulator.program.sorting import Sort
from emulator.program.views import View
from emulator.spec.document import Pointer

ACTIONS = ("list", "read", "create", "update", "delete")
FILTERS = (
    "equals",
    "in",
    "has",
    "has_all",
    "contains",
    "starts_with",
    "at_least",
    "at_most",
    "above",
    "below",
    "not",
)
NEEDS_KEY = ("read", "update", "delete")
"""The actions that are about one record."""


def compile_action(
    source: Source,
    pointer: Pointer,
    scope: Scope,
    pages: Mapping[str, PagePolicy],
    views: Mapping[str, View],
) -> Action:
    """What the operation at *pointer* does; a reply alone, where it does nothing."""
    kind = _kind(source, pointer)
    if not kind:
        return Action(kind="reply")
    at = (*pointer, kind)
    written = source.get(*at)
    collection = written.get("collection")
    if not source.known(at, collection, source.fields, "collection"):
        return Action(kind="reply")
    _check_names(source, at, collection, pages, views)
    find, act = source.scope_at("find", scope), source.scope_at("act", scope)
    validate = source.scope_at("validate", scope)
    fields = source.fields[collection]
    condition = (act if kind == "list" else find).with_fields(fields, guarded=True)
    values = act.with_fields(fields, guarded=True).with_roots(before=None)
    page = pages.get(written.get("page", ""))
    return Action(
        kind=kind,
        collection=collection,
        key=_key(source, at, find),
        by=written.get("by", ""),
        view=written.get("view", ""),
        filters=_filters(source, (*at, "where"), act, collection),
        condition=source.optional((*at, "filter"), condition),
        search=_search(source, (*at, "search"), act, collection),
        query=compile_query(source, (*at, "query"), validate, act, collection),
        sort=_sort(source, (*at, "sort"), act, collection),
        shape=compile_shape(source, at, validate, views),
        page=page,
        carrying=compile_carrying(page, written.get("sort")) if page else None,
        values=source.optional((*at, "set"), values),
        whole=written.get("whole", False),
        scoped=written.get("owned", True),
        missing=written.get("missing", "not_found"),
        clashes=_clashes(source, at, kind, collection, written.get("set", {})),
        moves=moves_of(source, at, collection),
        deleted=_deleted(source, at, collection),
        creates=_creates(source, at),
        patch=compile_patch(source, at) if kind == "update" else None,
    )


def _kind(source: Source, pointer: Pointer) -> str:
    """Which of `ACTIONS` the operation has; empty: none. A second one is reported."""
    kinds = [kind for kind in ACTIONS if kind in source.get(*pointer)]
    if len(kinds) > 1:
        source.problem(
            (*pointer, kinds[1]),
            "two-actions",
            f"an operation cannot both {kinds[0]} and {kinds[1]}",
            "it does one thing; `effects` are for what comes with it",
            f"remove `{kinds[1]}` or make it an effect",
            key=True,
        )
    return kinds[0] if kinds else ""


def _check_names(
    source: Source,
    pointer: Pointer,
    collection: str,
    pages: Mapping[str, PagePolicy],
    views: Mapping[str, View],
) -> None:
    """Report a view, a page or a field that the action names and that there is none of."""
    written = source.get(*pointer)
    if "view" in written:
        known = source.get("views", default={})
        if source.known((*pointer, "view"), written["view"], known, "view"):
            _check_view(source, pointer, views.get(written["view"]), collection)
    if "page" in written:
        source.known((*pointer, "page"), written["page"], pages, "page")
    if written.get("by"):
        check_field(source, (*pointer, "by"), written["by"], collection)


def _key(source: Source, pointer: Pointer, scope: Scope) -> Template | None:
    """The key of the record that the action is about. One that lacks is reported."""
    key = source.optional((*pointer, "key"), scope)
    if key is None and pointer[-1] in NEEDS_KEY:
        source.problem(
            pointer,
            "missing-key",
            f"`{pointer[-1]}` does not say which record",
            "`key` gives the key of the record",
            "add `key: path.id`",
            key=True,
        )
    return key


def has_records_beside(action: Action) -> bool:
    """Whether a reply has records beside those that it is about."""
    expand = action.shape.expand if action.shape is not None else None
    return expand is not None and expand.beside


def _check_view(
    source: Source, pointer: Pointer, view: View | None, collection: str
) -> None:
    """Report a view that shows what the records of *collection* have not got."""
    if view is None or view.of == collection:
        return
    if view.parameters:
        source.problem(
            (*pointer, "view"),
            "wrong-form",
            f"the view {view.name!r} shows no record",
            "it is given the records that the operation shows",
            "name a view that has `collection`",
        )
        return
    try:
        fields = sorted(view.template.uses.fields)
    except BadExpression:
        return  # reported where it stands
    for field in fields:
        source.known((*pointer, "view"), field, source.fields[collection], "field")


def _deleted(source: Source, pointer: Pointer, collection: str) -> str:
    """What of softly deleted records an action sees."""
    written: str = source.get(*pointer, "deleted", default="hide")
    kept = source.get("collections", collection, "soft_delete", default=None)
    if written != "hide" and kept is None:
        source.problem(
            (*pointer, "deleted"),
            "wrong-form",
            f"no deleted records of {collection!r} are kept",
            "a deleted record can be seen where its collection has `soft_delete`",
            f"add `soft_delete: deleted_at` to collections.{collection}, or remove it",
            key=True,
        )
    return written


def _creates(source: Source, pointer: Pointer) -> bool:
    """Whether an update creates the record that it does not find."""
    written: bool = source.get(*pointer, "creates", default=False)
    for key, why in _FOUND_ALONE.items():
        if written and source.get(*pointer, key) is not None:
            source.problem(
                (*pointer, "creates"),
                "wrong-form",
                f"a record that is found by `{key}` is not created",
                why,
                f"remove `creates` or `{key}`",
                key=True,
            )
    return written


_FOUND_ALONE = {
    "by": "a new record is created under its key, which `by` looks past",
    "move": "a new record is in the state that its collection starts in",
}
"""What an update that creates its record cannot say."""


def _clashes(
    source: Source,
    pointer: Pointer,
    kind: str,
    collection: str,
    values: Mapping[str, Json],
) -> bool:
    """Whether the record that is stored may come to have the key of another."""
    if kind == "create":
        return clashes(source, collection, values)
    key = source.get("collections", collection, "key", default="id")
    if kind == "update" and source.get(*pointer, "creates"):
        return True  # one that is there, and that this caller does not see
    return kind == "update" and (key in values or given_key(source, collection))


def _filters(
    source: Source, pointer: Pointer, scope: Scope, collection: str
) -> tuple[Filter, ...]:
    """`{salary: {at_least: "${query.min}"}, tag: "${query.tag}"}`"""
    filters = []
    for at, operand in source.entries(*pointer):
        field = str(at[-1])
        if not check_field(source, at, field, collection, path=True):
            continue
        if not isinstance(operand, dict):
            filters.append(
                Filter(
                    field=field, operator="equals", operand=source.template(at, scope)
                )
            )
            continue
        filters.extend(
            Filter(
                field=field,
                operator=operator,
                operand=source.template((*at, operator), scope),
            )
            for operator in operand
            if source.known((*at, operator), operator, FILTERS, "filter")
        )
    return tuple(filters)


def _search(
    source: Source, pointer: Pointer, scope: Scope, collection: str
) -> Search | None:
    written = source.get(*pointer)
    if written is None:
        return None
    return Search(
        text=source.template((*pointer, "text"), scope),
        fields=tuple(
            field
            for at, field in source.entries(*pointer, "fields")
            if check_field(source, at, field, collection, path=True)
        ),
    )


def _sort(
    source: Source, pointer: Pointer, scope: Scope, collection: str
) -> Sort | None:
    written = source.get(*pointer)
    if written is None:
        return None
    allowed = {
        str(at[-1]): compile_order(source, at, collection)
        for at, _ in source.entries(*pointer, "allowed")
    }
    default = written.get("default")
    if default is not None:
        source.known((*pointer, "default"), default, allowed, "sort")
    return Sort(
        by=source.template((*pointer, "by"), scope),
        direction=source.optional((*pointer, "direction"), scope),
        allowed=allowed,
        default=default,
        form=written.get("form", "word"),
        field=written.get("field", "sort"),
        unknown=written.get("unknown", "default"),
    )
