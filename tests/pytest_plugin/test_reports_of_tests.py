"""The report of a test that failed says what happened in its world."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest


def test_a_failure_carries_the_journal_explained(pytester: pytest.Pytester) -> None:
    """Each call in a line, and the latest with every decision; no key is shown."""
    pytester.makepyfile(
        """
        import requests

        def test_create(emulator):
            jobriver = emulator.provider("jobriver")
            key = jobriver.credentials["read_only"]
            answer = requests.post(
                jobriver.url + "/jobs", json={}, headers=key.headers, timeout=10
            )
            assert answer.status_code == 201
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- emulator: world w1, call -*",
            "#1 * POST /api/v1/jobs -> 403 createJob by 'read_only'; authorize: *create*",
            "",
            "#1 * refused: scope_missing",
            "  > POST http://127.0.0.1:*/@w1/jobriver/api/v1/jobs",
            "  x authorize * lacks the scope 'create'",
            "  < 403",
        ]
    )


def test_only_the_latest_of_many_calls_are_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import requests

        def test_many(emulator):
            url = emulator.provider("jobriver").url
            for _ in range(25):
                requests.get(url + "/status", timeout=10)
            assert False
        """
    )

    text = pytester.runpytest().stdout.str()

    assert "25 calls came; the latest 20 are" in text
    assert "\n#5 " not in text
    assert "\n#6 " in text
    assert text.count("  > GET http") == 3


def test_a_failure_without_calls_says_where_they_would_go(
    pytester: pytest.Pytester,
) -> None:
    """Most often a client was pointed elsewhere."""
    pytester.makepyfile("def test_lost(emulator): assert False")

    pytester.runpytest().stdout.fnmatch_lines(
        [
            "nothing was called in this world; its providers answer at",
            "  http://127.0.0.1:*/@w1/jobriver/api/v1",
        ]
    )


def test_what_was_not_verified_is_shown_at_the_line_that_asked(
    pytester: pytest.Pytester,
) -> None:
    """With what came closest; the traceback ends in the test."""
    pytester.makepyfile(
        """
        import requests

        def test_create(emulator):
            requests.get(emulator.provider("jobriver").url + "/jobz", timeout=10)
            emulator.verify("listJobs")
        """
    )

    result = pytester.runpytest()

    result.stdout.fnmatch_lines(
        [
            '>       emulator.verify("listJobs")',
            "E       emulator.NotVerified: expected that listJobs came at least once; *",
            "E       nearest of what came:",
            "E         #1 * GET /api/v1/jobz -> 404 no operation, refused: no_route",
            "test_*.py:5: NotVerified",
        ]
    )
    assert "handles_" not in result.stdout.str()


def test_a_test_that_passes_says_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        def test_fine(emulator): pass

        @pytest.mark.xfail
        def test_known(emulator): assert False

        @pytest.mark.skip
        def test_skipped(emulator): pass
        """
    )

    result = pytester.runpytest("-rA")

    result.assert_outcomes(passed=1, xfailed=1, skipped=1)
    assert "emulator: world" not in result.stdout.str()


SWALLOWING = """
    import contextlib, pytest, requests

    def swallow(url):
        with contextlib.suppress(requests.HTTPError):
            requests.get(url, timeout=10).raise_for_status()
"""


def test_a_bug_of_the_emulator_fails_the_test_that_met_it(
    pytester: pytest.Pytester, specs: str
) -> None:
    """Over a socket and in process, whatever the client makes of the reply."""
    pytester.makepyfile(
        SWALLOWING
        + """
    def test_served(emulator):
        swallow(emulator.provider("ratio").url + "/ratio?by=0")

    @pytest.mark.emulator(intercept=True)
    def test_intercepted():
        swallow("https://ratio.example/v1/ratio?by=0")

    def test_whole(emulator):
        swallow(emulator.provider("ratio").url + "/ratio?by=2")
    """
    )

    result = pytester.runpytest(specs)

    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(
        [
            "a call was not answered as the provider would, *",
            "  spec error: GET /v1/ratio: *: a number cannot be divided by 0; query.by is 0",
        ]
    )


def test_strict_fails_the_test_whose_client_asks_for_what_no_spec_says(
    pytester: pytest.Pytester,
) -> None:
    """Once: a test that has failed already is told of it in its report."""
    pytester.makepyfile(
        SWALLOWING
        + """
    def test_swallowed(emulator):
        swallow(emulator.provider("jobriver").url + "/jobz")

    def test_failed(emulator):
        swallow(emulator.provider("jobriver").url + "/jobz")
        assert False

    @pytest.mark.emulator(intercept=True)
    def test_intercepted():
        swallow("https://dev.jobriver.de/api/v1/jobz")

    def test_plain(emulator):
        swallow(emulator.provider("jobriver").url + "/status")
    """
    )

    strict = pytester.runpytest("--emulator-strict")
    lenient = pytester.runpytest()

    strict.assert_outcomes(failed=3, passed=1)
    strict.stdout.fnmatch_lines(["  not emulated: GET /api/v1/jobz: *'/api/v1/jobs'*"])
    lenient.assert_outcomes(failed=1, passed=3)


