"""Every failure that an operation can answer with stands in its document."""

from __future__ import annotations

import pytest
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from served import Served

from emulator.pipeline import REFUSALS
from emulator.program.program import Program

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""All but the one against server errors: those are wished for here."""
OF_ANOTHER_PATH = {"no_route", "wrong_method"}
"""No operation has been found when these are answered: they are in no operation's part."""
OPERATIONS = [
    "getStatus",
    "listJobs",
    "createJob",
    "getJob",
    "replaceJob",
    "updateJob",
    "deleteJob",
    "listCategories",
    "listTechnologies",
]


@pytest.mark.parametrize("id", OPERATIONS)
def test_every_refusal_of_an_operation_is_in_its_document(
    served: Served, programs: dict[str, Program], id: str
) -> None:
    """AdminRequest for one by one, over the socket; a wished failure is like a natural one."""
    program = programs["jobriver"]
    operation = program.operations[id]
    document = served.document([], 1)[operation.path][operation.method.lower()]
    codes = set(REFUSALS.of(program, operation)) - OF_ANOTHER_PATH

    examples = program.openapi["components"]["examples"]
    body = examples["JobInputMinimal"]["value"]

    for code in sorted(codes):
        served.clock.advance(61)
        case = document.Case(
            path_parameters={"id": 123} if operation.parameters.path else {},
            headers={**served.headers, "X-Emulator-Refuse": code},
            **({"body": body} if operation.body is not None else {}),
        )
        reply = case.call()
        case.validate_response(reply, checks=CHECKS)

        assert reply.status_code == operation.errors[code].status
    assert len(codes) > 10


def test_every_operation_is_looked_at(programs: dict[str, Program]) -> None:
    """An operation that is added is added here as well."""
    assert set(programs["jobriver"].operations) == set(OPERATIONS)
