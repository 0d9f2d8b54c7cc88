"""The page that shows a provider's document, and the files that it consists of."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from asking import ask, reply_of

from emulator.admin.admin import Admin


def test_the_page_names_its_files_by_addresses_that_answer(admin: Admin) -> None:
    """Relative ones, so that they hold behind a prefix as well; none is elsewhere."""
    reply = reply_of(admin, "GET", "/docs/press")

    text = reply.body.decode()
    named = re.findall(r'(?:href|src)="([^"]+)"', text)
    files = [name for name in named if not name.startswith("data:")]
    assert (reply.status, files) == (
        200,
        [
            "press/swagger-ui.css",
            "press/page.css",
            "press/swagger-ui.js",
            "press/page.js",
        ],
    )
    for file in files:
        path = urljoin("/docs/press", file)
        assert reply_of(admin, "GET", path).status == 200
    assert reply_of(admin, "GET", "/docs/press/swagger-ui.LICENSE.txt").status == 200


def test_the_page_runs_its_own_scripts_and_no_others(admin: Admin) -> None:
    headers = dict(reply_of(admin, "GET", "/docs/press").headers)

    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " connect-src 'self' http://emulator.test; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    assert headers["Cache-Control"] == "no-store"


def test_other_files_are_not_served(admin: Admin) -> None:
    for name in ("plugin.py", "..%2Fpage.html", "missing.html", "swagger-ui.jss"):
        status, problem = ask(admin, "GET", f"/docs/press/{name}")
        assert (status, problem["title"]) == (404, "no such file")
    assert "did you mean 'swagger-ui.js'" in problem["detail"]


def test_a_provider_that_is_not_there_has_no_page(admin: Admin) -> None:
    status, problem = ask(admin, "GET", "/docs/press2")

    assert (status, problem["detail"]) == (
        404,
        "there is no provider 'press2': did you mean 'press'?",
    )
