"""The outbox: subscriptions, deliveries, retries on the world's clock, and bounds."""

from __future__ import annotations

import pytest

from emulator.world.outbox import (
    Message,
    NoSuchDelivery,
    Outbox,
    Outcome,
    TooManySubscriptions,
)

FAILED = Outcome(500, "answered with 500")
FINE = Outcome(200)


def message(event: str = "made", *, body: bytes = b"{}") -> Message:
    return Message("acme", event, "e1", body, (), (60, 300))


def test_each_subscriber_is_told_of_what_it_wants() -> None:
    """All events, some events, another provider's."""
    outbox = Outbox()
    every = outbox.subscribe("acme", "http://a/")
    outbox.subscribe("acme", "http://b/", events=["gone"])
    outbox.subscribe("other", "http://c/")

    made = outbox.emit(message(), 10)

    assert [one.subscription for one in made] == [every]
    assert outbox.due(10) == made
    assert outbox.due(9) == []


def test_a_failed_attempt_is_tried_again_until_no_delay_is_left() -> None:
    """Each delay counts from the end of the attempt before it."""
    outbox = Outbox()
    outbox.subscribe("acme", "http://a/")
    (one,) = outbox.emit(message(), 0)

    seen = []
    for at in (1, 61, 361):
        assert outbox.due(at) == [one]
        outbox.settle(one, FAILED, at)
        seen.append((one.state, one.next_at))

    assert seen[:2] == [("pending", 61), ("pending", 361)]
    assert one.state == "failed"
    assert outbox.due(1e9) == []
    assert [tuple(each) for each in one.attempts] == [
        (1, 500, "answered with 500"),
        (61, 500, "answered with 500"),
        (361, 500, "answered with 500"),
    ]


def test_what_is_received_is_not_sent_again() -> None:
    outbox = Outbox()
    outbox.subscribe("acme", "http://a/")
    (one,) = outbox.emit(message(), 0)

    outbox.settle(one, FINE, 1)

    assert (one.state, outbox.pending()) == ("delivered", [])


def test_the_longest_due_goes_first() -> None:
    outbox = Outbox()
    outbox.subscribe("acme", "http://a/")
    (late,), (soon,) = outbox.emit(message(), 5), outbox.emit(message(), 2)

    assert outbox.due(9) == [soon, late]


def test_redelivery_has_all_its_retries() -> None:
    """It is the same delivery: its attempts are added to."""
    outbox = Outbox()
    outbox.subscribe("acme", "http://a/")
    (one,) = outbox.emit(message(), 0)
    outbox.settle(one, FINE, 1)

    assert outbox.redeliver(one.id, 7) is one
    outbox.settle(one, FAILED, 8)

    assert (one.state, one.next_at, len(one.attempts)) == ("pending", 68, 2)


def test_a_duplicate_has_the_same_bytes_and_its_own_way() -> None:
    outbox = Outbox()
    outbox.subscribe("acme", "http://a/")
    (one,) = outbox.emit(message(), 0)

    copy = outbox.duplicate(one.id, 3)

    assert copy.message is one.message
    assert (copy.id, copy.next_at) == ("2", 3)
    assert len(outbox) == 2


def test_the_end_of_a_subscription_ends_its_deliveries() -> None:
    """Also one whose attempt is under way when it ends."""
    outbox = Outbox()
    gone, stays = (outbox.subscribe("acme", url) for url in ("http://a/", "http://b/"))
    one, other = outbox.emit(message(), 0)

    outbox.unsubscribe(gone)
    outbox.settle(one, FAILED, 1)

    assert (one.state, other.state) == ("failed", "pending")
    assert outbox.subscriptions == [stays]
    with pytest.raises(NoSuchDelivery, match="has ended"):
        outbox.redeliver(one.id, 1)
    with pytest.raises(NoSuchDelivery, match="no delivery '9'"):
        outbox.duplicate("9", 1)


def test_the_newest_secret_signs() -> None:
    outbox = Outbox()
    bare, kept = outbox.subscribe("acme", "http://a/"), outbox.subscribe("acme", "b")
    kept.rotate("old")
    kept.rotate("new")

    assert (bare.secret, kept.secret, kept.secrets) == ("", "new", ("new", "old"))


def test_its_size_is_bounded_by_number() -> None:
    """What is settled goes first, then what is oldest."""
    outbox = Outbox(max_deliveries=2)
    outbox.subscribe("acme", "http://a/")
    first, second, third = (outbox.emit(message(), 0)[0] for _ in range(3))
    assert [*outbox] == [second, third]

    outbox.settle(third, FINE, 0)
    (fourth,) = outbox.emit(message(), 0)

    assert [*outbox] == [second, fourth]
    assert (outbox.dropped, len(outbox)) == (2, 2)
    assert first.state == "pending"


def test_its_size_is_bounded_by_bytes() -> None:
    """One that alone is too large is not kept either."""
    outbox = Outbox(max_bytes=5_100)
    outbox.subscribe("acme", "http://a/")
    for _ in range(3):
        outbox.emit(message(body=b"x" * 2_000), 0)
    assert len(outbox) == 2

    outbox.emit(message(body=b"x" * 5_000), 0)

    assert len(outbox) == 0
    assert outbox.dropped == 4


def test_attempts_and_subscriptions_are_bounded() -> None:
    outbox = Outbox()
    outbox.subscribe("acme", "http://a/")
    (one,) = outbox.emit(message(), 0)
    for at in range(200):
        outbox.redeliver(one.id, at)
        outbox.settle(one, FAILED, at)
    assert len(one.attempts) == 50

    for _ in range(99):
        outbox.subscribe("acme", "http://a/")
    with pytest.raises(TooManySubscriptions):
        outbox.subscribe("acme", "http://a/")
    assert len(outbox.subscriptions) == 100


def test_the_next_time_is_that_of_the_first_that_is_still_to_be_tried() -> None:
    """It follows whatever becomes of deliveries, so that nobody has to look at them all."""
    outbox = Outbox(max_deliveries=3)
    to = outbox.subscribe("acme", "http://a/")
    assert outbox.next_at is None
    (one,) = outbox.emit(message(), 10)
    (two,) = outbox.emit(message(), 20)
    assert outbox.next_at == 10

    outbox.settle(one, FAILED, 11)
    assert outbox.next_at == 20
    outbox.settle(two, FINE, 21)
    assert outbox.next_at == 71
    outbox.redeliver(two.id, 30)
    assert (outbox.next_at, outbox.pending()) == (30, [one, two])
    outbox.duplicate(two.id, 40)
    outbox.emit(message(), 50)  # which drops the first
    assert outbox.next_at == 30
    assert Outbox.load(outbox.dump()).next_at == 30
    outbox.unsubscribe(to)
    assert (outbox.next_at, outbox.pending()) == (None, [])
