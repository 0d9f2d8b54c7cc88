"""Twilio, called by twilio's own library as it is."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

import emulator

twilio = pytest.importorskip("twilio")
from twilio.base.exceptions import TwilioRestException  # noqa: E402
from twilio.request_validator import RequestValidator  # noqa: E402
from twilio.rest import Client  # noqa: E402

DESK, ADA = "+15550100100", "+15550100001"


@pytest.fixture
def world(server: emulator.Emulator) -> Iterator[Any]:
    with server.world(clock="frozen 2026-11-29T10:00:00Z") as made:
        yield made


class Received(BaseHTTPRequestHandler):
    """Notes what it is told: the address, the fields of the form, and the signature."""

    told: list[tuple[str, dict[str, str], str]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        url = f"http://{self.headers['Host']}{self.path}"
        fields = dict(parse_qsl(body, keep_blank_values=True))
        self.told.append((url, fields, self.headers["X-Twilio-Signature"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[Any]]]:
    told: list[Any] = []
    handler = type("Handler", (Received,), {"told": told})
    receiving = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=receiving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{receiving.server_port}/status?of=sms", told
    receiving.shutdown()
    receiving.server_close()


def account(world: Any, name: str = "full") -> tuple[str, str]:
    """The SID and the token of the account of this name."""
    import base64

    header = world.provider("twilio").credentials[name].headers["Authorization"]
    sid, _, token = base64.b64decode(header.split()[1]).decode().partition(":")
    return sid, token


def client(world: Any, name: str = "full") -> Any:
    """The library, pointed at the world with this account."""
    made = Client(*account(world, name))
    made.api.base_url = world.provider("twilio").url.removesuffix("/2010-04-01")
    return made


def a_days_work(rest: Any, world: Any) -> None:
    """What a program does: look round, send, follow, list, call, rent a number, tidy up."""
    assert rest.api.accounts(rest.account_sid).fetch().status == "active"
    (desk,) = rest.incoming_phone_numbers.list(phone_number=DESK)
    assert desk.capabilities["sms"]

    sent = rest.messages.create(to=ADA, from_=DESK, body="The ferry is late")
    assert (sent.status, sent.num_segments, sent.sid[:2]) == ("queued", "1", "SM")
    world.clock.advance(seconds=1)
    assert sent.fetch().status == "sent"
    world.clock.advance(seconds=2)
    assert rest.messages(sent.sid).fetch().status == "delivered"
    assert sent.fetch().date_sent.isoformat() == "2026-11-29T10:00:01+00:00"

    redacted = rest.messages(sent.sid).update(body="")
    assert redacted.body == ""
    for number in range(4):
        rest.messages.create(to=f"+155501000{20 + number}", from_=DESK, body="Hello")
    assert len(rest.messages.list(page_size=2)) == 5
    page = rest.messages.page(page_size=2)
    assert len([*page]) == 2
    last = page.next_page().next_page()
    assert [record.sid for record in last] == [sent.sid]
    assert last.next_page() is None
    assert [record.to for record in rest.messages.list(to=ADA)] == [ADA]
    assert rest.messages(sent.sid).delete()

    call = rest.calls.create(to=ADA, from_=DESK, twiml="<Response/>")
    world.clock.advance(seconds=4)
    assert call.fetch().status == "in-progress"
    assert call.update(status="completed").status == "completed"
    assert call.fetch().duration == "0"

    rented = rest.incoming_phone_numbers.create(area_code="212", friendly_name="New")
    assert rented.update(friendly_name="Newer").friendly_name == "Newer"
    assert rented.delete()


def test_a_days_work_over_a_socket(world: Any) -> None:
    a_days_work(client(world), world)


def test_a_days_work_by_interception() -> None:
    """At the vendor's own address, with nothing changed in the library."""
    with emulator.intercept("twilio", clock="frozen 2026-11-29T10:00:00Z") as world:
        a_days_work(Client(*account(world)), world)


def test_every_change_of_a_message_is_told_and_signed(
    world: Any, receiver: tuple[str, list[Any]]
) -> None:
    """The library's own validator takes each delivery, and none with another token."""
    url, told = receiver
    rest = client(world)
    rest.messages.create(to=ADA, from_=DESK, body="one", status_callback=url)
    rest.messages.create(to="+15550100003", from_=DESK, body="two", status_callback=url)
    world.clock.advance(minutes=1)

    assert [fields["MessageStatus"] for _, fields, _ in told] == [
        "sent", "sent", "delivered", "undelivered",
    ]  # fmt: skip
    assert told[-1][1]["ErrorCode"] == "30003"
    token = account(world)[1]
    for address, fields, signature in told:
        assert RequestValidator(token).validate(address, fields, signature)
        assert not RequestValidator("other").validate(address, fields, signature)


