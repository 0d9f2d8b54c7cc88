"""Peers: the same page and the same create from other programs, in one rotation.

    python benchmarks/peers.py [--only NAME ...] [--npm DIR] [--python PYTHON]
        [--java JAVA] [--seconds 1] [--rounds 5] [--svg FILE] [--json] [--write]

It installs nothing. Of a peer that is not there it says so, and how to install it: npm
packages into a folder that --npm names, Python packages for the interpreter that
--python names. `--write` puts the tables into the documentation, and the plot beside it.

Each program runs as its authors advise for use, without logs. In each round each is
measured once, after bare ASGI under uvicorn, with one keep-alive connection a turn. A
ratio is replies a second of CPU time against those of bare ASGI in the same round, which
sends the same bytes as the emulator does; the median of the rounds counts.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pages
from measuring import (
    PROVIDER,
    ROOT,
    ClientConnection,
    Reply,
    bare_command,
    emulator_command,
    full_key,
    rate,
    request,
    running,
    spread,
    write_fixtures,
)
from peer_servers import (
    INVALID,
    MARK,
    OURS,
    PAGE_SIZE,
    PEERS,
    Material,
    Peer,
    Setup,
    Tools,
    new_records,
    records_of,
    tools,
)
from svg import Bar, bar_chart, ratio

BARE = "bare ASGI"
CASES = ("page of 20", "create")
SVG = pages.ROOT / "docs" / "explanation" / "peers.svg"


class Observed(NamedTuple):
    """What a peer does, found out by calling it."""

    without_credential: int
    invalid_body: int
    keeps_what_is_created: bool
    counts_a_quota: bool
    keeps_the_connection: bool
    page_bytes: int


@dataclass
class Running:
    """A server that is measured."""

    name: str
    pid: int
    port: int
    page: Sequence[bytes]
    create: Sequence[bytes]
    created: int
    observed: Observed | None = None
    rates: dict[str, list[float]] = field(
        default_factory=lambda: {case: [] for case in CASES}
    )

    def measure(self, case: str, seconds: float) -> float:
        requests, status = (
            (self.page, 200) if case == CASES[0] else (self.create, self.created)
        )
        # Some close a connection that waits for its next turn.
        with ClientConnection(self.port) as connection:
            return rate(self.pid, connection, requests, seconds, status)


def material(folder: Path) -> Material:
    """Ask the emulator for the page and the record that the peers are to answer with."""
    key = full_key()
    fixtures = write_fixtures(folder)
    command, port_file = emulator_command(folder, "--fixtures", str(fixtures))
    with (
        running(command, port_file) as (port, _),
        ClientConnection(port) as connection,
    ):
        page = connection.exchange(request("GET", f"{ROOT}/jobs", key)).body
        created = connection.exchange(
            request("POST", f"{ROOT}/jobs", key, new_records()[0])
        ).body
    document = _document(page, created)
    schema = document["components"]["schemas"]["JobInput"]
    return Material(key, page, created, schema, document, fixtures)


def _document(page: bytes, created: bytes) -> dict[str, Any]:
    """The provider's document, with one example each: what the emulator answered."""
    import yaml

    file = pages.ROOT / "specs" / PROVIDER / "openapi.yaml"
    document: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    document["servers"] = [{"url": "/"}]
    for method, status, body in (("get", "200", page), ("post", "201", created)):
        reply = document["paths"]["/jobs"][method]["responses"][status]
        reply["content"]["application/json"]["examples"] = {
            "only": {"value": json.loads(body)}
        }
    return document


@contextmanager
def started(peer: Peer, setup: Setup) -> Iterator[Running]:
    with (
        running(setup.command, setup.port_file, env=setup.env) as (port, pid),
        ClientConnection(port) as connection,
    ):
        for each in setup.before:
            reply = connection.exchange(each)
            if reply.status >= 300:
                raise SystemExit(
                    f"{peer.name} answered {reply.status}: {reply.body[:300]!r}"
                )
        create = [setup.create(record) for record in new_records()]
        server = Running(peer.name, pid, port, setup.page, create, setup.created)
        server.observed = observe(connection, setup)
        yield server


