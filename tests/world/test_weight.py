"""What a record takes is counted as it changes, and comes to what it takes in the end."""

from __future__ import annotations

from random import Random  # noqa: TID251 - the test's own draw, by a seed
from typing import Any

from emulator.world.weight import gain, weight

_VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        1,
        10,
        99,
        1.5,
        2**70,
        "",
        "a",
        "b",
        ",",
        "é",
        '"',
        "\\",
        "a,b",
        "{}",
    ),
    *([], [1], [1, 2], {}, {"a": 1}, {"a": [1, {"b": "c"}]}, "x" * 300),
)


def test_what_a_record_gains_is_the_difference_of_what_both_take() -> None:
    """Whatever changes in it: else a world that changes it often is counted wrong."""
    draw = Random(1)
    same = 0
    for _ in range(5_000):
        old = {name: draw.choice(_VALUES) for name in "abcd"[: draw.randint(1, 4)]}
        new = {**old, draw.choice("abcd"): draw.choice(_VALUES)}
        if draw.random() < 0.2:
            del new[draw.choice([*new])]
        gained = gain(old, new)
        assert gained == weight(new) - weight(old), (old, new)
        same += gained == 0
    assert same > 100
