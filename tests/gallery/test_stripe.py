"""Stripe, called by its library as it is."""

from __future__ import annotations

import json
import re
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import npm
import pytest
import requests

import emulator

stripe = pytest.importorskip("stripe")


def client(world: Any, name: str = "full", retries: int = 0) -> Any:
    """The library, pointed at the world with the key of this name."""
    provider = world.provider("stripe")
    return stripe.StripeClient(
        provider.credentials[name].value,
        base_addresses={"api": provider.url.removesuffix("/v1")},
        max_network_retries=retries,
    )


def a_days_work(shop: Any, world: Any) -> None:
    """What a shop does: know its customers, take, hold, capture and give back money."""
    api = shop.v1
    ada = api.customers.create(
        {"name": "Ada", "email": "a@x.example", "metadata": {"berth": "9"}}
    )
    assert (ada.object, ada.metadata["berth"], ada.livemode) == ("customer", "9", False)
    ada = api.customers.update(ada.id, {"phone": "+49 30 1", "metadata": {"pier": "2"}})
    assert (ada.phone, ada.metadata.to_dict()) == (
        "+49 30 1",
        {"berth": "9", "pier": "2"},
    )

    paid = api.payment_intents.create(
        {"amount": 2000, "currency": "EUR", "customer": ada.id, "confirm": True,
         "payment_method": "pm_card_visa", "expand": ["latest_charge", "customer"]}
    )  # fmt: skip
    assert (paid.status, paid.currency, paid.amount_received) == (
        "succeeded",
        "eur",
        2000,
    )
    assert (paid.customer.email, paid.latest_charge.amount_captured) == (
        "a@x.example",
        2000,
    )
    assert paid.latest_charge.payment_method_details.card.last4 == "4242"

    held = api.payment_intents.create(
        {
            "amount": 5000,
            "currency": "eur",
            "capture_method": "manual",
            "payment_method": "pm_card_visa",
        }
    )
    assert held.status == "requires_confirmation"
    held = api.payment_intents.confirm(held.id)
    assert (held.status, held.amount_capturable) == ("requires_capture", 5000)
    held = api.payment_intents.capture(held.id, {"amount_to_capture": 4000})
    assert (held.status, held.amount_received) == ("succeeded", 4000)

    refund = api.refunds.create({"payment_intent": paid.id, "amount": 500})
    assert (refund.status, refund.charge) == ("succeeded", paid.latest_charge.id)
    world.clock.advance(seconds=1)
    charge = api.charges.retrieve(refund.charge, {"expand": ["payment_intent"]})
    assert (charge.amount_refunded, charge.refunded) == (500, False)
    assert charge.payment_intent.id == paid.id
    (available,) = api.balance.retrieve().available
    assert (available.amount, available.currency) == (5500, "eur")

    dropped = api.payment_intents.create({"amount": 100, "currency": "eur"})
    assert api.payment_intents.cancel(dropped.id).status == "canceled"
    api.customers.delete(ada.id)
    assert api.customers.retrieve(ada.id).deleted is True
    types = [event.type for event in api.events.list({"limit": 100}).data]
    assert types.count("payment_intent.succeeded") == 2
    assert {"customer.created", "refund.created", "payment_intent.canceled"} <= {*types}


def test_a_days_work_over_a_socket(world: Any) -> None:
    a_days_work(client(world), world)


def test_a_days_work_by_interception() -> None:
    """At `api.stripe.com` itself."""
    with emulator.intercept(["stripe"], clock="frozen") as world:
        key = world.provider("stripe").credentials["full"].value
        a_days_work(stripe.StripeClient(key), world)


def declined(world: Any, card: str) -> Any:
    api = client(world).v1
    intent = api.payment_intents.create({"amount": 999, "currency": "eur"})
    with pytest.raises(stripe.CardError) as error:
        api.payment_intents.confirm(intent.id, {"payment_method": card})
    return error.value


@pytest.mark.parametrize(
    ("card", "code", "decline"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
        ),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ],
)
def test_a_test_card_is_declined(
    world: Any, card: str, code: str, decline: str
) -> None:
    """The payment remembers it, and can be confirmed with another card."""
    error = declined(world, card)
    assert (error.http_status, error.code, error.error.decline_code) == (
        402,
        code,
        decline,
    )
    intent = error.error.payment_intent
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.decline_code == decline

    api = client(world).v1
    paid = api.payment_intents.confirm(
        intent.id, {"payment_method": "pm_card_mastercard"}
    )
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    types = [event.type for event in api.events.list().data]
    assert types[0] == "payment_intent.succeeded"
    assert "payment_intent.payment_failed" in types


