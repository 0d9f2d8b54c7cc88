"""Webhooks: what a provider tells its subscribers, and how a delivery is signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from emulator.language.templates import Template
from emulator.times import SECOND
from emulator.values import value

Json = Any
Headers = tuple[tuple[str, str], ...]


@value
class EventPolicy:
    """Something that subscribers are told of."""

    name: str
    operations: tuple[str, ...]
    moves: tuple[tuple[str, str], ...]
    """The moves of state machines that bring it about: collection and name."""
    when: Template | None
    payload: Template


class _Signed(NamedTuple):
    """What the templates of a signature see."""

    body: str
    timestamp: int
    event: Mapping[str, Json]


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
        self, body: bytes, event: Mapping[str, Json], secret: str, at: int
    ) -> Iterator[tuple[str, str]]:
        """What an attempt that is made *at* this time carries besides."""
        import base64
        import hashlib
        import hmac

        x = _Signed(body.decode(), at // SECOND, event)
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
    by_move: Mapping[tuple[str, str], tuple[EventPolicy, ...]]
    """The events that each move of a state machine brings about."""
    signature: SignaturePolicy | None
    headers: tuple[tuple[str, Template], ...]
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
