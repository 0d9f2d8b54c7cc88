"""Names: which names of an expression stand for something where it is evaluated."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.pipeline import FOUND_BY

_OF_THE_CALL = (
    "path", "query", "header", "cookie", "body", "method", "operation_id", "raw_path",
    "client", "authenticated", "host", "server", "header_lines", "raw_query", "raw_body",
    "raw_body_base64",
)  # fmt: skip
_REFUSED = "whether a call is refused is known when every step has been asked"


def later_than(step: str, order: Sequence[str]) -> dict[str, str]:
    """The names that are not known yet when *step* asks, each with the reason."""
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
    names = dict.fromkeys([*_OF_THE_CALL, *FOUND_BY, "refused"])
    del names["caller"]
    return dict.fromkeys(names, f"{when}, and there is no call then")
