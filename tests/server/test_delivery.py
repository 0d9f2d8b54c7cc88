"""Deliveries to a receiver on loopback: what arrives, what is tried again, what is denied."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from receiver import OK, Receiver, endless, endless_head, never, status, trickle
from tiny import START, Tiny

from emulator.server.delivery import Sender
from emulator.server.egress import Denied, EgressPolicy, is_public, read_target
from emulator.server.log import Log
from emulator.server.webhook_client import post
from emulator.times import micros
from emulator.world.outbox import Delivery

Receive = Callable[..., Receiver]


@pytest.fixture
def receive() -> Iterator[Receive]:
    """Start a receiver with the answers that a test names."""
    opened: list[Receiver] = []

    def start(*answers: Any, **more: Any) -> Receiver:
        opened.append(Receiver(*answers, **more))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


class Hooks(Tiny):
    """The tiny provider of webhooks, and what sends for it."""

    def __init__(
        self,
        changes: dict[str, Any] | None = None,
        hosts: tuple[str, ...] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__("hooks", changes)
        self.log = io.StringIO()
        self.lines = Log("text", self.log)
        self._hosts, self._tls = hosts, tls
        self.own_port = 0

    def subscribe(self, url: str, secret: str = "s3cret") -> None:
        self.world.outbox.subscribe("hooks", url, secret)

    def happen(self) -> Delivery:
        """Bring an event about; the delivery that follows."""
        assert self.post("/parcels", json={"to": "Rom"}).status_code == 201
        return [*self.world.outbox][-1]

    def send(self) -> None:
        """Send what is due by the world's clock, and wait for what comes of it."""

        async def sending() -> None:
            sender = Sender(self.board, self._hosts, self.lines, self._tls)
            sender.egress.own_port = self.own_port
            await sender.send_due()

        asyncio.run(sending())
        self.lines.flush()

    def attempt(self, url: str) -> tuple[str, int | None, str]:
        """The state of a delivery to *url* after one attempt, and its outcome."""
        self.subscribe(url)
        one = self.happen()
        self.send()
        return one.state, one.attempts[-1].status, one.attempts[-1].error


@pytest.fixture
def hooks() -> Hooks:
    return Hooks()


ONCE = {"webhooks.retry.delays": []}
BRIEFLY = {**ONCE, "webhooks.retry.timeout": "300ms"}


def test_what_arrives(hooks: Hooks, receive: Receive) -> None:
    """The whole request, with a signature that can be checked by hand."""
    receiver = receive()
    hooks.subscribe(f"{receiver.url}?team=%C3%A4")
    one = hooks.happen()
    hooks.clock.advance(2)

    hooks.send()

    (got,) = receiver.received
    assert got.line == "POST /hook?team=%C3%A4 HTTP/1.1"
    assert got.body == one.message.body
    assert json.loads(got.body)["data"] == {"number": 3, "to": "Rom"}
    text = b"%d." % (START + 2) + got.body
    signature = hmac.new(b"s3cret", text, hashlib.sha256).hexdigest()
    assert got.headers.pop("user-agent").startswith("provider-emulator/")
    assert got.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "accept": "*/*",
        "content-type": "application/json",
        "x-hooks-event": "parcel.created",
        "x-hooks-timestamp": str(int(START) + 2),
        "x-hooks-signature": f"sha256={signature}",
        "content-length": str(len(got.body)),
        "connection": "close",
    }
    assert one.state == "delivered"
    assert [tuple(each) for each in one.attempts] == [(micros(START + 2), 200, "")]


def test_headers_of_the_spec_replace_the_usual_ones(receive: Receive) -> None:
    """Those that frame the request are no spec's to say, and never come here."""
    receiver = receive()
    written = {
        "user-agent": "Parcels/2",
        "Content-Type": "application/cloudevents+json",
    }
    hooks = Hooks({"webhooks.headers": written, "webhooks.signature": None})

    hooks.attempt(receiver.url)

    (got,) = receiver.received
    assert got.headers == {
        "host": f"127.0.0.1:{receiver.port}",
        "accept": "*/*",
        "user-agent": "Parcels/2",
        "content-type": "application/cloudevents+json",
        "content-length": str(len(got.body)),
        "connection": "close",
    }


def test_without_a_secret_nothing_is_signed(hooks: Hooks, receive: Receive) -> None:
    receiver = receive()
    hooks.subscribe(receiver.url, secret="")
    hooks.happen()

    hooks.send()

    assert "x-hooks-signature" not in receiver.received[0].headers


