"""Pytest plugin: a world of its own for each test, and reports that say what happened in it.

    def test_client_waits_for_the_quota(emulator):
        acme = emulator.provider("acme")

Nothing of the emulator but this module is imported before a test asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from emulator.interfaces.emulating import Emulator
    from emulator.interfaces.handles.provider import Provider
    from emulator.interfaces.handles.world import World

_MARKER = (
    "emulator(provider=..., scenario=..., clock=..., seed=..., sleepless=...,"
    " intercept=...): the world that this test has as its fixture `emulator`: the"
    " provider that it is about, the situation that it begins in, its clock"
    ' ("frozen", or a time), whether waits pass at once, and whether calls to the'
    " providers' real hosts are answered in this process"
)

_WORLD = pytest.StashKey["World"]()
_ALARMS = pytest.StashKey[int]()
"""How many alarms of its world a test has been told of."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("emulator", "emulator: imitated HTTP APIs")
    group.addoption(
        "--emulator-url",
        metavar="URL",
        help="test against the emulator that runs there, instead of starting one",
    )
    group.addoption(
        "--emulator-token",
        metavar="TOKEN",
        help="its admin token; $EMULATOR_ADMIN_TOKEN by default",
    )
    group.addoption(
        "--emulator-specs",
        metavar="DIR",
        action="append",
        help="folder with providers of your own (may be repeated)",
    )
    group.addoption(
        "--emulator-strict",
        action="store_true",
        default=None,
        help="fail a test whose client asks for what no spec says",
    )
    parser.addini("emulator_url", "what --emulator-url says", default="")
    parser.addini("emulator_token", "what --emulator-token says", default="")
    parser.addini("emulator_specs", "what --emulator-specs says", type="paths")
    parser.addini("emulator_strict", "what --emulator-strict says", type="bool")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    # What stands in the ini file gives way to an address on the command line.
    for said, prefix in (
        (config.getoption, "--emulator-"),
        (config.getini, "emulator_"),
    ):
        for name in ("specs", "strict"):
            if said("emulator_url") and said(f"emulator_{name}"):
                raise pytest.UsageError(
                    f"{prefix}{name} is for an emulator that the tests start, and"
                    f" {prefix}url names one that runs: start that one with --{name}"
                )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is not None and "emulator" not in names and _is_marked(item):
            names.insert(0, "emulator")


def _is_marked(item: pytest.Item) -> bool:
    return item.get_closest_marker("emulator") is not None


@pytest.fixture(scope="session")
def emulator_server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """The emulator of this run: started when the first test needs it, or --emulator-url.

    Under xdist each worker starts one of its own.
    """
    from emulator.interfaces.ask import AdminRefused, NoServer
    from emulator.interfaces.emulating import connect, start

    config, said = request.config, ""
    url = _chosen(config, "url")
    try:
        if url:
            token = _chosen(config, "token") or os.environ.get(
                "EMULATOR_ADMIN_TOKEN", ""
            )
            opened = connect(url, token)
        else:
            strict = bool(_chosen(config, "strict"))
            opened = start(specs=_chosen(config, "specs") or (), strict=strict)
    except (AdminRefused, NoServer, ValueError) as error:
        said = f"{'--emulator-url: ' if url else ''}{error}"
    if said:
        pytest.fail(f"no emulator for these tests: {said}", pytrace=False)
    with opened:
        yield opened


@pytest.fixture(name="emulator")
def _emulator(request: pytest.FixtureRequest) -> Iterator[World]:
    """A new world, as the marker `emulator` wants it, deleted after the test."""
    from emulator.interfaces import pytest_worlds

    item = request.node
    with ExitStack() as opened:
        world = pytest_worlds.begin(
            item,
            opened,
            lambda: request.getfixturevalue("emulator_server"),
            specs=_chosen(request.config, "specs") or (),
            strict=bool(_chosen(request.config, "strict")),
        )
        item.stash[_WORLD] = world
        yield world
        del item.stash[_WORLD]
        pytest_worlds.fail_if_alarmed(world, item.stash.get(_ALARMS, 0))


@pytest.fixture
def emulator_provider(
    request: pytest.FixtureRequest, emulator: World
) -> Provider | Callable[[str], Provider]:
    """The provider that the marker `emulator` names; without one, `emulator.provider`."""
    from emulator.interfaces import pytest_worlds

    names = pytest_worlds.wanted(request.node).providers
    return emulator.provider(names[0]) if len(names) == 1 else emulator.provider


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    world = item.stash.get(_WORLD, None)
    if world is not None:
        from emulator.interfaces import pytest_worlds

        pytest_worlds.fail_if_alarmed(world)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    world = item.stash.get(_WORLD, None)
    if world is not None and report.failed:
        from emulator.interfaces import pytest_worlds

        title = f"emulator: world {world.id}, {report.when}"
        text, item.stash[_ALARMS] = pytest_worlds.told(world)
        report.sections.append((title, text))
    return report


def _chosen(config: pytest.Config, name: str) -> Any:
    """What the command line says, or else the ini file."""
    option = config.getoption(f"emulator_{name}")
    return option or config.getini(f"emulator_{name}")
