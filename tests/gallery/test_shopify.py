"""Shopify's Admin REST API, called by ShopifyAPI as it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any, ClassVar

import pytest

import emulator

shopify = pytest.importorskip("shopify")
from pyactiveresource import connection  # noqa: E402

VERSION = "2026-10"
ROPES = ["Hemp Rope", "Cotton Rope", "Wire Rope"]
LANTERN = 632910392
SECRET = b"shpss_secret_of_the_app"


@pytest.fixture
def world(server: emulator.Emulator) -> Iterator[Any]:
    with server.world(clock="frozen") as made:
        yield made
    shopify.ShopifyResource.clear_session()


def sign_in(world: Any, name: str = "full", shop: str = "harbor") -> None:
    """Have the library call with the token of this name, at the shop's own host."""
    token = world.provider("shopify").credentials[name].value
    session = shopify.Session(f"{shop}.myshopify.com", VERSION, token)
    shopify.ShopifyResource.activate_session(session)


def over_a_socket(world: Any, name: str = "full") -> None:
    """The same, at the address of the emulator."""
    provider = world.provider("shopify")
    session = shopify.Session("harbor", VERSION, provider.credentials[name].value)
    shopify.ShopifyResource.activate_session(session)
    shopify.ShopifyResource.site = provider.url


def a_days_work() -> None:
    """What an app does: look round, page, make, change, sell, close, tidy up."""
    assert shopify.Shop.current().name == "Harbor Goods"
    pages = [
        [product.title for product in page]
        for page in shopify.PaginatedIterator(
            shopify.Product.find(limit=2, vendor="Ropewalk")
        )
    ]
    assert pages == [ROPES[:2], ROPES[2:]]
    mug = shopify.Product.create(
        {"title": "Tin Mug", "variants": [{"option1": "Blue", "price": "8.50"}]}
    )
    assert mug.id
    assert not mug.errors
    assert (mug.status, mug.vendor, mug.handle) == ("active", "Harbor Goods", "tin-mug")
    (variant,) = mug.variants
    assert (variant.title, variant.price) == ("Blue", "8.50")
    mug.title = "Enamel Mug"
    assert mug.save()
    assert shopify.Product.find(mug.id).title == "Enamel Mug"
    blue = shopify.Variant.find(variant.id)
    blue.price = "9.00"
    assert blue.save()
    assert shopify.Product.count(vendor="Harbor Goods") == 3
    customer = shopify.Customer.create({"first_name": "Cy", "email": "cy@mail.example"})
    assert [one.id for one in shopify.Customer.search(query="email:cy@mail.example")] == [customer.id]  # fmt: skip
    order = shopify.Order.create({"line_items": [{"variant_id": variant.id, "quantity": 3}]})  # fmt: skip
    assert (order.name, order.total_price) == ("#1002", "27.00")
    assert order.line_items[0].title == "Enamel Mug"
    order.close()
    assert [one.id for one in shopify.Order.find(status="closed")] == [order.id]
    mug.destroy()
    with pytest.raises(connection.ResourceNotFound):
        shopify.Variant.find(variant.id)
    assert shopify.Limits.credit_limit() == 40


def test_a_days_work_over_a_socket(world: Any) -> None:
    over_a_socket(world)

    a_days_work()


def test_a_days_work_by_interception() -> None:
    """At the host of the shop, which the library knows."""
    with emulator.intercept("shopify", clock="frozen", on_other="refuse") as world:
        sign_in(world)

        a_days_work()


def raised(call: Any, *arguments: Any, **named: Any) -> tuple[type, int, Any]:
    """The library's exception, its status, and what the reply says of errors."""
    with pytest.raises(connection.ConnectionError) as error:
        call(*arguments, **named)
    response = error.value.response
    body = json.loads(response.body)["errors"] if response.body else None
    return type(error.value), response.code, body


def test_what_is_not_there_is_not_found(world: Any) -> None:
    """Also what is another shop's."""
    over_a_socket(world)

    for id in (1, 632910397, "x"):
        assert raised(shopify.Product.find, id) == (
            connection.ResourceNotFound, 404, "Not Found"
        )  # fmt: skip


def test_tokens_have_scopes_and_a_shop() -> None:
    with emulator.intercept("shopify") as world:
        sign_in(world, "read_only")
        kind, status, errors = raised(shopify.Product.create, {"title": "Mug"})
        assert (kind, status) == (connection.ForbiddenAccess, 403)
        assert errors == "[API] This action requires merchant approval for write_products scope."  # fmt: skip
        sign_in(world, "unknown")
        assert raised(shopify.Shop.current)[:2] == (connection.UnauthorizedAccess, 401)
        sign_in(world, "full", shop="lighthouse")
        assert raised(shopify.Shop.current)[:2] == (connection.UnauthorizedAccess, 401)
        sign_in(world, "other_shop", shop="lighthouse")
        assert shopify.Shop.current().name == "Lighthouse Lamps"
        assert [one.title for one in shopify.Product.find()] == ["Fresnel Lens"]


def test_errors_are_of_fields_without_the_wrapper(world: Any) -> None:
    """The library adds them to the resource, and `save` is false."""
    over_a_socket(world)
    product = shopify.Product({"title": "", "status": "sold"})

    assert not product.save()
    assert product.errors.full_messages() == [
        "title can't be blank",
        "status is not included in the list",
    ]
    variant = shopify.Product({"title": "Mug", "variants": [{"price": "free"}]})
    assert not variant.save()
    assert variant.errors.full_messages() == ["is invalid"]
    again = shopify.Customer({"email": "bo.reed@mail.example"})
    assert not again.save()
    assert again.errors.full_messages() == ["email has already been taken"]
    nobody = shopify.Customer({"first_name": "", "email": None})
    assert not nobody.save()
    assert nobody.errors.full_messages() == [
        "Customer must have a name, phone number or email address"
    ]


