"""Forwarded: who called, and over what, as far as the hops before us are believed."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from emulator.exchange.call import Call

Address = IPv4Address | IPv6Address

_HERE = ip_address("127.0.0.1")
_REMEMBERED = 1_024


class Forwarded:
    """Reads X-Forwarded-For and X-Forwarded-Proto of hops inside *networks* (CIDR)."""

    def __init__(self, networks: tuple[str, ...]) -> None:
        self._trusted = [ip_network(network, strict=False) for network in networks]
        self._peers: dict[str, tuple[str, bool]] = {}

    def placed(self, call: Call, peer: str, own: str, base_url: str = "") -> Call:
        """*call* with what is known of its client and of where it was made.

        *peer* is the address of the socket's other end. It was made at *base_url*, or at
        the host that it names, or at *own*, which is what the connection leads to.
        """
        known = self._peers.get(peer)
        if known is None:
            known = self._remember(peer)
        client, trusted = known
        scheme, secure, sent = call.scheme, call.secure, call.headers
        if trusted and "x-forwarded-proto" in sent:
            # The first value is the outermost hop's.
            outer = sent["x-forwarded-proto"].split(",")[0].strip().lower()
            if outer in ("http", "https"):
                scheme, secure = outer, outer == "https"
        if trusted and "x-forwarded-for" in sent:
            client = self._outermost(call, client)
        if scheme == "https":
            secure = True
        base_url = base_url or f"{scheme}://{sent.get('host') or own}"
        return call.placed(client, scheme, secure, base_url)

    def _remember(self, peer: str) -> tuple[str, bool]:
        if len(self._peers) >= _REMEMBERED:
            self._peers.clear()
        # A Unix socket, or a test client's made-up name, is on this machine.
        address = _address(peer) or _HERE
        known = self._peers[peer] = str(address), self._trusts(address)
        return known

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _outermost(self, call: Call, client: str) -> str:
        """Walk the hops from ours outwards, up to the first that is not trusted."""
        hops = b",".join(
            value for name, value in call.raw_headers if name == b"x-forwarded-for"
        )
        for hop in reversed(hops.decode("latin-1").split(",")):
            address = _address(hop.strip())
            if address is None:
                return client
            client = str(address)
            if not self._trusts(address):
                return client
        return client


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
