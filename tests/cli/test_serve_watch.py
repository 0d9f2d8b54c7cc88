"""`emulator serve --watch`: edits are served as soon as they are saved, or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from command import ROOT, Server, serving

import emulator


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return Path(
        shutil.copytree(ROOT / "tests/specs/shelf", tmp_path / "specs" / "shelf")
    )


@pytest.fixture
def server(tmp_path: Path, shelf: Path) -> Iterator[Server]:
    words = ("shelf", "--specs", str(shelf), "--watch", "--log-format", "none")
    with serving(tmp_path, *words) as running:
        running.printed()
        yield running


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text of a file, as editors do it: another file takes its place."""
    text = path.read_text("utf-8")
    assert old in text
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text.replace(old, new), "utf-8")
    beside.replace(path)


def told(server: Server, last: str) -> str:
    """What the server writes, up to a line with *last* in it."""
    assert server.process.stderr is not None
    lines = []
    while not lines or last not in lines[-1]:
        lines.append(server.process.stderr.readline())
        assert lines[-1], "".join(lines)
    return "".join(lines)


def books(url: str) -> list[str]:
    ids = requests.get(f"{url}/books").json()
    return [requests.get(f"{url}/books/{id}").json()["title"] for id in ids]


def test_an_edit_is_served_and_worlds_keep_what_has_become_of_them(
    server: Server, shelf: Path
) -> None:
    """Records and clock stay, where the fixtures are what they were."""
    body = {"title": "Made before", "author_id": 1, "pages": 3}
    other = emulator.connect(server.url).world().provider("shelf")
    for url in (f"{server.url}/shelf", other.url):
        made = requests.post(f"{url}/books", json=body)
        assert made.status_code == 201
    requests.delete(f"{other.url}/books/1")

    edit(shelf / "behavior.yaml", "title: ${title}", "title: ${upper(title)}")

    assert told(server, "anew") == "shelf is served anew\n"
    here, there = books(f"{server.url}/shelf"), books(other.url)
    assert here == ["STONES", "RIVERS", "STORMS", "DUST", "MADE BEFORE"]
    assert there == here[1:]


def test_other_fixtures_begin_again_and_the_rest_stays(
    server: Server, shelf: Path
) -> None:
    requests.post(f"{server.url}/shelf/books", json={"title": "Lost"})
    edit(shelf / "fixtures" / "books.yaml", "title: Stones", "title: Boulders")
    told(server, "anew")

    assert "Boulders" in books(f"{server.url}/shelf")
    assert not {"Stones", "Lost"} & {*books(f"{server.url}/shelf")}


def test_a_broken_edit_changes_nothing_and_is_told_until_it_is_mended(
    server: Server, shelf: Path
) -> None:
    before = books(f"{server.url}/shelf")
    edit(
        shelf / "behavior.yaml",
        "collection: books\n    show",
        "collection: boks\n    show",
    )
    text = told(server, "as it was before")

    assert "behavior.yaml:" in text
    assert "did you mean 'books'?" in text
    assert books(f"{server.url}/shelf") == before

    edit(shelf / "behavior.yaml", "collection: boks", "collection: books")
    assert told(server, "anew") == "shelf is served anew\n"
    assert books(f"{server.url}/shelf") == before


def test_a_credential_of_new_fixtures_works_and_one_that_is_gone_does_not(
    server: Server, shelf: Path
) -> None:
    edit(shelf / "fixtures" / "keys.yaml", "key: k-ada", "key: k-new")
    told(server, "anew")
    statuses = [
        requests.get(
            f"{server.url}/shelf/notes/n-1", headers={"X-Key": key}
        ).status_code
        for key in ("k-ada", "k-new", "k-bob")
    ]

    assert statuses == [401, 200, 404]
