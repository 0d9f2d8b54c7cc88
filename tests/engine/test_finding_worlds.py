"""How a call finds its world (DESIGN.md, 5): header, prefix, credential, `default`."""

from __future__ import annotations

import orjson
import pytest
from many import Server

from emulator.program.program import Program

READ = {
    "jobriver": "/jobs",
    "jobsphere": "/jobs",
    "jobspace": "/jobs",
    "recruitsome": "/vacancies",
}
"""A call that needs a credential and changes nothing."""


@pytest.mark.parametrize("provider", ["jobriver", "jobsphere", "recruitsome"])
def test_a_credential_finds_the_world_that_minted_it(
    server: Server, provider: str
) -> None:
    """Clients and SDKs need no change: their key is enough."""
    one, other = server.create(), server.create()

    for world in (one, other):
        for credential in server.worlds.credentials(world, provider):
            server.call(provider, READ[provider], credential)

    many = len(server.worlds.credentials(one, provider))
    assert [len(each.journal) for each in server.worlds] == [0, many, many]
    assert {entry.world for entry in one.journal} == {one.id}
    assert {entry.world for entry in other.journal} == {other.id}


def test_every_state_of_a_credential_is_minted(server: Server) -> None:
    """The set of a world is that of the fixtures, and one that is unknown."""
    world = server.create()
    for provider in server.programs:
        own = server.worlds.credentials(world, provider)
        first = server.worlds.credentials(server.worlds.default, provider)
        assert [(one["name"], one["scheme"]) for one in own] == [
            (one["name"], one["scheme"]) for one in first
        ]
        assert own[-1]["state"] == "unknown"
        for mine, theirs in zip(own, first, strict=True):
            assert mine["headers"] != theirs["headers"]
            assert mine["headers"].keys() == theirs["headers"].keys()
            assert len(mine["value"]) >= len(theirs["value"])


def test_minted_credentials_have_the_providers_form(server: Server) -> None:
    """Prefix, alphabet and length are those of the fixtures."""
    world = server.create("form")

    key = server.credential(world, "jobriver")["value"]
    assert key.startswith("jrv_")
    assert len(key) == 44
    assert set(key[4:]) <= set("0123456789abcdef")
    assert server.credential(world, "jobsphere")["value"].startswith("jk_live_sk_")
    pair = server.credential(world, "jobspikr")["headers"]
    assert pair["client_id"].startswith("acme_jp_")
    assert len(pair["client_auth_key"]) == 43


def test_the_same_world_made_again_has_the_same_credentials(server: Server) -> None:
    """The same again tomorrow: what is minted follows from id and seed."""
    first = server.credential(server.create("mine"), "jobriver")
    server.worlds.delete(server.worlds["mine"])

    assert server.credential(server.create("mine"), "jobriver") == first
    server.worlds.delete(server.worlds["mine"])
    assert server.credential(server.create("mine", seed=1), "jobriver") != first


def test_an_unknown_credential_fails_in_its_own_world(server: Server) -> None:
    """Lockouts are tested with it, and lock nobody else out."""
    one, other = server.create(), server.create()
    unknown = server.credential(one, "jobriver", "unknown")

    statuses = [server.call("jobriver", "/jobs", unknown).status for _ in range(6)]

    assert statuses == [403] * 6
    assert [entry.refusal for entry in one.journal] == [
        *["credential_unknown"] * 5,
        "locked_out",
    ]
    fine = server.call("jobriver", "/jobs", server.credential(other, "jobriver"))
    assert fine.status == 200
    assert len(server.worlds.default.journal) == 0


def test_the_header_comes_before_all_else(server: Server) -> None:
    """`X-Emulator-World` decides, whatever prefix and credential say."""
    one, other, third = (server.create() for _ in range(3))
    credential = server.credential(one, "jobriver")

    reply = server.call(
        "jobriver",
        "/jobs",
        credential,
        headers={"X-Emulator-World": third.id},
        prefix=f"/@{other.id}",
    )

    assert reply.status == 403
    assert [len(each.journal) for each in (one, other, third)] == [0, 0, 1]


def test_a_prefix_names_the_world_and_stays_in_links(server: Server) -> None:
    """A client that lets only a base URL be set is sent on within its world."""
    world = server.create("blue")
    credential = server.credential(world, "jobspace")

    reply = server.call("jobspace", "/jobs", credential, prefix="/@blue")

    assert reply.status in (200, 404)
    assert len(world.journal) == 1
    created = server.call(
        "jobriver",
        "/jobs",
        server.credential(world, "jobriver"),
        prefix="/@blue",
    )
    assert created.status == 200


def test_a_call_without_a_credential_is_for_the_world_of_its_address(
    server: Server,
) -> None:
    world = server.create()

    with_prefix = server.call("jobriver", "/jobs", prefix=f"/@{world.id}")
    without = server.call("jobriver", "/jobs")

    assert (with_prefix.status, without.status) == (401, 401)
    assert len(world.journal) == 1
    assert len(server.worlds.default.journal) == 1


