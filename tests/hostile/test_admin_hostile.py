"""Hostile requests to /_emulator: each is refused in words, and changes nothing."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

import orjson
import pytest

from emulator.admin.admin import Admin
from emulator.admin.request import AdminRequest
from emulator.engine.dispatcher import Dispatcher
from emulator.exchange.call import Call
from emulator.program.program import Program
from emulator.server.run import Running, running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.chance import Chance

SNAPSHOT = "application/vnd.emulator.snapshot+json"
JOBS = "/jobriver/api/v1/jobs"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def board(programs: dict[str, Program]) -> Dispatcher:
    made = Dispatcher(programs, settings=Settings(port=0, log_format="none"))
    made.worlds.create("w1", at=micros(1_772_445_600), frozen=True)
    return made


@pytest.fixture
def admin(board: Dispatcher) -> Admin:
    return Admin(board)


def ask(
    admin: Admin, method: str, path: str, body: Any = None, media: str = ""
) -> tuple[int, Any]:
    path, _, query = path.partition("?")
    data = body if isinstance(body, bytes) else orjson.dumps(body) if body else b""
    sent = {"content-type": media or "application/json"} if data else {}
    request = AdminRequest(
        method=method, path=f"/_emulator{path}", query=query, body=data
    )
    request.headers = sent
    reply = admin.answer(request)
    return reply.status, orjson.loads(reply.body) if reply.body else None


def post(board: Dispatcher, body: bytes, media: str, **headers: str) -> None:
    """A call of the default world with a body that nobody expects."""
    sent = [(b"content-type", media.encode())]
    sent += [(name.encode(), text.encode()) for name, text in headers.items()]
    call = Call(method="POST", path=JOBS, body=body, raw_headers=sent)
    board.answer(call)


def written(state: Any, **more: Any) -> bytes:
    """A snapshot whose digest fits what was made of it."""
    digest = hashlib.blake2b(orjson.dumps(state), digest_size=16).hexdigest()
    object_schema = {
        "format": 2,
        "emulator": "0",
        "world": "x",
        "digest": digest,
        **more,
    }
    return orjson.dumps({**object_schema, "state": state})


@pytest.mark.parametrize(
    "change",
    [
        {"clock": {"now": "noon", "frozen": True}},
        {"clock": {"now": 1e308, "frozen": True}},
        {"scenarios": 5},
        {"chance": {"seed": 0, "state": "AAAA"}},
        {"providers": {"jobriver": {"jobs": {}}}},
        {"providers": {"nobody": {}}},
        {"providers": []},
        {"faults": {"given": 1, "rules": [{"x": 1}], "over": []}},
        {
            "tally": {
                "meters": [[["a"], {"kind": "FixedWindow", "window": 0}]],
                "failures": [],
                "everyone": [],
            }
        },
        {"more": 1},
    ],
)
def test_a_snapshot_with_a_forged_digest_is_not_taken_up(
    admin: Admin, change: dict[str, Any]
) -> None:
    """A world that is left as it was answers on."""
    state = ask(admin, "GET", "/worlds/w1/snapshot")[1]["state"]
    before = ask(admin, "GET", "/worlds/w1/clock")

    data = written({**state, **change})
    status, told = ask(admin, "PUT", "/worlds/w1/snapshot", data, SNAPSHOT)

    assert (status, told["title"]) == (409, "not restored")
    assert ask(admin, "GET", "/worlds/w1/clock")[1]["at"] == before[1]["at"]
    assert ask(admin, "GET", "/worlds/w1/snapshot")[1]["state"] == state


@pytest.mark.parametrize(
    "changes",
    [
        {"added": [{"id": [1]}]},
        {"added": [{}]},
        {"added": [{"id": 2**64 - 1}]},
        {"deleted": ["nobody"]},
        {"next": 2**63},
        {"base": "another fixture"},
    ],
)
def test_records_that_no_collection_holds_are_not_taken_up(
    admin: Admin, changes: dict[str, Any]
) -> None:
    ask(admin, "DELETE", "/worlds/w1/records/jobriver/api_keys/1")
    state = ask(admin, "GET", "/worlds/w1/snapshot")[1]["state"]
    state["providers"]["jobriver"]["api_keys"].update(changes)

    status, told = ask(admin, "PUT", "/worlds/w1/snapshot", written(state), SNAPSHOT)

    assert (status, told["title"]) == (409, "not restored")
    assert ask(admin, "GET", "/worlds/w1/snapshot")[0] == 200


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"null",
        b"[" * 5_000,
        b'{"format": 1, "digest": "", "state": {"a": '
        + b"[" * 300
        + b"]" * 300
        + b"}}",
        b'{"format": 2, "state": {}}',
        b'{"format": 1, "state": {}}',
    ],
    ids=["bytes", "null", "deep", "less deep", "another version", "no digest"],
)
def test_what_is_no_snapshot_is_not_taken_up(admin: Admin, data: bytes) -> None:
    status, told = ask(admin, "PUT", "/worlds/w1/snapshot", data, SNAPSHOT)

    assert (status, told["title"]) == (409, "not restored")


def test_at_the_end_of_time_everything_still_has_a_date(
    admin: Admin, board: Dispatcher
) -> None:
    """A clock stops a year before the dates end; windows and tokens go beyond it."""
    status, told = ask(
        admin, "PATCH", "/worlds/w1/clock", {"set": "9998-12-31T23:59:59Z"}
    )
    assert (status, told["now"]) == (200, "9998-12-31T23:59:59Z")
    ask(admin, "PATCH", "/worlds/w1/clock", {"resume": True})

    for name, program in board.programs.items():
        for credential in board.worlds.credentials(board.worlds["w1"], name):
            for operation in program.operations.values():
                path = f"/{name}{program.base_path}{operation.path}"
                sent = [
                    (k.lower().encode(), v.encode())
                    for k, v in credential["headers"].items()
                ]
                sent.append((b"x-emulator-world", b"w1"))
                call = Call(method=operation.method, path=path, raw_headers=sent)
                board.answer(call)  # raises what would be a bug of the emulator
    for view in ("", "/clock", "/journal", "/journal/har", "/snapshot", "/faults"):
        assert ask(admin, "GET", f"/worlds/w1{view}")[0] == 200
    assert ask(admin, "PATCH", "/worlds/w1/clock", {"advance": 1})[0] == 422


@pytest.mark.parametrize(
    ("media", "body"),
    [
        (FORM, b"a=&" * 300_000),
        ("text/plain", b'name="a"\r\n' * 80_000),
        ("text/plain", b'name="a"' * 100_000),
        ("text/plain", b"<" + b"a" * 800_000),
        ("text/plain", b"a" * 800_000),
        ("text/plain", b"ab" + b" " * 800_000),
        ("application/octet-stream", bytes(range(256)) * 3_000),
    ],
    ids=["fields", "lines", "names", "element", "word", "spaces", "bytes"],
)
def test_a_body_that_is_hard_to_read_is_shown_all_the_same(
    admin: Admin, board: Dispatcher, media: str, body: bytes
) -> None:
    """In time that grows with its length and not with the square of it."""
    post(board, body, media)

    for view in ("/journal", "/journal/har"):
        assert ask(admin, "GET", f"/worlds/default{view}")[0] == 200


def test_a_form_of_many_fields_is_masked(admin: Admin, board: Dispatcher) -> None:
    """It is shown as a text, in which a secret's place is known as well."""
    post(board, b"a=b&" * 2_000 + b"password=hunter2-hunter2", FORM)

    for view in ("/journal", "/journal/har"):
        told = orjson.dumps(ask(admin, "GET", f"/worlds/default{view}")[1])
        assert b"hunter2-hunter2" not in told
        assert b"password=" in told


