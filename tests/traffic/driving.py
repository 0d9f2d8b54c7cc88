"""Driving: a provider called as a day's work would call it, and the archive of that.

What is called follows from the provider's document, the records of its world, and a seed
of our own: no library draws it, so that the same day is had with any version of them.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

import httpx

import emulator
from emulator.engine.loading import programs
from emulator.generation.directions import REQUEST
from emulator.generation.failures import NotGenerated
from emulator.generation.values import Generator
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.strategies.invalid import MISFITS
from emulator.world.chance import Chance

Json = Any
Pairs = tuple[tuple[str, str], ...]
START = datetime(2026, 3, 2, 10, tzinfo=UTC)
BETWEEN = timedelta(seconds=61)
"""So long people wait before they turn to another operation."""
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


class Sent(NamedTuple):
    """One call, as it is put together."""

    method: str
    path: str
    query: Pairs = ()
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""


class Day:
    """One day with one provider; what was called and answered is in `entries`."""

    def __init__(
        self,
        server: emulator.Emulator,
        client: httpx.Client,
        program: Program,
        seed: str = "",
    ) -> None:
        self.entries: list[Json] = []
        self._world = server.default
        self._admin = f"{server.url}/_emulator/worlds/default"
        self._client = client
        self._program = program
        handle = server.default.provider(program.name)
        self._root = handle.url.removesuffix(program.base_path)
        self._credentials = handle.credentials
        self._chance = Chance(program.name + seed)
        self._now = START

    def work(self) -> None:
        """All operations, in the order of the document."""
        for operation in self._program.operations.values():
            self._now = self._world.clock.advance(BETWEEN)
            self._operation(operation)
        self._nothing_there()

    def _operation(self, operation: Operation) -> None:
        usual = self._example(operation)
        answer = self._call(usual, self._usual())
        if answer.is_success:
            self._made(operation, usual, answer)
        for other in self._variants(operation, usual):
            self._call(other, self._usual())
        for name in self._others():
            self._call(usual, name)
        self._call(usual, None)
        for other in self._spoilt(operation, usual):
            self._call(other, self._usual())
        if operation.parameter_names:
            for wrong in ("999999999", "no-such-thing"):
                path = re.sub(r"[^/]+(?=/?$)", wrong, usual.path)
                if operation.path.rstrip("/").endswith("}"):
                    self._call(usual._replace(path=path), self._usual())

    def _made(self, operation: Operation, usual: Sent, answer: httpx.Response) -> None:
        """What follows a success: the next page, the created thing, the same again."""
        for name, operand in _next_page(operation, answer):
            query = [pair for pair in usual.query if pair[0] != name]
            self._call(usual._replace(query=(*query, (name, operand))), self._usual())
        etag = answer.headers.get("ETag")
        if etag and usual.method == "GET":
            headers = {**usual.headers, "If-None-Match": etag}
            self._call(usual._replace(headers=headers), self._usual())
        if operation.action.kind != "create":
            return
        paths = [
            other
            for other in self._program.operations.values()
            if re.fullmatch(re.escape(operation.path) + r"/\{[^}/]+\}", other.path)
        ]
        key = _key_of(answer, operation, self._program)
        order = ("get", "patch", "put", "delete", "get")
        for method in order if key else ():
            for other in paths:
                if other.method.lower() != method or "#" in other.path:
                    continue
                call = self._example(other)
                path = f"{usual.path}/{quote(key)}"
                self._call(call._replace(path=path), self._usual())

    def _variants(self, operation: Operation, usual: Sent) -> Iterator[Sent]:
        """Other calls that ought to be taken."""
        for name, typed in operation.parameters.typed("query").items():
            for number in range(2):
                value = _value(typed.schema, f"{name} {number}", name)
                query = [pair for pair in usual.query if pair[0] != name]
                items = value if isinstance(value, list) else [value]
                texts = [text for item in items if (text := _text(item))]
                if typed.separator and texts:
                    texts = [typed.separator.join(texts)]
                if texts and typed.kind != "object":
                    more = [(name, text) for text in texts]
                    yield usual._replace(query=(*query, *more))
        for path in self._other_paths(operation, usual):
            yield usual._replace(path=path)
        schema = self._schema(operation, usual)
        fields = _fields(usual)
        if schema is None or fields is None:
            return
        for number in range(3):
            value = _value(schema, f"{operation.id} {number}")
            if isinstance(value, dict):
                some = [name for name in value if self._chance.happens(0.4)]
                chosen = {name: value[name] for name in some}
                yield usual._replace(body=_written(usual, {**fields, **chosen}))

    def _spoilt(self, operation: Operation, usual: Sent) -> Iterator[Sent]:
        """Calls with one thing that is wrong."""
        for name, typed in [*operation.parameters.typed("query").items()][:4]:
            wrong = [value for value in _misfits(typed.schema) if value != 12345]
            query = [pair for pair in usual.query if pair[0] != name]
            if wrong:
                pair = (name, _text(self._chance.pick(wrong)))
                yield usual._replace(query=(*query, pair))
            if typed.required:
                yield usual._replace(query=tuple(query))
        schema, fields = self._schema(operation, usual), _fields(usual)
        if schema is None or fields is None:
            return
        flaws = [
            {key: value for key, value in fields.items() if key != name}
            for name in schema.get("required", ())
        ]
        for name, member in schema.get("properties", {}).items():
            known = member if isinstance(member, dict) else {}
            flaws += [{**fields, name: wrong} for wrong in _misfits(known)]
        for flaw in self._chance.picks(flaws, *[min(6, len(flaws))] * 2):
            yield usual._replace(body=_written(usual, flaw))
        if _media(usual) == _JSON:
            yield usual._replace(body=b'{"cut off')
            yield usual._replace(body=b"[]")
            yield usual._replace(headers={**usual.headers, "Content-Type": "text/csv"})

    def _nothing_there(self) -> None:
        base = self._program.base_path
        self._call(Sent("GET", f"{base}/no/such/path"), self._usual())
        self._call(Sent("GET", f"{base}/no/such/path"), None)
        first = next(iter(self._program.operations.values()))
        wrong = "PATCH" if first.method != "PATCH" else "DELETE"
        self._call(self._example(first)._replace(method=wrong), self._usual())

    def _example(self, operation: Operation) -> Sent:
        """A call that the provider's world has records for."""
        name = quote(operation.id, safe="")
        url = f"{self._admin}/examples/{self._program.name}/{name}"
        found = self._client.get(url).raise_for_status().json()
        return Sent(
            operation.method,
            self._program.base_path + found["path"],
            tuple((name, text) for name, text in found["query"]),
            dict(found["headers"]),
            (found["body"] or "").encode(),
        )

    def _other_paths(self, operation: Operation, usual: Sent) -> Iterator[str]:
        """The paths of other records of the kind that the last parameter names."""
        policy = self._program.collections.get(operation.action.collection)
        if policy is None or not operation.path.endswith("}"):
            return
        records = [*self._world.provider(self._program.name).records(policy.name)]
        field = operation.action.by or policy.key
        for record in self._chance.picks(records, *[min(2, len(records))] * 2):
            yield re.sub(r"[^/]+$", quote(str(record.get(field)), safe=""), usual.path)

    def _schema(self, operation: Operation, usual: Sent) -> Json:
        policy = operation.body
        found = policy.schema(_media(usual)) if policy and usual.body else None
        return found.schema if found else None

    def _usual(self) -> str | None:
        names = [*self._credentials]
        active = [n for n in names if self._credentials[n].state == "active"]
        return next((n for n in ("full", *active) if n in names), None)

    def _others(self) -> list[str]:
        """Some of the credentials besides the usual one."""
        names = [name for name in self._credentials if name != self._usual()]
        known = [name for name in names if name == "unknown"]
        rest = [name for name in names if name not in known]
        return [*known, *([self._chance.pick(rest)] if rest else [])]

    def _call(self, call: Sent, credential: str | None) -> httpx.Response:
        query, headers, body = [*call.query], dict(call.headers), call.body
        if credential is not None:
            held = self._credentials[credential]
            headers |= held.headers
            query += held.query.items()
            if held.cookies:
                pairs = [f"{name}={text}" for name, text in held.cookies.items()]
                headers["Cookie"] = "; ".join(pairs)
            fields = _fields(call)
            if held.body and fields is not None:
                body = _written(call, {**fields, **held.body})
            if held.needs_proof:
                query += _signed(query, self._now, held.raw["secret"])
        url = f"{self._root}{call.path}" + (f"?{urlencode(query)}" if query else "")
        answer = self._client.request(call.method, url, headers=headers, content=body)
        self.entries.append(_entry(self._now, answer))
        return answer


