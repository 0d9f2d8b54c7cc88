"""Round trip: how much of each bundled provider's traffic is given again once it is learnt.

    python benchmarks/round_trip.py [PROVIDER]...

Calls a provider for a day, learns a provider from the archive of that, and plays the
archive again against that one. Those of the gallery are measured when they are named.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from emulator.cli.learn import Wanted, init_from_archives
from emulator.compile.places import bundled, places
from emulator.diagnostics import Report
from emulator.traffic.har import read_archive
from emulator.traffic.learning import learn

ROOT = Path(__file__).parents[1]


def measure(provider: str, folder: Path) -> str:
    """One line of figures."""
    from driving import archive
    from replaying import figures, replay

    content, _ = archive(provider)
    file = folder / f"{provider}.har"
    file.write_bytes(content)
    name = f"learnt_{provider}"
    init_from_archives(name, str(folder), Wanted([str(file)]))
    calls = read_archive(content, file.name, Report()).entries
    compared = replay(folder / name, learn(calls, name))
    share, differs = figures(compared)
    shown = ", ".join(f"{kind} {many}" for kind, many in differs.most_common())
    return f"{provider:12} {share:6.1%} of {len(compared):3} replies ({shown})"


def main() -> None:
    sys.path.insert(0, str(ROOT / "tests" / "traffic"))
    names = sys.argv[1:] or [place.name for place in places(*bundled())]
    with TemporaryDirectory() as folder:
        for name in names:
            print(measure(name, Path(folder)), flush=True)


if __name__ == "__main__":
    main()
