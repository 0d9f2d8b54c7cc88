"""Benchmarks start, say what they do, and draw what can be read. None is measured."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "benchmarks"
COMMANDS = sorted(
    file.stem
    for file in FOLDER.glob("*.py")
    if "parse_args" in file.read_text(encoding="utf-8")
)
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_says_what_it_does(command: str) -> None:
    told = subprocess.run(
        [sys.executable, str(FOLDER / f"{command}.py"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.startswith(f"usage: {command}.py")


def test_calls_without_a_server_are_measured() -> None:
    told = subprocess.run(
        [sys.executable, str(FOLDER / "in_process.py")],
        input="read 1\n401 1\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert len([float(line) for line in told.stdout.splitlines()]) == 2


def test_peers_says_what_is_missing_and_how_to_install_it(tmp_path: Path) -> None:
    told = subprocess.run(
        [
            sys.executable,
            str(FOLDER / "peers.py"),
            "--npm",
            str(tmp_path),
            "--python",
            sys.executable,
            "--only",
            "Prism",
            "--json",
            "--seconds",
            "0.01",
            "--warm-up",
            "0",
            "--rounds",
            "1",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Prism is not installed: npm install --prefix DIR" in told.stderr
    assert '"name": "the emulator"' in told.stdout


def test_a_version_is_not_compared_with_itself() -> None:
    told = subprocess.run(
        [
            *(sys.executable, str(FOLDER / "before_after.py")),
            *("--before", sys.executable, "--after", sys.executable),
        ],
        capture_output=True,
        text=True,
    )
    assert told.returncode == 1
    assert "both have the emulator of" in told.stderr


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> ElementTree.Element:
    monkeypatch.syspath_prepend(str(FOLDER))
    from svg import Bar, bar_chart

    bars = [Bar('<"one" & another>', 0.5, 0.4, 1.9), Bar("ours", 0.0, 0.0, 0.0, True)]
    text = bar_chart("A title <1>", ["Measured & drawn"], [("page", bars)])
    return ElementTree.fromstring(text)


def test_a_drawing_is_well_formed_and_has_its_names(
    drawing: ElementTree.Element,
) -> None:
    texts = [each.text for each in drawing.iter(f"{SVG}text")]
    assert '<"one" & another>' in texts
    assert "0.50" in texts


def test_a_drawing_can_be_read_aloud(drawing: ElementTree.Element) -> None:
    named = (drawing.get("aria-labelledby") or "").split()
    told = {each.get("id"): each.text or "" for each in drawing}
    assert next(told[each] for each in named) == "A title <1>"
    assert 'page: <"one" & another> 0.50, ours 0.000' in told["desc"]


def test_no_bar_leaves_the_drawing(drawing: ElementTree.Element) -> None:
    width = float(drawing.get("width") or 0)
    for bar in drawing.iter(f"{SVG}rect"):
        assert float(bar.get("x") or 0) + float(bar.get("width") or 0) < width
    for line in drawing.iter(f"{SVG}line"):
        assert float(line.get("x2") or 0) < width


def test_the_plot_in_the_documentation_has_a_date() -> None:
    text = (ROOT / "docs" / "explanation" / "peers.svg").read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert re.search(r"Measured on \d{4}-\d\d-\d\d", text)
