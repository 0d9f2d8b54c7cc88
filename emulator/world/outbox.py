"""Outbox: what a world has to tell those who have subscribed to a provider's events.

It holds values only: who wants to know, what is to be sent, and what came of it. Who
sends asks for what is `due` and brings the outcome to `settle`; times are those of the
world's clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from emulator.json_type import Json

_MOST = 100
"""Subscriptions of one world."""
_ATTEMPTS = 50
"""Attempts of a delivery that are remembered."""
_EACH = 500
"""About how many bytes a delivery takes that says nothing."""


class TooManySubscriptions(ValueError):
    """A world has all the subscriptions that it takes."""


class NoSuchDelivery(LookupError):
    """A delivery that is not there, any more or at all, or that nobody waits for."""


@dataclass(eq=False, repr=False, kw_only=True)
class Subscription:
    """Somebody who wants to know."""

    id: str
    provider: str
    url: str
    secrets: tuple[str, ...] = ()
    """The newest first, which signs."""
    events: frozenset[str] | None = None
    """The names of the wanted events; None: all."""
    ended: bool = False
    record: int | str | None = None
    """The key of the record that it is, where a provider keeps its subscriptions so."""

    @property
    def secret(self) -> str:
        """The one that signs; empty where there is none."""
        return self.secrets[0] if self.secrets else ""

    def wants(self, provider: str, event: str) -> bool:
        """Whether it is to be told of *event*; `*`, also as an end, stands for any text."""
        if provider != self.provider:
            return False
        if self.events is None or event in self.events:
            return True
        return any(
            name.endswith("*") and event.startswith(name[:-1]) for name in self.events
        )

    def rotate(self, secret: str) -> None:
        """Sign with *secret* from now on."""
        self.secrets = (secret, *self.secrets)


class Message(NamedTuple):
    """An event as all of its subscribers are told of it."""

    provider: str
    event: str
    id: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    delays: tuple[int, ...] = ()
    """How long from each failed attempt to the next."""


class Outcome(NamedTuple):
    """What came of an attempt: a status where there was one, and what was wrong."""

    status: int | None
    error: str = ""


class Attempt(NamedTuple):
    """One try, and when its outcome was known."""

    at: int
    status: int | None
    error: str


@dataclass(eq=False, repr=False, kw_only=True)
class Delivery:
    """One message on its way to one subscriber."""

    id: str
    message: Message
    subscription: Subscription
    next_at: int
    """When it is to be tried, on the world's clock; nothing unless it is pending."""
    state: str = "pending"
    """`pending`, `delivered` or `failed`."""
    tries: int = 0
    """Attempts since it was last asked for."""
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=_ATTEMPTS))

    @property
    def size(self) -> int:
        """About how many bytes it holds on to."""
        message, to = self.message, self.subscription
        texts = [
            to.url,
            *to.secrets,
            *(text for pair in message.headers for text in pair),
        ]
        return _EACH + len(message.body) + sum(map(len, texts))


