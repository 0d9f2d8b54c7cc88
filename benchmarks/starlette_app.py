"""A bare Starlette application, for the cold start to be held against."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def jobs(_: Request) -> Response:
    return JSONResponse({"success": True})


app = Starlette(routes=[Route("/api/v1/jobs", jobs)])