@pytest.mark.parametrize(
    "question",
    [
        {"path": {"matches": "*a" * 400_000}},
        {"path": {"matches": "*" * 900_000}},
        {"body": {"x": [{"matches": "a" * 900_000}]}},
        {"headers": {"a": {"matches": "*a*a*a*a*b" * 30}}},
    ],
)
def test_a_pattern_has_an_end(admin: Admin, question: dict[str, Any]) -> None:
    """It is held against every entry of a journal."""
    status, told = ask(admin, "POST", "/worlds/w1/journal/verify", question)

    assert status == 422
    assert "a pattern has up to 10000 characters and 100 `*`" in told["detail"]


def test_long_questions_about_long_journals_are_answered(
    admin: Admin, board: Dispatcher
) -> None:
    """What differs is masked only where it is shown."""
    for _ in range(300):
        post(board, b"", "text/plain")

    for question in ({"path": "x" * 900_000}, {"path": {"matches": "*a*a*a*a*b"}}):
        status, told = ask(admin, "POST", "/worlds/default/journal/verify", question)
        assert (status, told["passed"], told["count"]) == (200, False, 0)


def test_not_everything_that_is_wrong_is_told(admin: Admin) -> None:
    """The first hundred mistakes are enough to go on with."""
    wrong = {f"member{one}": 1 for one in range(50_000)}

    status, told = ask(admin, "POST", "/worlds/w1/journal/verify", wrong)

    assert (status, len(told["errors"])) == (422, 100)


