"""The console in a real browser: what a tester does with it, from nothing to a test that passes.

Needs the extra `browser`, and a Chromium on the PATH; without them all of it is skipped.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import npm
import pytest
import requests
from prefixing import prefixing
from seen import Seen, ask, expect, needs_browser, server_key
from small import small

from emulator.engine.dispatcher import Dispatcher
from emulator.engine.loading import make_dispatcher
from emulator.exchange.call import Call
from emulator.program.program import Program
from emulator.server.run import Running, running
from emulator.settings import Settings

Serve = Callable[..., Running]
pytestmark = needs_browser
VIEWS = (
    "providers",
    "situations",
    "journal",
    "journal/1",
    "clock",
    "records",
    "call",
    "webhooks",
    "stubs",
    "world",
)
MARK = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"
"""Markup that says so when it is taken for such."""


def test_a_tester_finds_arranges_explains_forks_and_saves(
    serve: Serve, seen: Callable[..., Seen], tmp_path: Path
) -> None:
    server = serve()
    one = seen(
        server, permissions=["clipboard-read", "clipboard-write"], accept_downloads=True
    )
    one.expected = ("422",)

    # Start with nothing: the address alone.
    page = one.page
    page.goto(server.url)
    expect(page).to_have_url(f"{server.url}/_emulator/")
    expect(page.get_by_text("No call yet.")).to_be_visible()

    # Find a provider, copy its curl line and run it.
    page.get_by_role("link", name="jobsphere").click()
    page.get_by_role("link", name="jobriver").click()
    expect(page.get_by_role("heading", name="Jobriver")).to_be_visible()
    page.get_by_label("Call to copy").select_option("listJobs")
    page.get_by_role("button", name="Copy as curl with full").click()
    expect(page.get_by_text("Copied to the clipboard.")).to_be_visible()
    line = page.evaluate("navigator.clipboard.readText()")
    curl = shutil.which("curl")
    if curl:
        ran = subprocess.run(
            shlex.split(line), capture_output=True, text=True, timeout=20
        )
        assert ran.stdout.startswith("HTTP/1.1 200"), ran.stderr
        expect(page.locator(".live .call").first).to_contain_text("/api/v1/jobs")

    # Apply "locked out", and see the refusal explained as it comes.
    page.keyboard.press("s")
    page.get_by_role("button", name="Apply locked out").click()
    expect(page.locator("[data-scenario=locked_out]")).to_contain_text("applied")
    key = server_key(server)
    assert (
        requests.get(f"{server.url}/jobriver/api/v1/jobs", headers=key).status_code
        == 403
    )
    latest = page.locator(".live .call").first
    expect(latest).to_contain_text("locked_out")
    latest.click()
    expect(page.locator(".steps .refused")).to_contain_text("lockout")
    expect(page.locator(".steps .refused")).to_contain_text("locked_out")
    page.get_by_text("What the files say of listJobs").click()
    expect(page.locator("details")).to_contain_text("behavior.yaml")

    # Save it as a test.
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as test").click()
    saved = tmp_path / saving.value.suggested_filename
    saving.value.save_as(saved)

    # Move the clock a minute, and make the call again.
    page.keyboard.press("t")
    page.get_by_role("button", name="+1 min").click()
    expect(page.get_by_text("+1 min later.")).to_be_visible()
    page.keyboard.press("c")
    page.get_by_label("Operation").select_option("listJobs")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#reply .status")).to_have_text("200")
    page.get_by_role("link", name="Why? See the journal").click()
    expect(page.locator("h1")).to_contain_text("GET /api/v1/jobs")

    # Fork, and edit a record there.
    page.get_by_role("button", name="Fork after it").click()
    expect(page.get_by_label("World")).to_have_value("w1")
    page.keyboard.press("r")
    page.get_by_role("link", name="jobs", exact=True).click()
    page.get_by_label("Search").fill("frontend")
    page.locator("tbody a").first.click()
    editor = page.get_by_label("The record, as JSON")
    record = json.loads(editor.input_value())
    editor.fill(json.dumps({**record, "title": 5}))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("title")  # the schema's error
    editor.fill(json.dumps({**record, "title": "Edited in the console"}))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    shown = ask(server, "GET", f"/worlds/w1/records/jobriver/jobs/{record['id']}")
    assert shown["title"] == "Edited in the console"
    assert (
        ask(server, "GET", f"/worlds/default/records/jobriver/jobs/{record['id']}")[
            "title"
        ]
        == record["title"]
    )

    # The test that was saved passes.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(saved),
    ]
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith("EMULATOR")
    }
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        timeout=60,
        env=environment,
    )
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr


def test_calls_go_wrong_as_the_sentence_says(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    """The third call answers 503, then all is well; the counter goes with it."""
    server = serve()
    one = seen(server)
    one.expected = ("422",)
    page = one.go("#/default/situations/jobriver")
    page.locator("#go-wrong").get_by_label("Operation").select_option("listJobs")
    expect(page.locator(".sentence")).to_have_text(
        "The third listJobs answers 503, then all is well."
    )
    page.get_by_role("button", name="Add the rule").click()
    expect(page.locator(".rules")).to_contain_text("struck 0, 0 calls seen")

    key, url = server_key(server), f"{server.url}/jobriver/api/v1/jobs"
    statuses = [requests.get(url, headers=key).status_code for _ in range(4)]

    assert statuses == [200, 200, 503, 200]
    expect(page.locator(".rules")).to_contain_text("struck 1")
    page.locator("#go-wrong").get_by_label("Status").fill("999")
    page.get_by_role("button", name="Add the rule").click()
    expect(page.get_by_role("alert")).to_contain_text("/status")


def test_the_token_is_asked_once_and_kept_in_the_tab(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    """At the admin API's own port; calls reach providers at theirs."""
    server = serve(admin_token="t0ken", admin_port=0)
    one = seen(server)
    one.expected = ("401",)
    page = one.go()

    expect(page.get_by_role("textbox", name="Token")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_text("The emulator asks for its admin token")).to_be_visible()
    page.get_by_role("button", name="Enter the token").click()
    page.get_by_role("textbox", name="Token").fill("wrong")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("did not take that token")).to_be_visible()
    page.get_by_role("textbox", name="Token").fill("t0ken")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Jobriver")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Jobriver")).to_be_visible()
    page.keyboard.press("c")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#reply .status")).to_have_text("200")
    assert page.evaluate("localStorage.length") == 0
    assert "t0ken" not in page.url
    # Another tab, by the address that a server prints.
    page = one.context.new_page()
    page.goto(f"{one.url}/_emulator/#token=t0ken")
    expect(page.get_by_role("heading", name="Jobriver")).to_be_visible()
    assert page.url == f"{one.url}/_emulator/"


