"""The console's page and its files, as they are sent: to whom, and how they are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

import emulator
from emulator.server.run import Running

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
LINK = {**BROWSER, "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
Serve = Callable[..., Running]
STATIC = Path(emulator.__file__).parent / "console" / "static"


def get(url: str, headers: dict[str, str] | None = None) -> Any:
    return requests.get(url, headers=headers, allow_redirects=False, timeout=10)


def files_of(page: str) -> list[str]:
    """The addresses of the files in a page, as they stand there."""
    return re.findall(r'(?:href|src)="([^"]+)"', page)


def test_a_browser_is_led_to_the_console(serve: Serve) -> None:
    """From /, from /_emulator; by addresses that hold behind a proxy's prefix."""
    server = serve()

    for path in ("/", "/_emulator"):
        reply = get(server.url + path, BROWSER)
        assert (reply.status_code, reply.headers["location"]) == (303, "_emulator/")
    page = requests.get(server.url, headers=BROWSER)
    assert page.url == f"{server.url}/_emulator/"
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Emulator console" in page.text


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_other_clients_are_told_what_they_were(serve: Serve, accept: str) -> None:
    reply = get(serve().url, {"Accept": accept})

    assert reply.status_code == 404
    assert reply.json()["title"] == "no provider has this address"


def test_only_a_get_is_led_there(serve: Serve) -> None:
    server = serve()

    assert requests.post(server.url, headers=BROWSER).status_code == 404
    assert requests.head(server.url, headers=BROWSER).status_code == 303
    assert requests.post(f"{server.url}/_emulator/").status_code == 404


def test_a_provider_at_its_own_host_is_asked_first(serve: Serve) -> None:
    """Its `/` is its own, whoever asks."""
    reply = get(serve().url, {**BROWSER, "Host": "dev.jobriver.de"})

    assert reply.status_code == 404
    assert "location" not in reply.headers


def test_files_are_kept_until_they_change(serve: Serve) -> None:
    """The page is asked for anew, and its files lie in a folder named for them."""
    server = serve()
    home = f"{server.url}/_emulator/"
    page = get(home)
    again = get(home, {"If-None-Match": page.headers["etag"]})

    assert page.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    files = files_of(page.text)
    assert len(files) >= 3
    for name in files:
        assert not name.startswith(("/", "http"))  # whatever prefix a proxy has
        reply = get(home + name)
        assert reply.status_code == 200
        assert "immutable" in reply.headers["cache-control"]
    other = re.sub(r"console/\w+/", "console/0000/", files[0])
    assert get(home + other).headers["cache-control"] == "no-cache"


def test_every_file_is_plain_text_of_our_own(serve: Serve) -> None:
    """Nothing is fetched from elsewhere, and nothing would run in line."""
    for path in STATIC.rglob("*"):
        if path.suffix in (".js", ".css", ".html"):
            text = path.read_text("utf-8")
            found = [
                one
                for one in re.findall(r"https?://[\w.]+", text)
                if "127.0.0.1" not in one
            ]
            assert found == [], path
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|\.style\b",
                text,
            ), path
    page = (STATIC / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|\sstyle=", page)


@pytest.mark.parametrize(
    "path",
    [
        "console/x/../../version",
        "console/x/%2e%2e/index.html",
        "console/x/index.html",
        "console/",
        "console/x/y",
    ],
)
def test_what_is_no_file_is_not_found(serve: Serve, path: str) -> None:
    server = serve(admin_token="t0ken")
    prepared = requests.Request("GET", f"{server.url}/_emulator/").prepare()
    prepared.url = f"{server.url}/_emulator/{path}"
    with requests.Session() as session:
        reply = session.send(prepared)

    assert reply.status_code == 401  # as any address that there is not


def test_the_page_needs_no_token_and_has_a_strict_policy(serve: Serve) -> None:
    page = get(f"{serve(admin_token='t0ken').url}/_emulator/")

    assert page.status_code == 200
    assert "t0ken" not in page.text
    policy = page.headers["content-security-policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"


def test_a_link_of_another_site_leads_here_and_a_frame_does_not(serve: Serve) -> None:
    """Somebody pastes the address into a chat: who clicks it reads the page alone."""
    server = serve()
    home = f"{server.url}/_emulator/"

    assert get(home, {**LINK, "Sec-Fetch-Site": "cross-site"}).status_code == 200
    for headers in (
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"},
        {"Origin": "https://evil.example"},
    ):
        assert get(home, headers).status_code == 403, headers
    api = f"{home}worlds"
    assert get(api, {**LINK, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert get(home, {**LINK, "Host": "evil.example"}).status_code == 421


def test_the_console_is_at_the_port_of_the_admin_api(serve: Serve) -> None:
    """Whoever reaches the providers' port alone sees nothing of it."""
    server = serve(admin_port=0)

    assert get(server.url, BROWSER).status_code == 404
    assert get(f"{server.url}/_emulator/", BROWSER).status_code == 404
    assert get(server.admin_url, BROWSER).headers["location"] == "_emulator/"
    assert get(server.admin_url).status_code == 404
    assert "Emulator console" in get(f"{server.admin_url}/_emulator/").text


def test_the_page_and_all_of_its_files_are_small() -> None:
    """What a first visit transfers, without compression."""
    total = sum(path.stat().st_size for path in STATIC.rglob("*.*"))

    assert total < 150_000
