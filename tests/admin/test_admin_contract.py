"""What the admin API answers stands in its document, whatever it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from asking import board_of

from emulator.engine.dispatcher import Dispatcher
from emulator.server.run import Running, running

THERE = {"world": "default", "provider": "hooks", "delivery": "1", "subscription": "1"}
"""What is named so that not everything is a 404."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@pytest.fixture
def board() -> Dispatcher:
    return board_of()


@pytest.fixture
def server(board: Dispatcher) -> Iterator[Running]:
    """A server with a subscription and a delivery, so that not everything is a 404."""
    with running(board, board.settings) as server:
        hooks = f"{server.url}/_emulator/worlds/default/webhooks/hooks"
        requests.post(hooks, json={"url": "http://127.0.0.1:9/"})
        requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
        yield server


def findings(url: str, phases: dict[str, int]) -> Any:
    """What the phases of Schemathesis find at *url*, each with so many examples."""
    import schemathesis
    from schemathesis.engine import from_schema

    failures, statuses = [], set()
    for phase, examples in phases.items():
        config = schemathesis.Config.from_dict(
            {
                "seed": 1,
                "continue-on-failure": True,
                "base-url": f"{url}/_emulator",
                "request-timeout": 5,
                "parameters": THERE if phase != "coverage" else {},
                "generation": {
                    "max-examples": examples,
                    "deterministic": True,
                    "database": "none",
                },
                "phases": {"enabled": False, phase: {"enabled": True}},
                "checks": {"enabled": False}
                | {check: {"enabled": True} for check in CHECKS},
            }
        )
        document = f"{url}/_emulator/openapi.json"
        schema = schemathesis.openapi.from_url(document, config=config)
        schema = schema.exclude(operation_id="followJournal")  # it has no end
        for event in from_schema(schema).execute():
            recorder = getattr(event, "recorder", None)
            if recorder is None:
                continue
            for interaction in recorder.interactions.values():
                assert interaction.response is not None
                statuses.add(interaction.response.status_code)
            for id, checks in recorder.checks.items():
                for check in checks:
                    if check.failure_info is not None:
                        sent = recorder.cases[id].value.as_curl_command()
                        failure = check.failure_info.failure
                        failures.append(f"{check.name}: {failure}\n{sent}")
    return failures, statuses


def test_every_answer_is_in_the_document(server: Running) -> None:
    """Its status, its type, its headers and its body."""
    phases = {"examples": 2, "coverage": 2, "fuzzing": 6, "stateful": 4}

    failures, statuses = findings(server.url, phases)

    assert failures == []
    assert statuses >= {200, 201, 204, 404, 415, 422}
