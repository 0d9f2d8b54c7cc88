"""Listings: providers, routes and scenarios, as rows and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.json_type import Json
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.scenarios import Scenario


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
            program.name,
            f"/{program.name}{program.base_path}",
            len(program.operations),
            sum(len(base.records) for base in program.bases.values()),
            " ".join(program.hosts) or "-",
        )
        for program in programs
    ]


def route(program: Program, operation: Operation) -> dict[str, Json]:
    return {
        "provider": program.name,
        "operation": operation.id,
        "method": operation.method,
        "path": program.base_path + operation.path,
        "also_at": [program.base_path + path for path in operation.path_aliases],
        "security": [[scheme.name for scheme in many] for many in operation.security],
        "open": operation.open,
        "scopes": list(operation.scopes),
        "summary": operation.summary,
        "at": str(operation.at),
    }


def route_rows(programs: Iterable[Program]) -> list[tuple[object, ...]]:
    """A row for each method and path, those of `path_aliases` included."""
    return [
        (
            program.name,
            operation.method,
            program.base_path + path,
            operation.id,
            " or ".join("+".join(s.name for s in many) for many in operation.security)
            or "-",
            " ".join(operation.scopes) or "-",
        )
        for program in programs
        for operation in program.operations.values()
        for path in (operation.path, *operation.path_aliases)
    ]


_SENT = (
    "name", "state", "scheme", "value", "about", "headers", "query", "cookies", "body",
    "needs_proof", "digest",
)  # fmt: skip


def besides(credential: Mapping[str, Json]) -> str:
    """What belongs to *credential* besides its value: `client_id=4 client_secret=...`."""
    parts = [
        f"{name}={text}"
        for name, text in credential.items()
        if name not in _SENT and text != credential["value"]
    ]
    signed = ["(each call must be signed)"] if credential.get("needs_proof") else []
    if "digest" in credential:
        signed.append("(by HTTP Digest)")
    return "  ".join(parts + signed)


def credential_table(
    credentials: Iterable[Mapping[str, Json]],
) -> tuple[list[str], list[tuple[str, ...]]]:
    """Heads, and a row for each: what a first call needs, and what it is for.

    A column with nothing in it is left out.
    """
    heads = ("name", "state", "scheme", "value", "with", "for")
    rows = [
        (
            *(credential[head] for head in heads[:4]),
            besides(credential),
            credential.get("about", ""),
        )
        for credential in credentials
    ]
    used = [at for at in range(len(heads)) if at < 4 or any(row[at] for row in rows)]
    return [heads[at] for at in used], [tuple(row[at] for at in used) for row in rows]


def scenario(program: Program, scenario: Scenario) -> dict[str, Json]:
    return {
        "provider": program.name,
        "name": scenario.name,
        "scenario": f"{program.name}/{scenario.name}",
        "says": scenario.says,
    }
