"""Chaos: a server at full load, with everything that goes wrong on purpose.

    python benchmarks/chaos.py [--minutes 10] [--growth 10] [--json]

Threads create, call, fork, restore, reset and delete worlds with faults and forced
refusals; others send and read slowly, break off, or reset their connections; followers
read journals as they are written. In the end a SIGTERM comes while calls wait for their
replies. It ends with 1 and says why if a reply was a 5xx that nobody asked for or another
than it should be, an entry of a journal was lost, memory or descriptors have grown, or a
call that was under way was not answered.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from measuring import KEY_HEADER, ROOT, ClientConnection, Reply, environment, request
from traffic import Visitor

from emulator.world.chance import Chance

Json = Any
CALLERS, FOLLOWED = 5, 3
"""Threads that live in worlds, and every how many of their lives is followed."""
WORLDS, JOURNALS = 40, 24 * 1024 * 1024
"""Bounds of the server that are reached at once, so that memory can be flat."""
CLOCK = "frozen 2026-03-02T10:00:00Z"
FAULTS: tuple[dict[str, Json], ...] = (
    {"fault": "status=503"},
    {"fault": "gateway=502"},
    {"fault": "reset"},
    {"fault": "delay=20ms"},
    {"refuse": "internal_error"},
    {"refuse": "rate_limited"},
)
PIPELINED = 50
"""Requests that are sent in one piece, so that the client is no slower than the server."""
WAITING = 20
"""Calls that are under way when the end comes."""
PATIENCE = 30.0


class Run:
    """What all threads share: where the server is, what was done, what went wrong."""

    def __init__(self, port: int, seconds: float) -> None:
        self.port = port
        self.ends = time.monotonic() + seconds
        self.stopping = threading.Event()
        """A SIGTERM has been sent: connections may be closed from now on."""
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self._lock = threading.Lock()

    @property
    def goes_on(self) -> bool:
        return not self.stopping.is_set()

    def count(self, what: str, many: int = 1) -> None:
        with self._lock:
            self.counts[what] += many

    def fail(self, what: str) -> None:
        with self._lock:
            self.wrong.append(what)

    def during(self, work: Callable[[Run, Chance], None], seed: int) -> None:
        """Do *work* again and again until the end comes."""
        chance = Chance(seed)
        while self.goes_on:
            try:
                work(self, chance)
            except OSError as error:  # when the server has ended, nothing else is left
                if self.goes_on:
                    self.fail(f"{work.__name__}: {error!r}")
            except Exception as error:
                self.fail(f"{work.__name__}: {error!r}")


class Remote:
    """A server as `Visitor` sees it, by one connection."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.sent = 0
        self.connection = ClientConnection(run.port)
        self.worlds = SimpleNamespace(credentials=self._credentials)
        self.programs: dict[str, Any] = {}
        self._born: Json = None

    def admin(self, method: str, path: str, body: Json = None, status: int = 0) -> Json:
        """What the admin API answers; another *status* than that is a failure."""
        media = {"Content-Type": "application/vnd.emulator.snapshot+json"}
        headers = media if path.endswith("/snapshot") and body is not None else {}
        reply = self.exchange(
            request(method, f"/_emulator{path}", body=body, headers=headers)
        )
        if status and reply.status != status:
            raise RuntimeError(f"{method} {path}: {reply.status} {reply.body[:200]!r}")
        return json.loads(reply.body) if reply.body else None

    def create(self) -> Any:
        """A world of its own, as `Visitor` wants it."""
        self._born = born = self.admin("POST", "/worlds", {"clock": CLOCK}, 201)
        for name, provider in born["providers"].items():
            base = re.sub(r"^https?://[^/]+", "", provider["base_url"])
            path = base.partition(f"/{name}")[2]
            self.programs[name] = SimpleNamespace(base_path=path)
        moved = f"/worlds/{born['id']}/clock"
        clock = SimpleNamespace(
            advance=lambda seconds: self.admin(
                "PATCH", moved, {"advance": f"{seconds:g}s"}, 200
            )
        )
        return SimpleNamespace(id=born["id"], clock=clock)

    def _credentials(self, _: Any, provider: str) -> list[Json]:
        known = self._born["providers"][provider]["credentials"]
        return [{**credential, "name": name} for name, credential in known.items()]

    def answer(self, call: Any) -> Any:
        """Send *call* over the socket; the name that Dispatcher has for it."""
        query = f"?{call.query.decode()}" if call.query else ""
        lines = {name.decode(): value.decode() for name, value in call.raw_headers}
        if call.body or call.method in ("POST", "PUT", "PATCH"):
            lines["content-length"] = str(len(call.body))
        lines["x-emulator-world"] = self._born["id"]  # some calls have no credential
        head = [f"{call.method} {call.path}{query} HTTP/1.1", "host: 127.0.0.1"]
        head += [f"{name}: {value}" for name, value in lines.items()]
        self.sent += 1
        return self.exchange("\r\n".join([*head, "", ""]).encode() + call.body)

    def exchange(self, sent: bytes, *, may_break: bool = False) -> Reply:
        """The reply to *sent*; raises `ConnectionError` where there is none."""
        try:
            reply = self.connection.exchange(sent)
        except ConnectionError:
            if self.connection.begun and not may_break:
                if self.run.goes_on:
                    self.run.fail("a reply broke off that nobody had asked to")
                # The server waits half a second for clients to read; this one is busy.
                self.run.count("unread at the end")
            self.connection.close()
            self.connection = ClientConnection(self.run.port)
            raise
        self.run.count("calls")
        return reply