def _entry(at: datetime, answer: httpx.Response) -> Json:
    """One entry, as a browser writes it."""
    request = answer.request
    media = request.headers.get("Content-Type", "")
    body = request.content
    posted = {"postData": {"mimeType": media, "text": ""}} if body else {}
    if body:
        try:
            posted["postData"]["text"] = body.decode()
        except UnicodeDecodeError:
            posted["postData"]["text"] = base64.b64encode(body).decode()
            posted["postData"]["comment"] = "base64"
    content: Json = {
        "size": len(answer.content),
        "mimeType": answer.headers.get("Content-Type", ""),
    }
    if answer.content:
        try:
            content["text"] = answer.content.decode()
        except UnicodeDecodeError:
            content["text"] = base64.b64encode(answer.content).decode()
            content["encoding"] = "base64"
    return {
        "startedDateTime": at.isoformat(timespec="milliseconds"),
        "time": 1,
        "request": {
            "method": request.method,
            "url": str(request.url),
            "httpVersion": "HTTP/1.1",
            "headers": _named(request.headers),
            **posted,
        },
        "response": {
            "status": answer.status_code,
            "headers": _named(answer.headers),
            "content": content,
        },
    }


def _named(headers: httpx.Headers) -> list[Json]:
    return [{"name": name, "value": value} for name, value in headers.multi_items()]


