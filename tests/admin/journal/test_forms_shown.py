"""What the journal and `verify` make of forms, and of bodies that are too long to keep."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from tiny import Tiny

from emulator.admin.journal.entry import shown
from emulator.admin.journal.har import har
from emulator.admin.journal.verify import verify
from emulator.world.clock import Clock
from emulator.world.journal import Journal
from emulator.world.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from front_door import Api

CV = b"%PDF\xff" * 100
FACTS = {
    "filename": "cv.pdf",
    "content_type": "application/pdf",
    "size": 500,
    "sha256": hashlib.sha256(CV).hexdigest(),
}
FILES = {"resume": ("cv.pdf", CV, "application/pdf")}


def body_of(tiny: Tiny) -> Any:
    entry = list(tiny.world.journal)[-1]
    return shown(entry, tiny.program)["request"]["body"]


def test_a_multipart_form_is_shown_as_its_fields() -> None:
    """Texts, files as what they are, and a list where a name comes again."""
    forms = Tiny("forms")
    fields = [("tags", (None, "x")), ("tags", (None, "y")), *FILES.items()]
    forms.post("/upload", files=fields)

    assert body_of(forms) == {"tags": ["x", "y"], "resume": FACTS}


def test_a_secret_in_a_field_of_a_multipart_form_is_masked() -> None:
    """By the name of the field, wherever its value stands."""
    forms = Tiny("forms")
    secret = "hunter2hunter2"
    forms.post("/upload", files={"password": (None, secret), "a": (None, secret)})
    archive = har(forms.world.journal, {"forms": forms.program}, "http://here")

    assert set(body_of(forms)) == {"password", "a"}
    assert secret not in json.dumps([body_of(forms), archive])


@pytest.mark.parametrize(
    "body",
    [
        {"user_id": "5"},
        {"user_id": 5, "resume": {"filename": "cv.pdf", "size": 500}},
        {"resume": FACTS},
        {"matches": "*%PDF*"},
    ],
)
def test_verify_sees_the_fields_of_a_form(
    api_of: Callable[..., Api], body: Any
) -> None:
    """As those of an urlencoded one; the boundary makes no difference."""
    api = api_of("recruitsome")
    api.post("/candidates", data={"user_id": "5"}, files=FILES)
    question = {"operation": "createCandidate", "body": body, "times": 1}

    told = verify(api.world.journal, {"recruitsome": api.program}, question)

    assert told["passed"], told


@pytest.mark.parametrize("multipart", [True, False])
def test_a_long_body_leaves_the_others_in_the_journal(multipart: bool) -> None:
    """It is kept as its digest, a form as its fields."""
    world = World(clock=Clock(0, frozen=True), journal=Journal(max_bytes=40_000))
    forms = Tiny("forms", world=world)
    long = b"x" * 50_000
    forms.post("/form", data={"name": "A"})
    if multipart:
        forms.post(
            "/upload", files={"a": (None, "1"), "b": ("b", long), "c": (None, long)}
        )
    else:
        forms.post("/text", content=long, headers={"Content-Type": "image/png"})
    digest = {"size": 50_000, "sha256": hashlib.sha256(long).hexdigest()}
    file = {"filename": "b", "content_type": "application/octet-stream", **digest}

    assert len(world.journal) == 2
    assert body_of(forms) == (
        {"a": "1", "b": file, "c": digest} if multipart else digest
    )
