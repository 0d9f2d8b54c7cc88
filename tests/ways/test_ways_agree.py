"""Every way in is answered alike, byte for byte, by a world with the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import unified_diff
from functools import cache

import pytest
from corpus import CORPUS, RIVER, SPHERE, TOO_LONG
from playing import Seen, grouped, play, written
from ways_in import (
    BEGINS,
    GROUPING,
    IN_PROCESS,
    SETTINGS,
    Open,
    by_dispatcher,
    commanded,
    served,
)

import emulator
from emulator import Emulator

NAMES = [*IN_PROCESS, "started", "parsed_by_h11", "connected"]


@pytest.fixture(scope="module")
def started() -> Iterator[Emulator]:
    """A server in a thread of this process."""
    with emulator.start(settings=SETTINGS, clock=BEGINS, frozen=True) as server:
        yield server


@pytest.fixture(scope="module")
def parsed_by_h11() -> Iterator[Emulator]:
    """The same with the other of its two parsers."""
    chosen = replace(SETTINGS, http="h11")
    with emulator.start(settings=chosen, clock=BEGINS, frozen=True) as server:
        yield server


@pytest.fixture(scope="module")
def connected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A server of the installed command, in a process of its own."""
    with commanded(tmp_path_factory.mktemp("port") / "port") as url:
        yield emulator.connect(url)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> tuple[str, Open]:
    """Each way in, by its name."""
    name: str = request.param
    if name in IN_PROCESS:
        return name, IN_PROCESS[name]
    return name, served(request.getfixturevalue(name))


def played(opens: Open, *, forked: bool, at_home: bool) -> list[Seen]:
    """What the default world answers, or a fork of it that has secrets of its own."""
    with opens() as way:
        world = way.world.fork("twin") if forked else way.world
        with world:
            replies = play(CORPUS, way, world, at_home=at_home)
            assert world.alarms == []
    return replies


def reasons(opens: Open) -> list[str]:
    """What each step decided about each call of a part of the corpus."""
    with opens() as way:
        play([*RIVER, *SPHERE], way, way.world, at_home=True)
        return [
            f"{one.provider} {one.operation} {one.credential}: "
            + "; ".join(f"{step.step}: {step.decision}" for step in one.steps)
            for one in way.world.journal
        ]


@cache
def expected(*, forked: bool) -> list[Seen]:
    return played(by_dispatcher, forked=forked, at_home=False)


@cache
def expected_reasons() -> list[str]:
    return reasons(by_dispatcher)


@pytest.mark.parametrize("at_home", [False, True], ids=["by its url", "at home"])
@pytest.mark.parametrize("forked", [False, True], ids=["default", "fork"])
@pytest.mark.parametrize("way", NAMES, indirect=True)
def test_a_way_in_is_answered_as_every_other(
    way: tuple[str, Open], forked: bool, at_home: bool
) -> None:
    """Status, header lines in their order, and bodies: only the address differs."""
    name, opens = way
    show = grouped if name in GROUPING else lambda one: one

    replies = played(opens, forked=forked, at_home=at_home)

    wanted = [show(one) for one in expected(forked=forked)]
    assert first_difference(replies, wanted) == ""


@pytest.mark.parametrize("way", NAMES, indirect=True)
def test_a_way_in_is_answered_for_the_same_reasons(way: tuple[str, Open]) -> None:
    """The journal tells the same story, whichever way its calls came."""
    found = reasons(way[1])

    assert len(found) > 60
    assert found == expected_reasons()


@pytest.mark.parametrize("way", [one for one in NAMES if one != "asgi"], indirect=True)
def test_a_head_that_is_too_long_is_refused_alike(
    way: tuple[str, Open], started: Emulator
) -> None:
    """Without a socket as on one; an ASGI application is not asked."""
    replies = []
    for opens in (served(started), way[1]):
        with opens() as one:
            replies += play([TOO_LONG], one, one.world, at_home=False)

    assert replies[0].status == TOO_LONG.status
    assert replies[0] == replies[1]


def test_the_corpus_does_what_it_says() -> None:
    """Each exchange ends with the status that stands in it, in both worlds."""
    assert len(CORPUS) >= 80
    for forked in (False, True):
        answered = zip(CORPUS, expected(forked=forked), strict=True)
        wrong = [
            f"{number}: {exchange}: {seen.status} and not {exchange.status}"
            for number, (exchange, seen) in enumerate(answered)
            if seen.status != exchange.status
        ]
        assert wrong == []


def first_difference(found: list[Seen], wanted: list[Seen]) -> str:
    """The first reply that is another, line by line; nothing where none is."""
    for number, exchange in enumerate(CORPUS):
        if found[number] != wanted[number]:
            before, after = written(wanted[number]), written(found[number])
            lines = unified_diff(before, after, "dispatcher", "this way", lineterm="")
            same = " (nothing but line ends)" if before == after else ""
            return "\n".join([f"exchange {number}: {exchange}{same}", *lines])
    return ""
