"""Webhooks: what a provider tells its subscribers, and how a delivery is signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from urllib.parse import parse_qsl

from emulator.json_type import Json
from emulator.language.templates import Template
from emulator.times import SECOND
from emulator.values import value

Headers = tuple[tuple[str, str], ...]


@value
class Recipient:
    """A receiver that an event itself names, besides those who have subscribed."""

    url: Template
    secret: Template | None


@value
class EventPolicy:
    """Something that subscribers are told of."""

    name: str
    operations: tuple[str, ...]
    """The operations that bring it about; with `refused`, when they are refused so."""
    refused: tuple[str, ...]
    """The refusals that bring it about: of the operations, or of any where it has none."""
    moves: tuple[tuple[str, str], ...]
    """The moves of state machines that bring it about: collection and name."""
    when: Template | None
    payload: Template
    to: Recipient | None = None
    store: str = ""
    """The collection that keeps it as a record; empty: none does."""


@value
class SubscriptionPolicy:
    """Where the subscriptions are that callers make by the provider's own operations."""

    collection: str
    url: Template
    events: Template | None
    secret: Template | None
    active: Template | None


class _Signed:
    """What the templates of a signature see."""

    def __init__(
        self, body: str, timestamp: int, event: Mapping[str, Json], url: str
    ) -> None:
        self.body, self.timestamp, self.event, self.url = body, timestamp, event, url

    @cached_property
    def fields(self) -> list[dict[str, str]]:
        """The members of a form's body, sorted by their names."""
        pairs = parse_qsl(self.body, keep_blank_values=True)
        return [{"name": name, "value": text} for name, text in sorted(pairs)]


@value
class SignaturePolicy:
    """How a delivery proves where it comes from."""

    header: str
    algorithm: str
    encoding: str
    signs: Template
    prefix: Template
    timestamp_header: str

    def headers(
        self, body: bytes, event: Mapping[str, Json], secret: str, at: int, url: str
    ) -> Iterator[tuple[str, str]]:
        """What an attempt that is made *at* this time, to *url*, carries besides."""
        import base64
        import hashlib
        import hmac

        x = _Signed(body.decode(), at // SECOND, event, url)
        signed = hmac.new(
            secret.encode(),
            str(self.signs.value(x)).encode(),
            getattr(hashlib, self.algorithm),
        )
        text = signed.hexdigest()
        if self.encoding == "base64":
            text = base64.b64encode(signed.digest()).decode()
        if self.timestamp_header:
            yield self.timestamp_header, str(x.timestamp)
        yield self.header, f"{self.prefix.value(x)}{text}"


@value
class WebhookPolicy:
    """The events of a provider, and how they are delivered."""

    events: Mapping[str, EventPolicy]
    by_operation: Mapping[str, tuple[EventPolicy, ...]]
    """The events that each operation can bring about."""
    by_refusal: Mapping[str, tuple[EventPolicy, ...]]
    """The events that each refusal can bring about."""
    by_move: Mapping[tuple[str, str], tuple[EventPolicy, ...]]
    """The events that each move of a state machine brings about."""
    ids: Template | None
    """The id of an event; None: a UUID, or the key of the record that keeps it."""
    subscriptions: SubscriptionPolicy | None
    signature: SignaturePolicy | None
    headers: tuple[tuple[str, Template], ...]
    encode: str
    """How a payload is written: `json`, or as a `form`."""
    delays: tuple[int, ...]
    success: frozenset[int] | None
    """The statuses that a receiver may answer; None: all from 200 to 299."""
    timeout: float
    """Seconds of real time that a receiver has for its answer."""

    def accepts(self, status: int) -> bool:
        """Whether a receiver that answers so has received it."""
        if self.success is None:
            return 200 <= status < 300
        return status in self.success