def test_a_body_without_its_wrapper_is_a_bad_request(world: Any) -> None:
    over_a_socket(world)

    path, sent = shopify.Product._collection_path(), b'{"title": "Mug"}'

    found = raised(shopify.Product.connection.post, path, shopify.Product.headers, sent)

    assert found == (
        connection.BadRequest,
        400,
        {"product": "Required parameter missing or invalid"},
    )


def test_the_bucket_leaks(world: Any) -> None:
    """Forty calls at once, then two a second; the header stands on refusals, too."""
    over_a_socket(world)
    raised(shopify.Product.find, 1)
    assert shopify.Limits.credit_used() == 1
    for _ in range(39):
        shopify.Shop.current()
    assert shopify.Limits.credit_maxed()

    kind, status, errors = raised(shopify.Shop.current)
    response = shopify.Shop.connection.response
    assert (kind, status) == (connection.ClientError, 429)
    assert errors.startswith("Exceeded 2 calls per second")
    assert response.headers["Retry-After"] == "2.0"
    assert response.headers["X-Shopify-Shop-Api-Call-Limit"] == "40/40"
    world.clock.advance(seconds=1)
    shopify.Shop.current()
    shopify.Shop.current()
    assert raised(shopify.Shop.current)[1] == 429


def test_cursors_lead_both_ways_and_carry_the_filter(world: Any) -> None:
    """`page_info` goes with `limit` alone."""
    over_a_socket(world)
    first = shopify.Product.find(limit=2, vendor="Ropewalk")
    second = first.next_page()

    assert not first.has_previous_page()
    assert not second.has_next_page()
    assert [one.title for one in second] == ROPES[2:]
    back = shopify.Product.find(from_=second.previous_page_url)
    assert [one.title for one in back] == ROPES[:2]
    assert "vendor" not in first.next_page_url
    refused = raised(shopify.Product.find, from_=f"{first.next_page_url}&vendor=x")
    assert refused[:2] == (connection.BadRequest, 400)
    assert raised(shopify.Product.find, page_info="x")[1] == 400


def test_an_order_is_cancelled_once(world: Any) -> None:
    over_a_socket(world)
    order = shopify.Order.find(450789469)
    order.cancel()

    assert raised(order.cancel)[:2] == (connection.ResourceInvalid, 422)


def test_versions_stand_in_the_path(world: Any) -> None:
    """One that is no longer supported is answered as the oldest that is."""
    over_a_socket(world)
    shopify.ShopifyResource.site = world.provider("shopify").url.replace(VERSION, "2024-10")  # fmt: skip
    shopify.Shop.current()

    assert shopify.Shop.connection.response.headers["X-Shopify-API-Version"] == "2026-01"  # fmt: skip
    shopify.ShopifyResource.site = world.provider("shopify").url.replace(VERSION, "2019-01")  # fmt: skip
    assert raised(shopify.Shop.current)[1] == 404


@pytest.mark.parametrize(
    ("scenario", "error"),
    [
        ("throttled", connection.ClientError),
        ("uninstalled", connection.UnauthorizedAccess),
        ("shop_frozen", connection.ClientError),
        ("outage", connection.ServerError),
    ],
)
def test_scenarios_bring_failures_about(world: Any, scenario: str, error: type) -> None:
    over_a_socket(world)
    world.provider("shopify").apply_scenario(scenario)

    with pytest.raises(error):
        [shopify.Shop.current() for _ in range(3)]


def test_a_scope_is_withdrawn(world: Any) -> None:
    over_a_socket(world)
    world.provider("shopify").apply_scenario("scope_withdrawn")

    shopify.Product.find(LANTERN)
    with pytest.raises(connection.ForbiddenAccess):
        shopify.Product.create({"title": "Mug"})


class Inbox(BaseHTTPRequestHandler):
    """Takes deliveries."""

    received: ClassVar[Queue[tuple[dict[str, str], bytes]]] = Queue()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.put((dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_webhook_is_signed_in_base64(world: Any) -> None:
    """To an address that the app has subscribed by the API itself."""
    over_a_socket(world)
    with HTTPServer(("127.0.0.1", 0), Inbox) as inbox:
        hook = shopify.Webhook.create(
            {"topic": "products/create", "address": f"http://127.0.0.1:{inbox.server_port}/hook"}
        )  # fmt: skip
        assert not hook.errors
        shopify.Product.create({"title": "Mug"})
        inbox.timeout = 10
        inbox.handle_request()
    headers, body = Inbox.received.get(timeout=1)

    signed = hmac.new(SECRET, body, hashlib.sha256).digest()
    assert headers["X-Shopify-Hmac-Sha256"] == base64.b64encode(signed).decode()
    assert headers["X-Shopify-Topic"] == "products/create"
    assert headers["X-Shopify-Shop-Domain"] == "harbor.myshopify.com"
    assert json.loads(body)["title"] == "Mug"
    assert [one.topic for one in shopify.Webhook.find()] == ["products/create"]
    hook.destroy()
    assert shopify.Webhook.find() == []


def test_the_example_of_its_page_runs() -> None:
    page = Path(__file__).parents[2] / "docs" / "gallery" / "shopify.md"
    (code,) = re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)

    exec(compile(code, str(page), "exec"), {})
