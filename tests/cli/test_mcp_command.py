"""`emulator mcp`: an agent drives an emulator by the protocol's own client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from command import EMULATOR, ROOT, environment
from mcp import Client, StdioServerParameters, stdio_client
from remote import serving
from test_recipes import board_of_bundled

from emulator.cli.mcp_tools import DESTRUCTIVE, READING
from emulator.program.program import Program

Ask = Callable[..., Awaitable[str]]


def session(work: Callable[[Client, Ask], Awaitable[Any]], *words: str) -> Any:
    """What *work* gives, in a session with the installed command over stdio."""

    async def run() -> Any:
        server = StdioServerParameters(
            command=EMULATOR, args=["mcp", *words], env=environment(), cwd=str(ROOT)
        )
        async with Client(stdio_client(server)) as client:

            async def ask(tool: str, /, **given: Any) -> str:
                result = await client.call_tool(tool, given)
                (content,) = result.content
                text = str(getattr(content, "text", ""))
                return f"ERROR {text}" if result.is_error else text

            return await work(client, ask)

    return asyncio.run(asyncio.wait_for(run(), 60))


def test_an_agent_reproduces_a_refusal_and_sees_why() -> None:
    """With an emulator that the command starts: from the list of APIs to the recipe."""

    async def work(client: Client, ask: Ask) -> None:
        listed = json.loads(await ask("list_providers"))
        assert [each["name"] for each in listed] == ["jobriver"]
        ids = {
            r["operation"]
            for r in json.loads(await ask("list_operations", provider="jobriver"))
        }
        assert "listJobs" in ids
        explained = await ask(
            "explain_operation", provider="jobriver", operation="listJobs"
        )
        assert "rate_limit" in explained
        names = [
            s["name"]
            for s in json.loads(await ask("list_scenarios", provider="jobriver"))
        ]
        assert "rate_limited" in names
        assert "full" in await ask("list_credentials", provider="jobriver")

        await ask("move_clock", freeze=True)
        said = await ask("apply_scenario", provider="jobriver", scenario="rate_limited")
        assert said.startswith("The key `full` has spent the quota")
        call = {
            "provider": "jobriver",
            "method": "get",
            "path": "/jobs?per_page=1",
            "credential": "full",
        }
        assert json.loads(await ask("make_call", **call))["status"] == 429
        assert "x rate_limit" in await ask("explain_call")
        fork = json.loads(await ask("fork_world", id="later"))
        assert fork["base_urls"]["jobriver"].endswith("/@later/jobriver/api/v1")
        await ask("move_clock", advance="61s", world="later")
        assert (
            json.loads(await ask("make_call", **call, world="later"))["status"] == 200
        )
        assert json.loads(await ask("make_call", **call))["status"] == 429
        assert "#2" in await ask("read_journal", status="4xx")
        assert (await ask("read_journal", status="5xx")) == "no calls"
        assert (await ask("verify_calls", operation="listJobs", times=2)).startswith(
            "passed: True"
        )
        assert (await ask("recipe")).startswith("#!/bin/sh\n")
        assert (await ask("delete_world", world="later")) == "later: it is gone"
        rule = {
            "provider": "jobriver",
            "operation": "createJob",
            "status": 503,
            "calls": "1",
        }
        assert json.loads(await ask("add_fault", **rule))["calls"] == "1"
        job = json.dumps({"title": "Backend Developer"})
        created = await ask(
            "make_call",
            provider="jobriver",
            method="POST",
            path="/jobs",
            credential="full",
            body=job,
        )
        assert json.loads(created)["status"] == 503
        assert (await ask("clear_faults")) == "nothing goes wrong any more"
        assert json.loads(await ask("reset_world"))["journal"]["kept"] == 0
        assert '"frozen": true' in await ask(
            "create_world", id="new", frozen_at="2026-03-02T10:00:00Z"
        )
        assert json.loads(await ask("show_world", world="new"))["id"] == "new"

    session(work, "jobriver")


def test_each_tool_says_what_it_does_and_each_mistake_what_to_do() -> None:
    """An agent reads both; and which tools it may use without asking."""

    async def work(client: Client, ask: Ask) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert all("  " not in (tool.description or "  ") for tool in tools.values())
        hints = {name: tool.annotations for name, tool in tools.items()}
        assert {
            name for name, hint in hints.items() if hint and hint.read_only_hint
        } == (READING)
        assert {*tools} - READING > DESTRUCTIVE
        assert "move_clock: say advance, to, to_next_event" in await ask("move_clock")
        wrong = await ask("apply_scenario", provider="jobriver", scenario="ratelimited")
        assert wrong.startswith("ERROR ")
        assert "did you mean 'rate_limited'?" in wrong
        assert "there is no world 'nowhere'" in await ask("show_world", world="nowhere")
        assert (await ask("explain_call")) == "no calls"
        schemas = [tool.input_schema for tool in tools.values()]
        assert not any(schema["additionalProperties"] for schema in schemas)
        operation = {"provider": "jobriver", "method": "GET", "path": "/jobs"}
        assert [
            await ask("make_call", **operation, credentials="full"),
            await ask("list_provider"),
            await ask("list_providers", world="default"),
            await ask("list_operations"),
            await ask("delete_world", world=""),
            await ask("make_call", **operation, headers={"Accept": 1}),
        ] == [
            "ERROR make_call takes no 'credentials': did you mean 'credential'?",
            "ERROR there is no tool 'list_provider': did you mean 'list_providers'?",
            "ERROR list_providers takes no 'world': it takes none",
            "ERROR list_operations: 'provider' is missing",
            "ERROR delete_world: 'world' is empty",
            "ERROR make_call: 'headers.Accept': Input should be a valid string",
        ]
        assert "less than the minimum of 0" in await ask("verify_calls", times=-1)
        assert "less than the minimum of 500" in await ask(
            "add_fault", provider="jobriver", status=0
        )
        assert "has no exchange '0'" in await ask("explain_call", exchange=0)

    session(work, "jobriver")


def test_a_tool_takes_what_agents_guess() -> None:
    """A path of the list, without its slash, or as an address; a body that is JSON."""

    async def work(client: Client, ask: Ask) -> None:
        said = client.instructions or ""
        assert "tools that are given none mean `default`" in said
        one = {"provider": "jobriver"}
        listed = json.loads(await ask("list_operations", **one, search="LIST jobs"))
        assert [(row["operation"], row["path"]) for row in listed] == [
            ("listJobs", "/jobs")
        ]
        (provider,) = json.loads(await ask("list_providers"))
        for path in ("/jobs", "jobs?per_page=100", f"{provider['base_url']}/jobs"):
            get = {"method": "GET", "path": path, "credential": "full"}
            reply = json.loads(await ask("make_call", **one, **get))
            assert reply["status"] == 200
            assert len(reply["body"]) < 20_100
        post = {"method": "POST", "path": "/jobs", "credential": "full"}
        reply = json.loads(await ask("make_call", **one, **post, body={"title": 3}))
        assert "Title must be a string" in reply["body"]
        applied = await ask("apply_scenario", **one, scenario="jobriver/rate_limited")
        assert not applied.startswith("ERROR")

    session(work, "jobriver")


def test_an_agent_drives_a_server_that_runs(programs: dict[str, Program]) -> None:
    """The one at the address, in the world that is named."""
    with serving(board_of_bundled(programs)) as remote:
        remote.shown("worlds", "create", "mine")

        async def work(client: Client, ask: Ask) -> str:
            return await ask(
                "apply_scenario", provider="jobriver", scenario="rate_limited"
            )

        session(work, "--url", remote.server.url, "--world", "mine")

        assert remote.json("worlds", "show", "mine")["scenarios"] == [
            "jobriver/rate_limited"
        ]
        assert remote.json("worlds", "show")["scenarios"] == []


def test_a_server_that_is_not_there_is_told_to_the_agent() -> None:
    """In the reply of the tool."""

    async def work(client: Client, ask: Ask) -> str:
        return await ask("list_providers")

    said = session(work, "--url", "http://127.0.0.1:9")

    assert "no emulator answers at http://127.0.0.1:9" in said
