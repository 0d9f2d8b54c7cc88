"""Curl: an exchange of the journal as a call to make again, and as a line that makes it.

What a world has given out itself opens nothing else, and is shown as it is. Any other
secret is a variable of the shell (`$SECRET_1`), unless it is asked for.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from emulator.admin.journal.entry import decoded
from emulator.admin.journal.mask import Mask, masked
from emulator.admin.journal.shell import variable, word
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.program.program import Program

OWN, NONE, ALL = "own", "none", "all"
CHOICES = (OWN, NONE, ALL)
"""Which secrets are shown: those of the world's credentials, none, or all."""

OF_CONNECTION = frozenset(
    (
        *("host", "content-length", "connection", "keep-alive", "transfer-encoding"),
        *("trailer", "upgrade", "http2-settings", "expect", "accept-encoding"),
        *("x-emulator-world", "proxy-connection", "proxy-authorization"),
    )
)
"""Headers that are about the connection, or that the address of the call replaces."""
_LIKE_CURL = re.compile(r"curl/[0-9.]+")


class Secrets:
    """Shows the secrets that may be shown, and gives the others names."""

    def __init__(self, shown: str, own: Collection[str] = ()) -> None:
        self._shown = shown
        self._own = frozenset(own)
        self.hidden: dict[str, str] = {}
        """The secrets that are not shown, and their variables."""

    def __call__(self, secret: str) -> str:
        if self._shown == ALL or (self._shown == OWN and secret in self._own):
            return secret
        name = self.hidden.setdefault(secret, f"SECRET_{len(self.hidden) + 1}")
        return variable(name)

    def needed(self) -> Iterator[str]:
        """A line of a script for each variable, which ends it where that is not set."""
        for secret, name in self.hidden.items():
            says = re.sub(r"[^\w#().… -]", "_", masked(secret))
            yield f': "${{{name}:?is a secret, {says}: it is shown by --secrets all}}"'


def own_secrets(credentials: Json, entry: Entry | None = None) -> set[str]:
    """The secrets of a world's *credentials*, and what *entry* has proven by one of them."""
    found: set[str] = set()
    pending = [credentials]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            pending += value.values()
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, str) and value:
            found |= {value, value.rpartition(" ")[2], quote(value, safe="")}
    if entry is not None and entry.credential is not None and entry.claim is not None:
        found.update(entry.claim.fields.values())
        found.update(
            value.rpartition(" ")[2]
            for name, value in decoded(entry.request_headers)
            if name.lower() == "authorization"
        )
    return found


class Again(NamedTuple):
    """A call to make again; in its texts there may be variables (see `shell`)."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    body: str | bytes | None
    """Bytes where it is no text; None: there is none, or it was too long to be kept."""
    lost: int = 0
    """How many bytes of a body were not kept."""


def again(entry: Entry, program: Program, url: str, secrets: Secrets) -> Again:
    """The call of *entry*, to be made at the emulator's *url*, in the world of *entry*."""
    mask = Mask(entry, program, secrets)
    operation = program.operations.get(entry.operation or "")
    path = mask.path(entry.path, operation.path if operation else None)
    query = f"?{mask.query(entry.query)}" if entry.query else ""
    headers = [
        (name, mask.header(name, _of_shell(value)))
        for name, value in decoded(entry.request_headers)
        if name.lower() not in OF_CONNECTION
    ]
    if not entry.is_by_host:
        world = "" if entry.world == "default" else f"/@{entry.world}"
        address = f"{url}{world}/{entry.provider}{path}{query}"
    else:
        host = urlsplit(entry.base_url).netloc or entry.provider
        headers.insert(0, ("Host", host))
        if entry.world != "default":
            headers.insert(1, ("X-Emulator-World", entry.world))
        address = f"{url}{path}{query}"
    return Again(
        entry.method,
        address,
        headers,
        _body(entry, mask),
        entry.long_body.size if entry.long_body else 0,
    )


def _of_shell(value: str) -> str:
    """A header's value, of which a shell sends the same bytes where they are UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _body(entry: Entry, mask: Mask) -> str | bytes | None:
    sent = entry.request_body
    if entry.long_body is not None or not sent:
        return None
    kind, value = entry.read_request()
    try:
        text = sent.decode()
    except UnicodeDecodeError:
        return sent
    if "\0" in text:
        return sent
    shown = mask.of_kind(kind, value, sent)
    if kind == "json":
        if shown == value:
            return text  # byte for byte: a signature may cover it
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
    return shown if kind in ("form", "text") else mask.text(text)


def curl_line(call: Again, *options: str) -> str:
    """The line for a shell that makes *call*."""
    words = ["curl", *options]
    if call.method == "HEAD":
        words.append("--head")
    elif call.method != ("GET" if call.body is None else "POST"):
        words += ["-X", word(call.method)]  # a method may have quotes and dollars
    if re.search(r"[\[\]{}]", call.url):
        words.append("--globoff")
    if re.search(r"/\.{1,2}(/|\?|$)", call.url):
        words.append("--path-as-is")
    words.append(word(call.url))
    for name, value in _headers(call):
        words += ["-H", word(f"{name}: {value}" if value else f"{name};")]
    before = ""
    if isinstance(call.body, bytes):
        coded = base64.b64encode(call.body).decode()
        before = f"printf %s {word(coded)} | base64 -d | "
        words += ["--data-binary", "@-"]
    elif call.body is not None:
        words += ["--data-raw", word(call.body)]
    if call.body is not None and not _has(call, "content-type"):
        words += ["-H", "Content-Type:"]
    line = before + " ".join(words)
    if call.lost:
        return f"# its body of {call.lost} bytes was too long to be kept\n{line}"
    return line


def _headers(call: Again) -> Iterator[tuple[str, str]]:
    """Those that curl does not send of itself."""
    for name, value in call.headers:
        usual = (name.lower() == "accept" and value == "*/*") or (
            name.lower() == "user-agent" and _LIKE_CURL.fullmatch(value)
        )
        if not usual:
            yield name, value


def _has(call: Again, name: str) -> bool:
    return any(header.lower() == name for header, _ in call.headers)
