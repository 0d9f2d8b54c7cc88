"""Matching: recorded calls as calls of a document that is there already."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

from emulator.spec.description import OpenAPI, SecurityScheme
from emulator.traffic.credentials import Credentials, Place, values_of
from emulator.traffic.observing import Observed
from emulator.traffic.recorded import Recorded
from emulator.traffic.templates import Template

_NAME = re.compile(r"\{([^{}]*)\}")


def observe_described(calls: Iterable[Recorded], openapi: OpenAPI) -> list[Observed]:
    """The operations of the document that *calls* are of, with these calls.

    A path may begin with more than the document has, as that of a proxy does.
    """
    routes = [*_routes(openapi)]
    found: dict[str, Observed] = {}
    for call in calls:
        for pattern, id, method, template in routes:
            match = pattern.fullmatch(call.path) if method == call.method else None
            if match is None:
                continue
            one = found.setdefault(id, Observed(id, method, template))
            one.calls.append(call)
            values = map(unquote, match.groups())
            one.values.append(dict(zip(template.names, values, strict=True)))
            break
    return [*found.values()]


def _routes(
    openapi: OpenAPI,
) -> Iterator[tuple[re.Pattern[str], str, str, Template]]:
    """The pattern of each operation's path, those with the fewest parameters first."""
    operations = sorted(
        openapi.operations.values(), key=lambda each: each.path.count("{")
    )
    for operation in operations:
        names = tuple(_NAME.findall(operation.path))
        parts = map(re.escape, _NAME.split(operation.path)[::2])
        pattern = re.compile(
            rf".*?{re.escape(openapi.base_path)}" + "([^/]+)".join(parts)
        )
        template = Template(operation.path, names)
        yield pattern, operation.id, operation.method.upper(), template


def credentials_described(calls: Iterable[Recorded], openapi: OpenAPI) -> Credentials:
    """The schemes of the document, and what *calls* send at their places."""
    every = [*calls]
    found = Credentials()
    for name, scheme in openapi.security_schemes.items():
        place = _place(scheme)
        if place is not None:
            found.schemes[name] = place
            found.values[name] = values_of(every, place)
    return found


def _place(scheme: SecurityScheme) -> Place | None:
    if scheme.kind == "apiKey" and scheme.where in ("header", "query", "cookie"):
        name = str(scheme.parameter)
        return Place(scheme.where, name.lower() if scheme.where == "header" else name)
    if scheme.kind == "http":
        return Place("header", "authorization", str(scheme.scheme).lower())
    if scheme.kind in ("oauth2", "openIdConnect"):
        return Place("header", "authorization", "bearer")
    return None
