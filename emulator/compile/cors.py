"""CORS: which pages a browser lets call the provider (Fetch standard, CORS protocol)."""

from __future__ import annotations

from emulator.compile.source import Source
from emulator.program.cors import ANY, CorsPolicy
from emulator.times import SECOND

_AT = ("http", "cors")
_LISTS = ("origins", "methods", "headers", "expose")


def compile_cors(source: Source) -> CorsPolicy | None:
    """`http.cors`, or None where the provider says nothing to browsers."""
    written = source.get(*_AT)
    if written is None:
        return None
    found = {name: tuple(written.get(name, ())) for name in _LISTS}
    for name, listed in found.items():
        if ANY in listed and len(listed) > 1:
            source.problem(
                (*_AT, name, listed.index(ANY)),
                "cors-any",
                f"`*` of http.cors.{name} stands beside others",
                "it is any of them, and what is beside it says nothing more",
                "write `*` alone, or leave it out",
            )
        elif ANY in listed and written.get("credentials"):
            source.problem(
                (*_AT, name, 0),
                "cors-any",
                f"http.cors.{name} is `*`, and calls have credentials",
                "where a browser sends credentials, `*` is not any of them to it"
                " (Fetch standard, CORS protocol and credentials)",
                "name them, or write `credentials: false`",
            )
    age = None
    if "max_age" in written:
        age = source.duration(*_AT, "max_age") // SECOND
    return CorsPolicy(
        **found, credentials=bool(written.get("credentials")), max_age=age
    )
