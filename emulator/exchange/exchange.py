"""Exchange: one call, and what the steps have learnt about it so far.

The `Exchange` carries what a call walks the pipeline with: the `Call` that came in, the
`Refusal` that may stop it and the `Reply` that goes out.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call, Reply
from emulator.exchange.claims import Claim
from emulator.json_type import Json
from emulator.language.scope import EMPTY, Names
from emulator.program.outcomes import REPLAYED
from emulator.program.rate_limits import shown
from emulator.times import iso, whole_seconds
from emulator.values import lazy
from emulator.world.faults import Fault

if TYPE_CHECKING:
    from emulator.http.ranges import Range
    from emulator.program.batch import Part
    from emulator.program.documented import Preferences
    from emulator.program.errors import ErrorPolicy
    from emulator.program.formats import FormatPolicy
    from emulator.program.idempotency import IdempotencyPolicy
    from emulator.program.operation import Operation
    from emulator.program.program import Program
    from emulator.program.rate_limits import Bucket, LimitPolicy
    from emulator.program.replies import ReplyPolicy
    from emulator.program.undeclared import Unknown
    from emulator.program.violations import Violation
    from emulator.search.predicate import Predicate
    from emulator.world.collection import Collection
    from emulator.world.kept_replies import KeptReply
    from emulator.world.meters import Reading
    from emulator.world.ordering import Order
    from emulator.world.world import World


Record = dict[str, Json]
"""One stored thing. Never changed in place: an update stores a new one."""


Note = tuple[str, str, Mapping[str, Json]]
"""What a step decided and why: (step, decision, facts)."""


MISREAD = "misread"
"""The note of a step in which an expression failed with what the call says."""


class BodyOverLimit(Exception):
    """A body is longer than the emulator reads, and its provider says nothing of that."""


class StepOrder(RuntimeError):
    """A field was read before the step that writes it had run: a bug of ours."""


class Refusal(NamedTuple):
    """Why a step stopped the exchange: a code of ours, and the facts it knows."""

    code: str
    facts: Mapping[str, Json] = EMPTY


class Idempotent(NamedTuple):
    """A call whose reply is kept, in case the same call comes again."""

    policy: IdempotencyPolicy
    place: tuple[str, ...]
    """What its key is kept by."""
    fingerprint: str
    """What has to be the same of a call that comes again."""


class Exchange(Names):
    """One call, and what the steps have learnt about it so far.

    Each field below `__init__` has one writer: the step named beside it. What most calls
    have has a slot; the rest is in `__dict__` for those that have it.
    """

    __slots__ = (
        *("addressed", "call", "program", "world", "operation", "collection", "at"),
        *("notes", "violations", "reply", "forced", "forced_strictly", "faults"),
        *("claims", "claim", "caller", "authenticated", "readings", "costs", "buckets"),
        *("caller_scopes", "repeated", "own_lines", "media_type", "given", "key"),
        *("predicate", "record", "results", "matched", "ordered", "page", "embedded"),
        *("format", "content_type", "answer", "refusal", "refused_by", "defined"),
        *("_now", "_request_id", "_quota"),
    )

    def __init__(self, addressed: Addressed) -> None:
        self.addressed = addressed
        self.call = addressed.call
        self.program = program = addressed.program
        self.world = world = addressed.world
        if addressed.operation is not None:
            self.operation = addressed.operation
        # Of C: steps and expressions ask for collections six times a call.
        self.collection = world.collections(program).__getitem__
        self.at = world.clock.now()
        self.notes = []
        self.violations = []
        self.reply = Reply()
        # The values that are set from here on are those of an exchange that no step has
        # met: they are shared, and never changed in place.
        self.forced = self.claim = self.caller = self.readings = self.costs = None
        self.buckets = self.caller_scopes = self.repeated = self.given = None
        self.key = self.predicate = self.record = self.page = self.embedded = None
        self.format = self.refusal = self.refused_by = self.defined = None
        self._quota = None
        self.faults = self.claims = self.results = self.matched = self.ordered = ()
        self.media_type = self.content_type = self._now = self._request_id = ""
        self.forced_strictly, self.authenticated = True, False
        self.own_lines = 0

    addressed: Addressed
    call: Call
    program: Program
    world: World
    operation: Operation
    """The operation this call is for, which `route` has asked for. A call that leads to
    none has none: asking for it is a bug."""
    collection: Callable[[str], Collection]
    at: int
    """The world's time when the call came, in microseconds since 1970."""
    notes: list[Note]
    """What each step decided and why: (step, decision, facts)."""
    violations: list[Violation]  # parameters
    reply: Reply  # render, headers
    forced: str | None
    """The code of a refusal that a trigger or a scenario asks for."""
    forced_strictly: bool
    """Whether it is a mistake of the caller's when nothing can refuse so."""
    trusted: bool = False
    """It is the emulator's own, which shows no proof of a secret."""
    faults: tuple[Fault, ...]
    """What goes wrong on purpose on the way back."""
    claims: tuple[Claim, ...]  # identify, lockout
    """All that the call claims to be, by each alternative that it has material for."""
    claim: Claim | None  # identify, lockout, authenticate
    """The one that counts: the one that was proved, or else the first."""
    caller: Record | None  # authenticate
    authenticated: bool  # authenticate
    readings: list[tuple[LimitPolicy, Reading]] | None  # rate_limit
    costs: list[float] | None  # rate_limit, charge
    """What the call was charged, by each limit; None: nothing was."""
    buckets: Sequence[Bucket] | None  # rate_limit
    """What it was charged by."""
    caller_scopes: Json  # authorize
    """The scopes of the caller, where the operation asks for some."""
    nested: bool = False
    """It is a part of a batch."""
    answer_part: Callable[[Part], Reply]
    """Answers a part of a batch; whoever makes the exchange of one gives it."""
    if not TYPE_CHECKING:
        # What the call says, until a step has it count as something else.
        path = lazy(lambda exchange: exchange.addressed.path_values)  # parameters
        query = lazy(lambda exchange: exchange.addressed.query_values)
        header = lazy(lambda exchange: exchange.addressed.header.values)
        cookie = lazy(lambda exchange: exchange.addressed.cookie.values)
        host = lazy(lambda exchange: exchange.addressed.host)
        server = lazy(lambda exchange: exchange.addressed.server)
        body = lazy(lambda exchange: exchange.addressed.body_value)  # body, validate
    idempotent: Idempotent | None = None  # idempotency
    repeated: KeptReply | None  # pipeline
    """The reply of before that the call gets once more."""
    own_lines: int  # headers
    """From which of the reply's headers on they are its own."""
    preferred: Preferences | None = None
    """What the call would like the documented reply to be."""
    documented: ReplyPolicy | None = None  # documented
    """The reply that the document describes, and the call gets."""
    media_type: str  # negotiate
    given: Json  # body, validate
    """The body without the defaults of its schema."""
    key: Json  # find
    patched: Record | None = None  # patches
    """What the record is to be, where the body is a patch of it."""
    predicate: Predicate | None  # validate
    record: Record | None  # find, act
    before: Record | None = None  # act
    results: Sequence[Record]  # act, paginate
    matched: Sequence[Record]  # act
    """All that a list found, on whichever page."""
    ordered: Order  # act
    """How the records of a list follow each other."""
    page: Record | None  # paginate
    unknown: tuple[Unknown, ...] = ()  # route, parameters, negotiate, body
    """What the call asks for and the spec does not say."""
    embedded: bytes | None  # render
    """The JSON of what the operation shows: of the item, or of the list of items."""
    included: Sequence[Json] = ()  # render
    """Records that those of the reply refer to, shown beside them."""
    format: FormatPolicy | None  # render
    content_type: str  # render
    """That of the reply; empty: that of the provider's other replies."""
    answer: ReplyPolicy | ErrorPolicy  # render
    """How the call is answered: one of the operation's replies, or a refusal's."""
    moves: Sequence[tuple[str, str, Record, Record]] = ()  # act, effects
    """The moves of state machines: collection, move, the record before and after."""
    ranges: Sequence[Range] = ()  # paginate
    """Which bytes of a file are asked for; none: all of them."""
    it: Json = None
    """The item that an effect with `each` is at."""
    event: Record | None = None  # notify
    """What subscribers are being told of: its `name` and its `id`."""
    refusal: Refusal | None  # pipeline
    refused_by: str | None  # pipeline
    _now: str
    _request_id: str
    _quota: Record | None
    _quotas: Record | None = None
    _readable: Sequence[Json] | None = None

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
        """How the limit stands that has the least left, of those that count this call;
        null where none does."""
        if self._quota is None:
            limit = shown(self.standing)
            if limit is not None:
                _, reading = limit
                self._quota = {
                    "limit": int(reading.limit),
                    "remaining": int(reading.remaining),
                    "reset": whole_seconds(reading.reset),
                }
        return self._quota

    @property
    def quotas(self) -> Record:
        """How every limit stands for this caller, whether or not it counts this call.

        It is null where nothing says whose quota that is.
        """
        if self._quotas is None:
            counted = {policy.name: reading for policy, reading in self.standing}
            self._quotas = {}
            for policy in self.program.limits:
                reading = counted.get(policy.name) or policy.standing(self)
                self._quotas[policy.name] = reading and policy.facts(reading)
        return self._quotas

    @property
    def standing(self) -> list[tuple[LimitPolicy, Reading]]:
        """The limits that count this call, and how they stand: after it was charged, or
        as they are where it was not."""
        if self.readings is None:
            operation = self.addressed.operation
            limits = (operation and operation.limits) or self.program.limits
            buckets = (limit.bucket(self, free=True) for limit in limits)
            self.readings = [
                (bucket.policy, bucket.read(self.at)) for bucket in buckets if bucket
            ]
        return self.readings

    def set_reading(self, number: int, policy: LimitPolicy, reading: Reading) -> None:
        """Have the limit of that *number* stand as *reading* says from now on."""
        self.standing[number] = policy, reading
        self._quota = self._quotas = None

    @property
    def outcome(self) -> tuple[str | None, int]:
        """The code that the call is refused with, or None, and the reply's status."""
        operation, refusal = self.operation, self.refusal
        if self.repeated is not None:
            return REPLAYED, self.repeated.status
        if refusal is not None:
            policy = operation.errors.of(refusal.code, self.refused_by or "")
            return refusal.code, policy.status if policy else 500
        holds = (
            reply
            for reply in operation.replies
            if reply.when is None or reply.when.value(self)
        )
        return None, (self.documented or next(holds)).status

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
        operation = self.addressed.operation
        return operation is not None and operation.action.kind == "list"

    def _values(self) -> Sequence[Json]:
        view = self.program.views.get(self.operation.action.view)
        if view is None and self.embedded is None:
            return (self.results or []) if self._lists else [self.record]
        if view is not None and self.embedded is None:
            records = self.results if self._lists else [self.record or {}]
            return [view.template.value(self, record) for record in records]
        if self._readable is None:
            shown = orjson.loads(self.embedded or b"null")
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
        return self.addressed.base_url

    @property
    def raw_path(self) -> str:
        """The path that was called, without the query: `/api/v1/books`."""
        return self.addressed.path.rstrip("/") or "/"

    @property
    def raw_query(self) -> str:
        """The query as it was sent: `page=2&sort=-id`."""
        return self.call.query.decode(errors="replace")

    @property
    def raw_body(self) -> str:
        """The body as it was sent, without its codings, as a text."""
        return self.call.body.decode(errors="replace")

    @property
    def raw_body_base64(self) -> str:
        """The same, byte for byte."""
        return base64.b64encode(self.call.body).decode()

    @property
    def header_lines(self) -> Mapping[str, str]:
        """Every header as it was sent, by its name in lower case."""
        return self.call.header_lines

    @property
    def operation_id(self) -> str | None:
        operation = self.addressed.operation
        return operation.id if operation else None

    @property
    def refused(self) -> str | None:
        """The code of the refusal, or None."""
        return self.refusal.code if self.refusal else None

    def note(self, step: str, decision: str, facts: Mapping[str, Json] = EMPTY) -> None:
        self.notes.append((step, decision, facts))

    def is_unknown(self, step: str, found: Iterable[Unknown]) -> None:
        """Note what *step* has *found* that the spec does not say."""
        for unknown in found:
            self.unknown = (*self.unknown, unknown)
            self.note(step, "not emulated", unknown.facts)


Step = Callable[[Exchange], Refusal | None]
"""One question asked of every exchange."""
