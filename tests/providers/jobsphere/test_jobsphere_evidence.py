"""JobSphere's evidence: what nobody documents is marked as assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator.program.program import Program

ASSUMED = [
    ("§1 how plain HTTP fails", "errors.table.https_required.status"),
    ("§2 no key", "errors.table.credential_missing.message"),
    ("§2 unknown key", "errors.table.credential_unknown"),
    ("§2 revoked key", "errors.table.credential_revoked"),
    ("§2 missing scope", "errors.table.scope_missing.details"),
    ("§3 per key", "rate_limits.0.per"),
    ("§3 kind of window", "rate_limits.0.starts"),
    ("§3 without a key", "rate_limits.1.quota"),
    ("§3 body of a 429", "errors.table.rate_limited.details"),
    ("§3 Retry-After", "errors.table.rate_limited.headers"),
    ("§4 status of a new job", "operations.createJob.reply.status"),
    ("§4.1 default page size", "pages.numbered.default"),
    ("§4.1 spellings of tags", "operations.listJobs.aliases"),
    ("§4.1 all tags", "operations.listJobs.list.filter"),
    ("§4.1 location", "operations.listJobs.list.where.location"),
    ("§4.1 salary", "operations.listJobs.list.filter"),
    ("§4.1 sort", "operations.listJobs.list.sort"),
    ("§4.1 envelope", "operations.listJobs.reply"),
    ("§4.2 Location", "operations.createJob.reply.headers"),
    ("§6 status of a validation error", "errors.table.invalid_request.status"),
    ("§6 not found", "errors.table.not_found"),
    ("§6 wrong method", "errors.table.wrong_method"),
    ("§6 media type", "errors.table.unsupported_media"),
    ("§6 trouble", "errors.table.internal_error"),
    ("§6 trouble", "errors.table.service_unavailable"),
    ("§6 details are an object", "errors.defaults.details"),
    ("§7 what is missing", "errors.violations.missing_when"),
    ("§7 other wordings", "errors.violations.rules.enum"),
    ("§7 min and max", "collections.jobs.rules.0.message"),
    ("§7 malformed JSON", "errors.table.malformed_body"),
    ("§8 ids", "collections.jobs.ids"),
    ("§8 the whole board is listed", "operations.listJobs.list.owned"),
    ("§8 names of events", "webhooks.events"),
    ("§8 what updates an application", "operations.updateApplication.update"),
    ("§8 what is signed", "webhooks.signature.signs"),
    ("§8 how it is signed", "webhooks.signature.algorithm"),
    ("§8 retries", "webhooks.retry.delays"),
    ("§10 q", "operations.listJobs.list.search"),
]
DOCUMENTED = [
    ("hosts.0", "primary"),
    ("http.https", "primary"),
    ("authentication.schemes.ApiKey.field", "primary"),
    ("rate_limits.0.quota", "primary"),
    ("rate_limits.0.window", "primary"),
    ("rate_limit_headers.limit", "primary"),
    ("rate_limit_headers.reset_as", "primary"),
    ("rate_limit_headers.on", "primary"),
    ("pages.numbered.size", "primary"),
    ("collections.jobs.owned_by", "primary"),
    ("operations.listJobs.list.where.status", "primary"),
    ("operations.createJob.scope", "primary"),
    ("webhooks.signature.header", "primary"),
    ("errors.envelopes.default", "primary"),
    ("errors.table.invalid_request.code", "primary"),
    ("errors.violations.rules.required", "primary"),
    ("operations.getJob.read.key", "v1-variant"),
    ("operations.replaceJob.update", "v2-variant"),
    ("operations.deleteJob.delete", "v2-variant"),
    ("operations.applyForJob.create", "com-variant"),
]


@pytest.mark.parametrize(("row", "path"), ASSUMED)
def test_what_is_not_documented_is_marked_as_assumed(
    programs: dict[str, Program], row: str, path: str
) -> None:
    """[assumed]: each such row that has a place of its own in the spec."""
    assert programs["jobsphere"].evidence.of(tuple(path.split("."))) == "assumed", row


@pytest.mark.parametrize(("path", "source"), DOCUMENTED)
def test_what_is_documented_names_its_source(
    programs: dict[str, Program], path: str, source: str
) -> None:
    """[primary], and the variants that the extensions come from."""
    assert programs["jobsphere"].evidence.of(tuple(path.split("."))) == source