def test_the_same_key_is_one_payment(world: Any) -> None:
    """Byte for byte; another amount with it is an error of the library's own."""
    api = client(world).v1
    sent = {
        "amount": 700,
        "currency": "eur",
        "confirm": True,
        "payment_method": "pm_card_visa",
    }
    key = {"idempotency_key": "order-7"}
    first = api.payment_intents.create(sent, key)
    again = api.payment_intents.create(sent, key)

    assert again.last_response.body == first.last_response.body
    headers = again.last_response.headers
    assert headers["idempotent-replayed"] == "true"
    assert headers["original-request"] == first.last_response.headers["request-id"]
    assert headers["request-id"] != headers["original-request"]
    assert len(api.payment_intents.list().data) == 1
    with pytest.raises(stripe.IdempotencyError):
        api.payment_intents.create({**sent, "amount": 800}, key)


def test_a_declined_card_is_declined_again(world: Any) -> None:
    """The result of a key is kept, also where it is a decline."""
    api = client(world).v1
    sent = {"amount": 700, "currency": "eur", "confirm": True,
            "payment_method": "pm_card_chargeDeclined"}  # fmt: skip
    for replayed in (None, "true"):
        with pytest.raises(stripe.CardError) as error:
            api.payment_intents.create(sent, {"idempotency_key": "k"})
        assert error.value.headers.get("idempotent-replayed") == replayed


def test_a_lost_reply_is_not_paid_twice(world: Any) -> None:
    """The library repeats the call with its key by itself."""
    world.provider("stripe").apply_scenario("reply_lost")
    api = client(world, retries=2).v1

    made = api.payment_intents.create({"amount": 700, "currency": "eur"})

    assert made.last_response.headers["idempotent-replayed"] == "true"
    assert [one.id for one in api.payment_intents.list().data] == [made.id]


def refused(call: Any, *arguments: Any) -> tuple[str, int, str | None, str | None]:
    """The library's exception, the status, code and parameter of a call that fails."""
    with pytest.raises(stripe.StripeError) as error:
        call(*arguments)
    raised = error.value
    return (
        type(raised).__name__,
        raised.http_status,
        raised.error.code,
        getattr(raised, "param", None),
    )


def test_failures_are_the_exceptions_of_the_library(world: Any) -> None:
    provider = world.provider("stripe")
    api = client(world).v1
    wrong = stripe.StripeClient(
        "sk_test_wrong", base_addresses={"api": provider.url[:-3]}
    )
    intents = api.payment_intents
    canceled = intents.create({"amount": 100, "currency": "eur"})
    intents.cancel(canceled.id)
    paid = intents.create({"amount": 100, "currency": "eur", "confirm": True,
                           "payment_method": "pm_card_visa"})  # fmt: skip
    api.refunds.create({"payment_intent": paid.id})

    assert refused(wrong.v1.customers.list) == ("AuthenticationError", 401, None, None)
    assert refused(client(world, "expired").v1.customers.list)[:3] == (
        "AuthenticationError", 401, "api_key_expired",
    )  # fmt: skip
    assert refused(client(world, "read_only").v1.customers.create)[:2] == (
        "PermissionError",
        403,
    )
    assert refused(api.customers.retrieve, "cus_none") == (
        "InvalidRequestError", 404, "resource_missing", "id",
    )  # fmt: skip
    assert refused(intents.create, {"currency": "eur"}) == (
        "InvalidRequestError", 400, "parameter_missing", "amount",
    )  # fmt: skip
    assert refused(intents.create, {"amount": 9, "currency": "eur"})[2:] == (
        "amount_too_small", "amount",
    )  # fmt: skip
    assert refused(api.customers.create, {"nickname": "x"})[2:] == (
        "parameter_unknown",
        "nickname",
    )
    assert refused(intents.confirm, canceled.id)[2] == "payment_intent_unexpected_state"
    assert (
        refused(api.refunds.create, {"payment_intent": paid.id})[2]
        == "charge_already_refunded"
    )
    assert refused(api.customers.list, {"starting_after": "cus_none"})[2:] == (
        "resource_missing", "starting_after",
    )  # fmt: skip
    provider.apply_scenario("lock_timeout")
    assert refused(intents.create, {"amount": 100, "currency": "eur"})[:3] == (
        "RateLimitError", 429, "lock_timeout",
    )  # fmt: skip
    provider.apply_scenario("rate_limited")
    assert refused(api.customers.list)[:3] == ("RateLimitError", 429, "rate_limit")


