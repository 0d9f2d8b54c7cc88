"""A run starts one server, when it needs one, or uses the one that it is pointed to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emulator import Emulator

WORKERS = """
    import os, pathlib
    import pytest, requests

    @pytest.mark.emulator(clock="frozen")  # no minute ends between two calls
    @pytest.mark.parametrize("number", range(12))
    def test_quota(emulator, emulator_server, number):
        jobriver = emulator.provider("jobriver")
        jobriver.drain_quota(leave=2)
        full = jobriver.credentials["full"].headers
        found = [
            requests.get(jobriver.url + "/jobs", headers=full, timeout=10).status_code
            for _ in range(3)
        ]
        assert found == [200, 200, 429]
        emulator.verify("listJobs", times=3)
        worker = os.environ["PYTEST_XDIST_WORKER"]
        pathlib.Path(f"{worker}.url").write_text(emulator_server.url)
"""


PLUGINS = ("-p", "xdist", "-p", "emulator.pytest_plugin")


@pytest.fixture
def only_our_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare each worker the import of all others that happen to be installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def urls(pytester: pytest.Pytester) -> list[str]:
    """The address of the emulator that each worker had."""
    return [one.read_text() for one in pytester.path.glob("*.url")]


@pytest.mark.usefixtures("only_our_plugins")
def test_each_worker_has_a_server_of_its_own(pytester: pytest.Pytester) -> None:
    """Nothing is agreed upon between them."""
    pytester.makepyfile(WORKERS)

    result = pytester.runpytest_subprocess(*PLUGINS, "-n4", "-Werror")

    result.assert_outcomes(passed=12)
    assert len(set(urls(pytester))) == len(urls(pytester)) > 1


@pytest.mark.usefixtures("only_our_plugins")
def test_workers_may_share_one_server(
    pytester: pytest.Pytester, running: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their worlds do not meet, and are gone afterwards."""
    pytester.makepyfile(WORKERS)
    monkeypatch.setenv("EMULATOR_ADMIN_TOKEN", "sesame")

    result = pytester.runpytest_subprocess(
        *PLUGINS, "-n4", f"--emulator-url={running.url}"
    )

    result.assert_outcomes(passed=12)
    assert set(urls(pytester)) == {running.url}
    assert [world.id for world in running.worlds()] == ["default"]


def test_the_address_and_the_token_may_stand_in_the_ini_file(
    pytester: pytest.Pytester, running: Emulator
) -> None:
    pytester.makeini(
        f"[pytest]\nemulator_url = {running.url}\nemulator_token = sesame\n"
    )
    pytester.makepyfile(
        f"def test_it(emulator_server): assert emulator_server.url == {running.url!r}"
    )

    pytester.runpytest().assert_outcomes(passed=1)