def test_no_view_shows_a_secret_of_any_world(admin: Admin, board: Dispatcher) -> None:
    """Only the addresses of credentials do; and a call may carry another world's."""
    secrets = set()
    for id in ("w1", "default"):
        world = board.worlds[id]
        for name, program in board.programs.items():
            for one in board.worlds.credentials(world, name):
                secrets.add(one["value"])
                for operation in program.operations.values():
                    path = f"/{name}{program.base_path}{operation.path}"
                    sent = {**one["headers"], "X-Emulator-World": id}
                    raw = [(k.lower().encode(), v.encode()) for k, v in sent.items()]
                    query = f"search={one['value']}".encode()
                    board.answer(
                        Call(
                            method=operation.method,
                            path=path,
                            query=query,
                            raw_headers=raw,
                        )
                    )
    # The name of a user is no secret; his password is one.
    secrets = {secret for secret in secrets if len(secret) >= 12 and "@" not in secret}
    assert len(secrets) > 30

    views = ["/worlds", "/openapi.json", "/providers"]
    for id in ("w1", "default"):
        below = ("", "/clock", "/faults", "/journal", "/journal/har", "/journal/1")
        views += [f"/worlds/{id}{one}" for one in below]
    for view in (*views, "/worlds/w1/snapshot"):
        told = json.dumps(ask(admin, "GET", view)[1])
        assert {secret for secret in secrets if secret in told} <= _of_fixtures(
            board, view
        )
    verdict = ask(
        admin, "POST", "/worlds/w1/journal/verify", {"path": "/x", "times": 3}
    )
    assert not [secret for secret in secrets if secret in json.dumps(verdict)]


def _of_fixtures(board: Dispatcher, view: str) -> set[str]:
    """What a snapshot says of a world's own secrets: the texts that all worlds know."""
    if not view.endswith("/snapshot"):
        return set()
    return {
        credential["value"]
        for name in board.programs
        for credential in board.worlds.credentials(board.worlds.default, name)
    }


# Over a socket ----------------------------------------------------------------


def say(port: int, head: bytes, *lines: bytes, body: bytes = b"") -> tuple[int, bytes]:
    """Status and body of the answer to a request that is written as it is."""
    if not any(line.lower().startswith(b"host:") for line in lines):
        lines = (b"Host: localhost", *lines)
    if body:
        lines = (*lines, b"Content-Length: %d" % len(body))
    data = b"\r\n".join([head + b" HTTP/1.1", *lines, b"", b""]) + body
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(data)
        reply = HTTPResponse(connection)
        reply.begin()
        return reply.status, b"" if "text/event-stream" in str(
            reply.getheader("content-type")
        ) else reply.read()


