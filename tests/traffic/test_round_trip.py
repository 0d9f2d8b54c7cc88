"""Round trip: a provider's own traffic, learnt, and played again against what was learnt.

Nothing is recorded word for word: the files that are learnt are rules, and these give so
many of the replies again, equal in status, in the names of headers, and in the members
and types of the body. `python benchmarks/round_trip.py` measures all providers.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import archive
from replaying import figures, replay

from emulator.cli.learn import Wanted, init_from_archives
from emulator.diagnostics import Report
from emulator.traffic.har import read_archive
from emulator.traffic.learning import learn

EQUAL = {"jobriver": 0.95, "jobsphere": 0.95, "jobspikr": 0.95}
"""The least share of equal replies to the calls of a day."""


@pytest.mark.parametrize("provider", EQUAL)
def test_what_was_learnt_answers_as_the_provider_did(
    provider: str, tmp_path: Path
) -> None:
    content, many = archive(provider)
    (tmp_path / "a.har").write_bytes(content)

    init_from_archives("learnt", str(tmp_path), Wanted([str(tmp_path / "a.har")]))
    calls = read_archive(content, "a.har", Report()).entries
    compared = replay(tmp_path / "learnt", learn(calls, "learnt"))

    share, differs = figures(compared)
    assert len(compared) == many
    assert share >= EQUAL[provider], (differs, [c[1:] for c in compared if c.differs])
