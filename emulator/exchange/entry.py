"""Entry: one exchange, written down: what it was decided by, and no words.

Those are made when somebody asks. An entry keeps by reference what the exchange has
anyway, but neither the exchange nor its world nor a record: what it keeps is counted,
and goes when the entry goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from sys import getsizeof
from typing import NamedTuple

from emulator.exchange.exchange import Exchange
from emulator.http.bodies import read_body
from emulator.http.media_types import media_type
from emulator.json_type import Json
from emulator.language.scope import EMPTY

_ENTRY = 1_500
"""About how many bytes an entry takes that says nothing."""
_HEADER = 200
"""The same of a header, without its characters where a caller chose them."""
_NOTE = 300
"""The same of a step's note, or of how a limit stands."""
_VIOLATION = 900
"""The same of a violation: most of what it says is the program's."""
_TEXT = 60
"""What a text takes besides its characters."""
_WIDE = 4
"""The most that a character takes."""
_PAGE = 2_000
"""The same of a page, without its cursors and addresses."""
_VALUE = 64
"""What a value takes in which there is nothing; a long number is no longer than where
it was read from."""
_NUMBERS = frozenset((type(None), bool, int, float))


class LongBody(NamedTuple):
    """What is told of a body that is not kept."""

    size: int
    kind: str
    """As in `http.bodies`."""
    value: Json
    kept: int
    """How many bytes the value is, about."""


class Entry:
    """One exchange, written down."""

    __slots__ = (
        *("id", "world", "at", "real", "provider", "operation", "method", "path"),
        *("query", "base_url", "client", "request_headers", "headers_size"),
        "request_body",
        *("long_body", "media_type", "status", "reply_headers", "reply_body"),
        *("refused_by", "refusal", "facts", "violations", "steps", "claim"),
        *("credential", "authenticated", "caller_scopes", "readings", "costs", "key"),
        *("matched", "page", "faults", "forced", "forced_strictly", "minted"),
    )

    def __init__(self, exchange: Exchange) -> None:
        """The next entry of the journal of the exchange's world."""
        call, reply, world = exchange.call, exchange.reply, exchange.world
        addressed, refusal = exchange.addressed, exchange.refusal
        operation = addressed.operation
        self.id = world.journal.written + 1
        self.world = world.id
        self.at = exchange.at
        """The world's time, in microseconds since 1970."""
        self.real = world.clock.real()
        """Real time, in microseconds since 1970."""
        self.provider = provider = exchange.program.name
        self.operation = None if operation is None else operation.id
        self.method = call.method
        self.path = addressed.path
        self.query = call.query
        self.base_url = addressed.base_url
        self.client = call.client
        """The caller's IP address."""
        self.request_headers = call.raw_headers
        self.headers_size = call.headers_size
        self.request_body = call.body
        self.long_body: LongBody | None = None
        """What is kept of a request's body that is too long to be kept."""
        self.media_type = exchange.media_type
        self.status = reply.status
        self.reply_headers = reply.headers
        self.reply_body = reply.body
        self.refused_by = exchange.refused_by
        self.refusal = None if refusal is None else refusal.code
        self.facts = EMPTY if refusal is None else refusal.facts
        """What the refusal knows besides its code."""
        self.violations = exchange.violations or ()
        self.steps = exchange.notes or ()
        """What steps noted: (step, decision, facts)."""
        self.claim = exchange.claim
        """Who the caller claimed to be."""
        self.credential: str | None = None
        """The name of the credential that was claimed, proven or not, if there is one."""
        self.authenticated = exchange.authenticated
        self.caller_scopes = exchange.caller_scopes
        """The scopes of the caller, where they were looked at."""
        self.readings = exchange.readings
        """(limit, how its meter stands after the call), for each limit."""
        self.costs = exchange.costs
        """What the call was charged by each limit; None: nothing was."""
        self.key = exchange.key
        """The key of the record that the call is about."""
        self.matched = len(exchange.matched)
        """How many records a list found, on whichever page."""
        self.page = exchange.page
        self.faults = exchange.faults
        """What went wrong on purpose on the way back."""
        self.forced = exchange.forced
        """The code of a refusal that was asked for."""
        self.forced_strictly = exchange.forced_strictly
        """It was the call itself that asked."""
        self.minted = world.minted.get(provider)
        """The provider's secrets that are the world's own, or None."""

    @property
    def stubbed(self) -> str | None:
        """The id of the stub that answered; None: the provider did."""
        return next((n["stub"] for step, _, n in self.steps if step == "stub"), None)

    @property
    def is_by_host(self) -> bool:
        """Whether the provider was found by its host, and not by the path."""
        provider = f"/{self.provider}"
        return not self.base_url.endswith(provider) or self.base_url.endswith(
            f"/{provider}"
        )

    def request_header(self, name: str) -> str:
        """The first value of a header of the request; empty where it has none."""
        wanted = name.encode()
        lines = self.request_headers
        found = next((value for key, value in lines if key.lower() == wanted), b"")
        return found.decode("latin-1")

    @property
    def request_size(self) -> int:
        """How many bytes the body of the request had."""
        return self.long_body.size if self.long_body else len(self.request_body)

    def read_request(self) -> tuple[str, Json]:
        """What the body of the request holds, as `http.bodies.read_body` has it."""
        if self.long_body is not None:
            return self.long_body.kind, self.long_body.value
        sent = self.request_header("content-type")
        if self.media_type and media_type(sent) != self.media_type:
            sent = self.media_type  # its provider reads it as what it does not say
        return read_body(self.request_body, sent)

    @property
    def size(self) -> int:
        """About how many bytes the entry keeps, and rather too many.

        It is asked for at each call: what has a known length is not walked.
        """
        facts = self.facts
        size = (
            _ENTRY
            + self.headers_size
            + (self.long_body.kept if self.long_body else len(self.request_body))
            + len(self.reply_body)
            + len(self.path)
            + 2 * len(self.query)  # a reply may have links to other pages
            + len(self.base_url)
            + len(self.media_type)
            + _HEADER * (len(self.request_headers) + len(self.reply_headers))
        )
        if self.credential is not None:
            size += len(self.credential)
        if self.readings:
            size += _NOTE * len(self.readings)
        if type(self.key) is str:
            size += _WIDE * len(self.key)
        if facts:
            size += _of_facts(facts)
        for _, _, noted in self.steps:
            size += _NOTE if noted is facts or not noted else _NOTE + _of_facts(noted)
        if self.violations:
            size += _of_violations(self.violations)
        if self.page:
            size += _of_page(self.page)
        return size


