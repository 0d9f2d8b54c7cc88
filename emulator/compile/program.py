"""Program: a spec, checked, resolved and frozen: all that is decided before a call.

The classes here say what a compiled spec holds. The modules beside this one make them,
each from its part of the spec.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emulator.values import value

if TYPE_CHECKING:
    from emulator.compile.authentication import Alternative, LockoutPolicy, SchemePolicy
    from emulator.compile.bodies import BodyPolicy
    from emulator.compile.collections import CollectionPolicy, Reference
    from emulator.compile.cors import CorsPolicy
    from emulator.compile.errors import ErrorPolicy
    from emulator.compile.evidence import Evidence
    from emulator.compile.formats import FormatPolicy
    from emulator.compile.limits import LimitPolicy, QuotaHeaders
    from emulator.compile.pages import PagePolicy
    from emulator.compile.parameters import ParameterPolicy
    from emulator.compile.scenarios import Scenario
    from emulator.compile.violations import Wording
    from emulator.compile.webhooks import WebhookPolicy
    from emulator.diagnostics import Location
    from emulator.language.templates import Template
    from emulator.program.examples import Example
    from emulator.program.routes import Routes
    from emulator.spec.document import Document, Pointer
    from emulator.world.collection import Base

Json = Any


@value
class HttpPolicy:
    """How a provider treats what HTTP leaves open."""

    trailing_slash: str = "ignore"
    repeated: str = "last"
    """Which value of a parameter that came more than once counts: `first` or `last`."""
    accept: str = "ignore"
    """Whether a request's Accept header is held against what the operation produces."""
    booleans: str = "numeric"
    """Whether 1 and 0 are booleans in a parameter, besides true and false."""
    https: str = "ignore"
    """`ignore`, or `required`: refuse when the outer scheme is known to be http."""
    content_type: str = "application/json"
    no_body: str = "refuse"
    """What a body that is required and missing is: refused, or an `empty` object."""
    blank: str = "keep"
    """`drop`: blank texts and nulls in a body count as not sent."""
    json_texts: str = "keep"
    """`typed`: in JSON, too, a text that spells a number or a boolean counts as one."""
    max_body: int | None = None
    """The longest request body of operations that do not say, in bytes."""
    cors: CorsPolicy | None = None
    """What browsers are told of calls from other origins; None: nothing."""
    version: Mapping[str, Json] = {}
    """`media_type`, in which `*` stands for the version, and those that are `known`."""


class View:
    """How a record is shown in one place of a reply."""

    def __init__(
        self, name: str, template: Template, views: Mapping[str, View], of: str = ""
    ) -> None:
        self.name = name
        self.of = of
        """The collection whose records it shows; empty where it is `given` fields."""
        self.template = template
        self._views = views
        """All views of the provider, which this one may show parts with."""

    @cached_property
    def _uses(self) -> tuple[bool, tuple[str, ...]]:
        repeatable, collections = True, set[str]()
        seen, waiting = set[str](), [self.name]
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self._views:
                continue
            seen.add(name)
            uses = self._views[name].template.uses
            repeatable = repeatable and uses.repeatable
            collections |= uses.collections
            waiting.extend(uses.views)
        return repeatable, tuple(sorted(collections))

    @property
    def repeatable(self) -> bool:
        """The same record and collections give the same bytes, so they can be kept."""
        return self._uses[0]

    @property
    def collections(self) -> tuple[str, ...]:
        """Those that the view looks things up in, other views' included."""
        return self._uses[1]


@value
class Filter:
    """One condition of a list: records whose *field* stands so to the *operand*."""

    field: str
    operator: str
    operand: Template


@value
class Search:
    """A text that must be found in one of some fields, whatever the case."""

    text: Template
    fields: tuple[str, ...]


@value
class Query:
    """A search as a tree of clauses, which `compile.queries` knows."""

    of: Template
    field: str
    """What a violation is filed under when it is no query."""
    dates: frozenset[str] = frozenset()
    """The fields that hold dates, which a range compares with nothing else."""


@value
class Sort:
    """The orders that a caller may choose from."""

    by: Template
    direction: Template | None
    allowed: Mapping[str, tuple[tuple[str, bool], ...]]
    """A word of the caller's and what it sorts by: (field, descending)."""
    default: str | None


@value
class Rule:
    """A condition on the input that JSON Schema does not express."""

    check: Template
    given: tuple[str, ...]
    """Fields that must be there, and not null, for the rule to be looked at."""
    inputs: frozenset[str]
    """The fields that a caller can send."""
    field: str
    name: str
    message: Template | None

    @cached_property
    def fields(self) -> frozenset[str]:
        """What of the input the rule reads: it is not looked at when that is wrong."""
        return self.check.uses.fields & self.inputs


@value
class RecordLimit:
    """How many records may match at one time."""

    collection: str
    where: Mapping[str, Json]
    at_most: Template
    refuse: str


@value
class Requirement:
    """A condition on caller and call; where it fails, the call is refused."""

    check: Template
    refuse: str
    facts: Template | None
    step: str
    """Who asks: `authorize`, or `act`, when the input is known to be right."""


@value
class Effect:
    """A change of records that a call brings about besides its own action."""

    kind: str
    """`update`, `create` or `delete`."""
    collection: str
    key: Template | None
    values: Template
    when: Template | None
    each: Template | None
    """A list: the effect happens once for each item, which is then `it`."""
    rules: tuple[Rule, ...] = ()
    """Those of the collection that it creates a record of."""
    limit: RecordLimit | None = None
    clashes: bool = False
    """The key of a record that it creates may be another's."""


