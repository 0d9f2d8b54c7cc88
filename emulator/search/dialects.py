"""Dialects: the languages that a list can be asked in, each a module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from emulator.json_type import Json
from emulator.language.texts import to_text
from emulator.program.operation import Query
from emulator.search.fields import Fields, Get
from emulator.search.predicate import Predicate, Test


def compile_query(query: Query, x: Any, value: Json) -> Predicate:
    """What *value* asks for in the dialect of *query*. Raises `BadQuery`.

    Few providers have a query language: its module is imported when a call uses it.
    """
    if query.dialect == "elasticsearch":
        from emulator.search import elasticsearch

        return elasticsearch.compile_query(value, query.dates)
    fields = Fields(
        query.known, _given(query, x), words=query.words, joined_by=query.joined_by
    )
    module = import_module(f"emulator.search.{query.dialect}")
    test: Test = module.compile_query(value, fields)
    if not query.repeatable:
        return Predicate(None, test)
    return Predicate(to_text(value).encode("utf-8", "replace"), test)


def _given(query: Query, x: Any) -> Mapping[str, str | Get] | None:
    """The names that the spec gives to what is asked for, for this call."""
    if query.fields is None:
        return None
    return {
        name: field if isinstance(field, str) else _evaluated(field, x)
        for name, field in query.fields.items()
    }


def _evaluated(field: Any, x: Any) -> Get:
    return lambda record: field.value(x, record)
