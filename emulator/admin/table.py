'''Table: what stands under /_emulator, one row for each operation.

From the rows come the routing, the checks of path, query and body, and the OpenAPI
document. `emulator.admin.admin.MODULES` names the modules that have rows. Such a
module looks like this (`emulator.admin.webhooks` is one):

    """Webhooks: who has subscribed to what."""

    row = Rows("webhooks")

    @row(
        "GET /worlds/{world}/webhooks/{provider}",
        {200: Answer("what there is", ref("WebhookList"))},
        query=(query("state", text(enum=["pending", "failed"])),),
    )
    def list_webhooks(request: AdminRequest) -> Reply:
        """List subscriptions and deliveries."""
        world = world_of(request)              # the 404 is raised there
        return json_reply({"deliveries": [...]})

    SCHEMAS: Mapping[str, Schema] = {"Delivery": object_schema(id=text(), ...)}

What a handler may rely on:

- it is a function of an `AdminRequest` that gives a `Reply`: `json_reply(value, status)` for
  JSON, `no_content()` for 204, or any other `Reply`;
- `request.names["world"]` is a path's parameter; `request.options.get("state")` is one of
  the query, converted as its schema says (`integer`, `number`, `boolean`, `array` for
  one that may be repeated), or its default;
- `request.json` has passed the schema of `body`. A body is needed unless
  `Body(..., required=False)`; one that was left out is then `{}` if an object is
  wanted. A body whose media type is not JSON is left in `request.body`;
- what is wrong besides is raised: `problem_error(409, "world exists", "...")` for any
  problem, `invalid("...", "/clock/advance")` for a 422 about one member,
  `unprocessable([...])` for several;
- `SCHEMAS` are put into the components of the OpenAPI document, by names that are
  unique in the whole table; `ref("Name")` refers to one, in bodies and replies;
- objects in a body's schema are made by `input_schema`, which refuses other members: what
  is sent in vain is then told, with what was probably meant.

What is the same for all is not written down: 400, 401, 403, 413, 415, 421, 422 and 500
are in every operation's part of the document where they can come. 404 is a row's own.

A handler that moves a clock is a generator: it yields a `World` whenever what is due
there is to be sent now, goes on when that has been done, and returns the reply:

    def change_clock(request: AdminRequest) -> Iterator[World]:   # Work, see below
        world = world_of(request)
        for at in times:
            world.clock.set(at)
            yield world
        return json_reply(...)

A server has the deliveries made at each `yield`, and no second such operation of the
same world begins meanwhile; in process it just goes on.

One that notes where something will be sent (`sends=True`) yields that `Target`, and gets
why nothing would be sent there, if so; in process, where nothing is sent, it gets None.

One that works for long yields None, so that others have their turn.

A handler of events gives a `Stream`: a reply that goes on. The server sends its events
as text/event-stream, from the one after the Last-Event-ID that it was asked for.
'''

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from inspect import isgeneratorfunction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from emulator.admin.request import AdminRequest
from emulator.admin.schemas import Schema, ref, text
from emulator.exchange.call import Reply
from emulator.values import value

if TYPE_CHECKING:
    from emulator.http.url import Target
    from emulator.world.world import World

JSON = "application/json"
PROBLEM = "application/problem+json"
EVENTS = "text/event-stream"
PLAIN = "text/plain"

_ACTING = frozenset(("records", "scenarios", "faults", "stubs", "webhooks"))
"""The headings whose operations change what is in a world."""

LARGEST = 67_108_864
"""The longest body that any operation takes, in bytes."""

Work = Generator["World | Target | None", "str | None", Reply]
"""A handler's work that is interrupted for what is to be sent, or for others' turn."""
Handler = Callable[[AdminRequest], Reply | Work]
H = TypeVar("H", bound=Handler)


class Parameter(NamedTuple):
    """A value in the path or in the query of an operation."""

    name: str
    where: str
    schema: Schema
    description: str
    required: bool = True


class Answer(NamedTuple):
    """A reply that an operation gives: what it means, and what its body is."""

    description: str
    schema: Schema | None = None
    """None: there is no body."""
    media: tuple[str, ...] = (JSON,)


class Body(NamedTuple):
    """What an operation takes."""

    schema: Schema
    required: bool = True
    most: int = 1_048_576
    """The longest that is read, in bytes."""
    media: tuple[str, ...] = (JSON,)
    description: str = ""


