"""Calls made through the admin API, made again, shown as examples, and saved as tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asking import ask, reply_of
from front_door import JOB, Api

from emulator.admin.admin import Admin
from emulator.admin.journal.pytest_file import Secret, Secrets
from emulator.admin.table import Stream
from emulator.program.program import Program

Admins = Callable[[str], Admin]
HERE = "/worlds/default"


@pytest.fixture
def admin(jobriver: Api) -> Admin:
    return Admin(jobriver.board)


def made(admin: Admin, **call: Any) -> Any:
    status, reply = ask(admin, "POST", f"{HERE}/calls/jobriver", call)
    assert status == 200, reply
    return reply


def test_a_call_is_answered_and_written_down_as_any_client_s(
    admin: Admin, jobriver: Api
) -> None:
    reply = made(admin, method="GET", path="/jobs?per_page=1", credential="full")
    direct = jobriver.get("/jobs?per_page=1")

    assert reply["status"] == direct.status_code == 200
    assert json.loads(reply["body"])["data"] == direct.json()["data"]
    assert (reply["base64"], reply["faults"], reply["exchange"]) == (None, [], 1)
    entry = ask(admin, "GET", f"{HERE}/journal/1")[1]
    assert (entry["operation"], entry["credential"]) == ("listJobs", "full")


def test_what_a_connection_would_suffer_is_told(admin: Admin) -> None:
    ask(admin, "POST", f"{HERE}/faults", {"provider": "jobriver", "fault": "reset"})

    reply = made(admin, method="GET", path="/jobs", credential="full")

    assert (reply["status"], reply["faults"]) == (200, ["reset"])


@pytest.mark.parametrize(
    ("call", "pointer"),
    [
        ({"method": "GET", "path": "jobs"}, "/path"),
        ({"method": "GET", "path": "/a b"}, "/path"),
        ({"method": "GET\r\n", "path": "/jobs"}, "/method"),
        ({"method": "GET", "path": "/jobs", "headers": [["A B", "c"]]}, "/headers/0/0"),
        ({"method": "GET", "path": "/", "headers": [["A", "b\r\nC: d"]]}, "/headers/0/1"),
        ({"method": "GET", "path": "/jobs", "credential": "ful"}, "/credential"),
        ({"method": "GET", "path": "/jobs", "colour": "a"}, "/colour"),
    ],
)  # fmt: skip
def test_what_is_no_call_is_refused(admin: Admin, call: Any, pointer: str) -> None:
    status, problem = ask(admin, "POST", f"{HERE}/calls/jobriver", call)

    assert status == 422
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert ask(admin, "GET", f"{HERE}/journal")[1] == []


def test_an_exchange_is_made_again_to_the_byte(admin: Admin, jobriver: Api) -> None:
    """With the secrets that it carried, which the journal shows to nobody."""
    first = jobriver.post("/jobs", json=JOB)

    status, again = ask(admin, "POST", f"{HERE}/journal/1/replay")

    assert (first.status_code, status, again["status"]) == (201, 200, 201)
    assert again["exchange"] == 2
    entries = ask(admin, "GET", f"{HERE}/journal")[1]
    assert entries[0]["request"]["body"] == entries[1]["request"]["body"]
    assert entries[1]["credential"] == "full"
    assert ask(admin, "POST", f"{HERE}/journal/9/replay")[0] == 404


def test_every_operation_has_an_example_that_works(
    api_of: Callable[[str], Api], programs: dict[str, Program]
) -> None:
    """Of all bundled providers, in one world, one after another."""
    refused = {}
    for name, program in programs.items():
        admin = Admin(api_of(name).board)
        for id in program.operations:
            status, call = ask(admin, "GET", f"{HERE}/examples/{name}/{id}")
            assert status == 200, call
            query = "&".join("=".join(pair) for pair in call["query"])
            sent = {
                "method": call["method"],
                "path": call["path"] + (f"?{query}" if query else ""),
                "headers": call["headers"],
                "body": call["body"],
                "credential": call["credential"],
            }
            reply = ask(admin, "POST", f"{HERE}/calls/{name}", sent)[1]
            if reply["status"] >= 400:
                refused[name, id] = reply["status"], reply["body"]
    assert refused == {}


def test_an_example_changes_nothing_and_is_always_the_same(admin: Admin) -> None:
    ask(admin, "GET", f"{HERE}/records/jobriver/jobs")
    snapshot = reply_of(admin, "GET", f"{HERE}/snapshot").body

    first = ask(admin, "GET", f"{HERE}/examples/jobriver/deleteJob")
    second = ask(admin, "GET", f"{HERE}/examples/jobriver/deleteJob")

    assert first == second
    assert reply_of(admin, "GET", f"{HERE}/snapshot").body == snapshot
    status, problem = ask(admin, "GET", f"{HERE}/examples/jobriver/deletJob")
    assert (status, "deleteJob" in problem["detail"]) == (404, True)


def test_operations_are_explained(admin: Admin) -> None:
    status, found = ask(admin, "GET", "/providers/jobriver/operations/createJob")

    assert (status, found["method"], found["path"]) == (200, "POST", "/api/v1/jobs")
    assert {"rate_limited", "locked_out"} <= {
        refusal["code"] for refusal in found["refusals"]
    }


def test_records_are_searched_and_counted(admin: Admin) -> None:
    path = f"{HERE}/records/jobriver/jobs"
    every = reply_of(admin, "GET", f"{path}?limit=1")
    some = reply_of(admin, "GET", f"{path}?limit=1&contains=FRONTEND")

    counts = [int(dict(one.headers)["x-emulator-records"]) for one in (every, some)]
    assert counts[0] > counts[1] > 0


def test_the_journal_is_read_backwards(admin: Admin, jobriver: Api) -> None:
    for _ in range(5):
        jobriver.get("/status")

    found = ask(admin, "GET", f"{HERE}/journal?before=4&limit=2")[1]

    assert [entry["id"] for entry in found] == [2, 3]


def test_a_list_of_large_exchanges_may_be_brief(admin: Admin, jobriver: Api) -> None:
    """Without headers, bodies and steps: what follows calls for a line of each."""
    jobriver.post("/jobs", json={"title": "x" * 100_000})

    (whole,) = ask(admin, "GET", f"{HERE}/journal")[1]
    reply = reply_of(admin, "GET", f"{HERE}/journal?brief=true")
    (brief,) = json.loads(reply.body)

    assert len(reply.body) < 1_000
    assert brief.keys() == whole.keys()
    assert (brief["line"], brief["request"]["size"]) == (
        whole["line"],
        whole["request"]["size"],
    )
    assert brief["request"]["headers"] == brief["reply"]["headers"] == []
    assert brief["steps"] == []
    assert (brief["request"]["body"], brief["reply"]["body"]) == (None, None)
    stream = reply_of(admin, "GET", f"{HERE}/journal/events?brief=true&from=start")
    assert isinstance(stream, Stream)
    (event,) = stream.after("0")
    assert json.loads(event.data) == brief


def test_saved_tests_pass(admin: Admin, jobriver: Api, tmp_path: Path) -> None:
    """What was arranged, what depends on earlier calls, a record that was put, a broken
    connection (the second), an unknown key, what a fork began as, texts beyond ASCII: each ends as it
    did."""
    jobriver.get("/jobs")
    for _ in range(4):
        jobriver.get("/jobs", key="tiny")  # its quota is three calls
    twin = f"/worlds/{ask(admin, 'POST', f'{HERE}/fork')[1]['id']}"
    call = {"method": "GET", "path": "/jobs", "credential": "tiny"}
    assert ask(admin, "POST", f"{twin}/calls/jobriver", call)[1]["status"] == 429
    title = "Köchin 😀 \u2028"
    assert jobriver.post("/jobs", json={**JOB, "title": title}).status_code == 201
    ask(admin, "POST", f"{HERE}/scenarios/jobriver/credential_revoked")
    jobriver.get("/jobs")
    made(admin, method="GET", path="/jobs", credential="unknown")
    fault = {"provider": "jobriver", "operation": "getStatus", "fault": "reset"}
    ask(admin, "POST", f"{HERE}/faults", {**fault, "calls": 2})
    for _ in range(2):
        made(admin, method="GET", path="/status", credential="read_only")
    saved = ((1, 200), (5, 429), (6, 201), (7, 403), (8, 403), (10, 200))
    rows = [(HERE, *row) for row in saved] + [(twin, 1, 429)]
    for number, (world, id, status) in enumerate(rows):
        reply = reply_of(admin, "GET", f"{world}/journal/{id}/test")
        text = reply.body.decode()
        assert (reply.status, f"answers {status}" in text) == (200, True), text
        assert "NOTE" not in text, text
        assert ("emulator.restore(STATE)" in text) == (world == twin), text
        (tmp_path / f"test_saved_{number}.py").write_text(text, encoding="utf-8")

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert "7 passed" in ran.stdout, ran.stdout


def test_a_short_credential_is_known_by_its_header_alone() -> None:
    """The client id 4 is a credential's, and each other 4 is a 4."""
    secrets = Secrets({"acme": [{"name": "full", "headers": {"Client-Id": "4"}}]})
    own = Secret("4", "acme", "full", '.headers["Client-Id"]')

    assert [*secrets.parts("4", "client-id")] == [own]
    assert [*secrets.parts("4", "x-page")] == ["4"]
    assert [*secrets.parts("acme/1.4", "user-agent")] == ["acme/1.4"]
    assert [*secrets.parts("/jobs/4")] == ["/jobs/4"]


def test_a_saved_test_has_no_text_of_a_caller_as_code(
    admin: Admin, jobriver: Api
) -> None:
    bad = '"""\nimport os; os.abort()\n"""'
    jobriver.get(
        "/jobs/%22%22%22%0Aimport%20os", headers={"X-Text": 'a"); import os #'}
    )
    jobriver.post("/jobs", content=bad.encode(), headers={"Content-Type": "text/plain"})

    for id in (1, 2):
        text = reply_of(admin, "GET", f"{HERE}/journal/{id}/test").body.decode()
        compile(text, "saved", "exec")
        assert not [line for line in text.splitlines() if line.startswith("import os")]
