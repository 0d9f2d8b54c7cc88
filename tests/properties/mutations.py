"""Mutations: slips that an author makes, and calls that would meet what comes of them."""

from __future__ import annotations

import json
import random  # noqa: TID251 - seeded
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from silences import Said, said, silences

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Location, Report, SpecError
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call
from emulator.exchange.exchange import Record
from emulator.program.credentials import credentials
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.spec.document import Pointer
from emulator.spec.files import read_document
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

Json = Any
AT = 1_772_445_600.0
_VALUES: tuple[Json, ...] = (
    None, True, 0, -1, 3.5, 10**12, "", "text", "${now}", "now", [], ["a", 1], {}, {"a": 1},
)  # fmt: skip


def places(tree: Json, at: Pointer = ()) -> Iterator[Pointer]:
    """The pointers of all that stands in *tree*."""
    if at:
        yield at
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from places(value, (*at, key))
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from places(value, (*at, number))


def value_at(tree: Json, pointer: Pointer) -> Json:
    for key in pointer:
        tree = tree[key]
    return tree


class Slip(NamedTuple):
    """What is changed as by a slip."""

    told: str
    misspelt: bool
    """It is a name, or another text, in which letters are wrong: nobody means that."""


def mutate(tree: Json, chance: random.Random) -> tuple[Json, Slip]:
    """*tree* with one thing changed."""
    tree = json.loads(json.dumps(tree))
    pointers = [*places(tree)]
    while pointers:
        pointer = chance.choice(pointers)
        change = chance.choice((_retype, _misspell, _move, _swap, _drop))
        told = change(tree, pointer, pointers, chance)
        if told:
            misspelt = change is _misspell and told.startswith("is '")
            return tree, Slip(f"{'.'.join(map(str, pointer))}: {told}", misspelt)
    return tree, Slip("none, as it is empty", False)


def _retype(
    tree: Json, at: Pointer, pointers: list[Pointer], chance: random.Random
) -> str:
    holder, value = value_at(tree, at[:-1]), chance.choice(_VALUES)
    if holder[at[-1]] == value and type(holder[at[-1]]) is type(value):
        return ""
    holder[at[-1]] = value
    return f"is {value!r}"


def _misspell(
    tree: Json, at: Pointer, pointers: list[Pointer], chance: random.Random
) -> str:
    holder = value_at(tree, at[:-1])
    if isinstance(at[-1], str) and at[-1] and chance.random() < 0.5:
        wrong = _slip(at[-1], chance)
        items = [
            (wrong if key == at[-1] else key, value) for key, value in holder.items()
        ]
        holder.clear()
        holder.update(items)
        return f"is called {wrong!r}"
    value = holder[at[-1]]
    if not isinstance(value, str) or len(value) < 3:
        return ""
    holder[at[-1]] = _slip(value, chance)
    return f"is {holder[at[-1]]!r}"


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return chance.choice((
        word[:at] + word[at + 1 :],
        word[:at] + word[at : at + 1] + word[at:],
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
    ))  # fmt: skip


def _move(
    tree: Json, at: Pointer, pointers: list[Pointer], chance: random.Random
) -> str:
    """An expression that stands somewhere else is written here."""
    texts = [
        text
        for pointer in pointers
        if isinstance(text := value_at(tree, pointer), str)
        and ("${" in text or "." in text)
    ]
    if not texts or not isinstance(value_at(tree, at), str):
        return ""
    value_at(tree, at[:-1])[at[-1]] = text = chance.choice(texts)
    return f"is {text!r}"


def _swap(
    tree: Json, at: Pointer, pointers: list[Pointer], chance: random.Random
) -> str:
    holder = value_at(tree, at[:-1])
    keys = [*holder] if isinstance(holder, dict) else [*range(len(holder))]
    other = chance.choice(keys)
    if other == at[-1] or "let" in at:
        return ""  # which of two definitions is which, only their author knows
    holder[other], holder[at[-1]] = holder[at[-1]], holder[other]
    return f"has changed places with {other!r}"


def _drop(
    tree: Json, at: Pointer, pointers: list[Pointer], chance: random.Random
) -> str:
    del value_at(tree, at[:-1])[at[-1]]
    return "is gone"


@cache
def written(file: Path) -> Json:
    """What a file says, as JSON has it."""
    document = read_document(file.name, file.parent, Report(), Location(file.name))
    assert document is not None
    return json.loads(json.dumps(document.data, default=str))


def slipped(
    place: Place, kinds: Sequence[str], chance: random.Random, folder: Path
) -> tuple[Place, Slip]:
    """A copy of a provider in *folder*, with a slip in a file of each of the *kinds*, and
    what they are."""
    spec = folder / place.name
    shutil.copytree(place.spec, spec)
    if place.fixtures.is_dir() and not (spec / "fixtures").is_dir():
        shutil.copytree(place.fixtures, spec / "fixtures")
    trees: dict[Path, Json] = {}
    slips, misspelt = [], bool(kinds)
    for kind in kinds:
        file = place.spec / f"{kind}.yaml"
        if kind == "fixtures":
            file = chance.choice(sorted(place.fixtures.glob("*.yaml")))
        tree, slip = mutate(trees.get(file) or written(file), chance)
        trees[file] = tree
        misspelt = misspelt and slip.misspelt and kind == "behavior"
        slips.append(slip.told if kind == "behavior" else f"{file.name}: {slip.told}")
    for file, tree in trees.items():
        below = "fixtures" if file.parent == place.fixtures else ""
        (spec / below / file.name).write_text(json.dumps(tree), "utf-8")
    return Place(spec, spec / "fixtures"), Slip("; ".join(slips), misspelt)


