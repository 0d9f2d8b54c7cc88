"""`journal show --curl` and `journal recipe`: what they print brings the same about again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from front_door import START
from remote import Remote, board_of, serving

from emulator.admin.journal.curl import Again, curl_line
from emulator.engine.dispatcher import Dispatcher
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.journal import Journal
from emulator.world.world import Beginning, World

Json = Any
JOB = (
    '{ "title": "Backend Developer",\n  "description": "Wir suchen jemanden, der mit uns'
    ' Schnittstellen baut, und d\'autres", "location": "Berlin, Germany"}'
)


def board_of_bundled(programs: dict[str, Program], **settings: Any) -> Dispatcher:
    chosen = Settings(log_format="none", port=0, **settings)
    at = micros(START)
    world = World(clock=Clock(at, frozen=True), beginning=Beginning(at=at, frozen=True))
    return Dispatcher(programs, world, chosen)


@pytest.fixture
def remote(programs: dict[str, Program]) -> Iterator[Remote]:
    with serving(board_of_bundled(programs)) as found:
        yield found


@pytest.fixture
def other(programs: dict[str, Program]) -> Iterator[Remote]:
    """Another server of the same providers, which nobody has called."""
    with serving(board_of_bundled(programs)) as found:
        yield found


def run(script: str, url: str, **variables: str) -> str:
    """What a shell prints of *script*, which goes well."""
    ran = subprocess.run(
        ["sh"],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "EMULATOR_URL": url, **variables},
    )
    assert ran.returncode == 0, f"{script}\n{ran.stderr}"
    return ran.stdout


def call(
    method: str,
    url: str,
    headers: Mapping[str, str] | None = None,
    body: bytes | str | None = None,
) -> Json:
    """The body of a reply, whatever its status."""
    data = body.encode() if isinstance(body, str) else body
    try:
        with urlopen(Request(url, data, dict(headers or {}), method=method)) as reply:
            return reply.read()
    except OSError as error:
        return error.read() if hasattr(error, "read") else None


def entries(remote: Remote, world: str = "default") -> list[Json]:
    """The journal, without what is another for each server and each moment."""
    text = json.dumps(remote.json("journal", "--world", world))
    told = json.loads(text.replace(remote.server.url, "URL"))
    return [
        {
            **{name: each[name] for name in ("id", "at", "operation", "credential")},
            "method": each["request"]["method"],
            "path": each["request"]["path"],
            "query": each["request"]["query"],
            "body": each["request"]["body"],
            "status": each["reply"]["status"],
            "reply": each["reply"]["body"],
            "refusal": each["refusal"],
            "faults": each["faults"],
        }
        for each in told
    ]


def state(remote: Remote, world: str) -> Json:
    """What has become of a world, as a snapshot has it."""
    return json.loads(remote.board.worlds.snapshot(remote.board.worlds[world]))["state"]


def _live(remote: Remote, world: str) -> None:
    """Calls, refusals, time, faults, a scenario, records and stubs, one after the other."""
    url = remote.server.url + ("" if world == "default" else f"/@{world}")
    here = ("--world", world)
    jobs = f"{url}/jobriver/api/v1/jobs"
    held = {
        name: remote.json("worlds", "credentials", world, name)
        for name in ("jobriver", "jobspace")
    }
    key = next(each for each in held["jobriver"] if each["name"] == "full")["headers"]
    sent = {**key, "Content-Type": "application/json", "X-Note": "it's $HOME"}
    call("GET", f"{jobs}?per_page=1&q=a%20b%5B%5D", key)
    call("POST", jobs, sent, JOB)
    call("POST", jobs, sent, b"\x00\xff\xfe")
    remote.shown("clock", "advance", "1500ms", *here)
    call("HEAD", jobs, key)
    call("GET", jobs, {"X-API-Key": "jrv_0000000000000000000000000000000000000000"})
    rule = ("--provider", "jobriver", "--operation", "createJob", "--status", "500")
    remote.shown("faults", "add", *rule, *here)
    call("POST", jobs, sent, JOB)
    remote.shown("faults", "clear", *here)
    remote.shown("scenario", "apply", "jobriver/rate_limited", *here)
    call("GET", jobs, key)
    remote.shown("clock", "advance", "61s", *here)
    call("GET", f"{jobs}?per_page=1", {**key, "X-Emulator-Refuse": "locked_out"})
    call("GET", jobs, {**key, "X-Emulator-Fault": "reset"})


@pytest.mark.parametrize("world", ["default", "mine"])
def test_a_recipe_brings_the_same_about(
    remote: Remote, other: Remote, world: str
) -> None:
    """On another server each call has the same time, request and reply."""
    if world != "default":
        words = ("--seed", "7", "--clock", "2026-03-02T10:00:00.000001Z", "--frozen")
        remote.shown("worlds", "create", world, *words)
    _live(remote, world)

    script = remote.run("journal", "recipe", "--secrets", "all", "--world", world)
    run(script.stdout, other.server.url)

    assert entries(other, world) == entries(remote, world)
    assert len(entries(remote, world)) == 9


def test_a_token_that_was_issued_is_issued_again(remote: Remote, other: Remote) -> None:
    """It opens nothing but the emulator: no secret of it has to be asked for."""
    for world in ("default", "mine"):
        if world == "mine":
            remote.shown("worlds", "create", "mine", "--clock", "frozen")
        url = remote.server.url + ("" if world == "default" else f"/@{world}")
        held = remote.json("worlds", "credentials", world, "jobspace")
        client = next(each for each in held if "refresh_token" in each)
        form = (
            f"grant_type=refresh_token&refresh_token={client['refresh_token']}"
            f"&client_id={client['client_id']}&client_secret={client['client_secret']}"
        )
        plain = {"Content-Type": "application/x-www-form-urlencoded"}
        base = remote.board.programs["jobspace"].base_path
        issued = call("POST", f"{url}/jobspace{base}/oauth/token", plain, form)
        token = json.loads(issued)["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        call("GET", f"{url}/jobspace{base}/api/job", bearer)

        run(remote.run("journal", "recipe", "--world", world).stdout, other.server.url)

        assert entries(other, world) == entries(remote, world)
        assert [each["status"] for each in entries(other, world)] == [200, 200]


def test_a_recipe_ends_where_it_is_told_to(remote: Remote, other: Remote) -> None:
    """Acts that came after it are not in it."""
    _live(remote, "default")

    script = remote.run("journal", "recipe", "2", "--secrets", "all").stdout
    run(script, other.server.url)

    assert entries(other) == entries(remote)[:2]
    assert "faults" not in script


def test_a_recipe_for_the_token_of_a_server(
    remote: Remote, programs: dict[str, Program]
) -> None:
    """It is taken from the environment."""
    call("GET", f"{remote.server.url}/jobriver/api/v1/jobs")
    script = remote.run("journal", "recipe").stdout
    with serving(board_of_bundled(programs, admin_token="s3cret")) as guarded:
        guarded.variables["EMULATOR_ADMIN_TOKEN"] = "s3cret"
        run(script, guarded.server.url, EMULATOR_ADMIN_TOKEN="s3cret")

        assert entries(guarded) == entries(remote)


def test_a_recipe_says_what_it_needs(remote: Remote) -> None:
    """A secret that the emulator has not given out is a variable without a value."""
    _live(remote, "default")
    script = remote.run("journal", "recipe").stdout
    ran = subprocess.run(["sh"], input=script, capture_output=True, text=True)

    assert ran.returncode != 0
    assert "SECRET_1: is a secret, jrv_…(#" in ran.stderr
    assert "jrv_00000" not in script


def test_a_recipe_names_the_server_that_it_is_for(remote: Remote) -> None:
    """With its seed and its clock."""
    call("GET", f"{remote.server.url}/jobriver/api/v1/jobs")
    head = remote.shown("journal", "recipe").splitlines()[:6]

    assert head[0] == "#!/bin/sh"
    assert head[3] == ("#   emulator serve --clock 2026-03-02T10:00:00Z --frozen")


def test_a_reset_begins_a_new_recipe(remote: Remote, other: Remote) -> None:
    """What came before it is not in it."""
    _live(remote, "default")
    remote.shown("reset")
    call("GET", f"{remote.server.url}/jobriver/api/v1/jobs")

    run(remote.shown("journal", "recipe"), other.server.url)

    (first,), (again,) = entries(remote), entries(other)
    assert {**first, "id": 1} == again


@pytest.mark.parametrize("how", ["forked", "restored"])
def test_a_recipe_of_a_world_that_began_elsewhere_starts_there(
    remote: Remote, other: Remote, tmp_path: Path, how: str
) -> None:
    """It restores what the world began as; with all secrets, where there are any."""
    _live(remote, "default")
    remote.shown("worlds", "fork", "default", "twin")
    if how == "restored":
        remote.shown("worlds", "snapshot", "default", str(tmp_path / "state"))
        remote.shown("worlds", "restore", "twin", str(tmp_path / "state"))
    base = remote.json("status", "--world", "twin")["providers"]["jobriver"]["base_url"]
    call("GET", f"{base}/jobs")

    code, said = remote.complaint("journal", "recipe", "--world", "twin")
    assert (code, "--secrets all" in said) == (1, True)
    recipe = remote.shown("journal", "recipe", "--secrets", "all", "--world", "twin")
    run(recipe, other.server.url)

    assert entries(remote, "twin") == entries(other, "twin")
    assert state(remote, "twin") == state(other, "twin")


def test_there_is_no_recipe_for_half_a_life(remote: Remote) -> None:
    """Rather than one that brings about something else."""
    call("GET", f"{remote.server.url}/jobriver/api/v1/jobs")
    remote.shown("journal", "clear")
    code, said = remote.complaint("journal", "recipe")

    assert code == 1
    assert "it cannot be brought about again: exchanges 1 to 1 are no longer" in said
    assert remote.complaint("journal", "recipe", "99")[0] == 1
    assert remote.complaint("journal", "recipe", "first")[0] == 2


def test_a_journal_that_is_off_has_no_recipe() -> None:
    """It is said which setting that is."""
    with serving(board_of("doors", journal=Journal(max_entries=0))) as remote:
        remote.call("/header")
        said = remote.complaint("journal", "recipe")[1]

    assert "the journal is off: journal_entries is 0" in said


def test_a_line_makes_the_call_again(remote: Remote) -> None:
    """Each call of a life, by its own line, is the same call."""
    _live(remote, "default")
    before = entries(remote)

    for id in range(1, len(before) + 1):
        line = remote.run("journal", "show", str(id), "--curl", "--secrets", "all")
        subprocess.run(["sh", "-c", line.stdout], capture_output=True, timeout=20)

    asked = ("method", "path", "query", "body", "credential")
    again = entries(remote)[len(before) :]
    assert [[each[name] for name in asked] for each in again] == [
        [each[name] for name in asked] for each in before
    ]


def test_a_line_sends_the_bytes_of_a_header_that_is_utf_8(remote: Remote) -> None:
    """Where a library sends other bytes than ASCII in a header, it is this most often."""
    url = f"{remote.server.url}/jobriver/api/v1/status"
    sent = "Köchin 😀".encode().decode("latin-1")
    call("GET", url, {"X-Name": sent})

    line = remote.run("journal", "show", "--curl", "--secrets", "all").stdout
    subprocess.run(["sh", "-c", line], capture_output=True, timeout=20)

    assert "-H 'x-name: Köchin 😀'" in line
    _, again = remote.json("journal")
    assert ["x-name", sent] in again["request"]["headers"]


def test_a_line_shows_what_opens_nothing_else(remote: Remote) -> None:
    """The key of a fixture as it is, unless nothing is to be shown."""
    key = remote.json("credentials", "jobriver")[0]["value"]
    url = f"{remote.server.url}/jobriver/api/v1/jobs"
    call("GET", url, {"X-API-Key": key, "Accept": "*/*", "User-Agent": "curl/8.5.0"})
    usual = "http://127.0.0.1:8080/jobriver/api/v1/jobs"

    assert remote.shown("journal", "show", "--curl") == (
        f"curl {usual} -H 'x-api-key: {key}'\n"
    )
    line, secret = remote.shown(
        "journal", "show", "--curl", "--secrets", "none"
    ).splitlines()[::-1]
    assert line == f"""curl {usual} -H 'x-api-key: '"$SECRET_1\""""
    assert secret.startswith(': "${SECRET_1:?is a secret, jrv_…(#')
    assert remote.json("journal", "show", "1", "--curl")["id"] == 1


