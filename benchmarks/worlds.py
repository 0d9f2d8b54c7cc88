"""Worlds: what a world costs, and what having many of them costs a call; in process.

python benchmarks/worlds.py [--rounds 5] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from internals import Call, Dispatcher, Place, Settings, load
from paired import Row, paired

from emulator.world.world import World

FEW, MANY = 100, 100_000
CROWD = 1_000
SOME, LOTS = 1_000, 300_000

OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Ledger", "version": "1"},
    "servers": [{"url": "https://ledger.example"}],
    "security": [{"Key": []}],
    "components": {
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "parameters": {
            "id": {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "integer"},
            }
        },
    },
    "paths": {
        "/entries": {
            "get": {
                "operationId": "listEntries",
                "parameters": [
                    {"name": name, "in": "query", "schema": {"type": "integer"}}
                    for name in ("page", "per_page")
                ],
                "responses": {"200": {"description": "A page"}},
            },
            "post": {
                "operationId": "createEntry",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                "responses": {"201": {"description": "Created"}},
            },
        },
        "/entries/{id}": {
            "parameters": [{"$ref": "#/components/parameters/id"}],
            "get": {
                "operationId": "readEntry",
                "responses": {"200": {"description": "One"}},
            },
            "delete": {
                "operationId": "deleteEntry",
                "responses": {"204": {"description": "Gone"}},
            },
        },
    },
}
BEHAVIOR = {
    "spec": 1,
    "provider": "ledger",
    "hosts": ["ledger.example"],
    "authentication": {"schemes": {"Key": {"credentials": "keys"}}},
    "collections": {"keys": None, "entries": {"order": ["id"]}},
    "views": {
        "entry": {"collection": "entries", "show": {"id": "${id}", "title": "${title}"}}
    },
    "pages": {"numbered": {"default": 20, "max": 20}},
    "operations": {
        "listEntries": {
            "list": {"collection": "entries", "view": "entry", "page": "numbered"},
            "reply": {"body": {"items": "${items}", "total": "${page.total}"}},
        },
        "readEntry": {
            "read": {"collection": "entries", "key": "path.id", "view": "entry"},
            "reply": {"body": "${item}"},
        },
        "createEntry": {
            "create": {"collection": "entries", "view": "entry"},
            "reply": {"status": 201, "body": "${item}"},
        },
        "deleteEntry": {
            "delete": {"collection": "entries", "key": "path.id"},
            "reply": {"status": 204},
        },
    },
    "errors": {
        "envelopes": {"default": {"error": "${error}"}},
        "values": {"error": "refused"},
        "table": {
            code: {"status": status}
            for code, status in {
                "no_route": 404,
                "wrong_method": 405,
                "malformed_query": 400,
                "malformed_body": 400,
                "body_too_large": 413,
                "unsupported_media": 415,
                "invalid_path": 404,
                "invalid_request": 422,
                "credential_missing": 401,
                "credential_unknown": 401,
                "not_found": 404,
            }.items()
        },
        "violations": {"rules": {"default": "${field} breaks ${rule}"}},
    },
    "assumed": ["provider"],
}
KEYS = {"records": [{"id": 1, "name": "full", "key": "ledger_live_09af81bc22d4e6f7"}]}


def ledger(folder: Path, records: int, **fields: object) -> Place:
    """The files of a provider whose one collection begins with so many *records*.

    Each has an id, a title, and *fields*.
    """
    entry = {"id": "${n}", "title": "${'Entry ' + text(n)}", **fields}
    files = {
        "openapi.yaml": OPENAPI,
        "behavior.yaml": BEHAVIOR,
        "fixtures/keys.yaml": KEYS,
        "fixtures/entries.yaml": {"generate": records, "seed": "e", "record": entry},
    }
    (folder / "fixtures").mkdir(parents=True)
    for name, content in files.items():
        # JSON is YAML.
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return Place(folder, folder / "fixtures")


def board_of(place: Place, **settings: Any) -> Dispatcher:
    return Dispatcher({"ledger": load(place)}, settings=Settings(**settings))


class Caller:
    """The client of one world, known by its credential."""

    def __init__(self, board: Dispatcher, world: World) -> None:
        self._board = board
        found = board.worlds.credentials(world, "ledger")
        key = next(one["value"] for one in found if one["name"] == "full")
        self.headers = [
            (b"host", b"localhost"),
            (b"x-key", key.encode()),
            (b"content-type", b"application/json"),
        ]

    def call(self, method: str, path: str, body: bytes = b"") -> int:
        reply = self._board.answer(
            Call(
                method=method,
                path=f"/ledger{path}",
                raw_headers=self.headers,
                body=body,
            )
        )
        if reply.status >= 300:
            raise SystemExit(f"{method} {path} answered {reply.status}: {reply.body!r}")
        return reply.status

    def list(self) -> object:
        return self.call("GET", "/entries")

    def read(self) -> object:
        return self.call("GET", "/entries/7")

    def create(self) -> object:
        return self.call("POST", "/entries", b'{"title": "One more"}')


def lives(few: Dispatcher, many: Dispatcher, rounds: int) -> Iterator[Row]:
    """A world's life with many fixture records against the same with few."""
    against = f"the same with {FEW:,} records"

    def created(board: Dispatcher) -> Callable[[], object]:
        worlds = board.worlds
        return lambda: worlds.delete(worlds.create())

    def forked(board: Dispatcher) -> Callable[[], object]:
        worlds = board.worlds
        origin = worlds.create(pinned=True)
        Caller(board, origin).create()
        return lambda: worlds.delete(worlds.fork(origin))

    def reset(board: Dispatcher) -> Callable[[], object]:
        world = board.worlds.create(pinned=True)
        return lambda: board.worlds.reset(world)

    cases = {
        "created and deleted": created,
        "forked and deleted": forked,
        "reset": reset,
    }
    for name, make in cases.items():
        what = f"a world {name} with {MANY:,} records"
        yield paired(what, make(many), against, make(few), number=4_000, rounds=rounds)

    def first_calls(board: Dispatcher) -> Callable[[], object]:
        def run() -> None:
            world = board.worlds.create()
            caller = Caller(board, world)
            caller.read()
            caller.create()
            board.worlds.delete(world)

        return run

    what = f"a world created, read, written to and deleted with {MANY:,} records"
    ours, theirs = first_calls(many), first_calls(few)
    yield paired(what, ours, against, theirs, number=200, rounds=rounds)


