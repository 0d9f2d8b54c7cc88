"""Machine: what a spec is compiled for: the steps, the names they find, their refusals.

The compiler knows the machine, and the machine does not know its compiler. As long as
the policies that steps read stand beside the makers of them, it is imported when it is
first asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.refusals import Refusals

_OF_THE_CALL = (
    "path", "query", "header", "cookie", "body", "method", "operation_id", "raw_path",
    "client", "authenticated",
)  # fmt: skip
_REFUSED = "whether a call is refused is known when every step has been asked"


def steps() -> tuple[str, ...]:
    """The steps that decide, in their default order."""
    from emulator.pipeline import STEPS

    return STEPS


def refusals() -> Refusals:
    """What the steps can refuse."""
    from emulator.pipeline import REFUSALS

    return REFUSALS


def later_than(step: str, order: Sequence[str]) -> dict[str, str]:
    """The names that are not known yet when *step* asks, each with the reason."""
    from emulator.pipeline import FOUND_BY

    place = {name: at for at, name in enumerate(order)}
    asked = place.get(step, len(order))
    found = {
        name: f"`{by}` finds it, and `{step}` asks before that has"
        for name, by in FOUND_BY.items()
        if place.get(by, -1) >= asked
    }
    return {**found, "refused": _REFUSED}


def without_call(when: str) -> dict[str, str]:
    """The names that stand for nothing where nobody calls; *when* says where that is."""
    from emulator.pipeline import FOUND_BY

    names = dict.fromkeys([*_OF_THE_CALL, *FOUND_BY, "refused"])
    del names["caller"]
    return dict.fromkeys(names, f"{when}, and there is no call then")
