"""MCP: the admin API as tools for agents, by the Model Context Protocol."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from emulator.cli.connection import Server, reaching
from emulator.cli.errors import OneLineCommand, Trouble
from emulator.cli.options import LOADING, options, settings_of
from emulator.version import __version__

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from emulator.client.admin_client import AdminClient

_INSTRUCTIONS = (
    "Emulates HTTP APIs (providers) for testing clients. Point the client at the base URL"
    " of a provider, put its world into a situation (apply_scenario, add_fault,"
    " move_clock), and see why each call was answered as it was (explain_call)."
    " A world is an isolated sandbox; tools that are given none mean `{world}`."
    " Nothing leaves this machine."
)


@click.command(cls=OneLineCommand)
@click.argument("names", nargs=-1, metavar="[PROVIDER]...")
@click.option("--http", "port", type=int, metavar="PORT", help="serve HTTP, at /mcp")
@options((*LOADING, "hooks"))
@reaching(as_json=False)
def mcp(server: Server, names: tuple[str, ...], port: int | None, **flags: Any) -> None:
    """Give agents tools to drive an emulator, over stdin and stdout.

    The one at --url; without an address, one of its own, with each PROVIDER or all.
    """
    try:
        from mcp.server.mcpserver import MCPServer
    except ImportError:
        fix = "pip install 'provider-emulator[mcp]'"
        raise Trouble(f"the package mcp is not installed: {fix}") from None
    with ExitStack() as opened:
        given = click.get_current_context().meta.get("--url")
        admin: AdminClient = server.admin
        if not (given or os.environ.get("EMULATOR_URL", "").strip()):
            from emulator.client.emulator import start

            settings = settings_of({**flags, "providers": names, "log_format": "none"})
            started = opened.enter_context(start(settings=settings, port=0))
            admin = started.admin
        says = _INSTRUCTIONS.format(world=server.world)
        tools = MCPServer(
            "emulator",
            instructions=f"{says} The emulator is at {admin.url}.",
            version=__version__,
            log_level="WARNING",  # an agent is told itself what it has got wrong
        )
        _add_tools(tools, admin, server.world)
        if port is None:
            tools.run("stdio")
        else:
            tools.run("streamable-http", port=port)


def _add_tools(server: MCPServer, admin: AdminClient, world: str) -> None:
    from mcp.types import ToolAnnotations

    from emulator.cli.mcp_tools import DESTRUCTIVE, READING, Tools

    for name, tool in inspect.getmembers(Tools(admin, world), inspect.ismethod):
        if name.startswith("_"):
            continue
        hints = ToolAnnotations(
            read_only_hint=name in READING,
            destructive_hint=name in DESTRUCTIVE,
            open_world_hint=False,
        )
        server.tool(
            name,
            description=inspect.getdoc(tool),
            annotations=hints,
            structured_output=False,
        )(_told(tool))


def _told(tool: Callable[..., str]) -> Callable[..., str]:
    """*tool*, which tells an agent why something is refused, and what to do."""
    from mcp.server.mcpserver.exceptions import ToolError

    from emulator.cli.mcp_tools import Unusable
    from emulator.client.admin_client import AdminRefused, NoServer

    @wraps(tool)
    def told(*args: Any, **given: Any) -> str:
        try:
            return tool(*args, **given)
        except (AdminRefused, NoServer, Unusable) as error:
            raise ToolError(str(error)) from None

    return told
