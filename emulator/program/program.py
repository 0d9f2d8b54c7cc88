"""Program: a spec, checked, resolved and frozen: all that is decided before a call."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from emulator.http.hosts import filled
from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.program.authentication import SchemePolicy
from emulator.program.collections import CollectionPolicy
from emulator.program.errors import Errors
from emulator.program.evidence import Evidence
from emulator.program.formats import FormatPolicy
from emulator.program.hooks import Hooks
from emulator.program.http_policy import HttpPolicy
from emulator.program.keys import KeyPolicy
from emulator.program.lockout import LockoutPolicy
from emulator.program.operation import Effect, Operation
from emulator.program.rate_limits import LimitPolicy, QuotaHeaders
from emulator.program.routes import Match, Routes
from emulator.program.scenarios import Scenario
from emulator.program.views import View
from emulator.program.webhooks import WebhookPolicy
from emulator.values import value
from emulator.world.base import Base
from emulator.world.references import Reference
from emulator.world.timers import Timed


@value
class Program:
    """One provider, ready to answer."""

    name: str
    title: str
    hosts: tuple[str, ...]
    base_path: str
    host_defaults: Mapping[str, str] = {}
    """What the parts of a host are for calls that came to none of its hosts."""
    servers: tuple[tuple[str, Mapping[str, str]], ...] = ()
    """The paths of servers, and what their variables are there; the longest first."""
    order: tuple[str, ...]
    """The names of the steps that decide, in the order in which this provider asks them."""
    http: HttpPolicy
    schemes: Mapping[str, SchemePolicy]
    alternatives: str
    """Which of the claims that a call makes count: `any` of them, or the `first_sent`."""
    keys: Mapping[str, KeyPolicy]
    """What it signs with."""
    hooks: Hooks | None
    """Functions of its own that its expressions may call."""
    lockout: LockoutPolicy | None
    limits: tuple[LimitPolicy, ...]
    quota_headers: tuple[QuotaHeaders, ...]
    collections: Mapping[str, CollectionPolicy]
    bases: Mapping[str, Base]
    views: Mapping[str, View]
    headers: tuple[tuple[str, Template], ...]
    """What every reply carries."""
    effects: tuple[Effect, ...]
    operations: Mapping[str, Operation]
    routes: Routes[Operation]
    errors: Errors
    """The errors of calls that belong to no operation."""
    fronts: tuple[Operation, ...] = ()
    """What stands for several operations at one path, until it is known which is meant."""
    evidence: Evidence
    openapi: Mapping[str, Json]
    """The OpenAPI document, for those who ask for it."""
    unsound: int = 0
    """How many parts of the OpenAPI document are ignored since they are not sound."""
    files: tuple[str, ...]
    texts: Mapping[str, str] = {}
    """What stands in those of its files that were inferred, by what they are called."""
    formats: tuple[FormatPolicy, ...]
    """Other ways to write a body than JSON; the first that a call asks for."""
    scenarios: Mapping[str, Scenario]
    """Its named situations, in the order of the file."""
    webhooks: WebhookPolicy | None
    minted: Mapping[str, tuple[str, ...]]
    """The fields whose values each world has its own of, by collection."""

    def match(self, path: str) -> Match[Operation] | None:
        """What the raw *path* leads to, behind the provider's name or host."""
        return self.routes.match(path, strict=self.http.trailing_slash == "strict")

    def error_with(self, operation: Operation | None, status: int) -> str | None:
        """The provider's own error with this status: that of the operation, or of all."""
        table = operation.errors if operation else self.errors
        policies = [policy for policy in table.values() if policy.status == status]
        own = [
            policy
            for policy in policies
            if policy.operations and operation and operation.id in policy.operations
        ]
        general = [policy for policy in policies if policy.operations is None]
        return next((policy.code for policy in (*own, *general)), None)

    @cached_property
    def dispatched(self) -> frozenset[str]:
        """The operations at paths where a call may name none."""
        return frozenset(
            operation.id
            for front in self.fronts
            if front.dispatch is not None and front.dispatch.otherwise is None
            for operation in front.dispatch.operations.values()
        )

    @cached_property
    def home(self) -> str:
        """The address of its first host; empty where it has none."""
        if not self.hosts:
            return ""
        return f"https://{filled(self.hosts[0], self.host_defaults)}"

    def server(self, path: str) -> Mapping[str, str]:
        """What the variables of servers are for a call of *path*."""
        for base, values in self.servers:
            if path == base or path.startswith(f"{base}/"):
                return values
        return self.servers[0][1] if self.servers else {}

    @cached_property
    def references(self) -> tuple[tuple[str, Reference], ...]:
        """Every field that names records elsewhere, each with the collection it is in."""
        return tuple(
            (name, reference)
            for name, policy in self.collections.items()
            for reference in policy.references
        )

    @cached_property
    def timed(self) -> Mapping[str, Timed]:
        """The collections whose records time moves from one state to another."""
        return {
            name: Timed(policy.machine.field, policy.machine.delays)
            for name, policy in self.collections.items()
            if policy.machine is not None and policy.machine.delays
        }

    @cached_property
    def moves_fixtures(self) -> bool:
        """Whether time moves records that a world begins with."""
        return any(
            record.get(timed.field) in timed.delays
            for name, timed in self.timed.items()
            for record in self.bases[name].records.values()
        )

    @cached_property
    def has_functions(self) -> bool:
        """Whether it has functions of its own, in Python."""
        return self.hooks is not None

    @cached_property
    def max_body(self) -> int:
        """The longest request body that any operation says it takes; 0: none says."""
        bodies = (operation.body for operation in self.operations.values())
        return max((body.most or 0 for body in bodies if body is not None), default=0)
