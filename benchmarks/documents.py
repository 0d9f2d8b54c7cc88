"""Documents: a published OpenAPI document served by the emulator, and by Prism.

    python benchmarks/documents.py DOCUMENT [--npm DIR] [--seconds 1] [--rounds 5]
        [--calls 20] [--growth] [--json] [--write]

It installs and fetches nothing: DOCUMENT is a file such as the one that the npm package
`@octokit/openapi` has, and DIR a folder into which `@stoplight/prism-cli` was installed.
Without --npm, Prism is left out. With --growth, documents of 100, 1 000 and 10 000 made
up operations are loaded as well. `--write` puts the tables into the documentation.

Both get the same calls by the same client, by turns: the first GET operations of the
document that both answer with a success, each with the path and query that the emulator
proposes for it. A rate is replies a second of the server's own CPU time, over one
keep-alive connection; a start is the CPU time from the command to the first reply.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pages
from measuring import (
    ClientConnection,
    cpu_seconds,
    emulator_command,
    environment,
    memory_mib,
    rate,
    request,
    running,
    spread,
)

NAME = "document"
SIZES = (100, 1_000, 10_000)
TOGETHER = 5
"""Operations of one made up resource."""
_LOAD = """
import sys, time
from pathlib import Path
from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.spec.published import Published
place = Place.of_document("made", Published(Path(sys.argv[1])))
started = time.process_time()
load(place)
print(time.process_time() - started)
"""


class Start(NamedTuple):
    """What a server needed until it had answered once."""

    seconds: float
    """Of CPU time."""
    mib: float
    """The most memory until then."""


class Server(NamedTuple):
    pid: int
    port: int
    root: str
    headers: Mapping[str, str]


def command_of(document: Path, folder: Path) -> tuple[list[str], Path]:
    # Prism counts no calls, so we do not either.
    options = ["--openapi", f"{NAME}={document}", "--lenient", "--without", "limits"]
    return emulator_command(folder, *options)


def started(document: Path, folder: Path) -> Start:
    """A start of the emulator with the cache that is in *folder*, or none yet."""
    command, port_file = command_of(document, folder)
    env = {"XDG_CACHE_HOME": str(folder / "cache")}
    with (
        running(command, port_file, env=env) as (port, pid),
        ClientConnection(port) as connection,
    ):
        connection.exchange(request("GET", f"/{NAME}/nothing-is-here"))
        return Start(cpu_seconds(pid), memory_mib(pid) or 0.0)


@contextmanager
def emulator(document: Path, folder: Path) -> Iterator[Server]:
    command, port_file = command_of(document, folder)
    env = {"XDG_CACHE_HOME": str(folder / "cache")}
    with running(command, port_file, env=env) as (port, pid):
        yield Server(pid, port, f"/{NAME}", _credential(port))


def _credential(port: int) -> Mapping[str, str]:
    """The headers of a caller that may do everything; none where nobody is asked."""
    listed = _asked(port, f"/_emulator/worlds/default/credentials/{NAME}")
    found = (one["headers"] for one in listed if one["name"] == "full")
    return next(found, {})


@contextmanager
def prism(document: Path, npm: Path) -> Iterator[Server]:
    program = npm / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command = ["node", str(program), "mock", str(document), "--host", "127.0.0.1"]
    with running(command, timeout=180) as (port, pid):
        yield Server(pid, port, "", {"Authorization": "Bearer token"})


def _asked(port: int, path: str) -> Any:
    with ClientConnection(port) as connection:
        reply = connection.exchange(request("GET", path))
    return json.loads(reply.body) if reply.status == 200 else []


def paths(server: Server) -> Iterator[str]:
    """Calls of the document's GET operations that the emulator proposes."""
    told = _asked(server.port, f"/_emulator/providers/{NAME}")
    for id in told["operations"]:
        place = f"/_emulator/worlds/default/examples/{NAME}/{quote(id, safe='')}"
        example = _asked(server.port, place)
        if example and example["method"] == "GET":
            query = urlencode([*map(tuple, example["query"])])
            yield f"{example['path']}?{query}" if query else example["path"]


def calls(servers: Sequence[Server], most: int) -> list[str]:
    """The first paths that all *servers* answer with a success."""
    found: list[str] = []
    for path in paths(servers[0]):
        statuses = [_status(server, path) for server in servers]
        if statuses == [200] * len(servers):
            found.append(path)
        if len(found) == most:
            break
    return found


def _status(server: Server, path: str) -> int:
    sent = request("GET", server.root + path, headers=server.headers)
    with ClientConnection(server.port) as connection:
        return connection.exchange(sent).status


def compared(
    document: Path,
    npm: Path | None,
    folder: Path,
    *,
    rounds: int,
    seconds: float,
    most: int,
) -> dict[str, Any]:
    """The rates of both, by turns, and the ratio of each round."""
    with ExitStack() as stack:
        servers = {"emulator": stack.enter_context(emulator(document, folder))}
        if npm is not None:
            servers["Prism"] = stack.enter_context(prism(document, npm))
        chosen = calls([*servers.values()], most)
        rates: dict[str, list[float]] = {name: [] for name in servers}
        for _ in range(rounds):
            for name, server in servers.items():
                sent = [
                    request("GET", server.root + path, headers=server.headers)
                    for path in chosen
                ]
                with ClientConnection(server.port) as connection:
                    rates[name].append(rate(server.pid, connection, sent, seconds, 200))
        found: dict[str, Any] = {
            "calls": len(chosen),
            "rates": {name: spread(values, 1) for name, values in rates.items()},
            "memory": {
                name: memory_mib(server.pid) for name, server in servers.items()
            },
        }
        if npm is not None:
            both = zip(rates["emulator"], rates["Prism"], strict=True)
            found["ratio"] = spread([ours / theirs for ours, theirs in both], 1)
        return found


