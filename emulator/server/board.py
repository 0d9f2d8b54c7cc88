"""Board: what the server asks of the part of the emulator that answers calls.

The one seam between the network and the core. `emulator.engine.dispatcher.Dispatcher`
is what stands behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from emulator.call import Call, Reply
    from emulator.compile.webhooks import WebhookPolicy
    from emulator.settings import Settings
    from emulator.world.world import World


class Listed(Protocol):
    """What is shown of a provider to those who ask for it."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def hosts(self) -> Collection[str]: ...
    @property
    def base_path(self) -> str: ...
    @property
    def openapi(self) -> Mapping[str, Any]: ...
    @property
    def operations(self) -> Mapping[str, Any]: ...
    @property
    def max_body(self) -> int:
        """The longest request body that any operation says it takes; 0: none says."""

    @property
    def webhooks(self) -> WebhookPolicy | None: ...


class Board(Protocol):
    """Answers calls; pure, synchronous and quick."""

    @property
    def programs(self) -> Mapping[str, Listed]: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def hosts(self) -> Collection[str]:
        """The providers' host names, in lower case and without a port."""

    @property
    def worlds(self) -> Iterable[World]:
        """Where the calls are answered, each with an outbox and a clock of its own."""

    def answer(self, call: Call) -> Reply: ...

    def longest_body(self, call: Call) -> int:
        """How many bytes are read of the body of *call*, of which only the head is known."""
