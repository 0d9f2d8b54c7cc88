"""Playing: one corpus through one way in, and what of each reply can be compared."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlsplit

from corpus import HOSTS
from exchanges import FORM, Exchange

from emulator import Credential, World


class Sent(NamedTuple):
    """A request as every client library can be told it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    chunked: bool = False

    @property
    def pieces(self) -> list[bytes]:
        """The body as it comes in pieces."""
        middle = len(self.body) // 2
        return [self.body[:middle], self.body[middle:]]


class Seen(NamedTuple):
    """What a client library shows of a reply, in the order in which it shows it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


Send = Callable[[Sent], Seen]


class Way(NamedTuple):
    """A way in: a world of it, and how a call is sent there."""

    world: World
    """The world of calls that belong to no other."""
    send: Send
    scheme: str = "https"
    """What is spoken at the providers' own hosts."""


def play(
    corpus: Iterable[Exchange], way: Way, world: World, *, at_home: bool
) -> list[Seen]:
    """The replies of a world to the whole corpus, without what a way in decides.

    Providers are called at the addresses that *world* tells, or at their own hosts.
    """
    wallets: dict[str, Mapping[str, Credential]] = {
        name: world.provider(name).credentials for name in world.providers
    }
    names = {"X-Emulator-World": world.id} if at_home and world.id != "default" else {}
    kept: dict[str, str] = {}
    lengths: dict[str, tuple[int, int]] = {}
    """Of each target's latest GET, as it came and as it is compared."""
    replies: list[Seen] = []
    for exchange in corpus:
        root, path = address(exchange, way, world, at_home=at_home)
        wallet = wallets.get(exchange.provider, {})
        fill = _Fill(wallet, kept)
        own = wallet[exchange.key].headers if exchange.key else {}
        headers = {**own, **names, **exchange.headers}
        seen = way.send(
            Sent(
                exchange.method,
                f"{root}{path}{fill.text(exchange.target)}",
                {name: fill.text(text) for name, text in headers.items()},
                fill.body(exchange),
                exchange.chunked,
            )
        )
        for name, member in exchange.keeps.items():
            kept[name] = _member(seen, member)
        reply = comparable(seen, root, lengths.get(exchange.target))
        if exchange.method == "GET":
            lengths[exchange.target] = len(seen.body), len(reply.body)
        replies.append(reply)
    return replies


def address(
    exchange: Exchange, way: Way, world: World, *, at_home: bool
) -> tuple[str, str]:
    """The base address of a provider: what differs between the ways, and the rest."""
    name = exchange.provider
    base = urlsplit(world.provider(name or world.providers[0]).url)
    origin = f"{base.scheme}://{base.netloc}"
    if not name:
        return origin, ""
    before, _, path = f"{base.path}/".partition(f"/{name}/")
    path = f"/{path}".rstrip("/")
    if not at_home:
        return f"{origin}{before}/{name}", path
    return f"{way.scheme}://{HOSTS[name]}", path


def comparable(seen: Seen, root: str, brought: tuple[int, int] | None = None) -> Seen:
    """*seen* with `{root}` for the address that was called, and its length with it.

    A HEAD tells the length of what a GET has *brought*: as it came, and as it is
    compared. What a connection needs is left out.
    """
    body = seen.body.replace(root.encode(), b"{root}")
    came, compared = (len(seen.body), len(body)) if body else brought or (0, 0)
    headers = []
    for name, text in seen.headers:
        lowered = name.lower()
        if lowered == "content-length" and text == str(came):
            headers.append((name, str(compared)))
        elif lowered == "location" and text.startswith("/"):
            headers.append((name, text.removeprefix(urlsplit(root).path)))
        elif lowered != "connection":
            headers.append((name, text.replace(root, "{root}")))
    return Seen(seen.status, headers, body)


def grouped(seen: Seen) -> Seen:
    """*seen* as a library shows it that keeps the lines of one header together."""
    lines: dict[str, list[str]] = {}
    for name, text in seen.headers:
        lines.setdefault(name, []).append(text)
    headers = [(name, text) for name, texts in lines.items() for text in texts]
    return seen._replace(headers=headers)


def written(seen: Seen) -> list[str]:
    """A reply as lines of text, every byte of its body included."""
    body = seen.body.decode("utf-8", "backslashreplace")
    lines = [f"{name}: {text}" for name, text in seen.headers]
    return [str(seen.status), *lines, "", *re.sub("([,>])", r"\1\n", body).split("\n")]


def target(url: str) -> tuple[str, str]:
    """The host of an address, and what a client asks of it."""
    parts = urlsplit(url)
    return parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")


def decoded(lines: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Header lines as text."""
    return [(name.decode("latin-1"), text.decode("latin-1")) for name, text in lines]


def _member(seen: Seen, path: str) -> str:
    found: Any = json.loads(seen.body)
    for name in path.split("."):
        found = found[name]
    return str(found)


class _Fill(NamedTuple):
    """Fills in what stands in angle brackets."""

    wallet: Mapping[str, Credential]
    kept: Mapping[str, str]

    def text(self, text: str) -> str:
        return _BLANK.sub(lambda blank: self._value(blank[1]), text)

    def body(self, exchange: Exchange) -> bytes:
        if b"<" not in exchange.body:
            return exchange.body
        form = exchange.headers.get("Content-Type") == FORM
        escape = quote_plus if form else str
        text = exchange.body.decode("latin-1")
        filled = _BLANK.sub(lambda blank: escape(self._value(blank[1])), text)
        return filled.encode("latin-1")

    def _value(self, name: str) -> str:
        key, _, member = name.partition(".")
        found = getattr(self.wallet[key], member) if member else self.kept[name]
        return str(found)


_BLANK = re.compile(r"<([a-z_]+(?:\.[a-z_]+)?)>")
