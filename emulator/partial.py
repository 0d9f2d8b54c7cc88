"""Partial: which bytes of a file a call asks for (RFC 9110, 14), and what it gets."""

from __future__ import annotations

import hashlib

from emulator.exchange.exchange import Exchange, Refusal
from emulator.http.encoding import Unwritable, bytes_body
from emulator.http.ranges import Unsatisfiable, multipart, read_ranges
from emulator.json_type import Json
from emulator.times import http_date

CODE = "range_not_satisfiable"
_BOUNDARY = "byteranges-{}"


def judge_range(exchange: Exchange) -> Refusal | None:
    """Note which bytes the call asks for, where its reply is sent in parts."""
    text = exchange.call.headers.get("range", "")
    is_forced = exchange.forced == CODE
    if not (text or is_forced) or exchange.call.method not in ("GET", "HEAD"):
        return None
    body = exchange.operation.replies[0].body
    try:
        content = b"" if body is None else bytes_body(body.value(exchange))
    except Unwritable:
        return None  # the reply that is to be written says so
    try:
        if is_forced:
            raise Unsatisfiable("as was asked for")
        if _is_current(exchange, content):
            exchange.ranges = read_ranges(text, len(content))
    except Unsatisfiable:
        return Refusal(CODE, {"length": len(content)})
    return None


def _is_current(exchange: Exchange, content: bytes) -> bool:
    """Whether the parts are wanted of this very content (RFC 9110, 13.1.5)."""
    condition = exchange.call.headers.get("if-range", "").strip()
    if not condition:
        return True
    tag, modified = _validators(exchange, content)
    return bool(condition == (tag if condition.startswith('"') else modified))


def _validators(exchange: Exchange, content: bytes) -> tuple[Json, Json]:
    """ETag and Last-Modified of what the call is about, as its reply will say them."""
    said = {
        name.lower(): template.value(exchange)
        for name, template in exchange.operation.replies[0].headers
        if name.lower() in ("etag", "last-modified")
    }
    policy = exchange.operation.validators
    tag = modified = None
    if policy is not None:
        at = policy.modified(exchange)
        tag = policy.tag(exchange)
        modified = None if at is None else http_date(min(at, exchange.at))
    else:
        tag = etag_of(content)
    return said.get("etag", tag), said.get("last-modified", modified)


def etag_of(content: bytes) -> str:
    """A strong validator of *content*."""
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def cut(exchange: Exchange) -> None:
    """Have the reply, whose lines are complete, hold the bytes that are asked for."""
    reply, ranges, whole = exchange.reply, exchange.ranges, exchange.reply.body
    names = {name.lower() for name, _ in reply.headers}
    if "etag" not in names and exchange.operation.validators is None:
        reply.headers.append(("ETag", etag_of(whole)))
    if "accept-ranges" not in names:
        reply.headers.append(("Accept-Ranges", "bytes"))
    if not ranges or reply.status != 200:
        return
    reply.status = 206
    if len(ranges) == 1:
        first, last = ranges[0]
        reply.body = whole[first : last + 1]
        reply.headers.append(("Content-Range", _range(first, last, len(whole))))
        return
    boundary = _BOUNDARY.format(etag_of(whole).strip('"'))
    kind = next((t for n, t in reply.headers if n.lower() == "content-type"), "")
    reply.body = multipart(whole, ranges, kind, boundary)
    reply.headers[:] = [
        (n, f"multipart/byteranges; boundary={boundary}")
        if n.lower() == "content-type"
        else (n, text)
        for n, text in reply.headers
    ]


def unsatisfied(facts: Json) -> tuple[str, str]:
    """The header that says how long what there is is."""
    return "Content-Range", f"bytes */{facts['length']}"


def _range(first: int, last: int, length: int) -> str:
    return f"bytes {first}-{last}/{length}"