@pytest.fixture(scope="module")
def server(programs: dict[str, Program]) -> Iterator[Running]:
    settings = Settings(port=0, log_format="none")
    board = Dispatcher(programs, settings=settings)
    board.worlds.create("w1")
    with running(board, settings) as up:
        yield up


@pytest.mark.parametrize(
    "path",
    [
        b"//_emulator/worlds",
        b"/_emulator//worlds",
        b"/_emulator/worlds/",
        b"/_emulator/WORLDS",
        b"/_Emulator/worlds",
        b"/_emulator%2fworlds",
        b"/_emulator%2Fworlds/w1",
        b"/%5femulator/worlds",
        b"/_emulator/worlds/%2F",
        b"/_emulator/worlds/%2e%2e",
        b"/_emulator/worlds/..",
        b"/_emulator/worlds/../worlds",
        b"/_emulator/worlds/w1%00",
        b"/_emulator/worlds/%ff",
        b"/_emulator/worlds/" + b"w" * 10_000,
        b"/_emulator/worlds/W1",
        b"/_emulator/worlds/w1/credentials/..",
        b"/@w1/_emulator/worlds",
        b"/@",
        b"/@/jobriver/api/v1/jobs",
        b"/@w1/@w2/jobriver/api/v1/jobs",
        b"/@w1%2fjobriver/api/v1/jobs",
        b"/@nobody/jobriver/api/v1/jobs",
        b"/@w1//jobriver/api/v1/jobs",
    ],
)
def test_an_address_is_what_it_says(server: Running, path: bytes) -> None:
    """Nothing is decoded twice, folded together or guessed."""
    assert say(server.port, b"GET " + path)[0] == 404


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((b"Origin: http://evil.example",), 403),
        ((b"Origin: null",), 403),
        ((b"Origin: http://localhost", b"Origin: http://evil.example"), 403),
        ((b"Sec-Fetch-Site: none", b"Sec-Fetch-Site: cross-site"), 403),
        ((b"Sec-Fetch-Site: cross-site",), 403),
        ((b"Host: evil.example",), 421),
        ((b"Host: localhost.evil.example",), 421),
        ((b"Host: localhost", b"Host: evil.example"), 400),
        ((b"Content-Type: text/plain",), 415),
        ((b"Content-Type: multipart/form-data; boundary=a",), 415),
        ((b"X-None: 1",), 415),
    ],
)
def test_no_page_makes_a_world(
    server: Running, lines: tuple[bytes, ...], status: int
) -> None:
    """Before any effect: the world of that id is not there afterwards."""
    got, _ = say(server.port, b"POST /_emulator/worlds", *lines, body=b'{"id": "page"}')

    assert got == status
    assert say(server.port, b"GET /_emulator/worlds/page")[0] == 404


def test_a_websocket_is_judged_like_any_other_request(server: Running) -> None:
    upgrade = (
        b"Connection: Upgrade",
        b"Upgrade: websocket",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    )
    head = b"GET /_emulator/worlds/default/journal/events"

    assert say(server.port, head, b"Origin: http://evil.example", *upgrade)[0] == 403
    assert say(server.port, b"GET /_emulator/nothing", *upgrade)[0] == 404