@value
class Action:
    """What an operation does to the world."""

    kind: str
    """`list`, `read`, `create`, `update`, `delete` or `reply`."""
    collection: str = ""
    key: Template | None = None
    by: str = ""
    """The field that the key is compared with; empty for the collection's own key."""
    view: str = ""
    filters: tuple[Filter, ...] = ()
    condition: Template | None = None
    search: Search | None = None
    query: Query | None = None
    sort: Sort | None = None
    page: PagePolicy | None = None
    values: Template | None = None
    """What a create or an update sets besides the input."""
    whole: bool = False
    """An update replaces the record; what the input lacks gets its default."""
    scoped: bool = True
    """Only records that the caller owns, where the collection is owned."""
    missing: str = "not_found"
    """The refusal when there is no such record."""
    clashes: bool = False
    """The key that a create or an update gives may be another record's."""


@value
class ReplyPolicy:
    """What an operation answers when nothing refuses it."""

    status: int
    headers: tuple[tuple[str, Template], ...]
    body: Template | None


@value
class Operation:
    """One method on one path of a provider."""

    id: str
    method: str
    path: str
    parameter_names: tuple[str, ...]
    summary: str
    security: tuple[Alternative, ...]
    """The ways to prove who calls; any one is enough; none: nothing is asked."""
    open: bool
    """A caller may also come without a claim."""
    scopes: tuple[str, ...]
    parameters: ParameterPolicy
    body: BodyPolicy | None
    produces: tuple[str, ...]
    accept: str
    """`enforce`: the Accept header can be refused; `ignore`: it is not looked at."""
    action: Action
    rules: tuple[Rule, ...]
    requires: tuple[Requirement, ...]
    limit: RecordLimit | None
    limits: tuple[LimitPolicy, ...]
    effects: tuple[Effect, ...]
    reply: ReplyPolicy
    errors: Mapping[str, ErrorPolicy]
    wording: Wording
    behavior: Document
    """Where it is written, at *pointer*."""
    pointer: Pointer
    also_at: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    """Members of the body that hold a credential's secret."""

    @property
    def at(self) -> Location:
        """The place of `behavior.yaml` where it is written."""
        return self.behavior.locate(self.pointer, key=True)


@value
class Program:
    """One provider, ready to answer."""

    name: str
    title: str
    hosts: tuple[str, ...]
    base_path: str
    order: tuple[str, ...]
    """The names of the steps that decide, in the order in which this provider asks them."""
    http: HttpPolicy
    schemes: Mapping[str, SchemePolicy]
    alternatives: str
    """Which of the claims that a call makes count: `any` of them, or the `first_sent`."""
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
    errors: Mapping[str, ErrorPolicy]
    """The errors of calls that belong to no operation."""
    evidence: Evidence
    openapi: Mapping[str, Json]
    """The OpenAPI document, for those who ask for it."""
    files: tuple[str, ...]
    formats: tuple[FormatPolicy, ...]
    """Other ways to write a body than JSON; the first that a call asks for."""
    scenarios: Mapping[str, Scenario]
    """Its named situations, in the order of the file."""
    webhooks: WebhookPolicy | None
    minted: Mapping[str, tuple[str, ...]]
    """The fields whose values each world has its own of, by collection."""

    def error_with(self, operation: Operation | None, status: int) -> str | None:
        """The provider's own error with this status: that of the operation, or of all."""
        table = operation.errors if operation else self.errors
        found = [one for one in table.values() if one.status == status]
        own = [one for one in found if one.on and operation and operation.id in one.on]
        general = [one for one in found if one.on is None]
        return next((one.code for one in (*own, *general)), None)

    @cached_property
    def references(self) -> tuple[tuple[str, Reference], ...]:
        """Every field that names records elsewhere, each with the collection it is in."""
        return tuple(
            (name, one)
            for name, policy in self.collections.items()
            for one in policy.references
        )

    @cached_property
    def max_body(self) -> int:
        """The longest request body that any operation says it takes; 0: none says."""
        bodies = (one.body for one in self.operations.values())
        return max((one.most or 0 for one in bodies if one is not None), default=0)

    @cached_property
    def example(self) -> Example | None:
        """A call that should work, to show. Raises `ExpressionFailed`."""
        from emulator.program.examples import example

        return example(self)


class RememberedProgram(Program):
    """A program that was found in order before, and is made when first looked into.

    What a server has to know of a provider that nobody calls is known at once.
    """

    def __init__(
        self,
        make: Callable[[], Program],
        *,
        name: str,
        title: str,
        hosts: tuple[str, ...],
        base_path: str,
        files: tuple[str, ...],
        example: Example | None,
    ) -> None:
        self.__dict__.update(
            _make=make,
            name=name,
            title=title,
            hosts=hosts,
            base_path=base_path,
            files=files,
            example=example,
        )

    def __getattr__(self, name: str) -> Any:
        """Make the program, of which this was the first part to be asked for."""
        if name not in Program.__annotations__ or "_make" not in self.__dict__:
            raise AttributeError(f"a program has no {name!r}")
        made = {**self._make().__dict__, "example": self.example}
        object.__setattr__(self, "__dict__", made)
        return self.__dict__[name]
