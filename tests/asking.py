"""Asking the admin API, without a server between."""

from __future__ import annotations

import json
from typing import Any

from tiny import START, program

from emulator.admin.admin import Admin
from emulator.admin.request import AdminRequest
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Reply
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

PROVIDERS = ("hooks", "press")
HOOKS = "/worlds/default/webhooks/hooks"


def board_of(**settings: Any) -> Dispatcher:
    """Two tiny providers, one of which sends webhooks; the clock stands still."""
    return Dispatcher(
        {name: program(name) for name in PROVIDERS},
        World(clock=Clock(micros(START), frozen=True)),
        Settings(**{"log_format": "none", "port": 0, **settings}),
    )


def ask(
    admin: Admin, method: str, path: str, sent: Any = None, **headers: str
) -> tuple[int, Any]:
    """Status and JSON of an answer; *path* is what follows /_emulator."""
    reply = reply_of(admin, method, path, sent, **headers)
    return reply.status, json.loads(reply.body) if reply.body else None


def reply_of(
    admin: Admin, method: str, path: str, sent: Any = None, **headers: str
) -> Reply:
    path, _, query = path.partition("?")
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    if sent is not None:
        named.setdefault("content-type", "application/json")
    return admin.answer(
        AdminRequest(
            method=method,
            path=f"/_emulator{path}",
            query=query,
            headers=named,
            body=b"" if sent is None else json.dumps(sent).encode(),
            base_url="http://emulator.test",
        )
    )
