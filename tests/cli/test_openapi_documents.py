"""An OpenAPI document alone becomes a provider, wherever providers can be named."""

from __future__ import annotations

import json
from pathlib import Path
from signal import SIGTERM

import pytest
import requests
from command import emulator as command
from command import serving
from test_serve_watch import edit, told

import emulator
from emulator.engine.loading import CannotServe, documents, programs, served
from emulator.program.example import example
from emulator.settings import Settings

PETS = """\
openapi: 3.0.3
info: {title: Pet Shop!, version: "1"}
servers: [{url: https://api.pets.example/v1}]
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        "200":
          description: All.
          content: {application/json: {schema: {$ref: "#/components/schemas/Pets"}}}
components:
  schemas:
    Pets: {type: array, items: {type: object, properties: {id: {type: integer}}}}
"""


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    path = tmp_path / "pets.yaml"
    path.write_text(PETS, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("pets.yaml", "pets"),
        ("Pet Store.openapi.json", "pet-store"),
        ("api.pets.com.json", "api-pets-com"),
        ("2fast.yml", "api-2fast"),
        ("openapi.yaml", "pet-shop"),
        ("swagger-v2.json", "pet-shop"),
    ],
)
def test_a_provider_goes_by_the_name_of_its_file(
    tmp_path: Path, file: str, name: str
) -> None:
    """Where that says nothing, it goes by the title of the document."""
    (tmp_path / file).write_text(PETS, encoding="utf-8")

    assert [*documents(Settings(openapi=(str(tmp_path / file),)))] == [name]


@pytest.mark.parametrize(
    ("named", "names"),
    [
        ((), ["pets", "zoo"]),
        (("jobriver",), ["jobriver", "pets", "zoo"]),
        (("zoo",), ["zoo"]),
        (("zoo", "jobriver"), ["zoo", "jobriver"]),
    ],
)
def test_who_names_providers_beside_documents_is_served_both(
    pets: Path, named: tuple[str, ...], names: list[str]
) -> None:
    """And who names some of the documents, those alone."""
    settings = Settings(openapi=(f"pets={pets}", f"zoo={pets}"), providers=named)

    assert sorted(served(settings)) == sorted(names)


def test_names_are_given_or_made_different(pets: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "pets.json"
    other.parent.mkdir()
    other.write_text(PETS, encoding="utf-8")
    given = (str(other), str(pets), f"zoo={pets}", f"pets={pets}")

    places = documents(Settings(openapi=given))

    assert {name: place.spec.name for name, place in places.items()} == {
        "zoo": tmp_path.name,
        "pets": tmp_path.name,
        "pets-2": "other",
    }


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("missing.yaml", "there is no OpenAPI document 'missing.yaml'"),
        ("Zoo={}", "'Zoo' cannot be the name of a provider"),
        (".", "'.' is a folder: name the OpenAPI document in it"),
    ],
)
def test_what_names_no_document_is_told_of(pets: Path, given: str, says: str) -> None:
    with pytest.raises(CannotServe, match=says):
        documents(Settings(openapi=(given.format(pets),)))


def test_lenient_is_about_documents() -> None:
    with pytest.raises(CannotServe, match="--lenient is about"):
        documents(Settings(lenient=True))


def test_every_command_takes_a_document(pets: Path) -> None:
    """Where nothing else is asked for, it is the only provider."""
    given = ("--openapi", str(pets))

    assert command("check", *given).stdout.strip().startswith("1 provider: ")
    (listed,) = json.loads(command("providers", *given, "--json").stdout)
    assert (listed["name"], listed["base_path"]) == ("pets", "/pets/v1")
    for words in (("routes",), ("scenarios",), ("credentials", "pets")):
        assert command(*words, *given).returncode == 0


