"""Noise: whatever is sent, there is an answer, it is no 500, and it can be read."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from door import JOBS, JSON, Answer, Door, OpenDoor, request
from hypothesis import given, settings
from hypothesis import strategies as st

QUIETLY = settings(max_examples=80, derandomize=True, deadline=None, database=None)
PRINTABLE = "".join(sorted(set(string.printable) - set(string.whitespace) - {"#"}))
NAMES = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=20)
FRAMING = {"content-length", "transfer-encoding", "host", "expect", "connection"}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(string.printable), inner, max_size=4)
    ),
    max_leaves=12,
)
PARAMETERS = ["page", "per_page", "is_active", "category_id", "search", "", "%", "a[b]"]
METHODS = st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE"])


@pytest.fixture(scope="module")
def noisy_door(open_door: OpenDoor) -> Door:
    return open_door()


def bear(door: Door, data: bytes, method: str = "GET") -> Answer:
    """Send *data* in a minute of its own, and look at what nobody may get wrong."""
    door.clock.advance(61)
    answer = door.say(data, method)
    assert answer.status < 500, answer.body
    if answer.body:
        assert isinstance(answer.json, dict)
    return answer


def served(door: Door) -> bool:
    door.clock.advance(61)
    return door.say(request(key=door.keys["full"])).status == 200


def test_any_bytes_as_a_body(noisy_door: Door) -> None:
    """They are refused, or they happen to be an object."""

    @QUIETLY
    @given(st.sampled_from([b"POST", b"PUT", b"PATCH"]), st.binary(max_size=200))
    def send(method: bytes, body: bytes) -> None:
        path = JOBS if method == b"POST" else JOBS + b"/123"
        bear(
            noisy_door, request(method, path, [JSON], body, key=noisy_door.keys["full"])
        )

    send()
    assert served(noisy_door)


def test_any_json_as_a_body(noisy_door: Door) -> None:
    """What it does to a job, the list of jobs shows without fail."""
    fields = noisy_door.program.openapi["components"]["schemas"]["JobInput"]
    some = st.fixed_dictionaries(
        {}, optional=dict.fromkeys(fields["properties"], VALUES)
    )

    @QUIETLY
    @given(st.sampled_from([b"POST", b"PATCH"]), some | VALUES)
    def send(method: bytes, value: Any) -> None:
        if method == b"POST" and isinstance(value, dict):
            value = {**noisy_door.job, **value}
        path = JOBS if method == b"POST" else JOBS + b"/123"
        body = json.dumps(value).encode()  # whose integers have no bounds
        bear(
            noisy_door, request(method, path, [JSON], body, key=noisy_door.keys["full"])
        )

    send()
    assert served(noisy_door)


def test_any_path_and_query(noisy_door: Door) -> None:
    """Every printable character, in every place of the target."""

    @QUIETLY
    @given(
        METHODS,
        st.sampled_from(["", "/", "/jobriver", JOBS.decode(), JOBS.decode() + "/"]),
        st.text(PRINTABLE + "%%%///..", max_size=40),
        st.lists(
            st.tuples(st.sampled_from(PARAMETERS), st.text(PRINTABLE, max_size=9))
        ),
    )
    def send(
        method: bytes, start: str, rest: str, query: list[tuple[str, str]]
    ) -> None:
        target = (start + rest) or "/"
        target += "?" + "&".join(f"{name}={value}" for name, value in query)
        data = request(method, target.encode(), key=noisy_door.keys["full"])
        bear(noisy_door, data, method.decode())

    send()
    assert served(noisy_door)


def test_any_headers(noisy_door: Door) -> None:
    """Names and values as HTTP allows them, and bytes beyond ASCII."""
    values = st.text(
        st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=40
    )

    @QUIETLY
    @given(METHODS, st.lists(st.tuples(NAMES, values), max_size=8))
    def send(method: bytes, headers: list[tuple[str, str]]) -> None:
        lines = [
            f"{name}: {value}".encode("latin-1")
            for name, value in headers
            if name.lower() not in FRAMING
        ]
        data = request(method, JOBS, lines, key=noisy_door.keys["full"])
        bear(noisy_door, data, method.decode())

    send()
    assert served(noisy_door)


def test_any_bytes_as_a_request(open_door: OpenDoor) -> None:
    """What is not HTTP is told so; what never becomes a request, after a while."""
    door = open_door(request_timeout=0.3)

    @QUIETLY
    @given(st.binary(min_size=1, max_size=100))
    def send(data: bytes) -> None:
        assert bear(door, data + b"\r\n\r\n\r\n").status in (400, 404, 408, 421)

    send()
    assert served(door)
