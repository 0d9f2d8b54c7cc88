"""Replaying: the calls of an archive made again, of what was learnt of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
import yaml

import emulator
from emulator.times import SECOND
from emulator.traffic.learning import Learnt
from emulator.traffic.recorded import Recorded

Json = Any
_NOT_COMPARED = {
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "transfer-encoding",
}
_NOT_SENT = {
    "host",
    "content-length",
    "connection",
    "accept-encoding",
    "x-emulator-world",
}


_OF_IDS = re.compile(r"(^|_)(s?id|key|slug|code|number|uuid|guid|sha|ts|uri|url)$")


class Compared(NamedTuple):
    """One call, and in what its replies differ: `status`, `headers`, `body`, or nothing."""

    call: Recorded
    differs: str
    says: str


def replay(folder: Path, learnt: Learnt) -> list[Compared]:
    """Make the calls of *learnt* again, in their order, of the provider in *folder*."""
    name = folder.name
    document = yaml.safe_load((folder / "openapi.yaml").read_text(encoding="utf-8"))
    base = httpx.URL(document["servers"][0]["url"]).path.rstrip("/")
    start = {"frozen": True, "clock": "2026-03-02T10:00:00Z", "log_format": "none"}
    with (
        emulator.start([name], specs=[str(folder)], **start) as server,
        httpx.Client(base_url=f"{server.url}/{name}", timeout=20) as client,
    ):
        compared: list[Compared] = []
        ids: dict[str, dict[str, str]] = {}
        called: set[str] = set()
        etags: dict[str, str] = {}
        for call in learnt.calls:
            at = datetime.fromtimestamp(call.at / SECOND, UTC)
            if at > server.default.clock.now:
                server.default.clock.set(at)
            path = _renamed(call.path, ids)
            called |= {*call.path.split("/")}
            reply = _again(client, call.with_path(path), base, etags)
            etags[call.reply_header("etag")] = reply.headers.get("etag", "")
            new = _made(call, reply)
            things = ids.setdefault(call.path.rpartition("/")[2], {})
            things |= {then: now for then, now in new.items() if then not in called}
            compared.append(_compared(call, reply))
        return compared


def _renamed(path: str, ids: dict[str, dict[str, str]]) -> str:
    """*path* with the present ids: 7 is one thing in /issues/7, and another in /hooks/7."""
    every = {
        then: now
        for known in ids.values()
        for then, now in known.items()
        if not then.isdecimal()
    }
    parts = path.split("/")
    for at, part in enumerate(parts):
        known = ids.get(parts[at - 1], {}) if at else {}
        parts[at] = known.get(part, every.get(part, part))
    return "/".join(parts)


def _made(call: Recorded, reply: httpx.Response) -> dict[str, str]:
    """What the archive calls the thing that *call* made, and what it is called now."""
    if call.method != "POST" or call.reply.kind != "json" or not reply.is_success:
        return {}
    try:
        pairs = [*_pairs(call.reply.value, reply.json())]
    except ValueError:
        return {}
    least = min((deep for deep, _, _ in pairs), default=0)
    made: dict[str, str] = {}
    for deep, then, now in pairs:
        if deep == least:  # what is deep inside is about others
            made.setdefault(str(then), str(now))
    return made


def _pairs(then: Json, now: Json, deep: int = 0) -> Iterator[tuple[int, Json, Json]]:
    if isinstance(then, dict) and isinstance(now, dict):
        for name in [name for name in then if name in now]:
            one, other = then[name], now[name]
            if isinstance(one, dict):
                yield from _pairs(one, other, deep + 1)
            elif _OF_IDS.search(name.lower()) and isinstance(other, (str, int)):
                yield deep, one, other


def _again(
    client: httpx.Client, call: Recorded, base: str, etags: dict[str, str]
) -> httpx.Response:
    query = f"?{urlencode(call.query)}" if call.query else ""
    headers = [
        (n, (etags.get(v) or v).encode("latin-1", "replace"))
        for n, v in call.headers
        if n not in _NOT_SENT
    ]
    content = b""
    if call.body.kind == "json":
        content = json.dumps(call.body.value).encode()
    elif call.body.kind == "form":
        content = urlencode(call.body.value).encode()
    elif call.body.kind == "text":
        content = call.body.value.encode()
    elif call.body.kind == "parts":
        headers = [(n, v) for n, v in headers if n != "content-type"]
        request = client.build_request(
            call.method,
            call.path + query,
            headers=headers,
            files={
                k: (v["filename"], b"x", v.get("content_type") or "text/plain")
                if isinstance(v, dict)
                else (None, str(v))
                for k, v in call.body.value.items()
            },
        )
        return client.send(request)
    return client.request(
        call.method, call.path + query, headers=headers, content=content
    )


def _compared(call: Recorded, reply: httpx.Response) -> Compared:
    if reply.status_code != call.answered:
        return Compared(
            call,
            "status",
            f"{call.answered} was {reply.status_code}: {reply.text[:200]}",
        )
    there = {name for name, _ in call.reply_headers} - _NOT_COMPARED
    here = {name.lower() for name in reply.headers} - _NOT_COMPARED
    if there != here:
        return Compared(
            call,
            "headers",
            f"missing {sorted(there - here)}, more {sorted(here - there)}",
        )
    try:
        value = reply.json()
    except ValueError:
        value = reply.text or None
    wanted = call.reply.value if call.reply.kind in ("json", "text") else None
    difference = unlike(wanted, value) if call.reply.kind != "bytes" else ""
    return Compared(call, "body" if difference else "", difference)


def unlike(one: Json, other: Json, at: str = "$") -> str:
    """Where two values have other members or types; "" for nowhere. Null fits anything."""
    if one is None or other is None:
        return ""
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return f"{at} lacks {sorted(one.keys() - other.keys())}, has {sorted(other.keys() - one.keys())}"
        return next(
            (
                found
                for name in one
                if (found := unlike(one[name], other[name], f"{at}.{name}"))
            ),
            "",
        )
    if isinstance(one, list) and isinstance(other, list):
        return unlike(one[0], other[0], f"{at}[0]") if one and other else ""
    numbers = (int, float)
    if (
        isinstance(one, numbers)
        and isinstance(other, numbers)
        and isinstance(one, bool) == isinstance(other, bool)
    ):
        return ""
    return (
        ""
        if type(one) is type(other)
        else f"{at} is {type(one).__name__}, and {type(other).__name__}"
    )


def figures(compared: list[Compared]) -> tuple[float, Counter[str]]:
    """The share of equal replies, and in what the others differ."""
    differs = Counter(each.differs or "equal" for each in compared)
    return differs["equal"] / max(1, len(compared)), differs
