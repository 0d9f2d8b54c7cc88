"""JSON Web Tokens: `jwt` and `jwks`, and the keys that they are made with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import small

from emulator.diagnostics import SpecError
from emulator.program.keys import ALGORITHMS, KeyPolicy
from emulator.world.clock import Clock
from emulator.world.key_pairs import key_pair
from emulator.world.world import World

DAY = 86_400
CASES = [(kind, bits) for kind, sizes in ALGORITHMS.items() for bits in sizes]
QUICK = [(kind, bits) for kind, bits in CASES if bits < 3_000]


def get(id: str) -> Any:
    return {"get": {"operationId": id, "responses": {"200": {"description": "."}}}}


PATHS = {"/token": get("token"), "/keys": get("keys")}
CLAIMS = "${jwt({'sub': 'ada', 'exp': epoch(now) + 60}, 'signing')}"


def provider(folder: Path, signing: Any, **behavior: Any) -> Any:
    return small(
        folder,
        PATHS,
        {
            "token": {"reply": {"body": CLAIMS}},
            "keys": {"reply": {"body": "${jwks('signing')}"}},
        },
        keys={"signing": signing},
        **behavior,
    )


def policy(kind: str = "ec", bits: int = 256, **changes: Any) -> KeyPolicy:
    usual = {"rotate": 0, "keep": 1, "announce": False, "secret": ""}
    named = {"name": "signing", "provider": "small", "kind": kind, "bits": bits}
    return KeyPolicy(**{**named, **usual, **changes})


def kids(api: Any) -> list[str]:
    return [key["kid"] for key in api.get("/keys", None).json()["keys"]]


@pytest.mark.parametrize(("kind", "bits"), QUICK)
def test_a_verifier_takes_what_each_kind_of_key_signs(kind: str, bits: int) -> None:
    """PyJWT, with what it reads from the key set alone (RFC 7515, RFC 7517)."""
    keys, world = policy(kind, bits), World()
    token = keys.sign(world, {"sub": "ada"})

    if kind == "hmac":
        verifier: Any = keys.current(world).public
    else:
        verifier = jwt.PyJWKSet.from_dict(keys.jwks(world)).keys[0].key
    algorithm = ALGORITHMS[kind][bits]

    assert jwt.get_unverified_header(token) == {
        "alg": algorithm, "kid": keys.current(world).kid, "typ": "JWT",
    }  # fmt: skip
    claims = jwt.decode(token, verifier, algorithms=[algorithm])
    assert claims["sub"] == "ada"
    assert keys.read(world, token) == claims


@pytest.mark.parametrize(("kind", "bits"), QUICK)
def test_the_same_seed_gives_the_same_token_elsewhere(kind: str, bits: int) -> None:
    """In another process too, byte for byte."""
    world = World(clock=Clock(0, frozen=True))
    code = (
        "from emulator.program.keys import KeyPolicy; from emulator.world.world import *;"
        f"keys = KeyPolicy(**{vars(policy(kind, bits))!r});"
        "print(keys.sign(World(clock=Clock(0, frozen=True)), {'sub': 'ada'}))"
    )

    elsewhere = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert elsewhere.stdout.strip() == policy(kind, bits).sign(world, {"sub": "ada"})


def test_another_seed_gives_another_key() -> None:
    keys = policy()

    assert keys.jwks(World(seed=1)) != keys.jwks(World(seed=2))
    assert keys.jwks(World(seed=1)) == keys.jwks(World("w", seed=1))


@given(seed=st.text())
def test_every_seed_gives_keys_that_are_valid(seed: str) -> None:
    """The curves' orders and the bytes of Ed25519 leave no seed out."""
    for kind, bits in (("ec", 256), ("ec", 384), ("ec", 521), ("ed25519", 256)):
        assert key_pair.__wrapped__(kind, bits, seed) is not None  # type: ignore[attr-defined]


def test_an_rsa_key_is_one_that_a_library_would_make() -> None:
    """Of the size that is asked for, with the exponent that everybody has."""
    key: Any = key_pair("rsa", 2048, "seed")

    numbers = key.private_numbers()
    assert numbers.public_numbers.n.bit_length() == key.key_size == 2048
    assert numbers.public_numbers.e == 65_537
    assert numbers.p != numbers.q


def test_keys_are_rotated_on_the_worlds_clock(tmp_path: Path) -> None:
    """The one that signs comes first, then those that are kept; no others."""
    api = provider(tmp_path, {"kind": "ec", "rotate": "30d", "keep": 1})
    first = kids(api)

    api.clock.set(api.clock.now() + 30 * DAY * 1_000_000)
    second = kids(api)
    api.clock.set(api.clock.now() + 30 * DAY * 1_000_000)
    third = kids(api)

    assert len(first) == 1
    assert second[1:] == first
    assert third[1:] == second[:1]