def test_a_call_by_host_is_made_by_host(remote: Remote) -> None:
    """The line calls this server, with the name that was called."""
    url = f"{remote.server.url}/api/v1/jobs?per_page=1"
    host = next(iter(remote.board.programs["jobriver"].hosts))
    call("GET", url, {"Host": host})
    line = remote.run("journal", "show", "--curl").stdout
    subprocess.run(["sh", "-c", line], capture_output=True, timeout=20)

    first, again = (each["request"]["url"] for each in remote.json("journal", "list"))
    assert f"-H 'Host: {host}'" in line
    assert first == again


def test_the_secret_of_a_webhook_is_no_part_of_a_recipe() -> None:
    """It was given by whoever subscribed; what is asked for is shown."""
    with serving(board_of("hooks")) as remote:
        path = "/_emulator/worlds/default/webhooks/hooks"
        sent = {"url": "http://127.0.0.1:9/", "secret": "hunter2hunter2"}
        plain = {"Content-Type": "application/json"}
        call("POST", remote.server.url + path, plain, json.dumps(sent))

        usual = remote.shown("journal", "recipe")
        whole = remote.shown("journal", "recipe", "--secrets", "all")

    assert "hunter2" not in usual.replace("hunt…", "")
    assert 'webhooks/hooks \'{"url": "http://127.0.0.1:9/", "secret": "\'' in usual
    assert '"$SECRET_1"' in usual
    assert "hunter2hunter2" in whole


@pytest.mark.parametrize(
    "text",
    [
        "`touch pwned`",
        "$(touch pwned)",
        "'; touch pwned; '",
        "a\ntouch pwned",
        "\ue000HOME\ue001",
    ],
)
def test_nothing_that_a_caller_sends_is_run(text: str, tmp_path: Path) -> None:
    """A method may have quotes and dollars, and so may all else."""
    header = ("X-Note", text.replace("\n", " "))
    sent = Again(text.replace("\n", ""), f"http://127.0.0.1:9/{text}", [header], text)

    line = curl_line(sent).replace("curl", "printf '%s|'", 1)
    ran = subprocess.run(
        ["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True
    )

    assert [*tmp_path.iterdir()] == []
    assert ran.stdout.split("|")[1] == sent.method
    assert ran.stdout.count(text) >= 2