def observe(connection: ClientConnection, setup: Setup) -> Observed:
    page = connection.exchange(setup.page[0])
    if page.status != 200:
        raise SystemExit(f"a page was answered {page.status}: {page.body[:300]!r}")
    records = records_of(json.loads(page.body))
    if len(records) != PAGE_SIZE:
        raise SystemExit(f"a page has {len(records)} records: {page.body[:300]!r}")
    connection.exchange(setup.create({**new_records()[0], "title": MARK}))
    return Observed(
        without_credential=connection.exchange(setup.anonymous).status,
        invalid_body=connection.exchange(setup.create(INVALID)).status,
        keeps_what_is_created=MARK.encode() in connection.exchange(setup.after).body,
        counts_a_quota=_remaining(page)
        > _remaining(connection.exchange(setup.page[0])),
        keeps_the_connection=b"connection: close" not in page.head.lower(),
        page_bytes=len(page.body),
    )


def _remaining(reply: Reply) -> int:
    """How many calls of a quota are left, as the reply tells; 0 if it does not."""
    told = re.search(rb"ratelimit-remaining: *(\d+)", reply.head.lower())
    return int(told[1]) if told else 0


@contextmanager
def started_bare(folder: Path, given: Material) -> Iterator[Running]:
    (folder / "page").write_bytes(given.page)
    (folder / "created").write_bytes(given.created)
    create = [request("POST", "/", None, record) for record in new_records()]
    with running(bare_command(), env={"BARE_FOLDER": str(folder)}) as (port, pid):
        page = [request("GET", "/", given.key)]
        yield Running(BARE, pid, port, page, create, 200)


