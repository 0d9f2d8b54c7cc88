"""Exchange: a spot API with signed requests, with the exchange's own connector, unmodified."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

pytest.importorskip("binance.spot")

from binance.error import ClientError, ParameterRequiredError, ServerError
from binance.lib.authentication import hmac_hashing
from binance.lib.utils import get_timestamp
from binance.spot import Spot
from hypothesis import given, settings
from hypothesis import strategies as st

import emulator

LIMIT = {"side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}


@pytest.fixture
def world(server: Any) -> Iterator[Any]:
    with server.world() as made:
        yield made


@pytest.fixture
def exchange(world: Any) -> Any:
    return world.provider("exchange")


def client(exchange: Any, name: str = "full", **more: Any) -> Any:
    """The connector as a program has it: key, secret and an address."""
    key = exchange.credentials[name]
    base = exchange.url.removesuffix("/api/v3")
    given = {"api_key": key.value, "api_secret": key.secret, **more}
    return Spot(base_url=base, timeout=20, **given)


def refused(call: Any, *arguments: Any, **more: Any) -> tuple[int, int, str]:
    """Status, code and message of the exception that the connector raises."""
    with pytest.raises(ClientError) as caught:
        call(*arguments, **more)
    error = caught.value
    return error.status_code, error.error_code, error.error_message


def free(spot: Any, asset: str) -> tuple[str, str]:
    (held,) = (
        balance for balance in spot.account()["balances"] if balance["asset"] == asset
    )
    return held["free"], held["locked"]


def test_a_day_s_work(exchange: Any) -> None:
    """Look at the market, buy, leave an order in the book, take it back, and look again."""
    spot = client(exchange)
    assert spot.ping() == {}
    assert spot.time()["serverTime"] > 1_700_000_000_000
    info = spot.exchange_info(symbol="BTCUSDT")["symbols"][0]
    assert (info["baseAsset"], info["status"]) == ("BTC", "TRADING")
    assert [
        symbol["symbol"]
        for symbol in spot.exchange_info(symbols=["ETHUSDT"])["symbols"]
    ] == ["ETHUSDT"]
    assert spot.ticker_price("BTCUSDT") == {
        "symbol": "BTCUSDT",
        "price": "65000.00000000",
    }
    assert len(spot.ticker_price()) == 4
    assert spot.book_ticker("ETHBTC")["askPrice"] == "0.04924000"
    assert len(spot.depth("BTCUSDT", limit=5)["bids"]) == 5
    assert spot.trades("BTCUSDT")[0]["price"] == "64000.00000000"

    assert free(spot, "USDT") == ("10000.00000000", "975.00000000")
    assert (
        spot.new_order_test(symbol="BTCUSDT", quantity=0.01, price=9500, **LIMIT) == {}
    )
    bought = spot.new_order("BTCUSDT", "BUY", "MARKET", quantity=0.02)
    assert (bought["status"], bought["executedQty"]) == ("FILLED", "0.02000000")
    assert bought["fills"][0]["price"] == "65000.01000000"
    assert free(spot, "USDT")[0] == "8699.99980000"
    assert free(spot, "BTC")[0] == "0.51998000"

    resting = spot.new_order(symbol="BTCUSDT", quantity=0.01, price=60000, **LIMIT)
    assert (resting["status"], resting["fills"]) == ("NEW", [])
    assert free(spot, "USDT") == ("8099.99980000", "1575.00000000")
    number = resting["orderId"]
    assert [order["orderId"] for order in spot.get_open_orders("BTCUSDT")] == [
        29,
        number,
    ]
    gone = spot.cancel_order("BTCUSDT", orderId=number)
    assert (gone["status"], gone["origClientOrderId"]) == (
        "CANCELED",
        resting["clientOrderId"],
    )
    assert spot.get_order("BTCUSDT", orderId=number)["status"] == "CANCELED"
    assert free(spot, "USDT") == ("8699.99980000", "975.00000000")

    assert [order["orderId"] for order in spot.cancel_open_orders("BTCUSDT")] == [29]
    assert free(spot, "USDT") == ("9674.99980000", "0.00000000")
    assert spot.get_open_orders() == []
    assert len(spot.get_orders("BTCUSDT", limit=2)) == 2
    mine = spot.my_trades("BTCUSDT")
    assert [one["commissionAsset"] for one in mine] == ["BTC", "BTC"]
    assert mine[1]["orderId"] == bought["orderId"]


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"type": "LIMIT", "timeInForce": "GTC", "price": 66000}, "FILLED"),
        ({"type": "LIMIT", "timeInForce": "IOC", "price": 60000}, "EXPIRED"),
        ({"type": "LIMIT", "timeInForce": "FOK", "price": 66000}, "FILLED"),
    ],
)
def test_an_order_goes_its_way(exchange: Any, order: Any, status: str) -> None:
    spot = client(exchange)
    before = free(spot, "USDT")

    made = spot.new_order("BTCUSDT", "BUY", quantity=0.001, **order)

    assert made["status"] == status
    assert (free(spot, "USDT") == before) is (status == "EXPIRED")


def test_selling_and_an_amount_of_the_quote(exchange: Any) -> None:
    spot = client(exchange)

    sold = spot.new_order("BTCUSDT", "SELL", "MARKET", quantity=0.1)
    bought = spot.new_order("ETHUSDT", "BUY", "MARKET", quoteOrderQty=320)

    assert sold["fills"][0]["commissionAsset"] == "USDT"
    assert bought["executedQty"] == "0.10000000"
    assert spot.new_order(
        "ETHUSDT", "SELL", "MARKET", quantity=0.1, newOrderRespType="ACK"
    ).keys() == {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}


def test_what_an_order_is_refused_for(exchange: Any) -> None:
    """Each a `ClientError` with the exchange's own code."""
    spot = client(exchange)

    def order(**changes: Any) -> tuple[int, int, str]:
        given = {
            "symbol": "BTCUSDT",
            "quantity": 0.01,
            "price": 60000,
            **LIMIT,
            **changes,
        }
        return refused(spot.new_order, **given)

    assert order(symbol="NOPE") == (400, -1121, "Invalid symbol.")
    assert order(symbol="LUNAUSDT") == (400, -1013, "Market is closed.")
    assert order(price=60000.001) == (400, -1013, "Filter failure: PRICE_FILTER")
    assert order(quantity=0.0100001) == (400, -1013, "Filter failure: LOT_SIZE")
    assert order(quantity="0.00005") == (400, -1013, "Filter failure: NOTIONAL")
    assert order(quantity=1)[1:] == (
        -2010,
        "Account has insufficient balance for requested action.",
    )
    assert order(side="HOLD") == (400, -1117, "Invalid side.")
    assert order(type="STOP") == (400, -1116, "Invalid orderType.")
    assert order(timeInForce=None)[1] == -1102
    assert order(price="1e3")[1] == -1100
    assert refused(spot.get_order, "BTCUSDT", orderId=1)[1] == -2013
    assert refused(spot.get_order, "BTCUSDT")[1] == -1102
    assert refused(spot.cancel_order, "BTCUSDT", orderId=28)[1] == -2011
    assert refused(spot.account, recvWindow=60_001)[1] == -1102
    with pytest.raises(ParameterRequiredError):
        spot.get_order("")


