"""Snapshots: all that has become of a world, written down to be restored later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial

import orjson

from emulator.engine.fitness import unfit
from emulator.json_type import Json
from emulator.program.onlooker import Onlooker
from emulator.program.program import Program
from emulator.version import __version__
from emulator.world.snapshot_schema import misfit
from emulator.world.world import World

_FORMAT = 2


class BadSnapshot(ValueError):
    """What is to be restored was not taken here, or does not fit any more."""


def snapshot(world: World) -> bytes:
    """All that has become of *world*, but for its journal, to be restored later."""
    state = world.dump()
    return orjson.dumps(
        {
            "format": _FORMAT,
            "emulator": __version__,
            "world": world.id,
            "digest": _digest(state),
            "state": state,
        }
    )


def may_hold_secrets(world: World, programs: Mapping[str, Program]) -> bool:
    """Whether a snapshot of *world* may hold secrets that are not those of fixtures."""
    state = world.dump()
    return (
        "state" in state["secrets"]  # it has given some out
        or any(each["secrets"] for each in state["outbox"]["subscriptions"])
        or bool(state["kept_replies"])
        or any(
            name in programs[provider].minted
            for provider, changed in state["providers"].items()
            for name in changed
        )
    )


def restore(world: World, data: bytes, programs: Mapping[str, Program]) -> None:
    """Put *world* where a snapshot was taken, of this world or of another one.

    Raises `BadSnapshot`, and then nothing has changed.
    """
    try:
        snapshot = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BadSnapshot(f"it is no snapshot: {error}") from None
    if not isinstance(snapshot, dict) or snapshot.get("format") != _FORMAT:
        raise BadSnapshot(
            f"it is no snapshot of format {_FORMAT}, which emulator {__version__} takes"
        )
    state = snapshot.get("state")
    if not isinstance(state, dict) or _digest(state) != snapshot.get("digest"):
        raise BadSnapshot("it is not as it was written: its digest differs")
    wrong = misfit(state)
    if wrong:
        raise BadSnapshot(f"it is not what is written here: {wrong}")
    missing = sorted(state["providers"].keys() - programs.keys())
    if missing:
        raise BadSnapshot(f"it has providers that are not served: {missing}")
    if world.providers is not None:
        others = sorted(state["providers"].keys() - world.providers)
        if others:
            raise BadSnapshot(f"it has providers that the world has not: {others}")
    try:
        world.load(state, programs, partial(_check, programs))
    except (LookupError, TypeError, ValueError) as error:
        said = error.args[0] if error.args else error
        raise BadSnapshot(
            f"it does not fit what is served here: {said}; emulator"
            f" {snapshot.get('emulator')} wrote it"
        ) from None


def _check(programs: Mapping[str, Program], world: World) -> None:
    """Raise `ValueError` for a credential that calls would fail for."""
    for program in programs.values():
        touched = world.touched(program)
        x = Onlooker(program, world)
        for name in dict.fromkeys(
            scheme.collection for scheme in program.schemes.values()
        ):
            if name not in touched:
                continue
            for record in [*touched[name].changed()]:
                for why in unfit(x, name, record):
                    key = record[touched[name].key]
                    raise ValueError(f"{program.name}/{name}/{key}: {why}")


def _digest(state: Json) -> str:
    """The same for the same state. Raises `BadSnapshot` for one that is too deep."""
    try:
        return hashlib.blake2b(orjson.dumps(state), digest_size=16).hexdigest()
    except orjson.JSONEncodeError as error:
        raise BadSnapshot(f"nothing like it is ever written: {error}") from None
