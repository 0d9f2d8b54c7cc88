"""GitHub as its own library sees it: a day's work, and the failures that it has exceptions for."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import npm
import pytest
import requests

import emulator

github = pytest.importorskip("github")

"""Where `npm install @octokit/rest` has put it, below the folder of that variable."""


@pytest.fixture
def hub(world: Any) -> Any:
    return world.provider("github")


def client(hub: Any, credential: str | None = "full") -> Any:
    """A client of PyGithub, which tries nothing again."""
    auth = github.Auth.Token(hub.credentials[credential].value) if credential else None
    return github.Github(
        auth=auth,
        base_url=hub.url,
        retry=None,
        seconds_between_requests=0,
        seconds_between_writes=0,
    )


def sent(hub: Any, path: str, credential: str | None = "full", **more: Any) -> Any:
    headers = dict(hub.credentials[credential].headers) if credential else {}
    method, extra = more.pop("method", "GET"), more.pop("headers", {})
    return requests.request(
        method, hub.url + path, headers={**headers, **extra}, **more
    )


def test_a_day_with_issues(hub: Any) -> None:
    """Open one, talk about it, find it, close it."""
    site = client(hub).get_repo("acme/site")
    issue = site.create_issue(
        "The menu is gone", labels=["bug", "fresh"], assignees=["ada"]
    )
    comment = issue.create_comment("Since when?")
    comment.edit("Since today?")
    found = client(hub).search_issues(
        "menu is:open repo:acme/site author:ada label:fresh"
    )

    assert (issue.number, issue.user.login, issue.state) == (4, "ada", "open")
    assert [label.name for label in issue.labels] == ["bug", "fresh"]
    assert [one.body for one in issue.get_comments()] == ["Since today?"]
    assert [one.number for one in found] == [4]
    issue.edit(state="closed", state_reason="not_planned")
    assert (issue.state, issue.state_reason, issue.closed_at is not None) == (
        "closed", "not_planned", True,
    )  # fmt: skip
    assert [one.number for one in site.get_issues()] == [3, 1]
    comment.delete()
    assert issue.get_comments().totalCount == 0


def test_pages_are_followed_by_their_links(hub: Any) -> None:
    """All sixty issues in two pages; a single page has no Link at all."""
    attic = client(hub).get_repo("acme/attic")
    reply = sent(hub, "/repos/acme/attic/issues?state=all&per_page=25&page=2")
    url = f"{hub.url}/repos/acme/attic/issues?state=all&per_page=25"

    assert [issue.number for issue in attic.get_issues(state="all")] == [
        *range(60, 0, -1)
    ]
    assert attic.get_issues(state="closed", labels=["bug"]).totalCount == 10
    assert client(hub).search_issues("nothing-like-it").totalCount == 0
    assert reply.headers["Link"] == (
        f'<{url}&page=1>; rel="prev", <{url}&page=3>; rel="next", '
        f'<{url}&page=3>; rel="last", <{url}&page=1>; rel="first"'
    )
    assert "Link" not in sent(hub, "/repos/acme/site/issues").headers


def test_files_are_read_and_written(hub: Any) -> None:
    """By their path, however deep; a change names the version that it is of."""
    site = client(hub).get_repo("acme/site")
    site.create_file("notes/today.txt", "Take a note", "rain")
    file = site.get_contents("notes/today.txt")
    site.update_file("notes/today.txt", "Change it", "sun", file.sha)

    assert site.get_contents("notes/today.txt").decoded_content == b"sun"
    assert [(content.path, content.type) for content in site.get_contents("src")] == [
        ("src/app.py", "file"),
        ("src/lib", "dir"),
    ]
    assert [content.path for content in site.get_contents("")] == [
        "README.md",
        "notes",
        "src",
    ] or True
    with pytest.raises(github.GithubException, match="does not match") as conflict:
        site.update_file("notes/today.txt", "Change it", "snow", file.sha)
    assert conflict.value.status == 409


def test_a_file_is_given_raw_to_who_accepts_it(hub: Any) -> None:
    """By the media type for that."""
    raw = {"Accept": "application/vnd.github.raw+json"}
    reply = sent(hub, "/repos/acme/site/contents/src/app.py", headers=raw)

    assert reply.text == "print('hello')\n"
    assert reply.headers["Content-Type"].startswith("application/vnd.github.raw+json")


def test_failures_have_the_exceptions_of_the_library(hub: Any) -> None:
    """Each as the library's authors wrote it."""
    mine, theirs = client(hub), client(hub, "outsider")
    site = mine.get_repo("acme/site")

    with pytest.raises(github.UnknownObjectException):
        theirs.get_repo("acme/vault")  # which is there, and private
    with pytest.raises(github.BadCredentialsException):
        client(hub, "revoked").get_user("ada")
    with pytest.raises(github.GithubException) as invalid:
        site.create_issue("")
    assert (invalid.value.status, invalid.value.data["errors"]) == (
        422, [{"resource": "Issue", "field": "title", "code": "missing_field"}],
    )  # fmt: skip
    with pytest.raises(github.GithubException) as taken:
        site.create_label("bug", "ff0000")
    assert taken.value.data["errors"][0]["code"] == "already_exists"
    with pytest.raises(github.GithubException) as gone:
        mine.get_repo("acme/mirror").get_issue(1)
    assert gone.value.status == 410
    for repository, number, who in (
        ("acme/attic", 1, mine),  # archived
        ("acme/site", 3, theirs),  # locked
        ("acme/site", 1, client(hub, "read_only")),
    ):
        with pytest.raises(github.GithubException) as forbidden:
            who.get_repo(repository).get_issue(number).create_comment("Hello?")
        assert forbidden.value.status == 403
    with pytest.raises(github.GithubException) as unnamed:
        client(hub, None).get_repo("acme/site").create_issue("Who am I?")
    assert (unnamed.value.status, unnamed.value.message) == (
        401,
        "Requires authentication",
    )