def test_a_refused_call_fails_the_test_whatever_the_client_makes_of_it(
    pytester: pytest.Pytester,
) -> None:
    """Once, with the hosts: a client that tries again, or goes on without, hides it."""
    pytester.makepyfile(
        """
        import pytest, requests, threading, urllib.request

        pytestmark = pytest.mark.emulator(provider="jobriver", intercept="refuse")

        def swallow(url):
            for get in (requests.get, urllib.request.urlopen):
                try:
                    get(url)
                except Exception:
                    pass

        def test_swallowed():
            swallow("https://api.elsewhere.test/")

        def test_in_a_thread():
            thread = threading.Thread(target=swallow, args=["http://api.third.test/"])
            thread.start()
            thread.join()

        def test_raised():
            requests.get("https://api.elsewhere.test/")

        def test_none():
            requests.get("https://dev.jobriver.de/api/v1/jobs")
        """
    )

    result = pytester.runpytest("-Werror")

    result.assert_outcomes(failed=3, passed=1)
    result.stdout.fnmatch_lines(
        [
            "a call was refused, whatever the client made of that:",
            "  refused call: a call to 'api.elsewhere.test': this call goes to *; fix: *",
            "a call was refused, whatever the client made of that:",
            "  refused call: a call to 'api.third.test': *",
        ]
    )


def test_strict_may_stand_in_the_ini_file(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nemulator_strict = true")
    pytester.makepyfile(
        SWALLOWING
        + """
    def test_swallowed(emulator):
        swallow(emulator.provider("jobriver").url + "/jobz")
    """
    )

    pytester.runpytest().assert_outcomes(failed=1)


def test_an_alarm_of_a_second_try_counts_like_one_of_the_first(
    pytester: pytest.Pytester, specs: str
) -> None:
    """The world of each try is new, and so is what has been told of it."""
    pytester.makepyfile(
        SWALLOWING
        + """
    tries = []

    @pytest.fixture
    def leaving(emulator):
        yield
        swallow(emulator.provider("ratio").url + "/ratio?by=0")

    @pytest.mark.flaky(reruns=1)
    def test_again(emulator, leaving):
        tries.append(emulator)
        if len(tries) == 1:
            swallow(emulator.provider("ratio").url + "/ratio?by=0")
            assert False
    """
    )

    result = pytester.runpytest(specs, "-p", "rerunfailures")

    assert result.parseoutcomes()["errors"] == 1


def test_the_explanation_stands_in_junits_xml(pytester: pytest.Pytester) -> None:
    """With the failure, which every CI shows, and without any setting."""
    pytester.makepyfile(
        """
        import pytest, requests

        def call(emulator):
            requests.get(emulator.provider("jobriver").url + "/jobs", timeout=10)

        def test_create(emulator):
            call(emulator)
            assert False

        def test_not_verified(emulator):
            call(emulator)
            emulator.verify("createJob")

        def test_failed(emulator):
            call(emulator)
            pytest.fail("by hand", pytrace=False)
        """
    )

    pytester.runpytest("--junitxml=found.xml").assert_outcomes(failed=3)

    cases = ElementTree.parse(pytester.path / "found.xml").iter("failure")
    for case in cases:
        assert "emulator: world w" in (case.text or "")
        assert "GET /api/v1/jobs -> 401 listJobs" in (case.text or "")
        assert "x identify   refused with credential_missing" in (case.text or "")


def test_an_alarm_after_the_test_is_an_error_of_its_teardown(
    pytester: pytest.Pytester, specs: str
) -> None:
    """What a fixture does when the test is over counts as well."""
    pytester.makepyfile(
        SWALLOWING
        + """
    @pytest.fixture
    def leaving(emulator):
        yield
        swallow(emulator.provider("ratio").url + "/ratio?by=0")

    def test_fine(leaving): pass
    """
    )

    pytester.runpytest(specs).assert_outcomes(passed=1, errors=1)


def test_artifacts_of_a_test_that_fails_are_written(pytester: pytest.Pytester) -> None:
    """And those of others are not; the report says where."""
    pytester.makepyfile(
        """
        import pytest
        import requests

        @pytest.mark.emulator(seed=7)
        @pytest.mark.parametrize("number", [1, 2])
        def test_status(emulator, number):
            requests.get(emulator.provider("jobriver").url + "/status", timeout=10)
            assert number == 1

        @pytest.mark.emulator(intercept=True)
        def test_in_process(emulator):
            assert requests.get("https://dev.jobriver.de/api/v1/status").status_code == 0
        """
    )

    result = pytester.runpytest("--emulator-artifacts=kept", "--junitxml=report.xml")

    result.assert_outcomes(passed=1, failed=2)
    name = "test_artifacts_of_a_test_that_fails_are_written.py"
    first, second = sorted((pytester.path / "kept").iterdir())
    assert first.name == f"{name}-test_in_process"
    assert second.name == f"{name}-test_status-2"
    for folder in (first, second):
        assert sorted(file.name for file in folder.iterdir()) == [
            "calls.har",
            "explained.txt",
            "recipe.sh",
            "snapshot.json",
            "world.json",
        ]
    assert '"rng_seed": 7' in (second / "world.json").read_text()
    report = ElementTree.parse(pytester.path / "report.xml")
    texts = "".join(report.getroot().itertext())
    assert f"kept in kept/{second.name}: world.json, calls.har" in texts


def test_a_folder_that_cannot_be_written_fails_nothing_else(
    pytester: pytest.Pytester,
) -> None:
    """The report says so, and what it says otherwise."""
    pytester.makepyfile("def test_lost(emulator): assert False")
    pytester.makefile("", kept="")

    result = pytester.runpytest("-o", "emulator_artifacts=kept")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["nothing was called in this world*", "nothing is kept in kept/*"]
    )