def live(run: Run, chance: Chance) -> None:
    """One life of a world, of which the journal has every call in the end."""
    remote = Remote(run)
    world = remote.create()
    visitor = Visitor(remote, world)
    follower = None
    if chance.happens(1 / FOLLOWED):
        follower = Follower(run, world.id)
    for _ in range(chance.number(2, 5)):
        visitor.visit(leaves=chance.happens(0.5))
        chance.pick((_faults, _forced, _fork, _restored))(remote, world.id, chance)
    _check_journal(remote, world.id, follower)
    if chance.happens(0.5):
        remote.admin("POST", f"/worlds/{world.id}/reset", None, 200)
        run.count("resets")
        visitor.visit()
    remote.admin("DELETE", f"/worlds/{world.id}", None, 204)
    run.count("worlds")
    remote.connection.close()


def _key(remote: Remote) -> str:
    credential = remote._credentials(None, "jobriver")
    full = next(one for one in credential if one["name"] == "full")
    return str(full["headers"][KEY_HEADER])


def _faults(remote: Remote, world: str, chance: Chance) -> None:
    """A rule, the calls that it strikes, and none that it does not."""
    fault = chance.pick(FAULTS)
    rule = {"provider": "jobriver", "calls": "1-2", **fault}
    remote.admin("POST", f"/worlds/{world}/faults", rule, 201)
    listed = request("GET", f"{ROOT}/jobs", _key(remote))
    resets = fault.get("fault") == "reset"
    for _ in range(2):
        remote.sent += 1
        try:
            remote.exchange(listed, may_break=resets)
        except ConnectionError:
            if not resets:
                raise
    remote.admin("DELETE", f"/worlds/{world}/faults", None, 204)
    remote.sent += 1
    _expect(remote, listed, 200)
    remote.run.count("faults")


def _forced(remote: Remote, _: str, chance: Chance) -> None:
    code, status = chance.pick((("internal_error", 500), ("ip_not_allowed", 403)))
    forced = {"X-Emulator-Refuse": code}
    remote.sent += 1
    _expect(
        remote, request("GET", f"{ROOT}/jobs", _key(remote), headers=forced), status
    )
    remote.run.count("forced refusals")


def _fork(remote: Remote, world: str, _: Chance) -> None:
    """A fork is called, and deleted with its journal."""
    fork = remote.admin("POST", f"/worlds/{world}/fork", None, 201)
    credentials = fork["providers"]["jobriver"]["credentials"]
    key = credentials["full"]["headers"][KEY_HEADER]
    _expect(remote, request("GET", f"{ROOT}/jobs?page=2", key), 200)
    remote.admin("DELETE", f"/worlds/{fork['id']}", None, 204)
    remote.run.count("forks")