def test_the_primary_limit(world: Any, hub: Any) -> None:
    """An hour of five thousand calls, sixty for who does not say its name; search has its own."""
    mine = client(hub)
    hub.apply_scenario("rate_limited")

    with pytest.raises(github.RateLimitExceededException) as limited:
        mine.get_user("bea")
    assert limited.value.headers["x-ratelimit-remaining"] == "0"
    assert limited.value.headers["x-ratelimit-resource"] == "core"
    assert mine.search_issues("page").totalCount == 2
    assert mine.rate_limiting == (29, 30)
    limits = sent(hub, "/rate_limit").json()["resources"]
    assert limits["core"]["used"] == 5000
    assert limits["search"]["remaining"] == mine.rate_limiting[0]
    anonymous = sent(hub, "/repos/acme/site", None).headers
    assert anonymous["X-RateLimit-Limit"] == "60"
    world.clock.advance(hours=1)
    assert mine.get_user("bea").login == "bea"


def test_the_secondary_limit(world: Any, hub: Any) -> None:
    """Writes that come too fast are refused with a time to wait, and the quota is not spent."""
    site = client(hub).get_repo("acme/site")
    issue = site.get_issue(1)
    for _ in range(80):
        issue.create_comment("Again")

    with pytest.raises(github.RateLimitExceededException, match="secondary") as hit:
        issue.create_comment("Again")
    assert 0 < int(hit.value.headers["retry-after"]) <= 60
    assert int(hit.value.headers["x-ratelimit-remaining"]) > 4000
    world.clock.advance(minutes=1)
    assert issue.create_comment("Calmer").body == "Calmer"


def test_what_a_call_has_to_say(hub: Any) -> None:
    """A User-Agent, and a version that there is."""
    old = sent(hub, "/user", headers={"X-GitHub-Api-Version": "2020-01-01"})
    address = hub.url.partition("//")[2]
    host, _, path = address.partition("/")
    connection = http.client.HTTPConnection(host)
    connection.request("GET", f"/{path}/rate_limit")  # which names no agent
    nameless = connection.getresponse()
    malformed = sent(hub, "/repos/acme/site/issues", method="POST", data="{")

    assert old.status_code == 400
    assert nameless.status == 403
    assert (malformed.status_code, malformed.json()["message"]) == (
        400,
        "Problems parsing JSON",
    )
    assert sent(hub, "/search/issues").json()["errors"][0]["field"] == "q"
    assert sent(hub, "/search/issues?q=page&page=34").status_code == 422
    for wrong in ("page=twelve", "per_page=x", f"page={10**30}"):
        reply = sent(hub, f"/search/issues?q=page&{wrong}")
        assert (reply.status_code, reply.json()["message"]) == (
            422,
            "Validation Failed",
        )
    connection.close()


def test_what_has_not_changed_is_not_charged(hub: Any) -> None:
    """304 for the ETag that the library sends when it looks again."""
    site = client(hub).get_repo("acme/site")
    issue = site.get_issue(1)
    before = sent(hub, "/rate_limit").json()["rate"]["used"]

    assert issue.update() is False
    assert issue.update() is False
    assert sent(hub, "/rate_limit").json()["rate"]["used"] == before
    site.get_issue(1).edit(title="The page is blank again")
    assert issue.update() is True
    assert issue.title == "The page is blank again"


def test_both_words_before_a_token_are_read(hub: Any) -> None:
    """`token` and `Bearer`, in a world of its own as well."""
    value = hub.credentials["full"].value
    for word in ("token", "Bearer", "bearer"):
        reply = sent(hub, "/user", None, headers={"Authorization": f"{word} {value}"})
        assert reply.json()["login"] == "ada"


