"""Fixtures of the pytest plugin: test files of a user's, run by a pytest of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import emulator
from emulator import Emulator, start

FROM_ELSEWHERE = ("yaml", "jsonschema", "jsonschema_rs", "faker", "requests", "httpx")
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
SPECS = Path(__file__).parent / "specs"


@pytest.fixture(scope="session", autouse=True)
def imported() -> None:
    """What a run inside this one imports is forgotten after it: not so what is here."""
    ours = (package.name for package in walk_packages(emulator.__path__, "emulator."))
    for name in (*ours, *FROM_ELSEWHERE):
        import_module(name)


@pytest.fixture(scope="session")
def running() -> Iterator[Emulator]:
    """An emulator that runs elsewhere, as far as the tests know."""
    with start(["jobriver"], admin_token="sesame") as server:
        yield server


@pytest.fixture(autouse=True)
def remembered(monkeypatch: pytest.MonkeyPatch, pytester: pytest.Pytester) -> None:
    """What was loaded before is at hand, though each run has a home of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)


@pytest.fixture
def specs() -> str:
    """The option that adds an invented provider with a mistake in it."""
    return f"--emulator-specs={SPECS}"
