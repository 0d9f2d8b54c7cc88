"""Exchange: one call, and what the steps have learnt about it so far.

The `Exchange` carries what a call walks the pipeline with: the `Call` that came in, the
`Refusal` that may stop it and the `Reply` that goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from emulator.call import Call, Reply
from emulator.compile.limits import shown
from emulator.compile.parameters import MalformedQuery, Read, read_query
from emulator.compile.scope import EMPTY, Names
from emulator.language.functions import iso
from emulator.program.reading import BodyRead, MalformedBody, read_body
from emulator.world.clock import whole_seconds
from emulator.world.faults import Fault

if TYPE_CHECKING:
    from emulator.compile.authentication import LockoutPolicy
    from emulator.compile.bodies import BodyPolicy
    from emulator.compile.formats import FormatPolicy
    from emulator.compile.limits import LimitPolicy
    from emulator.compile.program import Operation, Program
    from emulator.compile.violations import Violation
    from emulator.program.undeclared import Unknown
    from emulator.search.elasticsearch import Predicate
    from emulator.world.collection import Collection
    from emulator.world.meters import Reading
    from emulator.world.ordering import Order
    from emulator.world.world import World

Json = Any
"""A JSON value: None, bool, int, float, str, or lists and dicts of them."""

Record = dict[str, Json]
"""One stored thing. Never changed in place: an update stores a new one."""


Note = tuple[str, str, Mapping[str, Json]]
"""What a step decided and why: (step, decision, facts)."""


class BodyOverLimit(Exception):
    """A body is longer than the emulator reads, and its provider says nothing of that."""

    def __init__(self, found: Operation) -> None:
        super().__init__(found.id)
        self.found = found


class StepOrder(RuntimeError):
    """A field was read before the step that writes it had run: a bug of ours."""


class Refusal(NamedTuple):
    """Why a step stopped the exchange: a code of ours, and the facts it knows."""

    code: str
    facts: Mapping[str, Json] = EMPTY


class Claim(NamedTuple):
    """Who the caller claims to be: the material of one security alternative."""

    schemes: tuple[str, ...]
    collection: str
    fields: Mapping[str, str]
    """Fields of the credential's record and the values that were sent for them."""

    @property
    def subject(self) -> str:
        """One text that stands for the claim, whether or not it proves true."""
        return "\x1f".join(self.fields.values())


class _OnDemand:
    """A part of the call that is read when it is first asked for.

    The step that refuses what cannot be read sets it as well; if it has done so, this
    is never asked. What cannot be read is empty here, and is that step's to refuse.
    """

    def __init__(self, read: Callable[[Exchange], Json]) -> None:
        self._read = read
        self._name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, exchange: Exchange | None, owner: type) -> Json:
        if exchange is None:
            return self
        value = exchange.__dict__[self._name] = self._read(exchange)
        return value


def _read_path(exchange: Exchange) -> Mapping[str, Json]:
    if exchange.found is None:
        return EMPTY
    # A path of `also_at` may lack parameters: they are missing, from the right.
    policy = exchange.found.parameters
    if not policy.path:
        return EMPTY
    pairs = zip(policy.path, exchange.path_values, strict=False)
    return {one.name: one.value([text]) for one, text in pairs}


def _read_query(exchange: Exchange) -> Mapping[str, Json]:
    try:
        if exchange.found is not None:
            return exchange.read("query").values
        return {name: texts[-1] for name, texts in exchange.sent_query().items()}
    except MalformedQuery:
        return EMPTY


def _read_header(exchange: Exchange) -> Mapping[str, Json]:
    if exchange.found is not None:
        return exchange.read("header").values
    # A call of no operation: what any operation declares can be asked for.
    operations, sent = exchange.program.operations, exchange.call.headers
    return {
        one.name: sent[one.key]
        for operation in operations.values()
        for one in operation.parameters.header
        if one.key in sent
    }


def _read_cookie(exchange: Exchange) -> Mapping[str, Json]:
    if exchange.found is not None:
        return exchange.read("cookie").values
    return {name: texts[-1] for name, texts in _cookies(exchange.call).items()}


def _read_body(exchange: Exchange) -> Json:
    call, found = exchange.call, exchange.found
    policy = None if found is None else found.body
    if policy is None or call.body_too_large or call.unknown_coding:
        return None
    http, sent = exchange.program.http, call.headers.get("content-type", "")
    if not policy.media_type(sent, empty=not call.body, http=http)[1]:
        return None
    try:
        return exchange.read_body(policy).value
    except MalformedBody:
        return None


def _cookies(call: Call) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part in call.headers.get("cookie", "").split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name, []).append(value.strip('"'))
    return found