@pytest.mark.parametrize("id", ["..", "nobody", "a" * 10_000, "wörld", "%2e%2e"])
def test_a_world_that_is_not_there_is_a_problem(server: Server, id: str) -> None:
    reply = server.call("jobriver", "/jobs", prefix=f"/@{id}")

    assert reply.status == 404
    assert orjson.loads(reply.body)["title"] == "no such world"


def test_a_world_has_only_the_providers_that_it_was_made_with(server: Server) -> None:
    world = server.create("small", providers=frozenset(["jobriver"]))

    reply = server.call("jobsphere", "/jobs", prefix="/@small")

    assert reply.status == 404
    assert orjson.loads(reply.body) == {
        "type": "about:blank",
        "title": "not in this world",
        "status": 404,
        "detail": "the world 'small' was made without jobsphere; it has jobriver",
    }
    assert len(world.journal) == 0


@pytest.mark.parametrize("way", ["form", "json"])
def test_a_token_belongs_to_the_world_of_the_client_that_asked(
    server: Server, way: str
) -> None:
    """A token endpoint is called with the world's client, in the body or as Basic."""
    one, other = server.create(), server.create()
    full = server.credential(one, "jobspace")
    asked = {
        name: full[name]
        for name in ("client_id", "client_secret", "username", "password")
    }
    path = server.programs["jobspace"].operations["createToken"].path
    asked["grant_type"] = "password"
    sent = {"form": asked} if way == "form" else {"json": asked}

    reply = server.call("jobspace", path, method="POST", **sent)  # type: ignore[arg-type]

    assert reply.status == 200
    token = orjson.loads(reply.body)["access_token"]
    server.call("jobspace", "/jobs", {"headers": {"Authorization": f"Bearer {token}"}})
    assert [len(each.journal) for each in (one, other)] == [2, 0]
    assert len(server.worlds.default.journal) == 0


def test_two_worlds_never_give_out_the_same_token(server: Server) -> None:
    """The same seed makes all else the same, and no secret."""
    tokens = set()
    for world in (server.create(), server.create()):
        full = server.credential(world, "jobspace")
        asked = {
            name: full[name]
            for name in ("client_id", "client_secret", "username", "password")
        }
        path = server.programs["jobspace"].operations["createToken"].path
        reply = server.call(
            "jobspace", path, method="POST", form={**asked, "grant_type": "password"}
        )
        tokens.add(orjson.loads(reply.body)["access_token"])

    assert len(tokens) == 2


def test_a_world_that_made_room_is_not_mistaken_for_a_wrong_key(
    programs: dict[str, Program],
) -> None:
    """Its client is told in our voice, whether its secret comes in a header or a body."""
    server = Server(programs, worlds=2)
    world = server.create("first")
    keys = {name: server.credential(world, name) for name in READ}
    names = ("client_id", "client_secret", "username", "password")
    form = {name: keys["jobspace"][name] for name in names} | {"grant_type": "password"}
    token = programs["jobspace"].operations["createToken"].path
    got = server.call("jobspace", token, method="POST", form=form)
    assert got.status == 200
    given = {"headers": {"Authorization": f"Bearer {_token(got.body)}"}}
    server.create("second")

    replies = [
        *(server.call(name, READ[name], keys[name]) for name in READ),
        server.call("jobspace", READ["jobspace"], given),
        server.call("jobspace", token, method="POST", form=form),
    ]

    for reply in replies:
        told = orjson.loads(reply.body)
        assert (reply.status, told["title"]) == (404, "no such world")
        assert told["detail"].startswith(
            "the world 'first', whose credential this is, has made room for others"
        )
    assert not server.worlds.default.is_used
    assert server.call("jobriver", "/jobs", {"headers": {"X-API-Key": "x"}}).status == (
        403
    )


def test_a_world_that_made_room_may_come_back(programs: dict[str, Program]) -> None:
    """The same id and seed have the same secrets, which find it again."""
    server = Server(programs, worlds=2)
    key = server.credential(server.create("first"), "jobriver")
    server.create("second")
    assert server.call("jobriver", "/jobs", key).status == 404

    server.create("first")

    assert server.call("jobriver", "/jobs", key).status == 200


def test_a_world_that_was_deleted_leaves_nothing_behind(
    programs: dict[str, Program],
) -> None:
    """Whoever deletes a world knows: its key is one that nobody has."""
    server = Server(programs, worlds=2)
    world = server.create("first")
    key = server.credential(world, "jobriver")
    server.worlds.delete(world)

    assert server.call("jobriver", "/jobs", key).status == 403


def _token(body: bytes) -> str:
    return str(orjson.loads(body)["access_token"])