def test_the_next_key_is_announced(tmp_path: Path) -> None:
    api = provider(tmp_path, {"kind": "ec", "announce": True})
    following, current = kids(api)

    api.world.keys.rotate("small", "signing")

    assert kids(api)[1:] == [following, current]
    token = api.get("/token", None).json()
    assert jwt.get_unverified_header(token)["kid"] == following


def test_forks_and_snapshots_have_the_keys_of_their_world(tmp_path: Path) -> None:
    """Rotations by hand included; what is rotated in a fork stays there."""
    api = provider(tmp_path, {"kind": "ec", "keep": 2})
    worlds = api.board.worlds
    world = worlds.create("one", seed=7)
    world.keys.rotate("small", "signing")
    keys = api.program.keys["signing"]
    before = keys.jwks(world)

    twin, other = worlds.fork(world, "two"), worlds.create("three", seed=8)
    worlds.restore(other, worlds.snapshot(world))
    assert keys.jwks(twin) == keys.jwks(other) == before

    twin.keys.rotate("small", "signing")
    assert keys.jwks(twin) != keys.jwks(world) == before
    worlds.reset(world)
    assert keys.jwks(world) != before


def test_a_token_is_like_no_other_worlds(tmp_path: Path) -> None:
    """At the same time, with the same seed: so a call that carries it finds its world."""
    api = provider(tmp_path, {"kind": "ec"})
    token = [
        api.get("/token", None, headers={"X-Emulator-World": world.id}).json()
        for world in (api.board.worlds.create(), api.board.worlds.create())
    ]

    assert token[0] != token[1]


def test_rotation_by_the_admin_api_and_a_scenario(tmp_path: Path) -> None:
    """Both do the same, and misspelt names are told."""
    api = provider(tmp_path, {"kind": "ec", "keep": 2})
    first = kids(api)
    path = "/_emulator/worlds/default/arrange/small"

    done = api.client.post(path, json={"arrange": [{"rotate": "signing"}]})
    wrong = api.client.post(path, json={"arrange": [{"rotate": "sining"}]})

    assert done.status_code == 204
    assert kids(api)[1:] == first
    assert wrong.status_code == 422
    assert "did you mean 'signing'?" in wrong.text


@pytest.mark.parametrize(
    ("signing", "says"),
    [
        ({"kind": "rsa", "bits": 1024}, "there are no rsa keys of 1024 bits here"),
        ({"kind": "ec", "rotate": "0s"}, "rotated after no time at all"),
        ({"kind": "ec", "secret": "x"}, "only keys of the kind hmac are a secret"),
        ({"kind": "hmac", "secret": "short"}, "fewer than 256 bits"),
        ({"kind": "hmac", "secret": "s" * 32, "rotate": "1d"}, "is never rotated"),
    ],
)
def test_a_key_that_cannot_be_is_told(tmp_path: Path, signing: Any, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        provider(tmp_path, signing)


@pytest.mark.parametrize(
    "claims", ["first(['ada'])", "{'sub': token(4096), 'x': token(4096)}"]
)
def test_claims_that_are_none_are_the_specs_mistake(
    tmp_path: Path, claims: str
) -> None:
    """A text, or more than a header may carry."""
    api = small(
        tmp_path,
        {"/token": get("token")},
        {"token": {"reply": {"body": f"${{jwt({claims}, 'signing')}}"}}},
        keys={"signing": {"kind": "ec"}},
    )

    reply = api.get("/token", None)

    assert reply.status_code == 500
    assert reply.json()["title"] == "spec error"
    assert "claims" in reply.json()["detail"]


def test_without_the_extra_a_provider_with_keys_is_refused(tmp_path: Path) -> None:
    """At load, with what to install; one without keys is served."""
    provider(tmp_path, {"kind": "ec"})
    code = (
        "import sys, importlib.util as u; real = u.find_spec;"
        "sys.modules['jwt'] = None;"
        "from pathlib import Path; from emulator.compile.load import load;"
        "from emulator.compile.places import Place;"
        f"place = Path({str(tmp_path / 'small')!r}); load(Place(place, place / 'fixtures'))"
    )

    ran = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True
    )

    assert "error[missing-extra]" in ran.stderr
    assert "pip install 'provider-emulator[jwt]'" in ran.stderr


def test_what_has_no_keys_imports_no_cryptography() -> None:
    code = (
        "import sys, json, emulator; server = emulator.start('jobriver');"
        "server.stop(); print(json.dumps([*sys.modules]))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )

    assert not {"jwt", "cryptography"} & {*json.loads(ran.stdout)}