def test_the_address_and_the_token_may_stand_in_the_environment(
    pytester: pytest.Pytester, running: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for the command line; since nobody sees them there, the run says so."""
    monkeypatch.setenv("EMULATOR_URL", running.url)
    monkeypatch.setenv("EMULATOR_ADMIN_TOKEN", "sesame")
    pytester.makepyfile(
        f"def test_it(emulator_server): assert emulator_server.url == {running.url!r}"
    )

    result = pytester.runpytest()

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"emulator: {running.url} (EMULATOR_URL)"])


def test_an_option_comes_before_the_environment_and_that_before_the_ini_file(
    pytester: pytest.Pytester, running: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(
        f"def test_it(emulator_server): assert emulator_server.url == {running.url!r}"
    )
    pytester.makeini("[pytest]\nemulator_url = http://127.0.0.1:9")
    monkeypatch.setenv("EMULATOR_ADMIN_TOKEN", "sesame")

    monkeypatch.setenv("EMULATOR_URL", running.url)
    pytester.runpytest().assert_outcomes(passed=1)
    monkeypatch.setenv("EMULATOR_URL", "http://127.0.0.1:7")
    pytester.runpytest(f"--emulator-url={running.url}").assert_outcomes(passed=1)


def test_all_tests_may_share_a_world_that_there_is(
    pytester: pytest.Pytester, running: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays, and what cannot be said of one that has begun is a usage error."""
    monkeypatch.setenv("EMULATOR_URL", running.url)
    monkeypatch.setenv("EMULATOR_ADMIN_TOKEN", "sesame")
    monkeypatch.setenv("EMULATOR_WORLD", "ada")
    pytester.makepyfile(
        """
        import pytest, requests

        @pytest.mark.emulator(provider="jobriver", scenario="maintenance")
        def test_one(emulator, emulator_provider):
            assert emulator.id == "ada"
            key = emulator_provider.credentials["full"].headers
            answer = requests.get(emulator_provider.url + "/jobs", headers=key, timeout=9)
            assert answer.status_code == 503

        def test_other(emulator):
            emulator.verify("listJobs", times=1)

        @pytest.mark.emulator(clock="frozen")
        def test_clock(emulator): pass
        """
    )

    with running.world("ada"):
        result = pytester.runpytest("-p", "no:randomly")
        assert "ada" in [world.id for world in running.worlds()]
    gone = pytester.runpytest("-k", "other")

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            f"emulator: {running.url} (EMULATOR_URL)",
            "emulator: all tests share the world 'ada' (EMULATOR_WORLD)",
            "usage error: *clock says how a world begins, and all tests share the world*",
        ]
    )
    gone.assert_outcomes(errors=1)
    gone.stdout.fnmatch_lines(["usage error: *ada*"])


def test_a_world_that_the_environment_names_is_none_of_a_server_that_tests_start(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMULATOR_WORLD", "ada")
    pytester.makepyfile("def test_it(emulator): assert emulator.id != 'ada'")

    result = pytester.runpytest()
    refused = pytester.runpytest("--emulator-world=ada")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["emulator: EMULATOR_WORLD is not heeded: *"])
    assert refused.ret is pytest.ExitCode.USAGE_ERROR
    refused.stderr.fnmatch_lines(["ERROR: --emulator-world names a world of *"])


