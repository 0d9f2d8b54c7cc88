"""App: the service as a Starlette application, which any ASGI server runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from emulator.engine.dispatcher import Dispatcher
from emulator.server.service import Service

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from emulator.settings import Settings


class Application(Starlette):
    """Starlette for /_emulator, and the providers' endpoint for everything else.

    What is not under /_emulator never sees Starlette: its middlewares and its router
    would cost several times what the providers' endpoint does itself.
    """

    def __init__(self, dispatcher: Dispatcher, settings: Settings) -> None:
        super().__init__(lifespan=_alive)
        self.service = Service(dispatcher, settings, super().__call__)
        self.router.default = self.service.admin_app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.service(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@asynccontextmanager
async def _alive(app: Starlette) -> AsyncIterator[None]:
    assert isinstance(app, Application)  # noqa: S101 - narrows the type
    async with app.service.alive():
        yield


def create_app(dispatcher: Dispatcher, settings: Settings | None = None) -> Application:
    """The application that answers for every provider of *dispatcher*.

    *settings* are the dispatcher's own unless others are given.
    """
    return Application(dispatcher, settings or dispatcher.settings)