def test_retries_come_on_the_worlds_clock(hooks: Hooks, receive: Receive) -> None:
    """Not before their time, each signed anew, and none after success."""
    receiver = receive(status(500), status(503), OK)
    hooks.subscribe(receiver.url)
    one = hooks.happen()

    counts = []
    for seconds in (0, 59, 1, 299, 1, 10_000):
        hooks.clock.advance(seconds)
        hooks.send()
        counts.append(len(receiver.received))

    assert counts == [1, 1, 2, 2, 3, 3]
    assert [tuple(each) for each in one.attempts] == [
        (micros(START), 500, "answered with 500"),
        (micros(START + 60), 503, "answered with 503"),
        (micros(START + 360), 200, ""),
    ]
    assert len({one.headers["x-hooks-signature"] for one in receiver.received}) == 3
    assert len({one.body for one in receiver.received}) == 1


def test_a_delivery_fails_after_the_last_retry(hooks: Hooks, receive: Receive) -> None:
    receiver = receive(status(500))
    hooks.subscribe(receiver.url)
    one = hooks.happen()

    for _ in range(9):
        hooks.send()
        hooks.clock.advance(1_000)

    assert (one.state, len(receiver.received)) == ("failed", 3)


@pytest.mark.parametrize(
    ("code", "accepted", "state"),
    [
        (200, [200, 202], "delivered"),
        (202, [200, 202], "delivered"),
        (204, [200, 202], "failed"),
        (204, "2xx", "delivered"),
        (299, "2xx", "delivered"),
        (300, "2xx", "failed"),
        (404, "2xx", "failed"),
    ],
)
def test_what_counts_as_received(
    receive: Receive, code: int, accepted: Any, state: str
) -> None:
    retry = {"success": accepted}

    found = Hooks({"webhooks.retry": retry}).attempt(receive(status(code)).url)

    assert found[:2] == (state, code)


def test_a_receiver_that_never_answers(receive: Receive) -> None:
    """Each is given up after the provider's patience, and the connection let go."""
    receiver = receive(never)

    found = Hooks(BRIEFLY).attempt(receiver.url)

    assert found == ("failed", None, "no whole answer within 0.3 s")
    assert receiver.ended.wait(5)


def test_one_that_never_ends_its_answer(receive: Receive) -> None:
    """As slow as it is, and as large as it claims to be."""
    receiver = receive(trickle)

    found = Hooks(BRIEFLY).attempt(receiver.url)

    assert found == ("failed", None, "no whole answer within 0.3 s")
    assert receiver.ended.wait(5)


def test_an_endless_answer_is_not_read_to_its_end(receive: Receive) -> None:
    """Its status counts, if that has come."""
    body, head = receive(endless), receive(endless_head)

    assert Hooks(ONCE).attempt(body.url)[:2] == ("delivered", 200)
    state, code, error = Hooks(ONCE).attempt(head.url)

    assert (state, code) == ("failed", None)
    assert error.startswith("the answer")
    assert body.ended.wait(5)
    assert head.ended.wait(5)


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 200 OK\r\nContent-Le"]
)
def test_what_is_not_http_is_a_failed_attempt(receive: Receive, answer: bytes) -> None:
    state, code, error = Hooks(ONCE).attempt(receive(answer).url)

    assert (state, code) == ("failed", None)
    assert error.startswith(("the answer", "no connection"))