def _restored(remote: Remote, world: str, _: Chance) -> None:
    """Another world becomes what this one was."""
    snapshot = remote.admin("GET", f"/worlds/{world}/snapshot", None, 200)
    other = remote.admin("POST", "/worlds", {}, 201)["id"]
    remote.admin("PUT", f"/worlds/{other}/snapshot", snapshot, 200)
    remote.admin("DELETE", f"/worlds/{other}", None, 204)
    remote.run.count("snapshots")


def _expect(remote: Remote, sent: bytes, status: int) -> None:
    reply = remote.exchange(sent)
    if reply.status != status:
        raise RuntimeError(
            f"{sent[:60]!r}: {reply.status}, not {status}: {reply.body[:99]!r}"
        )


def _check_journal(remote: Remote, world: str, follower: Follower | None) -> None:
    entries = remote.admin("GET", f"/worlds/{world}/journal?limit=10000", None, 200)
    ids = [entry["id"] for entry in entries]
    wanted = [*range(1, remote.sent + 1)]
    if ids != wanted:
        remote.run.fail(f"a journal has {len(ids)} entries of {len(wanted)} calls")
    if follower is not None and follower.wait(len(wanted)) != wanted:
        remote.run.fail(
            f"a follower saw {len(follower.seen)} entries of {len(wanted)} calls"
        )
    remote.run.count("journal entries", len(wanted))


class Follower:
    """Reads the journal of a world as it is written, in a thread of its own."""

    def __init__(self, run: Run, world: str) -> None:
        self.seen: list[int] = []
        self._run = run
        self._path = f"/_emulator/worlds/{world}/journal/events?from=start"
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def wait(self, many: int) -> list[int]:
        """What was seen, once that is so *many* or nothing has come for long."""
        deadline = time.monotonic() + PATIENCE
        while len(self.seen) < many and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.seen

    def _read(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._run.port, 60)
        try:
            connection.request("GET", self._path)
            stream = connection.getresponse()
            for line in iter(stream.readline, b""):
                if line.startswith(b"id: "):
                    self.seen.append(int(line[4:]))
            self._run.count("followers")
        except (OSError, http.client.HTTPException) as error:
            if self._run.goes_on:
                self._run.fail(f"a follower: {error!r}")
        finally:
            connection.close()


def dawdle(run: Run, _: Chance) -> None:
    """A client that sends a request byte by byte, or reads a reply so."""
    remote = Remote(run)
    world = remote.create()
    sent = request("GET", f"{ROOT}/jobs?per_page=100", _key(remote))
    with socket.create_connection(("127.0.0.1", run.port), PATIENCE) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        for byte in sent:
            slow.sendall(bytes((byte,)))
            time.sleep(0.002)
        received = b""
        while run.goes_on and not _is_whole(received):
            part = slow.recv(512)
            if not part:
                break
            received += part
            time.sleep(0.005)
    if run.goes_on and not _is_whole(received):
        run.fail(f"a slow client got {len(received)} bytes")
    remote.admin("DELETE", f"/worlds/{world.id}", None, 204)
    remote.connection.close()
    run.count("slow clients")


def _is_whole(received: bytes) -> bool:
    head, found, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return bool(found and length and len(body) >= int(length[1]))


def hammer(run: Run, _: Chance) -> None:
    """A client that sends many requests in one piece: most are told that it is enough."""
    remote = Remote(run)
    world = remote.create()
    sent = request("GET", f"{ROOT}/jobs?per_page=5", _key(remote))
    for _ in range(100):
        remote.connection.send(sent * PIPELINED)
        for _ in range(PIPELINED):
            status = remote.connection.reply().status
            if status not in (200, 429):
                run.fail(f"a request among many: {status}")
        run.count("calls", PIPELINED)
        if not run.goes_on:
            return
    remote.admin("DELETE", f"/worlds/{world.id}", None, 204)
    remote.connection.close()


def break_off(run: Run, chance: Chance) -> None:
    """A client that leaves in the middle, politely or by a reset."""
    sent = request("GET", f"{ROOT}/jobs?per_page=100", "unknown")
    leaver = socket.create_connection(("127.0.0.1", run.port), PATIENCE)
    leaver.sendall(sent[: chance.number(1, len(sent))])
    if chance.happens(0.5):
        leaver.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    leaver.close()
    run.count("broken off")
    time.sleep(0.02)


