"""Replies: `reply` of an operation, which is one reply or a list of alternatives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.compile.headers import compile_headers
from emulator.compile.source import Source
from emulator.language.expressions import Scope
from emulator.program.replies import ReplyPolicy
from emulator.spec.document import Pointer

Json = Any

BODILESS = (204, 205, 304)
"""Statuses of replies that have no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5)."""


def alternatives(source: Source, pointer: Pointer) -> Iterator[tuple[Pointer, Json]]:
    """Each reply that is written at *pointer*, with its place."""
    written = source.get(*pointer)
    if isinstance(written, list):
        yield from source.entries(*pointer)
    else:
        yield pointer, written or {}


def compile_replies(
    source: Source, pointer: Pointer, scope: Scope
) -> tuple[ReplyPolicy, ...]:
    """The replies at *pointer*, of which the first that holds for a call is given."""
    replies = tuple(
        _reply(source, at, written, scope)
        for at, written in alternatives(source, pointer)
    )
    _check_whole(source, pointer, replies)
    return replies


def _reply(source: Source, at: Pointer, written: Json, scope: Scope) -> ReplyPolicy:
    return ReplyPolicy(
        status=written.get("status", 200),
        headers=compile_headers(source, (*at, "headers"), scope),
        body=source.template((*at, "body"), scope) if "body" in written else None,
        when=source.condition((*at, "when"), scope) if "when" in written else None,
    )


def _check_whole(
    source: Source, pointer: Pointer, replies: tuple[ReplyPolicy, ...]
) -> None:
    """Report calls that no reply is for, and replies that no call is left for."""
    where = ".".join(map(str, pointer))
    *others, last = replies
    if last.when is not None:
        source.problem(
            pointer,
            "missing-reply",
            f"no reply of {where} is left when no `when` holds",
            "the first reply whose `when` holds is given, and every call gets one",
            "add a last reply without `when`",
            key=True,
        )
    for number, reply in enumerate(others):
        if reply.when is None:
            source.problem(
                (*pointer, number + 1),
                "unreachable-reply",
                f"no call gets to reply {number + 2} of {where}",
                f"reply {number + 1} has no `when`, so it holds for all calls",
                f"add `when` to reply {number + 1}, or move it to the end",
            )
            return