def test_who_calls_is_checked(exchange: Any) -> None:
    denied = (401, -2015, "Invalid API-key, IP, or permissions for action.")

    assert refused(client(exchange, api_secret="other").account) == (
        400,
        -1022,
        "Signature for this request is not valid.",
    )
    assert refused(client(exchange, "unknown", api_secret="x").account) == denied
    assert refused(client(exchange, "revoked").account) == denied
    assert refused(client(exchange, "ip_restricted").account) == denied
    reader = client(exchange, "read_only")
    assert reader.account()["canTrade"] is False
    assert refused(reader.new_order, "BTCUSDT", "BUY", "MARKET", quantity=1) == denied


def test_a_clock_that_is_wrong(server: Any, exchange: Any) -> None:
    spot = client(exchange)
    exchange.apply_scenario("clock_skew")

    assert refused(spot.account)[1:] == (
        -1021,
        "Timestamp for this request is outside of the recvWindow.",
    )
    assert spot.account(recvWindow=30_000)["accountType"] == "SPOT"
    with server.world(clock="2026-01-01T00:00:00Z") as past:
        spot = client(past.provider("exchange"))
        assert refused(spot.account)[2].endswith("ahead of the server's time.")


def test_weights_then_429_then_a_ban(world: Any, exchange: Any) -> None:
    """Of the address: also of those who come without a key."""
    spot = client(exchange, show_limit_usage=True)
    world.clock.freeze()
    first = spot.ping()["limit_usage"]["x-mbx-used-weight-1m"]
    after = spot.depth("BTCUSDT")["limit_usage"]["x-mbx-used-weight-1m"]
    assert (first, after) == ("1", "6")

    exchange.apply_scenario("rate_limited")
    for _ in range(10):
        with pytest.raises(ClientError) as caught:
            spot.ticker_price("BTCUSDT")
        assert (caught.value.status_code, caught.value.error_code) == (429, -1003)
        assert 0 < int(caught.value.header["Retry-After"]) <= 60
    with pytest.raises(ClientError) as caught:
        Spot(base_url=spot.base_url, timeout=20).ping()
    assert caught.value.status_code == 418
    assert "IP banned until" in caught.value.error_message
    world.clock.advance(seconds=int(caught.value.header["Retry-After"]))
    assert spot.ping()["data"] == {}


