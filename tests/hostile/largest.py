"""The largest requests that the limits let through, for every operation of a provider.

Each has something that costs more the more there is of it: wrong items, names that
nobody knows, parameters, levels, texts of a megabyte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from emulator.exchange.call import Call
from emulator.program.bodies import FORMS
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.strategies.probe import Probe

Json = Any

BODY = Settings().max_body
HEAD = Settings().max_headers - 2_048
"""What is left for one thing, where the rest of a head is as short as it mostly is."""
_BOUNDARY = b"largest"


class Request(NamedTuple):
    """One request, and what is large about it."""

    what: str
    operation: str
    method: str
    path: str
    query: bytes
    headers: Mapping[str, str]
    body: bytes

    def call(self) -> Call:
        """The request as a dispatcher takes it."""
        sent = {**self.headers, "host": "localhost"}
        if self.body:
            sent["content-length"] = str(len(self.body))
        return Call(
            method=self.method,
            path=self.path,
            query=self.query,
            raw_headers=[(k.lower().encode(), v.encode()) for k, v in sent.items()],
            body=self.body,
            scheme="https",
            secure=True,
            base_url="https://localhost",
        )


def requests(
    program: Program, at: int, operations: Iterable[str], *, each: int
) -> Iterator[Request]:
    """The largest requests of these *operations*, by a caller that may call them.

    Where several parameters or fields would do, *each* kind has so many of them.
    """
    for id in operations:
        operation = program.operations[id]
        probe = Probe(program, operation, None, at)
        path = f"/{program.name}{probe.address(probe.path)}"
        own = (probe.credential or {}).get("query", {})

        def made(
            what: str,
            *,
            query: bytes = b"",
            headers: Mapping[str, str] | None = None,
            body: bytes = b"",
            path: str = path,
            operation: Operation = operation,
            own: Mapping[str, str] = own,
            sent: Mapping[str, str] = probe.headers,
        ) -> Request:
            whole = b"&".join(filter(None, [urlencode(own).encode(), query]))
            headers = {**sent, **(headers or {})}
            return Request(
                what, operation.id, operation.method, path, whole, headers, body
            )

        for what, query in _queries(operation, each):
            yield made(what, query=query)
        for what, headers in _heads(operation):
            yield made(what, headers=headers)
        for name in operation.parameter_names:
            long = {**probe.path, name: "9" * HEAD}
            yield made("a long path", path=f"/{program.name}{probe.address(long)}")
        for media in operation.body.schemas if operation.body else ():
            for what, content, body in _bodies(operation, media, each):
                yield made(
                    f"{media}: {what}", headers={"Content-Type": content}, body=body
                )


def _queries(operation: Operation, each: int) -> Iterator[tuple[str, bytes]]:
    names = [*operation.parameters.query] or ["q"]
    yield "unknown parameters", b"&".join(b"q%d=%d" % (n, n) for n in range(1_000))
    yield "one parameter again and again", b"&".join([b"page=1"] * 1_000)
    yield "empty parameters", b"&" * HEAD
    yield (
        "unknown members of objects",
        b"&".join(
            b"%s[%d]=1" % (names[n % len(names)].encode(), n) for n in range(1_000)
        ),
    )
    for name in _some(operation, names, each):
        key = name.encode()
        yield f"{name}: a long text", key + b"=" + b"a" * HEAD
        yield f"{name}: a long number", key + b"=" + b"9" * HEAD
        yield f"{name}: many words", key + b"=" + b"a+" * (HEAD // 2)
        yield f"{name}: many items", key + b"=" + b"x," * (HEAD // 2)
        yield f"{name}: many numbers", key + b"=" + b"1," * (HEAD // 2)
        yield f"{name}: parts of a query", key + b"=" + b"a:b+OR+(" * (HEAD // 8)
        yield f"{name}: many times", b"&".join([key + b"=x"] * 1_000)
        yield f"{name}: many lists", b"&".join([key + b"=" + b"x," * 28] * 1_000)


def _some(operation: Operation, names: list[str], each: int) -> list[str]:
    """*each* so many of the parameters of a kind."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        typed = operation.parameters.query.get(name)
        kinds.setdefault(typed.kind if typed else "", []).append(name)
    return [name for those in kinds.values() for name in those[:each]]


