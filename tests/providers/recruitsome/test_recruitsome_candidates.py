"""RecruitSome's candidates: those of a user, and those that a resume brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recruits import errors, file, ids, reply, upload
from replies import shown

if TYPE_CHECKING:
    from tests.conftest import Api

STATUSES = [
    "potential",
    "waiting_for_intake",
    "intake_scheduled",
    "active_mediation",
    "latent_mediation",
    "upcoming_employee",
    "employee",
    "ex_employee",
    "do_not_contact",
]
MEHMET = {
    "id": 1,
    "slug": "mehmet-schouten",
    "first_name": "Mehmet",
    "last_name": "Schouten",
    "email": "mehmet.schouten@example.com",
    "phone": "+31607654321",
    "status": "potential",
    "created_at": "2026-02-27T15:00:00+00:00",
    "updated_at": "2026-02-27T15:00:00+00:00",
}


def candidates(api: Api, query: str = "", user: int = 5) -> list[dict[str, Any]]:
    answer = api.get(f"/candidates?user_id={user}&per_page=100&{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def requests(api: Api) -> list[Any]:
    return [
        (request["user_id"], request["outcome"])
        for request in api.world.collections(api.program)["assistant_requests"]
    ]


def test_candidates_are_those_of_a_user(recruitsome: Api) -> None:
    """[docs: candidates-list] §4.6: only candidates associated with that user."""
    records = recruitsome.world.collections(recruitsome.program)["candidates"]
    for user in (5, 7):
        expected = {record["id"] for record in records if user in record["user_ids"]}
        assert {
            candidate["id"] for candidate in candidates(recruitsome, user=user)
        } == expected

    assert candidates(recruitsome, user=2) == []


def test_a_user_must_be_named(recruitsome: Api) -> None:
    """[docs: candidates-list] §4.6: `user_id` is required; [assumed] §4.6: the text."""
    answer = recruitsome.get("/candidates")

    body = {
        "message": "The given data was invalid.",
        "errors": {"user_id": ["The user id field is required."]},
    }
    assert shown(answer) == reply(422, body)


@pytest.mark.parametrize(
    ("user", "message"),
    [
        ("five", "The user id must be an integer."),
        ("99", "The selected user id is invalid."),
        ("32", "The selected user id is invalid."),
    ],
)
def test_a_user_is_one_of_the_tenant(recruitsome: Api, user: str, message: str) -> None:
    """[docs: candidates-list] §4.6: a tenant user; [assumed] §7: the texts."""
    answer = recruitsome.get(f"/candidates?user_id={user}")

    assert errors(answer) == {"user_id": [message]}


def test_a_candidate_has_one_shape(recruitsome: Api) -> None:
    """[docs: candidates-list] §4.6: id, slug, first_name; [assumed] §4.6: the rest."""
    first = candidates(recruitsome)[0]

    assert list(first.items()) == list(MEHMET.items())


@pytest.mark.parametrize("field", ["created_at", "first_name", "last_name", "email"])
@pytest.mark.parametrize("direction", ["asc", "desc", ""])
def test_candidates_are_sorted(recruitsome: Api, field: str, direction: str) -> None:
    """[docs: candidates-list] §4.6: four fields; `desc` by default."""
    query = f"sort={field}" + (f"&sort_direction={direction}" if direction else "")
    found = [candidate[field] for candidate in candidates(recruitsome, query)]

    assert found == sorted(found, reverse=direction != "asc")


def test_the_newest_come_first(recruitsome: Api) -> None:
    """[docs: candidates-list] §4.6: `created_at` by default."""
    found = [candidate["created_at"] for candidate in candidates(recruitsome)]

    assert found == sorted(found, reverse=True)


def test_an_email_is_matched_exactly(recruitsome: Api) -> None:
    """[docs: candidates-list] §4.6: `email`."""
    assert candidates(recruitsome, f"email={MEHMET['email']}") == [MEHMET]
    assert candidates(recruitsome, "email=mehmet.schouten@example") == []


@pytest.mark.parametrize("text", ["ehme", "MEHMET", "schout", "schouten@example"])
def test_a_search_is_partial(recruitsome: Api, text: str) -> None:
    """[docs: candidates-list] §4.6: first name, last name and e-mail."""
    found = candidates(recruitsome, f"search={text}")

    assert MEHMET in found
    for one in found:
        joined = one["first_name"] + one["last_name"] + one["email"]
        assert text.lower() in joined.lower()


@pytest.mark.parametrize("status", STATUSES)
def test_candidates_have_a_status(recruitsome: Api, status: str) -> None:
    """[docs: candidates-list] §4.6: nine states."""
    found = candidates(recruitsome, f"status={status}")

    assert found
    assert {one["status"] for one in found} == {status}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=hired", {"status": ["The selected status is invalid."]}),
        ("sort=phone", {"sort": ["The selected sort is invalid."]}),
        (
            "sort_direction=both",
            {"sort_direction": ["The selected sort direction is invalid."]},
        ),
    ],
)
def test_an_unknown_word_is_refused(
    recruitsome: Api, query: str, expected: dict[str, list[str]]
) -> None:
    """[docs: errors] §7: invalid filter values; [assumed] §7: the texts."""
    assert errors(recruitsome.get(f"/candidates?user_id=5&{query}")) == expected


@pytest.mark.parametrize("name", ["1", "mehmet-schouten"])
def test_a_profile_is_found_by_id_and_by_slug(recruitsome: Api, name: str) -> None:
    """[primary] §2: profiles; [assumed] §4: the path."""
    assert shown(recruitsome.get(f"/candidates/{name}")) == reply(200, {"data": MEHMET})


@pytest.mark.parametrize("name", ["0", "47", "nobody", "1.0"])
def test_a_profile_of_nobody_is_not_found(recruitsome: Api, name: str) -> None:
    """[primary] §6: 404, for another tenant's candidates too."""
    assert shown(recruitsome.get(f"/candidates/{name}")) == reply(
        404, {"message": "Resource not found."}
    )