def test_webhooks_are_subscribed_sent_and_looked_at(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    """The secret stays on the page until it is copied; an event needs no call."""
    server = serve()
    one = seen(server)
    one.expected = ("409",)
    page = one.go("#/default/webhooks/jobsphere")
    page.get_by_label("Address").fill("http://127.0.0.1:9/hooks")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_text("Deliveries are signed with this secret")).to_be_visible()
    expect(page.get_by_label("Address")).to_have_value("")
    page.get_by_label("Event", exact=True).select_option(index=1)
    page.get_by_role("button", name="Send now").click()
    expect(page.locator(".toast").last).to_contain_text("about a call")
    page = one.go("#/default/call/jobsphere")
    page.get_by_label("Operation").select_option("createJob")
    expect(page.get_by_label("Body")).to_have_value(re.compile("title"))
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#reply .status")).to_have_text("201")
    page = one.go("#/default/webhooks/jobsphere")
    page.locator("summary").first.click()
    expect(page.get_by_label("Body")).to_contain_text('"type": "job.')


def test_no_text_of_a_caller_becomes_markup(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    """Path, query, headers, body, credential, record, webhook, stub, world and address."""
    server = serve()
    url, key = f"{server.url}/jobriver/api/v1", server_key(server)
    requests.post(
        f"{url}/jobs?q={MARK}&{quote(MARK)}=1",
        headers={**key, "X-Text": MARK, "User-Agent": MARK},
        json={"title": MARK, "description": MARK * 9, "location": MARK, MARK: MARK},
    )
    requests.get(f"{url}/{quote(MARK)}", headers={"X-API-Key": MARK})
    requests.get(f"{url}/jobs", headers={**key, "X-Emulator-Fault": "delay=1ms"})
    [first, *_] = ask(server, "GET", "/worlds/default/records/jobriver/jobs?limit=1")
    ask(
        server,
        "PUT",
        f"/worlds/default/records/jobriver/jobs/{first['id']}",
        {**first, "title": MARK},
    )
    ask(
        server,
        "POST",
        "/worlds/default/webhooks/jobsphere",
        {"url": f"http://127.0.0.1:9/{quote(MARK)}"},
    )
    ask(
        server,
        "POST",
        "/worlds/default/stubs",
        {"method": "GET", "path": f"/jobriver/{MARK}", "reply": {"json": MARK}},
    )
    ask(server, "POST", "/worlds", {"id": "xss", "rng_seed": MARK})
    one = seen(server)
    one.expected = ("404",)

    for view in (
        "#/default/providers", "#/default/situations", "#/default/journal", "#/default/journal/1",
        "#/default/journal/2", "#/default/records/jobriver/jobs", f"#/default/records/jobriver/jobs/{first['id']}",
        "#/default/webhooks/jobsphere", "#/default/stubs", "#/default/clock", "#/default/call", "#/xss/world",
    ):  # fmt: skip
        page = one.go(view)
        expect(page.locator("h1").first).to_be_visible()
        expect(page.locator("main img, main script, main iframe")).to_have_count(0)
        assert page.evaluate("window.pwned") is None
    page.goto(f"{server.url}/_emulator/#/default/journal/1")
    expect(page.locator("main")).to_contain_text("<img src=x onerror=")
    for view in (
        f"#/{quote(MARK)}",
        f"#/default/{quote(MARK)}",
        f"#/default/records/jobriver/{quote(MARK)}/{quote(MARK)}",
        f"#/default/journal/{quote(MARK)}",
    ):
        page = one.go(view)
        expect(page.locator("main .view").first).to_be_visible()
        assert page.evaluate("window.pwned") is None


def test_a_large_world_stays_usable(
    programs: dict[str, Program], seen: Callable[..., Seen]
) -> None:
    """Thousands of exchanges and records: a page is shown, and the rest is a click away."""
    settings = Settings(log_format="none", port=0, journal_entries=10_000)
    board = Dispatcher(programs, None, settings)
    jobs = board.world.collections(programs["jobriver"])["jobs"]
    first = next(iter(jobs))
    for number in range(10_000):
        jobs.put({**first, "id": 10_000 + number})
        board.answer(Call("GET", f"/jobriver/api/v1/jobs/{number}"))
    with running(board, settings) as server:
        one = seen(server)
        look_at_a_large_world(one)
        one.context.close()


def look_at_a_large_world(one: Seen) -> None:

    page = one.go("#/default/journal")
    expect(page.locator("tbody tr")).to_have_count(100)
    page.get_by_role("button", name="Older").click()
    page.get_by_role("button", name="Back to the latest").wait_for()
    expect(page.locator("tbody tr")).to_have_count(100)
    page.get_by_label("Search").fill("jobs/9000 ->")
    expect(page.get_by_text("None of the latest")).to_be_visible()
    page.get_by_role("button", name="Look further back").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_label("Search").fill("no such call")
    page.get_by_role("button", name="Look further back").click()
    expect(page.get_by_text("No earlier call matches.")).to_be_visible()
    page = one.go("#/default/records/jobriver/jobs")
    expect(page.get_by_text(re.compile(r"1 to 50 of 10\d\d\d"))).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text(re.compile("51 to 100 of"))).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 3_000


