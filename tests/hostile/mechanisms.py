"""The largest and the nastiest input of each mechanism of the language, legal or not.

Each row says which keys of `behavior.yaml`, steps or schemas it is about, and makes a
call of a size. `tests/specs/bounds` is the provider with all of them.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from emulator.exchange.call import Call

Json = Any
MANY = 10_000
MEGABYTE = 1_048_576
JSON = "application/json"
KEY = {"x-key": "k-full-0001"}


class Row(NamedTuple):
    """One input that is large or nasty."""

    keys: str
    """The keys of the language that it is about, with spaces between them."""
    what: str
    make: Callable[[int], Call]
    """The call of a size."""
    statuses: tuple[int, ...]
    """What the provider may answer; nothing else is right."""
    size: int = MANY


def call(
    method: str,
    path: str,
    query: str | bytes = "",
    body: Json = b"",
    *,
    key: bool = True,
    **headers: str,
) -> Call:
    """A call of the provider; a *body* that is no bytes is written as JSON."""
    sent = {"host": "main.bounds.example", **(KEY if key else {})}
    if not isinstance(body, bytes):
        body, sent["content-type"] = json.dumps(body).encode(), JSON
    sent |= {name.replace("_", "-"): text for name, text in headers.items()}
    if body:
        sent["content-length"] = str(len(body))
    return Call(
        method=method,
        path="/v1" + path,
        query=query.encode("latin-1") if isinstance(query, str) else query,
        raw_headers=[(n.encode(), v.encode("latin-1")) for n, v in sent.items()],
        body=body,
        scheme="https",
        secure=True,
        base_url="https://main.bounds.example",
    )


def thing(**fields: Json) -> Call:
    return call("POST", "/things", body={"name": "new", **fields})


def raw(members: str) -> Call:
    """A new thing with *members* as they are."""
    body = b'{"name": "new", ' + members.encode() + b"}"
    return call("POST", "/things", body=body, content_type=JSON)


def b64(text: str | bytes) -> str:
    data = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(header: Json, claims: Json, key: bytes = b"") -> str:
    """A token that is signed with *key*, by HMAC, or with nothing."""
    text = f"{b64(json.dumps(header))}.{b64(json.dumps(claims))}"
    signed = hmac.new(key, text.encode(), hashlib.sha256).digest() if key else b""
    return f"{text}.{b64(signed)}"


SECRET = b"a-shared-secret-of-32-characters"
CLAIMS = {"sub": 1, "iss": "bounds", "aud": "clients", "exp": 4e9}


def bearer(path: str, token: str) -> Call:
    return call("GET", path, key=False, authorization=f"Bearer {token}")


def multipart(n: int, head: str = 'form-data; name="a"', text: str = "x") -> Call:
    part = f"--b\r\nContent-Disposition: {head}\r\n\r\n{text}\r\n"
    body = (part * n + "--b--\r\n").encode()
    return call(
        "POST", "/forms", body=body, content_type="multipart/form-data; boundary=b"
    )


def form(path: str, text: str, **headers: str) -> Call:
    kind = "application/x-www-form-urlencoded"
    return call("POST", path, body=text.encode(), content_type=kind, **headers)


def coded(coding: str, body: bytes) -> Call:
    return call(
        "POST", "/things", body=body, content_type=JSON, content_encoding=coding
    )


def digest(**parts: str) -> Call:
    told = ", ".join(f'{name}="{text}"' for name, text in parts.items())
    return call("GET", "/open/digest", key=False, authorization=f"Digest {told}")


def patch(media: str, body: Json) -> Call:
    return call(
        "PATCH",
        "/things/1",
        body=json.dumps(body).encode(),
        content_type=f"application/{media}",
    )


def nested(n: int, head: str = "[", tail: str = "]") -> str:
    return head * n + "1" + tail * n


OK, MADE = 200, 201
INVALID = (400, 422)
SHUT = (400, 401)

ROWS: tuple[Row, ...] = (
    # What every call has.
    Row("operations", "a path of many segments", lambda n: call("GET", "/a" * n), (404,)),
    Row("operations", "a path of many empty segments", lambda n: call("GET", "/" * n), (404,)),
    Row("operations", "a path of many escapes", lambda n: call("GET", "/" + "%2F" * n), (404,)),
    Row("operation.greedy", "many segments", lambda n: call("GET", "/files" + "/a" * n), (OK,)),
    Row("operation.greedy", "many dots", lambda n: call("GET", "/files" + "/.." * n), (OK, 400, 404)),
    Row("operation.greedy", "bytes that are no text", lambda n: call("GET", "/files/" + "%ff" * n), (OK, 400, 404)),
    Row("hosts", "a long tenant", lambda n: call("GET", "/things", host="a" * n + ".bounds.example"), (404, 421)),
    Row("http.repeated", "one parameter many times", lambda n: call("GET", "/things", "q=1&" * n), INVALID),
    Row("http.repeated", "many parameters", lambda n: call("GET", "/things", "&".join(f"q{i}=1" for i in range(n))), INVALID),
    Row("http.accept", "many ranges with weights", lambda n: call("GET", "/things", accept="text/x;q=0.5," * n), (406,)),
    Row("http.accept", "weights that are no numbers", lambda n: call("GET", "/things", accept="*/*;q=" + "9" * n), (OK, 400, 406)),
    Row("http.accept", "many parameters of a range", lambda n: call("GET", "/things", accept="application/json" + ";a=b" * n), (OK, 406)),
    Row("http.version", "a long version", lambda n: call("GET", "/things", accept=f"application/vnd.bounds.{'1' * n}+json"), (400, 406)),
    Row("http.version", "many versions", lambda n: call("GET", "/things", accept="application/vnd.bounds.3+json," * n), (400, 406)),
    Row("http.cors", "many headers asked for", lambda n: call("OPTIONS", "/things", origin="https://app.example", access_control_request_method="POST", access_control_request_headers="x-a," * n), (OK, 204)),
    Row("http.cors", "a long origin", lambda n: call("GET", "/things", origin="https://" + "a" * n), (OK,)),
    Row("operation.reply", "many preferences", lambda n: call("GET", "/things", prefer="code=200, " * n), (OK, 404, 422)),
    Row("operation.reply", "a long preference", lambda n: call("GET", "/things", prefer="example=" + "a" * n), (OK, 404, 422)),
    Row("formats", "a list in XML", lambda n: call("GET", "/things", "q=xml&per_page=100"), (OK,), 1),
    # Query parameters.
    Row("openapi", "deep members", lambda n: call("GET", "/styles", "deep" + "[a]" * n + "=1"), (OK, *INVALID)),
    Row("openapi", "many members", lambda n: call("GET", "/styles", "&".join(f"deep[a{i}]=1" for i in range(n))), INVALID),
    Row("openapi", "brackets that do not close", lambda n: call("GET", "/styles", "deep" + "[a" * n + "=1"), (OK, *INVALID)),
    Row("openapi", "many items", lambda n: call("GET", "/styles", "list=" + "1," * n), INVALID),
    Row("openapi", "many items between pipes", lambda n: call("GET", "/styles", "pipes=" + "a|" * n), INVALID),
    Row("openapi", "many items between spaces", lambda n: call("GET", "/styles", "spaces=" + "a%20" * n), INVALID),
    Row("openapi", "deep JSON", lambda n: call("GET", "/styles", "json=" + nested(n)), INVALID),
    Row("openapi", "JSON of many members", lambda n: call("GET", "/styles", 'json={"a":' * n + "1" + "}" * n), INVALID),
    Row("openapi", "a number without an end", lambda n: call("GET", "/styles", "number=1e" + "9" * n), INVALID),
    Row("openapi", "a number of many digits", lambda n: call("GET", "/styles", "number=" + "9" * n), INVALID),
    Row("openapi", "an integer of many digits", lambda n: call("GET", "/styles", "whole=" + "9" * n), INVALID),
    Row("openapi", "an integer of other digits", lambda n: call("GET", "/styles", "whole=" + "%D9%A1" * n), INVALID),
    Row("openapi", "a boolean that is none", lambda n: call("GET", "/styles", "flag=" + "t" * n), INVALID),
    Row("openapi", "a header of many items", lambda n: call("GET", "/styles", x_list="a," * n), INVALID),
    Row("openapi", "a cookie that makes a pattern try", lambda n: call("GET", "/styles", cookie="choice=" + "a" * n + "b"), INVALID),
    Row("openapi", "many cookies", lambda n: call("GET", "/styles", cookie="; ".join(f"c{i}=1" for i in range(n))), (OK,)),
    Row("openapi", "half a character", lambda n: call("GET", "/styles", "deep[%ED%A0%80]=%ED%A0%80"), INVALID, 1),
    Row("operation.tolerate", "a number of many digits", lambda n: call("GET", "/things", "limit=" + "9" * n), (OK, *INVALID)),
    Row("operation.parameter_aliases", "both names many times", lambda n: call("GET", "/things", "q=a&text=b&" * (n // 20)), (OK, *INVALID)),
    # Lists.
    Row("operation.list.search", "a long text", lambda n: call("GET", "/things", "q=" + "a" * n), (OK,)),
    Row("operation.list.search", "many words", lambda n: call("GET", "/things", "q=" + "a+" * n), (OK,)),
    Row("operation.list.where", "a long text", lambda n: call("GET", "/things", "name=" + "a" * n), (OK,)),
    Row("operation.list.sort", "many orders", lambda n: call("GET", "/things", "sort=" + "name,-price," * n), (OK, *INVALID)),
    Row("operation.list.sort", "a direction that is none", lambda n: call("GET", "/things", "sort=name&direction=" + "d" * n), (OK,)),
    Row("operation.list.expand", "a long way", lambda n: call("GET", "/things", "include=" + "parent." * n + "parent"), INVALID),
    Row("operation.list.expand", "many names", lambda n: call("GET", "/things", "include=" + ",".join(f"a{i}" for i in range(n))), INVALID),
    Row("operation.list.fields", "many names", lambda n: call("GET", "/things", "fields=" + ",".join(f"a{i}" for i in range(n))), (OK,)),
    Row("operation.list.fields", "a long way", lambda n: call("GET", "/things", "fields=" + "more." * n), (OK,)),
    Row("operation.list.filter", "a long word", lambda n: call("POST", "/offsets", body={"word": "a" * n}), (OK,)),
    Row("operation.list.filter", "a word that is none", lambda n: call("POST", "/offsets", body={"word": [1] * n}), (OK, *INVALID)),
    *(
        Row("operation.list.query", f"{dialect}: {what}", lambda n, d=dialect, t=text: call("GET", f"/{d}", b"q=" + t(n).encode()), (OK, *INVALID))  # type: ignore[misc]
        for dialect in ("lucene", "odata", "scim", "aip160")
        for what, text in (
            ("100 KB with 5 000 parentheses", lambda n: "(" * (n // 2) + "name+eq+'a'" * n + ")" * (n // 2)),
            ("parentheses that do not close", lambda n: "(" * n),
            ("many nots", lambda n: "not+" * n + "name"),
            ("many comparisons", lambda n: "+and+".join(["name+eq+'a'"] * n)),
            ("many minus signs", lambda n: "-" * n + "name:a"),
            ("many stars", lambda n: "name:" + "*a" * n),
            ("a long text in quotes", lambda n: 'name+eq+"' + "a" * n + '"'),
            ("quotes that do not close", lambda n: "'" * (n + 1)),
            ("a number of many digits", lambda n: "price+gt+" + "9" * n),
            ("an exponent of many digits", lambda n: "price+gt+1e" + "9" * n),
            ("a long name", lambda n: "a." * n + "a+eq+1"),
        )
    ),
    Row("operation.list.query", "elasticsearch: deep clauses", lambda n: call("POST", "/elasticsearch", body=b'{"query":' + b'{"bool":{"must":[' * n + b"]}}" * n + b"}", content_type=JSON), INVALID),
    Row("operation.list.query", "elasticsearch: many clauses", lambda n: call("POST", "/elasticsearch", body={"query": {"bool": {"should": [{"match": {"name": "first"}}] * n}}}), (OK, *INVALID)),
    Row("operation.list.query", "elasticsearch: many terms", lambda n: call("POST", "/elasticsearch", body={"query": {"terms": {"name": ["x"] * n}}}), (OK, *INVALID)),
    Row("operation.list.query", "elasticsearch: a wildcard of many stars", lambda n: call("POST", "/elasticsearch", body={"query": {"wildcard": {"name": "*a" * n}}}), (OK, *INVALID)),
    Row("operation.list.query", "elasticsearch: a query in a text", lambda n: call("POST", "/elasticsearch", body={"query": {"query_string": {"query": "(" * n}}}), (OK, *INVALID)),
    Row("operation.list.query", "elasticsearch: no query", lambda n: call("POST", "/elasticsearch", body={"query": [1] * n}), (OK, *INVALID)),
    # Pages.
    Row("page.number", "a page of many digits", lambda n: call("GET", "/things", "page=" + "9" * n), INVALID),
    Row("page.size", "a size of many digits", lambda n: call("GET", "/things", "per_page=" + "9" * n), INVALID),
    Row("page.number", "a page that is no whole number", lambda n: call("GET", "/things", "page=1e400"), INVALID, 1),
    Row("page.offset", "an offset of many digits", lambda n: call("POST", "/offsets", body=b'{"skip":' + b"9" * n + b"}", content_type=JSON), INVALID),
    Row("page.offset", "an offset that is a list", lambda n: call("POST", "/offsets", body={"skip": [1] * n, "count": {"a": 1}}), INVALID),
    Row("page.cursor", "a long cursor", lambda n: call("GET", "/cursors", "cursor=" + "A" * n), INVALID),
    Row("page.cursor", "a cursor of deep JSON", lambda n: call("GET", "/cursors", "cursor=" + b64("[" * n)), INVALID),
    Row("page.before", "both cursors", lambda n: call("GET", "/cursors", "cursor=a&before=" + "b" * n), INVALID),
    Row("page.carries", "a cursor and a filter", lambda n: call("GET", "/cursors", "cursor=a&q=" + "b" * n), INVALID),
    # JSON and its schema.
    Row("openapi", "deep lists", lambda n: raw('"more": ' + nested(n)), INVALID),
    Row("openapi", "deep objects", lambda n: raw('"more": ' + nested(n, '{"a":', "}")), INVALID),
    Row("openapi", "a number of many digits", lambda n: raw('"count": ' + "9" * n), INVALID),
    Row("openapi", "a number of many decimals", lambda n: raw('"price": 0.' + "3" * n), (MADE, *INVALID)),
    Row("openapi", "a number without an end", lambda n: raw('"price": 1e400'), INVALID, 1),
    Row("openapi", "the largest number", lambda n: raw('"price": 1e308'), (MADE, *INVALID), 1),
    Row("openapi", "a number that is too small", lambda n: raw('"price": 5e-324'), INVALID, 1),
    Row("openapi", "a name that comes again", lambda n: raw('"count": 1,' * n + '"price": 1'), INVALID),
    Row("openapi", "half a character", lambda n: raw(r'"code": "\ud800"'), INVALID, 1),
    Row("openapi", "a character that is nothing", lambda n: thing(more={"a\0": "\0" * n}), (MADE, *INVALID)),
    Row("openapi", "a list of all different", lambda n: thing(tags=[*range(n)]), (MADE,)),
    Row("openapi", "a list of objects that differ", lambda n: thing(tags=[{"a": i} for i in range(n)]), INVALID),
    Row("openapi", "a list of objects of which two are the same", lambda n: thing(tags=[{"a": i} for i in range(n)] + [{"a": n - 1}]), INVALID),
    Row("openapi", "a long list", lambda n: thing(tags=[*range(n * 10)]), INVALID),
    Row("openapi", "a text that makes a pattern try", lambda n: thing(code="a" * n + "!"), INVALID),
    Row("openapi", "a mail that makes a pattern try", lambda n: thing(mail="a" * n + "@" + "a." * n), INVALID),
    Row("openapi", "an address that makes a pattern try", lambda n: thing(link="http://" + "a" * n + ":" * n), (MADE, *INVALID)),
    Row("openapi", "a time that makes a pattern try", lambda n: thing(when="2026-01-01T00:00:00." + "0" * n), INVALID),
    Row("openapi", "many members that nobody knows", lambda n: thing(**{f"u{i}": i for i in range(n)}), (MADE, *INVALID)),
    Row("openapi", "many alternatives", lambda n: thing(either=[*range(n)]), (MADE,)),
    Row("http.json_texts", "a text of many digits", lambda n: thing(count="9" * n), INVALID),
    Row("http.json_texts", "a text of a number without an end", lambda n: thing(price="1e" + "9" * n), INVALID),
    Row("http.blank", "many blank members", lambda n: thing(more={f"a{i}": "" for i in range(n)}), (MADE, *INVALID)),
    Row("operation.read_as", "many lines", lambda n: call("POST", "/rows", body=b"1\n" * n, content_type="application/x-ndjson"), (OK,)),
    Row("operation.read_as", "many separators", lambda n: call("POST", "/rows", body=b"\x1e1\n" * n, content_type="application/json-seq"), (OK,)),
    Row("operation.read_as", "lines that are no JSON", lambda n: call("POST", "/rows", body=b"{\n" * n, content_type="application/x-ndjson"), INVALID),
    Row("operation.max_body", "more than it takes", lambda n: call("POST", "/rows", body=b"1\n" * 40_000, content_type="application/x-ndjson"), (413,)),
    Row("reply.encode reply.every", "many events", lambda n: call("POST", "/rows", body=json.dumps("a\r\nb").encode() + b"\n" + b"[]\n" * n, content_type="application/x-ndjson"), (OK,)),
    Row("reply.headers", "a header of a long text", lambda n: call("POST", "/texts", body="ä\r\n".encode() * n, content_type="text/plain"), (OK,)),
    Row("reply.headers", "a header of every character", lambda n: thing(name="".join(map(chr, range(n)))), (MADE,), 0x800),
    # Forms.
    Row("openapi", "many parts", lambda n: multipart(n), INVALID),
    Row("openapi", "parts with long heads", lambda n: multipart(10, 'form-data; name="' + "a" * n + '"'), (MADE, *INVALID)),
    Row("openapi", "many parameters of a head", lambda n: multipart(1, "form-data" + "; a=b" * n), (MADE, *INVALID)),
    Row("openapi", "half boundaries", lambda n: multipart(1, text="\r\n--" * n), (MADE, *INVALID)),
    Row("openapi", "a form in a form", lambda n: multipart(1, text='--c\r\nContent-Disposition: form-data; name="a"\r\n\r\n' * n), (MADE, *INVALID)),
    Row("openapi", "no end", lambda n: call("POST", "/forms", body=b"--b\r\n" * n, content_type="multipart/form-data; boundary=b"), INVALID),
    Row("openapi", "a long boundary", lambda n: call("POST", "/forms", body=b"--" + b"b" * n, content_type="multipart/form-data; boundary=" + "b" * n), INVALID),
    Row("openapi", "deep names", lambda n: form("/forms", "more" + "[a]" * n + "=1"), (MADE, *INVALID)),
    Row("openapi", "many fields", lambda n: form("/forms", "&".join(f"a{i}=1" for i in range(n))), INVALID),
    Row("openapi", "places that are far away", lambda n: form("/forms", "more[" + "9" * n + "]=1"), (MADE, *INVALID)),
    Row("openapi", "escapes that are none", lambda n: form("/forms", "title=" + "%zz" * n), (MADE, *INVALID)),
    Row("collection.files", "a file of 50 MB", lambda n: call("POST", "/files", body=b"x" * n, content_type="application/octet-stream"), (413,), 50 * MEGABYTE),
    Row("collection.files", "a file that fits", lambda n: call("POST", "/files", body=b"x" * n, content_type="application/octet-stream"), (MADE,), 10 * MEGABYTE),
    Row("openapi", "a bomb", lambda n: coded("gzip", gzip.compress(b" " * n * 3_000)), (413,)),
    Row("openapi", "many codings", lambda n: coded("gzip, " * n + "gzip", gzip.compress(b"{}")), (400, 415)),
    Row("openapi", "a bomb in a bomb", lambda n: coded("gzip, gzip", gzip.compress(gzip.compress(b" " * n * 3_000))), (413,)),
    Row("openapi", "many members of gzip", lambda n: coded("gzip", gzip.compress(b"") * n), INVALID),
    Row("openapi", "half a stream", lambda n: coded("deflate", zlib.compress(b"{}" * n)[:-5]), INVALID),
    # What is done with records.
    Row("operation.update.patch", "many operations", lambda n: patch("json-patch+json", [{"op": "add", "path": "/tags/-", "value": 1}] * n), INVALID),
    Row("operation.update.patch", "a long path", lambda n: patch("json-patch+json", [{"op": "add", "path": "/a" * n, "value": 1}]), (400, 409, 422)),
    Row("operation.update.patch", "what grows by copies of itself", lambda n: patch("json-patch+json", [{"op": "add", "path": "/more", "value": {"a": 1}}] + [{"op": "copy", "from": "/more", "path": f"/more/a{i}"} for i in range(40)]), (400, 409, 422), 1),
    Row("operation.update.patch", "a place of many digits", lambda n: patch("json-patch+json", [{"op": "add", "path": "/tags/" + "9" * n, "value": 1}]), (400, 409, 422)),
    Row("operation.update.patch", "a merge that is deep", lambda n: call("PATCH", "/things/1", body=nested(n, '{"a":', "}").encode(), content_type="application/merge-patch+json"), INVALID),
    Row("operation.update.patch", "a merge of many members", lambda n: patch("merge-patch+json", {"more": {f"a{i}": None for i in range(n)}}), (OK,)),
    Row("operation.update.whole operation.update.creates", "a key of many digits", lambda n: call("PUT", "/things/" + "9" * n, body={"name": "a"}), (400, 404, 422)),
    Row("operation.update.whole operation.update.creates", "the largest key", lambda n: call("PUT", "/things/9007199254740993", body={"name": "a"}), (OK, MADE, *INVALID), 1),
    Row("operation.read.key operation.delete.key", "a key of many digits", lambda n: call("DELETE", "/things/" + "9" * n), (400, 404)),
    Row("collection.unique", "the same long name", lambda n: thing(name="first"), (409,), 1),
    Row("collection.references", "a reference of many digits", lambda n: raw('"parent": ' + "9" * 300), INVALID, 1),
    Row("collection.on_create", "a slug of a long name", lambda n: thing(name="Ä " * (n * 4)), (MADE,)),
    Row("collection.states operation.update.move", "a state that is none", lambda n: thing(status="x" * n), (MADE, 409, *INVALID)),
    Row("collection.rules", "a name that is too long", lambda n: thing(name="a" * 95_000), INVALID, 1),
    Row("operation.input operation.effects", "many items", lambda n: call("POST", "/wrapped", body={"thing": {"name": "b", "tags": [*range(n)]}}), INVALID),
    Row("operation.input operation.secret_members", "a wrapper of another kind", lambda n: call("POST", "/wrapped", body={"thing": [1] * n}), INVALID),
    Row("idempotency.key", "a key of 10 KB", lambda n: call("POST", "/things", body={"name": "i"}, idempotency_key="k" * n), (400,)),
    Row("idempotency.max_length", "the longest key", lambda n: call("POST", "/things", body={"name": "i"}, idempotency_key="k" * 255), (MADE,), 1),
    Row("validators.etag", "a header of many entity-tags", lambda n: call("GET", "/things/1", if_none_match='"a", ' * n), (OK,)),
    Row("validators.etag", "a header of 1 000 commas", lambda n: call("GET", "/things/1", if_match="," * n), (OK, 400, 412), 1_000),
    Row("validators.etag", "tags that do not close", lambda n: call("GET", "/things/1", if_none_match='"' * (n + 1)), (OK,)),
    Row("validators.last_modified", "a date that is none", lambda n: call("GET", "/things/1", if_modified_since="9" * n), (OK,)),
    Row("reply.ranges", "a range of 10 000 ranges", lambda n: call("GET", "/contents/1", range="bytes=" + "0-1," * n), (OK, 206, 416)),
    Row("reply.ranges", "ranges that overlap", lambda n: call("GET", "/contents/1", range="bytes=" + "0-," * n), (OK, 206, 416)),
    Row("reply.ranges", "a range of many digits", lambda n: call("GET", "/contents/1", range="bytes=" + "9" * n + "-"), (OK, 400, 416)),
    Row("reply.ranges", "a long If-Range", lambda n: call("GET", "/contents/1", range="bytes=0-1", if_range="a" * n), (OK,)),
    Row("operation.batch batch.max", "10 000 parts", lambda n: call("POST", "/batch", body={"parts": [{"method": "GET", "path": "/things"}] * n}), (400, 413, 422)),
    Row("batch.each", "parts that are none", lambda n: call("POST", "/batch", body={"parts": "x" * n}), INVALID),
    Row("batch.method batch.path", "parts that are no calls", lambda n: call("POST", "/batch", body={"parts": [{"method": {}, "path": [1]}]}), INVALID, 1),
    Row("batch.method batch.path", "a part of a long method and path", lambda n: call("POST", "/batch", body={"parts": [{"method": "G" * n, "path": "/a" * n}]}), (OK, *INVALID)),
    Row("batch.path", "a part with bytes that are none", lambda n: call("POST", "/batch", body={"parts": [{"method": "GET", "path": "/things?q=\r\n\0ä\U0001f600" * (n // 1000)}]}), (OK, *INVALID)),
    Row("batch.headers", "a part of odd headers", lambda n: call("POST", "/batch", body={"parts": [{"method": "GET", "path": "/things", "headers": {"a\r\nb": "ä\U0001f600", "": [1], "x": {"a": 1}, "host": "evil.example"}}]}), (OK, *INVALID), 1),
    Row("batch.headers", "a part of many headers", lambda n: call("POST", "/batch", body={"parts": [{"method": "GET", "path": "/things", "headers": {f"a{i}": "1" for i in range(n)}}]}), (OK, *INVALID)),
    Row("batch.headers", "headers that are none", lambda n: call("POST", "/batch", body={"parts": [{"method": "GET", "path": "/things", "headers": "x" * n}]}), (OK, *INVALID)),
    Row("batch.body", "a batch in a batch", lambda n: call("POST", "/batch", body={"parts": [{"method": "POST", "path": "/batch", "body": {"parts": []}}] * 100}), (OK, *INVALID), 1),
    Row("batch.stop_on_error", "no answer", lambda n: call("POST", "/batch", body={"parts": [], "stop": [1] * n}), (OK, *INVALID)),
    Row("dispatch.by", "a long name", lambda n: call("POST", "/rpc", body={"method": "m" * n}), (400, 404)),
    Row("dispatch.by", "a name that is none", lambda n: call("POST", "/rpc", body={"method": [{"a": 1}] * n}), (400, 404)),
    Row("dispatch.by", "a body that is none", lambda n: call("POST", "/rpc", body=b"[" * n, content_type=JSON), (400, 404)),
    Row("rate_limit.cost", "a cost of many digits", lambda n: call("GET", "/costs", "cost=" + "9" * 308), (429,), 1),
    Row("rate_limit.cost", "a cost below nothing", lambda n: call("GET", "/costs", "cost=-1e300"), INVALID, 1),
    Row("rate_limit.per", "a long text", lambda n: call("GET", "/costs", "per=" + "a" * n), (OK,)),
    Row("event.to event.payload", "an address that is none", lambda n: thing(hook="http://[::1" + "a" * n), (MADE,)),
    Row("event.to", "an address of another kind", lambda n: raw('"hook": {"a": [1]}'), (MADE, *INVALID), 1),
    # Who calls.
    Row("scheme.field", "a long key", lambda n: call("GET", "/things", key=False, x_key="k" * n), (401,)),
    Row("scheme.field", "a key of other characters", lambda n: call("GET", "/things", key=False, x_key="\xff\x80" * n), (401,)),
    Row("scheme.prefixes", "many words", lambda n: call("GET", "/open/words", key=False, authorization="Key " * n), SHUT),
    Row("scheme.pattern", "many beginnings", lambda n: call("GET", "/open/part", key=False, x_signed="Credential=" * n), SHUT),
    Row("scheme.member scheme.in", "a deep body", lambda n: call("POST", "/open/body", body=b'{"auth":' * n, content_type=JSON, key=False), SHUT),
    Row("scheme.member scheme.in", "a member of another kind", lambda n: call("POST", "/open/body", body={"auth": {"token": [1] * n}}, key=False), SHUT),
    Row("scheme.certificate_header", "a long name", lambda n: call("GET", "/open/certificate", key=False, x_client_dn="CN=" * n), SHUT),
    Row("scheme.credentials", "a cookie of 1 MB", lambda n: call("GET", "/open/cookie", key=False, cookie="session=" + "a" * n), SHUT, MEGABYTE),
    Row("scheme.credentials", "a query of many keys", lambda n: call("GET", "/open/query", "key=a&" * n, key=False), SHUT),
    Row("scheme.password", "a long password", lambda n: call("GET", "/open/basic", key=False, authorization="Basic " + base64.b64encode(b"ada:" + b"a" * n).decode()), SHUT),
    Row("scheme.password", "no base64", lambda n: call("GET", "/open/basic", key=False, authorization="Basic " + "=" * n), SHUT),
    Row("scheme.digest", "a header of 1 000 commas", lambda n: call("GET", "/open/digest", key=False, authorization="Digest " + "," * n), SHUT, 1_000),
    Row("scheme.digest", "many parameters", lambda n: call("GET", "/open/digest", key=False, authorization="Digest " + ", ".join(f'a{i}="b"' for i in range(n))), SHUT),
    Row("scheme.digest", "quotes that do not close", lambda n: call("GET", "/open/digest", key=False, authorization='Digest username="' + "\\" * n), SHUT),
    Row("scheme.digest", "a count of many digits", lambda n: digest(username="ada", realm="bounds", nonce="a" * 32, uri="/v1/open/digest", qop="auth", nc="f" * n, cnonce="c" * n, response="0" * 32), SHUT),
    Row("scheme.proves scheme.requires", "a signature of another length", lambda n: call("POST", "/open/signed", body=b'{"a": "\xff"}' * n, key=False, x_app="a-full-0001", x_signature="0" * n), SHUT),
    Row("scheme.jwt", "alg: none", lambda n: bearer("/open/jwt", jwt({"alg": "none"}, CLAIMS)), (401,), 1),
    Row("scheme.jwt", "alg: None", lambda n: bearer("/open/jwt", jwt({"alg": "None"}, CLAIMS)), (401,), 1),
    Row("scheme.jwt", "another key", lambda n: bearer("/open/jwt", jwt({"alg": "HS256"}, CLAIMS, b"another-key-of-32-characters-long")), (401,), 1),
    Row("scheme.jwt", "an empty key", lambda n: bearer("/open/jwt", jwt({"alg": "HS256", "kid": ""}, CLAIMS, b"\0")), (401,), 1),
    Row("scheme.jwt", "a header of deep JSON", lambda n: bearer("/open/jwt", f"{b64('[' * n)}.e30.a"), SHUT),
    Row("scheme.jwt", "claims of deep JSON", lambda n: bearer("/open/jwt", f"{b64(json.dumps({'alg': 'HS256'}))}.{b64('[' * n)}.a"), SHUT),
    Row("scheme.jwt", "many dots", lambda n: bearer("/open/jwt", "." * n), SHUT),
    Row("scheme.jwt", "a long token", lambda n: bearer("/open/jwt", jwt({"alg": "HS256"}, {**CLAIMS, "a": "a" * n}, SECRET)), SHUT, 60_000),
    Row("scheme.jwt", "a key in its head", lambda n: bearer("/open/jwt", jwt({"alg": "HS256", "jwk": {"kty": "oct", "k": b64("x" * 32)}}, CLAIMS, b"x" * 32)), (401,), 1),
    *(
        Row("scheme.jwt", f"claims: {name} is {value!r}", lambda n, c=name, v=value: bearer("/open/jwt", jwt({"alg": "HS256"}, {**CLAIMS, c: v}, SECRET)), SHUT, 1)  # type: ignore[misc]
        for name in ("exp", "iss", "aud", "sub", "nbf", "iat")
        for value in ([], {}, [[1]], "x", 10**400, -1e308, None)
        if (name, value) not in (("nbf", None), ("iat", None), ("nbf", -1e308), ("iat", -1e308), ("exp", 10**400))
    ),
    Row("scheme.dpop", "a proof that is none", lambda n: call("GET", "/open/bound", key=False, authorization="DPoP abc", dpop="." * n), SHUT),
    Row("scheme.dpop", "a proof by nothing", lambda n: form("/oauth/token", "grant_type=client_credentials&client_id=web&client_secret=web-secret-0001", dpop=jwt({"alg": "none", "typ": "dpop+jwt", "jwk": {}}, {"jti": "a" * n})), SHUT),
    # OAuth 2.
    Row("oauth2.consent", "a state of 1 MB", lambda n: call("GET", "/oauth/authorize", "response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&login_hint=ada&state=" + "s" * n, key=False), (OK, 302, 303, *INVALID), MEGABYTE),
    Row("oauth2.pkce", "a challenge of 1 MB", lambda n: call("GET", "/oauth/authorize", "response_type=code&client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&login_hint=ada&code_challenge=" + "s" * n, key=False), (302, 303, *INVALID), MEGABYTE),
    Row("oauth2.paths", "an address that is none", lambda n: call("GET", "/oauth/authorize", "response_type=code&client_id=web&redirect_uri=https%3A%2F%2F[" + "a" * n, key=False), INVALID),
    Row("oauth2.scopes", "many scopes", lambda n: form("/oauth/token", "grant_type=client_credentials&client_id=web&client_secret=web-secret-0001&scope=" + "read+" * n), (OK, *INVALID)),
    Row("oauth2.grants", "a grant of another kind", lambda n: form("/oauth/token", "grant_type=" + "g" * n, key=False), SHUT),
    Row("oauth2.grants", "many fields", lambda n: form("/oauth/token", "&".join(f"a{i}=1" for i in range(n))), SHUT),
    Row("oauth2.grants", "no form", lambda n: call("POST", "/oauth/token", body={"grant_type": [1] * n}), (400, 401, 415)),
    Row("oauth2.client_auth", "an assertion by nothing", lambda n: form("/oauth/token", "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" + jwt({"alg": "none"}, {"sub": "web", "iss": "web"})), SHUT, 1),
    Row("oauth2.client_auth", "a long assertion", lambda n: form("/oauth/token", "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" + jwt({"alg": "HS256"}, {"sub": "web", "a": "a" * n}, b"x")), SHUT, 60_000),
    Row("oauth2.par", "a request that is none", lambda n: form("/oauth/par", "client_id=web&client_secret=web-secret-0001&request_uri=" + "a" * n), (400, 401, 404)),
    Row("oauth2.resources", "many resources", lambda n: form("/oauth/token", "grant_type=client_credentials&client_id=web&client_secret=web-secret-0001" + "&resource=https%3A%2F%2Fapi.example%2F" * n), (OK, *SHUT)),
)  # fmt: skip

OF_THE_SPEC = """
authentication authentication.alternatives authentication.lockout authentication.schemes
authentication.secret_fields collection.completes collection.conforms_to
collection.fields collection.ids collection.key collection.max_records
collection.on_update collection.order collection.owned_by collection.soft_delete
collection.unsent collection.validators collections dispatch dispatch.operations
effect.create effect.delete effect.each effect.key effect.move effect.set effect.update
effect.when effects errors event.moves event.operations event.refused event.store
event.when evidence expand.depth expand.field expand.of expand.place expand.prefix
expand.unknown fixtures functions guards headers http http.booleans http.content_type
http.https http.max_body http.no_body http.read_as http.trailing_slash idempotency
idempotency.for idempotency.headers idempotency.keeps idempotency.methods
idempotency.per idempotency.required idempotency.takes keys let lockout.after
lockout.all_calls lockout.counts lockout.for lockout.per lockout.reset_on_success
lockout.within move.after move.from move.set move.to move.when oauth2 oauth2.access_for
oauth2.audience oauth2.claims oauth2.code_for oauth2.device_for oauth2.dpop
oauth2.dpop_nonce_for oauth2.interval oauth2.issuer oauth2.keys oauth2.par_for
oauth2.pkce_methods oauth2.refresh oauth2.refresh_for oauth2.response_types
oauth2.scheme oauth2.tokens operation.accept operation.create
operation.create.collection operation.create.expand operation.create.fields
operation.create.owned operation.create.set operation.create.view operation.delete
operation.delete.by operation.delete.collection operation.delete.filter
operation.delete.missing operation.delete.owned operation.delete.view operation.errors
operation.grant operation.guards operation.idempotency operation.let operation.list
operation.list.collection operation.list.deleted operation.list.owned
operation.list.page operation.list.view operation.path_aliases operation.read
operation.read.by operation.read.collection operation.read.deleted operation.read.expand
operation.read.fields operation.read.filter operation.read.missing operation.read.owned
operation.read.view operation.requires operation.rules operation.scope operation.update
operation.update.by operation.update.collection operation.update.conforms_to
operation.update.deleted operation.update.expand operation.update.fields
operation.update.filter operation.update.key operation.update.missing
operation.update.owned operation.update.set operation.update.view operation.validators
operation.violations order page.at_most page.below_min page.beside page.beyond_end
page.beyond_max page.default page.expires page.first page.in page.invalid
page.keep_query page.key page.link_ends page.link_header page.links page.max page.min
page.style page.with_others pages provider replies rate_limit.algorithm rate_limit.burst
rate_limit.cost_after rate_limit.name rate_limit.operations rate_limit.quota
rate_limit.refuse rate_limit.starts rate_limit.takes rate_limit.uncharged
rate_limit.when rate_limit.window rate_limit.zone rate_limit_headers rate_limits
reply.body reply.content_type reply.status reply.when requirement.check
requirement.facts requirement.refuse requirement.step requires rule.check rule.field
rule.message rule.requires_fields rule.rule scheme.about scheme.account scheme.active
scheme.allowed_ips scheme.expires scheme.scopes scheme.show scheme.state sparse.always
sparse.field sparse.inside sparse.of sparse.unknown spec states.field states.free
states.moves states.refuse states.start title token.audience token.claims token.issuer
token.keys token.known token.leeway token.lifetime token.subject unlisted validators
validators.required validators.weak views webhooks webhooks.encode webhooks.events
webhooks.headers webhooks.ids webhooks.retry webhooks.signature webhooks.subscriptions
"""
"""Keys that only say what the author has chosen: a caller can make nothing of them large
that no row above makes large."""
