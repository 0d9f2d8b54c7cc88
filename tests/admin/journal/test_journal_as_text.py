"""A journal as plain text, and verdicts by their status: for clients without a library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from asking import board_of

from emulator.server.run import running


@pytest.fixture
def world() -> Iterator[str]:
    """The address of a world whose provider was called once."""
    board = board_of()
    with running(board, board.settings) as server:
        requests.post(f"{server.url}/hooks/v1/parcels", json={"to": "Rom"})
        yield f"{server.url}/_emulator/worlds/default"


def test_all_exchanges_are_explained_in_one_text(world: str) -> None:
    """What `journal show` prints of each, with an empty line between."""
    requests.get(world.replace("_emulator/worlds/default", "hooks/v1/nothing"))
    texts = [requests.get(f"{world}/journal/{id}").json()["explained"] for id in (1, 2)]

    whole = requests.get(f"{world}/journal?format=text")
    single = requests.get(f"{world}/journal/2?format=text")

    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert whole.text == "\n\n".join(texts) + "\n"
    assert single.text == texts[1] + "\n"
    assert requests.get(f"{world}/journal?format=xml").status_code == 422


def test_a_strict_question_is_answered_by_its_status(world: str) -> None:
    """409 with the whole verdict, where a 200 would say `passed: false`."""
    address = f"{world}/journal/verify?strict=true"
    good = requests.post(address, json={"method": "POST"})
    bad = requests.post(address, json={"method": "DELETE"})
    mild = requests.post(address.partition("?")[0], json={"method": "DELETE"})

    assert (good.status_code, good.json()["passed"]) == (200, True)
    assert (mild.status_code, bad.status_code) == (200, 409)
    problem = bad.json()
    assert problem["title"] == "not as expected"
    assert problem["detail"] == mild.json()["message"]
    assert (problem["passed"], problem["count"]) == (False, 0)


def test_a_credential_is_had_alone(world: str) -> None:
    """As text it is its value, for a client that reads no JSON."""
    address = world.replace("hooks", "press") + "/credentials/press"
    held = requests.get(address).json()

    for credential in held:
        alone = requests.get(f"{address}/{credential['name']}")
        text = requests.get(f"{address}/{credential['name']}?format=text")
        assert alone.json() == credential
        assert text.text == f"{credential['value']}\n"
    missing = requests.get(f"{address}/nobody")
    assert missing.status_code == 404
    assert "there is no credential 'nobody': use one of" in missing.json()["detail"]
