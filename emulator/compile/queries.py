"""Queries: the languages in which a list can be asked, as a spec sets them up."""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.compile.collections import check_field
from emulator.compile.source import Source
from emulator.language.static_scope import Scope
from emulator.language.templates import Template
from emulator.program.operation import Query
from emulator.spec.document import Pointer

_PATH = re.compile(r"[A-Za-z_]\w*(\.\w+)*")


def compile_query(
    source: Source, pointer: Pointer, scope: Scope, inside: Scope, collection: str
) -> Query | None:
    """The `query` of a list of *collection* at *pointer*.

    *scope* is that of the query's text, *inside* that of what its names stand for.
    """
    written = source.get(*pointer)
    if written is None:
        return None
    fields = _fields(source, (*pointer, "fields"), inside, collection)
    return Query(
        of=source.template((*pointer, "of"), scope),
        dialect=written.get("dialect", "elasticsearch"),
        field=written.get("field", "query"),
        refuse=written.get("refuse", "violation"),
        dates=frozenset(
            entry
            for place, entry in source.entries(*pointer, "dates")
            if source.known(place, entry, source.fields.get(collection, ()), "field")
        ),
        known=source.fields.get(collection, frozenset()),
        fields=fields,
        words=tuple(
            field
            for place, field in source.entries(*pointer, "words")
            if check_field(source, place, field, collection, path=True)
        ),
        joined_by=written.get("joined_by", "or"),
    )


def _fields(
    source: Source, pointer: Pointer, scope: Scope, collection: str
) -> Mapping[str, str | Template] | None:
    """What the names of a query stand for; None: for the fields of that name."""
    if source.get(*pointer) is None:
        return None
    known = source.fields.get(collection, frozenset[str]())
    inside = scope.with_fields(known, guarded=True)
    fields: dict[str, str | Template] = {}
    for place, entry in source.entries(*pointer):
        text = str(entry).strip()
        if _PATH.fullmatch(text) and text.partition(".")[0] in known:
            fields[str(place[-1])] = text
        else:
            fields[str(place[-1])] = source.condition(place, inside)
    return fields