def test_what_is_for_a_server_of_the_tests_is_refused_beside_a_variable(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that is said nearer is left out in silence."""
    monkeypatch.setenv("EMULATOR_URL", "http://127.0.0.1:9")

    result = pytester.runpytest("--emulator-strict")

    assert result.ret is pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --emulator-strict is *, and EMULATOR_URL *"])


def test_a_server_that_no_socket_may_be_had_for_is_told_in_a_sentence(
    pytester: pytest.Pytester,
) -> None:
    """With what to write; in process none is needed."""
    pytester.makepyfile(
        """
        import pytest, requests

        def test_served(emulator): pass

        @pytest.mark.emulator(intercept=True)
        def test_intercepted():
            requests.get("https://dev.jobriver.de/api/v1/jobs")
        """
    )

    blocked = pytester.runpytest("--disable-socket")
    allowed = pytester.runpytest("--disable-socket", "--allow-hosts=127.0.0.1")

    blocked.assert_outcomes(errors=1, passed=1)
    blocked.stdout.fnmatch_lines(["pytest-socket forbids the server of these tests: *"])
    assert "Traceback" not in blocked.stdout.str()
    allowed.assert_outcomes(passed=2)


def test_green_threads_are_told_at_once(pytester: pytest.Pytester) -> None:
    """A server in one would never answer, and the run would never end."""
    pytester.makepyfile(
        run="from gevent import monkey; monkey.patch_all()\n"
        "import pytest; pytest.main(['-q', 'test_green.py'])",
        test_green="""
        import pytest, requests

        def test_served(emulator): pass

        @pytest.mark.emulator(intercept=True)
        def test_intercepted():
            requests.get("https://dev.jobriver.de/api/v1/jobs")
        """,
    )

    done = subprocess.run(
        [sys.executable, "run.py"], capture_output=True, text=True, timeout=120
    )

    said = "no emulator for these tests: gevent has patched threads, and a server would"
    assert said in done.stdout
    assert "1 passed, 1 error" in done.stdout


NOT_USABLE = {
    "--emulator-url=http://127.0.0.1:9": "*no emulator answers at http://127.0.0.1:9*",
    "--emulator-url=127.0.0.1:8080": "*'127.0.0.1:8080' is no address*",
    "--emulator-specs=nowhere": "*there is no folder 'nowhere'*",
}


@pytest.mark.parametrize("option", NOT_USABLE)
def test_a_server_that_cannot_be_had_is_told_in_a_sentence(
    pytester: pytest.Pytester, option: str
) -> None:
    """Tests that need none pass all the same."""
    pytester.makepyfile("def test_one(emulator): pass\ndef test_other(): pass")

    result = pytester.runpytest(option)

    result.assert_outcomes(errors=1, passed=1)
    result.stdout.fnmatch_lines(["no emulator for these tests: " + NOT_USABLE[option]])
    assert "Traceback" not in result.stdout.str()
    assert "During handling" not in result.stdout.str()


def test_a_wrong_token_is_told(pytester: pytest.Pytester, running: Emulator) -> None:
    pytester.makepyfile("def test_one(emulator): pass")

    result = pytester.runpytest(f"--emulator-url={running.url}", "--emulator-token=no")

    result.stdout.fnmatch_lines(
        ["no emulator for these tests: --emulator-url: *token*"]
    )


@pytest.mark.parametrize("option", ["--emulator-strict", "--emulator-specs=here"])
def test_what_a_running_server_cannot_be_told_is_a_usage_error(
    pytester: pytest.Pytester, option: str
) -> None:
    result = pytester.runpytest("--emulator-url=http://127.0.0.1:9", option)

    assert result.ret is pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: * start that one with --s*"])


def test_own_specs_may_stand_in_the_ini_file(pytester: pytest.Pytester) -> None:
    """The folder is meant from where the ini file is."""
    specs = Path(__file__).parent / "specs"
    (pytester.mkdir("own") / "ratio").symlink_to(specs / "ratio")
    pytester.makeini("[pytest]\nemulator_specs = own")
    pytester.makepyfile("def test_it(emulator): assert 'ratio' in emulator.providers")

    pytester.runpytest().assert_outcomes(passed=1)


def test_a_run_that_uses_no_emulator_pays_for_none(tmp_path: Path) -> None:
    """At its end nothing is imported but the plugin."""
    (tmp_path / "test_other.py").write_text("def test_it(): pass")
    (tmp_path / "run.py").write_text(
        "import sys, pytest\n"
        "code = pytest.main(['-q', '-p', 'emulator.pytest_plugin', '.'])\n"
        "heavy = ('yaml', 'starlette', 'uvicorn', 'orjson', 'click', 'jsonschema')\n"
        "ours = sorted(one for one in sys.modules if one.startswith('emulator'))\n"
        "print(code, [one for one in heavy if one in sys.modules], ours)\n"
    )

    done = subprocess.run(
        [sys.executable, "run.py"],
        cwd=tmp_path,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.splitlines()[-1] == (
        "0 [] ['emulator', 'emulator.pytest_plugin']"
    )


def test_a_provider_of_the_gallery_is_served_where_a_test_is_about_it(
    pytester: pytest.Pytester,
) -> None:
    """Beside all others, which other tests of the run are about."""
    pytester.makepyfile(
        """
        import pytest

        def test_usual(emulator):
            assert emulator.provider("jobriver").url

        @pytest.mark.emulator(provider=["openai", "jobspace"])
        def test_named(emulator):
            assert emulator.provider("openai").url

        @pytest.mark.emulator(provider="opnai")
        def test_misspelt(emulator):
            pass
        """
    )

    result = pytester.runpytest()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*no provider 'opnai'*"])
