"""Each behavior's module says what it reads and what it refuses with, and keeps to it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import emulator
from emulator import pipeline
from emulator.compile.scope import STEPS
from emulator.program.refusals import REFUSALS

FOLDER = Path(emulator.__file__).parent / "steps"
MODULES = sorted(
    path for path in FOLDER.glob("*.py") if "Reads:" in path.read_text("utf-8")
)


def lines_of(path: Path, name: str) -> str:
    """What stands after `Reads:` or `Refuses:` in the docstring of a module."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    found = re.search(rf"^{name}: (.*)$", text, re.MULTILINE)
    return found[1] if found else ""


def said(path: Path) -> set[str]:
    """The codes of the catalogue that `Refuses:` names."""
    return set(re.findall(r"\w+", lines_of(path, "Refuses"))) & REFUSALS.keys()


def refused(path: Path) -> set[str]:
    """The codes that the module's `Refusal(...)` calls name literally."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "Refusal"
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_every_step_has_a_module_of_its_name() -> None:
    """One behavior, one module, one function, one name."""
    steps = [step.__name__ for step in (*pipeline.DECIDE, *pipeline.FINISH)]

    assert {path.stem for path in MODULES} == set(steps)
    assert {path.stem for path in FOLDER.glob("*.py")} >= set(steps)
    assert tuple(step.__name__ for step in pipeline.DECIDE) == STEPS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_begins_with_its_question(path: Path) -> None:
    """`Name: one sentence`, and what the step looks at."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    name = path.stem.replace("_", " ").capitalize()

    assert text.startswith(f"{name}: ")
    assert lines_of(path, "Reads")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_refuses_with_what_its_header_says(path: Path) -> None:
    """Codes that stand in the code stand in the header; those of a spec may as well."""
    by_name = {
        "limit_reached",
        "conflict",
        "not_found",
        "invalid_page",
        "invalid_cursor",
    }

    assert refused(path) <= said(path)
    assert said(path) - refused(path) <= by_name


def test_every_refusal_belongs_to_the_module_that_says_so() -> None:
    """The catalogue's step for a code is the module whose header has the code."""
    owners = {code: path.stem for path in MODULES for code in said(path)}

    assert owners == {code: kind.step for code, kind in REFUSALS.items()}