def watched(run: Run, process: int) -> Iterator[tuple[float, int]]:
    """MiB and open descriptors of the server, twenty times until it ends."""
    rest = (run.ends - time.monotonic()) / 20
    for _ in range(20):
        time.sleep(max(0.0, rest))
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        descriptors = len(os.listdir(f"/proc/{process}/fd"))
        yield round(pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576, 1), descriptors


def cpu_seconds(process: int) -> float:
    """The CPU time that the server has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end(run: Run, server: subprocess.Popen[bytes]) -> None:
    """Send a SIGTERM while calls wait for their replies; each of them is answered."""
    remote = Remote(run)
    world = remote.create()
    rule = {"provider": "jobriver", "fault": "delay=1s"}
    remote.admin("POST", f"/worlds/{world.id}/faults", rule, 201)
    sent = request("GET", f"{ROOT}/jobs", _key(remote))
    finished: list[int] = []

    def wait() -> None:
        with ClientConnection(run.port) as connection:
            finished.append(connection.exchange(sent).status)

    waiting = [threading.Thread(target=wait, daemon=True) for _ in range(WAITING)]
    for thread in waiting:
        thread.start()
    deadline = time.monotonic() + PATIENCE
    arrived = 0
    while arrived < WAITING and time.monotonic() < deadline:
        listed = f"/worlds/{world.id}/faults"
        arrived = remote.admin("GET", listed, None, 200)[0]["struck"]
    run.stopping.set()
    server.send_signal(signal.SIGTERM)
    for thread in waiting:
        thread.join(PATIENCE)
    run.counts["finished after SIGTERM"] = finished.count(200)
    if finished != [200] * WAITING:
        run.fail(f"of {WAITING} calls under way, {finished.count(200)} were answered")
    try:
        run.counts["exit code"] = server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        run.fail("the server did not end")
    if run.counts["exit code"] != 0:
        run.fail(f"the server ended with {run.counts['exit code']}")


def started(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """A server with bounds that are reached soon; and its port."""
    command = [sys.executable, "-m", "emulator", "serve", "--port", "0"]
    command += ["--port-file", str(folder / "port"), "--log-format", "none"]
    command += ["--worlds", str(WORLDS), "--journals-bytes", str(JOURNALS)]
    with open(folder / "errors", "wb") as errors:
        server = subprocess.Popen(
            command, stdout=errors, stderr=errors, env=environment()
        )
    deadline = time.monotonic() + PATIENCE
    while not (folder / "port").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return server, int((folder / "port").read_text().split()[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--growth", type=float, default=10.0, help="percent allowed")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server, port = started(Path(folder))
        run = Run(port, options.minutes * 60)
        works = [live] * CALLERS + [hammer, hammer, dawdle, dawdle, break_off]
        threads = [
            threading.Thread(target=run.during, args=(work, seed), daemon=True)
            for work, seed in zip(works, itertools.count())
        ]
        try:
            for thread in threads:
                thread.start()
            looks = [*watched(run, server.pid)]
            busy = cpu_seconds(server.pid) / (options.minutes * 60)
            end(run, server)
            for thread in threads:
                thread.join(PATIENCE)
        finally:
            server.kill()
        errors = (Path(folder) / "errors").read_text()
    if "Traceback" in errors:
        run.fail(f"the server wrote a traceback: {errors[-2000:]}")
    memory, descriptors = [look[0] for look in looks], [look[1] for look in looks]
    grown = round((max(memory[-5:]) / max(memory[5:10]) - 1) * 100, 1)
    if grown > options.growth:
        run.fail(f"the memory has grown by {grown} %")
    if max(descriptors[-5:]) > max(descriptors[5:10]) + 2 * len(threads):
        run.fail("descriptors have grown")
    report = {
        "minutes": options.minutes,
        "server_busy_percent": round(busy * 100),
        "counts": dict(run.counts),
        "MiB": memory,
        "grown_percent": grown,
        "descriptors": descriptors,
        "wrong": run.wrong[:20],
    }
    if options.json:
        print(json.dumps(report, indent=2))
    else:
        for name, value in report.items():
            print(f"{name}: {value}")
    return 1 if run.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
