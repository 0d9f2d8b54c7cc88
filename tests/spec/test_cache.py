"""The cache never fails a start, and never gives back what it was not given."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator.spec.cache import MAX_FILES, Cache, default_folder

KEY = Cache.key([b"a"])


def kept(cache: Cache) -> tuple[Any, list[bytes]] | None:
    """The head and the lines that *cache* has."""
    found = cache.get(KEY)
    return None if found is None else (found.head, found.take_lines())


def test_what_was_put_is_found_again(tmp_path: Path) -> None:
    """A value comes back as it was, from another instance too."""
    value = {"a": [1, 2.5, None, "ä"]}

    assert Cache(tmp_path / "new").put(KEY, value, [b"[1]", b"{}"])
    assert kept(Cache(tmp_path / "new")) == (value, [b"[1]", b"{}"])
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
    assert kept(cache) == ([2], [])


posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")


@posix
def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    """The folder is 0700 and its files are 0600."""
    Cache(tmp_path / "new").put(KEY, 1)

    modes = [stat.S_IMODE(os.stat(one).st_mode) for one in (
        tmp_path / "new", tmp_path / "new" / f"{KEY}.json",
    )]  # fmt: skip
    assert modes == [0o700, 0o600]


@posix
@pytest.mark.parametrize("kind", ["pipe", "device", "link", "folder", "writable"])
def test_only_a_file_of_ours_is_read(tmp_path: Path, kind: str) -> None:
    """Neither what hangs or never ends, nor what others may have written."""
    cache = Cache(tmp_path / "new")
    cache.put(KEY, [1])
    file = tmp_path / "new" / f"{KEY}.json"
    if kind == "writable":
        file.chmod(0o666)
    else:
        file.rename(tmp_path / "moved")
    if kind == "pipe":
        os.mkfifo(file)
    elif kind == "device":
        file.symlink_to("/dev/zero")
    elif kind == "link":
        file.symlink_to(tmp_path / "moved")
    elif kind == "folder":
        file.mkdir()

    assert cache.get(KEY) is None
    assert cache.put(KEY, [2]) == (kind != "folder")
    assert kept(cache) == (None if kind == "folder" else ([2], []))


def test_a_file_beyond_the_bound_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor written."""
    cache = Cache(tmp_path)
    cache.put(KEY, "a" * 1_000)
    monkeypatch.setattr("emulator.spec.cache.MAX_BYTES", 500)

    assert cache.get(KEY) is None
    assert not cache.put(KEY, "a" * 1_000)


@posix
def test_a_folder_where_others_write_is_not_believed(tmp_path: Path) -> None:
    """Nothing is read from it or put into it, and why is said."""
    cache = Cache(tmp_path / "new")
    cache.put(KEY, [1])
    (tmp_path / "new").chmod(0o777)

    assert cache.distrusted() == "others may write there (mode 0777)"
    assert cache.get(KEY) is None
    assert not cache.put(KEY, [2])
    (tmp_path / "new").chmod(0o700)
    assert cache.distrusted() == ""
    assert kept(cache) == ([1], [])


@posix
@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root gives files away"
)
def test_what_belongs_to_another_user_is_not_believed(tmp_path: Path) -> None:
    """Neither a file nor a folder."""
    cache = Cache(tmp_path / "new")
    cache.put(KEY, [1])
    os.chown(tmp_path / "new" / f"{KEY}.json", 65534, 65534)
    assert cache.distrusted() == ""
    assert cache.get(KEY) is None

    cache.put(KEY, [2])
    os.chown(tmp_path / "new", 65534, 65534)
    assert cache.distrusted() == "it belongs to another user (uid 65534)"
    assert cache.get(KEY) is None


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
    assert kept(cache) == ("last", [])


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
