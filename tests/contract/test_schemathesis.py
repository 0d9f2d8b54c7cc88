"""What is served keeps to the OpenAPI document that is served with it."""

from __future__ import annotations

import pytest
from served import Served, findings

from emulator.compile.places import bundled, places

WRITTEN = {200, 400, 404, 415, 422}


@pytest.mark.parametrize(
    ("operation", "label", "statuses"),
    [
        ("getStatus", "GET /status", {200}),
        ("listJobs", "GET /jobs", {200}),
        ("createJob", "POST /jobs", {201, 400, 415, 422}),
        ("getJob", "GET /jobs/{id}", {200, 400, 404}),
        ("replaceJob", "PUT /jobs/{id}", WRITTEN),
        ("updateJob", "PATCH /jobs/{id}", WRITTEN),
        ("deleteJob", "DELETE /jobs/{id}", {200, 400, 404}),
        ("listCategories", "GET /categories", {200}),
        ("listTechnologies", "GET /technologies", {200}),
    ],
)
def test_every_reply_is_in_the_document(
    served: Served, operation: str, label: str, statuses: set[int]
) -> None:
    """Its status, its type, its headers and its body, whatever was asked."""
    schema = served.document(["examples", "coverage", "fuzzing"], 20)

    found = findings(schema.include(operation_id=operation))

    assert found.failures == []
    assert found.statuses[label] >= statuses


def test_every_reply_of_a_story_is_in_the_document(served: Served) -> None:
    """One call uses what another has made, changed or deleted."""
    found = findings(served.document(["stateful"], 36))

    assert found.failures == []
    assert found.statuses["POST /jobs"] >= {201}
    assert found.statuses["DELETE /jobs/{id}"] >= {200, 404}


def test_what_was_deleted_is_gone(served: Served) -> None:
    """And what was created is there, and nobody comes in without a key."""
    checks = ("use_after_free", "ensure_resource_availability", "ignored_auth")

    assert findings(served.document(["stateful"], 12, checks)).failures == []


@pytest.mark.parametrize(
    "served",
    [place.name for place in places(*bundled()) if place.name != "jobriver"],
    indirect=True,
)
def test_every_provider_keeps_to_its_document(served: Served) -> None:
    """Every operation of every other provider, in fewer examples."""
    found = findings(served.document(["examples", "coverage", "fuzzing"], 4))

    assert found.failures == []
    assert found.statuses