class Outbox:
    """The subscriptions of a world, and the latest deliveries to them; bounded."""

    __slots__ = (
        "_bytes",
        "_deliveries",
        "_made",
        "_next",
        "_pending",
        "_subscribed",
        "dropped",
        "max_bytes",
        "max_deliveries",
        "settled",
        "subscriptions",
    )

    def __init__(self, max_deliveries: int = 1_000, max_bytes: int = 8_388_608) -> None:
        self.max_deliveries = max_deliveries
        self.max_bytes = max_bytes
        self.subscriptions: list[Subscription] = []
        self.dropped = 0
        """How many deliveries were let go to make room."""
        self.settled = 0
        """How many attempts are over."""
        self._deliveries: dict[str, Delivery] = {}
        self._pending: dict[Delivery, None] = {}
        self._next: int | None = None
        """When the first of them is to be tried; 0: it is to be looked up."""
        self._bytes = 0
        self._made = 0
        self._subscribed = 0

    def fork(self) -> Outbox:
        """The same subscriptions, and nothing that is on its way: it is sent once."""
        twin = Outbox.load({**self.dump(), "deliveries": []})
        twin.max_deliveries, twin.max_bytes = self.max_deliveries, self.max_bytes
        return twin

    def dump(self) -> Json:
        """The subscriptions, and what is still to be sent, as JSON holds them."""
        return {
            "subscribed": self._subscribed,
            "subscriptions": [
                {
                    "id": each.id,
                    "provider": each.provider,
                    "url": each.url,
                    "secrets": [*each.secrets],
                    "events": None if each.events is None else sorted(each.events),
                }
                for each in self.subscriptions
            ],
            "made": self._made,
            "deliveries": [
                {
                    "id": delivery.id,
                    "subscription": delivery.subscription.id,
                    "next_at": delivery.next_at,
                    "tries": delivery.tries,
                    **_named(delivery.subscription, self.subscriptions),
                    "message": [
                        *delivery.message[:3],
                        delivery.message.body.decode("latin-1"),
                        *delivery.message[4:],
                    ],
                }
                for delivery in self.pending()
            ],
        }

    @classmethod
    def load(cls, kept: Json) -> Outbox:
        """The outbox that `dump` wrote down. Raises `LookupError` or `ValueError`."""
        made = cls()
        made._subscribed, made._made = kept["subscribed"], kept["made"]
        for dumped in kept["subscriptions"][:_MOST]:
            events = dumped["events"]
            made.subscriptions.append(
                Subscription(
                    id=dumped["id"],
                    provider=dumped["provider"],
                    url=dumped["url"],
                    secrets=tuple(dumped["secrets"]),
                    events=None if events is None else frozenset(events),
                )
            )
        known = {each.id: each for each in made.subscriptions}
        for dumped in kept["deliveries"]:
            provider, event, id, body, headers, delays = dumped["message"]
            message = Message(
                provider,
                event,
                id,
                _utf_8(body.encode("latin-1")),
                tuple((name, value) for name, value in headers),
                tuple(delays),
            )
            delivery = Delivery(
                id=dumped["id"],
                message=message,
                subscription=_subscription(dumped, known, provider),
                next_at=dumped["next_at"],
                tries=dumped["tries"],
            )
            made._keep(delivery)
        return made

    def __iter__(self) -> Iterator[Delivery]:
        return iter(self._deliveries.values())

    def __len__(self) -> int:
        return len(self._deliveries)

    def subscribe(
        self,
        provider: str,
        url: str,
        secret: str = "",
        events: Iterable[str] | None = None,
    ) -> Subscription:
        """Have the events of *provider* sent to *url*. Raises `TooManySubscriptions`."""
        if len(self.subscriptions) >= _MOST:
            raise TooManySubscriptions(f"a world takes {_MOST} subscriptions")
        self._subscribed += 1
        made = Subscription(
            id=str(self._subscribed),
            provider=provider,
            url=url,
            secrets=(secret,) if secret else (),
            events=None if events is None else frozenset(events),
        )
        self.subscriptions.append(made)
        return made

    def unsubscribe(self, subscription: Subscription) -> None:
        """Tell it nothing more; what was on its way has failed."""
        self.subscriptions.remove(subscription)
        subscription.ended = True
        for delivery in self.pending():
            if delivery.subscription is subscription:
                delivery.state = "failed"
                self._changed(delivery)

    def subscribers(self, provider: str, event: str) -> list[Subscription]:
        return [each for each in self.subscriptions if each.wants(provider, event)]

    def emit(
        self,
        message: Message,
        now: int,
        receivers: Iterable[Subscription] | None = None,
    ) -> list[Delivery]:
        """Have *message* sent to each of *receivers*, or its subscribers, at once."""
        if receivers is None:
            receivers = self.subscribers(message.provider, message.event)
        return [self._add(message, receiver, now) for receiver in receivers]

    def find(self, id: str) -> Delivery:
        """The delivery of that id. Raises `NoSuchDelivery`."""
        delivery = self._deliveries.get(id)
        if delivery is None:
            raise NoSuchDelivery(f"there is no delivery {id[:40]!r}")
        return delivery

    def pending(self) -> list[Delivery]:
        """The deliveries that are still to be tried."""
        return [*self._pending]

    @property
    def next_at(self) -> int | None:
        """When the first of those is to be tried that still are; None: there are none."""
        if self._next == 0:
            self._next = min(
                (delivery.next_at for delivery in self._pending), default=None
            )
        return self._next

    def _changed(self, delivery: Delivery) -> None:
        """Note that *delivery* is pending, or is not any more, or is at another time."""
        if delivery.state == "pending" and delivery.id in self._deliveries:
            self._pending[delivery] = None
        else:
            self._pending.pop(delivery, None)
        self._next = 0

    def due(self, now: int) -> list[Delivery]:
        """What is to be tried by *now*, the longest due first."""
        if self.next_at is None or self.next_at > now:
            return []
        deliveries = [
            delivery for delivery in self.pending() if delivery.next_at <= now
        ]
        return sorted(deliveries, key=lambda delivery: delivery.next_at)

    def settle(self, delivery: Delivery, outcome: Outcome, now: int) -> None:
        """Note the outcome of an attempt, and when the next one is, if there is one."""
        self.settled += 1
        delivery.attempts.append(Attempt(now, *outcome))
        delivery.tries += 1
        if not outcome.error:
            delivery.state = "delivered"
        elif delivery.state == "pending":
            delays = delivery.message.delays
            if delivery.tries > len(delays):
                delivery.state = "failed"
            else:
                delivery.next_at = now + delays[delivery.tries - 1]
        self._changed(delivery)

    def redeliver(self, id: str, now: int) -> Delivery:
        """Send a delivery again, with all its retries. Raises `NoSuchDelivery`."""
        delivery = self._alive(id)
        delivery.state, delivery.tries, delivery.next_at = "pending", 0, now
        self._changed(delivery)
        return delivery

    def duplicate(self, id: str, now: int) -> Delivery:
        """Send the message of a delivery once more, as providers do by mistake.

        Raises `NoSuchDelivery`.
        """
        delivery = self._alive(id)
        return self._add(delivery.message, delivery.subscription, now)

    def _alive(self, id: str) -> Delivery:
        delivery = self.find(id)
        if delivery.subscription.ended:
            raise NoSuchDelivery(f"the subscription of the delivery {id} has ended")
        return delivery

    def _add(self, message: Message, to: Subscription, now: int) -> Delivery:
        self._made += 1
        made = Delivery(
            id=str(self._made), message=message, subscription=to, next_at=now
        )
        self._keep(made)
        return made

    def _keep(self, delivery: Delivery) -> None:
        self._deliveries[delivery.id] = delivery
        self._changed(delivery)
        self._bytes += delivery.size
        while self._deliveries and (
            len(self) > self.max_deliveries or self._bytes > self.max_bytes
        ):
            self._drop()

    def end(self, delivery: Delivery) -> None:
        """Send *delivery* no more: nobody waits for it."""
        delivery.state = "failed"
        delivery.subscription.ended = True
        self.settled += 1
        self._changed(delivery)

    def _drop(self) -> None:
        """Drop the oldest delivery, of the settled ones if there are any."""
        oldest = next(iter(self))
        settled = len(self._pending) < len(self)
        gone = next(o for o in self if o.state != "pending") if settled else oldest
        del self._deliveries[gone.id]
        self._changed(gone)
        self._bytes -= gone.size
        self.dropped += 1


def _named(subscription: Subscription, known: list[Subscription]) -> dict[str, Json]:
    """What a delivery has to say of a receiver that has no subscription here."""
    if subscription in known:
        return {}
    return {"to": [subscription.url, [*subscription.secrets], subscription.record]}


def _subscription(
    dumped: Json, known: dict[str, Subscription], provider: str
) -> Subscription:
    if "to" not in dumped:
        return known[dumped["subscription"]]
    url, secrets, record = dumped["to"]
    return Subscription(
        id=dumped["subscription"],
        provider=provider,
        url=url,
        secrets=tuple(secrets),
        record=record,
    )


def _utf_8(body: bytes) -> bytes:
    """*body*, which is signed as a text. Raises `ValueError` where it is none."""
    body.decode()
    return body
