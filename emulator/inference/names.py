"""Names: words of paths and members, in the forms that documents have of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from keyword import iskeyword

_PLURALS = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "data": "data",
    "series": "series", "news": "news", "status": "status", "statuses": "status",
    "addresses": "address", "indices": "index", "matrices": "matrix", "media": "media",
    "aliases": "alias", "buses": "bus", "analyses": "analysis", "bases": "base",
    "databases": "database", "licenses": "license", "houses": "house", "cases": "case",
    "releases": "release", "purchases": "purchase", "responses": "response", "caches": "cache",
    "expenses": "expense", "courses": "course", "leases": "lease", "phases": "phase",
    "movies": "movie", "cookies": "cookie", "zombies": "zombie", "invoices": "invoice",
}  # fmt: skip
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@lru_cache(65_536)
def snake(text: str) -> str:
    """`ApiKeyHeader` and `api-key header`  ->  `api_key_header`"""
    text = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)(?=[A-Z][a-z])", r"\1\3_\2", text)
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def singular(name: str) -> str:
    """`categories`  ->  `category`"""
    head, mark, last = name.rpartition("_")
    before = head + mark
    if last in _PLURALS:
        return before + _PLURALS[last]
    if last.endswith("ies") and len(last) > 4:
        return f"{before}{last[:-3]}y"
    if re.search(r"(ss|sh|ch|x|z)es$", last):
        return before + last[:-2]
    if last.endswith("s") and not last.endswith(("ss", "us", "is")):
        return before + last[:-1]
    return name


def same_name(one: str, other: str) -> bool:
    """Whether both are the same words: `userId` and `user_id`."""
    return _bare(one) == _bare(other)


@lru_cache(65_536)
def _bare(text: str) -> str:
    return snake(text).replace("_", "")


def member_like(name: str, members: Iterable[str]) -> str | None:
    """The member that has this name, as it is spelled or otherwise."""
    found = None
    for member in members:
        if member == name:
            return member
        if found is None and same_name(member, name):
            found = member
    return found


def keys_of(parameter: str, thing: str) -> Iterator[str]:
    """What the member may be called that the path parameter names.

    `pet_id` of a `pet`  ->  `pet_id`, `id`, `pet_id`, `uuid`, ...
    """
    name = re.sub(r"_or_[a-z_]+$", "", snake(parameter))
    name = re.sub(r"(^|_)identifier$", r"\1id", name)
    yield parameter
    if name != thing and name.startswith(f"{thing}_"):
        yield name.removeprefix(f"{thing}_")
    last = thing.rpartition("_")[2]
    if name.startswith(f"{last}_"):
        yield name.removeprefix(f"{last}_")
    if name.endswith("id") or name in (thing, last, "key"):
        yield "id"
        yield f"{last}_id"
    if name.endswith("uuid") or name in ("id", thing, last):
        yield from ("uuid", "guid")
    if name in (thing, last):
        yield from ("name", "slug", "key", "code", "sid", last)


def reading(place: str, name: str) -> str:
    """How an expression reads a parameter: `query.page`, `query['page[size]']`."""
    if IDENTIFIER.fullmatch(name) and not iskeyword(name):
        return f"{place}.{name}"
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"{place}['{quoted}']"
