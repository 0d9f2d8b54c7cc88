"""Reload: the spec of a provider takes the place of its former one, while it is served.

Every world stays what it is, as far as that fits: the records of collections whose
fixtures are the same, the clock, the journal, credentials and counters. What does not
fit begins again from the new fixtures.
"""

from __future__ import annotations

import orjson

from emulator.engine.dispatcher import Dispatcher
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.world.world import World


def reload(dispatcher: Dispatcher, program: Program) -> list[str]:
    """Serve *program*, also where a provider of its name is served already.

    Gives the ids of the worlds in which the provider begins again: what had become of
    it there does not fit any more.
    """
    worlds = dispatcher.worlds
    old = dispatcher.programs.get(program.name)
    states = [(world, _state(world, old, program)) for world in worlds]
    dispatcher.serve(program)
    again = []
    for world, state in states:
        if world.providers is not None and program.name not in world.providers:
            continue
        if world is not worlds.default:
            worlds.mint(world, program.name)
        origin = f"when the spec of {program.name} was loaded anew"
        try:
            world.load(state, dispatcher.programs, origin=origin)
        except (LookupError, TypeError, ValueError):
            state = _without(state, program.name)
            world.load(state, dispatcher.programs, origin=origin)
            again.append(world.id)
    return again


def _state(world: World, old: Program | None, new: Program) -> Json:
    """What has become of *world*, without what does not fit *new*."""
    state: Json = orjson.loads(orjson.dumps(world.dump()))
    if old is None:
        return state
    changed = {
        name
        for name, base in old.bases.items()
        if name not in new.bases or new.bases[name].digest != base.digest
    }
    collections = state["providers"].get(new.name, {})
    for name in changed & collections.keys():
        del collections[name]
    state["timers"] = [
        timer
        for timer in state["timers"]
        if not (timer[0] == new.name and timer[1] in changed)
    ]
    if _limits(old) != _limits(new):
        _forget_counters(state, new.name)
    return state


def _without(state: Json, provider: str) -> Json:
    """*state* without anything of *provider*."""
    state["providers"].pop(provider, None)
    state["timers"] = [timer for timer in state["timers"] if timer[0] != provider]
    _forget_counters(state, provider)
    return state


def _forget_counters(state: Json, provider: str) -> None:
    tally = state["tally"]
    for kind in ("meters", "failures", "everyone"):
        tally[kind] = [count for count in tally[kind] if count[0][0] != provider]


def _limits(program: Program) -> Json:
    """What the counters of a provider depend on."""
    limits = [(each.name, each.algorithm, each.window) for each in program.limits]
    return limits, program.lockout is None
