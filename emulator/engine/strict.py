"""Strict: a call that asks for what no spec says is not acted on, and says so.

Without it such a call gets the provider's answer, and the journal tells what was not
emulated. With it the question comes before all others: nothing is charged, counted or
stored for a call that is not answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NoReturn

from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Reply
from emulator.exchange.exchange import Exchange
from emulator.exchange.problems import problem
from emulator.program.reading import MalformedBody
from emulator.program.undeclared import (
    CODING,
    CONTENT,
    MEMBER,
    METHOD,
    OPERATION,
    PATH,
    QUERY,
    TARGET,
    VERSION,
    Unknown,
)
from emulator.steps.body import is_too_large, unknown_content
from emulator.steps.journal import journal
from emulator.steps.negotiate import is_shared, unknown_media
from emulator.steps.parameters import unknown_parameters
from emulator.steps.route import unknown_address

_SHOWN = 12
_PLACES: Mapping[str, str] = {
    PATH: "describe the path in {openapi}, and under `operations` of {behavior}"
    " what it does",
    METHOD: "describe the method in {openapi}, and under `operations` of {behavior}"
    " what it does",
    OPERATION: "say under `operations` of {behavior} how {operation} behaves",
    TARGET: "describe it in {openapi}, and under `dispatch` of {behavior} what names it",
    QUERY: "declare it under `parameters` of {operation} in {openapi}",
    MEMBER: "name it under `properties` of the request body of {operation} in {openapi}",
    CONTENT: "have {operation} take JSON, a form or a text in {openapi}: of other bodies"
    " only the size is known",
    CODING: "send the body as it is, or in a coding that is known",
    VERSION: "add it to `http.version.known` in {behavior}",
}


class NotEmulated(Exception):
    """A call asks for something that the spec of its provider does not say."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.unknown = exchange.unknown
        call, path = exchange.call, exchange.addressed.path
        name = exchange.program.name
        what = "; ".join(map(_in_words, self.unknown))
        super().__init__(
            f"{call.method[:20]} {path[:200]} asks for what the spec of {name}"
            f" does not say: {what}"
        )

    @property
    def fix(self) -> str:
        """How to have it emulated, for each kind of thing that is not."""
        name = self.exchange.program.name
        names = {
            "openapi": f"specs/{name}/openapi.yaml",
            "behavior": f"specs/{name}/behavior.yaml",
            "operation": self.exchange.operation_id,
        }
        kinds = dict.fromkeys(unknown.what for unknown in self.unknown)
        places = [_PLACES[kind].format_map(names) for kind in kinds]
        fix = f"ask for what is known; or {'; '.join(places)}"
        if OPERATION in kinds:
            return fix
        return (
            f"{fix}; or start without --strict, and the call gets the provider's answer"
        )


def refuse_unlisted(exchange: Exchange) -> NoReturn:
    """Raise `NotEmulated`: the spec says that this operation of its is not emulated."""
    id, known = exchange.operation.id, tuple(exchange.program.operations)
    exchange.is_unknown("route", [Unknown(OPERATION, id, None, known)])
    raise NotEmulated(exchange)


def insist_on_known(exchange: Exchange) -> None:
    """Raise `NotEmulated` where the call asks for what the spec does not say.

    Nothing has been charged, counted or stored then. What the provider refuses is for
    the pipeline to refuse.
    """
    for step, unknown in _unknown(exchange.addressed):
        exchange.is_unknown(step, unknown)
    if exchange.unknown:
        raise NotEmulated(exchange)


def _unknown(addressed: Addressed) -> Iterator[tuple[str, list[Unknown]]]:
    """What nobody describes, and the step that meets it, as far as those can tell."""
    operation = addressed.operation
    if operation is None:
        yield "route", unknown_address(addressed)
        return
    yield "parameters", unknown_parameters(addressed)
    yield "negotiate", unknown_media(addressed)
    if operation.body is None or not is_shared(addressed):
        return
    if not is_too_large(addressed, operation.body):
        with suppress(MalformedBody):
            yield "body", unknown_content(addressed)


def not_emulated(refused: NotEmulated) -> Reply:
    """What a call is answered that is not acted on; it is written down all the same."""
    reply = problem(
        501,
        "not emulated",
        str(refused),
        unknown=[unknown.facts for unknown in refused.unknown],
        fix=refused.fix,
    )
    return written_down(refused.exchange, reply, "not_emulated")


def over_limit(exchange: Exchange, most: int) -> Reply:
    """What a body is answered that only the emulator finds too long, which is no
    answer of the provider's."""
    reply = problem(
        413,
        "body over the emulator's limit",
        f"the body is longer than {most} bytes, which is what the emulator reads"
        f" (--max-body); {exchange.program.name} says nothing of a limit for"
        f" {exchange.operation_id}",
        fix="start the emulator with a larger --max-body (EMULATOR_MAX_BODY), or give"
        " the operation its own `max_body` in behavior.yaml",
    )
    exchange.note("body", "over the emulator's limit", {"most": most})
    return written_down(exchange, reply, "body_over_limit")


def written_down(exchange: Exchange, reply: Reply, word: str) -> Reply:
    """*reply*, which is the emulator's own, once it is in the journal and has names."""
    exchange.reply = reply
    exchange.reply.world = exchange.world.id
    exchange.reply.summary = (
        exchange.program.name,
        exchange.operation_id or "",
        word,
    )
    journal(exchange)
    return exchange.reply


def _in_words(unknown: Unknown) -> str:
    near = f"did you mean {unknown.nearest!r}? " if unknown.nearest else ""
    known = ", ".join(unknown.known[:_SHOWN]) or "none"
    more = len(unknown.known) - _SHOWN
    beside = f" and {more} more" if more > 0 else ""
    return f"the {unknown.what} {unknown.asked!r} ({near}known: {known}{beside})"
