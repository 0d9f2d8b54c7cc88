"""Three emulators behind nginx, with deploy/nginx as it stands: each world is in one.

It runs where nginx is installed (Debian: `apt-get install nginx-light`), or where
EMULATOR_TEST_NGINX names the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jdk
import pytest
import requests
from behind import NGINX, ROOT, Behind, behind_nginx, small_provider

import emulator

pytestmark = pytest.mark.skipif(not NGINX, reason="there is no nginx here")

QUOTA = 6
WORLDS = 200


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("behind")
    small_provider(folder / "specs", quota=QUOTA)
    words = ("acme", "--specs", str(folder / "specs"), "--frozen")
    with behind_nginx(folder, 3, *words) as running:
        yield running


def worlds_of(url: str) -> set[str]:
    listed = requests.get(f"{url}/_emulator/worlds").json()["worlds"]
    return {world["id"] for world in listed} - {"default"}


def test_limits_of_200_worlds_are_exact(behind: Behind) -> None:
    """Whichever way a call names its world: six calls each, and then 429."""
    server = emulator.connect(behind.url)

    def spend(number: int) -> list[int]:
        world = server.world(None if number % 2 else f"test-{number}")
        acme = world.provider("acme")
        base = f"{behind.url}/acme{acme.url.partition('/acme')[2]}/tasks"
        own = acme.credentials["ann"].headers
        named = {"X-Emulator-World": world.id}
        ways: list[tuple[str, dict[str, str]]] = [
            (base, own),
            (base, {**own, **named}),
            (base.replace("/acme", f"/@{world.id}/acme", 1), own),
        ]
        with requests.Session() as session:
            return [
                session.get(url, headers=headers).status_code
                for _ in range(3)
                for url, headers in ways
            ]

    before = [worlds_of(url) for url in behind.processes]
    with ThreadPoolExecutor(8) as pool:
        spent = [*pool.map(spend, range(WORLDS))]
    after = [worlds_of(url) for url in behind.processes]
    made = [now - then for now, then in zip(after, before, strict=True)]

    assert spent == [[200] * QUOTA + [429] * (9 - QUOTA)] * WORLDS
    assert sum(map(len, made)) == len(set.union(*made)) == WORLDS
    assert min(map(len, made)) > WORLDS // 10


def test_forks_and_their_tokens_stay_where_their_world_is(behind: Behind) -> None:
    server = emulator.connect(behind.url)
    world = server.world("forked-7k")

    twins = [world.fork(), world.fork("other-7k"), world.fork().fork()]

    for twin in twins:
        acme = twin.provider("acme")
        url = f"{behind.url}/acme{acme.url.partition('/acme')[2]}/tasks"
        made = requests.post(
            url, json={"title": "a"}, headers=acme.credentials["ann"].headers
        )
        assert made.status_code == 201, made.text
        assert [call.operation for call in twin.journal] == ["createTask"]
    with pytest.raises(emulator.AdminRefused, match=r"call it elsewhere\.7k"):
        world.fork("elsewhere")
    holding = [url for url in behind.processes if "forked-7k" in worlds_of(url)]
    assert len(holding) == 1
    assert {twin.id for twin in twins} < worlds_of(holding[0])


def test_a_world_is_called_as_its_client_says(behind: Behind) -> None:
    """A proxy reads no bodies: the header has to say the same."""
    url, named = f"{behind.url}/_emulator/worlds", {"X-Emulator-World": "said-1"}

    def create(body: Any, headers: dict[str, str]) -> tuple[int, str]:
        reply = requests.post(url, json=body, headers=headers)
        return reply.status_code, reply.json().get("id", reply.json().get("detail", ""))

    assert create({}, named) == (201, "said-1")
    assert create({"id": "said-1"}, named)[0] == 409
    refused = create({"id": "said-2"}, {})
    assert refused[0] == 422
    assert "send its id as the header X-Emulator-World" in refused[1]
    status, id = create({}, {})
    assert (status, id[:2], len(id)) == (201, "w-", 34)


CLIENTS = ROOT / "docs" / "clients"
JAVA = ROOT / "tests" / "client_code" / "java"
SCRIPT = """
import { Emulator } from '%s';
const world = await new Emulator().world({ providers: ['acme'], id: 'node-7k' });
console.log((await world.ask('GET', '')).id);
"""


def ran(behind: Behind, *words: str) -> str:
    """What a client prints that is told where nginx is."""
    done = subprocess.run(
        words,
        env={**os.environ, "EMULATOR_URL": behind.url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def holding(behind: Behind, id: str) -> int:
    return sum(id in worlds_of(url) for url in behind.processes)


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
def test_the_client_for_javascript_names_its_world(behind: Behind) -> None:
    script = SCRIPT % (CLIENTS / "emulator.mjs").as_uri()

    assert ran(behind, "node", "--input-type=module", "-e", script) == "node-7k"
    assert holding(behind, "node-7k") == 1


@pytest.mark.skipif(shutil.which("javac") is None, reason="there is no JDK here")
def test_the_client_for_java_names_its_world(behind: Behind, tmp_path: Path) -> None:
    stubs = [str(file) for file in JAVA.glob("junit/**/*.java")]
    sources = [str(CLIENTS / "Emulator.java"), str(JAVA / "Named.java"), *stubs]

    assert ran(behind, *jdk.JAVAC, "-d", str(tmp_path), *sources) == ""
    assert ran(behind, *jdk.JAVA, "-cp", str(tmp_path), "Named", "java-7k") == "true"
    assert holding(behind, "java-7k") == 1


def test_what_nobody_named_is_in_one_place(behind: Behind) -> None:
    """Calls without a world and without a credential, and a delayed reply as it comes."""
    for _ in range(9):
        requests.get(f"{behind.url}/acme/v1/tasks")

    counts = [
        requests.get(f"{url}/_emulator/worlds/default").json()["journal"]["written"]
        for url in behind.processes
    ]
    assert sorted(counts)[:2] == [0, 0]
