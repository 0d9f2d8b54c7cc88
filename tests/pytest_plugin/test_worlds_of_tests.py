"""Each test has a world of its own, in the situation that its marker names."""

from __future__ import annotations

import pytest

CLIENT = """
    import requests

    def status(provider, path="/jobs", key="full"):
        headers = provider.credentials[key].headers
        return requests.get(provider.url + path, headers=headers, timeout=10).status_code
"""


@pytest.fixture(autouse=True)
def client(pytester: pytest.Pytester) -> None:
    """The client of all tests below, in a module of its own."""
    pytester.makepyfile(client=CLIENT)
    pytester.syspathinsert()


def test_worlds_do_not_meet(pytester: pytest.Pytester) -> None:
    """What one test has done, the next one knows nothing of."""
    pytester.makepyfile(
        """
        import pytest
        from client import status

        @pytest.mark.emulator(clock="frozen")
        @pytest.mark.parametrize("time", ["first", "second"])
        def test_quota(emulator, time):
            jobriver = emulator.provider("jobriver")
            assert status(jobriver) == 200
            jobriver.drain_quota()
            assert status(jobriver) == 429
            emulator.clock.advance(seconds=60)
            assert status(jobriver) == 200
            emulator.verify("listJobs", times=3)

        def test_server(emulator_server):
            assert [one.id for one in emulator_server.worlds()] == ["default"]
        """
    )

    pytester.runpytest("-Werror").assert_outcomes(passed=3)


def test_markers_say_what_world_it_is(pytester: pytest.Pytester) -> None:
    """The one that is nearest to the test wins, word by word."""
    pytester.makepyfile(
        """
        import pytest
        from client import status

        pytestmark = pytest.mark.emulator(provider="jobriver", clock="frozen")

        @pytest.mark.emulator(scenario="maintenance")
        class TestMaintenance:
            def test_down(self, emulator, emulator_provider):
                assert status(emulator_provider) == 503
                assert emulator.clock.frozen

            @pytest.mark.emulator(scenario=["jobriver/rate_limited"])
            def test_limit(self, emulator_provider):
                assert status(emulator_provider) == 429

        @pytest.mark.emulator(clock="2026-03-02T10:00:00Z")
        def test_time(emulator):
            assert not emulator.clock.frozen
            assert emulator.clock.now.year == 2026
        """
    )

    pytester.runpytest("-Werror", "--strict-markers").assert_outcomes(passed=3)


