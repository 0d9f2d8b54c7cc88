"""A program that was found in order is made from the cache the next time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.compile.load import load
from emulator.compile.places import Place, bundled, gallery
from emulator.diagnostics import Report, SpecError
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call
from emulator.language.failures import ExpressionFailed
from emulator.program.example import example
from emulator.program.later import LaterOperation
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.server.app import create_app
from emulator.spec.cache import Cache
from emulator.spec.description import OpenAPI, OperationDoc, Parameter
from emulator.spec.openapi import read_openapi, remembered
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A copy of a bundled provider."""
    specs, fixtures = bundled()
    shutil.copytree(specs / "jobriver", tmp_path / "specs" / "jobriver")
    shutil.copytree(fixtures / "jobriver", tmp_path / "fixtures" / "jobriver")
    return Place(tmp_path / "specs" / "jobriver", tmp_path / "fixtures" / "jobriver")


def replies(program: Program) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    """What a program answers to calls of every kind."""
    board = Dispatcher(
        {"jobriver": program}, World(clock=Clock(micros(1.7e9), frozen=True))
    )
    key = program.bases["api_keys"].records[1]["key"].encode()
    headers = [(b"x-api-key", key), (b"content-type", b"application/json")]
    answers = []
    for method, path, body in (
        ("GET", "/status", b""),
        ("GET", "/jobs", b""),
        ("GET", "/jobs/123", b""),
        ("GET", "/jobs/abc", b""),
        ("POST", "/jobs", b'{"title": "x", "technologies": [1, 999]}'),
        ("PATCH", "/jobs/123", b'{"title": "Neu hier"}'),
        ("OPTIONS", "/jobs", b""),
        ("GET", "/nowhere", b""),
    ):
        reply = board.answer(
            Call(
                method=method,
                path=f"/jobriver/api/v1{path}",
                raw_headers=headers,
                body=body,
            )
        )
        answers.append((reply.status, reply.headers, reply.body))
    return answers


def test_a_remembered_program_answers_byte_for_byte_the_same(
    place: Place, tmp_path: Path
) -> None:
    """What the cache gives back is what the files say."""
    cache = Cache(tmp_path / "cache")

    first = load(place, cache)
    second = load(place, cache)

    assert [*(tmp_path / "cache").iterdir()]
    assert replies(second) == replies(first)
    assert [*second.scenarios] == [*first.scenarios] != []


def test_a_provider_that_is_not_called_is_not_compiled(
    place: Place, tmp_path: Path
) -> None:
    """A start knows addresses and what it announces; the first call has the rest made."""
    cache = Cache(tmp_path / "cache")
    first = load(place, cache)

    second = load(place, cache)

    known = {
        "name",
        "title",
        "hosts",
        "base_path",
        "files",
        "max_body",
        "has_functions",
        "unsound",
    }
    assert {name: getattr(second, name) for name in known} == {
        name: getattr(first, name) for name in known
    }
    assert example(second) == example(first)
    board = Dispatcher({"jobriver": second})
    create_app(board)
    own = {"_make", "_making", "example"}
    assert second.__dict__.keys() - own == known
    assert board.answer(Call(method="GET", path="/jobriver/api/v1/status")).status
    assert second.__dict__.keys() >= Program.__annotations__.keys() | known


def test_a_remembered_program_has_no_more_members_than_another(
    place: Place, tmp_path: Path
) -> None:
    """What no program has is missing, before and after the program is made."""
    cache = Cache(tmp_path / "cache")
    load(place, cache)
    program = load(place, cache)

    assert not hasattr(program, "weather")
    assert "operations" not in program.__dict__
    assert program.operations
    assert not hasattr(program, "weather")


def test_a_program_whose_example_fails_is_not_remembered(
    place: Place, tmp_path: Path
) -> None:
    """A start that announces says so each time, and nothing else is kept from working."""
    cache = Cache(tmp_path / "cache")
    behavior = place.spec / "behavior.yaml"
    state, show = "      state: status\n", '      show: {plan: "${status + 1}"}\n'
    text = behavior.read_text("utf-8").replace(state, state + show, 1)
    behavior.write_text(text, "utf-8")

    for _ in range(2):
        program = load(place, cache)
        with pytest.raises(ExpressionFailed, match="cannot be added"):
            example(program)
    assert not (tmp_path / "cache").exists()


def test_a_changed_file_is_read_again(place: Place, tmp_path: Path) -> None:
    """The cache goes by what the files hold."""
    cache = Cache(tmp_path / "cache")
    load(place, cache)
    behavior = place.spec / "behavior.yaml"
    behavior.write_text(
        behavior.read_text("utf-8").replace("Invalid job ID", "No such id"), "utf-8"
    )

    assert b"No such id" in replies(load(place, cache))[3][2]


def test_what_is_wrong_is_not_remembered(place: Place, tmp_path: Path) -> None:
    """A mistake is reported at every start."""
    cache = Cache(tmp_path / "cache")
    behavior = place.spec / "behavior.yaml"
    behavior.write_text(behavior.read_text("utf-8") + "\nspeling: 1\n", "utf-8")

    for _ in range(2):
        with pytest.raises(SpecError, match="unknown-key"):
            load(place, cache)
    assert not (tmp_path / "cache").exists()


