"""Scenarios: named situations that a world is put into."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.admin.request import (
    AdminRequest,
    json_reply,
    no_content,
    problem_error,
    program_of,
    world_of,
)
from emulator.admin.schemas import Schema, count, list_of, object_schema, ref, text
from emulator.admin.table import Answer, Rows, problems
from emulator.diagnostics import did_you_mean
from emulator.engine.scenarios import apply
from emulator.exchange.call import Reply
from emulator.json_type import Json
from emulator.language.failures import ExpressionFailed
from emulator.program.scenarios import Scenario
from emulator.world.faults import TooManyRules

_PATH = "/worlds/{world}/scenarios/{provider}"

row = Rows("scenarios")


@row(f"GET {_PATH}", {200: Answer("the scenarios", list_of(ref("Scenario")))})
def list_scenarios(request: AdminRequest) -> Reply:
    """List the scenarios of a provider."""
    world_of(request)
    program = program_of(request)
    return json_reply(
        [_shown(scenario, program.name) for scenario in program.scenarios.values()]
    )


@row(
    f"POST {_PATH}/{{scenario}}",
    {
        200: Answer("applied", ref("Scenario")),
        409: problems("the world's records or its clock do not allow the scenario"),
        429: problems("the world has the maximum number of rules"),
    },
)
def apply_scenario(request: AdminRequest) -> Reply:
    """Apply a scenario."""
    world, program, scenario = (
        world_of(request),
        program_of(request),
        _scenario(request),
    )
    try:
        apply(scenario, program, world)
    except TooManyRules as error:
        raise problem_error(429, "too many rules", str(error)) from None
    except (ExpressionFailed, ValueError) as error:
        raise problem_error(409, "not arranged", str(error)) from None
    world.scenarios.append(f"{program.name}/{scenario.name}")
    return json_reply(_shown(scenario, program.name))


@row(f"DELETE {_PATH}/{{scenario}}", {204: Answer("removed")})
def clear_scenario(request: AdminRequest) -> Reply:
    """Remove the fault rules of a scenario.

    The scenario's changes to the world (records, a spent quota, the clock) stay until
    the world is reset or restored from a snapshot.
    """
    world, program, scenario = (
        world_of(request),
        program_of(request),
        _scenario(request),
    )
    at = world.clock.now()
    for rule in world.faults.listed(at):
        if rule.provider == program.name and rule.source == scenario.name:
            world.faults.remove(rule.id)
    name = f"{program.name}/{scenario.name}"
    world.scenarios = [applied for applied in world.scenarios if applied != name]
    return no_content()


def _scenario(request: AdminRequest) -> Scenario:
    program, name = program_of(request), request.names["scenario"]
    scenario = program.scenarios.get(name)
    if scenario is None:
        fix = did_you_mean(name[:60], program.scenarios)
        detail = f"{program.name} has no scenario {name[:60]!r}: {fix}"
        raise problem_error(404, "no such scenario", detail)
    return scenario


def _shown(scenario: Scenario, provider: str) -> Json:
    return {
        "provider": provider,
        "name": scenario.name,
        "says": scenario.says,
        "arranges": len(scenario.arrange),
        "faults": len(scenario.faults),
    }


SCHEMAS: Mapping[str, Schema] = {
    "Scenario": object_schema(
        provider=text(),
        name=text(),
        says=text("A sentence that describes the situation."),
        arranges=count("How many changes it makes to the world when it is applied."),
        faults=count("How many fault rules it adds."),
    )
}
