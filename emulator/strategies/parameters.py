"""Parameters: what calls say in query, headers and cookies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st

from emulator.http.cookies import cookie_header
from emulator.json_type import Json
from emulator.program.parameters import Typed
from emulator.program.schemas import Schema
from emulator.program.writing import written
from emulator.strategies.bodies import queries
from emulator.strategies.probe import Probe
from emulator.strategies.values import Strategy, values

Draw = Callable[[Strategy], Json]
Sent = dict[tuple[str, str], Json]
"""Values by place and name: `("query", "page")`."""

PLACES = ("query", "header", "cookie")
_SIMPLE = ("string", "integer", "number", "boolean", "word", "array")


@lru_cache(maxsize=256)
def parameters(probe: Probe) -> tuple[Mapping[Any, Strategy], Mapping[Any, Strategy]]:
    """The strategies of the required parameters, and of the others."""
    required: dict[Any, Strategy] = {}
    optional: dict[Any, Strategy] = {}
    for place in PLACES:
        for name, typed in probe.operation.parameters.typed(place).items():
            drawn = _values(probe, place, typed)
            if typed.required:
                required[place, name] = drawn
            elif typed.kind in _SIMPLE and not drawn.is_empty:
                optional[place, name] = drawn
    return required, optional


def _values(probe: Probe, place: str, typed: Typed) -> Strategy:
    query = probe.operation.action.query
    if query is not None and query.field == typed.name:
        import orjson

        return queries(probe).map(
            lambda drawn: (
                drawn if isinstance(drawn, str) else orjson.dumps(drawn).decode()
            )
        )
    chosen = chosen_names(probe, typed.name)
    if chosen is not None:
        return chosen if typed.kind == "array" else chosen.map(",".join)
    field, many = typed.name.removesuffix("[]"), typed.kind == "array"
    rules = [
        rule
        for rule in probe.operation.rules
        if place == "query" and rule.field == field and rule.check.uses.collections
    ]
    if not rules:
        drawn = values(typed.schema)
        # A header and a cookie hold visible ASCII; a text is drawn as such.
        if place != "query" and typed.kind == "string" and "enum" not in typed.schema:
            return st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=20)
        return drawn
    check = Schema(typed.schema)
    held = probe.allowed(rules, typed.name, many=many)
    fitting = [v for v in held if check.is_valid([v] if many else v)]
    some = st.sampled_from(fitting) if fitting else st.nothing()
    return st.lists(some, min_size=1, max_size=3, unique=True) if many else some


def chosen_names(probe: Probe, name: str) -> Strategy | None:
    """What a parameter says that chooses orders, members or references; None: it does not."""
    action = probe.operation.action
    view, shape, sort = probe.program.views.get(action.view), action.shape, action.sort
    if sort is not None and sort.unknown == "violation" and sort.field == name:
        most = 1 if sort.form == "word" else 3
        return st.lists(
            st.sampled_from(sorted(sort.allowed)), min_size=1, max_size=most
        )
    expand = shape.expand if shape is not None else None
    if expand is not None and expand.field == name and view is not None:
        known = sorted(view.expansions[view.name])
        return st.lists(st.sampled_from(known), max_size=3).map(
            lambda names: [expand.prefix + name for name in names]
        )
    fields = shape.fields if shape is not None else None
    if fields is not None and fields.field == name and fields.known:
        return st.lists(st.sampled_from(sorted(fields.known)), max_size=3)
    return None


def pairs(probe: Probe, place: str, sent: Sent) -> list[tuple[str, str]]:
    """The names and texts that stand for values in one place."""
    typed = probe.operation.parameters.typed(place)
    return [
        (key, text)
        for (where, name), value in sent.items()
        if where == place
        for key, text in written(typed[name], value)
        if text
    ]


def headers(probe: Probe, sent: Sent) -> dict[str, str]:
    """The headers that a call needs besides the caller's own."""
    sent_headers = dict(pairs(probe, "header", sent))
    own = probe.headers.get("Cookie")
    cookies = cookie_header(pairs(probe, "cookie", sent))
    if cookies:
        sent_headers["Cookie"] = f"{own}; {cookies}" if own else cookies
    return sent_headers
