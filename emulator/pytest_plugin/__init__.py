"""Pytest plugin: a world of its own for each test, and reports that say what happened in it.

    def test_client_waits_for_the_quota(emulator):
        acme = emulator.provider("acme")

Nothing of the emulator but this module is imported before a test asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import pytest

if TYPE_CHECKING:
    from emulator.client.emulator import Emulator
    from emulator.client.provider import Provider
    from emulator.client.world import World

_MARKER = (
    "emulator(provider=..., scenario=..., clock=..., seed=..., sleepless=...,"
    " intercept=..., strict_stubs=...): the world that this test has as its fixture `emulator`: the"
    " provider that it is about, the situation that it begins in, its clock"
    ' ("frozen", or a time), whether waits pass at once, and whether calls to the'
    " providers' real hosts are answered in this process, and whether a stub that no"
    " call has met fails the test"
)

_WORLD = pytest.StashKey["World"]()
_ALARMS = pytest.StashKey[int]()
"""How many alarms of its world a test has been told of."""


class _Option(NamedTuple):
    """`--emulator-NAME`, and `emulator_NAME` of the ini file, which says the same."""

    name: str
    help: str
    metavar: str = ""
    kind: Literal["string", "paths", "linelist", "bool"] = "string"
    """What the ini file has: a text, several, or whether."""


_OPTIONS = (
    _Option(
        "url",
        "test against the emulator that runs there, instead of starting one;"
        " $EMULATOR_URL by default",
        "URL",
    ),
    _Option(
        "world",
        "have all tests share that world of it, instead of one each; $EMULATOR_WORLD by"
        " default",
        "ID",
    ),
    _Option(
        "token",
        "its admin token; $EMULATOR_ADMIN_TOKEN by default, or what the file"
        " $EMULATOR_ADMIN_TOKEN_FILE says",
        "TOKEN",
    ),
    _Option(
        "specs", "folder with providers of your own (may be repeated)", "DIR", "paths"
    ),
    _Option(
        "openapi",
        "OpenAPI document to make a provider of; NAME=FILE says what it is called (may be"
        " repeated)",
        "FILE",
        "linelist",
    ),
    _Option(
        "lenient",
        "serve what is sound of such documents, and ignore the rest",
        kind="bool",
    ),
    _Option(
        "provider",
        "serve only this provider, such as one of the gallery (may be repeated)",
        "NAME",
        "linelist",
    ),
    _Option(
        "artifacts",
        "write what happened in the world of each test that fails into a folder there:"
        " archive, explanations, recipe, snapshot, seed and clock",
        "DIR",
    ),
    _Option(
        "strict", "fail a test whose client asks for what no spec says", kind="bool"
    ),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("emulator", "emulator: imitated HTTP APIs")
    for name, help, metavar, kind in _OPTIONS:
        how: dict[str, Any] = {"metavar": metavar}
        if kind == "bool":
            how = {"action": "store_true", "default": None}
        elif kind != "string":
            how["action"] = "append"
        group.addoption(f"--emulator-{name}", help=help, **how)
        parser.addini(f"emulator_{name}", f"what --emulator-{name} says", type=kind)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)
    url, world = _chosen(config, "url"), _chosen(config, "world")
    # What stands in the ini file gives way to an address that stands nearer.
    at = 0 if url is None else _SOURCES.index(url.source)
    for name in ("specs", "openapi", "lenient", "provider", "strict"):
        given = _chosen(config, name)
        if url and given and _SOURCES.index(given.source) <= at:
            raise pytest.UsageError(
                f"{given.called} is for an emulator that the tests start, and"
                f" {url.called} names one that runs: start that one with --{name}"
            )
    if world and not url and world.source != "variable":
        raise pytest.UsageError(
            f"{world.called} names a world of an emulator that runs: name that with"
            " --emulator-url"
        )


def pytest_report_header(config: pytest.Config) -> list[str]:
    """What the environment says of these tests, since nobody sees it there."""
    url, world = _chosen(config, "url"), _chosen(config, "world")
    said = []
    if url and url.source == "variable":
        said.append(f"emulator: {url.value} ({url.called})")
    if world and url and world.source == "variable":
        said.append(
            f"emulator: all tests share the world {world.value!r} ({world.called})"
        )
    elif world and not url:
        said.append(
            f"emulator: {world.called} is not heeded: these tests start an emulator,"
            " and have a world each"
        )
    return said


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is not None and "emulator" not in names and _is_marked(item):
            names.insert(0, "emulator")


def _is_marked(item: pytest.Item) -> bool:
    return item.get_closest_marker("emulator") is not None


def _own(config: pytest.Config) -> Mapping[str, Any]:
    """The settings that say where providers of one's own are."""
    return {
        "specs": _value(config, "specs") or (),
        "openapi": _documents(config),
        "lenient": bool(_value(config, "lenient")),
    }


