"""Operation: one method on one path, and all that a spec says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from emulator.diagnostics import Location
from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.program.authentication import Alternative, DigestPolicy, SchemePolicy
from emulator.program.batch import BatchPolicy
from emulator.program.bodies import BodyPolicy
from emulator.program.cursors import Carrying
from emulator.program.dispatch import DispatchPolicy
from emulator.program.errors import Errors
from emulator.program.idempotency import IdempotencyPolicy
from emulator.program.media import MediaPolicy
from emulator.program.oauth2 import GrantPolicy
from emulator.program.pages import PagePolicy
from emulator.program.parameters import ParameterPolicy
from emulator.program.patches import PatchPolicy
from emulator.program.rate_limits import LimitPolicy
from emulator.program.replies import ReplyPolicy
from emulator.program.shaping import Shape
from emulator.program.sorting import Sort
from emulator.program.validators import ValidatorPolicy
from emulator.program.violations import Wording
from emulator.spec.document import Document, Pointer
from emulator.values import value

if TYPE_CHECKING:  # few operations have one
    from emulator.program.documented import DocumentedPolicy


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
    """A search in a language of its own, which `search` knows."""

    of: Template
    dialect: str
    """`elasticsearch`, `lucene`, `odata`, `scim` or `aip160`."""
    field: str
    """What a violation is filed under when it is no query."""
    refuse: str
    """What such a call gets: a `violation`, or the refusal `invalid_query`."""
    dates: frozenset[str]
    """The fields that hold dates, which a range compares with nothing else."""
    known: frozenset[str]
    """The fields that records are known to have."""
    fields: Mapping[str, str | Template] | None
    """What the names of a query stand for: a path to a field, or an expression."""
    words: tuple[str, ...]
    """The fields that are searched word by word."""
    joined_by: str
    """What stands between words that have no operator: `and` or `or`."""

    @cached_property
    def repeatable(self) -> bool:
        """Whether the same query finds the same, as long as its collection is the same."""
        given = (self.fields or {}).values()
        uses = [field.uses for field in given if isinstance(field, Template)]
        return all(use.repeatable and not use.collections for use in uses)


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
        uses = self.check.uses
        members = {name for root, name in uses.members if root == "body"}
        return (uses.fields | members) & self.inputs


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
    """The step that asks: `authorize`, or `act`, when the input is known to be right."""


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
    moves: tuple[str, ...] = ()
    """The moves of a state machine that an update makes: the first that is possible."""


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
    shape: Shape | None = None
    """What a call may say of how records are shown; None: nothing."""
    page: PagePolicy | None = None
    carrying: Carrying | None = None
    """What the cursors of a list carry; None: their place alone."""
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
    moves: tuple[str, ...] = ()
    """As in `Effect`."""
    deleted: str = "hide"
    """Of records that are softly deleted: `hide`, `also` or `only`."""
    creates: bool = False
    """An update creates the record if it is not there."""
    patch: PatchPolicy | None = None
    """How the body of an update changes the record; None: field by field."""


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
    replies: tuple[ReplyPolicy, ...]
    """The first that holds is given; the last one always does."""
    error_media: Mapping[str, MediaPolicy]
    """The types of JSON that errors have by openapi.yaml, by status, where they are others
    than those of the provider's replies."""
    errors: Errors
    wording: Wording
    behavior: Document
    """Where it is written, at *pointer*."""
    pointer: Pointer
    path_aliases: tuple[str, ...] = ()
    secret_members: tuple[str, ...] = ()
    """Members of the body that hold a credential's secret."""
    listed: bool = True
    """Whether `operations` of the spec lists it; a call of another one is not emulated."""
    grant: GrantPolicy | None = None
    """What it does as an endpoint of an authorization server."""
    batch: BatchPolicy | None = None
    dispatch: DispatchPolicy | None = None
    """It stands for several operations at its path, and which of them a call is for."""
    idempotency: IdempotencyPolicy | None = None
    validators: ValidatorPolicy | None = None
    documented: DocumentedPolicy | None = None
    """Its replies are those that the OpenAPI document describes."""
    from_document: Callable[[], DocumentedPolicy] | None = None
    """What the document describes, for callers that ask for it although the spec says
    something else."""
    steps: Any = None
    """The steps that can make a difference to its calls, once the pipeline has them."""
    finishing: Any = None
    """The same of those that come after the decision."""

    @cached_property
    def digests(self) -> tuple[DigestPolicy, ...]:
        """What a caller without a credential is asked for by HTTP Digest."""
        schemes = (scheme for way in self.security for scheme in way)
        return tuple({scheme.digest: None for scheme in schemes if scheme.digest})

    @cached_property
    def sole_key(self) -> SchemePolicy | None:
        """The scheme of a key in a header, where nothing else proves who calls."""
        first = self.security[0] if len(self.security) == 1 else ()
        return first[0] if len(first) == 1 and first[0].plain else None

    @cached_property
    def ranges(self) -> bool:
        """Whether a call may ask for some bytes of what it gets."""
        return self.replies[0].ranges

    @property
    def at(self) -> Location:
        """The place of `behavior.yaml` where it is written."""
        return self.behavior.locate(self.pointer, key=True)
