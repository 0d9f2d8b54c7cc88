"""Parts: the calls that a batch holds, as calls of the same caller in the same world."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import orjson

from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call
from emulator.exchange.exchange import Exchange
from emulator.program.batch import Part

_AUTHORIZATION = "authorization"
_SHARED = (_AUTHORIZATION, "cookie", "host")
"""Headers that say who calls, and where; those of the schemes come besides."""


def addressed_part(whole: Addressed, part: Part) -> Addressed:
    """Where a *part* of the batch *whole* goes: below the same provider.

    Its credentials are those of the batch, unless it has its own.
    """
    path, query = _target(whole, part.path)
    prefix = whole.call.path[: len(whole.call.path) - len(whole.path)]
    body = b"" if part.body is None else _bytes(part)
    call = Call(
        method=part.method,
        path=prefix + path,
        query=_with_credentials(whole, query),
        raw_headers=_headers(whole, part, body),
        body=body,
        client=whole.call.client,
        scheme=whole.call.scheme,
        secure=whole.call.secure,
        base_url=whole.call.base_url,
    )
    addressed = Addressed(call, whole.program, whole.world, path, whole.base_url)
    addressed.host_parts = whole.host_parts
    addressed.choose()
    return addressed


def is_proved(whole: Exchange, addressed: Addressed, part: Part) -> bool:
    """Whether the batch has shown for this *part*, too, that its caller has the secret.

    A signature is over the whole of a batch, and no part has one of its own. A part with
    a credential of its own proves that itself, and so does one that needs another scheme.
    """
    operation, claim = addressed.operation, whole.claim
    if operation is None or claim is None or not whole.authenticated:
        return False
    schemes = {scheme.name: scheme for way in operation.security for scheme in way}
    proving = [
        scheme
        for scheme in schemes.values()
        if scheme.proves or scheme.digest or scheme.dpop
    ]
    query = _target(whole.addressed, part.path)[1].decode("latin-1")
    own = {
        *part.headers,
        *(unquote(pair.partition("=")[0]) for pair in query.split("&")),
    }
    return bool(proving) and all(
        one.name in claim.schemes
        and one.kind != "body"
        and not {one.parameter, _AUTHORIZATION} & own
        for one in proving
    )


def _target(whole: Addressed, text: str) -> tuple[str, bytes]:
    """The path and the query of an address, or of a path with or without the server's."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/", b""
    path = "/" + parts.path.lstrip("/")
    routes, base = whole.program.routes, _base(whole)
    if routes.match(path) is None and routes.match(base + path) is not None:
        path = base + path
    return path, parts.query.encode()


def _base(whole: Addressed) -> str:
    """The path of the server that the batch was sent to."""
    for base, _ in whole.program.servers:
        if whole.path.startswith(f"{base}/"):
            return base
    return whole.program.base_path


def _headers(whole: Addressed, part: Part, body: bytes) -> list[tuple[bytes, bytes]]:
    own = {name.encode(): text.encode() for name, text in part.headers.items()}
    if body and b"content-type" not in own:
        own[b"content-type"] = b"application/json"
    schemes = whole.program.schemes.values()
    names = {
        *_SHARED,
        *(scheme.parameter for scheme in schemes if scheme.kind == "header"),
    }
    shared = [
        (name, text)
        for name, text in whole.call.raw_headers
        if name not in own and name.decode("latin-1") in names
    ]
    return [*shared, *own.items()]


def _with_credentials(whole: Addressed, query: bytes) -> bytes:
    """*query* with the keys that stand in that of the batch."""
    names = {
        scheme.parameter
        for scheme in whole.program.schemes.values()
        if scheme.kind == "query"
    }
    kept = [
        piece
        for piece in whole.call.query.split(b"&")
        if piece.partition(b"=")[0].decode("latin-1") in names
    ]
    sent = {piece.partition(b"=")[0] for piece in query.split(b"&")}
    kept = [piece for piece in kept if piece.partition(b"=")[0] not in sent]
    return b"&".join(piece for piece in (query, *kept) if piece)


def _bytes(part: Part) -> bytes:
    """The body of a part: JSON, or a text that says that it is something else."""
    media = part.headers.get("content-type", "application/json")
    if isinstance(part.body, str) and "json" not in media:
        return part.body.encode()
    return orjson.dumps(part.body)
