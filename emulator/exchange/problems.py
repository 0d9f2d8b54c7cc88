"""Problems: what the emulator answers in its own voice (see `http.problem`)."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import Any

from emulator.exchange.call import Reply
from emulator.http.problem import MEDIA_TYPE, problem_body
from emulator.language.failures import ExpressionFailed, SpecMistake


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    headers: Iterable[tuple[str, str]] = (),
    **more: Any,
) -> Reply:
    """A reply that says what went wrong; *more* are further members of the problem."""
    return Reply(
        status=status,
        headers=[
            ("Content-Type", MEDIA_TYPE),
            ("Cache-Control", "no-store"),
            *headers,
        ],
        body=problem_body(status, title, detail, **more),
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
