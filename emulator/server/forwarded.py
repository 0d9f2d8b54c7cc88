"""Forwarded: who called, and over what, as far as the hops before us are believed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from emulator.call import Call

Address = IPv4Address | IPv6Address

_HERE = ip_address("127.0.0.1")
_REMEMBERED = 1_024


class Forwarded:
    """Reads X-Forwarded-For and X-Forwarded-Proto of hops inside *networks* (CIDR)."""

    def __init__(self, networks: tuple[str, ...]) -> None:
        self._trusted = [ip_network(network, strict=False) for network in networks]
        self._peers: dict[str, tuple[str, bool]] = {}

    def fill(self, call: Call, peer: str) -> None:
        """Set what *call* knows of its client, given the address of the socket's *peer*."""
        known = self._peers.get(peer)
        if known is None:
            known = self._remember(peer)
        call.client, trusted = known
        if not trusted:
            return
        sent = call.headers
        if "x-forwarded-proto" in sent:
            # The first value is the outermost hop's.
            scheme = sent["x-forwarded-proto"].split(",")[0].strip().lower()
            if scheme in ("http", "https"):
                call.secure, call.scheme = scheme == "https", scheme
        if "x-forwarded-for" in sent:
            call.client = self._outermost(call)

    def _remember(self, peer: str) -> tuple[str, bool]:
        if len(self._peers) >= _REMEMBERED:
            self._peers.clear()
        # A Unix socket, or a test client's made-up name, is on this machine.
        address = _address(peer) or _HERE
        known = self._peers[peer] = str(address), self._trusts(address)
        return known

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _outermost(self, call: Call) -> str:
        """Walk the hops from ours outwards, up to the first one that is not trusted."""
        hops = b",".join(
            value for name, value in call.raw_headers if name == b"x-forwarded-for"
        )
        client = call.client
        for hop in reversed(hops.decode("latin-1").split(",")):
            address = _address(hop.strip())
            if address is None:
                return client
            client = str(address)
            if not self._trusts(address):
                return client
        return client


def place(call: Call, own: str, base_url: str = "") -> None:
    """Set where *call* was made: at *base_url*, or at the host that it names, or at *own*,
    which is what the connection leads to."""
    call.base_url = base_url or f"{call.scheme}://{call.headers.get('host') or own}"
    if call.scheme == "https":
        call.secure = True


def _address(text: str) -> Address | None:
    """The address in "1.2.3.4", "1.2.3.4:80", "::1", "[::1]" or "[::1]:80"."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