@pytest.mark.parametrize("width", [1280, 390])
def test_the_console_behind_a_prefix(
    serve: Serve, seen: Callable[..., Seen], width: int
) -> None:
    """A proxy has it at /emu/: pages, calls as they come, and the addresses to copy."""
    with prefixing("/emu") as proxy:
        server = serve(base_url=f"{proxy.url}/emu")
        proxy.target = server.url
        one = seen(
            server,
            viewport={"width": width, "height": 844},
            color_scheme="dark" if width < 500 else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )
        page = one.page
        page.goto(f"{proxy.url}/emu/")
        expect(page).to_have_url(f"{proxy.url}/emu/_emulator/")
        page.get_by_role("link", name="jobriver").click()
        page.get_by_role("button", name="Copy as curl with full").click()
        expect(page.get_by_text("Copied to the clipboard.")).to_be_visible()
        line = shlex.split(page.evaluate("navigator.clipboard.readText()"))
        address = next(word for word in line if word.startswith("http"))
        assert address.startswith(f"{proxy.url}/emu/jobriver/api/v1/")

        assert requests.get(address, headers=server_key(server), timeout=10).ok

        expect(page.locator(".live .call")).to_have_count(1)
        page.locator(".live .call").first.click()
        expect(page.locator(".steps li").first).to_be_visible()
        page.get_by_role("button", name="Fork before this call").click()
        expect(page.get_by_label("World")).to_have_value("w1")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.url.startswith(f"{proxy.url}/emu/_emulator/#/w1/")
        one.context.close()


