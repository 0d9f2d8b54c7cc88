"""What agents and editors read first: `llms.txt`, and the schemas of specs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
import requests
import yaml
from asking import board_of

from emulator.admin.agents import guide
from emulator.compile.places import bundled
from emulator.server.run import running

TOKEN = "s3cret"
ROOT = Path(__file__).parents[2]
SOURCE = "https://github.com/provider-emulator/emulator"


@pytest.fixture
def url() -> Iterator[str]:
    """A server that asks for a token."""
    board = board_of(admin_token=TOKEN)
    with running(board, board.settings) as server:
        yield server.url


def test_every_address_of_the_text_is_there(url: str) -> None:
    """With the names of a world and a provider put in; the token opens them."""
    text = requests.get(f"{url}/_emulator/llms.txt").text
    found = re.findall(rf"\(({re.escape(url)}/[^)]*)\)", text)
    bearer = {"Authorization": f"Bearer {TOKEN}"}

    assert text.startswith("# emulator\n\n> ")
    assert len(found) > 6
    for address in found:
        reply = requests.get(address.replace("PROVIDER", "hooks"), headers=bearer)
        assert reply.status_code == 200, address


def test_every_page_that_the_text_leads_to_is_a_file() -> None:
    """Of this repository, on its main branch."""
    files = re.findall(rf"\({re.escape(SOURCE)}/blob/main/([^)]*)\)", guide("http://x"))

    assert len(files) > 5
    assert [file for file in files if not (ROOT / file).is_file()] == []


@pytest.mark.parametrize("name", ["behavior", "scenarios"])
def test_a_schema_has_an_address_that_needs_no_token(url: str, name: str) -> None:
    """It is a schema, and the bundled files pass it."""
    reply = requests.get(f"{url}/_emulator/schemas/{name}.json")
    other = requests.get(f"{url}/_emulator/schemas/{name}.schema.json")
    schema = reply.json()

    assert reply.status_code == 200
    assert schema == other.json()
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for file in bundled()[0].glob(f"*/{name}.yaml"):
        read = yaml.safe_load(file.read_text("utf-8"))
        written = json.loads(json.dumps(read, default=str))  # a date is a text
        assert [*validator.iter_errors(written)] == [], file


def test_a_schema_that_is_not_there_is_told(url: str) -> None:
    """With those that are."""
    reply = requests.get(f"{url}/_emulator/schemas/behaviour.json")

    assert reply.status_code == 404
    assert "did you mean 'behavior.json'?" in reply.json()["detail"]
