"""Served document: a provider's OpenAPI document as it holds for this emulator.

Its `servers` are the address at which the emulator answers. Servers of single paths and
operations go, since nothing answers there, and the addresses of token endpoints that
name one of the provider's hosts lead here too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from emulator.json_type import Json
from emulator.program.program import Program

_METHODS = (
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    "query",
)
_ADDRESSES = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


def served_document(program: Program, url: str) -> dict[str, Json]:
    """The document of *program*, for an emulator whose providers stand below *url*.

    Without mistakes it is a valid document wherever the author's is.
    """
    own = f"{url.rstrip('/')}/{program.name}"
    document = dict(program.openapi)
    order = [key for key in ("openapi", "info", "jsonSchemaDialect") if key in document]
    rest = {key: document[key] for key in document if key not in (*order, "servers")}
    document = {key: document[key] for key in order}
    document["servers"] = [{"url": own + program.base_path}]
    document |= rest
    if "paths" in document:
        document["paths"] = {
            path: _without_servers(item) for path, item in document["paths"].items()
        }
    schemes = document.get("components", {}).get("securitySchemes")
    if schemes:
        hosts = {host.lower() for host in program.hosts}
        document["components"] = {
            **document["components"],
            "securitySchemes": {
                name: _here(scheme, own, hosts) for name, scheme in schemes.items()
            },
        }
    return document


def _without_servers(item: Mapping[str, Json]) -> dict[str, Json]:
    return {
        key: {name: part for name, part in value.items() if name != "servers"}
        if key in _METHODS and isinstance(value, Mapping)
        else value
        for key, value in item.items()
        if key != "servers"
    }


def _here(scheme: Mapping[str, Json], own: str, hosts: Iterable[str]) -> Json:
    """A security scheme whose addresses at *hosts* lead to *own*."""
    made = dict(scheme)
    if "openIdConnectUrl" in made:
        made["openIdConnectUrl"] = _moved(made["openIdConnectUrl"], own, hosts)
    if isinstance(made.get("flows"), Mapping):
        made["flows"] = {
            kind: {
                key: _moved(value, own, hosts) if key in _ADDRESSES else value
                for key, value in flow.items()
            }
            if isinstance(flow, Mapping)
            else flow
            for kind, flow in made["flows"].items()
        }
    return made


def _moved(address: Json, own: str, hosts: Iterable[str]) -> Json:
    """*address* at the emulator, where it names one of *hosts*; else as it is.

    "https://api.acme.example/oauth/token"  ->  "http://127.0.0.1:8080/acme/oauth/token"
    """
    if not isinstance(address, str):
        return address
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return address
    if host not in hosts and not (not host and address.startswith("/")):
        return address
    query = f"?{parts.query}" if parts.query else ""
    return f"{own}{parts.path}{query}"
