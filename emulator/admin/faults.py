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
from emulator.admin.table import (
    COUNT,
    TEXT,
    Answer,
    Body,
    Schema,
    problems,
    query,
    ref,
    rows,
)
from emulator.exchange.call import Reply
from emulator.world.faults import Rule, TooManyRules


def list_faults(request: AdminRequest) -> Reply:
    world, provider = world_of(request), request.options.get("provider")
    at = world.clock.now()
    rules = world.faults.listed(at)
    return json_reply(
        [shown(rule, at) for rule in rules if provider in (None, rule.provider)]
    )


def add_fault(request: AdminRequest) -> Reply:
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


def get_fault(request: AdminRequest) -> Reply:
    world = world_of(request)
    return json_reply(shown(_rule(request), world.clock.now()))


def delete_faults(request: AdminRequest) -> Reply:
    world_of(request).faults.clear()
    return no_content()


def delete_fault(request: AdminRequest) -> Reply:
    world_of(request).faults.remove(_rule(request).id)
    return no_content()


def _rule(request: AdminRequest) -> Rule:
    world, id = world_of(request), request.names["fault"]
    rule = world.faults.find(id, world.clock.now())
    if rule is None:
        raise problem_error(404, "no such fault", f"there is no rule {id[:60]!r}")
    return rule


_MAYBE: Schema = {"type": ["string", "null"]}
_TEXTS: Schema = {"type": ["array", "null"], "items": TEXT}

SCHEMAS: Mapping[str, Schema] = {
    "NewFault": rule_schema(),
    "Fault": {
        "type": "object",
        "required": ["id", "provider", "faults", "counted", "struck", "state"],
        "properties": {
            "id": TEXT,
            "provider": TEXT,
            "operations": {**_TEXTS, "description": "null: all operations."},
            "credential": _MAYBE,
            "calls": {**_MAYBE, "description": "Which calls; null: every call."},
            "probability": {"type": "number"},
            "after": _MAYBE,
            "until": _MAYBE,
            "faults": {"type": "array", "items": TEXT},
            "refuse": _MAYBE,
            "status": {"type": ["integer", "null"]},
            "source": {**TEXT, "description": "The scenario that added the rule."},
            "counted": {**COUNT, "description": "How many calls the rule has seen."},
            "struck": {
                **COUNT,
                "description": "To how many calls the rule was applied.",
            },
            "state": {"enum": ["active", "over"]},
        },
    },
}

_PATH = "/worlds/{world}/faults"

row = rows("faults")

OPERATIONS = (
    row(
        f"GET {_PATH}",
        list_faults,
        "List the fault rules",
        {200: Answer("the rules", {"type": "array", "items": ref("Fault")})},
        description=(
            "Rules that are over come first; only the latest of them are remembered."
        ),
        query=(query("provider", TEXT, "only rules of this provider"),),
    ),
    row(
        f"POST {_PATH}",
        add_fault,
        "Add a fault rule",
        {
            201: Answer("the new rule", ref("Fault")),
            429: problems("the world has the maximum number of rules"),
        },
        body=Body(ref("NewFault"), most=65_536),
    ),
    row(
        f"DELETE {_PATH}",
        delete_faults,
        "Remove all fault rules",
        {204: Answer("removed")},
    ),
    row(
        f"GET {_PATH}/{{fault}}",
        get_fault,
        "Show a fault rule",
        {200: Answer("the rule", ref("Fault"))},
    ),
    row(
        f"DELETE {_PATH}/{{fault}}",
        delete_fault,
        "Remove a fault rule",
        {204: Answer("removed")},
    ),
)