def test_an_interim_answer_is_not_the_answer(receive: Receive) -> None:
    """RFC 9110, 15.2."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

    assert Hooks(ONCE).attempt(receive(early + OK).url)[:2] == ("delivered", 200)


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_redirects_are_not_followed(receive: Receive, code: int) -> None:
    """Not even to where a delivery could have gone by itself."""
    elsewhere = receive()
    receiver = receive(status(code, f"Location: {elsewhere.url}"))

    found = Hooks(ONCE).attempt(receiver.url)

    says = f"answered with {code}; redirects are not followed"
    assert found == ("failed", code, says)
    assert elsewhere.received == []


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    state, code, error = Hooks(ONCE).attempt(f"http://127.0.0.1:{port}/")

    assert (state, code) == ("failed", None)
    assert error.startswith("no connection: ")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is not on this"),
        ("http://[::ffff:169.254.169.254]/", "169.254.169.254 is not on this machine"),
        ("http://10.0.0.1/", "10.0.0.1 is not on this machine"),
        ("http://0.0.0.0/", "0.0.0.0 is not on this machine"),
        ("http://[fd00::1]/", "fd00::1 is not on this machine"),
        ("http://3232235777/", "192.168.1.1 is not on this machine"),
        ("http://0xa9fea9fe/", "169.254.169.254 is not on this machine"),
        (f"http://{'x' * 64}.example/", "x.example has no address"),
        ("file:///etc/passwd", "is not an address of http or https"),
        ("gopher://127.0.0.1:70/_x", "is not an address of http or https"),
        ("//127.0.0.1/", "is not an address of http or https"),
        ("http:///x", "is not an address of a host and a port"),
        ("http://user:pass@127.0.0.1/", "without a user"),
        ("http://127.0.0.1:0/", "is not an address of a host and a port"),
        ("http://127.0.0.1:99999/", "is not an address: Port out of range"),
        ("http://[::1/", "is not an address: Invalid IPv6 URL"),
        ("http://127.0.0.1/\r\nX: y", "printable ASCII"),
        ("http://127.0.0.1/" + "x" * 3_000, "printable ASCII"),
    ],
)
def test_a_denied_target_is_a_failed_attempt(url: str, says: str) -> None:
    """The reason stands in the delivery's log, and the next one goes its way."""
    hooks = Hooks(ONCE)

    state, code, error = hooks.attempt(url)

    assert (state, code) == ("failed", None)
    assert error.startswith("denied: ")
    assert says in error
    assert "Traceback" not in hooks.log.getvalue()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "127.1", "[::ffff:127.0.0.1]", "localhost"]
)  # fmt: skip
def test_this_machine_by_whatever_name(receive: Receive, host: str) -> None:
    """It is the address that counts, not how it is written."""
    receiver = receive()

    assert Hooks(ONCE).attempt(f"http://{host}:{receiver.port}/")[0] == "delivered"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.2", "2130706433", "[::1]", "[::ffff:7f00:1]", "0.0.0.0"]
)  # fmt: skip
def test_the_emulator_does_not_call_itself(host: str) -> None:
    """By none of this machine's addresses, allowed ones included."""
    hooks = Hooks(ONCE, hosts=("0.0.0.0/0", "::/0"))
    hooks.own_port = 1_234

    state, _, error = hooks.attempt(f"http://{host}:1234/_emulator/worlds")

    assert state == "failed"
    assert "port 1234" in error
    assert "is the emulator's own" in error


def reached(url: str, *allowed: str) -> list[str] | str:
    """The addresses that *url* may be sent to, or why it may not."""
    try:
        return asyncio.run(EgressPolicy(allowed).addresses(read_target(url)))
    except Denied as error:
        return str(error)


def test_networks_can_be_allowed() -> None:
    """An address alone is one; cloud metadata has to be meant."""
    assert reached("http://10.1.2.3/", "10.0.0.0/8") == ["10.1.2.3"]
    assert reached("http://10.1.2.3/", "10.1.2.3") == ["10.1.2.3"]
    assert reached("http://[::ffff:10.1.2.3]/", "10.0.0.0/8") == ["::ffff:10.1.2.3"]
    assert "not on this machine" in reached("http://11.1.2.3/", "10.0.0.0/8")
    assert "not on this machine" in reached("http://169.254.169.254/", "10.0.0.0/8")


def test_names_can_be_allowed() -> None:
    """They lead to public addresses."""
    assert reached("http://0x08080808/", "0X08080808") == ["8.8.8.8"]
    assert reached("http://134744072/", "hooks.example") == (
        "8.8.8.8 is not on this machine: --webhook-hosts 134744072 allows it"
    )


# Names that are numbers stand for names: no name server is asked for those.
@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "10.1.2.3",
        "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1",
        "192.88.99.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
    ],
)
def test_a_name_allows_no_address_that_is_not_public(address: str) -> None:
    """Those of a cloud's credentials and of private networks have to be meant."""
    name = str(int.from_bytes(map(int, address.split(".")), "big"))

    denied = reached(f"http://{name}/", name)
    meant = reached(f"http://{name}/", name, address)

    assert denied == (
        f"{address} is not a public address, and a name allows no other:"
        f" --webhook-hosts {address} allows it"
    )
    assert meant == [address]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("fd00:ec2::254", False),
        ("fe80::1", False),
        ("fec0::1", False),
        ("::a9fe:a9fe", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("64:ff9b::808:808", False),
        ("64:ff9b:1::a9fe:a9fe", False),
        ("2002:a9fe:a9fe::", False),
        ("2002:808:808::1", False),
        ("2001:0:a9fe:a9fe::", False),
        ("2001:db8::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("ff02::1", False),
        ("::", False),
    ],
)
def test_an_address_that_hides_another_is_not_public(
    address: str, public: bool
) -> None:
    """IANA's registries of special addresses; 6to4, Teredo and NAT64 lead elsewhere."""
    assert is_public(ip_address(address)) is public


