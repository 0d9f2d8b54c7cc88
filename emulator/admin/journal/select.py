"""Select: the entries of a journal that somebody wants to see."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.admin.journal.matching import Seen
from emulator.admin.journal.matching import since as entries_since
from emulator.admin.journal.question import BadQuestion, read_question
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.world.journal import Journal

NONE = "none"
"""What asks for those that nothing refused, or that nobody claimed anything for."""


def select(
    journal: Journal[Entry],
    programs: Mapping[str, Program],
    *,
    provider: str | None = None,
    operation: str | None = None,
    method: str | None = None,
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
        "method": method,
        "status": status,
        "refused_by": refused_by,
        "credential": credential,
        "since": since,
    }
    wanted: dict[str, Json] = {
        k: value for k, value in given.items() if value is not None
    }
    for name in ("refused_by", "credential"):
        if wanted.get(name) == NONE:
            wanted[name] = None
    problems = []
    if limit is not None and (type(limit) is not int or limit < 1):
        detail = f"{limit!r} is not a whole number from 1"
        problems = [{"pointer": "/limit", "detail": detail}]
    try:
        question = read_question(programs, wanted, counts=())
    except BadQuestion as error:
        raise BadQuestion([*error.problems, *problems]) from None
    if problems:
        raise BadQuestion(problems)
    entries = _matching(journal, programs, question)
    return entries if limit is None else entries[-limit:]


def _matching(
    journal: Journal[Entry],
    programs: Mapping[str, Program],
    question: Mapping[str, Json],
) -> list[Entry]:
    return [
        entry
        for entry in entries_since(journal, question)
        if entry.provider in programs
        and Seen(entry, programs[entry.provider]).agrees(question)
    ]
