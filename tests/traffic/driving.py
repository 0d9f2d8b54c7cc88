"""Driving: a provider called in all the ways that it has, and the archive of it."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import emulator
from emulator.engine.loading import programs
from emulator.settings import Settings
from emulator.strategies import calls, invalid_payloads

Json = Any
_QUIET = settings(
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
)


def drawn(strategy: st.SearchStrategy[Any], many: int) -> list[Any]:
    """*many* examples of *strategy*, the same every time."""
    found: list[Any] = []

    @settings(_QUIET, max_examples=many)
    @given(strategy)
    def gather(example: Any) -> None:
        found.append(example)

    try:
        gather()
    except Exception:
        return found
    return found


def archive(provider: str, many: int = 4) -> tuple[bytes, int]:
    """The journal of *provider*, driven: valid and invalid calls, several credentials."""
    import httpx

    with emulator.start(
        [provider], frozen=True, clock="2026-03-02T10:00:00Z"
    ) as server:
        base = server.default.provider(provider).url
        program = programs(Settings(), [provider])[provider]
        held = {
            name: c.headers
            for name, c in server.default.provider(provider).credentials.items()
        }
        root = base.removesuffix(program.base_path)
        with httpx.Client(timeout=20) as client:

            def send(
                method: str, url: str, headers: Json, content: bytes = b""
            ) -> None:
                client.request(method, url, headers=headers, content=content)

            for id, operation in program.operations.items():
                own = drawn(calls(program, id), many)
                for call in own:
                    send(call.method, root + call.url, call.headers, call.body)
                for call in own[:1]:
                    names = {name.lower() for h in held.values() for name in h}
                    bare = {
                        n: v for n, v in call.headers.items() if n.lower() not in names
                    }
                    send(call.method, root + call.url, bare, call.body)
                    if "unknown" in held:
                        both = {**bare, **held["unknown"]}
                        send(call.method, root + call.url, both, call.body)
                    if "{" in operation.path:
                        path = re.sub(r"/[^/]+$", "/999999999", call.path)
                        send(call.method, root + path, call.headers, call.body)
                if (
                    own
                    and own[0].body
                    and "json" in own[0].headers.get("Content-Type", "")
                ):
                    for payload, _ in drawn(invalid_payloads(program, id), many):
                        try:
                            body = json.dumps(payload).encode()
                        except TypeError:
                            continue  # a form with files
                        send(own[0].method, root + own[0].url, own[0].headers, body)
            first = next(iter(held.values()), {})
            send("GET", f"{base}/no/such/path", first)
        har = httpx.get(f"{server.url}/_emulator/worlds/default/journal/har").json()
        return json.dumps(har).encode(), len(har["log"]["entries"])