def _value(schema: Json, seed: str, name: str = "") -> Json:
    try:
        return Generator(schema, REQUEST).value(
            f"a day: {seed}", name=name, dynamic=True
        )
    except NotGenerated:
        return None


def _text(value: Json) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return "" if value is None or isinstance(value, dict) else str(value)


def _misfits(schema: Mapping[str, Json]) -> Iterator[Json]:
    """Values that *schema* does not have."""
    kinds = schema.get("type", ())
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        if kind in MISFITS:
            yield MISFITS[kind]
    if "enum" in schema:
        yield "none of these"
    if schema.get("minLength"):
        yield "x" * (schema["minLength"] - 1)
    if schema.get("maxLength", 9_999) < 9_999:
        yield "x" * (schema["maxLength"] + 1)
    for word, step in (("minimum", -1), ("maximum", 1)):
        if word in schema:
            yield schema[word] + step
    if "format" in schema or "pattern" in schema:
        yield "~ not that ~"


def _media(call: Sent) -> str:
    return call.headers.get("Content-Type", "").partition(";")[0]


def _signed(query: list[tuple[str, str]], now: datetime, secret: str) -> list[Json]:
    """What proves a call by a hash of its query, as many do who name the time as well."""
    stamped = [("timestamp", str(int(now.timestamp() * 1000)))]
    text = urlencode([*query, *stamped])
    digest = hmac.digest(secret.encode(), text.encode(), "sha256").hex()
    return [*stamped, ("signature", digest)]


def _fields(call: Sent) -> dict[str, Json] | None:
    if call.body and _media(call) == _FORM:
        return dict(parse_qsl(call.body.decode()))
    if not call.body or _media(call) != _JSON:
        return None
    try:
        value = json.loads(call.body)
    except ValueError:
        return None  # it is cut off on purpose
    return value if isinstance(value, dict) else None


def _written(call: Sent, fields: Json) -> bytes:
    if _media(call) == _FORM:
        plain = {name: _text(value) for name, value in fields.items()}
        return urlencode({name: text for name, text in plain.items() if text}).encode()
    return json.dumps(fields).encode()


def _next_page(
    operation: Operation, answer: httpx.Response
) -> Iterator[tuple[str, str]]:
    """How the next page is asked for, and one after the last."""
    page = operation.action.page
    if page is None or answer.request.method != "GET":
        return
    told = answer.text
    for name in operation.parameters.typed("query"):
        if re.fullmatch(r"page|offset|skip|start", name):
            yield name, "2"
            yield name, "500"
        elif re.fullmatch(r"(per_?page|page_?size|limit|size|count)", name):
            yield name, "2"
        elif "cursor" in name or "after" in name or "token" in name:
            found = re.search(r'"next[a-z_]*": ?"?([^",}]+)', told)
            if found and found[1] != "null":
                yield name, found[1]


def _key_of(answer: httpx.Response, operation: Operation, program: Program) -> str:
    """The key of the record that was created, as its reply says it."""
    location = answer.headers.get("Location", "")
    if location:
        return location.rstrip("/").rpartition("/")[2]
    key = program.collections[operation.action.collection].key
    found = re.search(rf'"{re.escape(key)}": ?"?([^",}}]+)', answer.text)
    return found[1] if found else ""


def archive(provider: str, seed: str = "") -> tuple[bytes, int]:
    """The archive of a day with *provider*, and how many calls there are in it.

    With another *seed* it is another day.
    """
    begins = START.isoformat().replace("+00:00", "Z")
    with (
        emulator.start([provider], frozen=True, clock=begins) as server,
        httpx.Client(timeout=20) as client,
    ):
        program = programs(Settings(), [provider])[provider]
        day = Day(server, client, program, seed)
        day.work()
    log = {"version": "1.2", "creator": {"name": "a day", "version": "1"}}
    har = {"log": {**log, "entries": day.entries}}
    return json.dumps(har).encode(), len(day.entries)
