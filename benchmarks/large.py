"""Large collections: a page of many records against one of few, and what records hold.

    python benchmarks/large.py [--records 300000] [--json]

In one process, by its CPU time. What a record holds is told twice: as what the process
holds more in memory, with what loading has left behind, and as the objects alone.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from measuring import memory_mib
from worlds import Caller, board_of, ledger

FEW = 1_000
WRITES = 21


def seconds(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return time.process_time() - started


def pages(folder: Path, records: int) -> dict[str, float]:
    """Milliseconds of the first page, and of a page right after a write."""
    board = board_of(ledger(folder, records, paid=False))
    caller = Caller(board, board.worlds.create())
    caller.read()
    gc.collect()
    gc.freeze()  # what was loaded before is no cost of a call
    first = seconds(caller.list)
    after = []
    for _ in range(WRITES):
        caller.create()
        after.append(seconds(caller.list))
    gc.unfreeze()
    return {"first": first * 1e3, "after a write": statistics.median(after) * 1e3}


def held(folder: Path, records: int) -> int:
    """Bytes that are held once a world with so many *records* has answered a page."""
    place = ledger(folder, records, paid=False)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    board = board_of(place)
    Caller(board, board.worlds.create()).list()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return after - before


def resident(folder: Path, records: int) -> float:
    """Bytes that the process holds more for each record, in a process that is new."""
    board_of(ledger(folder / "few" / "ledger", FEW))
    place = ledger(folder / "many" / "ledger", records, paid=False)
    gc.collect()
    before = memory_mib(os.getpid(), "VmRSS") or float("nan")
    board = board_of(place)
    Caller(board, board.worlds.create()).list()
    gc.collect()
    after = memory_mib(os.getpid(), "VmRSS") or float("nan")
    return (after - before) * 1_048_576 / records


def measure(records: int) -> dict[str, Any]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        grown_by = resident(folder / "resident", records)
        pages(folder / "warm" / "ledger", FEW)  # what a process does once
        few = pages(folder / "few" / "ledger", FEW)
        many = pages(folder / "many" / "ledger", records)
        tracemalloc.start()
        base = held(folder / "held-few" / "ledger", FEW)
        grown = held(folder / "held-many" / "ledger", records) - base
        tracemalloc.stop()
    return {
        "records": records,
        "first_page": {"few": few["first"], "many": many["first"]},
        "page_after_a_write": {
            "few": few["after a write"],
            "many": many["after a write"],
        },
        "resident_bytes_per_record": grown_by,
        "object_bytes_per_record": grown / (records - FEW),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.records)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for name in ("first_page", "page_after_a_write"):
        few, many = found[name]["few"], found[name]["many"]
        print(
            f"{name.replace('_', ' ')} of {options.records:,} records: {many:.2f} ms,"
            f" of {FEW:,}: {few:.2f} ms, {many / few:.1f} times"
        )
    print(
        "bytes of a record of three fields:"
        f" {found['resident_bytes_per_record']:.0f} in memory,"
        f" {found['object_bytes_per_record']:.0f} as objects"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