class Exchange(Names):
    """One call, and what the steps have learnt about it so far.

    Each field below `__init__` has one writer: the step named beside it.
    """

    def __init__(self, call: Call, program: Program, world: World) -> None:
        self.call = call
        self.program = program
        self.world = world
        self._collections = world.collections(program)
        self.at = world.clock.now()
        """The world's time when the call came, in microseconds since 1970."""
        self.notes: list[Note] = []
        """What each step decided and why: (step, decision, facts)."""
        self._reads: dict[str, Read] = {}
        self.violations: list[Violation] = []  # parameters
        self.reply = Reply()  # render, headers

    # The values that stand here are those of an exchange that no step has met: they
    # are shared, and never changed in place.
    forced: str | None = None
    """The code of a refusal that a trigger or a scenario asks for."""
    insists: bool = True
    """Whether it is a mistake of the caller's when nothing can refuse so."""
    faults: tuple[Fault, ...] = ()
    """What goes wrong on purpose on the way back."""
    found: Operation | None = None  # route
    path_values: tuple[str, ...] = ()  # route
    claims: tuple[Claim, ...] = ()  # identify, lockout
    """All that the call claims to be, by each alternative that it has material for."""
    claim: Claim | None = None  # identify, lockout, authenticate
    """The one that counts: the one that was proved, or else the first."""
    caller: Record | None = None  # authenticate
    authenticated: bool = False  # authenticate
    readings: list[tuple[LimitPolicy, Reading]] | None = None  # rate_limit
    costs: Sequence[float] | None = None  # rate_limit
    """What the call was charged, by each limit; None: nothing was."""
    held: Json = None  # authorize
    """The scopes of the caller, where the operation asks for some."""
    if not TYPE_CHECKING:
        # What a step before theirs asks for is read then, once.
        path = _OnDemand(_read_path)  # parameters
        query = _OnDemand(_read_query)  # parameters
        header = _OnDemand(_read_header)  # parameters
        cookie = _OnDemand(_read_cookie)  # parameters
        body = _OnDemand(_read_body)  # body
    media_type: str = ""  # negotiate
    given: Json = None  # body, validate
    """The body without the defaults of its schema."""
    key: Json = None  # find
    wanted: Predicate | None = None  # validate
    record: Record | None = None  # find, act
    before: Record | None = None  # act
    results: Sequence[Record] = ()  # act, paginate
    matched: Sequence[Record] = ()  # act
    """All that a list found, on whichever page."""
    ordered: Order = ()  # act
    """How the records of a list follow each other."""
    page: Record | None = None  # paginate
    unknown: tuple[Unknown, ...] = ()  # route, parameters, negotiate, body
    """What the call asks for and the spec does not say."""
    embedded: bytes | None = None  # render
    """The JSON of what the operation shows: of the item, or of the list of items."""
    format: FormatPolicy | None = None  # render
    it: Json = None
    """The item that an effect with `each` is at."""
    event: Record | None = None  # notify
    """What subscribers are being told of: its `name` and its `id`."""
    refusal: Refusal | None = None  # pipeline
    refused_by: str | None = None  # pipeline
    _now: str = ""
    _request_id: str = ""
    _quota: Record | None = None
    _sent: dict[str, list[str]] | None = None
    _body_read: BodyRead | MalformedBody | None = None
    _readable: Sequence[Json] | None = None

    @property
    def operation(self) -> Operation:
        """The operation this call is for, once `route` has found it."""
        if self.found is None:
            raise StepOrder("operation was read before `route` had found one")
        return self.found

    @property
    def now(self) -> str:
        """The world's time when the call came, in UTC: `2024-02-05T14:30:00Z`."""
        if not self._now:
            self._now = iso(self.at)
        return self._now

    @property
    def request_id(self) -> str:
        """A fresh UUID of the world's chance, the same throughout the exchange."""
        if not self._request_id:
            self._request_id = self.world.chance.uuid()
        return self._request_id

    @property
    def quota(self) -> Record | None:
        """How the caller's quota stands: `limit`, `remaining`, `reset`; null without one."""
        if self._quota is None and self.readings:
            reading = shown(self.readings)
            self._quota = {
                "limit": int(reading.limit),
                "remaining": int(reading.remaining),
                "reset": whole_seconds(reading.reset),
            }
        return self._quota

    @property
    def items(self) -> Sequence[Json]:
        """The records of this page as the operation shows them, to look into.

        What `render` has made bytes of is read from those, so that a reply says the
        same of a record in all its parts; an effect, which comes before, sees it as it
        is then.
        """
        return self._values() if self._lists else []

    @property
    def item(self) -> Json:
        """The record that the action is about, shown in the same way; or null."""
        if self._lists or self.record is None:
            return None
        return self._values()[0]

    @property
    def embedded_items(self) -> Sequence[Any]:
        """The items as they go into JSON whole, where nobody looks into them."""
        if self.embedded is None or not self._lists:
            return self.items
        return self.embedded

    @property
    def embedded_item(self) -> Any:
        """The item as it goes into JSON whole."""
        return self.item if self.embedded is None or self._lists else self.embedded

    @property
    def _lists(self) -> bool:
        return self.found is not None and self.found.action.kind == "list"

    def _values(self) -> Sequence[Json]:
        view = self.program.views.get(self.operation.action.view)
        if view is None:
            return (self.results or []) if self._lists else [self.record]
        if self.embedded is None:
            records = self.results if self._lists else [self.record or {}]
            return [view.template.value(self, one) for one in records]
        if self._readable is None:
            shown = orjson.loads(self.embedded)
            self._readable = shown if self._lists else [shown]
        return self._readable

    @property
    def client(self) -> str:
        return self.call.client

    @property
    def method(self) -> str:
        return self.call.method

    @property
    def base_url(self) -> str:
        return self.call.base_url

    @property
    def raw_path(self) -> str:
        """The path that was called, without the query: `/api/v1/books`."""
        return self.call.path.rstrip("/") or "/"

    @property
    def operation_id(self) -> str | None:
        return self.found.id if self.found else None

    @property
    def refused(self) -> str | None:
        """The code of the refusal, or None."""
        return self.refusal.code if self.refusal else None

    def sent_query(self) -> dict[str, list[str]]:
        """The names and texts of the query string. Raises `MalformedQuery`."""
        if self._sent is None:
            self._sent = read_query(self.call.query) if self.call.query else {}
        return self._sent

    def read(self, place: str) -> Read:
        """What `query`, `header` or `cookie` say. Raises `MalformedQuery`."""
        found = self._reads.get(place)
        if found is None:
            policy = self.operation.parameters
            found = self._reads[place] = policy.read(place, self._texts(place))
        return found

    def _texts(self, place: str) -> Mapping[str, list[str]]:
        if place == "query":
            return self.sent_query()
        if place == "cookie":
            return _cookies(self.call)
        sent, declared = self.call.headers, self.operation.parameters.header
        return {one.key: [sent[one.key]] for one in declared if one.key in sent}

    def read_body(self, policy: BodyPolicy) -> BodyRead:
        """What the body says. Raises `MalformedBody`."""
        if self._body_read is None:
            call, http = self.call, self.program.http
            sent = call.headers.get("content-type", "")
            try:
                if call.broken_coding:
                    raise MalformedBody(call.broken_coding)
                self._body_read = read_body(policy, http, call.body, sent)
            except MalformedBody as error:
                self._body_read = error
        if isinstance(self._body_read, MalformedBody):
            raise self._body_read
        return self._body_read

    def forces(self, code: str) -> bool:
        """Whether *code* is to be refused with on purpose."""
        return self.forced is not None and self.forced == code

    def collection(self, name: str) -> Collection:
        return self._collections[name]

    def owner(self, collection: str) -> Record:
        """The fields that a record of *collection* must have for this caller to see it."""
        policy = self.program.collections.get(collection)
        if policy is None or not policy.owned_by:
            return {}
        return {name: one.value(self) for name, one in policy.owned_by.items()}

    def failure_subject(
        self, policy: LockoutPolicy, claim: Claim | None = None
    ) -> tuple[str, str, str]:
        """Whom a lockout counts this exchange's failures for, or those of *claim*."""
        subject, claim = self.call.client, claim or self.claim
        if policy.per == "credential" and claim is not None:
            subject = claim.subject
        elif policy.per == "account" and claim is not None:
            subject = self._account(claim)
        elif policy.per == "operation":
            subject = self.operation.id
        elif policy.subject is not None:
            subject = str(policy.subject.value(self))
        return (self.program.name, policy.per, subject)

    def _account(self, claim: Claim) -> str:
        """Whose credential is claimed; the claim itself where nobody's is."""
        account = self.program.schemes[claim.schemes[0]].account
        field, value = next(iter(claim.fields.items()))
        found = self.collection(claim.collection).where({field: value})
        if account is None or not found:
            return value
        return str(account.value(self, found[0]))

    def lacks_required(self, step: str) -> Refusal | None:
        """The first of the operation's requirements of *step* that does not hold."""
        for requirement in self.operation.requires:
            if requirement.step != step:
                continue
            if self.forces(requirement.refuse) or not requirement.check.value(self):
                facts = requirement.facts.value(self) if requirement.facts else {}
                return Refusal(requirement.refuse, facts)
        return None

    def note(self, step: str, decision: str, facts: Mapping[str, Json] = EMPTY) -> None:
        self.notes.append((step, decision, facts))

    def is_unknown(self, step: str, found: Iterable[Unknown]) -> None:
        """Note what *step* has *found* that the spec does not say."""
        for one in found:
            self.unknown = (*self.unknown, one)
            self.note(step, "not emulated", one.facts)


Step = Callable[[Exchange], Refusal | None]
"""One question asked of every exchange."""
