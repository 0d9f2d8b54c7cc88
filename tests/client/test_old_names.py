"""Old names of the Python API lead to the new ones, with a warning."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import emulator
from emulator import Credential, World

Named = Callable[[World], Any]


@pytest.mark.parametrize(
    ("holder", "old", "new"),
    [
        (lambda world: world, "fault", "add_fault"),
        (lambda world: world, "scenario", "apply_scenario"),
        (lambda world: world.provider("jobriver"), "fault", "add_fault"),
        (lambda world: world.provider("jobriver"), "scenario", "apply_scenario"),
        (lambda world: world.provider("jobriver").records("jobs"), "change", "update"),
        (lambda world: world.add_fault("jobriver", "reset"), "struck", "hits"),
        (lambda world: _credential(world), "written", "raw"),
    ],
)
def test_an_old_name_leads_to_the_new_one(
    holder: Named, old: str, new: str, sandbox: World
) -> None:
    thing = holder(sandbox)

    with pytest.warns(DeprecationWarning, match=f"[.]{old} is called {new} now"):
        found = getattr(thing, old)

    assert found == getattr(thing, new)


def test_a_method_of_an_old_name_does_what_it_did(sandbox: World) -> None:
    """It is the method of the new name."""
    with pytest.warns(DeprecationWarning, match="World.scenario is called"):
        sandbox.scenario("jobriver/credential_revoked")

    assert _credential(sandbox).state == "revoked"


def test_an_emulator_is_asked_by_its_admin_client() -> None:
    """It was a method of the emulator's own."""
    with emulator.start(["jobriver"]) as server:
        with pytest.warns(DeprecationWarning, match="Emulator.ask is called admin now"):
            old = server.ask

        assert old is server.admin


def _credential(world: World) -> Credential:
    return world.provider("jobriver").credentials["full"]
