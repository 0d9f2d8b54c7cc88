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
    "provider": "The provider of the test, which the fixture `emulator_provider` gives."
    " With several, that fixture is a function that takes a name.",
    "scenario": "The scenario to apply at the start, or several, in this order. With"
    " one `provider`, the name of the scenario alone is enough.",
    "clock": "The world's clock at the start.",
    "seed": "The seed of all random choices in the world.",
    "sleepless": "Waits return at once and move the world's clock, which is frozen. The"
    " clocks of the waiting code advance with them and show the world's date; see"
    " [Test without waiting](../how-to/test-without-waiting.md).",
    "intercept": "Calls to the providers' own hosts are answered in this process."
    ' With `"refuse"`, calls to any other host raise `ForeignHost`, and also fail the'
    " test at its end, in case the client swallows the exception; see"
    " [Interception](../explanation/interception.md).",
    "strict_stubs": "A [stub](../how-to/stub-one-reply.md) that no call has met fails the"
    " test at its end.",
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
        "The plugin is active as soon as the package is installed.",
        "[Test an integration](../tutorials/test-an-integration.md) shows it in use;",
        "[Run tests in parallel](../how-to/test-in-parallel.md) covers pytest-xdist.",
        "",
        "## Fixtures",
        "",
    )
    yield from _table(
        ("fixture", "scope", "gives", "what it is"),
        [
            (f"`{fixture.name}`", fixture.scope, _linked(fixture.gives), fixture.says)
            for fixture in fixtures()
        ],
    )
    yield from ("## The marker `emulator`", "")
    yield from (
        "A marked test uses the fixture `emulator`, even if it does not name it.",
        "A marker on a class or a module applies to all tests in it.",
        "For each keyword, the marker nearest to the test wins.",
        "An unknown keyword fails the test.",
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
        "Without `intercept`, the world is on `emulator_server`.",
        "With it, the world is in this process, and no server is started.",
        "",
        "## Options",
        "",
        "An option wins over its variable, and the variable over the ini file.",
        "The header of the test run shows the values from variables.",
        "`--emulator-specs`, `--emulator-provider` and `--emulator-strict` cannot be combined with",
        "`--emulator-url`: they are for a server that the plugin starts.",
        "",
    )
    yield from _table(("option", "ini file", "variable", "meaning"), _options())
    yield from (
        "## Reports",
        "",
        "The report of a failed test has a section `emulator: world ...`.",
        "It lists the latest calls, and explains the last ones, decision by decision.",
        "The file of `--junitxml` contains this section too.",
        "",
        "A test also fails if a call could not be answered as the provider would,",
        "whatever its client did: see [Alarms](../explanation/worlds.md#alarms).",
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
    return ", ".join(f"`{word}`" for word in words)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, tuple("---" for _ in head), *rows):
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
    yield ""