def told(call: Any, *arguments: Any) -> str:
    """The message of the error that a call fails with."""
    with pytest.raises(stripe.StripeError) as error:
        call(*arguments)
    return str(error.value.error.message)


def test_messages_are_those_that_clients_know(world: Any) -> None:
    """A payment's state, and an amount of money, are in the words of the API."""
    api = client(world).v1
    intents = api.payment_intents
    card = {"payment_method": "pm_card_visa"}
    new = {"amount": 1250, "currency": "usd"}
    bare = intents.create(new)
    canceled = intents.cancel(intents.create(new).id)
    paid = intents.create({**new, **card, "confirm": True})
    held = intents.create({**new, **card, "confirm": True, "capture_method": "manual"})

    assert told(intents.create, {"amount": 9, "currency": "eur"}) == (
        "Amount must be at least €0.50 eur"
    )
    assert told(intents.confirm, bare.id).startswith(
        "You cannot confirm this PaymentIntent because it's missing a payment method. "
    )
    assert told(intents.confirm, paid.id, card) == (
        "You cannot confirm this PaymentIntent because it has already succeeded "
        "after being previously confirmed."
    )
    assert told(intents.capture, canceled.id) == (
        "This PaymentIntent could not be captured because it has a status of canceled. "
        "Only a PaymentIntent with one of the following statuses may be captured: "
        "requires_capture."
    )
    assert told(intents.capture, paid.id) == (
        "This PaymentIntent could not be captured because it has already been captured."
    )
    assert told(intents.cancel, paid.id).startswith(
        "You cannot cancel this PaymentIntent because it has a status of succeeded. "
    )
    assert told(intents.update, paid.id, {"amount": 1}).startswith(
        "This PaymentIntent's amount could not be updated because it has a status of "
        "succeeded. "
    )
    assert told(api.refunds.create, {"payment_intent": paid.id, "amount": 1300}) == (
        "Refund amount ($13.00) is greater than unrefunded amount on charge ($12.50)"
    )
    assert told(intents.capture, held.id, {"amount_to_capture": 1251}) == (
        "Amount to capture must not be greater than 1250."
    )


def test_an_unexpected_state_comes_with_the_payment(world: Any) -> None:
    intents = client(world).v1.payment_intents
    canceled = intents.cancel(intents.create({"amount": 100, "currency": "eur"}).id)

    with pytest.raises(stripe.InvalidRequestError) as error:
        intents.confirm(canceled.id, {"payment_method": "pm_card_visa"})

    assert error.value.code == "payment_intent_unexpected_state"
    assert error.value.error.payment_intent.status == "canceled"


def test_a_wrong_key_is_hidden_but_for_its_ends(world: Any) -> None:
    wrong = stripe.StripeClient(
        "sk_test_abcdefgh1234",
        base_addresses={"api": world.provider("stripe").url[:-3]},
    )

    assert told(wrong.v1.customers.list) == (
        "Invalid API Key provided: sk_test_********1234"
    )


def test_lists_go_forward_and_back(world: Any) -> None:
    """By the library's own pager, and with what is between two times."""
    api = client(world).v1
    for number in range(5):
        api.customers.create({"name": str(number)})
    page = api.customers.list({"limit": 3})
    names = [one.name for one in page.auto_paging_iter()]
    before = api.customers.list({"limit": 2, "ending_before": page.data[-1].id})
    old = api.customers.list({"created": {"lt": 1_700_000_150, "gte": 1_700_000_000}})

    assert names == ["4", "3", "2", "1", "0", "Cy Marsh", "Bo Reed", "Ada Stone"]
    assert ([one.name for one in before.data], before.has_more) == (["4", "3"], False)
    assert [one.name for one in old.data] == ["Bo Reed", "Ada Stone"]


def test_live_and_test_keys_see_other_objects(world: Any) -> None:
    made = client(world, "live").v1.customers.create({"name": "Live"})

    assert made.livemode is True
    assert refused(client(world).v1.customers.retrieve, made.id)[1] == 404


def test_the_key_may_be_the_user_of_basic(world: Any) -> None:
    """As with `curl -u sk_test_...:`."""
    provider = world.provider("stripe")
    reply = requests.get(
        f"{provider.url}/balance", auth=(provider.credentials["full"].value, "")
    )

    assert (reply.status_code, reply.json()["object"]) == (200, "balance")
    assert reply.headers["Request-Id"].startswith("req_")


