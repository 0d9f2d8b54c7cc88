"""`--journal-dir`: what happened in a world is there when the world is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from command import emulator as command

import emulator

FILES = ["calls.har", "explained.txt", "recipe.sh", "snapshot.json", "world.json"]


def test_a_world_is_kept_when_it_goes_and_all_at_the_end(tmp_path: Path) -> None:
    """One that nobody has called is not, and of one name there may be several."""
    folder = tmp_path / "deep" / "journals"
    server = emulator.start(["jobriver"], journal_dir=str(folder), log_format="none")
    for _ in range(2):
        with server.world(id="mine", seed=7) as world:
            requests.get(world.provider("jobriver").url + "/status")
        with server.world(id="idle"):
            pass
    kept = sorted(each.name for each in folder.iterdir())
    requests.get(f"{server.url}/jobriver/api/v1/status")
    server.stop()

    assert kept == ["mine", "mine-2"]
    assert sorted(each.name for each in folder.iterdir()) == ["default", *kept]
    for each in folder.iterdir():
        assert sorted(file.name for file in each.iterdir()) == FILES
    assert json.loads((folder / "mine" / "world.json").read_text())["rng_seed"] == 7
    har = json.loads((folder / "mine" / "calls.har").read_text())
    assert len(har["log"]["entries"]) == 1
    assert " GET /api/v1/status -> 401 " in (folder / "mine/explained.txt").read_text()


def test_a_world_that_makes_room_is_kept(tmp_path: Path) -> None:
    """That is when its journal would be lost."""
    server = emulator.start(
        ["jobriver"], worlds=2, journal_dir=str(tmp_path), log_format="none"
    )
    first = server.world()
    requests.get(first.provider("jobriver").url + "/status")
    server.world()
    server.stop()

    assert [each.name for each in tmp_path.iterdir()] == [first.id]


def test_a_world_that_lost_calls_is_kept_without_a_recipe(tmp_path: Path) -> None:
    """There is none: all else is written."""
    with emulator.start(["jobriver"], log_format="none") as server:
        twin = server.default.fork()
        requests.get(twin.provider("jobriver").url + "/status")
        twin.journal.clear()
        files = twin.archive(tmp_path / "twin")

    names = ["world.json", "calls.har", "explained.txt", "snapshot.json"]
    assert [file.name for file in files] == names


def test_a_folder_that_cannot_be_made_ends_the_start(tmp_path: Path) -> None:
    """In a line, and with 1."""
    file = tmp_path / "file"
    file.write_text("")
    ran = command("serve", "--port", "0", "--journal-dir", str(file))

    assert ran.returncode == 1
    assert ran.stderr == f"emulator serve: --journal-dir: {str(file)!r}: File exists\n"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="there is no /proc here")
def test_a_folder_that_nothing_can_be_put_into_ends_the_start() -> None:
    """Such as a mount of another user's: not only when the first world goes."""
    ran = command("serve", "--port", "0", "--journal-dir", "/proc")

    assert ran.returncode == 1
    assert ran.stderr.startswith("emulator serve: --journal-dir: '/proc': ")


def test_a_disk_that_fails_fails_no_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told in the log."""
    folder = tmp_path / "journals"
    server = emulator.start(["jobriver"], journal_dir=str(folder))
    with server.world(id="mine") as world:
        requests.get(world.provider("jobriver").url + "/status")
        folder.rmdir()
        folder.write_text("")
    server.stop()

    assert "warning: the world 'mine' is not kept: " in capsys.readouterr().err
