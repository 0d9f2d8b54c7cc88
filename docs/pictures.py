"""Pictures: takes those of the console that stand in the README and the how-to.

    python -m pip install -e '.[browser]'
    python docs/pictures.py          take them
    python docs/pictures.py --same   they show still what is to be seen: somebody looked

It needs a Chromium on the PATH. Beside them, pictures.txt has the hash of the console's
files as they were; `docs/generate.py --check` tells when it is another one now.
"""

from __future__ import annotations

import shutil
import sys
from hashlib import sha256
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import emulator

FOLDER = Path(__file__).parent / "how-to"
HASH = FOLDER / "pictures.txt"
CONSOLE = Path(emulator.__file__).parent / "console" / "static"
CLOCK = "2026-03-02T10:00:00Z"
PICTURES = (
    ("first-429.png", "providers", 1280, 640),
    ("console.png", "journal/61", 1100, 860),
)
"""The file of each, the view that it shows, and its width and height."""


def console_hash() -> str:
    """What the console's files are known by: another one when any of them changes."""
    files = sorted(file for file in CONSOLE.rglob("*") if file.is_file())
    whole = sha256()
    for file in files:
        whole.update(f"{file.relative_to(CONSOLE).as_posix()}\n".encode())
        whole.update(file.read_bytes())
    return whole.hexdigest()


def stale() -> bool:
    """Whether the console has changed since its pictures were taken."""
    return HASH.read_text(encoding="utf-8").strip() != console_hash()


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
    """Take the pictures, unless they are the same, and write down of what."""
    if "--same" not in sys.argv:
        take()
    HASH.write_text(f"{console_hash()}\n", encoding="utf-8")


def take() -> None:
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
