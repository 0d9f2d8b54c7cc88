"""Credentials: the ready-to-send form of what a provider's fixtures hold."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

from emulator.compile.authentication import SchemePolicy
from emulator.compile.functions import instant
from emulator.compile.program import Program
from emulator.world.collection import Collection

Json = Any


def credentials(program: Program, at: float | None = None) -> list[dict[str, Json]]:
    """Every credential of the fixtures: `name`, `state`, `scheme`, `value`, `headers`.

    With a time *at* (seconds since 1970), one that is over by then is `expired`.
    `query` and `cookies` are there for schemes that travel so, and what the scheme
    `show`s besides. The first scheme that a collection serves decides how its
    credentials are sent.
    """
    found: list[dict[str, Json]] = []
    for collection in dict.fromkeys(one.collection for one in program.schemes.values()):
        together = _together(program, collection)
        records = program.bases[collection].records.values()
        found.extend(_credential(program, together, one, at) for one in records)
    return found


def find_credential(program: Program, name: str) -> tuple[str, int | str]:
    """The collection and the key of the credential *name*. Raises `KeyError`."""
    for collection in dict.fromkeys(one.collection for one in program.schemes.values()):
        for key, record in program.bases[collection].records.items():
            if name == str(record.get("name", key)):
                return collection, key
    raise KeyError(name)


def _together(program: Program, collection: str) -> tuple[SchemePolicy, ...]:
    """The schemes of the first alternative that this collection serves."""
    for operation in program.operations.values():
        for alternative in operation.security:
            if alternative[0].collection == collection:
                return alternative
    return tuple(
        one for one in program.schemes.values() if one.collection == collection
    )[:1]


def _credential(
    program: Program,
    schemes: tuple[SchemePolicy, ...],
    record: dict[str, Json],
    at: float | None,
) -> dict[str, Json]:
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for scheme in schemes:
        value = str(record.get(scheme.field, ""))
        if scheme.kind == "header":
            headers[_spelled(program, scheme.name)] = value
        elif scheme.kind == "query":
            query[scheme.parameter] = value
        elif scheme.kind == "cookie":
            cookies[scheme.parameter] = value
        elif scheme.kind == "bearer":
            headers["Authorization"] = f"Bearer {value}"
        else:
            pair = f"{value}:{record.get(scheme.password, '')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    first = schemes[0]
    credential = {
        "name": str(record.get("name", record[program.bases[first.collection].key])),
        "state": "expired"
        if _is_over(program, first, record, at)
        else state(program, first, record),
        "scheme": first.name,
        "value": str(record.get(first.field, "")),
        "headers": headers,
    }
    if query:
        credential["query"] = query
    if cookies:
        credential["cookies"] = cookies
    x = _looking(program, record)
    for name, template in first.show.items():
        credential.setdefault(name, template.value(x, record))
    return credential


def state(program: Program, scheme: SchemePolicy, record: dict[str, Json]) -> str:
    """The state of a credential: `active`, or what its record says."""
    if scheme.state is None:
        return "active"
    return str(scheme.state.value(_looking(program, record), record))


def _is_over(
    program: Program, scheme: SchemePolicy, record: dict[str, Json], at: float | None
) -> bool:
    if at is None or scheme.expires is None:
        return False
    expires = scheme.expires.value(_looking(program, record), record)
    return expires is not None and instant(expires).timestamp() <= at


def _looking(program: Program, record: dict[str, Json]) -> Any:
    """What an expression about a credential sees: the fixtures, and no call."""
    return SimpleNamespace(
        program=program,
        caller=record,
        collection=lambda name: Collection(program.bases[name]),
    )


def _spelled(program: Program, scheme: str) -> str:
    """The header's name as OpenAPI spells it."""
    schemes = program.openapi.get("components", {}).get("securitySchemes", {})
    return str(schemes.get(scheme, {}).get("name", scheme))
