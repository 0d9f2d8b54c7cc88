"""What is served keeps to the OpenAPI document that is served with it."""

from __future__ import annotations

import pytest
from served import Served, findings

REFUSED = {"GET": {400, 404}, "POST": {400, 415, 422}, "DELETE": {400, 404}}


@pytest.mark.parametrize(
    ("operation", "label", "statuses"),
    [
        ("getStatus", "GET /status", {200, 401, 403, 405}),
        ("listJobs", "GET /jobs", {200, 401, 403}),
        ("createJob", "POST /jobs", {201, 400, 401, 403, 405, 415, 422}),
        ("getJob", "GET /jobs/{id}", {200, 400, 401, 403, 404}),
        ("replaceJob", "PUT /jobs/{id}", {200, 400, 401, 403, 404, 405, 415, 422}),
        ("updateJob", "PATCH /jobs/{id}", {200, 400, 401, 403, 404, 415, 422}),
        ("deleteJob", "DELETE /jobs/{id}", {200, 400, 401, 403, 404}),
        ("listCategories", "GET /categories", {200, 401, 403, 405}),
        ("listTechnologies", "GET /technologies", {200, 401, 403, 405}),
    ],
)
def test_every_reply_is_in_the_document(
    served: Served, operation: str, label: str, statuses: set[int]
) -> None:
    """Its status, its type, its headers and its body, whatever was asked."""
    schema = served.document(["examples", "coverage", "fuzzing"], 30)

    found = findings(schema.include(operation_id=operation))

    assert found.failures == []
    print(label, found.statuses)


def test_every_reply_of_a_story_is_in_the_document(served: Served) -> None:
    """One call uses what another has made, changed or deleted."""
    found = findings(served.document(["stateful"], 15))

    assert found.failures == []
    print(found.statuses)
