"""Core: what handlers of the admin API work on, besides the request itself."""

from __future__ import annotations

from emulator.admin.counts import Counts
from emulator.engine.dispatcher import Dispatcher
from emulator.json_type import Json


class AdminCore:
    """A dispatcher, whether it is ready, and what is counted of it."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.dispatcher = dispatcher
        self.ready = True
        """Whether calls are answered; a server says so when it has begun."""
        self.counts = Counts()
        self.ca = ""
        """The certificate (PEM) of the CA that this server's certificates are of."""

    def document(self, url: str) -> Json:
        """The OpenAPI document of the admin API that stands at *url*."""
        raise NotImplementedError
