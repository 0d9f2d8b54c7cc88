"""Many worlds on one dispatcher, called as clients call them: with a credential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from front_door import START

from emulator.engine.dispatcher import Dispatcher
from emulator.engine.registry import Worlds
from emulator.exchange.call import Call, Reply
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.world import World


class Server:
    """A dispatcher and its worlds."""

    def __init__(self, programs: Mapping[str, Program], **settings: Any) -> None:
        self.programs = programs
        self.board = Dispatcher(programs, settings=Settings(**settings))
        self.worlds: Worlds = self.board.worlds

    def create(self, id: str | None = None, **more: Any) -> World:
        """A world whose clock stands still at START."""
        return self.worlds.create(id, **{"at": micros(START), "frozen": True, **more})

    def credential(self, world: World, provider: str, name: str = "full") -> Any:
        found = self.worlds.credentials(world, provider)
        return next(one for one in found if one["name"] == name)

    def call(
        self,
        provider: str,
        path: str,
        credential: Mapping[str, Any] | None = None,
        *,
        method: str = "GET",
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        prefix: str = "",
    ) -> Reply:
        """Call *path* of a provider; nothing but the credential says in which world."""
        sent = {**(credential or {}).get("headers", {}), **(headers or {})}
        body = b""
        if json is not None:
            body, sent["Content-Type"] = orjson.dumps(json), "application/json"
        if form is not None:
            body = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        base = self.programs[provider].base_path
        return self.board.answer(
            Call(
                method=method,
                path=f"{prefix}/{provider}{base}{path}",
                query=urlencode((credential or {}).get("query", {})).encode(),
                body=body,
                base_url="http://emulator.test",
                raw_headers=[
                    (name.lower().encode(), value.encode())
                    for name, value in sent.items()
                ],
            )
        )
