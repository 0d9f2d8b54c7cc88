"""Client code as people write it after the provider's documentation.

Nothing in it knows of the emulator but the two things that every client is told: the
base URL and the key. It runs against the command that is installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
import requests

JOB = {
    "title": "Senior Backend Developer",
    "description": "Wir suchen eine erfahrene Person für unsere Schnittstellen. Köln!",
    "location": "Berlin, Germany",
    "location_type": "hybrid",
    "salary_min": 65000,
    "salary_max": 85000,
    "technologies": [1, 2, 3],
}

FETCH = """
const [base, key, job] = process.argv.slice(1);
const headers = {'X-API-Key': key, 'Content-Type': 'application/json'};
const created = await fetch(`${base}/jobs`, {method: 'POST', headers, body: job});
if (!created.ok) throw new Error(`HTTP ${created.status}`);
const {data} = await created.json();
const listed = await fetch(`${base}/jobs?per_page=5&search=Backend`, {headers});
console.log(JSON.stringify({
  created: [created.status, data.id, data.title, data.description],
  listed: [listed.status, (await listed.json()).data.jobs.map(job => job.id)],
  remaining: Number(listed.headers.get('X-RateLimit-Remaining')),
}));
"""


def run(*command: str) -> str:
    """What *command* prints; it must not fail."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def curl(*arguments: str) -> Any:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    return json.loads(run("curl", "-sS", "--max-time", "10", *arguments))


def test_curl_asks_for_the_status(base_url: str, keys: dict[str, str]) -> None:
    """The first call of the provider's documentation."""
    reply = curl("-X", "GET", f"{base_url}/status", "-H", f"X-API-Key: {keys['full']}")

    assert reply["success"] is True
    assert reply["data"]["api_version"] == "v1"
    assert reply["data"]["key"]["prefix"] == keys["full"][:8]


def test_curl_creates_and_lists(base_url: str, keys: dict[str, str]) -> None:
    """A body on the command line, and one that comes in through a pipe."""
    key, json_ = f"X-API-Key: {keys['full']}", "Content-Type: application/json"

    created = curl(
        *("-X", "POST", f"{base_url}/jobs", "-H", key, "-H", json_),
        *("-d", json.dumps(JOB)),
    )
    chunked = curl(
        *("-X", "POST", f"{base_url}/jobs", "-H", key, "-H", json_),
        *("-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue"),
        *("-d", json.dumps(JOB)),
    )
    listed = curl(f"{base_url}/jobs?per_page=2&is_active=true", "-H", key)

    ids = [chunked["data"]["id"], created["data"]["id"]]
    assert [job["id"] for job in listed["data"]["jobs"]] == ids
    assert created["data"]["title"] == JOB["title"]


def test_curl_fails_where_it_is_told_to(base_url: str, keys: dict[str, str]) -> None:
    """`--fail` makes a failure of the API a failure of the command: 22."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    done = subprocess.run(
        [
            "curl",
            "-sS",
            "--fail",
            f"{base_url}/jobs/1",
            "-H",
            f"X-API-Key: {keys['full']}",
        ],
        capture_output=True,
        text=True,
        timeout=30,
    )

    assert done.returncode == 22
    assert "404" in done.stderr


def test_fetch_creates_and_lists(base_url: str, keys: dict[str, str]) -> None:
    """Node's own `fetch`, with its own ideas of headers and of connections."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")

    said = json.loads(
        run(
            *(node, "--input-type=module", "-e", FETCH),
            *(base_url, keys["full"], json.dumps(JOB)),
        )
    )

    status, id, title, description = said["created"]
    assert (status, title, description) == (201, JOB["title"], JOB["description"])
    assert said["listed"][0] == 200
    assert said["listed"][1][0] == id
    assert 0 < said["remaining"] < 60


def test_requests_creates_and_lists(base_url: str, keys: dict[str, str]) -> None:
    """One session, whose connection is used again."""
    with requests.Session() as session:
        session.headers["X-API-Key"] = keys["full"]
        created = session.post(f"{base_url}/jobs", json=JOB, timeout=10)
        created.raise_for_status()
        job = created.json()["data"]
        changed = session.patch(
            f"{base_url}/jobs/{job['id']}", json={"salary_max": 90000}, timeout=10
        )
        listed = session.get(f"{base_url}/jobs", params={"per_page": 1}, timeout=10)
        deleted = session.delete(f"{base_url}/jobs/{job['id']}", timeout=10)

    assert created.status_code == 201
    assert job["salary"] == {"min": 65000, "max": 85000, "currency": "EUR"}
    assert changed.json()["data"]["salary"]["max"] == 90000
    assert listed.json()["data"]["jobs"] == [changed.json()["data"]]
    assert deleted.json()["data"] == {"deleted": True, "job_id": job["id"]}


def test_requests_raises_for_a_refusal(base_url: str) -> None:
    """The failure that client code has to deal with is the provider's."""
    reply = requests.get(f"{base_url}/jobs", timeout=10)

    with pytest.raises(requests.HTTPError, match="401 Client Error"):
        reply.raise_for_status()
    assert reply.json()["error"]["code"] == "MISSING_API_KEY"
