"""Clients that wait as long as they are told, against every provider that tells them."""

from __future__ import annotations

import subprocess
from shutil import which

import pytest
import urllib3

from emulator.engine.dispatcher import Dispatcher
from emulator.engine.scenarios import apply
from emulator.program.credentials import credentials
from emulator.program.example import example
from emulator.program.program import Program
from emulator.server.run import running
from emulator.settings import Settings
from emulator.times import micros
from emulator.world.clock import Clock
from emulator.world.world import World

START = 1_772_445_600.0
"""2026-03-02T10:00:00Z, the beginning of a minute."""
RETRY = urllib3.Retry(
    total=2, status_forcelist=[429], backoff_factor=0, allowed_methods=None
)
LOOP = """
const jobs = [];
let page = 1, last = 1;
do {
  const response = await fetch(`${process.argv[1]}/vacancies?page=${page}&per_page=7`, {
    headers: { Authorization: `Bearer ${process.argv[2]}`, Accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  const { data, meta } = await response.json();
  jobs.push(...data.map((one) => one.id));
  last = meta.last_page;
  page += 1;
} while (page <= last);
console.log(JSON.stringify({ read: jobs.length, different: new Set(jobs).size, last }));
"""


@pytest.mark.parametrize(
    "name", ["jobriver", "jobspace", "jobsphere", "jobspikr", "recruitsome"]
)
def test_urllib3_obeys_retry_after(programs: dict[str, Program], name: str) -> None:
    """The quota is spent, the header says one second, and the next try gets through."""
    program = programs[name]
    settings = Settings(port=0, log_format="none")
    world = World(clock=Clock(micros(START), frozen=True))
    apply(program.scenarios["rate_limited"], program, world)
    world.clock.advance(59)
    shown = example(program)
    assert shown is not None
    full = next(
        credential
        for credential in credentials(program)
        if credential["name"] == "full"
    )
    headers = {**full["headers"], "Content-Type": "application/json"}
    with (
        running(Dispatcher(programs, world, settings), settings) as server,
        urllib3.PoolManager(headers=headers) as pool,
    ):
        method, path = shown.method, shown.path
        url = f"{server.url}/{name}{program.base_path}{path}"
        world.clock.resume()

        reply = pool.request(method, url, json=shown.body, retries=RETRY)

    assert reply.status == 200, reply.data
    assert reply.retries is not None
    assert [one.status for one in reply.retries.history] == [429]


@pytest.mark.skipif(which("node") is None, reason="Node.js is not installed")
def test_a_loop_over_the_pages_reads_every_vacancy_once(
    programs: dict[str, Program],
) -> None:
    """JavaScript that asks for the next page until `meta.last_page` (RecruitSome, [primary])."""
    program = programs["recruitsome"]
    settings = Settings(port=0, log_format="none")
    board = Dispatcher(
        programs, World(clock=Clock(micros(START), frozen=True)), settings
    )
    full = next(
        credential
        for credential in credentials(program)
        if credential["name"] == "full"
    )
    with running(board, settings) as server:
        url = f"{server.url}/recruitsome{program.base_path}"
        ran = subprocess.run(
            ["node", "--input-type=module", "-e", LOOP, url, full["value"]],
            capture_output=True,
            text=True,
            timeout=30,
        )

    assert ran.stderr == ""
    assert ran.stdout == '{"read":38,"different":38,"last":6}\n'
