"""Strict: a call that asks for what no spec says is not acted on, and says so.

Without it such a call gets the provider's answer, and the journal tells what was not
emulated. With it the question comes before all others: nothing is charged, counted or
stored for a call that is not answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from emulator.call import Reply
from emulator.compile.parameters import MalformedQuery, read_query
from emulator.exchange import BodyOverLimit, Exchange
from emulator.http.problem import problem
from emulator.program.undeclared import (
    CODING,
    CONTENT,
    MEMBER,
    METHOD,
    PATH,
    QUERY,
    VERSION,
    Unknown,
)
from emulator.steps.body import body
from emulator.steps.journal import journal
from emulator.steps.negotiate import negotiate
from emulator.steps.parameters import look_for_unknown
from emulator.steps.route import route

_SHOWN = 12
_PLACES: Mapping[str, str] = {
    PATH: "describe the path in {openapi}, and under `operations` of {behavior}"
    " what it does",
    METHOD: "describe the method in {openapi}, and under `operations` of {behavior}"
    " what it does",
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
        call, name = exchange.call, exchange.program.name
        found = "; ".join(map(_told, self.unknown))
        super().__init__(
            f"{call.method[:20]} {call.path[:200]} asks for what the spec of {name}"
            f" does not say: {found}"
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
        kinds = dict.fromkeys(one.what for one in self.unknown)
        places = [_PLACES[kind].format_map(names) for kind in kinds]
        return (
            f"ask for what is known; or {'; '.join(places)}; or start without --strict,"
            " and the call gets the provider's answer"
        )


def insist_on_known(exchange: Exchange) -> None:
    """Raise `NotEmulated` where the call asks for what the spec does not say.

    The steps that know are asked with an exchange of their own: they change nothing in
    the world, and a refusal of theirs is for the pipeline to give.
    """
    rehearsal = Exchange(exchange.call, exchange.program, exchange.world)
    if route(rehearsal) is None:
        if exchange.call.query:
            _look_at_query(rehearsal)
        if negotiate(rehearsal) is None:
            with suppress(BodyOverLimit):  # it is told when its turn comes
                body(rehearsal)
    if rehearsal.unknown:
        exchange.found = rehearsal.found
        exchange.unknown = rehearsal.unknown
        exchange.notes += (one for one in rehearsal.notes if one[1] == "not emulated")
        raise NotEmulated(exchange)


def not_emulated(refused: NotEmulated) -> Reply:
    """What a call is answered that is not acted on; it is written down all the same."""
    reply = problem(
        501,
        "not emulated",
        str(refused),
        unknown=[one.facts for one in refused.unknown],
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


def _look_at_query(exchange: Exchange) -> None:
    try:
        sent = read_query(exchange.call.query)
    except MalformedQuery:
        return  # it is the provider who says so
    look_for_unknown(exchange, sent)


def _told(one: Unknown) -> str:
    near = f"did you mean {one.nearest!r}? " if one.nearest else ""
    known = ", ".join(one.known[:_SHOWN]) or "none"
    more = len(one.known) - _SHOWN
    beside = f" and {more} more" if more > 0 else ""
    return f"the {one.what} {one.asked!r} ({near}known: {known}{beside})"
