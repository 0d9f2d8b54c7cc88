"""Keys and conditions made to starve the emulator do not."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

from emulator.world import kept_replies
from emulator.world.kept_replies import KeptReplies, KeptReply

from twice import api  # isort: skip


def reply(body: bytes, at: int) -> KeptReply:
    return KeptReply(
        "f", 1, "r", at, at + 86_400, None, 201, (("Location", "/x"),), 0, body
    )


def test_replies_are_bounded_in_number_and_bytes() -> None:
    """The oldest go first; the largest reply there can be drives out the rest, no more."""
    kept = KeptReplies()
    for number in range(kept_replies.MOST + 500):
        kept.keep(("p", str(number)), reply(b"x", number), number)

    assert kept.get(("p", "499"), 500) is None
    assert kept.get(("p", "500"), 500) is not None

    tracemalloc.start()
    for number in range(200):
        kept.keep(("p", f"big{number}"), reply(bytes(2**20), number), number)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < kept_replies.MOST_BYTES + 2**21


def test_a_flood_of_keys_costs_the_same_for_each(tmp_path: Path) -> None:
    """The last of many calls with keys of their own is as quick as the first of them."""
    made = api(tmp_path, {"max_length": 1024})
    took = []
    for number in range(600):
        begun = time.process_time()
        made.post("/things", json={}, headers={"Idempotency-Key": f"{number:0>1000}"})
        took.append(time.process_time() - begun)

    assert sorted(took[-200:])[100] < 3 * sorted(took[:200])[100]
