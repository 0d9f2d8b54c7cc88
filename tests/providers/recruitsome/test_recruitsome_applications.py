"""RecruitSome's applications: one call with a nested body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from recruits import APPLICANT, APPLICATION, SENIOR, errors, ids, reply
from replies import shown

if TYPE_CHECKING:
    from tests.conftest import Api

RECEIVED = {
    "data": {
        "id": 555,
        "status": "received",
        "vacancy": SENIOR,
        "candidate": {"id": 77, "email": APPLICANT["email"]},
        "created_at": "2026-03-02T10:00:00+00:00",
    },
    "message": "Application submitted successfully.",
}
REQUIRED = {
    "vacancy": ["The vacancy field is required."],
    "candidate": ["The candidate field is required."],
}


def apply(api: Api, key: str = "full", **changes: Any) -> Any:
    """Send the smallest application with some fields of the candidate changed."""
    candidate = {**APPLICANT, **changes}
    return api.post("/applications", key, json={**APPLICATION, "candidate": candidate})


def test_an_application_is_received(recruitsome: Api) -> None:
    """[docs: applications-submit] §4.5: 201, by slug; [assumed] §4.5: the body."""
    answer = recruitsome.post("/applications", json=APPLICATION)

    assert shown(answer) == reply(201, RECEIVED)


def test_more_may_be_sent_along(recruitsome: Api) -> None:
    """[docs: applications-submit] §4.5: documents, a profile and tracking data."""
    examples = recruitsome.program.openapi["components"]["examples"]
    body = examples["ApplicationFull"]["value"]

    answer = recruitsome.post("/applications", json={**body, "unknown": [1]})

    assert answer.status_code == 201
    stored = recruitsome.world.collections(recruitsome.program)["applications"].get(555)
    assert stored is not None
    assert stored["documents"] == body["documents"]
    assert stored["tracking"] == body["tracking"]
    assert "unknown" not in stored


def test_who_applies_becomes_a_candidate(recruitsome: Api) -> None:
    """[assumed] §8: one of the vacancy's recruiter."""
    apply(recruitsome, phone="+31612345678")

    answer = recruitsome.get("/candidates?user_id=5&email=fleur.hoekstra@example.net")
    assert answer.json()["data"] == [
        {
            "id": 77,
            "slug": "fleur-hoekstra",
            "first_name": "Fleur",
            "last_name": "Hoekstra",
            "email": "fleur.hoekstra@example.net",
            "phone": "+31612345678",
            "status": "potential",
            "created_at": "2026-03-02T10:00:00+00:00",
            "updated_at": "2026-03-02T10:00:00+00:00",
        }
    ]
    assert 77 not in ids(recruitsome, "/candidates?user_id=7")


def test_a_known_candidate_is_associated(recruitsome: Api) -> None:
    """[assumed] §8: by e-mail, and with the recruiter of the vacancy."""
    before = ids(recruitsome, "/candidates?user_id=7")
    answer = recruitsome.post(
        "/applications",
        json={
            "vacancy": "frontend-developer-amsterdam",
            "candidate": {**APPLICANT, "email": "Mehmet.Schouten@example.com"},
        },
    )

    assert answer.json()["data"]["candidate"]["id"] == 1
    assert 1 not in before
    assert ids(recruitsome, "/candidates?user_id=7") == [1, *before]
    assert 1 in ids(recruitsome, "/candidates?user_id=5")


def test_the_same_application_is_taken_twice(recruitsome: Api) -> None:
    """[assumed] §8: duplicates are not documented, so they are accepted."""
    first, second = apply(recruitsome), apply(recruitsome)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["data"] == {**RECEIVED["data"], "id": 556}


@pytest.mark.parametrize(
    "slug",
    [
        "nothing",
        "bedrijfsjurist-amsterdam",
        "lifeguard-rotterdam",
        "chief-technology-officer-amsterdam",
        "lasser-emmen",
    ],
)
def test_a_vacancy_that_is_not_published_is_invalid(
    recruitsome: Api, slug: str
) -> None:
    """[assumed] §4.5: an unknown vacancy is 422, by the `exists` rule."""
    answer = recruitsome.post("/applications", json={**APPLICATION, "vacancy": slug})

    assert shown(answer) == reply(
        422,
        {
            "message": "The given data was invalid.",
            "errors": {"vacancy": ["The selected vacancy is invalid."]},
        },
    )