@pytest.mark.parametrize("named", [b"w1, w1", b"..", b"\xe9", b"w" * 10_000, b""])
def test_a_header_that_names_no_world_is_told_so(server: Running, named: bytes) -> None:
    """Never is the default world used in the place of one that was asked for."""
    path = b"GET " + JOBS.encode()

    status, told = say(server.port, path, b"X-Emulator-World: " + named)

    assert (status, orjson.loads(told)["title"]) == (404, "no such world")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ((), 401),
        ((b"Authorization: Bearer t0ken",), 401),
        ((b"Authorization: Bearer T0KEN x",), 401),
        ((b"Authorization: Bearer",), 401),
        ((b"Authorization: T0KEN",), 401),
        ((b"Authorization: Bearer no", b"Authorization: Bearer T0KEN"), 401),
        ((b"Authorization: bearer   T0KEN  ",), 200),
    ],
)
def test_off_loopback_every_address_needs_the_token(
    programs: dict[str, Program], lines: tuple[bytes, ...], status: int
) -> None:
    """The event stream as well, and what is not there."""
    settings = Settings(port=0, log_format="none", host="0.0.0.0", admin_token="T0KEN")
    with running(Dispatcher(programs, settings=settings), settings) as up:
        for path in (b"/worlds", b"/worlds/default/journal/events", b"/metrics"):
            assert say(up.port, b"GET /_emulator" + path, *lines)[0] == status
        missing = say(up.port, b"GET /_emulator/health/x", *lines)[0]
        assert missing == (404 if status == 200 else 401)


ODD: tuple[Any, ...] = (None, -5, True, 1e308, "zz", [], [{}])


@pytest.mark.parametrize(
    "provider", ["jobriver", "jobsphere", "jobspace", "jobspikr", "recruitsome"]
)
def test_no_credential_that_is_put_breaks_a_call(
    board: Dispatcher, admin: Admin, provider: str
) -> None:
    """What could not be judged, counted or told is refused when it comes."""
    program, world = board.programs[provider], board.worlds["w1"]
    taken = 0
    for name in {scheme.collection for scheme in program.schemes.values()}:
        held = world.collections(program)[name]
        key, record = next((one[held.key], one) for one in held)
        where = f"/worlds/w1/records/{provider}/{name}/{key}"
        for field, odd in ((field, odd) for field in record for odd in ODD):
            status, _ = ask(admin, "PUT", where, {**record, field: odd})
            assert status in (200, 422)
            if status == 200:
                taken += 1
                _call_as_all(board, program)
                assert ask(admin, "GET", "/worlds/w1/clock")[0] == 200
                assert ask(admin, "PUT", where, record)[0] == 200
    assert taken
    for view in ("", "/journal", "/snapshot"):
        assert ask(admin, "GET", f"/worlds/w1{view}")[0] == 200


