"""The examples in the documentation work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from front_door import Api

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.engine.dispatcher import Dispatcher
from emulator.settings import Settings
from emulator.world.world import World

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "how-to" / "add-a-provider.md"
_FILE = re.compile(
    r"^`([\w./]+\.yaml)`\n\n```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL
)


@pytest.fixture
def library(tmp_path: Path, world: World) -> Api:
    """The provider of the guide, made of the files that stand in it."""
    for name, text in _FILE.findall(GUIDE.read_text(encoding="utf-8")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    place = Place(tmp_path / "providers" / "library", tmp_path / "fixtures" / "library")
    program = load(place)
    board = Dispatcher({"library": program}, world, Settings(log_format="none"))
    return Api(program, board, "/library/v1")


def test_the_guides_provider_answers_the_guides_call(library: Api) -> None:
    """The curl line at the end of the guide lists the books that are lent."""
    answer = library.get("/books?lent=true")

    assert answer.status_code == 200
    books = answer.json()["books"]
    assert {"id": 1, "title": "A Room of One's Own", "lent": True} in books
    assert all(book["lent"] for book in books)
    assert answer.headers["RateLimit-Policy"] == '"1h";q=100;w=3600'
    assert answer.headers["RateLimit"] == '"1h";r=99;t=3600'


def test_the_guides_provider_links_its_pages(library: Api) -> None:
    """The pages of the guide's list carry a Link header (RFC 8288)."""
    answer = library.get("/books?page=2")

    assert answer.headers["Link"] == (
        '<http://testserver/library/v1/books?page=1>; rel="prev", '
        '<http://testserver/library/v1/books?page=3>; rel="next"'
    )


@pytest.mark.parametrize(
    ("key", "body", "status", "message"),
    [
        (None, {"title": "x"}, 401, "A key is needed"),
        ("blocked", {"title": "x"}, 403, "This key is blocked"),
        ("full", {}, 422, "title is missing"),
        (
            "full",
            {"title": "A Room of One's Own"},
            409,
            "There is a book called A Room of One's Own",
        ),
    ],
)
def test_the_guides_provider_refuses_in_its_own_words(
    library: Api, key: str | None, body: object, status: int, message: str
) -> None:
    """Each refusal of the guide is answered with the words of its table."""
    answer = library.post("/books", key, json=body)

    assert (answer.status_code, answer.json()["message"]) == (status, message)


def test_every_credential_of_the_guide_is_minted(library: Api) -> None:
    """Each world of the guide's provider has keys of its own, which begin alike."""
    worlds = library.board.worlds
    first, second = (worlds.credentials(worlds.create(), "library") for _ in range(2))

    values = {one["value"] for one in (*library.credentials.values(), *first, *second)}
    assert len(values) == len(library.credentials) + len(first) + len(second)
    assert {value[:4] for value in values} == {"lib_"}


def test_links_between_pages_of_the_documentation_lead_somewhere() -> None:
    """No relative link in README or docs is dead."""
    pages = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *ROOT.glob("docs/**/*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert dead == []


def test_links_to_headings_lead_somewhere() -> None:
    """Every `#` of a link is a heading of the page that it leads to."""
    pages = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *ROOT.glob("docs/**/*.md")]
    dead = [
        f"{page.relative_to(ROOT)}: {target}#{anchor}"
        for page in pages
        for target, anchor in re.findall(
            r"\]\(([^)#:]*)#([^)]+)\)", page.read_text("utf-8")
        )
        if anchor.lower() not in _anchors(page.parent / target if target else page)
    ]

    assert dead == []


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_first_call_of_the_readme_works(jobriver: Api) -> None:
    """The key and the address in the README's curl line are known."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(
        r"^curl -H '(\S+): (\S+)' http://127\.0\.0\.1:8080(\S+)$", text, re.M
    )
    assert found is not None

    answer = jobriver.client.get(found[3], headers={found[1]: found[2]})

    assert answer.status_code == 200
    assert answer.json()["success"] is True


def test_every_check_is_the_readmes_second_command() -> None:
    """What decides whether a change lands is what the README tells everyone to run."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert (
        "-e '.[test,gallery,docs,browser,deploy]' && python -m pytest -n auto\n"
        in readme
    )
    assert "-e '.[test,gallery,docs,browser,deploy]'\n" in script
    assert script.splitlines()[-1].startswith("python -m pytest -n auto")
