"""Strict stubs: a stub that no call has met fails the test that set it."""

from __future__ import annotations

import pytest


def test_a_stub_that_was_never_met_fails_the_test(pytester: pytest.Pytester) -> None:
    """Where the marker says so, and where the test itself has passed."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.emulator(provider="jobriver", intercept=True, strict_stubs=True)
        def test_strict(emulator):
            emulator.stub("GET", "/jobriver/api/v1/jobs/7", json={})

        @pytest.mark.emulator(provider="jobriver", intercept=True)
        def test_lenient(emulator):
            emulator.stub("GET", "/jobriver/api/v1/jobs/7", json={})
        """
    )
    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*no call has met these stubs:*", "*GET jobriver/api/v1/jobs/7*"]
    )
