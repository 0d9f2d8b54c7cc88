"""Hooks: functions of a provider's own, in Python, that expressions may call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from front_door import served
from small import small
from starlette.testclient import TestClient

from emulator.compile.load import load
from emulator.compile.places import Place, bundled
from emulator.diagnostics import Report, SpecError
from emulator.engine.dispatcher import Dispatcher
from emulator.settings import Settings

HOOKS = '''
"""Check digits, which no expression can say."""

def check_digit(number: str, *, weight: int = 3) -> int:
    total = sum(int(digit) * (1, weight)[at % 2] for at, digit in enumerate(number))
    return -total % 10

def broken(record: dict) -> dict:
    record["changed"] = True
    return record["missing"]

def odd(kind: str) -> object:
    return {1, 2} if kind == "set" else 7

def _helper() -> None: ...
'''
NUMBER = {"name": "number", "in": "query", "schema": {"type": "string"}}
PATHS = {
    f"/{id}": {"get": {"operationId": id, "parameters": [NUMBER], "responses": {}}}
    for id in ("digit", "broken", "odd")
}
TABLE = {"invalid_request": {"status": 422}}
OPERATIONS = {
    "digit": {"reply": {"body": {"digit": "${check_digit(query.number)}"}}},
    "broken": {"reply": {"body": "${broken(lookup('things', 1))}"}},
    "odd": {"reply": {"body": "${odd(query.number)}"}},
}


def provider(folder: Path, text: str = HOOKS, **changes: Any) -> Path:
    """The folder of a provider with functions; it is checked, and not run."""
    (folder / "small").mkdir()
    (folder / "small" / "hooks.py").write_text(text)
    spec = {"functions": "hooks.py", "collections": {"things": {}}, **changes}
    operations = spec.pop("operations", OPERATIONS)
    with pytest.raises(SpecError) as caught:
        small(
            folder,
            PATHS,
            operations,
            fixtures={"things": [{"id": 1}]},
            table=TABLE,
            **spec,
        )
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "hooks-off", diagnostic
    return folder / "small"


def client(folder: Path) -> TestClient:
    program = load(Place(folder, folder / "fixtures"))
    board = Dispatcher({"small": program}, settings=Settings(hooks=True))
    return TestClient(served(board), raise_server_exceptions=False)


@pytest.fixture(autouse=True)
def _folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_function_is_called_with_values_and_gives_one(tmp_path: Path) -> None:
    reply = client(provider(tmp_path)).get("/small/digit?number=978316148410")

    assert reply.json() == {"digit": 0}


def test_what_it_does_to_its_arguments_stays_with_it_and_its_failure_is_the_specs(
    tmp_path: Path,
) -> None:
    """Told with the line of the file, and without a change of the record."""
    api = client(provider(tmp_path))
    replies = [api.get("/small/broken").json() for _ in range(2)]

    assert replies[0] == replies[1]
    assert replies[0]["title"] == "spec error"
    assert (
        "broken() in small/hooks.py:10 raised KeyError: 'missing'"
        in replies[0]["detail"]
    )


def test_what_json_cannot_say_is_told(tmp_path: Path) -> None:
    api = client(provider(tmp_path))

    assert api.get("/small/odd?number=x").json() == 7
    assert "odd() in small/hooks.py gave set" in api.get("/small/odd?number=set").text


def test_nothing_is_run_where_nobody_has_said_so(tmp_path: Path) -> None:
    """`check` reads which functions there are; a file that does harm is not run."""
    folder = provider(tmp_path, f"{HOOKS}\nraise SystemExit('run')\n")
    report = Report()
    load(Place(folder, folder / "fixtures"), None, report)

    assert report.diagnostics == []


def test_a_file_that_cannot_be_run_is_told_at_its_line(tmp_path: Path) -> None:
    folder = provider(tmp_path, HOOKS + "\n1 / 0\n")
    with pytest.raises(SpecError) as caught:
        client(folder)

    (diagnostic,) = caught.value.diagnostics
    assert str(diagnostic.at) == "small/hooks.py:17:1"
    assert (
        diagnostic.what == "running the file raised ZeroDivisionError: division by zero"
    )


@pytest.mark.parametrize(
    ("text", "code", "at"),
    [
        ("def f(:", "hooks-syntax", "small/hooks.py:1:7"),
        ("def lookup(x): ...", "shadowed-name", "small/hooks.py:1:1"),
        ("def check_digit(number, other): ...", "function-arguments", "behavior.yaml"),
        ("def chek_digit(number): ...", "unknown-function", "behavior.yaml"),
    ],
)
def test_mistakes_are_found_without_running_it(
    tmp_path: Path, text: str, code: str, at: str
) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "hooks.py").write_text(text)
    with pytest.raises(SpecError) as caught:
        small(
            tmp_path,
            PATHS,
            OPERATIONS,
            functions="hooks.py",
            collections={"things": {}},
        )

    found = [d for d in caught.value.diagnostics if d.code == code]
    assert found
    assert at in str(found[0].at)


def test_nothing_that_comes_with_the_emulator_needs_python() -> None:
    specs, _ = bundled()

    assert [*specs.rglob("*.py")] == []
