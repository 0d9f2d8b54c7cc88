"""Scenarios on the command line: the list of them, and a server that starts in one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
from command import installed, serving
from test_command_line import run

KEY = {"X-API-Key": "jrv_abc1a18b869b2e81c0c529552a3c4fa5c92ed08b"}


def test_the_scenarios_of_a_provider_are_listed_with_a_sentence_each() -> None:
    """In the order of its file."""
    result = run("scenarios", "jobriver")

    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert lines[0].split() == ["SCENARIO", "SAYS"]
    assert lines[1].startswith("jobriver/rate_limited ")
    assert all(line.endswith(".") for line in lines[1:])


def test_scenarios_as_json() -> None:
    """Those of all providers, without a name."""
    rows = json.loads(run("scenarios", "--json").output)

    assert {row["provider"] for row in rows} >= {"jobriver", "jobspace"}
    assert all(row["scenario"] == f"{row['provider']}/{row['name']}" for row in rows)


def test_scenarios_of_nobody() -> None:
    """A name that is not known is one line and 2."""
    result = run("scenarios", "jobrivr")

    assert result.exit_code == 2
    assert result.output.endswith("no provider 'jobrivr': did you mean 'jobriver'?\n")


def test_a_server_starts_in_a_scenario(tmp_path: Path) -> None:
    """Over a socket: the second job that is created fails, the first and third do not."""
    job = {
        "title": "Backend Developer",
        "description": "Wir suchen jemanden, der mit uns Schnittstellen baut.",
        "location": "Berlin, Germany",
    }
    words = ["--scenario", "jobriver/flaky_writes", "--scenario", "jobspikr/no_data"]
    with serving(tmp_path, "jobriver", "jobspikr", *words) as server:
        shown = server.printed()
        url = f"{server.url}/jobriver/api/v1/jobs"

        statuses = [
            requests.post(url, json=job, headers=KEY).status_code for _ in range(3)
        ]

        assert statuses == [201, 500, 201]
        assert "jobriver/flaky_writes: The second job" in shown


@pytest.mark.parametrize(
    ("scenario", "header", "before"),
    [
        (
            "jobsphere/credential_rolled",
            "Authorization",
            "Bearer jk_live_sk_a1b2c3d4e5f60718293a4b5c6d7e8f90",
        ),
        (
            "jobspikr/key_replaced",
            "client_auth_key",
            "jW6D0by9s2fNOBCe89wxrvePbPNYHoZdUXCEII2VWAg",
        ),
    ],
)
def test_a_key_that_a_scenario_replaced_is_shown_as_it_is_now(
    tmp_path: Path, scenario: str, header: str, before: str
) -> None:
    """The line to paste works, and what it was before is told as well."""
    provider = scenario.partition("/")[0]
    with serving(tmp_path, provider, "--scenario", scenario) as server:
        shown = server.printed()
        world = f"{server.url}/_emulator/worlds/default/credentials/{provider}"
        full = requests.get(world).json()[0]

    now = full["headers"][header]
    line = next(one for one in shown.splitlines() if one.strip().startswith("curl "))
    assert now != before
    assert f"{header}: {now}" in line
    assert before not in line
    assert f"(the fixtures have {before})" in shown


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "rate_limited",
            "no scenario 'rate_limited': write it as in acme/rate_limited",
        ),
        (
            "jobrivr/slow",
            "no scenario 'jobrivr/slow': did you mean 'jobriver/slow'?",
        ),
        (
            "jobriver/slo",
            "jobriver has no scenario 'slo': did you mean 'slow'?",
        ),
    ],
)
def test_a_scenario_that_is_not_there(text: str, says: str) -> None:
    """One line that names the nearest."""
    ran = installed("serve", "jobriver", "--scenario", text)

    assert (ran.returncode, ran.stderr) == (2, f"emulator serve: {says}\n")