@value
class Operation:
    """One row: a method on a path below /_emulator."""

    method: str
    path: str
    id: str
    """Its `operationId`."""
    summary: str
    tag: str
    handler: Handler
    replies: Mapping[int, Answer]
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    needs_token: bool = True
    """Whether it asks for the admin token, where there is one."""
    sends: bool = False
    """Whether it yields a `Target`, and no world."""
    description: str = ""

    @property
    def acts(self) -> bool:
        """Whether it changes what is in a world: not its clock, its journal or its end."""
        return self.method != "GET" and self.tag in _ACTING

    @property
    def moves(self) -> bool:
        """Whether it waits for deliveries: one at a time does so in a world."""
        return self.tag == "clock" and isgeneratorfunction(self.handler)

    def of(self, where: str) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.where == where]


class Event(NamedTuple):
    """One event of a `Stream`; *data* is JSON."""

    id: str
    data: bytes
    name: str = ""


@dataclass(repr=False, kw_only=True)
class Stream(Reply):
    """A reply that goes on: events, as they come about."""

    after: Callable[[str], Iterable[Event]]
    """What there is after the event with this id; "" for who has seen none."""
    watch: Callable[[Callable[[], None]], Callable[[], None]]
    """Calls what it is given whenever there may be more; gives what ends that."""
    over: Callable[[], bool] = lambda: False
    """Whether there will never be more."""


def query(name: str, schema: Schema, description: str = "") -> Parameter:
    return Parameter(name, "query", schema, description, False)


_NAME = text(minLength=1)
AS_TEXT = query(
    "format", {"enum": ["json", "text"], "default": "json"}, "text: for people"
)
NOT_FOUND = Answer(
    "the address names something that does not exist", ref("Problem"), (PROBLEM,)
)


def problems(description: str) -> Answer:
    """A reply that is a problem, for a row's own statuses."""
    return Answer(description, ref("Problem"), (PROBLEM,))


_IN_PATHS: Mapping[str, str] = {
    "world": "the id of a world",
    "provider": "the name of a provider",
    "collection": "the name of a collection",
    "key": "the key of a record",
    "operation": "the operationId of an operation",
    "scenario": "the name of a scenario",
    "fault": "the id of a rule",
    "stub": "the id of a stub",
    "exchange": "the id of an exchange",
    "credential": "the name of a credential",
    "schema": "the name of a file: behavior.json",
    "subscription": "the id of a subscription",
    "event": "the name of an event of the provider",
    "delivery": "the id of a delivery",
    "file": "the name of a file",
}
"""The parameters that paths have, and what each is."""


class Rows:
    """The rows of a module; *tag* is the heading that they stand under.

    It decorates a handler: `@row("GET /worlds/{world}", {200: Answer(...)})`. The operation
    is called as its handler is (`getWorld`), and described by its docstring: the first
    line is the summary. Parameters of the path, and the 404 of an address that names
    nothing, follow from the path.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.operations: list[Operation] = []

    def __call__(
        self,
        address: str,
        replies: Mapping[int, Answer],
        *,
        query: tuple[Parameter, ...] = (),
        **more: Any,
    ) -> Callable[[H], H]:
        method, _, path = address.partition(" ")
        in_path = tuple(
            Parameter(name, "path", _NAME, _IN_PATHS[name])
            for name in PARAMETER.findall(path)
        )

        def add(handler: H) -> H:
            summary, _, description = (handler.__doc__ or "").partition("\n")
            operation = Operation(
                method=method,
                path=path,
                id=_camel(handler.__name__),
                summary=summary.removesuffix("."),
                description=" ".join(description.split()),
                tag=self.tag,
                handler=handler,
                replies={**replies, 404: NOT_FOUND} if in_path else replies,
                parameters=(*in_path, *query),
                **more,
            )
            self.operations.append(operation)
            return handler

        return add


def _camel(name: str) -> str:
    """The name of an operation by that of its handler: "get_world"  ->  "getWorld"."""
    first, *words = name.split("_")
    return "".join((first, *map(str.capitalize, words)))


PARAMETER = re.compile(r"\{(\w+)\}")
"""A parameter in a path of the table: `{world}`."""
