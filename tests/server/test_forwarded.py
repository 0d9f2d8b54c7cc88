"""Who called, as far as the hops before us are believed."""

from __future__ import annotations

import pytest
import requests
from echo_board import Serve

from emulator.exchange.call import Call
from emulator.server.forwarded import Forwarded


def seen(
    peer: str,
    trusted: tuple[str, ...] = (),
    *,
    proto: str = "",
    hops: tuple[str, ...] = (),
) -> Call:
    headers = [(b"x-forwarded-for", hop.encode()) for hop in hops]
    if proto:
        headers.append((b"x-forwarded-proto", proto.encode()))
    call = Call(method="GET", path="/", raw_headers=headers)
    return Forwarded(trusted).placed(call, peer, "localhost")


def test_nobody_is_believed_by_default() -> None:
    """The client is the socket's peer."""
    call = seen("192.0.2.1", proto="https", hops=("203.0.113.7",))

    assert (call.client, call.secure, call.scheme) == ("192.0.2.1", None, "http")


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "testclient", ""])
def test_a_loopback_peer_is_believed_no_more_than_others(peer: str) -> None:
    """What believes it is a setting, and that names networks."""
    call = seen(peer, proto="https", hops=("203.0.113.7",))

    assert (call.secure, call.scheme) == (None, "http")
    assert call.client in ("127.0.0.1", "::1")


def test_what_has_no_address_is_trusted_as_loopback_is() -> None:
    """A Unix socket, or an application that is called in process."""
    call = seen("", ("127.0.0.1",), proto="https", hops=("203.0.113.7",))

    assert (call.client, call.secure, call.scheme) == ("203.0.113.7", True, "https")


def test_a_trusted_hop_is_believed() -> None:
    """Client, scheme and security come from the proxy."""
    call = seen("10.0.0.9", ("10.0.0.0/8",), proto="https", hops=("203.0.113.7",))

    assert (call.client, call.secure, call.scheme) == ("203.0.113.7", True, "https")


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        (("203.0.113.7, 10.0.0.2",), "203.0.113.7"),
        (("203.0.113.7", "10.0.0.2"), "203.0.113.7"),
        (("6.6.6.6, 203.0.113.7, 10.0.0.2, 10.0.0.3",), "203.0.113.7"),
        (("10.0.0.4, 10.0.0.2",), "10.0.0.4"),
        (("203.0.113.7:1234",), "203.0.113.7"),
        (("[2001:db8::1]:443",), "2001:db8::1"),
        (("2001:db8::1",), "2001:db8::1"),
        (("::ffff:203.0.113.7",), "203.0.113.7"),
        (("203.0.113.7, unknown, 10.0.0.2",), "10.0.0.2"),
        (("evil\x00",), "10.0.0.9"),
        (("",), "10.0.0.9"),
    ],
)
def test_hops_are_walked_from_ours_outwards(hops: tuple[str, ...], client: str) -> None:
    """The first address that no trusted hop vouches for is the client's."""
    assert seen("10.0.0.9", ("10.0.0.0/8",), hops=hops).client == client


def test_ipv6_proxies_are_trusted_by_network() -> None:
    """A CIDR may be IPv6."""
    assert seen("fd00::9", ("fd00::/8",), hops=("203.0.113.7",)).client == "203.0.113.7"


def test_a_mapped_peer_is_an_ipv4_peer() -> None:
    """A socket for both families shows 10.0.0.9 as ::ffff:10.0.0.9."""
    assert seen("::ffff:10.0.0.9", ("10.0.0.0/8",), hops=("203.0.113.7",)).client == (
        "203.0.113.7"
    )


@pytest.mark.parametrize(
    ("proto", "secure"), [("HTTPS, http", True), ("http", False), ("ws", None)]
)
def test_the_outermost_hop_names_the_scheme(proto: str, secure: bool | None) -> None:
    """Only http and https are schemes of a call."""
    assert seen("10.0.0.9", ("10.0.0.0/8",), proto=proto).secure is secure


def test_forwarding_over_a_socket(serve: Serve, parser: str) -> None:
    """The same, through the front door."""
    server = serve(http=parser, trusted_proxies=("127.0.0.0/8",))
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}

    reply = requests.get(f"{server.url}/x", headers=headers).json()

    assert reply["client"] == "203.0.113.7"
    assert reply["secure"] is True
    assert reply["base_url"] == server.url.replace("http:", "https:")
