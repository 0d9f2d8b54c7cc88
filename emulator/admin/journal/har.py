"""HAR: a journal as other tools read it, without secrets: HTTP Archive 1.2.

Nobody measures how long a call took: `time` is what faults held it up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from emulator.admin.journal.entry import decoded
from emulator.admin.journal.mask import Mask, reply_header_of
from emulator.exchange.entry import Entry
from emulator.http.bodies import (
    read_body,
    read_plain,
)
from emulator.http.cookies import cookie_pairs
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.times import SECOND
from emulator.version import __version__

Named = list[dict[str, str]]


def har(
    entries: Iterable[Entry], programs: Mapping[str, Program], base_url: str
) -> dict[str, Json]:
    """*entries* as an archive; *base_url* is where the providers answer, without `/`."""
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "emulator", "version": __version__},
            "pages": [],
            "entries": [
                _entry(entry, programs[entry.provider], base_url) for entry in entries
            ],
        }
    }


def _entry(entry: Entry, program: Program, base_url: str) -> dict[str, Json]:
    mask = Mask(entry, program)
    waited = 1_000 * sum(
        fault.amount for fault in entry.faults if fault.kind == "delay"
    )
    dribbled = 1_000 * sum(
        fault.amount for fault in entry.faults if fault.kind == "dribble"
    )
    started = datetime.fromtimestamp(entry.real / SECOND, UTC).isoformat(
        timespec="milliseconds"
    )
    refused = f", refused by {entry.refused_by}: {entry.refusal}"
    return {
        "startedDateTime": started,
        "time": waited + dribbled,
        "request": _request(entry, program, mask, base_url),
        "response": _response(entry, mask),
        "cache": {},
        "timings": {"send": 0, "wait": waited, "receive": dribbled},
        "comment": f"exchange {entry.id} of world {entry.world},"
        f" {entry.operation or 'no operation'} of {entry.provider}"
        + (refused if entry.refusal else ""),
    }


def _request(
    entry: Entry, program: Program, mask: Mask, base_url: str
) -> dict[str, Json]:
    operation = program.operations.get(entry.operation or "")
    path = mask.path(entry.path, operation.path if operation else None)
    query = f"?{mask.query(entry.query)}" if entry.query else ""
    headers = [(n, mask.header(n, v)) for n, v in decoded(entry.request_headers)]
    request: dict[str, Json] = {
        "method": entry.method,
        # Where it was called, which may name its world; else where the providers are.
        "url": f"{entry.base_url or f'{base_url}/{entry.provider}'}{path}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(headers),
        "headers": _named(headers),
        "queryString": _named(mask.pairs(entry.query)),
        "headersSize": -1,
        "bodySize": entry.request_size,
    }
    media = entry.request_header("content-type")
    kind, value = entry.read_request()
    if entry.long_body is not None:
        said = {"mimeType": media, "text": "", "params": []}
        request["postData"] = {**said, "comment": "too long to be kept"}
        if kind == "parts":
            request["postData"]["params"] = _params(mask.json(value))
    elif entry.request_body:
        plain = read_plain(entry.request_body, media) if kind == "parts" else None
        text, encoding = _text(entry.request_body, media, mask, plain)
        # postData has no `encoding` in HAR 1.2: there the text of bytes says what it is.
        posted: dict[str, Json] = {"mimeType": media, "text": text, "params": []}
        if kind == "form":
            posted["params"] = _named(mask.pairs(entry.request_body))
        elif kind == "parts":
            posted["params"] = _params(mask.json(value))
        if encoding:
            posted["comment"] = "base64"
        request["postData"] = posted
    return request


def _response(entry: Entry, mask: Mask) -> dict[str, Json]:
    headers = [(name, mask.header(name, value)) for name, value in entry.reply_headers]
    media = reply_header_of(entry, "content-type")
    text, encoding = _text(entry.reply_body, media, mask)
    content: dict[str, Json] = {
        "size": len(entry.reply_body),
        "mimeType": media or "application/octet-stream",
    }
    if entry.reply_body:
        content["text"] = text
    if encoding:
        content["encoding"] = encoding
    given = [
        (name, value.partition(";")[0])
        for name, value in headers
        if name.lower() == "set-cookie"
    ]
    return {
        "status": entry.status,
        "statusText": _phrase(entry.status),
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies([("cookie", value) for _, value in given]),
        "headers": _named(headers),
        "content": content,
        "redirectURL": next((v for n, v in headers if n.lower() == "location"), ""),
        "headersSize": -1,
        "bodySize": len(entry.reply_body),
    }


def _text(
    body: bytes, media_type: str, mask: Mask, read: tuple[str, Json] | None = None
) -> tuple[str, str]:
    """A body as HAR holds it: its text, and how that is encoded."""
    kind, value = read or read_body(body, media_type)
    shown = mask.of_kind(kind, value, body)
    if kind == "json":
        return json.dumps(shown, ensure_ascii=False, separators=(",", ":")), ""
    if kind == "bytes":
        return str(shown["base64"]), "base64"
    return shown or "", ""


def _params(fields: Mapping[str, Json]) -> list[dict[str, str]]:
    """The fields of a multipart form, as HAR has them."""
    params: list[dict[str, str]] = []
    for name, value in fields.items():
        for part in value if isinstance(value, list) else [value]:
            param = {"name": name}
            if not isinstance(part, dict):
                param["value"] = str(part)
            elif "filename" in part:
                param["fileName"] = part["filename"]
                param["contentType"] = part["content_type"] or ""
            params.append(param)
    return params


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _cookies(headers: Iterable[tuple[str, str]]) -> Named:
    sent = (value for name, value in headers if name.lower() == "cookie")
    return _named(pair for header in sent for pair in cookie_pairs(header))


def _named(pairs: Iterable[tuple[str, str]]) -> Named:
    return [{"name": name, "value": value} for name, value in pairs]
