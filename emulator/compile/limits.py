"""Limits: the part of a spec that says how often a caller may call, and what it is told."""

from __future__ import annotations

from typing import Any

from emulator.compile.headers import header_name
from emulator.compile.source import Source
from emulator.language.expressions import Scope
from emulator.language.templates import Template
from emulator.program.limits import LimitPolicy, QuotaHeaders
from emulator.spec.document import Pointer
from emulator.times import SECOND

Json = Any
ALGORITHMS = ("fixed_window", "sliding_window", "token_bucket")
PARTITIONS = ("credential", "ip", "operation", "all")


def compile_limits(source: Source) -> tuple[LimitPolicy, ...]:
    """The list under `rate_limits`."""
    return tuple(
        _limit(source, pointer, written)
        for pointer, written in source.entries("rate_limits")
    )


def _limit(source: Source, pointer: Pointer, written: Json) -> LimitPolicy:
    scope = source.scope_at("rate_limit")
    words, subject = _partitions(source, (*pointer, "per"), scope)
    operations = written.get("operations")
    for at, operation in enumerate(operations or ()):
        source.known(
            (*pointer, "operations", at),
            operation,
            source.openapi.operations,
            "operation",
        )
    window = source.duration(*pointer, "window")
    if window <= 0:
        source.problem(
            (*pointer, "window"),
            "wrong-form",
            "a window is longer than nothing",
            "",
            "write 1m",
        )
        window = SECOND
    return LimitPolicy(
        name=written.get("name", written.get("window", "default")),
        quota=source.template((*pointer, "quota"), scope),
        window=window,
        algorithm=written.get("algorithm", "fixed_window"),
        aligned=written.get("starts", "clock") == "clock",
        burst=written.get("burst"),
        per=words,
        subject=subject,
        cost=source.optional((*pointer, "cost"), scope),
        when=source.condition((*pointer, "when"), scope) if "when" in written else None,
        operations=None if operations is None else frozenset(operations),
        provider=source.name,
    )


def _partitions(
    source: Source, pointer: Pointer, scope: Scope
) -> tuple[tuple[str, ...], Template | None]:
    """The words at *pointer*, `per`, and the expression that stands beside them."""
    written = source.get(*pointer, default="credential")
    if isinstance(written, list):
        places: list[Pointer] = [at for at, _ in source.entries(*pointer)]
    else:
        places = [pointer] if source.get(*pointer) is not None else []
    words = [] if places else [written]
    subject = None
    for at in places:
        word = source.word(at, scope)
        if word is None:
            subject = source.template(at, scope)
        elif source.known(at, word, PARTITIONS, "partition"):
            words.append(word)
    return tuple(words), subject


def compile_quota_headers(source: Source) -> tuple[QuotaHeaders, ...]:
    """What stands under `rate_limit_headers`: one dialect, or a list of them."""
    written = source.get("rate_limit_headers")
    if written is None:
        return ()
    place: Pointer = ("rate_limit_headers",)
    many = isinstance(written, list)
    limits = {
        str(entry.get("name", entry.get("window")))
        for _, entry in source.entries("rate_limits")
    }
    for at, limit in enumerate(written if many else [written]):
        here = (*place, at) if many else place
        for key in ("limit", "remaining", "reset", "policy", "state"):
            if key in limit:
                header_name(source, (*here, key), limit[key])
        if limit.get("shows", "tightest") != "tightest":
            source.known((*here, "shows"), limit["shows"], limits, "limit")
    return tuple(
        QuotaHeaders(**headers) for headers in (written if many else [written])
    )
