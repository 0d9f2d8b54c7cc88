"""The cache never fails a start, and never gives back what it was not given."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from emulator.spec.cache import MAX_FILES, Cache, default_folder

KEY = Cache.key([b"a"])


def test_what_was_put_is_found_again(tmp_path: Path) -> None:
    """A value comes back as it was, from another instance too."""
    value = {"a": [1, 2.5, None, "ä"]}

    assert Cache(tmp_path / "new").put(KEY, value)
    assert Cache(tmp_path / "new").get(KEY) == value
    assert Cache(tmp_path / "new").get(Cache.key([b"b"])) is None


def test_parts_do_not_run_into_each_other() -> None:
    """`ab` + `c` and `a` + `bc` have different keys."""
    assert Cache.key([b"ab", b"c"]) != Cache.key([b"a", b"bc"])


def test_a_key_is_never_a_path(tmp_path: Path) -> None:
    """Only a hash names a file."""
    cache = Cache(tmp_path)

    assert not cache.put("../outside", 1)
    assert cache.get("../outside") is None


@pytest.mark.parametrize("damage", [b"", b"no hash\n{}", b"0" * 64 + b"\n{}", b"\xff"])
def test_a_damaged_file_counts_as_missing(tmp_path: Path, damage: bytes) -> None:
    """A file whose hash does not fit its content is ignored, and replaced."""
    cache = Cache(tmp_path)
    cache.put(KEY, [1])
    (tmp_path / f"{KEY}.json").write_bytes(damage)

    assert cache.get(KEY) is None
    assert cache.put(KEY, [2])
    assert cache.get(KEY) == [2]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    """The folder is 0700 and its files are 0600."""
    Cache(tmp_path / "new").put(KEY, 1)

    modes = [stat.S_IMODE(os.stat(one).st_mode) for one in (
        tmp_path / "new", tmp_path / "new" / f"{KEY}.json",
    )]  # fmt: skip
    assert modes == [0o700, 0o600]


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    """Where no folder can be made there is no cache, and no error."""
    (tmp_path / "file").write_text("in the way")
    cache = Cache(tmp_path / "file" / "folder")

    assert not cache.put(KEY, 1)
    assert cache.get(KEY) is None
    assert not Cache(None).put(KEY, 1)
    assert Cache(None).get(KEY) is None


def test_the_oldest_files_go_first(tmp_path: Path) -> None:
    """At most so many files are kept; the newest are."""
    cache = Cache(tmp_path)
    keys = [Cache.key([bytes([number])]) for number in range(MAX_FILES + 3)]
    for age, key in enumerate(keys):
        cache.put(key, age)
        os.utime(tmp_path / f"{key}.json", (age, age))
    cache.put(KEY, "last")

    assert len(list(tmp_path.iterdir())) == MAX_FILES
    assert cache.get(keys[0]) is None
    assert cache.get(KEY) == "last"


def test_the_folder_follows_the_system() -> None:
    """Every system has its own place for caches."""
    home = {"HOME": "/home/ada"}
    windows = {"LOCALAPPDATA": "C:/Users/ada/AppData/Local"}

    assert default_folder({}, "linux") is None
    assert default_folder({**home, "XDG_CACHE_HOME": "/c"}, "linux") == Path(
        "/c/provider-emulator"
    )
    assert default_folder({**home, "XDG_CACHE_HOME": "relative"}, "linux") == Path(
        "/home/ada/.cache/provider-emulator"
    )
    assert default_folder(home, "darwin") == Path(
        "/home/ada/Library/Caches/provider-emulator"
    )
    assert default_folder(windows, "win32") == Path(
        "C:/Users/ada/AppData/Local/provider-emulator"
    )
