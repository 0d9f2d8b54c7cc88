"""Guesses: what somebody means by a command that there is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from emulator.diagnostics import nearest

ALIASES: Mapping[str, str] = {
    "fault": "faults",
    "webhook": "webhooks",
    "world": "worlds",
}
"""Other names of commands, which work."""

_MEANT: Mapping[str, str] = {
    "advance": "clock advance",
    "apply": "scenario apply",
    "clear": "faults clear",
    "create": "worlds create",
    "curl": "journal show --curl",
    "delete": "worlds delete",
    "export": "worlds snapshot",
    "follow": "journal --follow",
    "fork": "worlds fork",
    "freeze": "clock freeze",
    "har": "journal har",
    "import": "worlds restore",
    "last": "journal show",
    "log": "journal",
    "logs": "journal",
    "new": "worlds create",
    "pause": "clock freeze",
    "ready": "doctor --ready",
    "recipe": "journal recipe",
    "replay": "journal replay",
    "reset": "worlds reset",
    "restore": "worlds restore",
    "resume": "clock resume",
    "run": "serve",
    "save": "journal test",
    "seed": "worlds create --seed N",
    "share": "worlds snapshot",
    "snapshot": "worlds snapshot",
    "start": "serve",
    "status": "worlds show",
    "subscribe": "webhooks subscribe",
    "tail": "journal --follow",
    "test": "journal test",
    "time": "clock",
    "verify": "journal verify",
    "wait": "doctor --ready --wait 30s",
    "why": "journal show",
}
"""What other programs call it, and what it is called here."""
_MEANT_IN: Mapping[str, Mapping[str, str]] = {
    "": {
        "arrange": "scenario apply",
        "info": "status",
        "list": "providers",
        "ls": "providers",
        "ps": "status",
        "up": "serve",
        "version": "--version",
    },
    "journal": {
        "download": "journal har FILE",
        "export": "journal har FILE",
        "fork": "worlds fork default --at ID",
        "save": "journal test ID FILE",
        "share": "journal recipe",
    },
}
"""The same of what is asked of one command, or of the program itself."""
_OTHERWISE: Mapping[str, str] = {
    **dict.fromkeys(
        ("open", "ui", "console", "browser", "web", "gui", "dashboard"),
        "open the server's address with /_emulator/ in a browser",
    ),
    **dict.fromkeys(
        ("record", "records", "data"),
        "the page at /_emulator/ shows and edits them, as"
        " /_emulator/worlds/default/records/PROVIDER/COLLECTION does for programs",
    ),
    **dict.fromkeys(
        ("stop", "down", "kill", "quit", "exit", "shutdown"),
        "press Ctrl+C where the server was started, or send it SIGTERM",
    ),
    **dict.fromkeys(
        ("token", "login", "auth"),
        "a server prints its admin token when it starts, or takes that of"
        " EMULATOR_ADMIN_TOKEN; commands take it from there or by --admin-token",
    ),
}
"""What is done without a command."""

_INSTEAD: Mapping[str, str] = {
    "emulator credentials": (
        "`emulator worlds credentials` lists those of all providers of a running server"
    ),
    "emulator explain": "`emulator journal show` explains the latest call",
    "emulator webhooks list": "`emulator providers` lists those that there are",
}
"""What to write where a command lacks what it is about."""
_USUAL: Mapping[str, str] = {
    "export": "openapi",
    "fixtures": "freeze",
    "scenario": "apply",
}
"""What is meant of a command where it is followed by what it is about, and no verb."""


def suggestion(name: str, known: Collection[str], group: str = "") -> str:
    """What to write in place of *name*, which is none of the *known* commands.

    *group* is the command that they belong to: "clock", or "" for the program's own.
    """
    if not group and name in _OTHERWISE:
        return _OTHERWISE[name]
    near = nearest(name, known)
    meant = _MEANT_IN.get(group, {}).get(name, _MEANT.get(name))
    if name == "help":
        meant = f"{group} --help".strip()
    elif group == "clock" and name[:1] == "+":
        meant = f"clock advance {name[1:]}"
    elif group in _USUAL and meant is None and near is None:
        meant = f"{group} {_USUAL[group]} {name}"
    elif near is not None and meant is None:
        meant = f"{group} {near}".strip()
    if meant is not None:
        return f"did you mean `emulator {meant}`?"
    return f"there are: {', '.join(known)}"


def instead(command: str) -> str:
    """What to write where *command* lacks what it is about; empty where nobody knows."""
    return _INSTEAD.get(command, "")


def length_meant(time: str) -> str:
    """The length that is meant by a *time* that is none: `tomorrow`, `+1h`; or ""."""
    if time == "tomorrow":
        return "1d"
    return time.removeprefix("+") if time[:1] == "+" else ""