def test_where_no_call_can_be_shown_a_credential_is(tmp_path: Path) -> None:
    """Nobody could guess it, and every call would be refused."""
    document = json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Bells", "version": "1"},
            "paths": {
                "/towers/{tower}/ring": {
                    "post": {"responses": {"204": {"description": "It rang."}}},
                    "parameters": [
                        {
                            "name": "tower",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string"},
                        }
                    ],
                }
            },
            "components": {
                "securitySchemes": {
                    "key": {"type": "apiKey", "in": "header", "name": "X-Key"}
                }
            },
            "security": [{"key": []}],
        }
    )
    (tmp_path / "bells.json").write_text(document, encoding="utf-8")

    shown = example(
        programs(Settings(openapi=(str(tmp_path / "bells.json"),)))["bells"]
    )

    assert shown is not None
    assert (shown.path, shown.credential and shown.credential["name"]) == ("", "full")


def test_a_document_is_cached_until_it_changes(pets: Path, tmp_path: Path) -> None:
    settings = Settings(openapi=(str(pets),), cache_dir=str(tmp_path / "cache"))
    first = programs(settings)["pets"]
    again = programs(settings)["pets"]

    assert "bases" not in again.__dict__  # nothing but its summary was read
    assert (again.title, again.files) == (first.title, first.files)
    assert {id: each.path for id, each in again.operations.items()} == {
        id: each.path for id, each in first.operations.items()
    }
    assert again.texts == first.texts

    pets.write_text(PETS.replace("Pet Shop!", "Zoo"), encoding="utf-8")
    assert programs(settings)["pets"].title == "Zoo"


def split(folder: Path, reference: str) -> Path:
    """The pet shop, its schema in `parts/schemas.yaml`, which refers to a file beside it."""
    path = folder / "split.yaml"
    path.write_text(
        PETS.replace('"#/components/schemas/Pets"', reference), encoding="utf-8"
    )
    parts = folder / "parts"
    parts.mkdir()
    (parts / "schemas.yaml").write_text(
        "Pets: {type: array, items: {$ref: pet.json}}\n", encoding="utf-8"
    )
    (parts / "pet.json").write_text('{"const": "cat"}', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "reference",
    [
        "parts/schemas.yaml#/Pets",
        '"./parts/schemas%2Eyaml#/Pets"',
        "'parts/schemas.yaml#/Pets'",
        '"parts/../parts/schemas.yaml#/Pets"',
    ],
)
def test_what_is_kept_of_a_document_is_not_used_when_a_further_file_changes(
    tmp_path: Path, reference: str
) -> None:
    """Those that it refers to, and those that they refer to."""
    path = split(tmp_path, reference)
    settings = Settings(openapi=(str(path),), cache_dir=str(tmp_path / "cache"))
    programs(settings)

    assert "bases" not in programs(settings)["split"].__dict__  # as it was kept

    edit(tmp_path / "parts" / "pet.json", "cat", "dog")
    changed = programs(settings)["split"]
    assert "bases" in changed.__dict__
    files = changed.openapi["components"]["x-files"]
    assert files["pet.json"] == {"const": "dog"}


def test_further_files_of_a_served_document_are_watched(tmp_path: Path) -> None:
    path = split(tmp_path, "parts/schemas.yaml#/Pets")
    words = ("--openapi", str(path), "--watch", "--log-format", "none")
    with serving(tmp_path, *words) as server:
        assert "cat" in requests.get(f"{server.url}/split/v1/pets").text

        edit(tmp_path / "parts" / "pet.json", "cat", "dog")
        assert "split" in told(server, "split")

        assert "dog" in requests.get(f"{server.url}/split/v1/pets").text


def test_mistakes_have_a_place_in_the_document(tmp_path: Path) -> None:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T"},
        "paths": {"/a": {"get": {"operationId": "a", "parameters": [{"name": "b"}]}}},
    }
    path = tmp_path / "t.json"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")

    told = command("check", "--openapi", str(path)).stdout.splitlines()

    assert told[:3] == [
        f"{path}:11:6: warning[openapi-structure]: the parameter 'b' stands in None",
        "  11 |      {",
        "     |      ^",
    ]


def test_json_that_is_none_has_a_place(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"openapi": "3.0.0",\n "paths": }', encoding="utf-8")

    told = command("check", "--openapi", str(path)).stdout.splitlines()

    assert told[0].startswith(f"{path}:2:11: error[json-syntax]: the file is not JSON")


