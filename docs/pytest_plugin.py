"""Pytest plugin: the page of its reference: fixtures, marker, options."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from emulator import pytest_plugin
from emulator.pytest_plugin.worlds import _FORMS

MARKER = {
    "provider": "The provider that the test is about, which `emulator_provider` is;"
    " with several, that gives one by its name.",
    "scenario": "The scenario that the world begins in, or several, in that order. With"
    " one `provider`, its own name is enough.",
    "clock": "How the world's clock begins.",
    "seed": "The seed of everything that looks random in the world.",
    "sleepless": "Waits pass at once, and move the world's clock, which is frozen;"
    " the clocks of the code that waits go on with them, and show the world's date.",
    "intercept": "Calls to the providers' own hosts are answered in this process."
    ' With `"refuse"`, calls to any other host raise `ForeignHost`, and fail the test'
    " at its end where the client has swallowed that; see"
    " [Interception](../explanation/interception.md).",
}
"""What each keyword of the marker means."""


class Fixture(NamedTuple):
    """A fixture of the plugin, as its source has it."""

    name: str
    scope: str
    gives: str
    says: str


class Options:
    """What the plugin adds to the command line and to the ini file, in its order."""

    def __init__(self) -> None:
        self.flags: dict[str, dict[str, Any]] = {}
        self.inis: dict[str, str] = {}

    def getgroup(self, *_: str) -> Options:
        return self

    def addoption(self, flag: str, **more: Any) -> None:
        self.flags[flag] = more

    def addini(self, name: str, help: str, **_: Any) -> None:
        self.inis[name] = help


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from (
        "# Pytest plugin",
        "",
        "<!-- Made by docs/generate.py: do not edit. -->",
        "",
        "It is there as soon as the package is installed.",
        "[Test an integration](../tutorials/test-an-integration.md) shows it in use,",
        "and [Run tests in parallel](../how-to/test-in-parallel.md) what pytest-xdist does.",
        "",
        "## Fixtures",
        "",
    )
    yield from _table(
        ("fixture", "scope", "gives", "what it is"),
        [
            (f"`{one.name}`", one.scope, _linked(one.gives), one.says)
            for one in fixtures()
        ],
    )
    yield from ("## The marker `emulator`", "")
    yield from (
        "A test that has it gets the fixture `emulator`, whether it asks for it or not.",
        "On a class or a module it is for all tests there.",
        "The marker that is nearest to the test wins, keyword by keyword.",
        "Anything else in it fails the test.",
        "",
        "```python",
        '@pytest.mark.emulator(provider="jobriver", scenario="rate_limited")',
        "```",
        "",
    )
    rows = [
        (f"`{name}`", _form(form), MARKER[name]) for name, (_, form) in _FORMS.items()
    ]
    yield from _table(("keyword", "value", "meaning"), rows)
    yield from (
        "Without `intercept` the world is one of `emulator_server`.",
        "With it, the world is in this process, and no server is started for it.",
        "",
        "## Options",
        "",
        "An option wins over its variable, and that over the ini file.",
        "What a variable says stands in the header of the run.",
        "`--emulator-specs` and `--emulator-strict` are refused beside `--emulator-url`:",
        "they are for a server that the tests start.",
        "",
    )
    yield from _table(("option", "ini file", "variable", "meaning"), _options())
    yield from (
        "## Reports",
        "",
        "The report of a test that failed has a section `emulator: world ...`.",
        "It lists the latest calls, and explains the last ones, decision by decision.",
        "It is part of the failure, so that it also stands in the file of `--junitxml`.",
        "",
        "A test fails, whatever its client made of the reply, where a call could not be",
        "answered as the provider would: see [Alarms](../explanation/worlds.md#alarms).",
        "",
    )


def fixtures() -> Iterator[Fixture]:
    """The fixtures of the plugin, in the order of its source."""
    for part in ast.parse(inspect.getsource(pytest_plugin)).body:
        if not isinstance(part, ast.FunctionDef):
            continue
        for one in part.decorator_list:
            called = one.func if isinstance(one, ast.Call) else one
            if ast.unparse(called) != "pytest.fixture":
                continue
            said = one.keywords if isinstance(one, ast.Call) else []
            given = {key.arg: ast.literal_eval(key.value) for key in said}
            yield Fixture(
                given.get("name", part.name),
                given.get("scope", "function"),
                _given(part),
                " ".join((ast.get_docstring(part) or "").split()),
            )


def _given(part: ast.FunctionDef) -> str:
    """`Iterator[World]`  ->  `World`"""
    text = ast.unparse(part.returns) if part.returns else ""
    return re.sub(r"^Iterator\[(.*)\]$", r"\1", text)


def _linked(text: str) -> str:
    """The types of the Python API that *text* names, each with a link."""
    found = " or ".join(text.split(" | "))
    return re.sub(
        r"\b(Emulator|World|Provider)\b",
        lambda one: f"[{one[1]}](python-api.md#{one[1].lower()})",
        found.replace("Callable[[str], Provider]", "a function that gives one"),
    )


def _form(form: str) -> str:
    """The values in *form*, as code."""
    return re.sub(r'(".*?"|True|False)', r"`\1`", form)


def _options() -> Iterator[tuple[str, ...]]:
    added = Options()
    pytest_plugin.pytest_addoption(added)  # type: ignore[arg-type]
    for flag, more in added.flags.items():
        ini = flag.removeprefix("--").replace("-", "_")
        assert ini in added.inis
        shown = f"{flag} {more['metavar']}" if "metavar" in more else flag
        says, _, default = more["help"].partition("; ")
        variables = re.findall(r"\$(EMULATOR_\w+)", default)
        yield f"`{shown}`", f"`{ini}`", _code(variables), says


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{one}`" for one in words)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""
