"""Admin: answers requests to /_emulator, with nothing of the network in it.

The server asks it, and so does the Python API, in process. Handlers' modules, and what
checks requests, are imported when the first request comes that needs them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from types import ModuleType
from typing import Any

from emulator.admin.checks import Checks
from emulator.admin.core import AdminCore
from emulator.admin.request import AdminError, AdminRequest
from emulator.admin.routes import AdminRoutes, Found
from emulator.admin.schemas import Schema
from emulator.admin.table import Operation, Work
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.registry import Worlds
from emulator.exchange.call import Reply
from emulator.json_type import Json
from emulator.world.acts import Act

MODULES: tuple[str, ...] = (
    "status",  #     health, readiness, version, the document of this API
    "metrics",  #    what a Prometheus reads
    "providers",  #  who is imitated
    "viewer",  #     what they look like, in a browser
    "worlds",  #     sandboxes
    "credentials",  # what leads to them
    "snapshots",  #  all that has become of one
    "clock",  #      a world's time
    "records",  #    what a world holds
    "scenarios",  #  named situations
    "arrange",  #    parts of them, one by one
    "faults",  #     what goes wrong on purpose
    "stubs",  #      replies in place of a provider's
    "journals",  #   what was called, and why it was answered so
    "calls",  #      made here, and made again
    "saved_tests",  # exchanges as tests
    "examples",  #   of calls that work
    "webhooks",  #   who is told of what
    "agents",  #     what agents and editors read first
)
"""The modules of this package that have rows, in the order of the document."""


_HALF_WAY = 409
"""What a scenario is answered that fails after it has changed something."""


class Admin(AdminCore):
    """The emulator's own addresses, for one dispatcher."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        *,
        modules: Sequence[str | ModuleType] = MODULES,
    ) -> None:
        super().__init__(dispatcher)
        self._modules = modules

    def answer(self, request: AdminRequest) -> Reply:
        """Answer *request*, all that it sets off included, but for webhooks."""
        work = self.work(request)
        while True:
            try:
                next(work)
            except StopIteration as ended:
                reply: Reply = ended.value
                return reply

    def work(self, request: AdminRequest) -> Work:
        """Answer *request*; yields a world whenever what is due there is to be sent."""
        try:
            match = self.find(request.method, request.path)
            request._admin = self
            request.names = match.names
            self.checks.check(request, match.operation)
            if match.operation.acts and request.names.get("world") in self.worlds:
                return (yield from self._acted(request, match.operation))
            begun = match.operation.handler(request)
            return begun if isinstance(begun, Reply) else (yield from begun)
        except AdminError as error:
            return error.reply

    def _acted(self, request: AdminRequest, operation: Operation) -> Work:
        """Change a world, and have it write down what it was asked."""
        world = self.worlds[request.names["world"]]
        path = request.path.split("/", 4)
        rest = f"/{path[4]}" if len(path) > 4 else ""
        act = Act(
            world.journal.written,
            world.clock.now(),
            request.method,
            f"{rest}?{request.query}" if request.query else rest,
            request.body,
            request.headers.get("content-type", ""),
        )
        acts = world.acts
        try:
            with world.clock.held(act.at):
                begun = operation.handler(request)
            reply = begun if isinstance(begun, Reply) else (yield from begun)
        except AdminError as error:
            if operation.tag == "scenarios" and error.reply.status == _HALF_WAY:
                acts.miss(act.after, "something was arranged that failed half-way")
            raise
        acts.add(act)
        return reply

    def find(self, method: str, path: str) -> Found:
        """The operation of an address. Raises `AdminError`."""
        match = self._first.find(method, path) or self.routes.find(method, path)
        if match is None:
            raise self.routes.nowhere(path)
        return match

    def document(self, url: str) -> Json:
        """The OpenAPI document of the admin API that stands at *url*."""
        from emulator.admin.description import described

        return described(self.operations, self.schemas, url)

    @property
    def worlds(self) -> Worlds:
        return self.dispatcher.worlds

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """All rows of the table."""
        return tuple(row for module in self._loaded for row in module.row.operations)

    @cached_property
    def schemas(self) -> Mapping[str, Schema]:
        """What `ref` names."""
        schemas: dict[str, Schema] = {}
        for module in self._loaded:
            for name, schema in getattr(module, "SCHEMAS", {}).items():
                if schemas.setdefault(name, schema) is not schema:
                    raise ValueError(f"two schemas are called {name!r}")
        return schemas

    @cached_property
    def routes(self) -> AdminRoutes:
        return AdminRoutes(self.operations)

    @cached_property
    def checks(self) -> Checks:
        return Checks(lambda: self.schemas)

    @cached_property
    def _first(self) -> AdminRoutes:
        """What the first module has: a health check loads no other."""
        return AdminRoutes(_module(self._modules[0]).row.operations)

    @cached_property
    def _loaded(self) -> list[Any]:
        return [_module(module) for module in self._modules]


def _module(module: str | ModuleType) -> Any:
    return (
        import_module(f"emulator.admin.{module}") if isinstance(module, str) else module
    )