def _call_as_all(board: Dispatcher, program: Program) -> None:
    """Call an operation as every credential; raises what would be answered with 500."""
    reads = [
        operation for operation in program.operations.values() if operation.security
    ]
    for credential in board.worlds.credentials(board.worlds["w1"], program.name)[:3]:
        headers = [(b"x-emulator-world", b"w1")]
        headers += [
            (k.lower().encode(), v.encode()) for k, v in credential["headers"].items()
        ]
        path = f"/{program.name}{program.base_path}{reads[0].path}"
        board.answer(Call(method=reads[0].method, path=path, raw_headers=headers))


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("PATCH", "/worlds/w1/clock", {"advance": "\u0663s"}),
        ("PATCH", "/worlds/w1/clock", {"advance": "\uff11m"}),
        ("PATCH", "/worlds/w1/clock", {"advance": "1m\n"}),
        ("PATCH", "/worlds/w1/clock", {"set": "\u0662\u0660\u0662\u0666-03-02"}),
        ("PATCH", "/worlds/w1/clock", {"set": "2026-W10-1"}),
        ("PATCH", "/worlds/w1/clock", {"set": "20260302T100000Z"}),
        ("PATCH", "/worlds/w1/clock", {"set": "2026-03-02x10:00:00Z"}),
        ("PATCH", "/worlds/w1/clock", {"set": "2026-03-02T10:00:00+01:00:30"}),
        ("POST", "/worlds", {"clock": "frozen 2026-W10-1"}),
        ("POST", "/worlds/w1/journal/verify", {"since": "1" * 5_000}),
        ("POST", "/worlds/w1/journal/verify", {"since": "\u0661"}),
        ("POST", "/worlds/w1/journal/verify", {"since": "2026W101"}),
        (
            "POST",
            "/worlds/w1/faults",
            {"provider": "jobriver", "fault": "reset", "until": "\u0663s"},
        ),
        (
            "POST",
            "/worlds/w1/faults",
            {"provider": "jobriver", "fault": "delay=\u0663s"},
        ),
    ],
)
def test_times_are_written_in_one_way(
    admin: Admin, method: str, path: str, sent: Any
) -> None:
    """RFC 3339 and ASCII digits; what Python would read besides is refused."""
    before = ask(admin, "GET", "/worlds/w1/clock")

    assert ask(admin, method, path, sent)[0] == 422

    assert ask(admin, "GET", "/worlds/w1/clock")[1]["at"] == before[1]["at"]


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in *value*."""
    if at:
        yield at
    inner = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    for key, one in inner:
        yield from _places(one, (*at, key))


def _with(value: Any, at: tuple[Any, ...], odd: Any) -> Any:
    if not at:
        return odd
    made = value.copy()
    made[at[0]] = _with(value[at[0]], at[1:], odd)
    return made


STRANGE: tuple[Any, ...] = (
    *(None, True, -1, 0, 5, 2**53, 2**63, -1e308, 1e-308, 1e308, 0.5),
    *("", "null", "x", "\x00", "\u0663s", [], [None], {}, {"x": 1}),
)


def _busy(admin: Admin, board: Dispatcher) -> Any:
    """The state of a world in which there is something of everything."""
    world = "/worlds/w1"
    for provider in ("jobriver", "jobsphere"):
        for credential in board.worlds.credentials(board.worlds["w1"], provider):
            _call(
                board,
                f"/{provider}",
                _lower(credential["headers"]),
                board.programs[provider],
            )
    rules = [{"fault": "reset", "calls": "99-", "until": "9h"}, {"fault": "drop=Date"}]
    for rule in rules:
        sent = {"provider": "jobriver", "operation": "createJob", **rule}
        assert ask(admin, "POST", f"{world}/faults", sent)[0] == 201
    hook = {"url": "http://127.0.0.1:9/told", "secret": "s3cret-s3cret"}
    assert ask(admin, "POST", f"{world}/webhooks/jobsphere", hook)[0] == 201
    assert ask(admin, "POST", f"{world}/scenarios/jobriver/locked_out")[0] < 300
    return ask(admin, "GET", f"{world}/snapshot")[1]["state"]


def _call(
    board: Dispatcher, prefix: str, headers: dict[str, str], program: Program
) -> None:
    """Call what lists jobs; raises what would be answered with 500."""
    path = f"{prefix}{program.base_path}/jobs"
    sent = [(k.encode(), v.encode()) for k, v in headers.items()]
    sent.append((b"x-emulator-world", b"w1"))
    board.answer(Call(method="GET", path=path, raw_headers=sent))


def test_no_snapshot_that_is_taken_up_breaks_a_world(
    board: Dispatcher, admin: Admin
) -> None:
    """Whatever stands wherever in it, with a digest that fits."""
    state, chance = _busy(admin, board), Chance(4)
    path = "/worlds/w1/snapshot"
    places = [*_places(state)]
    keys = {
        name: board.worlds.credentials(board.worlds["w1"], name)[0]["headers"]
        for name in ("jobriver", "jobsphere")
    }
    taken = 0
    for _ in range(80):
        changed = _with(state, chance.pick(places), chance.pick(STRANGE))
        status = ask(admin, "PUT", path, written(changed), SNAPSHOT)[0]
        assert status in (200, 409)
        if status == 409:
            continue
        taken += 1
        for view in ("", "/clock", "/faults", "/journal", "/snapshot"):
            assert ask(admin, "GET", f"/worlds/w1{view}")[0] == 200
        assert ask(admin, "GET", "/worlds/w1/webhooks/jobsphere")[0] == 200
        for name in keys:
            _call(board, f"/{name}", _lower(keys[name]), board.programs[name])
    assert taken
    assert ask(admin, "PUT", path, written(state), SNAPSHOT)[0] == 200
    assert ask(admin, "GET", path)[1]["state"] == state


def _lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
