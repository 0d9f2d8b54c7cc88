"""Guesses: what somebody means by a command that there is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from emulator.diagnostics import nearest

_MEANT: Mapping[str, str] = {
    "curl": "journal show",
    "export": "worlds snapshot",
    "follow": "journal --follow",
    "import": "worlds restore",
    "last": "journal show",
    "log": "journal",
    "logs": "journal",
    "new": "worlds create",
    "pause": "clock freeze",
    "ready": "doctor --ready",
    "reset": "worlds reset",
    "restore": "worlds restore",
    "run": "serve",
    "share": "worlds snapshot",
    "snapshot": "worlds snapshot",
    "start": "serve",
    "status": "worlds show",
    "tail": "journal --follow",
    "verify": "journal verify",
    "why": "journal show",
}
"""What other programs call it, and what it is called here."""


def suggestion(name: str, known: Collection[str], group: str = "") -> str:
    """What to write in place of *name*, which is none of the *known* commands.

    *group* is the command that they belong to: "clock", or "" for the program's own.
    """
    near = nearest(name, known)
    meant = _MEANT.get(name)
    if near is not None:
        meant = f"{group} {near}".strip()
    if meant is not None:
        return f"did you mean `emulator {meant}`?"
    return f"there are: {', '.join(known)}"
