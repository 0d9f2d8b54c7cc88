"""`emulator webhooks` and `emulator stub` on a server that runs."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from remote import Remote, board_of, serving


@pytest.fixture
def remote() -> Iterator[Remote]:
    with serving(board_of("hooks")) as found:
        yield found


def post(remote: Remote) -> None:
    body = b'{"to": "Rom"}'
    headers = {"Content-Type": "application/json"}
    url = f"{remote.server.url}/hooks/v1/parcels"
    urlopen(Request(url, body, headers)).close()


def test_subscriptions_and_deliveries_are_listed(remote: Remote) -> None:
    """A secret is shown to who has made the subscription, and to nobody else."""
    made = remote.shown(
        "webhooks",
        "subscribe",
        "hooks",
        "http://127.0.0.1:9/a",
        "--event",
        "parcel.created",
    )
    post(remote)
    remote.shown("clock", "advance", "1h")

    assert made.splitlines()[1].split() == [
        "1",
        "http://127.0.0.1:9/a",
        "parcel.created",
        "yes",
    ]
    assert made.splitlines()[-1].startswith("secret: ")
    listed = remote.shown("webhooks", "list", "hooks", "--state", "failed").splitlines()
    assert listed[1].split() == ["1", "http://127.0.0.1:9/a", "parcel.created", "yes"]
    assert listed[4].split()[:5] == ["1", "parcel.created", "1", "failed", "3"]
    (delivery,) = remote.json("webhooks", "list", "hooks")["deliveries"]
    assert len(delivery["attempts"]) == 3


def test_a_delivery_is_sent_again_and_subscriptions_end(remote: Remote) -> None:
    remote.shown("webhooks", "subscribe", "hooks", "http://127.0.0.1:9/a")
    post(remote)

    again = remote.shown("webhooks", "redeliver", "hooks", "1").splitlines()[1]
    assert again.split()[:4] == ["1", "parcel.created", "1", "pending"]
    assert remote.shown("webhooks", "unsubscribe", "hooks") == (
        "nothing of hooks is sent any more\n"
    )
    assert remote.json("webhooks", "list", "hooks")["subscriptions"] == []


def test_an_event_is_brought_about(remote: Remote) -> None:
    """What a call would say, the payload says instead."""
    remote.shown("webhooks", "subscribe", "hooks", "http://127.0.0.1:9/a")
    event = ("webhooks", "send", "hooks", "parcel.created")

    sent = remote.shown(*event, "--payload", '{"to": "Rom"}').splitlines()[1]
    assert sent.split()[:4] == ["1", "parcel.created", "1", "pending"]
    (delivery,) = remote.json("webhooks", "list", "hooks")["deliveries"]
    assert delivery["body"] == '{"to":"Rom"}'
    assert (
        "the payload of parcel.created is about a call" in remote.complaint(*event)[1]
    )
    assert "no JSON" in remote.complaint(*event, "--payload", "{")[1]


def test_stubs_are_set_listed_and_removed(remote: Remote) -> None:
    remote.shown(
        "stub",
        "add",
        "GET",
        "/hooks/v1/parcels/9",
        "--reply-json",
        "{}",
        "--times",
        "1",
    )
    assert remote.call("/parcels/9") == 200
    assert remote.call("/parcels/9") == 404

    row = remote.shown("stub").splitlines()[1]
    assert row.split() == [
        "1",
        "hooks",
        "GET",
        "/v1/parcels/9",
        "200",
        "1",
        "of",
        "1",
        "over",
    ]
    remote.shown("stub", "remove", "1")
    assert remote.json("stub") == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["stub", "add", "GET", "/hooks/x", "--reply-json", "{"], "--reply-json: '{' is no JSON"),
        (["stub", "add", "GET", "/hooks/x", "--query", "a"], "--query: 'a' has no `=`"),
        (["stub", "add", "GET", "/nobody/x"], "begins with a provider"),
        (["stub", "remove", "7"], "there is no stub '7'"),
        (["webhooks", "redeliver", "hooks", "7"], "there is no delivery '7'"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_in_one_line(
    remote: Remote, words: list[str], says: str
) -> None:
    code, line = remote.complaint(*words)

    assert code
    assert says in line
