"""Old names of the Python API lead to the new ones, with a warning."""

from __future__ import annotations

from typing import Any

import pytest

import emulator


def called(name: str) -> Any:
    """The warning that names the new name."""
    return pytest.warns(DeprecationWarning, match=f"is called {name} now")


def test_an_emulator_is_asked_by_its_admin_client() -> None:
    """It was a method of the emulator's own."""
    with emulator.start(["jobriver"]) as server:
        with called("admin"):
            old = server.ask

        assert old is server.admin