def test_a_webhook_is_what_the_library_takes(world: Any) -> None:
    """`construct_event` verifies it, and the event can be read under the same id."""
    received: Queue[tuple[bytes, str]] = Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    api = client(world).v1
    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        Thread(target=receiver.serve_forever, daemon=True).start()
        endpoint = api.webhook_endpoints.create(
            {
                "url": f"http://127.0.0.1:{receiver.server_port}/",
                "enabled_events": ["customer.*"],
            }
        )
        api.payment_intents.create({"amount": 100, "currency": "eur"})
        made = api.customers.create({"name": "Ada"})
        body, signature = received.get(timeout=10)
        receiver.shutdown()

    event = stripe.Webhook.construct_event(
        body, signature, endpoint.secret, tolerance=None
    )
    assert (event.type, event.data.object.id) == ("customer.created", made.id)
    assert api.events.retrieve(event.id).data.object["id"] == made.id
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, signature, "whsec_other", tolerance=None)


NODE = """
const Stripe = require('stripe');
const [key, reading, host, port] = process.argv.slice(1);
const here = (_, options, done) =>
  options.all ? done(null, [{address: '127.0.0.1', family: 4}]) : done(null, '127.0.0.1', 4);
const httpAgent = new (require('http').Agent)({lookup: here});
const options = {host, port, protocol: 'http', httpAgent, maxNetworkRetries: 0};
const stripe = new Stripe(key, options);
const failure = promise => promise.then(() => 'nothing', error => [error.type, error.statusCode, error.code]);
(async () => {
  const failures = [await failure(stripe.paymentIntents.create({amount: 50, currency: 'eur'}))];
  const made = await stripe.customers.create({name: 'Ada', metadata: {berth: '7'}});
  const sent = {amount: 900, currency: 'eur', customer: made.id};
  const intent = await stripe.paymentIntents.create(sent, {idempotencyKey: 'order'});
  const again = await stripe.paymentIntents.create(sent, {idempotencyKey: 'order'});
  failures.push(
    await failure(stripe.paymentIntents.confirm(intent.id, {payment_method: 'pm_card_chargeDeclined'})),
    await failure(stripe.paymentIntents.retrieve('pi_none')),
    await failure(stripe.paymentIntents.create({...sent, amount: 901}, {idempotencyKey: 'order'})),
    await failure(new Stripe('sk_test_wrong', options).balance.retrieve()),
    await failure(new Stripe(reading, options).customers.create({name: 'Cleo'})),
  );
  const paid = await stripe.paymentIntents.confirm(intent.id, {payment_method: 'pm_card_visa'});
  const refund = await stripe.refunds.create({payment_intent: paid.id, amount: 300});
  const customers = [];
  for await (const customer of stripe.customers.list({limit: 1})) customers.push(customer.name);
  console.log(JSON.stringify({
    berth: made.metadata.berth, same: again.id === intent.id, status: paid.status,
    refunded: refund.amount, listed: customers.includes('Ada'), failures,
  }));
})();
"""


@npm.needs("stripe")
def test_the_library_of_node_works_too(server: emulator.Emulator, world: Any) -> None:
    """At the API's own name, which is looked up as this machine."""
    stripe = world.provider("stripe")
    key, reading = (stripe.credentials[name].value for name in ("full", "read_only"))
    stripe.apply_scenario("lock_timeout")
    port = server.url.rpartition(":")[2]
    said = subprocess.run(
        ["node", "-e", NODE, key, reading, "api.stripe.com", port],
        cwd=npm.FOLDER, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == {
        "berth": "7", "same": True, "status": "succeeded", "refunded": 300, "listed": True,
        "failures": [
            ["StripeRateLimitError", 429, "lock_timeout"],
            ["StripeCardError", 402, "card_declined"],
            ["StripeInvalidRequestError", 404, "resource_missing"],
            ["StripeIdempotencyError", 400, None],
            ["StripeAuthenticationError", 401, None],
            ["StripePermissionError", 403, None],
        ],
    }  # fmt: skip


def test_the_page_does_what_it_says() -> None:
    page = Path(__file__).parents[2] / "docs" / "gallery" / "stripe.md"
    (program,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)

    exec(compile(program, str(page), "exec"), {"__name__": "page"})