def test_the_steps_of_a_call_are_told_as_far_as_somebody_wants(
    world: Any, receiver: tuple[str, list[Any]]
) -> None:
    url, told = receiver
    client(world).calls.create(
        to=ADA, from_=DESK, url="http://127.0.0.1/twiml", status_callback=url,
        status_callback_event=["answered", "completed"],
    )  # fmt: skip
    world.clock.advance(minutes=1)

    statuses = [fields["CallStatus"] for _, fields, _ in told]
    assert statuses == ["in-progress", "completed"]
    assert told[-1][1]["CallDuration"] == "10"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "555"}, 21211),
        ({"to": "+15005550001"}, 21211),
        ({"to": None}, 21604),
        ({"body": None}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"from_": None}, 21603),
        ({"from_": "12"}, 21212),
        ({"from_": "+15550100101"}, 21606),
        ({"from_": "+15550100102"}, 21660),
        ({"from_": "+15005550007"}, 21606),
        ({"from_": "+15005550008"}, 21611),
        ({"to": "+15005550004"}, 21610),
        ({"to": "+15005550009"}, 21614),
        ({"to": "+15005550002"}, 21612),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15550100007"}, 21635),
        ({"to": "+15550100008"}, 21610),
    ],
)
def test_a_message_that_cannot_be_sent(
    world: Any, changes: dict[str, Any], code: int
) -> None:
    wanted = {"to": ADA, "from_": DESK, "body": "Hello", **changes}
    given = {name: value for name, value in wanted.items() if value is not None}
    given.setdefault("to", "")
    with pytest.raises(TwilioRestException) as error:
        client(world).messages.create(**given)

    assert (error.value.status, error.value.code) == (400, code)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "555"}, 21217),
        ({"to": "+15005550001"}, 21217),
        ({"to": "+15005550002"}, 21214),
        ({"to": "+15005550003"}, 21215),
        ({"to": "+15005550004"}, 21216),
        ({"from_": "+15005550001"}, 21212),
        ({"from_": "+15550100199"}, 21210),
        ({"url": None}, 21205),
    ],
)
def test_a_call_that_cannot_be_made(
    world: Any, changes: dict[str, Any], code: int
) -> None:
    wanted = {"to": ADA, "from_": DESK, "url": "http://127.0.0.1/twiml", **changes}
    with pytest.raises(TwilioRestException) as error:
        client(world).calls.create(
            **{name: value for name, value in wanted.items() if value is not None}
        )

    assert (error.value.status, error.value.code) == (400, code)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"phone_number": "+15005550000"}, 21422),
        ({"phone_number": "+15005550001"}, 21421),
        ({"area_code": "533"}, 21452),
    ],
)
def test_a_number_that_cannot_be_had(
    world: Any, wanted: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as error:
        client(world).incoming_phone_numbers.create(**wanted)

    assert (error.value.status, error.value.code) == (400, code)


def test_a_number_is_hidden_where_twilio_hides_it(world: Any) -> None:
    with pytest.raises(TwilioRestException) as error:
        client(world).messages.create(to="+15005550001", from_=DESK, body="Hello")

    assert "Invalid 'To' Phone Number: +1500555XXXX" in error.value.msg


def test_a_trial_account_sends_to_verified_numbers_only(world: Any) -> None:
    rest = client(world, "trial")
    assert (
        rest.messages.create(to=ADA, from_="+15550100102", body="a").status == "queued"
    )
    with pytest.raises(TwilioRestException) as error:
        rest.messages.create(to="+15550100002", from_="+15550100102", body="a")

    assert error.value.code == 21608


def test_a_wrong_token_and_an_account_that_is_suspended(world: Any) -> None:
    rest = client(world)
    rest.auth = (rest.username, "wrong")
    with pytest.raises(TwilioRestException) as wrong:
        rest.messages.create(to=ADA, from_=DESK, body="a")
    with pytest.raises(TwilioRestException) as suspended:
        client(world, "suspended").messages.create(to=ADA, from_=DESK, body="a")

    assert (wrong.value.status, wrong.value.code) == (401, 20003)
    assert (suspended.value.status, suspended.value.code) == (401, 20005)


def test_what_is_not_there_and_what_is_not_over(world: Any) -> None:
    rest = client(world)
    sent = rest.messages.create(to=ADA, from_=DESK, body="a")
    with pytest.raises(TwilioRestException) as early:
        sent.delete()
    with pytest.raises(TwilioRestException) as missing:
        rest.messages("SM00000000000000000000000000000000").fetch()
    other = client(world, "trial")
    with pytest.raises(TwilioRestException) as foreign:
        other.messages(sent.sid).fetch()

    assert [error.value.code for error in (early, missing, foreign)] == [
        20009,
        20404,
        20404,
    ]


def test_a_call_that_is_over_cannot_be_changed(world: Any) -> None:
    rest = client(world)
    call = rest.calls.create(to="+15550100005", from_=DESK, twiml="<Response/>")
    world.clock.advance(minutes=1)
    assert call.fetch().status == "busy"
    with pytest.raises(TwilioRestException) as error:
        call.update(status="completed")

    assert error.value.code == 21220


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("too_many_requests", 20429),
        ("account_suspended", 20005),
        ("recipient_stops", 21610),
    ],
)
def test_scenarios(world: Any, scenario: str, code: int) -> None:
    world.apply_scenario(f"twilio/{scenario}")
    with pytest.raises(TwilioRestException) as error:
        client(world).messages.create(to=ADA, from_=DESK, body="a")

    assert error.value.code == code


def test_an_outage_is_every_third_call(world: Any) -> None:
    world.apply_scenario("twilio/outage")
    rest = client(world)
    statuses = []
    for _ in range(3):
        try:
            rest.messages.create(to=ADA, from_=DESK, body="a")
            statuses.append(201)
        except TwilioRestException as error:
            statuses.append(error.status)

    assert statuses == [201, 201, 500]


def test_the_example_of_its_page_runs() -> None:
    page = Path(__file__).parents[2] / "docs" / "gallery" / "twilio.md"
    (example,) = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)

    exec(example, {})
