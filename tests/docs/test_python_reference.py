"""The reference of the Python API and of the pytest plugin leaves nothing out."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import pytest
from pages import DOCS, names

import emulator
from emulator import pytest_plugin, strategies
from emulator.client.keywords import Matchers, Struck

PYTHON = (DOCS / "reference" / "python-api.md").read_text(encoding="utf-8")
PYTEST = DOCS / "reference" / "pytest.md"
HEADINGS = {*re.findall(r"^#+ ([\w.]+)$", PYTHON, re.MULTILINE)}


def parts(of: type) -> Iterator[str]:
    """The public methods and properties of a class."""
    for name, one in vars(of).items():
        shown = inspect.isfunction(one) or isinstance(one, property)
        if shown and not name.startswith("_"):
            yield name


def section(heading: str) -> str:
    """What stands under a heading, up to the next one of any depth."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", PYTHON, re.M | re.S)
    assert found is not None, heading
    return found[1]


def test_every_public_name_has_a_heading() -> None:
    """A class by its name, a function with what it is imported from."""
    public = {
        name if inspect.isclass(getattr(emulator, name)) else f"emulator.{name}"
        for name in emulator.__all__
    }
    drawn = {f"emulator.strategies.{name}" for name in strategies.__all__}

    assert (public | drawn) - HEADINGS == set()


@pytest.mark.parametrize(
    "name",
    [one for one in emulator.__all__ if inspect.isclass(getattr(emulator, one))],
)
def test_every_part_of_a_public_class_is_told(name: str) -> None:
    """A method has a heading, a property a row, and both a sentence."""
    kind = getattr(emulator, name)
    rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", section(name), re.MULTILINE))
    found = {*parts(kind)}
    told = {one for one in found if rows.get(one)} | {
        one for one in found if f"{name}.{one}" in HEADINGS
    }

    assert told == found
    assert [one for one in found if not getattr(kind, one).__doc__] == []


def test_every_function_is_told_in_words() -> None:
    """Behind each signature stands a sentence that begins with a capital letter."""
    called = [one for one in HEADINGS if "```python" in section(one)]
    silent = [one for one in called if not re.search(r"```\n\n[A-Z]", section(one))]

    assert len(called) > 40
    assert silent == []


@pytest.mark.parametrize(
    ("called", "keywords"),
    [("verify", Matchers), ("add_fault", Struck), ("refuse", Struck)],
)
def test_a_signature_names_the_keywords_that_are_checked(
    called: str, keywords: type
) -> None:
    """Unpacked keywords stand in it by their names, and in a table with their meaning."""
    shown = {
        *re.findall(r"^    (\w+): .* = \.\.\.,$", section(f"World.{called}"), re.M)
    }

    assert shown == {*keywords.__annotations__}
    assert all(f"| `{one}` |" in section(keywords.__name__) for one in shown)


def test_links_within_the_page_lead_to_its_headings() -> None:
    """What a sentence names has a link, and the link has an end."""
    anchors = {one.replace(".", "").lower() for one in HEADINGS}
    linked = {*re.findall(r"\]\(#([\w-]+)\)", PYTHON)}

    assert linked - anchors == set()
    assert "worldverify" in linked


def test_every_fixture_has_a_row() -> None:
    """What the plugin gives to tests stands on its page."""
    source = inspect.getsource(pytest_plugin)
    defined = re.findall(r"^@pytest\.fixture(?:\((.*)\))?\ndef (\w+)", source, re.M)
    fixtures = {
        (re.findall(r'name="(\w+)"', given) or [name])[0] for given, name in defined
    }

    assert fixtures == {"emulator_server", "emulator", "emulator_provider"}
    assert fixtures - {*names(PYTEST)} == set()


def test_every_keyword_of_the_marker_has_a_row(pytestconfig: pytest.Config) -> None:
    """What `pytest --markers` shows of the marker stands on the page."""
    (line,) = (
        one for one in pytestconfig.getini("markers") if one.startswith("emulator(")
    )
    keywords = {*re.findall(r"(\w+)=\.\.\.", line)}

    assert {"provider", "intercept"} < keywords
    assert keywords - {*names(PYTEST)} == set()


def test_every_option_has_a_row(pytestconfig: pytest.Config) -> None:
    """With the name that the ini file has for it."""
    text = PYTEST.read_text(encoding="utf-8")
    options = [var for var in vars(pytestconfig.option) if var.startswith("emulator_")]
    rows = [
        rf"^\| `--{option.replace('_', '-')}( \w+)?` \| `{option}` \|"
        for option in options
    ]

    assert len(options) > 6
    assert [row for row in rows if not re.search(row, text, re.M)] == []
