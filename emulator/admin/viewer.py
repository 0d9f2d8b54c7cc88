"""Viewer: a provider's document in a browser, which calls the emulator from there.

The page is Swagger UI, whose files come from a package that need not be installed. The
page itself holds nothing: its script asks the admin API for the document and for the
world's credentials, with the token if there is one.
"""

from __future__ import annotations

from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path

from emulator.admin.providers import base_url
from emulator.admin.request import AdminRequest, problem_error, program_of
from emulator.admin.schemas import text
from emulator.admin.table import Answer, Rows
from emulator.diagnostics import did_you_mean
from emulator.exchange.call import Reply

PACKAGE = "mkdocs_swagger_ui_tag"
EXTRA = "pip install 'provider-emulator[viewer]'"

_OWN = Path(__file__).parent / "viewer_page"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html"}
_FILES = {
    "swagger-ui.js": "swagger-ui/javascripts/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui/stylesheets/swagger-ui.css",
    "swagger-ui.LICENSE.txt": "swagger-ui/LICENSE",
}
"""What is served of the package, by the name that it has here."""
_PAGE_FILES = ("page.js", "page.css")


row = Rows("providers")


@row(
    "GET /docs/{provider}",
    {200: Answer("a page", text(), ("text/html",))},
    needs_token=False,
)
def get_viewer(request: AdminRequest) -> Reply:
    """Show the OpenAPI document of a provider in a browser.

    The page tells no secrets: it asks for the admin token where one is needed, and has
    the document and the credentials from the other addresses.
    """
    program = program_of(request)
    if _folder() is None:
        return _page("missing.html", title=program.title, extra=EXTRA)
    base = base_url(request, program)
    return _page(
        "page.html",
        name=program.name,
        title=program.title,
        base_url=base,
        calls_to="/".join(base.split("/")[:3]),
    )


@row(
    "GET /docs/{provider}/{file}",
    {200: Answer("the file", text(), ("text/javascript", "text/css", "text/plain"))},
    needs_token=False,
)
def get_viewer_file(request: AdminRequest) -> Reply:
    """Read a file of that page."""
    name = request.names["file"]
    folder = _folder()
    if name in _PAGE_FILES:
        path = _OWN / name
    elif name in _FILES and folder is not None:
        path = folder / _FILES[name]
    else:
        fix = did_you_mean(name[:60], (*_FILES, *_PAGE_FILES))
        detail = f"the page has no file {name[:60]!r}: {fix}"
        raise problem_error(404, "no such file", detail)
    media = _TYPES.get(path.suffix, "text/plain")
    headers = [
        ("Content-Type", f"{media}; charset=utf-8"),
        ("Cache-Control", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return Reply(status=200, headers=headers, body=_content(path))


def _page(file: str, *, calls_to: str = "", **values: str) -> Reply:
    """The page of *file*, in which *values* stand; it may send calls *calls_to* only."""
    text = (_OWN / file).read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", escape(value))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        f" connect-src 'self' {calls_to}".rstrip()
        + "; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'none'"
    )
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return Reply(status=200, headers=headers, body=text.encode())


@cache
def _folder() -> Path | None:
    """Where the package is, which is not imported: only its files are wanted."""
    spec = find_spec(PACKAGE)
    where = spec.submodule_search_locations if spec is not None else None
    folder = Path(next(iter(where))) if where else None
    if folder is None or not all((folder / file).is_file() for file in _FILES.values()):
        return None
    return folder


@cache
def _content(path: Path) -> bytes:
    return path.read_bytes()
