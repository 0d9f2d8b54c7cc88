"""The Job Space's evidence: what the documentation does not say is marked as assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from assumptions import evidence_paths

if TYPE_CHECKING:
    from emulator.program.program import Program

ASSUMED = [
    (
        "§2.1 refresh token in the reply",
        "operations.createToken.reply.body.refresh_token",
    ),
    ("§2.1 headers of a token", "operations.createToken.reply.headers"),
    ("§2.2 rotation", "operations.createToken.effects"),
    ("§2.3 accounts without Basic", "errors.table.basic_not_enabled"),
    ("§2.5 bad user", "errors.table.invalid_credentials"),
    ("§2.5 bad client", "errors.table.invalid_client"),
    ("§2.5 unknown grant", "errors.table.unsupported_grant_type"),
    ("§2.5 missing field", "errors.table.parameter_missing"),
    ("§4.3 dates and salaries in order", "collections.jobs.rules"),
    ("§4.3 texts in JSON", "http.json_texts"),
    ("§2.5 bad refresh token", "errors.table.refresh_token_unknown"),
    ("§2.5 body of a 403", "errors.table.admins_only.message"),
    ("§3 numbers", "rate_limits.0.quota"),
    ("§3 headers", "rate_limit_headers"),
    ("§3 429", "errors.table.rate_limited"),
    ("§4 success status", "operations.createJob.reply.status"),
    ("§4.4 uniqueness, whole updates", "operations.updateJob.update.whole"),
    ("§4.7 dates of updates", "operations.updateLegacyJob.update.set"),
    ("§5 largest page", "pages.bracketed.max"),
    ("§5 bad values", "pages.bracketed.invalid"),
    ("§6 404", "errors.table.not_found.message"),
    ("§6 405", "errors.table.wrong_method.message"),
    ("§6 406", "errors.table.not_acceptable.message"),
    ("§7 words", "errors.violations.rules.minLength"),
    ("§7 words", "errors.violations.fields"),
    ("§8 28 days", "collections.jobs.on_create.close_date"),
    ("§8 credits", "operations.createJob.effects"),
    ("§8 order of checks", "operations.createJob.requires"),
    ("§8 coordinates", "collections.jobs.on_create.location_geo_lat"),
    ("§8 the open window", "operations.listJobs.list.filter"),
    ("§9 versions", "http.version"),
]
"""Rows of the documentation's gaps that have a place of their own in the spec."""  # fmt: skip


def test_every_assumption_is_about_something_in_the_spec() -> None:
    """A path under `evidence` that leads nowhere is evidence of nothing."""
    paths, nowhere = evidence_paths("jobspace")

    assert nowhere == []
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(("row", "path"), ASSUMED)
def test_what_is_not_documented_is_marked_as_assumed(
    programs: dict[str, Program], row: str, path: str
) -> None:
    """[assumed]: each such row that has a place of its own in the spec is listed there."""
    pointer = tuple(path.split("."))

    assert programs["jobspace"].evidence.of(pointer) == "assumed", row


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("hosts.0", "primary"),
        ("hosts.1", "revision-a"),
        ("authentication.schemes.Bearer.expires", "primary"),
        ("authentication.schemes.Basic.password", "revision-b"),
        ("operations.createToken.reply.body.expires_in", "primary"),
        ("operations.createLegacyJob.reply", "revision-a"),
        ("views.legacy_job.show", "revision-a"),
        ("views.job.show", "revision-b"),
        ("views.written_job.show", "revision-b"),
        ("operations.deleteJob.reply", "revision-b"),
        ("operations.getOptions.reply", "revision-b"),
        ("pages.bracketed.number", "revision-b"),
        ("pages.bracketed.default", "revision-b"),
        ("errors.envelopes.default", "revision-b"),
        ("errors.table.credential_unknown", "revision-b"),
        ("errors.table.insufficient_credits", "revision-b"),
        ("errors.table.job_unknown", "revision-b"),
        ("errors.violations.rules.required", "revision-b"),
    ],
)
def test_what_is_documented_names_its_source(
    programs: dict[str, Program], path: str, source: str
) -> None:
    """[primary], [docs: rev A], [docs: rev B]: documented facts rest on a page."""
    assert programs["jobspace"].evidence.of(tuple(path.split("."))) == source
