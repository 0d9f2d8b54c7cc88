"""Events: what brings them about besides success, who receives them, and what is kept."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha1
from hmac import new
from pathlib import Path
from typing import Any

import pytest
from charges import hook, shop, told

from emulator.diagnostics import SpecError
from emulator.program.webhooks import WebhookPolicy


def test_a_refusal_brings_an_event_about(tmp_path: Path) -> None:
    """A natural one and one that is forced; a call that succeeds does not."""
    api = shop(tmp_path)
    hook(api, events=["charge.failed"])
    api.post("/charges", None, json={"amount": 5})

    api.post("/charges", None, json={"amount": 7, "card": "bad"})
    refuse = {"x-emulator-refuse": "card_declined"}
    api.post("/charges", None, json={"amount": 9}, headers=refuse)

    assert [payload for _, _, payload in told(api)] == [
        {"why": "card_declined", "amount": 7},
        {"why": "card_declined", "amount": 9},
    ]


def test_an_event_is_kept_as_it_is_sent(tmp_path: Path) -> None:
    """The record and the delivery have one id, also where nobody has subscribed."""
    api = shop(tmp_path)
    api.post("/charges", None, json={"amount": 1})
    hook(api, events=["charge.*"])
    api.post("/charges", None, json={"amount": 2})

    kept = api.get("/events", None).json()

    assert [event["amount"] for event in kept] == [1, 2]
    assert kept[0]["id"].startswith("evt_")
    assert [payload for _, _, payload in told(api)] == kept[1:]
    (delivery,) = api.world.outbox
    assert delivery.message.id == kept[1]["id"]


def test_a_payload_knows_what_the_reply_does(tmp_path: Path) -> None:
    api = shop(tmp_path)
    api.post("/charges", None, json={"amount": 1})
    hook(api, events=["charges.listed"])
    api.get("/charges", None)

    assert [payload for _, _, payload in told(api)] == [{"many": 1}]


def test_subscriptions_are_records(tmp_path: Path) -> None:
    """They are made, changed, switched off and deleted by the provider's operations."""
    api = shop(tmp_path)
    first, second = hook(api), hook(api, url="http://127.0.0.1:9/b", events=["*"])

    def urls() -> list[str]:
        before = len(api.world.outbox)
        api.get("/charges", None)
        return [url for url, _, _ in told(api)[before:]]

    assert urls() == ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"]
    api.call("PATCH", f"/hooks/{first}", None, json={"url": "http://127.0.0.1:9/c"})
    assert urls() == ["http://127.0.0.1:9/c", "http://127.0.0.1:9/b"]
    api.call("PATCH", f"/hooks/{first}", None, json={"on": False})
    assert urls() == ["http://127.0.0.1:9/b"]
    api.call("DELETE", f"/hooks/{second}", None)
    assert urls() == []


def test_subscriptions_of_records_are_shown(tmp_path: Path) -> None:
    """Under /_emulator, with a secret that is masked; they end where they began."""
    api = shop(tmp_path)
    id = hook(api, secret="s3cret", events=["charge.made"])
    address = "/_emulator/worlds/default/webhooks/small"

    listed = api.client.get(address).json()["subscriptions"]
    ended = api.client.delete(f"{address}?subscription=hooks/{id}")

    assert listed == [
        {
            "id": f"hooks/{id}",
            "url": "http://127.0.0.1:9/a",
            "secret": "***",
            "events": ["charge.made"],
        }
    ]
    assert (ended.status_code, ended.json()["title"]) == (409, "a record")


TO: dict[str, Any] = {
    "events": {
        "charge.made": {
            "operations": ["charge"],
            "to": {"url": "record.callback", "secret": "'t0ken'"},
            "payload": {"Card": "${record.card}", "Amount": "${record.amount}", "Empty": ""},
        }
    },
    "subscriptions": None,
    "encode": "form",
    "signature": {
        "header": "X-Signature",
        "algorithm": "sha1",
        "encoding": "base64",
        "signs": "${url}${join([f.name + f.value for f in fields], '')}",
    },
}  # fmt: skip


def test_an_event_names_its_own_receiver(tmp_path: Path) -> None:
    """As a form, and signed over the address and the sorted members of the form."""
    api = shop(tmp_path, **TO)
    url = "http://127.0.0.1:9/a?b=c"
    api.post("/charges", None, json={"amount": 5, "card": "a b", "callback": url})
    api.post("/charges", None, json={"amount": 6})

    (delivery,) = api.world.outbox
    policy = api.program.webhooks
    assert isinstance(policy, WebhookPolicy)
    assert policy.signature is not None
    assert delivery.message.body == b"Card=a+b&Amount=5&Empty="
    assert delivery.message.headers == (
        ("Content-Type", "application/x-www-form-urlencoded"),
    )
    signed = new(b"t0ken", f"{url}Amount5Carda bEmpty".encode(), sha1)
    assert [*policy.signature.headers(delivery.message.body, {}, "t0ken", 0, url)] == [
        ("X-Signature", b64encode(signed.digest()).decode())
    ]


def test_what_is_on_its_way_is_part_of_a_snapshot(tmp_path: Path) -> None:
    api = shop(tmp_path)
    hook(api, secret="s")
    api.get("/charges", None)
    address = "/_emulator/worlds/default/snapshot"
    media = {"content-type": "application/vnd.emulator.snapshot+json"}

    taken = api.client.get(address)
    assert api.client.put(address, content=taken.content, headers=media).is_success

    (delivery,) = api.world.outbox
    assert delivery.subscription.secrets == ("s",)
    assert api.client.get(address).json()["state"] == taken.json()["state"]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"refused": ["card_declned"], "payload": {}}, "impossible-refusal"),
        ({"refused": ["card_declined"], "operations": ["events"], "payload": {}}, "impossible-refusal"),
        ({"refused": ["card_declined"], "payload": "${items}"}, "not-yet-known"),
        ({"operations": ["charge"], "when": "refused == 'card_declined'", "payload": {}}, "not-yet-known"),
        ({"payload": {}}, "missing-key"),
        ({"operations": ["charge"], "payload": {}, "store": "letters"}, "unknown-collection"),
        ({"operations": ["charge"], "payload": 3.5, "store": "events"}, "wrong-type"),
    ],
)  # fmt: skip
def test_events_that_never_come_about_are_told(
    tmp_path: Path, event: Any, code: str
) -> None:
    with pytest.raises(SpecError) as error:
        shop(tmp_path, events={"charge.odd": event})

    assert code in [each.code for each in error.value.diagnostics]


@pytest.mark.parametrize("payload", [{"a": {"b": 1}}, ["a"], None])
def test_a_payload_that_no_form_can_have_is_told(tmp_path: Path, payload: Any) -> None:
    events = {"charge.made": {**TO["events"]["charge.made"], "payload": payload}}
    with pytest.raises(SpecError) as error:
        shop(tmp_path, **{**TO, "events": events})

    assert "wrong-form" in [each.code for each in error.value.diagnostics]