def test_a_resume_is_accepted_at_once(recruitsome: Api) -> None:
    """[docs: candidates-create] §4.7: 202 with a processing id; [assumed]: the body."""
    body = {
        "data": {"processing_id": "<uuid>", "status": "processing"},
        "message": "Resume accepted for processing.",
    }
    answer = upload(recruitsome)
    expected = reply(202, body).replace("content-length: 101", "content-length: 131")

    assert shown(answer) == expected


def test_its_candidate_comes_a_little_later(recruitsome: Api) -> None:
    """[docs: candidates-create] §4.7: asynchronous; [assumed] §4.7: `potential`, soon."""
    upload(recruitsome)
    at_once = (candidates(recruitsome)[0]["id"], recruitsome.get("/candidates/77"))
    recruitsome.clock.advance(4)
    early = recruitsome.get("/candidates/jurre-haverkamp")
    recruitsome.clock.advance(1)
    found = candidates(recruitsome)[0]

    assert (at_once[0], at_once[1].status_code, early.status_code) == (1, 404, 404)
    assert found == {
        "id": 77,
        "slug": "jurre-haverkamp",
        "first_name": "Jurre",
        "last_name": "Haverkamp",
        "email": "jurre.haverkamp@example.org",
        "phone": found["phone"],
        "status": "potential",
        "created_at": "2026-03-02T10:00:05+00:00",
        "updated_at": "2026-03-02T10:00:05+00:00",
    }
    assert recruitsome.get("/candidates/77").json() == {"data": found}


def test_each_resume_brings_another_candidate(recruitsome: Api) -> None:
    """[docs: candidates-create] §4.7: what the extraction finds is new at first."""
    for _ in range(9):
        assert upload(recruitsome, user=7).status_code == 202
    recruitsome.clock.advance(5)

    found = candidates(recruitsome, "search=example.org", user=7)
    assert len(found) == len({one["email"] for one in found}) == 8
    assert candidates(recruitsome, "search=example.org", user=5) == []
    assert requests(recruitsome) == [(7, "created")] * 8 + [(7, "review")]


