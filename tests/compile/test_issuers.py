"""Issuers: a provider that takes the tokens of another one, by its keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from front_door import Api

from emulator.compile.load import files_of, load
from emulator.compile.places import Place
from emulator.diagnostics import SpecError
from emulator.engine.dispatcher import Dispatcher
from emulator.engine.reload import reload
from emulator.settings import Settings
from emulator.spec.cache import Cache
from emulator.world.world import World

ERRORS = {"default": {"body": {"error": "${refused}"}}}
SAYS = {"responses": {"200": {"description": ".", "content": {"application/json": {}}}}}


def issuer(**keys: Any) -> dict[str, Any]:
    token = "${jwt({'iss': 'https://issuer.example', 'sub': 'ada', 'exp': epoch(now) + 3600}, 'signing')}"
    return {
        "openapi": {"paths": {"/token": {"post": {"operationId": "issue", **SAYS}}}},
        "behavior": {
            "keys": {"signing": {"kind": "ec", "keep": 1, **keys}},
            "operations": {"issue": {"reply": {"body": {"token": token}}}},
        },
    }


def resource(**keys: Any) -> dict[str, Any]:
    scheme = {"Bearer": {"type": "http", "scheme": "bearer"}}
    named = {"provider": "issuer", **keys}
    jwt = {
        "keys": named,
        "issuer": "https://issuer.example",
        "claims": {"sub": "${id}"},
    }
    own = {"operationId": "look", "security": [{"Bearer": []}], **SAYS}
    return {
        "openapi": {"paths": {"/me": {"get": own}}, "components": {"securitySchemes": scheme}},
        "behavior": {
            "authentication": {"schemes": {"Bearer": {"credentials": "people", "jwt": jwt}}},
            "collections": {"people": {}},
            "operations": {"look": {"reply": {"body": {"who": "${caller.claims.sub}"}}}},
        },
    }  # fmt: skip


def written(folder: Path, name: str, spec: dict[str, Any]) -> Place:
    place = folder / name
    (place / "fixtures").mkdir(parents=True, exist_ok=True)
    if name == "resource":
        (place / "fixtures" / "people.yaml").write_text("[{id: ada}]")
    openapi = {"openapi": "3.1.0", "info": {"title": name, "version": "1"}}
    behavior = {"spec": 1, "provider": name, "errors": ERRORS, "assumed": ["provider"]}
    for file, tree in (("openapi", openapi), ("behavior", behavior)):
        (place / f"{file}.yaml").write_text(json.dumps({**tree, **spec[file]}))
    return Place(place, place / "fixtures")


def both(folder: Path) -> tuple[Api, Any]:
    places = [
        written(folder, "issuer", issuer()),
        written(folder, "resource", resource()),
    ]
    programs = {place.name: load(place) for place in places}
    settings = Settings(log_format="none")
    api = Api(
        programs["resource"], Dispatcher(programs, World(), settings), "/resource"
    )

    def look(token: str, world: str | None = None) -> Any:
        own = {"X-Emulator-World": world} if world else {}
        headers = {"Authorization": f"Bearer {token}", **own}
        reply = api.get("/me", None, headers=headers).json()
        return reply.get("who") or reply["error"]

    return api, look


def token(api: Api, world: str | None = None) -> str:
    own = {"X-Emulator-World": world} if world else {}
    made: str = api.client.post("/issuer/token", headers=own).json()["token"]
    return made


def test_a_token_of_another_provider_is_good_until_its_keys_are_gone(
    tmp_path: Path,
) -> None:
    api, look = both(tmp_path)
    text = token(api)

    assert look(text) == "ada"
    api.world.keys.rotate("issuer", "signing")
    assert look(text) == look(token(api)) == "ada"
    api.world.keys.rotate("issuer", "signing")
    assert look(text) == "credential_unknown"
    listed = api.board.worlds.credentials(api.world, "resource")
    assert {each["name"]: look(each["value"]) for each in listed} == {
        "ada": "ada",
        "expired": "credential_expired", "not_yet_valid": "credential_not_yet_valid",
        "wrong_issuer": "issuer_wrong", "unknown": "credential_unknown",
    }  # fmt: skip


def test_a_token_finds_the_world_that_gave_it_out(tmp_path: Path) -> None:
    """Its keys are those of that world, and of what is made from it."""
    api, look = both(tmp_path)
    worlds = api.board.worlds
    other = worlds.create("other")
    text = token(api, "other")

    assert look(text) == "ada"
    fork = worlds.fork(other, "fork")
    other.keys.rotate("issuer", "signing")
    other.keys.rotate("issuer", "signing")
    assert look(text, fork.id) == "ada"
    assert look(text, "other") == "credential_unknown"


def test_a_change_of_the_keys_is_one_of_both_providers(tmp_path: Path) -> None:
    """What was remembered is not taken, and who watches the files is told."""
    api, look = both(tmp_path)
    place, cache = Place(tmp_path / "resource", tmp_path), Cache(tmp_path / "cache")
    load(place, cache)
    assert tmp_path / "issuer" / "behavior.yaml" in [*files_of(place)]

    reload(api.board, load(written(tmp_path, "issuer", issuer(kind="rsa"))))
    assert look(token(api)) == "credential_unknown"
    reload(api.board, load(place, cache))
    assert look(token(api)) == "ada"


@pytest.mark.parametrize(
    ("keys", "code", "said"),
    [
        ({"provider": "isuer"}, "unknown-provider", "did you mean 'issuer'?"),
        ({"provider": "resource"}, "unknown-provider", "write the name of the keys alone"),
        ({"provider": "broken"}, "unknown-provider", "see what `emulator check broken` says"),
        ({"name": "singing"}, "unknown-signing-key", "use one of: signing"),
        ({"provider": "two"}, "unknown-signing-key", "add `name:`, one of them"),
        ({"provider": "../issuer"}, "wrong-form", ""),
        ({"kind": "ec"}, "unknown-key", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_issuer_is_told(
    tmp_path: Path, keys: dict[str, str], code: str, said: str
) -> None:
    written(tmp_path, "issuer", issuer())
    two = issuer()
    two["behavior"]["keys"]["other"] = {"kind": "rsa"}
    written(tmp_path, "two", two)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "behavior.yaml").write_text("[")

    with pytest.raises(SpecError) as caught:
        load(written(tmp_path, "resource", resource(**keys)))

    told = [each for each in caught.value.diagnostics if each.code == code]
    assert [said in each.fix for each in told] == [True]
