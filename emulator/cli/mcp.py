"""MCP: the admin API as tools for agents, by the Model Context Protocol."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from emulator.cli.connection import Server, reaching
from emulator.cli.errors import OneLineCommand, Trouble
from emulator.cli.options import LOADING, options, settings_of
from emulator.version import __version__

if TYPE_CHECKING:
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
        import mcp.server  # noqa: F401 (the extra is there)
    except ImportError:
        fix = "pip install 'provider-emulator[mcp]'"
        raise Trouble(f"the package mcp is not installed: {fix}") from None
    from emulator.cli.mcp_server import ToolServer
    from emulator.cli.mcp_tools import Tools

    with ExitStack() as opened:
        given = click.get_current_context().meta.get("--url")
        admin: AdminClient = server.admin
        if not (given or os.environ.get("EMULATOR_URL", "").strip()):
            from emulator.client.emulator import start

            settings = settings_of({**flags, "providers": names, "log_format": "none"})
            started = opened.enter_context(start(settings=settings, port=0))
            admin = started.admin
        says = _INSTRUCTIONS.format(world=server.world)
        tools = ToolServer(
            Tools(admin, server.world),
            instructions=f"{says} The emulator is at {admin.url}.",
            version=__version__,
            log_level="WARNING",  # an agent is told itself what it has got wrong
        )
        if port is None:
            tools.run("stdio")
        else:
            tools.run("streamable-http", port=port)