def _heads(operation: Operation) -> Iterator[tuple[str, Mapping[str, str]]]:
    yield "a long Accept", {"Accept": "a/b;q=0.5," * (HEAD // 10)}
    yield "many cookies", {"Cookie": "a=b; " * (HEAD // 5)}
    yield (
        "many cookies of many names",
        {"Cookie": "; ".join(f"c{n}=1" for n in range(HEAD // 9))},
    )
    yield "a long Authorization", {"Authorization": "Bearer " + "a" * HEAD}
    yield "many entity tags", {"If-None-Match": '"a", ' * (HEAD // 5)}
    yield (
        "many methods asked for",
        {
            "Origin": "https://example.org",
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "x-a," * (HEAD // 4),
        },
    )
    for one in operation.parameters.header:
        yield f"{one.name}: many items", {one.name: "x," * (HEAD // 2)}


def _bodies(
    operation: Operation, media: str, each: int
) -> Iterator[tuple[str, str, bytes]]:
    """What is large, its media type and the body."""
    schema = operation.body.schema(media) if operation.body else None
    root = schema.schema if schema else {}
    if media in FORMS:
        yield from _forms(root, media, each)
        return
    for what, body in _json(root, each):
        assert len(body) <= BODY, (what, len(body))
        yield what, media, body


def _json(schema: Mapping[str, Json], each: int) -> Iterator[tuple[str, bytes]]:
    fields = schema.get("properties", {})
    lists = [name for name, one in fields.items() if "array" in _kinds(one)]
    objects = [name for name, one in fields.items() if "object" in _kinds(one)]
    named = [*fields] or ["q"]
    for what, item in _ITEMS:
        for name in lists[:each] or named[:1]:
            yield f"{name}: {what}", _filled(b'{"%s":[' % name.encode(), item, b"]}")
    for what, item in _ITEMS:
        share = (BODY - 2) // len(named)
        yield (
            f"{what} in every field",
            b"{"
            + b",".join(
                _filled(b'"%s":[' % name.encode(), item, b"]", share - 1)
                for name in named
            )
            + b"}",
        )
    yield "nothing known", b"{%s}" % b",".join(b'"u%d":1' % n for n in range(80_000))
    for name in objects[:each]:
        inner = b",".join(b'"u%d":1' % n for n in range(80_000))
        yield f"{name}: nothing known", b'{"%s":{%s}}' % (name.encode(), inner)
    for what, letter in _LETTERS:
        for name in named[:each]:
            yield (
                f"{name}: a text of {what}",
                _filled(b'{"%s":"' % name.encode(), letter, b'"}', sep=b""),
            )
    depth = b"[" * 90 + b"]" * 90
    yield "deep lists", _filled(b'{"%s":[' % named[0].encode(), depth, b"]}")
    deep = b'{"a":' * 90 + b"1" + b"}" * 90
    yield "deep members", _filled(b'{"%s":[' % named[0].encode(), deep, b"]}")
    yield "a list", _filled(b"[", b"1", b"]")
    yield "a list of members", _filled(b"[", b'{"a":1}', b"]")


_ITEMS = (
    ("numbers", b"1"),
    ("texts", b'"x"'),
    ("nulls", b"null"),
    ("empty members", b"{}"),
    ("unknown members", b'{"a":1}'),
    ("empty lists", b"[]"),
)
_LETTERS = (
    ("letters", b"a"),
    ("digits", b"9"),
    ("umlauts", "ü".encode()),
    ("spaces", b" "),
)


def _filled(
    head: bytes, item: bytes, tail: bytes, size: int = BODY, sep: bytes = b","
) -> bytes:
    """*head*, as many of *item* as there is room for, and *tail*."""
    room = size - len(head) - len(tail)
    return head + sep.join([item] * (room // (len(item) + len(sep)))) + tail


def _kinds(schema: Json) -> list[str]:
    if not isinstance(schema, Mapping):
        return []
    kind = schema.get("type")
    found = [kind] if isinstance(kind, str) else [*(kind or ())]
    for key in ("anyOf", "oneOf"):
        for one in schema.get(key, ()):
            found += _kinds(one)
    return found


def _forms(
    schema: Mapping[str, Json], media: str, each: int
) -> Iterator[tuple[str, str, bytes]]:
    named = [*schema.get("properties", {})] or ["q"]
    pairs: list[tuple[str, list[tuple[str, str]]]] = [
        ("unknown fields", [(f"u{n}", "x" * 900) for n in range(1_000)]),
        ("inner fields", [(f"{named[0]}[{n}][a]", "x" * 900) for n in range(1_000)]),
        (
            "deep fields",
            [(named[n % len(named)] + "[a]" * 90, "x") for n in range(999)],
        ),
    ]
    for name in named[:each]:
        pairs += [
            (f"{name} many times", [(name, "x" * 900)] * 1_000),
            (f"{name}[] many times", [(name + "[]", "x" * 900)] * 1_000),
            (f"{name}[n] many times", [(f"{name}[{n}]", "x") for n in range(1_000)]),
            (f"a long {name}", [(name, "x" * (BODY - 1_000))]),
        ]
    for what, fields in pairs:
        if media == FORMS[0]:
            yield what, media, urlencode(fields).encode()
        else:
            content = f"{media}; boundary={_BOUNDARY.decode()}"
            yield what, content, _parts(fields)
    if media == FORMS[0]:
        yield "very many fields", media, b"a=1&" * (BODY // 4)
        yield "escapes", media, named[0].encode() + b"=" + b"%61" * (BODY // 3 - 100)
        yield "bytes that are no text", media, b"a=" + b"%ff" * (BODY // 3 - 100)
    else:
        content = f"{media}; boundary={_BOUNDARY.decode()}"
        yield "very many parts", content, _parts([("a", "1")] * 14_000)
        yield "half boundaries", content, _parts([("a", "\r\n--larges" * 100_000)])
        yield "line ends", content, _parts([("a", "\r\n" * 500_000)])
        yield "dashes", content, _parts([("a", "\r" * 1_000_000)])


def _parts(fields: list[tuple[str, str]]) -> bytes:
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (_BOUNDARY, name.encode(), value.encode())
        for name, value in fields
    ]
    return b"".join([*parts, b"--%s--\r\n" % _BOUNDARY])
