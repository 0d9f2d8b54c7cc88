"""JobsPikr's evidence: what nobody documents is marked as assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from emulator.program.program import Program

ASSUMED = [
    ("§2 bodies of failures", "errors.table.credential_missing.message"),
    ("§2 bodies of failures", "errors.table.credential_unknown.status"),
    ("§2 WWW-Authenticate", "errors.table.credential_unknown.headers"),
    ("§2 disabled account", "errors.table.credential_disabled"),
    ("§3 counters per client id and endpoint", "rate_limits.0.per"),
    ("§3 kind of window", "rate_limits.1.algorithm"),
    ("§3 limits of expired jobs", "rate_limits.4.quota"),
    ("§3 Retry-After", "errors.table.rate_limited.headers"),
    ("§4.1 default size", "pages.jobs.default"),
    ("§4.1 duplicates", "operations.searchJobs.list.where.duplicate_status"),
    ("§4.2 parameters", "operations.listExpiredJobs.aliases"),
    ("§4.2 range", "operations.listExpiredJobs.list.where"),
    ("§4.2 reply", "operations.listExpiredJobs.reply"),
    ("§4.3 filter", "operations.aggregateJobs.list.query"),
    ("§4.3 reply", "operations.aggregateJobs.reply"),
    ("§5 order of cursors", "collections.jobs.order"),
    ("§5 cursor of the last record", "pages.jobs.key"),
    ("§6 statuses", "errors.table.invalid_request"),
    ("§6 exhausted credits", "errors.table.credits_exhausted.status"),
    ("§6 unknown path", "errors.table.no_route"),
    ("§6 wrong method", "errors.table.wrong_method"),
    ("§6 trouble", "errors.table.internal_error"),
    ("§7 wording", "errors.violations.fields.size.maximum"),
    ("§8 charged once", "operations.searchJobs.effects.0.when"),
    ("§8 small balance", "pages.jobs.at_most"),
    ("§8 timing", "operations.searchJobs.reply.body.job_credit_remaining"),
    ("§9 items of XML", "formats.0.xml.items"),
    ("§9 type of XML", "formats.0.xml.content_type"),
    ("§10 has_expired is a text", "views.job.show.has_expired"),
]
DOCUMENTED = [
    ("hosts.0", "primary"),
    ("hosts.1", "primary"),
    ("authentication.schemes.ClientId.field", "primary"),
    ("authentication.schemes.Basic.password", "clients"),
    ("rate_limits.0.quota", "primary"),
    ("rate_limits.3.quota", "primary"),
    ("operations.searchJobs.list.query", "clients"),
    ("operations.searchJobs.reply.body.next_cursor", "clients"),
    ("operations.searchJobs.reply.body.message", "support-v1"),
    ("operations.searchJobs.effects.0.create", "primary"),
    ("operations.listExpiredJobs.list.filter", "primary"),
    ("views.job.show.uniq_id", "support-v1"),
    ("formats.0.xml.root", "support-v1"),
    ("formats.0.when", "clients"),
    ("errors.envelopes.default", "clients"),
]


@pytest.mark.parametrize(("row", "path"), ASSUMED)
def test_what_is_not_documented_is_marked_as_assumed(
    programs: dict[str, Program], row: str, path: str
) -> None:
    """[assumed]: each such row that has a place of its own in the spec."""
    assert programs["jobspikr"].evidence.of(tuple(path.split("."))) == "assumed", row


@pytest.mark.parametrize(("path", "source"), DOCUMENTED)
def test_what_is_documented_names_its_source(
    programs: dict[str, Program], path: str, source: str
) -> None:
    """[primary], [docs: support v1], [docs: clients]."""
    assert programs["jobspikr"].evidence.of(tuple(path.split("."))) == source
