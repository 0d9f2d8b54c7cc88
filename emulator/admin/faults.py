"""Rules: what goes wrong on purpose in a world, scheduled, listed and taken back."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.admin.fault_rules import BadRule, read_rule, rule_schema, shown
from emulator.admin.request import (
    AdminRequest,
    json_reply,
    no_content,
    problem_error,
    unprocessable,
    world_of,
)
from emulator.admin.schemas import (
    Schema,
    count,
    described,
    list_of,
    number,
    object_schema,
    of_types,
    ref,
    text,
    text_or_null,
)
from emulator.admin.table import Answer, Body, Rows, problems, query
from emulator.exchange.call import Reply
from emulator.world.faults import Rule, TooManyRules

_PATH = "/worlds/{world}/faults"

row = Rows("faults")


@row(
    f"GET {_PATH}",
    {200: Answer("the rules", list_of(ref("Fault")))},
    query=(query("provider", text(), "only rules of this provider"),),
)
def list_faults(request: AdminRequest) -> Reply:
    """List the fault rules.

    Rules that are over come first; only the latest of them are remembered.
    """
    world, provider = world_of(request), request.options.get("provider")
    at = world.clock.now()
    rules = world.faults.listed(at)
    return json_reply(
        [shown(rule, at) for rule in rules if provider in (None, rule.provider)]
    )


@row(
    f"POST {_PATH}",
    {
        201: Answer("the new rule", ref("Fault")),
        429: problems("the world has the maximum number of rules"),
    },
    body=Body(ref("NewFault"), most=65_536),
)
def add_fault(request: AdminRequest) -> Reply:
    """Add a fault rule."""
    world = world_of(request)
    at = world.clock.now()
    try:
        made = world.faults.add(
            read_rule(request.dispatcher.programs, request.json, at)
        )
    except BadRule as error:
        raise unprocessable(
            [{"pointer": at, "detail": says} for at, says in error.problems]
        ) from None
    except TooManyRules as error:
        raise problem_error(429, "too many rules", str(error)) from None
    return json_reply(shown(made, at), 201)


@row(f"GET {_PATH}/{{fault}}", {200: Answer("the rule", ref("Fault"))})
def get_fault(request: AdminRequest) -> Reply:
    """Show a fault rule."""
    world = world_of(request)
    return json_reply(shown(_rule(request), world.clock.now()))


@row(f"DELETE {_PATH}", {204: Answer("removed")})
def delete_faults(request: AdminRequest) -> Reply:
    """Remove all fault rules."""
    world_of(request).faults.clear()
    return no_content()


@row(f"DELETE {_PATH}/{{fault}}", {204: Answer("removed")})
def delete_fault(request: AdminRequest) -> Reply:
    """Remove a fault rule."""
    world_of(request).faults.remove(_rule(request).id)
    return no_content()


def _rule(request: AdminRequest) -> Rule:
    world, id = world_of(request), request.names["fault"]
    rule = world.faults.find(id, world.clock.now())
    if rule is None:
        raise problem_error(404, "no such fault", f"there is no rule {id[:60]!r}")
    return rule


_TEXTS: Schema = of_types("array null", items=text())

SCHEMAS: Mapping[str, Schema] = {
    "NewFault": rule_schema(),
    "Fault": object_schema(
        required="id provider faults counted struck state",
        id=text(),
        provider=text(),
        operations=described(_TEXTS, "null: all operations."),
        credential=text_or_null(),
        calls=text_or_null("Which calls; null: every call."),
        probability=number(),
        after=text_or_null(),
        until=text_or_null(),
        faults=list_of(text()),
        refuse=text_or_null(),
        status=of_types("integer null"),
        source=text("The scenario that added the rule."),
        counted=count("How many calls the rule has seen."),
        struck=count("To how many calls the rule was applied."),
        state={"enum": ["active", "over"]},
    ),
}
