"""Exchanges: what one call of the corpus is, as data that no client library knows of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "one-corpus-one-boundary"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


class Exchange(NamedTuple):
    """One call, and the status that it is answered with.

    In target, headers and body `<full.client_id>` is what belongs to a credential, and
    `<token>` what an earlier exchange has kept of its reply.
    """

    status: int
    provider: str
    """Empty for an address that no provider has."""
    key: str
    """The credential's name, or nothing."""
    method: str
    target: str
    """Below the provider's own base address."""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    keeps: Mapping[str, str] = {}
    """Names, and the members of the reply's JSON that they are for."""
    chunked: bool = False
    """The body comes in pieces, and nobody says beforehand how long it is."""

    def __str__(self) -> str:
        headers = ", ".join(
            f"{name}: {text[:60]}" for name, text in self.headers.items()
        )
        who = f"{self.provider or 'nobody'} as {self.key or 'nobody'}"
        return f"{self.method} {self.target[:80]} of {who} [{headers}]"


class Of:
    """Writes exchanges with one provider: `river("full", "GET", "/jobs", 200)`."""

    def __init__(self, provider: str) -> None:
        self.provider = provider

    def __call__(
        self,
        key: str,
        method: str,
        target: str,
        status: int,
        body: bytes = b"",
        media: str = "",
        *,
        keeps: Mapping[str, str] | None = None,
        chunked: bool = False,
        **headers: str,
    ) -> Exchange:
        """One exchange; headers are written `X_Emulator_Fault="drop=Date"`."""
        named = {name.replace("_", "-"): text for name, text in headers.items()}
        sent = {**({"Content-Type": media} if media else {}), **named}
        return Exchange(
            status, self.provider, key, method, target, sent, body, keeps or {}, chunked
        )

    def json(
        self, key: str, method: str, target: str, status: int, body: Any, **more: Any
    ) -> Exchange:
        """One exchange whose body is JSON, with every sign beyond ASCII as it is."""
        text = json.dumps(body, ensure_ascii=False).encode()
        return self(key, method, target, status, text, JSON, **more)

    def form(
        self, key: str, target: str, status: int, fields: Mapping[str, str], **more: Any
    ) -> Exchange:
        """One POST of a form in which what is in angle brackets is filled in later."""
        text = urlencode(fields, safe="<>").encode()
        return self(key, "POST", target, status, text, FORM, **more)

    def parts(
        self,
        key: str,
        target: str,
        status: int,
        fields: Mapping[str, str],
        file: tuple[str, str, bytes] | None = None,
        **more: Any,
    ) -> Exchange:
        """One POST of a multipart form; *file* is its field, its name and its content."""
        lines = []
        for name, text in fields.items():
            lines += [_part(f'name="{name}"'), text.encode()]
        if file is not None:
            field, name, content = file
            kind = b"\r\nContent-Type: application/octet-stream"
            head = _part(f'name="{field}"; filename="{name}"')
            lines += [head.replace(b"\r\n\r\n", kind + b"\r\n\r\n"), content]
        whole = b"".join(
            [line + (b"" if at % 2 == 0 else b"\r\n") for at, line in enumerate(lines)]
        )
        body = whole + f"--{BOUNDARY}--\r\n".encode()
        return self(key, "POST", target, status, body, MULTIPART, **more)


def _part(named: str) -> bytes:
    return f"--{BOUNDARY}\r\nContent-Disposition: form-data; {named}\r\n\r\n".encode()
