"""A served provider, and what Schemathesis finds out about it.

The engine is asked itself, and not Schemathesis' pytest plugin: it is what its command
line runs, with every phase, and it owes nothing to the version of pytest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import schemathesis
from schemathesis import BaseSchema
from schemathesis.engine import events, from_schema

from emulator.world.clock import Clock

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


@dataclass
class Served:
    """Where a provider is, its clock, and the headers of a key that may do all."""

    url: str
    name: str
    base_path: str
    clock: Clock
    headers: dict[str, str]

    def document(
        self, phases: Iterable[str], examples: int, checks: Iterable[str] = CHECKS
    ) -> BaseSchema:
        """The OpenAPI document as it is served, to be tested in *phases* by *checks*."""
        config = schemathesis.Config.from_dict(
            {
                "seed": 1,
                "continue-on-failure": True,
                "headers": self.headers,
                "base-url": f"{self.url}/{self.name}{self.base_path}",
                "request-timeout": 5,
                "generation": {
                    "max-examples": examples,
                    "deterministic": True,
                    "database": "none",
                },
                "phases": {"enabled": False}
                | {phase: {"enabled": True} for phase in phases},
                "checks": {"enabled": False}
                | {check: {"enabled": True} for check in checks},
            }
        )
        document = f"{self.url}/_emulator/providers/{self.name}/openapi.json"
        return schemathesis.openapi.from_url(document, config=config)


@dataclass
class Findings:
    """What the calls were answered, and what was wrong with the answers."""

    statuses: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """By operation, as Schemathesis calls it: `GET /jobs`."""
    failures: list[str] = field(default_factory=list)


def findings(schema: BaseSchema) -> Findings:
    """Run the tests of *schema* to their end."""
    found = Findings()
    for event in from_schema(schema).execute():
        if isinstance(event, (events.NonFatalError, events.FatalError)):
            found.failures.append(str(getattr(event, "info", event)))
        if not isinstance(event, events.ScenarioFinished):
            continue
        recorder = event.recorder
        for id, interaction in recorder.interactions.items():
            operation = recorder.cases[id].value.operation.label
            if interaction.response is None:
                found.failures.append(f"{operation}: no answer")
            else:
                found.statuses[operation].add(interaction.response.status_code)
        for id, checks in recorder.checks.items():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    sent = recorder.cases[id].value.as_curl_command()
                    found.failures.append(f"{check.name}: {failure}\n{sent}")
    return found