def test_what_a_first_visit_transfers(serve: Serve, seen: Callable[..., Seen]) -> None:
    """Page, script and style: what stays in the browser's cache is not asked for again."""
    server = serve()
    one = seen(server)
    files: list[str] = []
    one.page.on(
        "response", lambda reply: "/console/" in reply.url and files.append(reply.url)
    )
    total = one.go().evaluate(
        "new Promise((done) => setTimeout(() => done([performance.getEntriesByType('navigation')[0],"
        " ...performance.getEntriesByType('resource').filter((one) => one.name.includes('/console/'))]"
        ".reduce((sum, one) => sum + one.transferSize, 0)), 300))"
    )

    assert 20_000 < total < 60_000
    assert all(name.startswith(server.url) for name in files)


def test_a_provider_without_credentials_has_a_call_to_copy(
    tmp_path: Path, seen: Callable[..., Seen]
) -> None:
    """As many have that are made of a document."""
    paths = {"/ping": {"get": {"operationId": "ping", "responses": {"200": {}}}}}
    document = tmp_path / "plain.json"
    info = {"title": "Plain", "version": "1"}
    document.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
    settings = Settings(openapi=(str(document),), log_format="none", port=0)
    with running(make_dispatcher(settings), settings) as server:
        one = seen(server)
        page = one.go()
        expect(page.get_by_label("Snippet")).to_have_text(
            f"curl -i '{server.url}/plain/ping'"
        )
        expect(page.get_by_role("button", name="Copy as Python")).to_be_visible()
        one.context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(
    serve: Serve, seen: Callable[..., Seen], width: int
) -> None:
    """On a phone as well; and the keyboard reaches everything, beginning with the view."""
    server = serve()
    requests.get(
        f"{server.url}/jobriver/api/v1/jobs/{'long' * 100}", headers=server_key(server)
    )
    one = seen(server, viewport={"width": width, "height": 844})

    for view in VIEWS:
        page = one.show(view)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
        heads = "[...document.querySelectorAll('th')].map((head) => head.offsetHeight)"
        assert all(height < 50 for height in page.evaluate(heads)), view
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("go to Journal")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def ask_for_token(route: Any) -> None:
    route.fulfill(status=401, json={"title": "token needed"})


@npm.needs("axe-core")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    serve: Serve, seen: Callable[..., Seen], scheme: str
) -> None:
    """WCAG 2.2 A and AA, and best practices: in every view, where there is none, and in
    the dialogs; in the dark, its colours."""
    options = {"runOnly": ["color-contrast"]} if scheme == "dark" else {}
    server = serve()
    for path in ("jobs", "jobs/1", "nothing"):
        requests.get(f"{server.url}/jobriver/api/v1/{path}", headers=server_key(server))
    ask(server, "POST", "/worlds/default/scenarios/jobriver/locked_out")
    ask(
        server,
        "POST",
        "/worlds/default/faults",
        {"provider": "jobriver", "status": 503, "calls": 3},
    )
    one = seen(server, color_scheme=scheme, bypass_csp=True)
    script = (npm.MODULES / "axe-core" / "axe.min.js").read_text("utf-8")

    one.expected = ("404", "401")
    others = ("records/jobriver/jobs/87", "webhooks/jobsphere", "journal/99")
    found = {}
    for view in (*VIEWS, *others, "nowhere", "shortcuts", "token"):
        page = one.show(view if view not in ("nowhere", "shortcuts") else "providers")
        if view == "nowhere":
            page = one.go("#/nowhere/providers")
            expect(page.get_by_text("no such world")).to_be_visible()
        elif view == "shortcuts":
            page.keyboard.press("?")
        elif view == "token":
            page.route("**/worlds/default", ask_for_token)
            expect(page.get_by_role("dialog")).to_be_visible()
        page.wait_for_timeout(300)
        page.evaluate(script)
        result = page.evaluate(f"axe.run({json.dumps(options)})")
        found |= {
            (view, each["id"], node["html"][:200]): each["help"]
            for each in result["violations"]
            for node in each["nodes"]
        }
    assert found == {}