def pages(some: Place, lots: Place, rounds: int) -> Iterator[Row]:
    """A page right after a write with very many records against the same with some."""

    def page_after_write(place: Place) -> Callable[[], object]:
        board = board_of(place)
        caller = Caller(board, board.worlds.create())

        def run() -> None:
            caller.create()
            caller.list()

        return run

    yield paired(
        f"a write and then a page with {LOTS:,} records",
        page_after_write(lots),
        f"with {SOME:,}",
        page_after_write(some),
        number=400,
        rounds=rounds,
    )


def journals(place: Place, rounds: int) -> Iterator[Row]:
    """Calls that are written down against calls that are not."""
    boards = [board_of(place), board_of(place, journal_entries=0)]
    on, off = (Caller(board, board.worlds.create()) for board in boards)
    for name in ("list", "read", "create"):
        ours, theirs = getattr(on, name), getattr(off, name)
        what = f"{name}, with the journal"
        yield paired(what, ours, "without", theirs, number=2_000, rounds=rounds)


def crowds(place: Place, rounds: int) -> Iterator[Row]:
    """Calls spread over many worlds against calls to one; each has been called before."""
    one, all = board_of(place), board_of(place, worlds=CROWD + 1)
    alone = Caller(one, one.worlds.create())
    crowd = [Caller(all, all.worlds.create()) for _ in range(CROWD)]
    for name in ("list", "read"):
        each: Mapping[str, Iterable[Callable[[], object]]] = {
            "crowd": cycle([getattr(caller, name) for caller in crowd])
        }
        turn = iter(each["crowd"])
        for _ in range(CROWD):
            next(turn)()
        yield paired(
            f"{name}, in {CROWD:,} worlds by turns",
            lambda turn=turn: next(turn)(),  # type: ignore[misc]
            "in 1 world",
            getattr(alone, name),
            number=4_000,
            rounds=rounds,
        )


def rows(rounds: int) -> Iterator[Row]:
    with TemporaryDirectory() as name:
        small = ledger(Path(name) / "small" / "ledger", FEW)
        large = ledger(Path(name) / "large" / "ledger", MANY)
        yield from lives(board_of(small), board_of(large), rounds)
        some = ledger(Path(name) / "some" / "ledger", SOME)
        lots = ledger(Path(name) / "lots" / "ledger", LOTS)
        yield from pages(some, lots, rounds)
        yield from journals(small, rounds)
        yield from crowds(small, rounds)


def main(rows: Callable[[int], Iterator[Row]] = rows, doc: str = __doc__ or "") -> int:
    """Print *rows*, each a ratio."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.json:
        print(json.dumps([row.as_json() for row in rows(options.rounds)], indent=2))
    else:
        for row in rows(options.rounds):
            print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
