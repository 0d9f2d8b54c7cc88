"""The console by keyboard, and while others change what it shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from seen import Seen, ask, expect, needs_browser, server_key

from emulator.engine.loading import make_dispatcher
from emulator.server.run import Running, running
from emulator.settings import Settings

Serve = Callable[..., Running]
pytestmark = needs_browser


def call(server: Running, times: int = 1) -> None:
    for _ in range(times):
        requests.get(f"{server.url}/jobriver/api/v1/jobs", headers=server_key(server))


def test_the_keyboard_stays_on_a_call_while_others_come(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    server = serve()
    call(server, 3)
    page = seen(server).show("journal")
    second = page.locator("tbody a[href$='/journal/2']")
    second.focus()

    call(server)

    expect(page.locator("tbody a[href$='/journal/4']")).to_be_visible()
    expect(second).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".crumbs")).to_have_text("Journal / 2")
    expect(page.locator("main")).to_be_focused()


def test_the_keyboard_stays_on_what_takes_the_place_of_a_button(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    """Apply and Clear, Freeze and Resume; the next rule where one is removed."""
    server = serve()
    rule = {"provider": "jobriver", "status": 503}
    for calls in (1, 2):
        ask(server, "POST", "/worlds/default/faults", {**rule, "calls": calls})
    one = seen(server)
    page = one.show("situations/jobriver")
    page.get_by_role("button", name="Apply locked out").press("Enter")
    expect(page.get_by_role("button", name="Clear locked out")).to_be_focused()
    page.get_by_role("button", name="Remove: The second").press("Enter")
    expect(page.get_by_role("button", name="Remove: The first")).to_be_focused()
    page = one.show("clock")
    page.get_by_role("button", name="Freeze").press("Enter")
    expect(page.get_by_role("button", name="Resume")).to_be_focused()


def test_entering_the_token_presses_nothing_else(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    """The button that had the focus before has it again, and waits to be pressed."""
    server = serve(admin_token="t0ken")
    one = seen(server)
    one.expected = ("401",)
    page = one.go("#token=t0ken")
    page.get_by_role("link", name="World", exact=True).click()
    fork = page.get_by_role("button", name="Fork")
    fork.focus()
    refusal = {"status": 401, "json": {"title": "unauthorized"}}
    world = "**/_emulator/worlds/default"
    page.route(world, lambda route: route.fulfill(**refusal), times=1)

    page.get_by_role("textbox", name="Token").fill("t0ken")
    page.keyboard.press("Enter")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(fork).to_be_focused()
    expect(page.get_by_label("World", exact=True).locator("option")).to_have_count(1)
    expect(page).to_have_url(f"{server.url}/_emulator/#/default/world")


def test_a_journal_that_somebody_else_empties_is_shown_empty(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    server = serve()
    call(server, 3)
    page = seen(server).show("journal")
    expect(page.locator("tbody tr")).to_have_count(3)

    ask(server, "POST", "/worlds/default/reset")

    expect(page.get_by_text("No call yet.").first).to_be_visible()
    call(server)
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_world_that_somebody_else_deletes_has_a_way_out(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    server = serve()
    ask(server, "POST", "/worlds", {"id": "short"})
    one = seen(server)
    one.expected = ("404",)
    page = one.go("#/short/records")
    expect(page.locator("tbody tr").first).to_be_visible()

    ask(server, "DELETE", "/worlds/short")

    expect(page.get_by_role("heading", name="World short")).to_be_visible()
    expect(page.locator(".clock")).to_be_hidden()
    page.get_by_role("link", name="Go to the world default").click()
    expect(page.get_by_role("heading", name="Providers")).to_be_visible()


def test_a_view_that_could_not_be_had_comes_when_the_network_is_back(
    serve: Serve, seen: Callable[..., Seen]
) -> None:
    """Of this world, and of one that was not looked at before; streams may outlive it."""
    server = serve()
    ask(server, "POST", "/worlds", {"id": "other"})
    one = seen(server)
    page = one.show("providers")
    for there in ("#/default/records", "#/other/records"):
        one.context.set_offline(True)
        page.evaluate(f"location.hash = '{there}'")
        expect(page.get_by_text("no connection")).to_be_visible()
        one.context.set_offline(False)
        expect(page.get_by_role("link", name="api_keys")).to_be_visible()
    one.errors = []  # that nobody answered


def test_one_of_many_operations_is_found_by_a_part_of_its_name(
    tmp_path: Path, seen: Callable[..., Seen]
) -> None:
    """And a title of five hundred letters makes nothing wider than a phone."""
    paths = {
        f"/things/{number}": {
            "get": {"operationId": f"getThing{number}", "responses": {"200": {}}}
        }
        for number in range(200)
    }
    info = {"title": "T" * 500, "version": "1"}
    document = tmp_path / "plain.json"
    document.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
    settings = Settings(openapi=(str(document),), log_format="none", port=0)
    with running(make_dispatcher(settings), settings) as server:
        one = seen(server, viewport={"width": 390, "height": 844})
        page = one.show("providers")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("/")
        page.keyboard.type("THING77")
        expect(page.get_by_label("Call to copy", exact=True)).to_have_value(
            "getThing77"
        )
        expect(page.get_by_label("Snippet")).to_contain_text("/plain/things/77")
        page = one.show("call")
        page.get_by_label("Search: Operation").fill("no such thing")
        expect(page.get_by_text("No operation has that")).to_be_visible()
        page.get_by_label("Search: Operation").fill("things/19")
        expect(page.get_by_text("11 of 200")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_label("Operation", exact=True)).to_be_focused()
        expect(page.get_by_label("Path")).to_have_value("/things/19")
        one.context.close()


@pytest.mark.parametrize("view", ["nowhere/journal", "default/journal/99"])
def test_a_page_of_what_is_not_there_has_a_title(
    serve: Serve, seen: Callable[..., Seen], view: str
) -> None:
    one = seen(serve())
    one.expected = ("404",)
    expect(one.go(f"#/{view}").locator("h1")).to_be_visible()
