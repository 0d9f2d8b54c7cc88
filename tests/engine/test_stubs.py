"""Stubs answer in place of a provider: which calls, how often, and what is told of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import Tiny

from emulator.world.stubs import Asked, Stub, Stubs

STUBS = "/_emulator/worlds/default/stubs"


@pytest.fixture
def tiny() -> Tiny:
    return Tiny("hooks")


def stub(
    tiny: Tiny, method: str = "GET", path: str = "/hooks/v1/parcels/1", **more: Any
) -> Any:
    wanted = {"method": method, "path": path, **more}
    return tiny._client.post(STUBS, json=wanted)


def test_a_stub_answers_as_often_as_it_says(tiny: Tiny) -> None:
    """Then the provider does again."""
    stub(
        tiny, times=2, reply={"status": 418, "json": {"a": 1}, "headers": {"X-A": "b"}}
    )

    first = tiny.get("/parcels/1")
    assert (first.status_code, first.json(), first.headers["x-a"]) == (
        418,
        {"a": 1},
        "b",
    )
    assert first.headers["content-type"] == "application/json"
    assert [tiny.status("/parcels/1"), tiny.status("/parcels/1")] == [418, 200]
    (listed,) = tiny._client.get(STUBS).json()
    assert (listed["met"], listed["state"]) == (2, "over")


def test_the_newest_stub_answers(tiny: Tiny) -> None:
    stub(tiny, reply={"status": 201})
    made = stub(tiny, path="/hooks/v1/parcels/{id}", reply={"status": 202}).json()

    assert tiny.status("/parcels/1") == 202
    assert tiny._client.delete(f"{STUBS}/{made['id']}").status_code == 204
    assert tiny.status("/parcels/1") == 201
    assert tiny._client.delete(STUBS).status_code == 204
    assert tiny.status("/parcels/1") == 200


@pytest.mark.parametrize(
    ("matched", "sent", "answers"),
    [
        ({"query": {"a": "1"}}, {"params": {"a": 1, "b": 2}}, True),
        ({"query": {"a": "1"}}, {"params": {"a": 2}}, False),
        ({"query": {"a": ["1", "2"]}}, {"params": {"a": [1, 2]}}, True),
        ({"query": {"a": None}}, {"params": {"a": 1}}, False),
        ({"query": {"a": True}}, {"params": {"a": "true"}}, True),
        ({"headers": {"X-A": "b"}}, {"headers": {"x-a": "b"}}, True),
        ({"headers": {"X-A": None}}, {"headers": {"x-a": "b"}}, False),
        ({"body": {"a": {"b": [1, {"c": 2}]}}}, {"json": {"a": {"b": [1, {"c": 2.0, "d": 3}]}}}, True),
        ({"body": {"a": 1}}, {"json": {"a": True}}, False),
        ({"body": {"a": None}}, {"json": {"b": 1}}, True),
        ({"body": {"a": "b c"}}, {"data": {"a": "b c", "d": "e"}}, True),
        ({"body": "middle"}, {"content": "the middle of it", "headers": {"content-type": "text/plain"}}, True),
        ({"body": {"a": 1}}, {"content": b"\xff"}, False),
    ],
)  # fmt: skip
def test_a_stub_looks_at_query_headers_and_body(
    tiny: Tiny, matched: Any, sent: Any, answers: bool
) -> None:
    stub(tiny, "POST", "/hooks/v1/parcels", **matched, reply={"status": 299})

    assert (tiny.post("/parcels", **sent).status_code == 299) is answers


def test_the_provider_is_not_asked(tiny: Tiny) -> None:
    """Nothing is stored, nobody is told, whatever path it is, and the journal says so."""
    tiny.world.outbox.subscribe("hooks", "http://127.0.0.1:1/")
    stub(tiny, "POST", "/hooks/v1/parcels", reply={"text": "no"})
    stub(tiny, "GET", "/hooks/nowhere", reply={"base64": "AP8="})

    assert tiny.post("/parcels", json={"to": "Rom"}).text == "no"
    assert tiny._client.get("/hooks/nowhere").content == b"\x00\xff"
    assert len(tiny.world.outbox) == 0
    journal = "/_emulator/worlds/default/journal"
    first, second = tiny._client.get(journal).json()
    assert (first["stubbed"], first["operation"]) == ("1", "createParcel")
    assert (second["stubbed"], second["operation"]) == ("2", None)
    assert [step["step"] for step in first["steps"]] == ["stub"]
    assert "createParcel, stubbed: 1" in first["line"]
    verified = tiny._client.post(
        f"{journal}/verify", json={"operation": "createParcel", "times": 1}
    )
    assert verified.json()["passed"]
    assert tiny._client.get(f"{journal}/2").status_code == 200


def test_a_host_that_no_provider_has(tiny: Tiny) -> None:
    """Over the wire its Host header is let in as long as a stub answers for it."""
    headers = {"host": "rates.example"}
    assert tiny._client.get("/v1/rates", headers=headers).status_code == 421
    made = stub(tiny, path="/v1/rates", host="rates.example", reply={"json": 1}).json()

    assert tiny._client.get("/v1/rates", headers=headers).json() == 1
    assert tiny._client.get("/v1/other", headers=headers).status_code == 404
    (entry,) = tiny._client.get("/_emulator/worlds/default/journal").json()
    assert (entry["provider"], entry["stubbed"]) == ("rates.example", made["id"])
    tiny._client.delete(STUBS)
    assert tiny._client.get("/v1/rates", headers=headers).status_code == 421


def test_forks_and_snapshots_have_them_and_a_reset_has_not(tiny: Tiny) -> None:
    stub(
        tiny,
        times=2,
        reply={"status": 299, "fault": "delay=1ms", "headers": {"A": "b"}},
    )
    stub(tiny, path="/", host="rates.example", reply={"status": 298})
    assert tiny._client.get("/", headers={"host": "rates.example"}).status_code == 298
    tiny.get("/parcels/1")
    listed = tiny._client.get(STUBS).json()
    address = "/_emulator/worlds/default"
    taken = tiny._client.get(f"{address}/snapshot").content
    tiny._client.post(f"{address}/fork", json={"id": "twin"})

    assert tiny._client.get("/_emulator/worlds/twin/stubs").json() == listed
    tiny._client.post(f"{address}/reset")
    assert tiny._client.get(STUBS).json() == []
    media = {"content-type": "application/vnd.emulator.snapshot+json"}
    assert tiny._client.put(
        f"{address}/snapshot", content=taken, headers=media
    ).is_success
    assert tiny._client.get(STUBS).json() == listed


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        ({"path": "/nobody/x"}, "/path"),
        ({"path": "/hooks/x?a=b"}, "/path"),
        ({"reply": {"headers": {"A B": "c"}}}, "/reply/headers/A B"),
        ({"reply": {"headers": {"A": "b\r\nC: d"}}}, "/reply/headers/A"),
        ({"reply": {"headers": {"Content-Length": "9"}}}, "/reply/headers/Content-Length"),
        ({"reply": {"json": 1, "text": ""}}, "/reply/text"),
        ({"reply": {"base64": "?"}}, "/reply/base64"),
        ({"reply": {"fault": "dely=1s"}}, "/reply/fault"),
        ({"reply": {"status": 99}}, "/reply/status"),
        ({"replay": {}}, "/replay"),
    ],
)  # fmt: skip
def test_a_stub_that_cannot_be_is_told(tiny: Tiny, wanted: Any, pointer: str) -> None:
    reply = stub(tiny, **wanted)

    assert reply.status_code == 422
    assert [each["pointer"] for each in reply.json()["errors"]] == [pointer]


def test_stubs_are_bounded(tiny: Tiny) -> None:
    for _ in range(500):
        tiny.world.stubs.add(one())
    assert stub(tiny).status_code == 429
    tiny.world.stubs.clear()
    tiny.world.stubs.add(one(reply_body=b"x" * 16_000_000))
    assert stub(tiny, reply={"text": "x" * 1_000_000}).status_code == 429


def one(**more: Any) -> Stub:
    usual: dict[str, Any] = {
        "provider": "a", "host": "", "method": "GET", "path": "/", "query": {}, "headers": {},
        "body": None, "times": None, "status": 200, "reply_headers": (), "reply_body": b"",
    }  # fmt: skip
    return Stub(**{**usual, **more})


PATHS = st.sampled_from(["/a", "/b", "/{x}", "/a/b", "/{x}/b"])


@given(
    st.lists(st.tuples(PATHS, st.none() | st.integers(1, 3)), max_size=6),
    st.lists(st.sampled_from(["/a", "/b", "/c", "/a/b", "/c/b"]), max_size=12),
)
def test_the_newest_that_matches_and_is_not_over_answers(
    stubs: list[tuple[str, int | None]], calls: list[str]
) -> None:
    """As a list of stubs does that is looked through from its end."""
    world = Stubs()
    model: list[list[Any]] = []
    for path, times in stubs:
        world.add(one(path=path, times=times))
        model.append([path, times, 0])
    for call in calls:
        expected = None
        for at, (path, times, met) in reversed([*enumerate(model, 1)]):
            parts, wanted = call.split("/"), path.split("/")
            same = len(parts) == len(wanted) and all(
                p == w or w == "{x}" for p, w in zip(parts, wanted, strict=True)
            )
            if same and (times is None or met < times):
                model[at - 1][2] += 1
                expected = str(at)
                break
        asked = Asked("a", "", "GET", call, dict, {}, lambda: ("nothing", None))
        found = world.answering(asked)
        assert (found and found.id) == expected
