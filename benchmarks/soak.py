"""Soak: whether the memory of a process stays flat, however long it is used.

    python benchmarks/soak.py [--calls 200000] [--worlds 20000] [--growth 3] [--json]

Three parts, each in a process of its own: mixed calls to every bundled provider in a
few worlds; worlds that are created, called and deleted; worlds that are created, called
and left, so that they make room for each other. It ends with 1 when a second half has
grown by more than so many percent.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator.times import micros

STEPS = 20
"""How often a part looks at the memory."""
WORLDS = 8
"""Worlds that calls are spread over."""
RESET = 25
"""Visits after which a world begins again whose visits leave something."""
BOUND = 200
"""Worlds at one time, in the part where they make room for each other."""
JOURNAL = 200
"""Entries of a journal: it is full before the memory is first looked at."""
START = 1_772_445_600.0


def memory() -> float:
    """What this process holds in memory, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576


def calls(number: int) -> dict[str, Any]:
    """*number* calls to worlds that stay; every second one is reset now and then."""
    from traffic import Visitor

    board = _board()
    visitors = [
        Visitor(board, board.worlds.create(at=micros(START), frozen=True))
        for _ in range(WORLDS)
    ]
    done = 0

    def until(enough: int) -> None:
        nonlocal done
        while done < enough:
            for at, one in enumerate(visitors):
                leaves = at % 2 == 1
                done += one.visit(leaves=leaves)
                if leaves and one.visits % RESET == 0:
                    board.worlds.reset(one.world)

    found = _stepped(number, until)
    worlds = board.worlds
    found["held"] = {
        "records": sum(visitor.world.room.taken for visitor in visitors),
        "secrets": len(worlds.secrets),
        "journal entries": sum(len(world.journal) for world in worlds),
    }
    return found


def deleted(number: int) -> dict[str, Any]:
    """*number* worlds, each visited once and deleted."""
    return _lives(number, delete=True, bound=BOUND)


def bounded(number: int) -> dict[str, Any]:
    """*number* worlds, each visited once and left to make room for others."""
    return _lives(number, delete=False, bound=BOUND)


def _lives(number: int, *, delete: bool, bound: int) -> dict[str, Any]:
    from traffic import Visitor

    board = _board(worlds=bound)
    worlds = board.worlds
    done = 0

    def until(enough: int) -> None:
        nonlocal done
        while done < enough:
            world = worlds.create(at=micros(START), frozen=True)
            Visitor(board, world).drop_in()
            if delete:
                worlds.delete(world)
            done += 1

    found = _stepped(number, until)
    found["held"] = {"worlds": len(worlds), "secrets": len(worlds.secrets)}
    return found


PARTS: dict[str, Callable[[int], dict[str, Any]]] = {
    "calls": calls,
    "worlds, deleted": deleted,
    "worlds, bounded": bounded,
}


def _board(**settings: Any) -> Any:
    from internals import dispatcher

    board = dispatcher(journal_entries=JOURNAL, **settings)
    # As `emulator serve` has it.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    return board


def _stepped(number: int, until: Callable[[int], None]) -> dict[str, Any]:
    """The memory after each of STEPS equal parts of *number*, and how it has grown.

    The second half is held against the end of the first one, each by the largest of
    three looks, since a collector that has yet to come is no leak.
    """
    seen: list[float] = []
    started = time.perf_counter()
    for step in range(1, STEPS + 1):
        until(number * step // STEPS)
        seen.append(round(memory(), 1))
    half = max(seen[STEPS // 2 - 2 : STEPS // 2 + 1])
    end = max(seen[-3:])
    return {
        "steps": seen,
        "grown_percent": round((end / half - 1) * 100, 2),
        "seconds": round(time.perf_counter() - started, 1),
    }


def _alone(part: str, number: int) -> dict[str, Any]:
    """What a part finds in a process of its own."""
    command = [sys.executable, __file__, "--part", part, "--number", str(number)]
    ran = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=200_000)
    parser.add_argument("--worlds", type=int, default=20_000)
    parser.add_argument("--growth", type=float, default=3.0, help="percent allowed")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--number", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        print(json.dumps(PARTS[options.part](options.number)))
        return 0
    found: dict[str, Any] = {}
    for part in PARTS:
        one = _alone(part, options.calls if part == "calls" else options.worlds)
        found[part] = one
        if not options.json:
            steps = " ".join(f"{mib:.0f}" for mib in one["steps"])
            print(f"{part}: {one['grown_percent']:+.2f} % ({one['seconds']} s)")
            print(f"  MiB: {steps}\n  held: {one['held']}", flush=True)
    if options.json:
        print(json.dumps(found, indent=2))
    grown = [
        part for part, one in found.items() if one["grown_percent"] > options.growth
    ]
    for part in grown:
        print(f"{part}: the memory grows", file=sys.stderr)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
