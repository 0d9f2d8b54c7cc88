"""Other doubles may be there first, or come later, and a version may not be known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import ModuleType

import aiohttp.connector
import httpx
import pytest
import requests
import urllib3.connection
import vcr
from library import HOST, URL, named

from emulator.interception import UnknownVersion, intercept
from emulator.interception.patch_point import seams
from emulator.interception.versions import TESTED


def test_a_recorder_may_be_open_around_a_block(tmp_path: Path) -> None:
    """It tapes what the block answers, and replays it without."""
    tape = str(tmp_path / "tape.yaml")

    with vcr.use_cassette(tape), intercept(named("one"), [HOST], on_other="refuse"):
        first = requests.get(URL).text, httpx.get(URL).text
    with vcr.use_cassette(tape, record_mode="none"):
        again = requests.get(URL).text

    assert (first, again) == (("one", "one"), "one")


def test_a_recorder_may_be_opened_inside_a_block(tmp_path: Path) -> None:
    with (
        intercept(named("one"), [HOST], on_other="refuse"),
        vcr.use_cassette(str(tmp_path / "tape.yaml")),
    ):
        assert requests.get(URL).text == "one"
    assert "urllib3" in urllib3.connection.HTTPConnection._new_conn.__module__


def test_a_class_that_was_replaced_is_met_where_it_is_still_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By those who have imported it before."""
    monkeypatch.setattr(urllib3.connection, "HTTPConnection", Path)

    with intercept(named("one"), [HOST]):
        assert requests.get(URL.replace("https", "http")).text == "one"


def test_what_stands_in_the_place_of_a_library_is_named() -> None:
    """No version has to be changed for that."""
    module = ModuleType("former.network")
    module.Pool = Fraction  # type: ignore[attr-defined]

    with pytest.raises(RuntimeError) as refused:
        seams(module, "Pool", connect=lambda original: original)

    assert str(refused.value) == (
        "former.network.Pool cannot be intercepted: fractions.Fraction is in its place\n"
        "  fix: open this block first, and have the other double replace it inside"
    )


def test_a_library_that_opens_its_connections_elsewhere_is_named() -> None:
    """With the versions that were tested; its calls would go to the network."""
    tested = TESTED["aiohttp"]
    later = ModuleType("aiohttp.connector")
    later.TCPConnector = aiohttp.connector.TCPConnector  # type: ignore[attr-defined]

    with pytest.raises(UnknownVersion) as refused:
        seams(later, "TCPConnector", _open=lambda original: original)

    assert str(refused.value) == (
        f"aiohttp {aiohttp.__version__} cannot be intercepted: aiohttp.connector.TCPConnector"
        " has no _open\n"
        "  fix: install a version that this one of the emulator was tested with"
        f" ({tested.lowest} to {tested.highest}), or call a running server"
        " (`emulator serve`)"
    )