_TOLD = (
    "may-be-null",
    "fixture-field",
    "fixture-kind",
    "wrong-record",
    "openapi-schema",
    "unknown-field",
    "may-not-convert",
)
"""Warnings that say that calls may fail."""


class Served(NamedTuple):
    """A provider in a world of its own, and what it did with some calls."""

    program: Program
    told: Mapping[str, int]
    """How often each code of a diagnostic is told of it."""
    said: Said
    harm: list[str]
    """What went wrong in the calls."""


def served(place: Place, seed: int, documented: Program | None = None) -> Served | None:
    """What calls drawn from *seed* get of the provider; None: it is refused.

    What its replies say is compared with the schemas of the *documented* program.
    """
    report = Report()
    try:
        program = load(place, None, report)
        world = World(clock=Clock(micros(AT), frozen=True))
        settings = Settings(log_format="none")
        board = Dispatcher({program.name: program}, world, settings)
    except SpecError:
        return None
    harm, replies = [], []
    for id, call in calls(program, random.Random(seed)):
        try:
            reply = board.answer(call)
        except Exception as error:
            harm.append(f"{call.method} {call.path}: {type(error).__name__}: {error}")
            continue
        replies.append((id, reply))
        if reply.status == 500 and b"spec error" in reply.body:
            harm.append(f"{call.method} {call.path}: {reply.body.decode()}")
    told = Counter(diagnostic.code for diagnostic in report.diagnostics)
    return Served(program, told, said(documented or program, replies), harm)


def outcome(place: Place, slip: Slip, seed: int, original: Served) -> list[str]:
    """What goes wrong in calls of a provider with a *slip*, if `check` is content with it.

    *original* is the provider without it, which has had calls drawn from the same *seed*.
    """
    after = served(place, seed, original.program)
    if after is None or not after.told.keys().isdisjoint(_TOLD):
        return []
    if after.told:
        return after.harm
    return [*after.harm, *silences(original.said, after.said, misspelt=slip.misspelt)]


def calls(program: Program, chance: random.Random) -> Iterator[tuple[str, Call]]:
    """Calls of every operation, by its id: as it wants them, and otherwise."""
    held = [
        credential
        for credential in credentials(program, micros(AT))
        if credential["state"] == "active"
    ][:2]
    for operation in program.operations.values():
        for credential in [*held, None]:
            for _ in range(3):
                yield operation.id, _call(program, operation, credential, chance)


def _call(
    program: Program, operation: Operation, credential: Json, chance: random.Random
) -> Call:
    path, held = operation.path, credential or {}
    for parameter in operation.parameters.path:
        key = _key(program, operation, chance)
        text = str(_sample(parameter.schema, chance) if key is None else key)
        path = path.replace("{" + parameter.name + "}", quote(text, safe=""))
    query = {
        name: str(_sample(parameter.schema, chance))
        for name, parameter in operation.parameters.query.items()
        if chance.random() < 0.3
    }
    query |= held.get("query", {})
    headers, body = {"host": "x", **held.get("headers", {})}, b""
    if operation.body is not None:
        media, schema = next(
            iter(operation.body.schemas.items()), ("application/json", None)
        )
        sample = _sample({} if schema is None else schema.schema, chance)
        if "form" in media:
            fields = sample if isinstance(sample, dict) else {}
            body, media = (
                urlencode(fields).encode(),
                "application/x-www-form-urlencoded",
            )
        else:
            body = json.dumps(sample).encode()
        headers["content-type"] = media
    raw = [
        (name.lower().encode(), str(text).encode()) for name, text in headers.items()
    ]
    return Call(
        operation.method,
        f"/{program.name}{program.base_path}{path}",
        urlencode(query).encode(),
        raw,
        body,
    )


def _key(program: Program, operation: Operation, chance: random.Random) -> Json:
    base = program.bases.get(operation.action.collection)
    if base is None or not base.records or chance.random() < 0.2:
        return None
    record: Record = chance.choice([*base.records.values()][:20])
    return record.get(operation.action.by or base.key)


def _sample(schema: Json, chance: random.Random, depth: int = 0) -> Json:
    """A value that may fit *schema*; often not: that is to be refused."""
    if not isinstance(schema, dict) or chance.random() < 0.03 or depth > 6:
        return chance.choice(_VALUES)
    for word in ("example", "default", "const"):
        if word in schema and chance.random() < 0.5:
            return schema[word]
    if schema.get("examples") and isinstance(schema["examples"], list):
        return chance.choice(schema["examples"])
    if schema.get("enum"):
        return chance.choice(schema["enum"])
    for word in ("allOf", "anyOf", "oneOf"):
        if schema.get(word):
            parts = [_sample(part, chance, depth + 1) for part in schema[word]]
            objects = [part for part in parts if isinstance(part, dict)]
            if word == "allOf" and objects:
                return {key: part[key] for part in objects for key in part}
            return chance.choice(parts)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = chance.choice(kind)
    if kind == "object":
        needed = schema.get("required", ())
        return {
            name: _sample(inner, chance, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if name in needed or chance.random() < 0.5
        }
    if kind == "array":
        many = chance.randrange(3)
        return [
            _sample(schema.get("items", {}), chance, depth + 1) for _ in range(many)
        ]
    least = schema.get("minimum", 1)
    texts = {
        "date": "2026-03-02", "date-time": "2026-03-02T10:00:00Z",
        "email": "a@b.example", "uri": "https://a.example/b", "uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12,
    }  # fmt: skip
    return {
        "integer": int(least), "number": least, "boolean": chance.random() < 0.5, "null": None,
    }.get(kind, texts.get(schema.get("format", ""), "text" * max(1, schema.get("minLength", 1) // 4 + 1)))  # fmt: skip
