"""`--spread`: what a world gives out says which process has it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from behind import DEPLOY
from hypothesis import given
from hypothesis import strategies as st

import emulator
from emulator.settings import Settings
from emulator.world.whereabouts import Ending, ending_of, tail_of
from emulator.world.world import World

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True)
ALPHABETS = st.sampled_from(
    [
        "0123456789",
        "0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyz",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ]
)


def maps() -> dict[str, list[tuple[str, int]]]:
    """The patterns of deploy/nginx that read an ending, in order."""
    text = (DEPLOY / "maps.conf").read_text()
    return {
        name: [
            (pattern, int(place))
            for pattern, place in re.findall(r'"~(\S+)" (\d);', body)
        ]
        for name, body in re.findall(
            r"map \$emulator_key \$emulator_(last|before) \{(.*?)\}", text, re.DOTALL
        )
    }


MAPS = maps()


def as_nginx_reads(key: str) -> Ending:
    def place(name: str) -> int:
        patterns = MAPS[name]
        return next((to for one, to in patterns if re.search(one, key)), 0)

    return Ending(place("before"), place("last"))


@given(IDS)
def test_nginx_reads_what_we_write(id: str) -> None:
    assert as_nginx_reads(id) == ending_of(id) == ending_of(tail_of(id))


@given(IDS, ALPHABETS, st.data())
def test_a_token_ends_as_its_world_does(id: str, alphabet: str, data: Any) -> None:
    """In the same alphabet, and as long as it was."""
    token = data.draw(st.text(alphabet, min_size=12, max_size=40))

    placed = ending_of(id).put(token, alphabet)

    if sum(letter.isalnum() for letter in token) >= 2:
        assert ending_of(placed) == as_nginx_reads(placed) == ending_of(id)
    assert len(placed) == len(token)
    assert {*placed} <= {*alphabet}


def settings(**more: Any) -> Settings:
    return Settings(spread=True, log_format="none", frozen=True, **more)


def test_the_credentials_of_a_world_end_as_its_id_does() -> None:
    """But for those that are not a world's own by their letters, such as e-mail."""
    with emulator.start(settings=settings()) as server:
        for id in ("a", "test-login", "w-0f7e", "X.9"):
            with server.world(id) as world:
                made = {
                    (name, credential.name): credential.value
                    for name in server.providers
                    for credential in world.provider(name).credentials.values()
                }
            astray = {
                place: value
                for place, value in made.items()
                if ending_of(value) != ending_of(id)
            }
            # A client's short id comes with a secret, and is no world's own.
            assert {
                value
                for value in astray.values()
                if "@" not in value and len(value) > 2
            } == set()


def test_a_fork_and_what_is_restored_end_alike() -> None:
    with emulator.start(["jobriver"], settings=settings()) as server:
        world = server.world("first-q7")
        twin = world.fork()
        saved = world.snapshot()
        other = server.world("second-ab")
        other.restore(saved)

        for one in (world, twin, other):
            key = one.provider("jobriver").credentials["full"].value
            assert ending_of(key) == ending_of(one.id)
        assert ending_of(twin.id) == ending_of(world.id)
        with pytest.raises(emulator.AdminRefused, match=r"call it far\.q7"):
            world.fork("far")


def test_a_process_alone_asks_for_the_name_of_a_world() -> None:
    """A proxy would have named it; without one, its client has to."""
    with (
        emulator.start(["jobriver"], settings=settings()) as server,
        pytest.raises(emulator.AdminRefused, match="send its id as the header"),
    ):
        server.world()


def test_without_it_secrets_are_what_they_were() -> None:
    with emulator.start(["jobriver"]) as server, server.world("w-1") as world:
        key = world.provider("jobriver").credentials["full"].value

    assert key == "jrv_" + key[4:]
    assert len(key) == 44


def test_what_a_world_gives_out_ends_alike() -> None:
    """Tokens of an endpoint, too; a reset begins with the same ones."""
    world = World("shop-7k", ending=ending_of("shop-7k"))

    given = [world.secrets.token(20, "0123456789abcdef") for _ in range(50)]
    world.reset()
    again = [world.secrets.fork().token(20, "0123456789abcdef") for _ in range(2)]

    assert {ending_of(token) for token in given} == {ending_of("shop-7k")}
    assert len({*given}) == 50
    assert again == [given[0]] * 2
