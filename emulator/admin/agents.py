"""Agents: what an agent or an editor reads first: a text, and the schemas of specs."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, metadata

from emulator.admin.request import AdminRequest, json_reply, problem_error, text_reply
from emulator.admin.schemas import Schema, any_object
from emulator.admin.table import PLAIN, Answer, Rows
from emulator.diagnostics import did_you_mean
from emulator.exchange.call import Reply
from emulator.spec.keywords import for_editors, keywords

_FILES: Mapping[str, str] = {
    "behavior.json": "behavior.schema.json",
    "scenarios.json": "scenarios.schema.json",
}

GUIDE = """# emulator

> Stands in for somebody else's HTTP API, for testing clients. Each emulated API is a
> provider. A client calls it at `{url}/PROVIDER/...`; everything below
> `{url}/_emulator` controls the emulator. Nothing is forwarded to the real API.

To test a client: point it at the base URL of a provider, with one of the credentials;
put the world into a situation (a scenario, a fault, a moved clock); run the client; read
the journal, which explains step by step why each call was answered as it was.

- A world is an isolated sandbox: records, counters, clock, journal, credentials. Create one for each test, with the clock frozen: same seed, same clock, same calls give the same replies.
- Do not wait: move the clock (`PATCH /worlds/WORLD/clock`).
- Errors are problem documents (RFC 9457) that say what to do.
- Requests need `Authorization: Bearer TOKEN` where the server has an admin token.

## Here

- [Admin API]({url}/_emulator/openapi.json): OpenAPI 3.1; all addresses below are in it
- [Providers]({url}/_emulator/providers): names, base URLs, OpenAPI documents
- [Operations of a provider]({url}/_emulator/providers/PROVIDER)
- [Credentials to send]({url}/_emulator/worlds/default/credentials/PROVIDER): one for each state, `full` and `expired` among them
- [Scenarios]({url}/_emulator/worlds/default/scenarios/PROVIDER): situations by name; POST to one applies it
- [Journal as text]({url}/_emulator/worlds/default/journal?format=text): every call, explained
- [Schema of behavior.yaml]({url}/_emulator/schemas/behavior.json), [of scenarios.yaml]({url}/_emulator/schemas/scenarios.json)

## Commands

- `emulator mcp`: these things as tools of the Model Context Protocol
- `emulator status`, `emulator scenario apply ACME/NAME`, `emulator faults add --operation ID --status 503 --calls 3`, `emulator clock advance 61s`, `emulator journal show`, `emulator reset`
- `emulator explain ACME/OPERATION`: all that an operation checks
- `emulator check DIR`: every mistake of a spec, with place and fix

## Documentation

- [Index]({docs}/index.md)
- [Admin API]({docs}/reference/admin-api.md)
- [Python API and pytest]({docs}/reference/python-api.md)
- [One command for each wish]({docs}/how-to/one-command-for-each-wish.md)
- [Describe a provider]({docs}/how-to/add-a-provider.md)
- [Keys of behavior.yaml]({docs}/reference/behavior.md)"""


def guide(url: str) -> str:
    """The text for an agent that finds the emulator at *url*."""
    return GUIDE.format(url=url, docs=_documentation())


def _documentation() -> str:
    """Where the documentation is, as the distribution says."""
    with suppress(PackageNotFoundError):
        for line in metadata("provider-emulator").get_all("Project-URL") or ():
            name, _, address = line.partition(", ")
            if name == "Documentation":
                return str(address).removesuffix("/index.md")
    return "docs"


row = Rows("agents")


@row(
    "GET /llms.txt",
    {200: Answer("a text in Markdown, as llmstxt.org has it", {}, (PLAIN,))},
    needs_token=False,
)
def get_llms_txt(request: AdminRequest) -> Reply:
    """Show what an agent has to know."""
    return text_reply(guide(request.own_url.removesuffix("/_emulator")))


@row(
    "GET /schemas/{schema}",
    {200: Answer("a JSON Schema", any_object())},
    needs_token=False,
)
def get_schema(request: AdminRequest) -> Reply:
    """Show the JSON Schema of a file of a spec, for an editor."""
    name = request.names["schema"].replace(".schema.json", ".json")
    file = _FILES.get(name)
    if file is None:
        detail = f"there is no schema {name[:60]!r}: {did_you_mean(name[:60], _FILES)}"
        raise problem_error(404, "no such schema", detail)
    return json_reply(for_editors(keywords(file).schema))


SCHEMAS: Mapping[str, Schema] = {}