def _of_facts(facts: Mapping[str, Json]) -> int:
    """About how many bytes *facts* take, of a refusal or of a note."""
    if len(facts) == 1 and "violations" in facts:
        return _of_violations(facts["violations"])
    return _held(facts)


def _of_violations(violations: Iterable[Mapping[str, Json]]) -> int:
    """The same of violations (see `program.violations`), by what is theirs alone."""
    size = 0
    for violation in violations:
        value, message = violation["value"], violation["message"]
        size += _VIOLATION + _WIDE * len(violation["field"])
        # A provider may word it as a mapping.
        size += _WIDE * len(message) if type(message) is str else _held(message)
        for part in violation["path"]:
            size += _TEXT + (_WIDE * len(part) if type(part) is str else 0)
        if type(value) not in _NUMBERS:
            size += _held(value)
    return size


def _of_page(page: Mapping[str, Json]) -> int:
    """The same of a page of a list, which has numbers but for these."""
    size = _PAGE
    for text in (page["cursor"], page["next_cursor"], page["prev_cursor"]):
        if text is not None:
            size += _held(text)
    for url in page["urls"].values():
        size += _held(url)
    return size


def _held(value: Json) -> int:
    """About how many bytes *value* takes, with all that is inside of it."""
    # A name that an input chose is a value as well, or short.
    if isinstance(value, dict):
        inside: Iterable[Json] = value.values()
    elif isinstance(value, (list, tuple)):
        inside = value
    elif type(value) is str:
        return _TEXT + len(value) * (1 if value.isascii() else _WIDE)
    else:
        return getsizeof(value)
    size = getsizeof(value) + _VALUE * len(value)
    for item in inside:
        if item and type(item) not in _NUMBERS:
            size += _held(item)
    return size
