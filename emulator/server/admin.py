"""Admin: the emulator's own addresses, under /_emulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route

import emulator
from emulator.exchange import Reply
from emulator.server.board import Board, Listed
from emulator.server.endpoint import encode
from emulator.server.problem import bug, problem

PREFIX = "/_emulator"


def routes() -> list[BaseRoute]:
    return [
        Route(f"{PREFIX}/health", _health),
        Route(f"{PREFIX}/ready", _ready),
        Route(f"{PREFIX}/version", _version),
        Route(f"{PREFIX}/providers", _providers),
        Route(f"{PREFIX}/providers/{{provider}}", _provider),
        Route(f"{PREFIX}/providers/{{provider}}/openapi.json", _openapi),
    ]


async def _health(_: Request) -> Response:
    return _json({"status": "ok"})


async def _ready(request: Request) -> Response:
    if request.app.ready:
        return _json({"status": "ready"})
    return response(problem(503, "not ready", "the server has not finished starting"))


async def _version(_: Request) -> Response:
    return _json({"name": "provider-emulator", "version": emulator.__version__})


async def _providers(request: Request) -> Response:
    board: Board = request.app.board
    shown = [_shown(request, program) for program in board.programs.values()]
    return _json({"providers": shown})


async def _provider(request: Request) -> Response:
    program = _find(request)
    operations = sorted(program.operations)
    return _json({**_shown(request, program), "operations": operations})


async def _openapi(request: Request) -> Response:
    program = _find(request)
    servers = [{"url": _base_url(request, program)}]
    return _json({**program.openapi, "servers": servers})


def _find(request: Request) -> Listed:
    board: Board = request.app.board
    name = request.path_params["provider"]
    if name not in board.programs:
        known = ", ".join(sorted(board.programs))
        raise HTTPException(404, f"no provider {name[:200]!r}; there are: {known}")
    return board.programs[name]


def _shown(request: Request, program: Listed) -> Mapping[str, Any]:
    return {
        "name": program.name,
        "title": program.title,
        "hosts": list(program.hosts),
        "base_url": _base_url(request, program),
        "openapi_url": f"{_origin(request)}{PREFIX}/providers/{program.name}/openapi.json",
    }


def _base_url(request: Request, program: Listed) -> str:
    return f"{_origin(request)}/{program.name}{program.base_path}"


def _origin(request: Request) -> str:
    """This server's address as the caller knows it; the guard has seen the Host."""
    base: str = request.app.settings.base_url
    return base.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def _json(value: Any) -> Response:
    import orjson

    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(value), 200, headers, "application/json")


def response(reply: Reply) -> Response:
    """*reply* as Starlette sends it."""
    headers, _ = encode(reply, "GET")
    made = Response(reply.body, reply.status)
    made.raw_headers = headers
    return made


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's own refusals, as problem details."""
    if not isinstance(error, HTTPException):
        raise error
    detail, headers = error.detail, dict(error.headers or {})
    if error.status_code == 404 and detail == "Not Found":
        detail = f"nothing is at {request.url.path[:200]}"
    if error.status_code == 405:
        headers["Allow"] = ", ".join(sorted(_methods(request)))
        detail = f"{request.method[:20]} is not allowed here"
    title = {404: "not found", 405: "method not allowed"}.get(
        error.status_code, "refused"
    )
    return response(problem(error.status_code, title, detail, headers=headers.items()))


async def on_bug(request: Request, error: Exception) -> Response:
    """Our own mistake; the log has it from the server."""
    return response(bug(error, f"answering {request.method} {request.url.path[:200]}"))


def _methods(request: Request) -> set[str]:
    """What every route of this path takes: Starlette names the first one's only."""
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE:
            methods |= route.methods or set()
    return methods
