"""A served provider, and the calls that Schemathesis thinks of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from schemathesis import Case
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.checks import not_a_server_error

from emulator.world.clock import Clock

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@dataclass
class Served:
    """Where it is, whose clock it has, and the headers of a key that may do all."""

    url: str
    clock: Clock
    headers: dict[str, str]
    statuses: dict[str, set[int]] = field(default_factory=dict)
    """What each operation has answered."""