def test_an_id_is_no_slug(recruitsome: Api) -> None:
    """[docs: applications-submit] §4.5: `vacancy` is the slug, not an id."""
    answer = recruitsome.post("/applications", json={**APPLICATION, "vacancy": 101})

    assert errors(answer) == {"vacancy": ["The vacancy must be a string."]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"first_name": None},
            {"candidate.first_name": ["The candidate.first name field is required."]},
        ),
        (
            {"last_name": " "},
            {"candidate.last_name": ["The candidate.last name field is required."]},
        ),
        (
            {"first_name": "x" * 256},
            {
                "candidate.first_name": [
                    "The candidate.first name must not be greater than 255 characters."
                ]
            },
        ),
        (
            {"email": "fleur"},
            {"candidate.email": ["The candidate.email must be a valid email address."]},
        ),
        (
            {"linkedin_url": "in/fleur hoekstra"},
            {
                "candidate.linkedin_url": [
                    "The candidate.linkedin url must be a valid URL."
                ]
            },
        ),
    ],
)
def test_a_candidate_has_a_name_and_an_address(
    recruitsome: Api, changes: dict[str, Any], expected: dict[str, list[str]]
) -> None:
    """[assumed] §4.5, §7: nested fields are named with dots."""
    assert errors(apply(recruitsome, **changes)) == expected


@pytest.mark.parametrize(
    "rest",
    [
        {"json": {}},
        {"json": []},
        {"content": b"{"},
        {"content": b""},
        {"content": b"vacancy", "headers": {"Content-Type": "text/plain"}},
    ],
)
def test_a_body_that_says_nothing_lacks_everything(
    recruitsome: Api, rest: dict[str, Any]
) -> None:
    """[assumed] §7: a body that cannot be read is an empty one, as the framework has it."""
    answer = recruitsome.post("/applications", **rest)

    assert errors(answer) == REQUIRED


def test_a_form_is_taken_too(recruitsome: Api) -> None:
    """[assumed] §4.5: multipart, with keys in brackets and files."""
    answer = recruitsome.post(
        "/applications",
        data={
            "vacancy": SENIOR,
            **{f"candidate[{name}]": value for name, value in APPLICANT.items()},
            "tracking[utm_source]": "fair",
        },
        files={"documents[]": ("cv.pdf", b"%PDF-1.4", "application/pdf")},
    )

    assert shown(answer) == reply(201, RECEIVED)
    stored = recruitsome.world.collections(recruitsome.program)["applications"].get(555)
    assert stored is not None
    assert stored["tracking"] == {"utm_source": "fair"}
    assert stored["documents"][0]["filename"] == "cv.pdf"


def test_a_form_can_be_wrong_inside(recruitsome: Api) -> None:
    """[assumed] §4.5: the same rules as for JSON."""
    answer = recruitsome.post(
        "/applications",
        data={"vacancy": SENIOR, "candidate[first_name]": "Fleur"},
        files={"documents[]": ("cv.pdf", b"%PDF")},
    )

    assert errors(answer) == {
        "candidate.last_name": ["The candidate.last name field is required."],
        "candidate.email": ["The candidate.email field is required."],
    }


def test_a_refused_application_leaves_nothing(recruitsome: Api) -> None:
    """[docs: applications-submit] §4.5: clients store first and try again."""
    apply(recruitsome, email="nobody")

    assert apply(recruitsome).json() == RECEIVED


def test_an_application_may_be_a_plain_form(recruitsome: Api) -> None:
    """[assumed] §4.5: forms of either kind, with names in brackets."""
    form = {
        "vacancy": "senior-software-engineer-amsterdam",
        "candidate[first_name]": "Fleur",
        "candidate[last_name]": "Hoekstra",
        "candidate[email]": "fleur.hoekstra@example.net",
    }

    answer = recruitsome.post("/applications", data=form)

    assert answer.status_code == 201
    assert answer.json()["data"]["candidate"]["email"] == "fleur.hoekstra@example.net"
