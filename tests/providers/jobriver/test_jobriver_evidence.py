"""Jobriver's evidence: what the documentation does not say is marked as assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from assumptions import evidence_paths

if TYPE_CHECKING:
    from emulator.program.program import Program

ASSUMED = [
    # What the documentation leaves open, and where the spec says what was chosen.
    ("§1 trailing slash", "http.trailing_slash"),
    ("§2 what counts as a failed attempt", "authentication.lockout.counts"),
    ("§2 whose failures are counted", "authentication.lockout.per"),
    ("§2 how old a failure counts", "authentication.lockout.within"),
    ("§2 success resets the counter", "authentication.lockout.reset_on_success"),
    ("§3 window type", "rate_limits.0.algorithm"),
    ("§3 window type", "rate_limits.0.starts"),
    ("§3 Retry-After value", "errors.table.rate_limited.headers"),
    ("§3 header presence on errors", "rate_limit_headers.on"),
    ("§3 details of a 429", "errors.table.rate_limited.details"),
    ("§4.1 usage moves with traffic", "effects"),
    ("§4.2 sort order", "collections.jobs.order"),
    ("§4.4 shape of a single job's reply", "operations.getJob.reply"),
    ("§4.8 shape of the categories", "operations.listCategories.reply"),
    ("§4.8 shape of the technologies", "operations.listTechnologies.reply"),
    ("§5 beyond the end", "pages.numbered.beyond_end"),
    ("§5 clamping", "pages.numbered.below_min"),
    ("§5 clamping", "pages.numbered.beyond_max"),
    ("§6 unknown route", "errors.table.no_route"),
    ("§6 a missing id", "operations.replaceJob.also_at"),
    ("§6 a missing id", "operations.updateJob.also_at"),
    ("§6 a missing id", "operations.deleteJob.also_at"),
    ("§7 null is missing", "errors.violations.missing_when"),
    ("§7 remaining messages", "errors.violations.rules"),
    ("§7 remaining messages", "errors.violations.fields"),
    ("§7 remaining messages", "errors.violations.labels.location"),
    ("§7 remaining messages", "errors.violations.labels.requirements"),
    ("§7 remaining messages", "errors.violations.labels.benefits"),
    ("§7 apply_url missing", "collections.jobs.rules.1.message"),
    ("§7 apply_email missing", "collections.jobs.rules.2.message"),
    ("§7 messages", "errors.table.credential_missing.message"),
    ("§7 messages", "errors.table.credential_unknown.message"),
    ("§7 messages", "errors.table.credential_inactive.message"),
    ("§7 messages", "errors.table.credential_revoked.message"),
    ("§7 messages", "errors.table.credential_expired.message"),
    ("§7 messages", "errors.table.locked_out.message"),
    ("§7 messages", "errors.table.ip_not_allowed.message"),
    ("§7 messages", "errors.table.scope_missing.message"),
    ("§7 messages", "errors.table.rate_limited.message"),
    ("§7 messages", "errors.table.invalid_path.message"),
    ("§7 messages", "errors.table.not_found.message"),
    ("§7 messages", "errors.table.limit_reached.message"),
    ("§7 messages", "errors.table.malformed_body.message"),
    ("§7 messages", "errors.table.unsupported_media.message"),
    ("§7 messages", "errors.table.wrong_method.message"),
    ("§7 messages", "errors.table.internal_error.message"),
    ("§7 messages", "errors.table.update_failed.message"),
    ("§7 messages", "errors.table.delete_failed.message"),
    ("§8 job limit of updates", "collections.jobs.limit"),
    ("§8 jobs_created never decreases", "operations.createJob.effects"),
    ("§8 published_at", "collections.jobs.on_create.published_at"),
    ("§8 published_at", "collections.jobs.on_update.published_at"),
    ("§8 updated_at", "collections.jobs.on_update.updated_at"),
    ("§10 search, is_active", "operations.listJobs.tolerate"),
]
"""Rows of the documentation's gaps that have a place of their own in the spec."""


def test_every_assumption_is_about_something_in_the_spec() -> None:
    """A path under `evidence` that leads nowhere is evidence of nothing."""
    paths, nowhere = evidence_paths("jobriver")

    assert nowhere == []
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize(("row", "path"), ASSUMED)
def test_what_is_not_documented_is_marked_as_assumed(
    programs: dict[str, Program], row: str, path: str
) -> None:
    """[assumed]: each such row that has a place of its own in the spec is listed there."""
    pointer = tuple(path.split("."))

    assert programs["jobriver"].evidence.of(pointer) == "assumed", row


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("hosts.0", "primary"),
        ("hosts.1", "en-page"),
        ("authentication.schemes.ApiKeyHeader", "primary"),
        ("authentication.lockout.after", "primary"),
        ("authentication.lockout.for", "primary"),
        ("rate_limits.0.quota", "primary"),
        ("rate_limit_headers.limit", "primary"),
        ("operations.listCategories", "en-page"),
        ("operations.listTechnologies", "en-page"),
        ("operations.createJob.reply", "primary"),
        ("errors.table.locked_out.code", "primary"),
        ("errors.table.rate_limited.status", "primary"),
        ("errors.violations.rules.minLength", "primary"),
        ("errors.violations.labels.title", "primary"),
        ("collections.jobs.rules.0.message", "primary"),
    ],
)
def test_what_is_documented_names_its_source(
    programs: dict[str, Program], path: str, source: str
) -> None:
    """[primary], [docs: en page]: documented facts rest on a page."""
    assert programs["jobriver"].evidence.of(tuple(path.split("."))) == source