@pytest.mark.parametrize(
    ("name", "outcome", "more"),
    [
        ("esra-demir.pdf", "created", 1),
        ("known-candidate.pdf", "review", 0),
        ("no-email.pdf", "manual", 0),
    ],
)
def test_a_resume_has_one_of_three_outcomes(
    recruitsome: Api, name: str, outcome: str, more: int
) -> None:
    """[docs: candidates-create] §4.7: created, reviewed, or completed by hand."""
    before = len(candidates(recruitsome))
    answer = upload(recruitsome, name)
    recruitsome.clock.advance(60)

    assert answer.status_code == 202
    assert requests(recruitsome) == [(5, outcome)]
    assert len(candidates(recruitsome)) == before + more


@pytest.mark.parametrize("name", ["cv.pdf", "cv.doc", "cv.docx", "CV.PDF"])
def test_three_types_of_file_are_taken(recruitsome: Api, name: str) -> None:
    """[assumed] §4.7: pdf, doc, docx."""
    assert upload(recruitsome, name).status_code == 202


@pytest.mark.parametrize("name", ["cv.exe", "cv", "pdf", "cv.pdf.zip"])
def test_other_types_are_not(recruitsome: Api, name: str) -> None:
    """[assumed] §7: the wording of the file type."""
    assert errors(upload(recruitsome, name)) == {
        "resume": ["The resume must be a file of type: pdf, doc, docx."]
    }


def test_a_resume_has_ten_megabytes(recruitsome: Api) -> None:
    """[assumed] §4.7, §7: 10 MB and the wording; far above, the web server refuses."""
    most = 10_240 * 1_024

    assert upload(recruitsome, content=b"x" * most).status_code == 202
    assert errors(upload(recruitsome, content=b"x" * (most + 1))) == {
        "resume": ["The resume must not be greater than 10240 kilobytes."]
    }
    far = upload(recruitsome, content=b"x" * 16 * 1_048_576)
    assert (far.status_code, far.json()) == (413, {"message": "Content Too Large"})


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ({"files": file("cv.pdf")}, {"user_id": ["The user id field is required."]}),
        (
            {"files": {"cv": ("cv.pdf", b"x")}, "data": {"user_id": "5"}},
            {"resume": ["The resume field is required."]},
        ),
        (
            {
                "files": {"cv": ("cv.pdf", b"x")},
                "data": {"user_id": "5", "resume": "x"},
            },
            {"resume": ["The resume must be a file."]},
        ),
        (
            {"files": file("cv.pdf"), "data": {"user_id": "five"}},
            {"user_id": ["The user id must be an integer."]},
        ),
        (
            {"files": file("cv.pdf"), "data": {"user_id": "32"}},
            {"user_id": ["The selected user id is invalid."]},
        ),
        (
            {"json": {}},
            {
                "resume": ["The resume field is required."],
                "user_id": ["The user id field is required."],
            },
        ),
        (
            {},
            {
                "resume": ["The resume field is required."],
                "user_id": ["The user id field is required."],
            },
        ),
    ],
)
def test_an_upload_needs_a_file_and_a_user(
    recruitsome: Api, rest: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    """[docs: candidates-create] §4.7: `user_id`; [assumed] §4.7, §7: fields and texts."""
    assert errors(recruitsome.post("/candidates", **rest)) == expected
    assert requests(recruitsome) == []


def test_tenants_do_not_share_candidates(recruitsome: Api) -> None:
    """[primary] §1: data is tenant-scoped."""
    assert set(ids(recruitsome, "/candidates?user_id=32", "other_tenant")) <= set(
        range(47, 77)
    )


def test_the_first_user_has_candidates(recruitsome: Api) -> None:
    """[docs: candidates-list] §4.6: `user_id` is required, and 1 is what one tries."""
    assert ids(recruitsome, "/candidates?user_id=1") == [1, 2, 3]
