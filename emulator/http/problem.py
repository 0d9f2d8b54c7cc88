"""Problem: what the emulator answers in its own voice, as RFC 9457 writes it."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable
from typing import Any

from emulator.call import Reply
from emulator.language.failures import ExpressionFailed, SpecMistake

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    **more: Any,
) -> Reply:
    """A reply that says what went wrong; *more* are further members of the problem."""
    members = {"type": "about:blank", "title": title, "status": status}
    # json.dumps escapes what is not ASCII: a lone surrogate in a text is no second bug.
    body = json.dumps({**members, "detail": detail, **more}).encode()
    return Reply(
        status=status,
        headers=[
            ("Content-Type", MEDIA_TYPE),
            ("Cache-Control", "no-store"),
            *headers,
        ],
        body=body,
    )


def kind_of(error: BaseException) -> str:
    """Whose mistake *error* is: that of a spec, or our own."""
    return "spec error" if isinstance(error, SpecMistake) else "emulator bug"


def mistake(error: BaseException, doing: str) -> Reply:
    """A mistake met while *doing* something: it never looks like a provider's answer."""
    if isinstance(error, SpecMistake):
        return _of_spec(error, doing)
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    return problem(
        500,
        kind_of(error),
        f"{doing} failed with {type(error).__name__}: {error}",
        where=where,
        fix="this is a mistake in the emulator: please report it with the traceback"
        " that stands in its log",
    )


def _of_spec(error: SpecMistake, doing: str) -> Reply:
    more: dict[str, Any] = {"where": str(error.at)}
    if isinstance(error, ExpressionFailed):
        more |= {"expression": error.expression, "values": error.values}
    return problem(
        500,
        kind_of(error),
        f"{doing} met a mistake in the spec at {error}",
        **more,
        fix=error.fix,
    )
