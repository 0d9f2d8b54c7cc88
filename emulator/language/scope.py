"""Scope: the names that expressions may use, and what each stands for without a call.

There is one list of them. An `Exchange` is a scope with a call, whose steps fill the
names in; an `Onlooker` is one without a call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from emulator.json_type import Json

Record = dict[str, Json]
EMPTY: Mapping[str, Any] = {}  # a plain dict: expressions look members up in those


class Names:
    """Every name there is, with the value that it has before anybody knows better.

    The values that stand here are shared, and never changed in place.
    """

    caller: Record | None = None
    host: Mapping[str, str] = EMPTY
    server: Mapping[str, str] = EMPTY
    authenticated: bool = False
    path: Mapping[str, Json] = EMPTY
    query: Mapping[str, Json] = EMPTY
    header: Mapping[str, Json] = EMPTY
    cookie: Mapping[str, Json] = EMPTY
    body: Json = None
    record: Record | None = None
    before: Record | None = None
    results: Sequence[Record] = ()
    matched: Sequence[Record] = ()
    page: Record | None = None
    it: Json = None
    event: Record | None = None
    defined: dict[Any, Json] | None = None
    """What the definitions of `let` are that were read, in this call."""
    if not TYPE_CHECKING:  # an exchange works these out
        item = embedded_item = quota = refused = operation_id = None
        items = embedded_items = ()
        quotas = EMPTY
        client, method, base_url, raw_path = "127.0.0.1", "", "", "/"
        raw_query = raw_body = raw_body_base64 = ""
        header_lines = EMPTY