def test_without_a_provider_in_the_marker_one_is_asked_for(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        from client import status

        def test_two(emulator_provider):
            assert status(emulator_provider("jobriver")) == 200
            assert emulator_provider("jobspace").name == "jobspace"
        """
    )

    pytester.runpytest("-Werror").assert_outcomes(passed=1)


def test_a_marker_does_without_the_fixture(pytester: pytest.Pytester) -> None:
    """Real hosts are answered in a test that asks for nothing."""
    pytester.makepyfile(
        """
        import pytest, requests, unittest

        JOBS = "https://dev.jobriver.de/api/v1/jobs"

        @pytest.mark.emulator(intercept=True, provider="jobriver", scenario="maintenance")
        def test_function():
            assert requests.get(JOBS, timeout=5).status_code == 503

        @pytest.mark.emulator(intercept="refuse")
        class TestCase(unittest.TestCase):
            def test_method(self):
                assert requests.get(JOBS, timeout=5).status_code == 401
        """
    )

    pytester.runpytest("-Werror").assert_outcomes(passed=2)


def test_classes_and_yield_fixtures_may_be_decorated(
    pytester: pytest.Pytester,
) -> None:
    """Their tests are found, and nothing of them reaches for the network."""
    pytester.makepyfile(
        """
        import emulator, pytest, requests

        def status():
            return requests.get("https://dev.jobriver.de/api/v1/jobs", timeout=5).status_code

        @emulator.intercept("jobriver", scenario="maintenance")
        class TestDown:
            @pytest.mark.parametrize("expected", [503, 200])
            def test_status(self, expected):
                assert status() == expected

        @pytest.fixture
        @emulator.intercept("jobriver", scenario="maintenance")
        def down():
            yield status()

        def test_fixture(down):
            assert (down, status()) == (503, 503)
        """
    )

    pytester.runpytest("-Werror").assert_outcomes(passed=2, failed=1)


def test_waits_pass_at_once_in_a_sleepless_test(pytester: pytest.Pytester) -> None:
    """Over a socket and in process alike."""
    pytester.makepyfile(
        """
        import time
        import pytest
        from client import status

        @pytest.mark.parametrize("served", [
            pytest.param(True, marks=pytest.mark.emulator(sleepless=True)),
            pytest.param(False, marks=pytest.mark.emulator(sleepless=True, intercept=True)),
        ])
        def test_back_off(emulator, served):
            jobriver = emulator.provider("jobriver")
            jobriver.drain_quota()
            while status(jobriver) == 429:
                time.sleep(30)
            assert 1 <= len(emulator.waits) <= 2
        """
    )

    result = pytester.runpytest("-Werror")

    result.assert_outcomes(passed=2)
    assert result.duration < 20


def test_tasks_and_threads_of_a_test_share_its_world(
    pytester: pytest.Pytester,
) -> None:
    """Client code may be async, and may call from many threads."""
    pytester.makepyfile(
        """
        from concurrent.futures import ThreadPoolExecutor
        import httpx, pytest
        from client import status

        @pytest.mark.anyio
        @pytest.mark.parametrize("anyio_backend", ["asyncio"])
        @pytest.mark.emulator(provider="jobriver", intercept=True)
        async def test_async(emulator, emulator_provider, anyio_backend):
            full = emulator_provider.credentials["full"]
            async with httpx.AsyncClient(headers=full.headers) as client:
                answer = await client.get("https://dev.jobriver.de/api/v1/jobs")
            assert answer.status_code == 200
            emulator.verify("listJobs", times=1)

        def test_threads(emulator):
            jobriver = emulator.provider("jobriver")
            with ThreadPoolExecutor(4) as pool:
                found = [*pool.map(lambda _: status(jobriver), range(8))]
            assert found == [200] * 8
            emulator.verify("listJobs", times=8)
        """
    )

    pytester.runpytest("-Werror").assert_outcomes(passed=2)


def test_a_test_may_delete_its_world(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_gone(emulator): emulator.delete()")

    pytester.runpytest("-Werror").assert_outcomes(passed=1)


MISUSES = {
    'provder="jobriver"': "there is no 'provder': did you mean 'provider'?",
    '"jobriver"': "it takes no value without a name: 'jobriver'",
    'provider="jobrivr"': "did you mean 'jobriver'?",
    'provider="jobriver", scenario="rate_limitd"': "did you mean 'rate_limited'?",
    'provider="jobrivr", intercept=True': "did you mean 'jobriver'?",
    'scenario="rate_limited"': "write it as in acme/rate_limited",
    'clock="yesterday"': "'yesterday' is no time",
    "sleepless=1": "sleepless=1 is not True or False",
    'intercept="all"': "intercept='all' is not True, False or",
}


def test_a_marker_that_cannot_be_meant_is_a_usage_error(
    pytester: pytest.Pytester,
) -> None:
    """Each test with one ends at its setup, with what is wrong and what was meant."""
    tests = "\n".join(
        f"@pytest.mark.emulator({marker})\ndef test_{at}(emulator): pass"
        for at, marker in enumerate(MISUSES)
    )
    pytester.makepyfile("import pytest\n" + tests)

    result = pytester.runpytest("-Werror")

    result.assert_outcomes(errors=len(MISUSES))
    text = result.stdout.str()
    for at, says in enumerate(MISUSES.values()):
        said = text.partition(f"ERROR at setup of test_{at} ")[2].splitlines()[1]
        assert said.startswith("usage error: @pytest.mark.emulator of ")
        assert f"::test_{at}: " in said
        assert says in said
    assert "Traceback" not in text
    assert "During handling" not in text


def test_fixtures_and_options_and_marker_are_described(
    pytester: pytest.Pytester,
) -> None:
    """Pytest's own lists of them say what they are for."""
    markers = pytester.runpytest("--markers").stdout.str()
    options = pytester.runpytest("--help").stdout.str()
    fixtures = pytester.runpytest("--fixtures").stdout.str()

    assert "@pytest.mark.emulator(provider=..., scenario=..." in markers
    for one in ("--emulator-url", "--emulator-token", "--emulator-specs"):
        assert one in options
    for ini in ("emulator_url (string)", "emulator_strict (bool)"):
        assert ini in options
    for fixture in ("emulator_server [session scope]", "emulator_provider"):
        assert fixture in fixtures
