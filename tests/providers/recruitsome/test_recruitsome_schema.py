"""RecruitSome's replies fit its OpenAPI document, and its evidence fits its spec."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema_rs import Draft202012Validator
from recruits import APPLICATION, SENIOR, ids, upload

if TYPE_CHECKING:
    from emulator.program.program import Program
    from tests.conftest import Api

EVERYTHING = "include_media=1&include_compensation=1&include_company_name=1"
REPLIES = [
    ("Health", "/health"),
    ("VacancyList", f"/vacancies?per_page=100&{EVERYTHING}"),
    ("VacancyList", "/vacancies?include=facets&per_page=100"),
    ("VacancyList", "/vacancies?page=99"),
    ("VacancyReply", f"/vacancies/{SENIOR}?{EVERYTHING}"),
    ("FacetsReply", "/vacancies/facets?language=nl"),
    ("CandidateList", "/candidates?user_id={user}&per_page=100"),
    ("CandidateReply", "/candidates/1"),
    ("TeamList", "/team?include_phone=1&include_role=1&per_page=100"),
    ("TeamMemberReply", "/team/5?include_phone=1"),
    ("LocationList", "/locations?include_coordinates=1&include_vacancy_count=1"),
    ("LocationReply", "/locations/amsterdam-office-amsterdam-nl"),
    ("ArticleList", "/articles?include_media=1&per_page=100"),
    ("ArticleReply", "/articles/our-fleet-is-half-electric"),
    ("Message", "/nowhere"),
    ("ValidationError", "/vacancies?page=0&tags[]=x"),
]


def misfit(api: Api, schema: str, answer: Any) -> Any:
    """What does not fit in a reply, or None."""
    whole = {
        "$ref": f"#/components/schemas/{schema}",
        "components": api.program.openapi["components"],
    }
    validator = Draft202012Validator(whole, validate_formats=True)
    return next(validator.iter_errors(answer.json()), None)


@pytest.mark.parametrize(("schema", "path"), REPLIES)
@pytest.mark.parametrize("key", ["full", "other_tenant"])
def test_what_is_read_fits(recruitsome: Api, schema: str, path: str, key: str) -> None:
    """[primary] §9: every reply is what its document says, and no more."""
    answer = recruitsome.get(path.format(user=5 if key == "full" else 32), key)

    if answer.status_code == 404:
        schema = "Message"
    assert misfit(recruitsome, schema, answer) is None


def test_what_is_written_fits(recruitsome: Api) -> None:
    """[docs: applications-submit], [docs: candidates-create]: 201 and 202."""
    applied = recruitsome.post("/applications", json=APPLICATION)

    assert misfit(recruitsome, "ApplicationReply", applied) is None
    assert misfit(recruitsome, "ProcessingReply", upload(recruitsome)) is None


def test_every_vacancy_can_be_read(recruitsome: Api) -> None:
    """[docs: vacancies-detail] §4.3: what is listed has a page of its own."""
    listed = recruitsome.get("/vacancies?per_page=100").json()["data"]

    for one in listed:
        recruitsome.clock.advance(2)
        answer = recruitsome.get(f"/vacancies/{one['slug']}")
        assert misfit(recruitsome, "VacancyReply", answer) is None
        assert answer.json()["data"]["id"] == one["id"]


def test_there_are_sixty_vacancies(recruitsome: Api) -> None:
    """Dutch and English, at two tenants that can be asked."""
    own = ids(recruitsome, "/vacancies")
    other = ids(recruitsome, "/vacancies", "other_tenant")

    assert (len(own), len(other)) == (38, 22)
    assert set(own).isdisjoint(other)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("rate_limits.0.quota", "primary"),
        ("rate_limit_headers.limit", "primary"),
        ("operations.getHealth.reply", "primary"),
        ("operations.listVacancies.list", "vacancies-list"),
        ("operations.getVacancy.effects", "vacancies-detail"),
        ("operations.listVacancyFacets.list", "vacancies-facets"),
        ("operations.createApplication.reply.status", "applications-submit"),
        ("operations.listCandidates.list", "candidates-list"),
        ("operations.createCandidate.reply.status", "candidates-create"),
        ("operations.listTeam.list", "team-list"),
        ("operations.listLocations.list", "locations-list"),
        ("operations.getLocation", "locations-detail"),
        ("operations.listArticles.list", "articles-list"),
        ("errors.table.credential_missing.message", "errors-page"),
        ("errors.table.credential_unknown.message", "errors-page"),
        ("errors.table.api_disabled.message", "errors-page"),
        ("errors.table.api_disabled.status", "primary"),
        ("errors.table.scope_missing.code", "primary"),
        ("errors.envelopes.validation.message", "errors-page"),
        ("errors.violations.fields.language", "errors-page"),
        ("errors.violations.rules.maximum", "errors-page"),
    ],
)
def test_what_is_documented_names_its_source(
    programs: dict[str, Program], path: str, source: str
) -> None:
    """[primary], [docs]: documented facts rest on a page."""
    assert programs["recruitsome"].evidence.of(tuple(path.split("."))) == source


@pytest.mark.parametrize(
    "path",
    [
        "rate_limits.0.starts",
        "rate_limit_headers.replies",
        "pages.numbered.keep_query",
        "pages.numbered.beyond_end",
        "views.vacancy_detail",
        "views.facet_tag",
        "views.facet_location.show.selected",
        "views.member.show.avatar",
        "operations.listVacancies.reply.body.facets",
        "operations.createApplication.reply.body",
        "operations.createApplication.effects",
        "operations.createCandidate.rules",
        "operations.createCandidate.reply.body",
        "operations.getCandidate",
        "operations.getTeamMember",
        "operations.getArticle",
        "errors.table.scope_missing.envelope",
        "errors.table.scope_missing.message",
        "errors.table.rate_limited.message",
        "errors.table.rate_limited.headers",
        "errors.table.not_found.message",
        "errors.table.wrong_method",
        "errors.table.internal_error.message",
        "errors.violations.rules.required",
    ],
)
def test_what_is_not_documented_is_marked_as_assumed(
    programs: dict[str, Program], path: str
) -> None:
    """[assumed]: each such row that has a place of its own in the spec is listed there."""
    evidence = programs["recruitsome"].evidence

    assert evidence.of(tuple(path.split("."))) == "assumed"
