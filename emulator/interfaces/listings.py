"""Listings: providers, routes and scenarios, as rows and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from emulator.compile.program import Operation, Program
from emulator.compile.scenarios import Scenario

Json = Any


def provider(program: Program) -> dict[str, Json]:
    return {
        "name": program.name,
        "title": program.title,
        "base_path": f"/{program.name}{program.base_path}",
        "hosts": list(program.hosts),
        "operations": len(program.operations),
        "records": {name: len(base.records) for name, base in program.bases.items()},
        "files": list(program.files),
    }


def provider_rows(programs: Iterable[Program]) -> list[tuple[object, ...]]:
    return [
        (
            one.name,
            f"/{one.name}{one.base_path}",
            len(one.operations),
            sum(len(base.records) for base in one.bases.values()),
            " ".join(one.hosts) or "-",
        )
        for one in programs
    ]


def route(program: Program, operation: Operation) -> dict[str, Json]:
    return {
        "provider": program.name,
        "operation": operation.id,
        "method": operation.method,
        "path": program.base_path + operation.path,
        "also_at": [program.base_path + one for one in operation.also_at],
        "security": [[one.name for one in many] for many in operation.security],
        "open": operation.open,
        "scopes": list(operation.scopes),
        "summary": operation.summary,
        "at": str(operation.at),
    }


def route_rows(programs: Iterable[Program]) -> list[tuple[object, ...]]:
    """A row for each method and path, those of `also_at` included."""
    return [
        (
            program.name,
            one.method,
            program.base_path + path,
            one.id,
            " or ".join("+".join(s.name for s in many) for many in one.security) or "-",
            " ".join(one.scopes) or "-",
        )
        for program in programs
        for one in program.operations.values()
        for path in (one.path, *one.also_at)
    ]


def scenario(program: Program, one: Scenario) -> dict[str, Json]:
    return {
        "provider": program.name,
        "name": one.name,
        "scenario": f"{program.name}/{one.name}",
        "says": one.says,
    }
