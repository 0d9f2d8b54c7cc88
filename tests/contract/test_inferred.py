"""What is inferred of a document keeps to it: in stories, and call by call."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from served import CHECKS, Served, findings

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.engine.dispatcher import Dispatcher
from emulator.program.credentials import credentials
from emulator.server.run import running
from emulator.settings import Settings
from emulator.spec.published import Published
from emulator.times import SECOND, micros
from emulator.world.clock import Clock
from emulator.world.world import World

DOCUMENTS = Path(__file__).parents[1] / "inference" / "documents"
CHOSEN = ("petstore", "envelope", "payments", "notebooks")


@pytest.fixture(params=CHOSEN)
def inferred(request: pytest.FixtureRequest) -> Iterator[Served]:
    """A document that is served alone."""
    name = request.param
    program = load(Place.of_document(name, Published(DOCUMENTS / f"{name}.yaml")))
    clock = Clock(
        micros(1_772_445_600.0), nanoseconds=count(0, 2_000 * SECOND).__next__
    )
    settings = Settings(port=0, log_format="none")
    board = Dispatcher({name: program}, World(clock=clock), settings)
    keys = {
        credential["name"]: credential["headers"] for credential in credentials(program)
    }
    with running(board, settings) as server:
        yield Served(server.url, name, program.base_path, clock, keys["full"])


def test_stories_keep_to_the_document_and_what_is_deleted_is_gone(
    inferred: Served,
) -> None:
    checks = (*CHECKS, "use_after_free", "ensure_resource_availability")
    # The documents leave out refusals that every operation may have: 401, 404, 415.
    checks = tuple(check for check in checks if check != "status_code_conformance")
    found = findings(inferred.document(["examples", "coverage", "stateful"], 8, checks))

    assert found.failures == []
    made = [statuses for label, statuses in found.statuses.items() if "POST" in label]
    assert any(statuses & {200, 201} for statuses in made)