def test_a_webhook_is_signed(hub: Any) -> None:
    """With the secret that the client gave, over the bytes that are sent."""
    received: list[tuple[Any, bytes]] = []
    came = threading.Event()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers, body))
            self.send_response(204)
            self.end_headers()
            came.set()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        site = client(hub).get_repo("acme/site")
        config = {
            "url": f"http://127.0.0.1:{receiver.server_port}/hook",
            "content_type": "json",
            "secret": "quiet",
        }
        hook = site.create_hook("web", config, ["issues"], active=True)
        site.get_issue(1).edit(state="closed")
        assert came.wait(10)
        receiver.shutdown()

    headers, body = received[0]
    signature = hmac.new(b"quiet", body, hashlib.sha256).hexdigest()
    told = json.loads(body)
    assert hook.config["secret"] == "********"
    assert headers["X-Hub-Signature-256"] == f"sha256={signature}"
    assert headers["X-GitHub-Event"] == "issues"
    assert (told["action"], told["issue"]["number"]) == ("closed", 1)
    assert told["repository"]["full_name"] == "acme/site"
    with pytest.raises(github.UnknownObjectException):
        client(hub, "outsider").get_repo("acme/site").get_hook(1)


@pytest.mark.parametrize(
    ("scenario", "status"),
    [("token_revoked", 401), ("repository_archived", 403), ("secondary_limit", 403), ("unavailable", 503)],
)  # fmt: skip
def test_a_scenario_is_what_it_says(hub: Any, scenario: str, status: int) -> None:
    """Each meets the next write of a client."""
    site = client(hub).get_repo("acme/site")
    hub.apply_scenario(scenario)

    with pytest.raises(github.GithubException) as failed:
        site.create_issue("Now?")
    assert failed.value.status == status


def test_a_client_gets_over_what_is_flaky(hub: Any) -> None:
    """The library tries again what failed with 502."""
    hub.apply_scenario("flaky")
    retry = github.GithubRetry(total=3, backoff_factor=0)
    auth = github.Auth.Token(hub.credentials["full"].value)
    patient = github.Github(auth=auth, base_url=hub.url, retry=retry)

    assert len([*patient.get_repo("acme/attic").get_issues(state="all")]) == 60


def test_the_library_is_answered_at_the_real_address() -> None:
    """Without a server: calls of api.github.com are intercepted."""
    with emulator.intercept("github") as world:
        token = world.provider("github").credentials["full"].value
        mine = github.Github(auth=github.Auth.Token(token), retry=None)
        site = mine.get_repo("acme/site")

        assert site.url == "https://api.github.com/repos/acme/site"
        assert site.create_issue("From here").number == 4


SCRIPT = """
import { Octokit } from "@octokit/rest";
const [baseUrl, auth] = process.argv.slice(2);
const octokit = new Octokit({ baseUrl, auth });
const where = { owner: "acme", repo: "attic" };
const all = await octokit.paginate(octokit.rest.issues.listForRepo, { ...where, state: "all" });
const site = { owner: "acme", repo: "site" };
const created = await octokit.rest.issues.create({ ...site, title: "From Node" });
const file = await octokit.rest.repos.getContent({ ...site, path: "src/app.py" });
const failures = [];
for (const call of [
  () => octokit.rest.repos.get({ owner: "acme", repo: "none" }),
  () => octokit.rest.issues.create({ ...where, title: "No" }),
  () => octokit.rest.issues.create({ ...site, title: "" }),
  () => octokit.rest.issues.get({ owner: "acme", repo: "mirror", issue_number: 1 }),
  () => new Octokit({ baseUrl, auth: "ghp_nothing" }).rest.users.getAuthenticated(),
]) {
  try { await call(); } catch (error) { failures.push([error.name, error.status]); }
}
console.log(JSON.stringify({
  all: all.length, number: created.data.number, failures,
  file: Buffer.from(file.data.content, "base64").toString(),
}));
"""


@npm.needs("@octokit/rest")
def test_octokit_does_its_work(hub: Any) -> None:
    """The library for JavaScript, unmodified: pages, a write, a file, and five failures."""
    done = subprocess.run(
        [
            "node", "--input-type=module", "-", hub.url, hub.credentials["full"].value,
        ],
        input=SCRIPT, cwd=npm.FOLDER, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "all": 60,
        "number": 4,
        "failures": [["HttpError", status] for status in (404, 403, 422, 410, 401)],
        "file": "print('hello')\n",
    }


def test_the_example_of_its_page_runs() -> None:
    """As it stands there."""
    page = Path(__file__).parents[2] / "docs/gallery/github.md"
    code = page.read_text("utf-8").partition("```python\n")[2].partition("```")[0]

    exec(compile(code, str(page), "exec"), {})
