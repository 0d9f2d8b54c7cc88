"""HAR: HTTP Archive 1.2, as browsers, proxies and test tools write it, read to values.

What a tool leaves out is put up with: bodies that were not kept, headers of HTTP/2,
bodies in base64, forms as pairs. What cannot be read is reported with its place, and
never with its text, which may hold a secret.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import orjson

from emulator.diagnostics import Diagnostic, Location, Report
from emulator.http.bodies import read_body
from emulator.http.query import query_pairs
from emulator.json_type import Json
from emulator.times import SECOND
from emulator.traffic.recorded import NOTHING, Body, Pairs, Recorded

MAX_BYTES = 200 * 1024 * 1024
MAX_PROBLEMS = 100
"""Reading of entries stops here: a broken archive has one cause, and not thousands."""
_SCANNED = 32 * 1024 * 1024
"""In longer archives an entry has its number only, and not its line."""
_VERSIONS = ("", "1.1", "1.2", "1.3")
_METHOD = re.compile(r"[A-Za-z][A-Za-z-]{0,20}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)
_OTHER_FILES = (
    (b"\x1f\x8b", "it is compressed by gzip", "unpack it first: gunzip FILE"),
    (b"PK\x03\x04", "it is a zip file", "unpack it, and name the .har in it"),
    (b"<", "it is XML or HTML", "export the session as HAR"),
    (b"%PDF", "it is a PDF", "export the session as HAR"),
)


class Archive(NamedTuple):
    """What was read of one file."""

    entries: list[Recorded]
    skipped: dict[str, int]
    """How many entries were left out, by the reason."""


class _Unusable(Exception):
    """Why an entry is not read: text, why and fix."""

    def __init__(self, what: str, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.fix = what, why, fix


class _Skipped(Exception):
    """An entry that tells nothing of the API; its text is the reason."""


def read_archive(
    content: bytes, file: str, report: Report, *, lenient: bool = False
) -> Archive:
    """The calls in an archive. What is wrong is added to *report*.

    With *lenient* an entry that cannot be read is only a warning, and of an archive that
    ends early, what is whole is read.
    """
    nothing = Archive([], {})
    if len(content) > MAX_BYTES:
        most = f"at most {MAX_BYTES // 1024**2} MiB are read"
        fix = "export fewer calls, or without the bodies of pictures and scripts"
        report.add(_about(file, "archive-too-large", "it is too large", most, fix))
        return nothing
    # What is learnt goes into templates, in which this begins an expression.
    content = content.replace(b"${", b"$ {")
    log = _log(content.removeprefix(b"\xef\xbb\xbf"), file, report, lenient=lenient)
    entries = log.get("entries") if log is not None else None
    if log is None or not isinstance(entries, list):
        return nothing
    recorded: list[Recorded] = []
    skipped: dict[str, int] = {}
    problems: list[tuple[int, _Unusable]] = []
    for number, entry in enumerate(entries):
        try:
            recorded.append(_entry(entry, f"{file}, entry {number + 1}"))
        except _Skipped as reason:
            skipped[str(reason)] = skipped.get(str(reason), 0) + 1
        except _Unusable as problem:
            problems.append((number, problem))
            if len(problems) >= MAX_PROBLEMS and not lenient:
                break
    places = _places(content) if problems else []
    for number, wrong in problems[:MAX_PROBLEMS]:
        at = places[number] if number < len(places) else (1, 1)
        report.add(
            Diagnostic(
                Location(file, *at),
                "archive-entry",
                f"entry {number + 1} cannot be used: {wrong.what}",
                wrong.why,
                wrong.fix or "leave the entry out, or read the rest with --lenient",
                severity="warning" if lenient else "error",
            )
        )
    if problems:
        skipped["cannot be read"] = len(problems)
    return Archive(recorded, skipped)


def _about(
    file: str, code: str, what: str, why: str = "", fix: str = "", **more: Any
) -> Diagnostic:
    return Diagnostic(Location(file, *more.pop("at", (1, 1))), code, what, why, fix)


def _log(
    content: bytes, file: str, report: Report, *, lenient: bool
) -> dict[str, Json] | None:
    """The `log` of the archive; None where there is none."""
    for start, what, fix in _OTHER_FILES:
        if content.startswith(start):
            why = "an archive is a JSON file that begins with `{`"
            report.add(_about(file, "archive-syntax", what, why, fix))
            return None
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        whole = _salvaged(content) if lenient else None
        if whole is None:
            report.add(_syntax(content, file, error))
            return None
        report.diagnostics.append(
            _syntax(content, file, error)._replace(severity="warning")
        )
    log = whole.get("log") if isinstance(whole, dict) else None
    if not isinstance(log, dict) or not isinstance(log.get("entries"), list):
        what, fix = _other(whole)
        why = 'an archive is `{"log": {"version": "1.2", "entries": [...]}}`'
        report.add(_about(file, "archive-structure", what, why, fix))
        return None
    version = log.get("version", "")
    if version not in _VERSIONS:
        what = "it says to be of a version of HAR that is not known"
        why = "versions 1.1 to 1.3 are read, which differ in little"
        severity = "warning" if lenient else "error"
        found = _about(
            file, "archive-version", what, why, "read it all the same: --lenient"
        )
        report.add(found._replace(severity=severity))
        if not lenient:
            return None
    return log


def _syntax(content: bytes, file: str, error: orjson.JSONDecodeError) -> Diagnostic:
    """Why the text is no JSON, without any of it."""
    says = str(error).partition(":")[0]
    at = (error.lineno, error.colno)
    if "recursion" in says or "depth" in says:
        return _about(
            file,
            "archive-syntax",
            "it is nested too deeply",
            "an archive has some ten levels; bodies are texts in it",
            "export it anew",
            at=at,
        )
    if "UTF-8" in says:
        return _about(
            file, "archive-syntax", "it is not UTF-8", fix="save it as UTF-8", at=at
        )
    if error.pos >= len(error.doc.rstrip()) - 1 or "unexpected end" in says:
        return _about(
            file,
            "archive-syntax",
            "it ends in the middle",
            f"{len(content)} bytes were read, and brackets are open",
            "export it again, or read what is whole with --lenient",
            at=at,
        )
    return _about(
        file, "archive-syntax", f"it is not JSON: {says}", fix="export it anew", at=at
    )


def _other(whole: Json) -> tuple[str, str]:
    """What a file probably is that is no archive, and what to do."""
    usual = "export the session as HAR"
    if isinstance(whole, dict):
        if "openapi" in whole or "swagger" in whole:
            return "it is an OpenAPI document", "name it with --openapi"
        if "info" in whole and "item" in whole:
            return "it is a collection of calls, and not of replies", usual
        if "log" in whole:
            return "its `log` has no `entries`", usual
    return "it has no `log` with `entries`", usual


def _places(content: bytes) -> list[tuple[int, int]]:
    """Line and column of each entry, found without making values of them."""
    return [
        (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        for text, at, _ in _spans(content)
    ]


def _spans(content: bytes) -> Iterator[tuple[str, int, int]]:
    """The text, and where each whole entry begins and ends in it.

    An entry stands at the third level: in the list in the object in the whole.
    """
    if len(content) > _SCANNED:
        return
    text = content.decode("utf-8", "replace")
    open_: list[str] = []
    start, key = 0, ""
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign[0] == '"':
            if len(open_) == 2:
                key = sign
            continue
        if sign in "[{":
            if open_ == ["{", "{", "["] and sign == "{":
                start = token.start()
            open_.append(sign)
        else:
            if not open_:
                return
            open_.pop()
            if open_ == ["{", "{", "["] and key == '"entries"':
                yield text, start, token.end()


def _salvaged(content: bytes) -> Json:
    """The archive up to its last whole entry; None where there is none."""
    pieces = [text[start:end] for text, start, end in _spans(content)]
    if not pieces:
        return None
    entries = []
    for piece in pieces:
        try:
            entries.append(orjson.loads(piece))
        except orjson.JSONDecodeError:
            break
    return {"log": {"entries": entries}} if entries else None


def _entry(entry: Json, place: str) -> Recorded:
    """One entry as values. Raises `_Unusable` and `_Skipped`."""
    if not isinstance(entry, dict):
        raise _Unusable("it is not an object")
    request, response = entry.get("request"), entry.get("response")
    if not isinstance(request, dict):
        raise _Unusable("it has no `request`")
    url = request.get("url")
    if not isinstance(url, str) or not url:
        raise _Unusable("its request has no `url`")
    if not re.match(r"https?://", url, re.IGNORECASE):
        raise _Skipped("not of HTTP: data, sockets, extensions")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _Unusable("its `url` is not an address") from None
    if not parts.hostname:
        raise _Unusable("its `url` has no host")
    method = request.get("method")
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        raise _Unusable("its request has no `method`")
    if response is None or (
        isinstance(response, dict) and response.get("status") in (0, "0", None)
    ):
        raise _Skipped("without a reply: aborted, blocked, or from a cache")
    if not isinstance(response, dict):
        raise _Unusable("its `response` is not an object")
    status = _status(response.get("status"))
    headers = _named(request.get("headers"), "the request's `headers`")
    if method.upper() == "OPTIONS" and any(
        name == "access-control-request-method" for name, _ in headers
    ):
        raise _Skipped("preflights of browsers")
    default = {"http": 80, "https": 443}[parts.scheme.lower()]
    host = parts.hostname if ":" not in parts.hostname else f"[{parts.hostname}]"
    return Recorded(
        place=place,
        method=method.upper(),
        origin=f"{parts.scheme.lower()}://{host}"
        + (f":{port}" if port not in (None, default) else ""),
        path=parts.path or "/",
        query=tuple(query_pairs(parts.query.encode("utf-8", "replace"))),
        headers=headers,
        body=_posted(request.get("postData"), headers),
        status=status,
        reply_headers=_named(response.get("headers"), "the response's `headers`"),
        reply=_content(response.get("content")),
        at=_time(entry.get("startedDateTime")),
    )


def _time(value: Json) -> int:
    """The moment that a tool has written; 0 for none, which little depends on."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return int(at.timestamp() * SECOND) if at else 0
    except (ValueError, OverflowError):
        return 0


