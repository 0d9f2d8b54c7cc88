"""MCP server: the tools of `mcp_tools`, whose arguments are taken by their names alone.

The SDK ignores an argument that no tool has; here it is refused with the name that is
near, and the schemas that an agent reads say so beforehand.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import ValidationError

from emulator.cli.mcp_tools import DESTRUCTIVE, READING, Tools, Unusable
from emulator.client.admin_client import AdminRefused, NoServer
from emulator.diagnostics import did_you_mean

if TYPE_CHECKING:
    from mcp.types import CallToolResult, InputRequiredResult, Tool


class ToolServer(MCPServer):
    """Offers *tools* to an agent, and tells it what it has got wrong."""

    def __init__(self, tools: Tools, **about: Any) -> None:
        super().__init__("emulator", **about)
        self._parameters: dict[str, Mapping[str, inspect.Parameter]] = {}
        for name, tool in inspect.getmembers(tools, inspect.ismethod):
            if not name.startswith("_"):
                self._offer(name, tool)

    def _offer(self, name: str, tool: Callable[..., str]) -> None:
        hints = ToolAnnotations(
            read_only_hint=name in READING,
            destructive_hint=name in DESTRUCTIVE,
            open_world_hint=False,
        )
        self._parameters[name] = inspect.signature(tool).parameters
        self.add_tool(
            _with_reasons(tool),
            name,
            description=inspect.getdoc(tool),
            annotations=hints,
            structured_output=False,
        )

    async def list_tools(self) -> list[Tool]:
        """The tools, whose schemas say that they take nothing else."""
        tools = await super().list_tools()
        for tool in tools:
            tool.input_schema = {**tool.input_schema, "additionalProperties": False}
        return tools

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Raises `ToolError` that says what is wrong and what is right."""
        parameters = self._parameters.get(name)
        if parameters is None:
            fix = did_you_mean(name[:64], self._parameters)
            raise ToolError(f"there is no tool {name[:64]!r}: {fix}")
        for argument, value in arguments.items():
            if argument not in parameters:
                raise ToolError(_unknown(name, argument[:64], parameters))
            if value == "" and parameters[argument].default is inspect.Parameter.empty:
                raise ToolError(f"{name}: {argument!r} is empty")
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if isinstance(error.__cause__, ValidationError):
                raise ToolError(_unfit(name, error.__cause__)) from error.__cause__
            raise


def _unknown(tool: str, argument: str, parameters: Iterable[str]) -> str:
    known = [*parameters]
    fix = did_you_mean(argument, known) if known else "it takes none"
    return f"{tool} takes no {argument!r}: {fix}"


def _unfit(tool: str, error: ValidationError) -> str:
    """What is wrong with each argument, in a line."""
    says = [
        f"{detail['loc'][0]!r} is missing"
        if detail["type"] == "missing"
        else f"{'.'.join(map(str, detail['loc']))!r}: {detail['msg']}"
        for detail in error.errors(include_url=False, include_input=False)
    ]
    return f"{tool}: {'; '.join(dict.fromkeys(says))}"


def _with_reasons(tool: Callable[..., str]) -> Callable[..., str]:
    """*tool*, which tells an agent why something is refused, and what to do."""

    @wraps(tool)
    def call(*args: Any, **given: Any) -> str:
        try:
            return tool(*args, **given)
        except (AdminRefused, NoServer, Unusable) as error:
            raise ToolError(str(error)) from None

    return call