def test_the_python_api_takes_documents(pets: Path) -> None:
    with emulator.start(openapi=pets) as started:
        assert started.providers == ["pets"]
    with emulator.intercept(openapi=f"zoo={pets}") as world:
        assert world.provider("zoo").url.endswith("/zoo/v1")
    assert emulator.load(pets).name == "pets"


def test_a_served_document_is_watched(pets: Path, tmp_path: Path) -> None:
    words = ("--openapi", str(pets), "--watch", "--log-format", "none")
    with serving(tmp_path, *words) as server:
        edit(pets, "/pets:", "/cats:")
        assert "pets" in told(server, "pets")

        reply = requests.options(f"{server.url}/pets/v1/cats")
        assert (reply.status_code, reply.headers["Allow"]) == (
            204,
            "GET, HEAD, OPTIONS",
        )


def test_tests_take_documents_from_the_ini_file(
    pytester: pytest.Pytester, pets: Path
) -> None:
    pytester.makeini(f"[pytest]\nemulator_openapi = zoo={pets.name}\n")
    (pytester.path / pets.name).write_text(PETS, encoding="utf-8")
    pytester.makepyfile(
        """
        def test_it(emulator):
            assert emulator.provider("zoo").url.endswith("/zoo/v1")
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


HIDING = """\
openapi: 3.0.3
info: {{title: Hosting, version: "1"}}
paths:
  /owners/{{owner}}/repos:
    parameters: [{{name: owner, in: path, required: true, schema: {{type: string}}}}]
    get:
      parameters: [{{name: {field}, in: query, schema: {{type: string}}}}]
      responses:
        "200":
          description: All.
          content:
            application/json: {{schema: {{type: array, items: {{$ref: "#/components/schemas/Repo"}}}}}}
    post:
      requestBody: {{content: {{application/json: {{schema: {{$ref: "#/components/schemas/Repo"}}}}}}}}
      responses:
        "201": {{description: Made, content: {{application/json: {{schema: {{$ref: "#/components/schemas/Repo"}}}}}}}}
  /owners/{{owner}}/repos/{{id}}:
    parameters:
    - {{name: owner, in: path, required: true, schema: {{type: string}}}}
    - {{name: id, in: path, required: true, schema: {{type: integer}}}}
    get:
      responses:
        "200": {{description: It, content: {{application/json: {{schema: {{$ref: "#/components/schemas/Repo"}}}}}}}}
    delete:
      responses: {{"204": {{description: Gone}}}}
components:
  schemas:
    Repo:
      type: object
      required: [id, {field}]
      properties: {{id: {{type: integer}}, owner: {{type: string}}, {field}: {{type: string}}}}
"""


@pytest.mark.parametrize(
    "field",
    [
        "path",
        "query",
        "body",
        "record",
        "this",
        "request",
        "before",
        "caller",
        "now",
        "global",
        "class",
        "lambda",
        "in",
        "true",
        "omit",
        "page[size]",
        "it's",
    ],
)
def test_names_that_hide_others_are_inferred_and_written(
    tmp_path: Path, field: str
) -> None:
    """A field called like a word of the language, or like a part of the request."""
    path = tmp_path / "hosting.yaml"
    text = HIDING.format(field=json.dumps(field))
    path.write_text(text.replace('["id", ', "[id, "), encoding="utf-8")

    program = emulator.load(path)
    assert command("check", "--openapi", str(path)).stdout.splitlines() == [
        "1 provider: nothing is wrong"
    ]
    written = command("init", "mine", "--into", str(tmp_path), "--openapi", str(path))
    assert (written.returncode, written.stderr) == (0, "")
    assert command("check", str(tmp_path / "mine")).stdout.splitlines() == [
        "1 provider: nothing is wrong"
    ]
    assert "unlisted" not in {each.pointer[0] for each in program.operations.values()}


def test_a_folder_that_leaves_all_to_its_document_takes_what_openapi_takes(
    tmp_path: Path,
) -> None:
    """A large document, operations without ids, what is unsound in it: as written by `init`."""
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1", "description": "long " * 1_800_000},
        "paths": {
            "/a": {"get": {"responses": {"200": {"description": "Yes"}}}},
            "/b/{c}": {"get": {"responses": {"200": {"description": "No c"}}}},
        },
    }
    path = tmp_path / "large.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    words = ("--into", str(tmp_path), "--openapi", str(path))
    assert command("init", "mine", *words).returncode == 0
    folder = str(tmp_path / "mine")

    alone = command("check", "--openapi", str(path)).stdout
    assert "warning[openapi-path-parameter]" in alone
    assert alone.endswith("1 provider: 1 warning\n")
    checked = command("check", folder)
    assert checked.stdout == alone.replace("large.json", "mine/large.json")
    explained = command("explain", "mine/getA", "--specs", folder)
    assert (explained.returncode, explained.stderr) == (0, "")
    settings = Settings(specs=(folder,), cache_dir=str(tmp_path / "cache"))
    for _ in range(2):  # made, and then from the cache
        assert {"getA", "getBByC"} == {*programs(settings, ["mine"])["mine"].operations}

    small = command("check", folder, "--openapi-bytes", "1000000")
    assert "file-too-large" in small.stdout

    (tmp_path / "mine" / "behavior.yaml").write_text(
        "spec: 1\nprovider: mine\nopenapi: large.json\n", encoding="utf-8"
    )
    assert (
        "at most 8 MiB are read" in command("check", folder).stdout
    )  # an author's own


def test_a_conversation_is_not_asked_for(tmp_path: Path) -> None:
    """RFC 4559 and RFC 8120: schemes that no header of one call proves."""
    schemes = {
        "kerberos": {"type": "http", "scheme": "Negotiate"},
        "pake": {"type": "http", "scheme": "mutual"},
        "odd": {"type": "carrierPigeon"},
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    }
    asked = {
        "/talk": [{"kerberos": []}],
        "/both": [{"kerberos": [], "pake": []}, {"odd": []}],
        "/or": [{"kerberos": []}, {"key": []}],
        "/and": [{"kerberos": [], "key": []}],
        "/key": [{"key": []}],
    }
    yes = {"responses": {"200": {"description": "Yes"}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "security": [{"pake": []}],
        "paths": {
            "/as-all": {"get": yes},
            **{
                path: {"get": {**yes, "security": each}} for path, each in asked.items()
            },
        },
        "components": {"securitySchemes": schemes},
    }
    path = tmp_path / "t.json"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")

    told = command("check", "--openapi", str(path)).stdout
    for name, kind in (
        ("kerberos", "http negotiate"), ("pake", "http mutual"), ("odd", "carrierPigeon"),
    ):  # fmt: skip
        assert (
            told.count(
                f"the security scheme {name!r} ({kind}) is not emulated:"
                " operations that ask for no other one are open"
            )
            == 1
        )
    words = ("--into", str(tmp_path), "--openapi", str(path))
    assert command("init", "mine", *words).returncode == 0
    for words in (
        ("--openapi", f"mine={path}"), ("--specs", str(tmp_path / "mine")),
    ):  # fmt: skip
        with serving(tmp_path, *words, "--log-format", "none") as server:
            statuses = {
                path: requests.get(f"{server.url}/mine{path}").status_code
                for path in document["paths"]
            }
        assert statuses == {
            "/as-all": 200, "/talk": 200, "/both": 200,
            "/or": 401, "/and": 401, "/key": 401,
        }  # fmt: skip


def test_operations_whose_ids_have_slashes_are_explained(tmp_path: Path) -> None:
    """On the command line, and by the admin API, encoded as the console does it or not."""
    path = tmp_path / "shop.yaml"
    path.write_text(PETS.replace("listPets", "pets/list/all"), encoding="utf-8")
    given = ("--openapi", f"shop={path}")

    for name in ("shop/pets/list/all", "pets/list/all"):
        explained = command("explain", name, *given)
        assert explained.stdout.startswith("shop/pets/list/all  GET /v1/pets  ")
    asked = json.loads(
        command("explain", "shop/pets/list/all", *given, "--json").stdout
    )
    for name, says in (
        ("shop/pets/lst/all", "did you mean 'pets/list/all'?"),
        ("pets/lst/all", "did you mean 'pets/list/all'?"),
        ("shp/pets/list/all", "no operation 'shp/pets/list/all'"),
    ):
        refused = command("explain", name, *given)
        assert (refused.returncode, says in refused.stderr) == (2, True)

    with serving(tmp_path, *given, "--log-format", "none") as server:
        at = f"{server.url}/_emulator"
        for id in ("pets/list/all", "pets%2Flist%2Fall"):
            shown = requests.get(f"{at}/providers/shop/operations/{id}")
            assert shown.json()["operation"] == asked["operation"] == "pets/list/all"
            sample = requests.get(f"{at}/worlds/default/examples/shop/{id}")
            assert (sample.status_code, sample.json()["path"]) == (200, "/pets")
        missing = requests.get(f"{at}/providers/shop/operations/pets/list/al")
        assert missing.status_code == 404
        assert "did you mean 'pets/list/all'?" in missing.json()["detail"]
        refused = requests.post(f"{at}/providers/shop/operations/pets/list/all")
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")


def test_nothing_is_written_of_a_document_that_check_refuses(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(PETS.replace("Pets}", "Cats}").replace('Pets"}', 'Dogs"}'), "utf-8")
    given = ("init", "mine", "--into", str(tmp_path), "--openapi", str(path))

    refused = command(*given)
    assert refused.returncode != 0
    assert "ref-missing" in refused.stdout + refused.stderr
    refused = command(*given, "--lenient")
    assert (refused.returncode, "about archives here" in refused.stderr) == (2, True)
    assert not (tmp_path / "mine").exists()

    for cache in ("--cache", "--cache"):
        with serving(tmp_path, "--openapi", str(path), "--lenient", cache) as server:
            server.end(SIGTERM)
            assert "ignored: 1 part of the document" in server.printed()


def test_warnings_about_a_document_are_counted_at_start(tmp_path: Path) -> None:
    """From the cache as well: whoever serves it has not seen what `check` says."""
    path = tmp_path / "t.yaml"
    pets = PETS.replace("integer", "intger")
    more = pets[pets.index("  /pets:") : pets.index("components:")]
    more = more.replace("/pets", "/cats").replace("listPets", "listCats")
    path.write_text(pets.replace("components:", f"{more}components:"), "utf-8")
    listed = command("check", "--openapi", str(path))
    many = listed.stdout.count("warning[")
    assert many > 0

    for cache in ("--cache", "--cache"):
        with serving(tmp_path, "--openapi", str(path), cache) as server:
            server.end(SIGTERM)
            says = f"warnings: {many}, listed by emulator check --openapi {path}"
            assert says in server.printed()


def test_a_large_document_is_written_where_it_may_be_so_large(
    pets: Path, tmp_path: Path
) -> None:
    given = ("init", "mine", "--into", str(tmp_path), "--openapi", str(pets))
    size = pets.stat().st_size

    refused = command(*given, f"--openapi-bytes={size - 1}")
    assert (refused.returncode, "file-too-large" in refused.stderr) == (2, True)
    refused = command("init", "mine", f"--openapi-bytes={size}")
    assert (refused.returncode, "name it with --openapi" in refused.stderr) == (2, True)
    assert command(*given, f"--openapi-bytes={size}").returncode == 0


def test_init_says_what_it_was_not_sure_of(tmp_path: Path) -> None:
    """Each guess, and what was left out, with its reason; how many the others are."""
    path = tmp_path / "shop.yaml"
    path.write_text(
        """
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /payments:
    post:
      operationId: pay
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses:
        "201":
          description: It
          content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}
""",
        encoding="utf-8",
    )

    written = command("init", "mine", "--into", str(tmp_path), "--openapi", str(path))

    lines = written.stdout.splitlines()
    first = next(at for at, line in enumerate(lines) if "relied on" in line)
    assert [" ".join(line.split()) for line in lines[first : first + 4]] == [
        "Of the document, 2 conclusions can be relied on; look at these first:",
        "",
        "KIND WHERE WHY",
        "a guess collections /payments they have ids, and nothing reads one of them: created",
    ]
