"""Select: the entries of a journal that somebody wants to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.admin.journal.matching import Seen
from emulator.admin.journal.matching import since as entries_since
from emulator.admin.journal.question import BadQuestion, read_question
from emulator.program.program import Program
from emulator.world.journal import Entry, Journal

Json = Any

NONE = "none"
"""What asks for those that nothing refused, or that nobody claimed anything for."""


def select(
    journal: Journal,
    programs: Mapping[str, Program],
    *,
    provider: str | None = None,
    operation: str | None = None,
    status: str | int | None = None,
    refused_by: str | None = None,
    credential: str | None = None,
    since: str | int | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """The latest *limit* entries that are all of this, oldest first. Raises `BadQuestion`.

    *status* is a number or a class such as `4xx`, *since* the id of an entry or a time.
    *refused_by* and *credential* may be `none`.
    """
    given = {
        "provider": provider,
        "operation": operation,
        "status": status,
        "refused_by": refused_by,
        "credential": credential,
        "since": since,
    }
    asked: dict[str, Json] = {k: one for k, one in given.items() if one is not None}
    for name in ("refused_by", "credential"):
        if asked.get(name) == NONE:
            asked[name] = None
    problems = []
    if limit is not None and (type(limit) is not int or limit < 1):
        detail = f"{limit!r} is not a whole number from 1"
        problems = [{"pointer": "/limit", "detail": detail}]
    try:
        question = read_question(programs, asked, counts=())
    except BadQuestion as error:
        raise BadQuestion([*error.problems, *problems]) from None
    if problems:
        raise BadQuestion(problems)
    found = _found(journal, programs, question)
    return found if limit is None else found[-limit:]


def _found(
    journal: Journal, programs: Mapping[str, Program], question: Mapping[str, Json]
) -> list[Entry]:
    return [
        one
        for one in entries_since(journal, question)
        if one.provider in programs
        and Seen(one, programs[one.provider]).agrees(question)
    ]
