"""Pictures: takes those of the console that stand in the README and the how-to.

    python -m pip install -e '.[browser]'
    python docs/pictures.py

It needs a Chromium on the PATH. Run it when the console looks otherwise than they do.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import emulator

FOLDER = Path(__file__).parent / "how-to"
CLOCK = "2026-03-02T10:00:00Z"
PICTURES = (
    ("first-429.png", "providers", 1280, 640),
    ("console.png", "journal/61", 1100, 860),
)
"""The file of each, the view that it shows, and its width and height."""


def spend_the_quota(world: emulator.World) -> None:
    """As the README does: a call for each page, until the provider has enough."""
    jobriver = world.provider("jobriver")
    headers = jobriver.credentials["full"].headers
    for page in range(1, 62):
        request = Request(f"{jobriver.url}/jobs?page={page}", headers=headers)
        try:
            urlopen(request, timeout=10).close()
        except HTTPError as error:
            error.close()


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with (
        emulator.start(["jobriver"], clock=CLOCK, frozen=True) as server,
        sync_playwright() as playwright,
    ):
        spend_the_quota(server.default)
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        for name, view, width, height in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.goto(f"{server.url}/_emulator/#/default/{view}")
            page.locator("h1").first.wait_for()
            page.wait_for_timeout(500)
            page.screenshot(path=FOLDER / name)
        browser.close()


if __name__ == "__main__":
    main()
