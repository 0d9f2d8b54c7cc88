"""Documented: which reply does the document describe?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson

from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.generation.failures import NotGenerated
from emulator.http.accept import preferred
from emulator.json_type import Json
from emulator.language.failures import SpecMistake
from emulator.language.texts import to_text
from emulator.program.documented import (
    Constant,
    ContentPolicy,
    Preferences,
    ResponsePolicy,
)
from emulator.program.headers import ADDRESSES, UNSENDABLE, as_address
from emulator.program.media import STREAMS, MediaPolicy
from emulator.program.program import Program
from emulator.program.replies import ReplyPolicy
from emulator.step import Step

if TYPE_CHECKING:
    from emulator.generation.values import Generator

_FIELD = re.compile("(?:data|event|id|retry)?:")
"""What a line of an event stream begins with (HTML, 9.2.5)."""
_GAVE = "answered from the document"
_ITEMS = 3
"""So many items are generated of a stream."""
_HELD = 8
"""So many bodies of a media type are held, in case the same call comes again."""
_NOT_SENT = (
    *("content-type", "content-length", "content-encoding", "transfer-encoding"),
    *("connection", "date", "keep-alive", "upgrade", "trailer", "set-cookie"),
    "www-authenticate",
)
"""Headers that are not made up: they say how the reply is sent, or have it be kept."""


def documented(exchange: Exchange) -> Refusal | None:
    policy = exchange.operation.documented
    if policy is None:
        return None
    wanted = exchange.preferred or Preferences()
    status = policy.status if wanted.code is None else wanted.code
    response = policy.success if wanted.code is None else policy.of(status)
    headers: list[tuple[str, Constant]] = []
    body: Constant | None = None
    media: tuple[Any, ...] = ()
    facts: dict[str, Json] = {"status": status, "from": "nothing", "example": None}
    if response is not None:
        content = _content(exchange, response)
        if content is not None:
            body, facts = _body(exchange, response, content, wanted, facts)
            media = (content.media,)
            if isinstance(body, _Document):
                media = (MediaPolicy(name=content.media.name, encoding="text"),)
        headers = _held_headers(exchange, response) if response.headers else []
    if policy.deprecated:
        headers.append(("Deprecation", Constant("true", exchange.operation)))
    facts["response"] = None if response is None else response.name
    exchange.documented = ReplyPolicy(
        status=status,
        headers=tuple(headers),  # type: ignore[arg-type]
        body=body,  # type: ignore[arg-type]
        media=media,
    )
    exchange.note("documented", _GAVE, facts)
    return None


def _content(exchange: Exchange, response: ResponsePolicy) -> ContentPolicy | None:
    """The media type that the call prefers; the first where it wants none of them."""
    contents = response.contents
    if len(contents) < 2:
        return contents[0] if contents else None
    names = [content.described for content in contents]
    return contents[preferred(exchange.call.accept, names) or 0]


def _body(
    exchange: Exchange,
    response: ResponsePolicy,
    content: ContentPolicy,
    wanted: Preferences,
    facts: dict[str, Json],
) -> tuple[Constant | None, dict[str, Json]]:
    """The body, and where it is from."""
    name = wanted.example
    if name is not None:
        told = {**facts, "from": "example", "example": name}
        return _written(content.examples[name], content, response), told
    if not wanted.dynamic:
        for name, example in _fitting(content).items():
            told = {**facts, "from": "example", "example": name}
            return _written(example, content, response), told
    if content.schema is None:
        return None, facts
    told = {**facts, "from": "schema"}
    if content.examples and not wanted.dynamic:
        told["unfit"] = [*content.examples]
    return _generated(exchange, content, response, bool(wanted.dynamic)), told


def _fitting(content: ContentPolicy) -> Mapping[str, Json]:
    """The examples that fit the schema."""
    fitting = content.derived.fitting
    if fitting is None:
        fitting = content.examples
        if content.schema is not None and content.media.encoding in ("json", "form"):
            schema = _generator(content).schema
            check = _generator(content).fits
            fitting = {
                name: example
                for name, example in content.examples.items()
                if check((schema,), example)
            }
        content.derived.fitting = fitting
    return fitting


def _generator(content: ContentPolicy) -> Generator:
    derived = content.derived
    if derived.generator is None:
        derived.generator = _new_generator(content.schema)
    made: Generator = derived.generator
    return made


def _new_generator(schema: Mapping[str, Json]) -> Generator:
    from emulator.generation.values import Generator  # not loaded at a start

    return Generator(schema)


def _generated(
    exchange: Exchange, content: ContentPolicy, response: ResponsePolicy, dynamic: bool
) -> Constant:
    generator = _generator(content)
    held = content.derived.bodies
    seed = f"{_seed(exchange)} {response.name} {dynamic}"
    body = held.get(seed)
    if body is None:
        if len(held) >= _HELD:
            held.pop(next(iter(held)))
        value = _value(generator, seed, content, response, dynamic)
        body = held[seed] = _written(value, content, response)
    return body


def _value(
    generator: Generator,
    seed: str,
    content: ContentPolicy,
    response: ResponsePolicy,
    dynamic: bool,
) -> Json:
    """A value of the schema, or several for a stream. Raises `SpecMistake`."""
    try:
        if content.media.encoding in STREAMS and not _is_list(content.schema):
            return [
                generator.value(f"{seed} {number}", dynamic=dynamic)
                for number in range(_ITEMS)
            ]
        return generator.value(seed, dynamic=dynamic)
    except NotGenerated as error:
        raise SpecMistake(
            response.at,
            f"no value was generated for the schema of {content.described}: {error}",
            "correct the schema, or give the response an example",
        ) from None


def _is_list(schema: Json) -> bool:
    return isinstance(schema, Mapping) and schema.get("type") == "array"


def _seed(exchange: Exchange) -> str:
    """What stands for the operation, what the call says, and the world's seed."""
    said = [
        str(exchange.world.chance.seed),
        exchange.program.name,
        exchange.operation.id,
        dict(exchange.path),
        dict(exchange.query),
        exchange.body,
    ]
    option = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    dumped = orjson.dumps(said, default=repr, option=option)
    return blake2b(dumped, digest_size=12).hexdigest()