def test_files_are_named_from_where_they_are_asked_for(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who loaded them first may have stood elsewhere."""
    cache = Cache(tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    here = load(place, cache).operations["listJobs"].at
    monkeypatch.chdir(place.spec)

    there = load(place, cache).operations["listJobs"].at

    assert here.file == "specs/jobriver/behavior.yaml"
    assert there == here._replace(file="behavior.yaml")


@pytest.mark.parametrize(
    "change",
    [
        lambda _, lines: ({}, lines),
        lambda _, lines: ([], lines),
        lambda head, lines: ({**head, "hosts": "dev.jobriver.de"}, lines),
        lambda head, lines: ({**head, "files": {}}, lines),
        lambda head, lines: ({**head, "max_body": "1"}, lines),
        lambda head, lines: ({**head, "example": [1, 2, 3, 4]}, lines),
        lambda head, lines: (
            {**head, "example": ["GET", "/", {"headers": []}, None]},
            lines,
        ),
        lambda head, _: (head, []),
        lambda head, lines: (head, [b"no JSON", *lines[1:]]),
        lambda head, lines: (head, [b"{}", *lines[1:]]),
        lambda head, lines: (
            head,
            [lines[0].replace(b'"openapi":{', b'"weather":{'), *lines[1:]],
        ),
        lambda head, lines: (head, [lines[0], b"[]"]),
        lambda head, lines: (head, [lines[0], b'["jobs", "[]"]']),
        lambda head, lines: (head, [lines[0], b"no JSON"]),
    ],
)
def test_what_has_another_shape_was_not_kept(
    place: Place, tmp_path: Path, change: Callable[..., tuple[Any, list[bytes]]]
) -> None:
    """A hash that fits does not make it ours: the files are read again."""
    cache = Cache(tmp_path / "cache")
    expected = replies(load(place, cache))
    (file,) = (tmp_path / "cache").iterdir()
    kept = cache.get(file.stem)
    assert kept is not None
    cache.put(file.stem, *change(kept.head, kept.take_lines()))

    program = load(place, cache)

    assert program.title == "Jobriver"
    assert replies(program) == expected


def test_what_is_remembered_of_a_document_is_all_that_decides(place: Place) -> None:
    """A fact that the cache forgets holds at the first start, and at no other."""
    path = place.spec / "openapi.yaml"
    document = read_openapi(path, place.spec, Report())
    assert document is not None

    again = remembered(path, place.spec, json.loads(json.dumps(document.raw)), None)

    elsewhere = {"document", "operations", "security_schemes", "ignored"}
    for name in OpenAPI.__annotations__.keys() - elsewhere:
        assert getattr(again, name) == getattr(document, name), name
    assert [*again.security_schemes] == [*document.security_schemes]
    for id, operation in document.operations.items():
        for name in OperationDoc.__annotations__.keys() - {"document", "parameters"}:
            assert getattr(again.operations[id], name) == getattr(operation, name)
        pairs = zip(again.operations[id].parameters, operation.parameters, strict=True)
        for one, other in pairs:
            for name in Parameter.__annotations__.keys() - {"document"}:
                assert getattr(one, name) == getattr(other, name)


@pytest.mark.parametrize("name", sorted(gallery()))
def test_a_remembered_program_has_the_same_routes(name: str, tmp_path: Path) -> None:
    """Greedy ones as well."""
    cache = Cache(tmp_path / "cache")
    first, second = (load(gallery()[name], cache) for _ in range(2))

    def led_to(program: Program, path: str) -> list[str]:
        match = program.routes.match(path)
        return [] if match is None else [found.id for found in match.by_method.values()]

    for operation in first.operations.values():
        path = operation.path.replace("{", "").replace("}", "/and/more")
        assert led_to(second, path) == led_to(first, path)


def test_an_operation_is_compiled_when_somebody_looks_into_it(
    place: Place, tmp_path: Path
) -> None:
    """Its name, its address and whether it is listed are known before; it is then an
    operation like the others, with nothing more to it."""
    cache = Cache(tmp_path / "cache")
    first, second = (load(place, cache) for _ in range(2))

    later = {
        id: operation
        for id, operation in second.operations.items()
        if type(operation) is LaterOperation
    }
    assert len(later) > 3  # those with a path of another name are known already
    for id, operation in later.items():
        known = {"id", "method", "path", "parameter_names", "summary", "path_aliases"}
        for name in known | {"listed", "dispatch", "pointer"}:
            assert getattr(operation, name) == getattr(first.operations[id], name)
        assert operation.action.kind == first.operations[id].action.kind
        assert type(operation) is Operation
        held = vars(operation).keys() & Operation.__annotations__.keys()
        assert held >= vars(first.operations[id]).keys() - {"digests", "ranges"}
        assert not vars(operation).keys() - Operation.__annotations__.keys()