def _documents(config: pytest.Config) -> list[str]:
    """The OpenAPI documents; those of the ini file are named from where that stands."""
    chosen = _chosen(config, "openapi")
    if chosen is None:
        return []
    if chosen.source != "ini file" or config.inipath is None:
        return [*chosen.value]
    texts = [text.rpartition("=") for text in chosen.value]
    folder = config.inipath.parent
    return [f"{name}{sign}{folder / file}" for name, sign, file in texts]


@pytest.fixture(scope="session")
def emulator_server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """The emulator of this run: started when the first test needs it, or --emulator-url.

    Under xdist each worker starts one of its own.
    """
    from emulator.pytest_plugin import worlds as pytest_worlds

    config = request.config
    url, token = _chosen(config, "url"), _value(config, "token")
    opened = pytest_worlds.server(
        url and pytest_worlds.Address(url.value, token or "", url.called),
        own=_own(config),
        providers=_value(config, "provider") or None,
        strict=bool(_value(config, "strict")),
        items=request.session.items,
    )
    with opened:
        yield opened


@pytest.fixture(name="emulator")
def _emulator(request: pytest.FixtureRequest) -> Iterator[World]:
    """A new world, as the marker `emulator` wants it, deleted after the test."""
    from emulator.pytest_plugin import worlds as pytest_worlds

    item, config = request.node, request.config
    shared = _value(config, "world") if _chosen(config, "url") else None
    with ExitStack() as opened:
        world = pytest_worlds.begin(
            item,
            opened,
            lambda: request.getfixturevalue("emulator_server"),
            shared=shared,
            own=_own(config),
            strict=bool(_value(config, "strict")),
        )
        # A test may run again, and a world that is shared may have had some before it.
        item.stash[_ALARMS] = len(world.alarms) if shared else 0
        item.stash[_WORLD] = world
        yield world
        del item.stash[_WORLD]
        pytest_worlds.fail_if_alarmed(world, item.stash[_ALARMS])


@pytest.fixture
def emulator_provider(
    request: pytest.FixtureRequest, emulator: World
) -> Provider | Callable[[str], Provider]:
    """The provider that the marker `emulator` names; without one, `emulator.provider`."""
    from emulator.pytest_plugin import worlds as pytest_worlds

    names = pytest_worlds.wanted(request.node).providers
    return emulator.provider(names[0]) if len(names) == 1 else emulator.provider


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    world = item.stash.get(_WORLD, None)
    if world is not None:
        from emulator.pytest_plugin import worlds as pytest_worlds

        pytest_worlds.fail_if_alarmed(world, item.stash[_ALARMS])
        if pytest_worlds.wanted(item).strict_stubs:
            pytest_worlds.fail_if_unmet(world)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    world = item.stash.get(_WORLD, None)
    if world is not None and report.failed:
        from emulator.pytest_plugin import worlds as pytest_worlds

        title = f"emulator: world {world.id}, {report.when}"
        text, item.stash[_ALARMS] = pytest_worlds.told(world)
        artifacts = _value(item.config, "artifacts")
        if artifacts:
            place = pytest_worlds.keep(world, artifacts, item.nodeid)
            text = f"{text}\n{place}"
        # What stands there is in JUnit's XML as well, whatever else is captured.
        add = getattr(report.longrepr, "addsection", None)
        if add is not None:
            add(title, text)
        else:
            report.sections.append((title, text))
    return report


_VARIABLES = {
    "url": "EMULATOR_URL",
    "world": "EMULATOR_WORLD",
    "token": "EMULATOR_ADMIN_TOKEN",
}
_FILES = {"token": "EMULATOR_ADMIN_TOKEN_FILE"}
"""Variables that name files, for what their other variable does not say."""
_SOURCES = ("option", "variable", "ini file")
"""Where something may be said; the first wins."""


class _Chosen(NamedTuple):
    value: Any
    source: str
    called: str
    """What the user who named it calls it."""


def _chosen(config: pytest.Config, name: str) -> _Chosen | None:
    """What the command line says, or else the environment, or else the ini file."""
    variable = _VARIABLES.get(name, "")
    said = (
        (config.getoption(f"emulator_{name}"), f"--emulator-{name}"),
        (os.environ.get(variable) or _of_file(name), variable),
        (config.getini(f"emulator_{name}"), f"emulator_{name}"),
    )
    for source, (value, called) in zip(_SOURCES, said, strict=True):
        if value:
            return _Chosen(value, source, called)
    return None


def _of_file(name: str) -> str | None:
    """What the file says that a variable names, if one does."""
    file = os.environ.get(_FILES.get(name, ""))
    try:
        return Path(file).read_text("utf-8").strip() if file else None
    except OSError as error:
        raise pytest.UsageError(f"{_FILES[name]}: {file!r}: {error.strerror}") from None


def _value(config: pytest.Config, name: str) -> Any:
    value = _chosen(config, name)
    return value and value.value