def _status(value: Json) -> int:
    number = int(value) if isinstance(value, str) and value.isdecimal() else value
    if not isinstance(number, int) or not 100 <= number <= 599:
        raise _Unusable("its `status` is no status of HTTP")
    return number


def _named(value: Json, what: str) -> Pairs:
    """Names in lower case and values; what cannot be the name of a header goes."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _Unusable(f"{what} are not a list")
    pairs: list[tuple[str, str]] = []
    for pair in value:
        name = pair.get("name") if isinstance(pair, dict) else None
        if not isinstance(name, str):
            raise _Unusable(f"one of {what} has no `name`")
        text = pair.get("value")
        if _HEADER.fullmatch(name):  # HTTP/2 has others, which begin with a colon
            pairs.append((name.lower(), "" if text is None else str(text)))
    return tuple(pairs)


def _posted(value: Json, headers: Pairs) -> Body:
    """The body of a request."""
    if value is None:
        return NOTHING
    if not isinstance(value, dict):
        raise _Unusable("its `postData` is not an object")
    said = next((text for name, text in headers if name == "content-type"), "")
    media = said or str(value.get("mimeType") or "")
    params = value.get("params")
    text = value.get("text")
    if isinstance(text, str) and text:
        in_base64 = "base64" in (value.get("encoding"), value.get("comment"))
        return _as_json(_body(text, media, in_base64=in_base64), text)
    if not isinstance(params, list) or not params:
        return NOTHING
    pairs = [
        (str(pair.get("name", "")), str(pair.get("value") or ""))
        for pair in params
        if isinstance(pair, dict)
    ]
    if media.startswith("multipart/"):
        return Body(media, "parts", dict(pairs))
    return _body(urlencode(pairs), media or "application/x-www-form-urlencoded")


def _as_json(body: Body, text: str) -> Body:
    """*body* as the JSON object or list that it is, whatever its media type says.

    curl says of JSON that it is a form, unless it is told otherwise, and browsers say that
    it is plain text.
    """
    if body.kind not in ("form", "text") or text.lstrip()[:1] not in ("{", "["):
        return body
    kind, value = read_body(text.encode("utf-8", "replace"), "application/json")
    return Body(body.media, "json", value) if kind == "json" else body


def _content(value: Json) -> Body:
    """The body of a reply; what a tool did not keep is nothing."""
    if value is None:
        return NOTHING
    if not isinstance(value, dict):
        raise _Unusable("the `content` of its response is not an object")
    media, text = str(value.get("mimeType") or ""), value.get("text")
    if not isinstance(text, str) or not text:
        return Body(media, "nothing")
    return _body(text, media, in_base64=value.get("encoding") == "base64")


def _body(text: str, media: str, *, in_base64: bool = False) -> Body:
    if in_base64:
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise _Unusable("a body is not the base64 that it says to be") from None
    else:
        content = text.encode("utf-8", "replace")
    return Body(media, *read_body(content, media))