@pytest.mark.parametrize("allowed", [(), ("0x7f000001",), ("127.0.0.0/8",)])
def test_the_address_that_the_emulator_is_known_by_is_its_own(
    allowed: tuple[str, ...],
) -> None:
    """A proxy in front of it would have it called by itself."""
    policy = EgressPolicy(allowed, "https://127.0.0.1:8443/emulator")

    assert asyncio.run(policy.refusal(read_target("https://127.0.0.1:8443/x"))) == (
        "127.0.0.1:8443 is the emulator's own address (--base-url)"
    )
    assert asyncio.run(policy.refusal(read_target("https://127.0.0.1:8444/x"))) == ""


def test_a_name_that_has_no_address_yet_may_get_one() -> None:
    url = f"http://{'x' * 64}.example/"

    assert asyncio.run(EgressPolicy().refusal(read_target(url))) == ""


def test_the_address_that_was_judged_is_connected_to(receive: Receive) -> None:
    """The name is not looked up a second time: this one would lead nowhere."""
    receiver = receive()
    target = read_target(f"http://hooks.invalid:{receiver.port}/")

    found = asyncio.run(post(target, ["127.0.0.1"], [], b"{}"))

    assert found == 200
    assert receiver.received[0].headers["host"] == f"hooks.invalid:{receiver.port}"


def test_a_certificate_is_checked(tmp_path: Path, receive: Receive) -> None:
    """One that somebody trusts is fine, another is a failed attempt."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    receiver = receive(tls=server)
    trusting = ssl.create_default_context(cafile=certificate)
    url = f"https://localhost:{receiver.port}/hook"

    trusted = Hooks(ONCE, tls=trusting).attempt(url)
    doubted = Hooks(ONCE).attempt(url)
    other_name = Hooks(ONCE, tls=trusting).attempt(url.replace("localhost", "127.1"))

    assert trusted == ("delivered", 200, "")
    assert doubted[2].startswith("not trusted: self-signed certificate: start the")
    assert other_name[0] == "failed"
    assert [one.line for one in receiver.received] == ["POST /hook HTTP/1.1"]


def test_a_header_that_cannot_be_sent_is_the_specs_mistake(receive: Receive) -> None:
    """Its author is told where it stands, and nothing is sent."""
    hooks = Hooks({**ONCE, "webhooks.headers": {"X-To": "${record.to}"}})
    receiver = receive()
    hooks.subscribe(receiver.url)
    told = hooks.post("/parcels", json={"to": "Rom\r\nX-Evil: 1"}).json()

    hooks.send()

    assert (told["title"], "X-To" in told["detail"]) == ("spec error", True)
    assert list(hooks.world.outbox) == receiver.received == []


def test_many_are_sent_at_once_and_no_more(receive: Receive) -> None:
    """One receiver that never answers does not hold up those of the others."""
    deaf, fine = receive(never), receive()
    hooks = Hooks({**ONCE, "webhooks.retry.timeout": "1s"})
    hooks.subscribe(deaf.url)
    hooks.subscribe(fine.url)
    for _ in range(10):
        hooks.happen()

    hooks.send()

    states = [one.state for one in hooks.world.outbox]
    assert (states.count("failed"), states.count("delivered")) == (10, 10)


def test_silent_receivers_are_waited_for_together(receive: Receive) -> None:
    """Whoever moves a clock waits so long in all, however many never answer."""
    deaf = receive(never)
    hooks = Hooks({**ONCE, "webhooks.retry.timeout": "20s"})
    hooks.subscribe(deaf.url)
    made = [hooks.happen() for _ in range(20)]

    async def sending() -> float:
        sender = Sender(hooks.board, (), hooks.lines, None)
        loop = asyncio.get_running_loop()
        started = loop.time()
        await sender.send_due(hooks.world, started + 0.2)
        await sender.send_due(hooks.world, started + 0.2)
        return loop.time() - started

    assert asyncio.run(sending()) < 10
    assert [one.state for one in made] == ["pending"] * 20


def test_the_log_has_no_query(hooks: Hooks, receive: Receive) -> None:
    hooks.attempt(f"{receive().url}?token=hunter2")

    line = hooks.log.getvalue()
    assert "hooks@default POST http://127.0.0.1:" in line
    assert "/hook 200 parcel.created delivered" in line
    assert "hunter2" not in line
