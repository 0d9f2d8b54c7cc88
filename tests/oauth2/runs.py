"""Runs of calls to the endpoints of OAuth 2, each in a world of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine


class Run(RuleBasedStateMachine):
    """What all models of the token endpoint begin and end with."""

    def enter(self, api: Any, clients: Iterable[str]) -> None:
        """Make a world whose clock stands, and learn the secrets of these clients."""
        self.api = api
        self.world = api.board.worlds.create(at=1_772_445_600_000_000, frozen=True)
        self.own = {"X-Emulator-World": self.world.id}
        known = self.world.collections(api.program)["clients"]
        self.secrets = {name: known.get(name).get("client_secret") for name in clients}
        self.now = 0

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.api.board.worlds.delete(self.world)