def test_a_ban_is_one_of_the_address(exchange: Any) -> None:
    exchange.apply_scenario("banned")

    for spot in (client(exchange), client(exchange, api_key=None)):
        assert refused(spot.ping)[:2] == (418, -1003)
    assert refused(client(exchange).account)[:2] == (418, -1003)


@pytest.mark.parametrize(("limit", "weight"), [(100, 5), (500, 25), (5000, 250)])
def test_a_deeper_book_weighs_more(world: Any, limit: int, weight: int) -> None:
    url = world.provider("exchange").url.removesuffix("/api/v3")
    spot = Spot(base_url=url, show_limit_usage=True)

    told = spot.depth("BTCUSDT", limit=limit)

    assert told["limit_usage"]["x-mbx-used-weight-1m"] == str(weight)


def test_too_many_orders(world: Any, exchange: Any) -> None:
    spot = client(exchange)
    for _ in range(2):
        spot.new_order("BTCUSDT", "BUY", "MARKET", quantity=0.001)
    exchange.drain_quota("full", limit="orders")

    status, code, message = refused(
        spot.new_order, "BTCUSDT", "BUY", "MARKET", quantity=0.001
    )

    assert (status, code) == (429, -1015)
    assert message == "Too many new orders; current limit is 100 orders per 10 SECOND."


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("market_halted", -1013), ("empty_account", -2010), ("key_deleted", -2015)],
)
def test_a_situation_is_refused_in_the_exchange_s_words(
    exchange: Any, scenario: str, code: int
) -> None:
    spot = client(exchange)
    exchange.apply_scenario(scenario)

    assert (
        refused(spot.new_order, "BTCUSDT", "BUY", "MARKET", quantity=0.001)[1] == code
    )


def test_an_overloaded_server_is_a_server_error(exchange: Any) -> None:
    spot = client(exchange)
    exchange.apply_scenario("overloaded")

    for _ in range(2):
        with pytest.raises(ServerError) as caught:
            spot.new_order("BTCUSDT", "BUY", "MARKET", quantity=0.001)
        assert (caught.value.status_code, "-1008" in caught.value.message) == (
            503,
            True,
        )
    assert (
        spot.new_order("BTCUSDT", "BUY", "MARKET", quantity=0.001)["status"] == "FILLED"
    )


