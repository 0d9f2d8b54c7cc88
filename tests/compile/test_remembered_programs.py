"""A program that was found in order is made from the cache the next time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emulator.compile.load import Place, bundled, load
from emulator.compile.program import Program
from emulator.diagnostics import SpecError
from emulator.exchange import Call
from emulator.spec.cache import Cache
from emulator.switchboard import Switchboard
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
    board = Switchboard({"jobriver": program}, World(clock=Clock(1.7e9, frozen=True)))
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
