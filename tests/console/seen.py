"""Seen: the console's page in a real browser, and what it said on the browser's console."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
import requests

from emulator.server.run import Running

try:
    from playwright.sync_api import expect
except ImportError:
    expect = None

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
needs_browser = pytest.mark.skipif(
    expect is None or CHROMIUM is None, reason="there is no Playwright, or no Chromium"
)
PATIENCE = 20_000
"""Milliseconds that a busy machine may take to show something."""
if expect is not None:
    expect.set_options(timeout=PATIENCE)


class Seen:
    """A page of the console, and what it said on the browser's console."""

    def __init__(self, browser: Any, url: str, **more: Any) -> None:
        self.url = url
        self.context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, **more}
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.expected: tuple[str, ...] = ()
        """Statuses that a test has the admin API refuse with: a browser tells of them."""
        self.page.on(
            "console",
            lambda said: (
                said.type in ("error", "warning") and self.errors.append(said.text)
            ),
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def unexpected(self) -> list[str]:
        known = [f"status of {status}" for status in self.expected]
        return [
            error for error in self.errors if not any(one in error for one in known)
        ]

    def go(self, view: str = "") -> Any:
        self.page.goto(f"{self.url}/_emulator/{view}")
        return self.page

    def show(self, view: str) -> Any:
        """The page of a *view* of the world `default`, once it has its title."""
        page = self.go(f"#/default/{view}")
        expect(page.locator("h1").first).to_be_visible()
        return page


def ask(server: Running, method: str, path: str, body: Any = None) -> Any:
    reply = requests.request(
        method, f"{server.url}/_emulator{path}", json=body, timeout=10
    )
    assert reply.ok, reply.text
    return reply.json() if reply.content else None


def server_key(server: Running) -> dict[str, str]:
    listed = ask(server, "GET", "/worlds/default/credentials/jobriver")
    headers: dict[str, str] = listed[0]["headers"]
    return headers