def test_an_order_whose_reply_is_lost_was_executed(exchange: Any) -> None:
    """A program that asks for its own id does not buy twice."""
    spot = client(exchange)
    exchange.apply_scenario("execution_unknown")
    with pytest.raises(Exception, match=r"[Cc]onnection"):
        spot.new_order(
            "BTCUSDT", "BUY", "MARKET", quantity=0.001, newClientOrderId="mine-1"
        )

    found = spot.get_order("BTCUSDT", origClientOrderId="mine-1")

    assert found["status"] == "FILLED"


NAMES = (
    "symbol", "symbols", "side", "type", "timeInForce", "quantity", "quoteOrderQty",
    "price", "limit", "orderId", "origClientOrderId", "newClientOrderId", "recvWindow",
    "newOrderRespType", "startTime", "fromId", "omitZeroBalances", "timestamp",
)  # fmt: skip
VALUES = st.sampled_from(
    ["BTCUSDT", "LUNAUSDT", "BUY", "SELL", "LIMIT", "MARKET", "GTC", "IOC", "0.01", "1",
     "65000", "0", "-1", "1e400", "9" * 400, "", "[]", "{}", '["BTCUSDT"]', '[{"a":1}]',
     "null", "NaN", "true", "\x00", "ä", "%", "&", "28", "29", "RESULT", "6000"]
) | st.text(max_size=10)  # fmt: skip
PLACES = [
    ("GET", "exchangeInfo"), ("GET", "depth"), ("GET", "trades"), ("GET", "account"),
    ("GET", "ticker/price"), ("GET", "ticker/bookTicker"), ("POST", "order"),
    ("POST", "order/test"), ("GET", "order"), ("DELETE", "order"), ("GET", "openOrders"),
    ("DELETE", "openOrders"), ("GET", "allOrders"), ("GET", "myTrades"),
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    place=st.sampled_from(PLACES),
    sent=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=9),
    whole=st.booleans(),
)
def test_whatever_is_signed_is_answered_in_the_exchange_s_words(
    in_process: Any, place: tuple[str, str], sent: dict[str, str], whole: bool
) -> None:
    """No value of a parameter makes an expression of the spec fail."""
    spot, send = in_process
    method, path = place
    usual = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "price": "65000",
             "quantity": "0.01", "timeInForce": "GTC"}  # fmt: skip
    given_ = {**(usual if whole else {}), "timestamp": str(get_timestamp()), **sent}
    query = urlencode(given_)
    query += f"&signature={hmac_hashing(spot.api_secret, query)}"

    reply = send(method, f"/api/v3/{path}?{query}")

    assert reply.status_code in (200, 400, 401), reply.text
    if reply.status_code != 200:
        assert reply.json().keys() == {"code", "msg"}


@pytest.fixture(scope="module")
def in_process() -> Iterator[Any]:
    """A connector, and a way to send what it would not."""
    with emulator.intercept("exchange") as world:
        key = world.provider("exchange").credentials["full"]
        spot = Spot(api_key=key.value, api_secret=key.secret)

        def send(method: str, path: str) -> Any:
            world.reset()  # whatever was spent before
            return spot.session.request(method, spot.base_url + path, timeout=20)

        yield spot, send


def test_the_connector_s_own_address_is_intercepted() -> None:
    """No base URL, no change: `https://api.binance.com` is answered in this process."""
    with emulator.intercept("exchange") as world:
        key = world.provider("exchange").credentials["full"]
        spot = Spot(api_key=key.value, api_secret=key.secret)

        assert (
            spot.new_order("ETHUSDT", "BUY", "MARKET", quantity=0.1)["status"]
            == "FILLED"
        )
        assert refused(spot.cancel_order, "ETHUSDT", orderId=7)[1] == -2011


def test_the_page_does_what_it_says() -> None:
    page = Path(__file__).parents[2] / "docs" / "gallery" / "exchange.md"
    (program,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)

    exec(compile(program, str(page), "exec"), {"__name__": "exchange"})