def measure(
    peers: Sequence[Peer], places: Tools, seconds: float, rounds: int, warm_up: float
) -> list[Running]:
    """Start all, and measure them by turns."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        given = material(folder)
        servers = [stack.enter_context(started_bare(folder, given))]
        for peer in peers:
            own = folder / f"peer-{len(servers)}"
            own.mkdir()
            setup = peer.prepare(given, places, own)
            servers.append(stack.enter_context(started(peer, setup)))
        for server in servers:
            for case in CASES:
                # What compiles itself as it runs has to have run.
                server.measure(case, warm_up)
        for _ in range(rounds):
            for case in CASES:
                for server in servers:
                    server.rates[case].append(server.measure(case, seconds))
        return servers


def ratios(servers: Sequence[Running], case: str) -> dict[str, dict[str, float]]:
    bare = servers[0].rates[case]
    return {
        server.name: spread(
            [one / other for one, other in zip(server.rates[case], bare, strict=True)]
        )
        for server in servers[1:]
    }


def results(
    servers: Sequence[Running], peers: Sequence[Peer], versions: dict[str, str]
) -> dict[str, Any]:
    measured = {case: ratios(servers, case) for case in CASES}
    observed = {server.name: server.observed for server in servers[1:]}
    return {
        "date": pages.today(),
        "bare_microseconds": {
            case: round(1e6 / statistics.median(servers[0].rates[case]), 1)
            for case in CASES
        },
        "peers": [
            {
                "name": peer.name,
                "version": versions[peer.name],
                "does": peer.does,
                **{case: measured[case][peer.name] for case in CASES},
                **observed[peer.name]._asdict(),  # type: ignore[union-attr]
            }
            for peer in peers
        ],
    }


def plot(found: dict[str, Any]) -> str:
    names = {
        each["name"]: f"{each['name']} {each['version']}" for each in found["peers"]
    }
    groups = [
        (
            case,
            [
                Bar(
                    names[each["name"]],
                    each[case]["median"],
                    each[case]["low"],
                    each[case]["high"],
                    each["name"] == OURS.name,
                )
                for each in sorted(
                    found["peers"], key=lambda each: -each[case]["median"]
                )
            ],
        )
        for case in CASES
    ]
    notes = [
        (
            "Replies a second of CPU time; bare ASGI under uvicorn, sending the same bytes,"
            " is 1.00. Longer is faster."
        ),
        (
            f"Measured on {found['date']}, medians of rounds by turns, with the lowest and"
            " the highest."
        ),
        (
            "What each does for a call differs much: the table in docs/explanation/speed.md"
            " tells."
        ),
    ]
    return bar_chart("The same page and the same create", notes, groups)


def markdown(found: dict[str, Any], missing: Sequence[str]) -> str:
    bare = found["bare_microseconds"]
    lines = [
        pages.measured_on() + " Of bare ASGI, which is 1.00, a page costs"
        f" {bare[CASES[0]]:.0f} µs of CPU and a create {bare[CASES[1]]:.0f} µs.",
        "",
        pages.table(
            ["program", *CASES],
            [
                (
                    f"{each['name']} {each['version']}",
                    *(
                        f"{ratio(each[case]['median'])}"
                        f" ({ratio(each[case]['low'])} to {ratio(each[case]['high'])})"
                        for case in CASES
                    ),
                )
                for each in found["peers"]
            ],
        ),
        "",
        (
            "This table shows what each program does for these calls. All columns except"
            " the last are measured in the same run:"
        ),
        "",
        pages.table(
            [
                "program",
                "no credential",
                "invalid body",
                "keeps what is created",
                "counts a quota",
                "keeps the connection",
                "bytes of the page",
                "what it does",
            ],
            [
                (
                    each["name"],
                    each["without_credential"],
                    each["invalid_body"],
                    "yes" if each["keeps_what_is_created"] else "no",
                    "yes" if each["counts_a_quota"] else "no",
                    "yes" if each["keeps_the_connection"] else "no",
                    f"{each['page_bytes']:,}".replace(",", " "),
                    each["does"],
                )
                for each in found["peers"]
            ],
        ),
    ]
    return "\n".join([*lines, *(f"\nNot measured: {each}." for each in missing)])


def told(found: dict[str, Any]) -> Iterator[str]:
    yield f"bare ASGI = 1.00 {found['bare_microseconds']} us; page, create:"
    for each in found["peers"]:
        columns = (
            f"{each[case]['median']:.3f} ({each[case]['low']:.3f} to"
            f" {each[case]['high']:.3f})"
            for case in CASES
        )
        yield f"  {each['name'] + ' ' + each['version']:26} {'  '.join(columns)}"
        yield (
            f"    no credential: {each['without_credential']}, invalid body:"
            f" {each['invalid_body']}, keeps what is created:"
            f" {each['keeps_what_is_created']}, counts a quota:"
            f" {each['counts_a_quota']}, keeps the connection:"
            f" {each['keeps_the_connection']}, page: {each['page_bytes']} bytes; {each['does']}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [peer.name for peer in PEERS]
    parser.add_argument("--only", action="append", choices=names, metavar="NAME")
    parser.add_argument("--npm", type=Path, default=Path(), help="npm's --prefix")
    parser.add_argument("--python", default=sys.executable, help="with Python peers")
    parser.add_argument("--java", default="java")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of one run")
    parser.add_argument("--warm-up", type=float, default=4.0, help="seconds before it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--svg", type=Path, help="file to draw the plot into")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    options = parser.parse_args()
    places = tools(options.npm.resolve() / "node_modules", options.java, options.python)
    versions, missing = {}, []
    for peer in (OURS, *PEERS):
        if options.only and peer is not OURS and peer.name not in options.only:
            continue
        version = peer.version(places)
        if version is None:
            missing.append(f"{peer.name} is not installed: {peer.install}")
        else:
            versions[peer.name] = version
    for each in missing:
        print(each, file=sys.stderr)
    peers = [peer for peer in (OURS, *PEERS) if peer.name in versions]
    servers = measure(peers, places, options.seconds, options.rounds, options.warm_up)
    found = {**results(servers, peers, versions), "missing": missing}
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print("\n".join(told(found)))
    if options.write:
        pages.write("peers", markdown(found, missing))
    for file in (options.svg, SVG if options.write else None):
        if file is not None:
            file.write_text(plot(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
