"""`init --openapi` writes what `--openapi` serves, and misspelt inferences are refused."""

from __future__ import annotations

import random  # noqa: TID251 - seeded
from pathlib import Path
from typing import Any

import pytest
from front_door import START, Api

from emulator.cli.errors import Complaint
from emulator.cli.init import init_from_openapi
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import SpecError
from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.spec.published import Published
from emulator.world.clock import Clock
from emulator.world.world import World

HERE = Path(__file__).parent / "documents"
DOCUMENTS = sorted(HERE.glob("*.yaml"))


def api(program: Program, name: str) -> Api:
    world = World(clock=Clock(int(START * 1_000_000), frozen=True))
    return Api(
        program, Dispatcher({name: program}, world), f"/{name}{program.base_path}"
    )


def calls(program: Program) -> list[tuple[str, str, Any]]:
    """Some calls of each operation, in a drawn order, of records that may be there."""
    chance = random.Random(program.name)
    drawn: list[tuple[str, str, Any]] = []
    for operation in program.operations.values():
        for _ in range(4):
            path = operation.path
            for name in operation.parameter_names:
                path = path.replace(f"{{{name}}}", chance.choice(["1", "2", "a-b"]))
            body = None if operation.body is None else {
                name: chance.choice(["a-b", 3, None]) for name in operation.body.properties
                if chance.random() < 0.7
            }  # fmt: skip
            drawn.append((operation.method, path, body))
    chance.shuffle(drawn)
    return drawn


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_what_is_written_serves_the_same_replies(path: Path, tmp_path: Path) -> None:
    """Byte for byte, headers included, with what earlier calls have brought about."""
    name, published = path.stem, Published(path)
    made, _ = init_from_openapi(name, str(tmp_path), published)
    assert {"behavior.yaml", path.name} <= {Path(one.file).name for one in made}
    folder = tmp_path / name
    served = api(load(Place.of_document(name, published)), name)
    written = api(load(Place(folder, folder / "fixtures")), name)
    for method, address, body in calls(served.program):
        key = "full" if served.credentials else None
        replies = [
            each.call(method, address, key, json=body) for each in (served, written)
        ]
        first, second = (
            (reply.status_code, reply.headers.items(), reply.content)
            for reply in replies
        )
        assert [*first[1]] == [*second[1]], (method, address)
        assert (first[0], first[2]) == (second[0], second[2])


def test_a_misspelt_inference_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    document = Published(HERE / "petstore.yaml", without=("pags",))
    with pytest.raises(SpecError, match="did you mean 'pages'"):
        load(Place.of_document("petstore", document))
    with pytest.raises(SpecError, match="did you mean 'pages'"):
        init_from_openapi("mine", str(tmp_path), document, ["pags"])
    with pytest.raises(Complaint, match="comes with the emulator"):
        init_from_openapi("github", str(tmp_path), Published(HERE / "petstore.yaml"))
    assert [*tmp_path.iterdir()] == []


def test_each_inference_can_be_left_out(tmp_path: Path) -> None:
    without = ("pages", "filters:listPets", "deletePet")
    document = Published(HERE / "petstore.yaml", without=without)
    program = load(Place.of_document("petstore", document))
    petstore = api(program, "petstore")
    for name in ("Rex", "Max"):
        petstore.post("/pets", json={"name": name})
    assert len(petstore.get("/pets?limit=1&tag=cat").json()) == 5
    petstore.call("DELETE", "/pets/1")
    assert petstore.get("/pets/1").status_code == 200