def _written(value: Json, content: ContentPolicy, response: ResponsePolicy) -> Constant:
    """*value* in the form that its media type is written from."""
    kind = content.media.encoding
    if kind in STREAMS and not isinstance(value, list):
        if isinstance(value, str) and _is_stream(kind, value):
            return _Document(value, response)
        value = value.splitlines() if isinstance(value, str) else [value]
    elif kind == "bytes" and isinstance(value, str):
        value = value.encode()
    elif kind in ("text", "bytes") and isinstance(value, (dict, list)):
        value = orjson.dumps(value).decode()
        value = value.encode() if kind == "bytes" else value
    elif kind == "bytes" and isinstance(value, (bool, int, float)):
        value = to_text(value).encode()
    elif kind == "xml" and isinstance(value, str) and value.lstrip().startswith("<"):
        return _Document(value, response)
    elif kind == "form" and not isinstance(value, Mapping):
        value = {}
    return Constant(value, response)


def _is_stream(kind: str, text: str) -> bool:
    """Whether *text* is a whole body already, with the marks between its items."""
    return kind != "events" or _FIELD.match(text) is not None


class _Document(Constant):
    """An example that is written as a body already."""


def _held_headers(
    exchange: Exchange, response: ResponsePolicy
) -> list[tuple[str, Constant]]:
    """The headers of the response, held in case the same call comes again."""
    held: dict[str, list[tuple[str, Constant]]]
    held = response.__dict__.setdefault("held", {})
    seed = _seed(exchange)
    headers = held.get(seed)
    if headers is None:
        if len(held) >= _HELD:
            held.pop(next(iter(held)))
        headers = held[seed] = [*_headers(exchange, response, seed)]
    return [*headers]


def _headers(
    exchange: Exchange, response: ResponsePolicy, seed: str
) -> Iterator[tuple[str, Constant]]:
    """The headers that the document describes, and nothing else says."""
    own = {name.lower() for name, _ in exchange.program.headers}
    if exchange.operation.limits:
        own |= {name.lower() for name in _quota_names(exchange.program)}
    for name, schema in response.headers.items():
        lower = name.lower()
        if lower in _NOT_SENT or lower in own:
            continue
        try:
            value = _new_generator(schema).value(f"{seed} {name}", name=name)
        except NotGenerated:
            continue
        items = value if isinstance(value, list) else [value]
        if not all(isinstance(item, (str, int, float)) for item in items):
            continue
        text = ", ".join(map(to_text, items))
        text = as_address(name, text) if lower in ADDRESSES else text
        if not UNSENDABLE.search(text):
            yield name, Constant(text, response)


def _quota_names(program: Program) -> Iterator[str]:
    for dialect in program.quota_headers:
        yield from (dialect.limit, dialect.used, dialect.remaining, dialect.reset)
        yield from (dialect.policy, dialect.state)
        yield from (name for name, _ in dialect.template)


def tell(notes: Notes) -> Words:
    facts = notes.take(_GAVE)
    if facts is None:
        return "nothing to generate", {}
    status, name = facts["status"], facts["example"]
    described = facts["response"] or "no response"
    where = f"{status} ({described})" if described != str(status) else f"{status}"
    if facts["from"] == "example":
        called = f" {name}" if name else ""
        return f"answered {where} from the example{called}", dict(facts)
    if facts["from"] == "schema":
        words = f"answered {where} from the schema (stateless)"
        unfit: Sequence[str] = facts.get("unfit", ())
        if unfit:
            named = ", ".join(name or "the one without a name" for name in unfit)
            words += f": the examples do not fit it: {named}"
        return words, dict(facts)
    return f"answered {where} without a body", dict(facts)


STEP = Step(
    name="documented",
    question="which reply does the document describe?",
    decide=documented,
    tell=tell,
    codes={},
    refusals=lambda _, __: (),
    acts=lambda _, operation: operation.documented is not None,
    rare=True,
    keys=("unlisted", "operations.{operation}.reply"),
)
