"""Report: measure everything that the documentation shows, and write it there.

    python benchmarks/report.py [--npm DIR] [--python PYTHON] [--java JAVA]

It runs `run.py`, `where.py` and `peers.py` one after the other, each with `--write`; the
options are those of `peers.py`. It takes some six minutes, on a machine that does nothing
else meanwhile.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from measuring import HERE


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    for name in ("--npm", "--python", "--java"):
        parser.add_argument(name, help="see peers.py")
    options = parser.parse_args()
    given = [
        f"--{name}={value}"
        for name, value in vars(options).items()
        if value is not None
    ]
    for command in (["run.py"], ["where.py"], ["peers.py", *given]):
        script, *more = command
        subprocess.run(
            [sys.executable, str(HERE / script), "--write", *more], check=True
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