def test_no_text_of_a_spec_becomes_markup(
    tmp_path: Path, seen: Callable[..., Seen]
) -> None:
    """A spec may come from somebody else: its title, operations, scenarios, records."""
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "scenarios.yaml").write_text(
        json.dumps(
            {"spec": 1, "marked": {"says": MARK, "faults": [{"fault": "reset"}]}}
        )
    )
    made = small(
        tmp_path,
        {"/notes": {"get": {
            "operationId": "list", "summary": MARK,
            "responses": {"200": {"description": MARK}},
        }}},
        {"list": {"list": {"collection": "notes"}}},
        openapi={"info": {"title": MARK, "version": "1"}},
        fixtures={"notes": [{"id": 1, "text": MARK}]},
        collections={"notes": {"key": "id"}},
    )  # fmt: skip
    made.client.get("/small/notes")
    settings = Settings(log_format="none", port=0)
    with running(made.board, settings) as server:
        one = seen(server)
        for view in (
            "providers",
            "situations",
            "records",
            "call",
            "journal/1",
            "journal",
        ):
            page = one.go(f"#/default/{view}")
            expect(page.locator("h1").first).to_be_visible()
            expect(page.locator("main img, main script")).to_have_count(0)
            assert page.evaluate("window.pwned") is None
        page = one.go("#/default/situations")
        expect(page.locator("[data-scenario=marked]")).to_contain_text("<img src=x")
        one.context.close()


def test_the_journal_goes_on_when_the_server_is_back(
    serve: Serve, programs: dict[str, Program], seen: Callable[..., Seen]
) -> None:
    settings = Settings(log_format="none", port=0)
    with running(Dispatcher(programs, None, settings), settings) as first:
        one = seen(first)
        page = one.go()
        expect(page.locator(".live")).to_contain_text("following")
        port = int(first.url.rpartition(":")[2])
    expect(page.locator(".live")).to_contain_text("connecting")
    expect(page.get_by_text("The emulator cannot be reached.")).to_be_visible()
    page.get_by_role("link", name="Records", exact=True).click()
    expect(page.get_by_text("no connection")).to_be_visible()
    server = serve(port=port)
    expect(page.locator(".live")).to_contain_text("following")
    expect(page.get_by_text("The emulator cannot be reached.")).to_be_hidden()
    expect(page.get_by_role("link", name="api_keys")).to_be_visible()
    requests.get(f"{server.url}/jobriver/api/v1/jobs")
    expect(page.locator(".live .call")).to_have_count(1)
    one.errors = []  # that nobody answered


def test_the_viewer_calls_with_the_credential_of_the_world(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    """Behind a prefix too, and on a phone without anything wider than it."""
    with prefixing("/emu") as proxy:
        server = serve(base_url=f"{proxy.url}/emu")
        proxy.target = server.url
        page = seen(server, viewport={"width": 390, "height": 844}).page
        page.goto(f"{proxy.url}/emu/_emulator/docs/jobriver")
        page.locator(".opblock-summary").first.click()
        page.get_by_role("button", name="Execute").click()

        reply = page.locator(".live-responses-table tbody .response-col_status").first
        expect(reply).to_contain_text("200")
        expect(page.locator(".curl").first).to_contain_text(
            f"{proxy.url}/emu/jobriver/api/v1/"
        )
        wider = "document.documentElement.scrollWidth - innerWidth"
        assert page.evaluate(wider) <= 0
