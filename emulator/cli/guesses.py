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
_CONSOLE = frozenset(("open", "ui", "console", "browser", "web", "gui", "dashboard"))
"""What other programs call it, and what it is called here."""


def suggestion(name: str, known: Collection[str], group: str = "") -> str:
    """What to write in place of *name*, which is none of the *known* commands.

    *group* is the command that they belong to: "clock", or "" for the program's own.
    """
    if not group and name in _CONSOLE:
        return "open the server's address with /_emulator/ in a browser"
    near = nearest(name, known)
    meant = _MEANT.get(name)
    if group == "clock" and name[:1] == "+":
        meant = f"clock advance {name[1:]}"
    elif group == "scenario" and "/" in name:
        meant = f"scenario apply {name}"
    elif near is not None and meant is None:
        meant = f"{group} {near}".strip()
    if meant is not None:
        return f"did you mean `emulator {meant}`?"
    return f"there are: {', '.join(known)}"
