"""Documents: what is inferred of small documents, read by people, checked and called."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from front_door import Api

from emulator.compile.load import load
from emulator.compile.places import Place
from emulator.diagnostics import Report
from emulator.engine.dispatcher import Dispatcher
from emulator.inference import Inferred, infer
from emulator.inference.writing import write
from emulator.spec.openapi import read_openapi
from emulator.world.world import World

HERE = Path(__file__).parent / "documents"
DOCUMENTS = sorted(HERE.glob("*.yaml"))
GOLDEN = Path(__file__).parent / "golden"


def inferred(path: Path, **more: Any) -> Inferred:
    report = Report()
    openapi = read_openapi(path, path.parent, report)
    assert openapi is not None, [*map(str, report.diagnostics)]
    return infer(openapi, path.stem, path.name, **more)


def written(path: Path, folder: Path) -> Place:
    """The provider of the document at *path*, in a folder."""
    made = inferred(path)
    place = folder / path.stem
    (place / "fixtures").mkdir(parents=True)
    (place / path.name).write_bytes(path.read_bytes())
    (place / "behavior.yaml").write_text(made.behavior, encoding="utf-8")
    if made.scenarios is not None:
        (place / "scenarios.yaml").write_text(made.scenarios, encoding="utf-8")
    for name, text in made.fixtures.items():
        (place / "fixtures" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Place(place, place / "fixtures")


def api(name: str, folder: Path) -> Api:
    program = load(written(HERE / f"{name}.yaml", folder))
    root = f"/{name}{program.base_path}"
    return Api(program, Dispatcher({name: program}, World()), root)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_what_is_inferred_is_what_people_have_read(path: Path) -> None:
    """Write it anew with EMULATOR_GOLDEN=1, and read the difference."""
    golden = GOLDEN / path.name
    made = inferred(path)
    if os.environ.get("EMULATOR_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(made.behavior, encoding="utf-8")
    assert made.behavior == golden.read_text("utf-8")
    assert inferred(path) == made


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_it_passes_check(path: Path, tmp_path: Path) -> None:
    load(written(path, tmp_path))


def test_a_pet_lives_and_is_gone(tmp_path: Path) -> None:
    """Created, read, replaced, listed, and deleted with what is below it."""
    petstore = api("petstore", tmp_path)
    made = petstore.post("/pets", json={"name": "Rex", "tag": "dog"})
    assert made.status_code == 201
    rex = made.json()
    assert rex["status"] == "available"
    assert rex["photo_urls"] == []
    assert petstore.get(f"/pets/{rex['id']}").json() == rex
    assert rex["id"] == 4  # three are there from the beginning
    assert [pet["id"] for pet in petstore.get("/pets").json()] == [1, 2, 3, 4]
    assert [pet["id"] for pet in petstore.get("/pets?tag=dog").json()] == [rex["id"]]
    assert petstore.get("/pets?tag=cat").json() == []

    below = f"/pets/{rex['id']}/vaccinations"
    shot = petstore.post(below, json={"vaccine": "Rabies"}).json()
    assert shot["pet_id"] == rex["id"]
    assert petstore.get(below).json() == [shot]
    assert petstore.get(f"{below}/{shot['id']}").json() == shot

    changed = petstore.call("PUT", f"/pets/{rex['id']}", json={"name": "Max"})
    assert "tag" not in changed.json()
    assert petstore.call("DELETE", f"/pets/{rex['id']}").status_code == 204
    for path in (f"/pets/{rex['id']}", below, f"{below}/{shot['id']}"):
        gone = petstore.get(path)
        assert (gone.status_code, gone.json()["code"]) == (404, 404)


def test_pages_wrappers_and_mistakes_are_as_documented(tmp_path: Path) -> None:
    projects = api("envelope", tmp_path)
    for name in ("Bridge", "Attic", "Canal"):
        body = {"name": name, "owner": "m1", "budget": 5, "archived": True}
        made = projects.post("/projects", json=body)
        assert made.status_code == 201
        assert isinstance(made.json()["data"]["owner"], dict)
    for seed in projects.get("/projects").json()["data"]:
        if seed["name"] not in ("Bridge", "Attic", "Canal"):
            projects.call("DELETE", f"/projects/{seed['id']}")
    page = projects.get("/projects?per_page=2&sort=-name&archived=true").json()
    assert [one["name"] for one in page["data"]] == ["Canal", "Bridge"]
    assert page["meta"] == {"total": 3, "page": 1, "per_page": 2, "total_pages": 2}
    assert (
        projects.get(page["links"]["next"].partition("/api")[2]).json()["meta"]["page"]
        == 2
    )
    wrong = projects.post("/projects", json={"name": ""})
    assert (wrong.status_code, wrong.json()["error"]["fields"][0]["field"]) == (
        422,
        "name",
    )


def test_seeds_look_as_if_somebody_had_written_them() -> None:
    """States and times differ, and what names another record names one that is there."""
    made = {name: yaml.safe_load(text) for name, text in blog().items()}
    posts, comments = made["posts"], made["comments"]
    assert {post["status"] for post in posts} == {"draft", "published"}
    assert all(post["createdAt"] < post["publishedAt"] for post in posts)
    assert len({post["createdAt"][:7] for post in posts}) == 3
    authors = {author["slug"] for author in made["authors"]}
    assert {post["author"] for post in posts} <= authors
    ids = [post["id"] for post in posts]
    assert [comment["postId"] for comment in comments] == [ids[0], ids[0], ids[1]]
    assert "parentId" not in comments[0]
    assert comments[1]["parentId"] == comments[0]["id"]


def test_seeds_are_the_same_in_another_process() -> None:
    code = (
        "import sys; from pathlib import Path; from emulator.inference import infer;"
        " from emulator.diagnostics import Report; from emulator.spec.openapi import read_openapi;"
        " path = Path(sys.argv[1]); openapi = read_openapi(path, path.parent, Report());"
        " print(infer(openapi, path.stem, path.name).fixtures)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(HERE / "blog.yaml")],
        env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.decode().strip() == repr(blog())


def test_what_is_empty_is_written_as_such_below_a_long_name() -> None:
    tree = {"x" * 120: {}, "y" * 120: []}
    assert yaml.safe_load(write(tree)) == tree


def blog() -> dict[str, str]:
    return inferred(HERE / "blog.yaml").fixtures


def test_what_would_be_too_long_for_an_expression_is_as_the_document_shows_it(
    tmp_path: Path,
) -> None:
    """A thing with so many members is sent by its name: the operation is kept all the same."""
    members = [f"address_of_the_list_of_{n}" for n in range(80)]
    text = {"type": "string"}
    branch = {
        "type": "object",
        "required": ["id", *members],
        "properties": {"id": text, **dict.fromkeys(members, text)},
    }
    shown = {"id": {"type": "integer"}, "title": text, "head": branch, "base": branch}
    pull = {"type": "object", "properties": shown, "required": [*shown]}
    sent = {"type": "object", "properties": dict.fromkeys(("title", "head"), text)}

    def replies(status: int, schema: Any) -> Any:
        content = {"application/json": {"schema": schema}}
        return {
            "responses": {str(status): {"description": "a reply", "content": content}}
        }

    path = tmp_path / "pulls.yaml"
    body = {"required": True, "content": {"application/json": {"schema": sent}}}
    named = {"name": "id", "in": "path", "required": True, "schema": shown["id"]}
    paths = {
        "/pulls": {
            "get": replies(200, {"type": "array", "items": pull}),
            "post": {"requestBody": body, **replies(201, pull)},
        },
        "/pulls/{id}": {"get": {"parameters": [named], **replies(200, pull)}},
    }
    about = {"title": "Pulls", "version": "1"}
    document = {"openapi": "3.1.0", "info": about, "paths": paths}
    path.write_text(json.dumps(document), encoding="utf-8")
    program = load(written(path, tmp_path / "made"))
    pulls = Api(program, Dispatcher({"pulls": program}, World()), "/pulls")

    made = pulls.post("/pulls", key=None, json={"title": "Mend it", "head": "main"})

    assert (made.status_code, made.json()["title"]) == (201, "Mend it")
    assert pulls.get(f"/pulls/{made.json()['id']}", key=None).json() == made.json()


def test_a_reply_that_has_no_body_is_given_none(tmp_path: Path) -> None:
    """A PUT that answers 201 to what is new, and 204 to what was there."""
    body = {"type": "object", "properties": {"value": {"type": "string"}}}
    shown = {**body, "properties": {**body["properties"], "name": {"type": "string"}}}

    def content(schema: Any) -> Any:
        return {"description": "-", "content": {"application/json": {"schema": schema}}}

    replies = {"201": content({"type": "object"}), "204": {"description": "-"}}
    name = {
        "name": "name",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
    }
    secret = {
        "parameters": [name],
        "get": {"operationId": "read", "responses": {"200": content(shown)}},
        "put": {
            "operationId": "put",
            "requestBody": content(body),
            "responses": replies,
        },
    }
    listed = content({"type": "array", "items": shown})
    paths = {
        "/secrets": {"get": {"operationId": "list", "responses": {"200": listed}}},
        "/secrets/{name}": secret,
    }
    path = tmp_path / "vault.yaml"
    head = {"openapi": "3.1.0", "info": {"title": "Vault", "version": "1"}}
    path.write_text(json.dumps({**head, "paths": paths}), encoding="utf-8")
    report = Report()
    program = load(written(path, tmp_path), None, report)

    assert report.diagnostics == []
    vault = Api(program, Dispatcher({"vault": program}, World()), "/vault")
    put = [vault.call("PUT", "/secrets/a", None, json={"value": "1"}) for _ in range(2)]
    assert [(each.status_code, each.content) for each in put] == [
        (201, b"{}"),
        (204, b""),
    ]


def test_a_text_is_not_compared_with_a_number(tmp_path: Path) -> None:
    """A least number that a document gives a text says nothing."""
    shown = {"type": "object", "properties": {
        "id": {"type": "string"}, "days": {"type": "string", "minimum": 1}}}  # fmt: skip
    sent = {"type": "object", "properties": {"days": {"type": "string"}}}

    def content(schema: Any) -> Any:
        return {"description": "-", "content": {"application/json": {"schema": schema}}}

    id = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    put = {"requestBody": content(sent), "responses": {"200": content(shown)}}
    listed = content({"type": "array", "items": shown})
    paths = {
        "/rules": {"get": {"operationId": "list", "responses": {"200": listed}}},
        "/rules/{id}": {
            "parameters": [id],
            "get": {"operationId": "read", "responses": {"200": content(shown)}},
            "put": {"operationId": "put", **put},
        },
    }
    path = tmp_path / "office.yaml"
    head = {"openapi": "3.1.0", "info": {"title": "Office", "version": "1"}}
    path.write_text(json.dumps({**head, "paths": paths}), encoding="utf-8")
    program = load(written(path, tmp_path))

    office = Api(program, Dispatcher({"office": program}, World()), "/office")
    rule = office.get("/rules", None).json()[0]["id"]
    kept = office.call("PUT", f"/rules/{rule}", None, json={"days": "365"})
    assert kept.status_code == 200


def test_what_has_a_parent_inside_a_record_is_made_too(tmp_path: Path) -> None:
    """The category of an article is not below another article."""
    number = {"type": "integer"}
    category = {
        "type": "object",
        "required": ["parent_id"],
        "properties": {"parent_id": number},
    }
    article = {"type": "object", "required": ["category"],
               "properties": {"id": number, "category": category}}  # fmt: skip

    def content(schema: Any) -> Any:
        return {"description": "-", "content": {"application/json": {"schema": schema}}}

    id = {"name": "id", "in": "path", "required": True, "schema": number}
    listed = content({"type": "array", "items": article})
    paths = {
        "/articles": {"get": {"operationId": "list", "responses": {"200": listed}}},
        "/articles/{id}": {
            "parameters": [id],
            "get": {"operationId": "read", "responses": {"200": content(article)}},
        },
    }
    path = tmp_path / "paper.yaml"
    head = {"openapi": "3.1.0", "info": {"title": "Paper", "version": "1"}}
    path.write_text(json.dumps({**head, "paths": paths}), encoding="utf-8")
    program = load(written(path, tmp_path))
    paper = Api(program, Dispatcher({"paper": program}, World()), "/paper")

    shown = paper.get("/articles", None).json()

    assert shown
    assert all(type(each["category"]["parent_id"]) is int for each in shown)


def test_a_switch_that_is_called_like_a_member_is_no_filter(tmp_path: Path) -> None:
    """It has a default, or has something be included: who lists all means all."""
    zones = api("zones", tmp_path)
    body = {"name": "b.example", "dnssec": False, "private": True, "active": True}
    assert zones.post("/zones", None, json=body).status_code == 201

    for query in ("", "?dnssec=true", "?private=false", "?active=true"):
        listed = [each["name"] for each in zones.get(f"/zones{query}", None).json()]
        assert "b.example" in listed, query
    others = zones.get("/zones?active=false", None).json()
    assert "b.example" not in [each["name"] for each in others]