def prism_start(document: Path, npm: Path) -> Start:
    with prism(document, npm) as server:
        _status(server, "/nothing-is-here")
        return Start(cpu_seconds(server.pid), memory_mib(server.pid) or 0.0)


def made_up(operations: int) -> dict[str, Any]:
    """A document of so many operations, each resource with a schema of its own."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {
        "Shared": {"type": "object", "properties": {"note": {"type": "string"}}}
    }
    for number in range(operations // TOGETHER):
        schemas[f"Thing{number}"] = {
            "type": "object",
            "required": ["id", "name"],
            "properties": {
                "id": {"type": "string", "format": "uuid", "readOnly": True},
                "name": {"type": "string", "minLength": 1, "maxLength": 80},
                "size": {"type": "integer", "minimum": 0},
                "state": {"type": "string", "enum": ["new", "old"]},
                "about": {"$ref": "#/components/schemas/Shared"},
            },
        }
        thing = {"$ref": f"#/components/schemas/Thing{number}"}
        one = {"application/json": {"schema": thing}}
        many = {"application/json": {"schema": {"type": "array", "items": thing}}}
        key = {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
        }
        body = {"required": True, "content": one}

        def does(word: str, status: str, content: Any, **more: Any) -> dict[str, Any]:
            reply = {"description": "Done", **({"content": content} if content else {})}
            return {"operationId": word, "responses": {status: reply}, **more}

        paths[f"/things{number}"] = {
            "get": does(f"list{number}", "200", many),
            "post": does(f"create{number}", "201", one, requestBody=body),
        }
        paths[f"/things{number}/{{id}}"] = {
            "parameters": [key],
            "get": does(f"read{number}", "200", one),
            "put": does(f"replace{number}", "200", one, requestBody=body),
            "delete": does(f"delete{number}", "204", None),
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Made up", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def growth(folder: Path, rounds: int) -> dict[int, float]:
    """Milliseconds of CPU time an operation, for documents of several sizes, without a
    cache; by turns, the lowest of the rounds."""
    times: dict[int, list[float]] = {size: [] for size in SIZES}
    for size in SIZES:
        (folder / f"{size}.json").write_text(json.dumps(made_up(size)))
    for _ in range(rounds):
        for size in SIZES:
            command = [sys.executable, "-c", _LOAD, str(folder / f"{size}.json")]
            done = subprocess.run(
                command, check=True, capture_output=True, env=environment()
            )
            times[size].append(float(done.stdout) * 1e3 / size)
    return {size: round(min(values), 3) for size, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("document", type=Path)
    parser.add_argument("--npm", type=Path)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--calls", type=int, default=20)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    document = given.document.absolute()
    with TemporaryDirectory() as name:
        folder = Path(name)
        starts = {"first start": started(document, folder)}
        again = [started(document, folder) for _ in range(3)]
        seconds = statistics.median(start.seconds for start in again)
        starts["second start"] = Start(seconds, max(start.mib for start in again))
        if given.npm:
            starts["Prism"] = prism_start(document, given.npm.absolute())
        result: dict[str, Any] = {
            "bytes": document.stat().st_size,
            "starts": {name: start._asdict() for name, start in starts.items()},
            **compared(
                document,
                given.npm and given.npm.absolute(),
                folder,
                rounds=given.rounds,
                seconds=given.seconds,
                most=given.calls,
            ),
        }
        if given.growth:
            result["growth"] = growth(folder, given.rounds)
    print(json.dumps(result, indent=2) if given.json else shown(result))
    if given.write:
        pages.write("documents", f"{pages.measured_on()}\n\n{shown(result)}")


def shown(result: Mapping[str, Any]) -> str:
    """The tables."""
    rows: list[Sequence[object]] = [
        (name, f"{start['seconds']:.1f} s", f"{start['mib']:.0f} MiB")
        for name, start in result["starts"].items()
    ]
    parts = [pages.table(["until the first reply", "CPU time", "memory"], rows)]
    rates = [
        (
            name,
            f"{told['median']:,.0f}".replace(",", " "),
            f"{result['memory'][name]:.0f} MiB",
        )
        for name, told in result["rates"].items()
    ]
    head = [f"{result['calls']} operations", "replies a second of CPU", "memory"]
    parts.append(pages.table(head, rates))
    if "ratio" in result:
        ratio = result["ratio"]
        parts.append(
            f"That is {ratio['median']:.0f} times as many as Prism"
            f" ({ratio['low']:.0f} to {ratio['high']:.0f})."
        )
    if "growth" in result:
        grown = [(size, f"{ms:.2f} ms") for size, ms in result["growth"].items()]
        parts.append(pages.table(["operations", "CPU time of each"], grown))
    return "\n\n".join(parts)


if __name__ == "__main__":
    os.umask(0o077)
    main()
