"""MCP tools: what an agent can do with an emulator, each a request to its admin API.

The name, the parameters and the docstring of a method are what an agent reads.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.cli.explain import text as explained
from emulator.client.admin_client import AdminClient, path_of
from emulator.json_type import Json

READING = frozenset(
    (
        *("list_providers", "list_operations", "explain_operation"),
        *("list_credentials", "list_scenarios", "show_world", "read_journal"),
        *("explain_call", "recipe", "verify_calls"),
    )
)
"""The tools that change nothing, which an agent may use without asking its user."""
DESTRUCTIVE = frozenset(("clear_faults", "reset_world", "delete_world"))
"""Those after which something is gone."""
_LONGEST_BODY = 20_000
"""Characters of a reply that an agent is shown."""


class Unusable(Exception):
    """What an agent gave is of no use; the message says what is."""


class Tools:
    """Asks one emulator; *world* is the world that is meant where none is named."""

    def __init__(self, admin: AdminClient, world: str = "default") -> None:
        self._admin = admin
        self._usual = world

    def list_providers(self) -> str:
        """List the APIs that are emulated, with the base URL to point a client at."""
        return _rows(self._admin("GET", "/providers")["providers"])

    def list_operations(self, provider: str, search: str = "") -> str:
        """List the operations of a provider: id, method, path and summary.

        The path is that of make_call. With search, those in which each of its words occurs.
        """
        shown = self._admin("GET", path_of("providers", provider))
        words = search.lower().split()
        operations = [
            {
                "operation": row["operation"],
                "method": row["method"],
                "path": row["path"].removeprefix(shown["base_path"]) or "/",
                "summary": row["summary"],
            }
            for row in shown["routes"]
        ]
        return _rows(
            row
            for row in operations
            if all(word in " ".join(row.values()).lower() for word in words)
        )

    def explain_operation(self, provider: str, operation: str) -> str:
        """Explain an operation: what it checks, in which order, and how it can be refused."""
        path = path_of("providers", provider, "operations", operation)
        return explained(self._admin("GET", path))

    def list_credentials(self, provider: str, world: str = "") -> str:
        """List the credentials of a provider with their states and the headers to send."""
        return _rows(self._of(world, "GET", "credentials", provider))

    def list_scenarios(self, provider: str, world: str = "") -> str:
        """List the situations that a provider's world can be put into."""
        return _rows(self._of(world, "GET", "scenarios", provider))

    def apply_scenario(self, provider: str, scenario: str, world: str = "") -> str:
        """Put a world into a situation of list_scenarios, such as a spent quota."""
        scenario = scenario.removeprefix(f"{provider}/")
        applied = self._of(world, "POST", "scenarios", provider, scenario)
        return str(applied["says"])

    def show_world(self, world: str = "") -> str:
        """Show a world: its clock, base URLs, scenarios, faults and number of calls."""
        return _text(self._of(world, "GET"))

    def move_clock(
        self,
        advance: str = "",
        to: str = "",
        to_next_event: bool = False,
        freeze: bool = False,
        resume: bool = False,
        world: str = "",
    ) -> str:
        """Move a world's clock: advance="61s" (90s, 1m, 24h, 7d), or to="2027-01-01T00:00:00Z".

        to_next_event moves it to whatever is pending, such as a webhook. freeze stops it,
        resume lets it go on.
        """
        wanted = _given(
            advance=advance,
            set=to,
            next=to_next_event or None,
            freeze=freeze or None,
            resume=resume or None,
        )
        if not wanted:
            raise Unusable("say advance, to, to_next_event, freeze or resume")
        return _text(self._of(world, "PATCH", "clock", json=wanted))

    def add_fault(
        self,
        provider: str,
        operation: str = "",
        fault: str = "",
        refuse: str = "",
        status: int | None = None,
        calls: str = "",
        world: str = "",
    ) -> str:
        """Have calls go wrong: fault="delay=2s" or "reset", refuse="rate_limited", or status=503.

        calls says which: "3", "1-2", "4-", "every 2". Without an operation it strikes all.
        """
        rule = _given(
            operation=operation, fault=fault, refuse=refuse, status=status, calls=calls
        )
        made = self._of(world, "POST", "faults", json={"provider": provider, **rule})
        return _text(made)

    def clear_faults(self, world: str = "") -> str:
        """Remove all rules that have calls go wrong."""
        self._of(world, "DELETE", "faults")
        return "nothing goes wrong any more"

    def make_call(
        self,
        provider: str,
        method: str,
        path: str,
        credential: str = "",
        body: str | dict[str, Any] | list[Any] = "",
        headers: dict[str, str] | None = None,
        world: str = "",
    ) -> str:
        """Call a provider as a client would, and see the reply.

        path follows the provider's base URL, with the query: "/things?page=2".
        credential is the name of one of list_credentials; without one, none is sent.
        body is JSON, or a text whose Content-Type is among the headers.
        """
        if not isinstance(body, str):
            body = json.dumps(body)
        if "://" in path:
            shown = self._of(world, "GET")["providers"].get(provider, {})
            path = path.removeprefix(shown.get("base_url", ""))
        if "://" not in path and not path.startswith("/"):
            path = f"/{path}"
        sent = [[name, value] for name, value in (headers or {}).items()]
        if body and not any(name.lower() == "content-type" for name, _ in sent):
            sent.append(["Content-Type", "application/json"])
        call = {
            "method": method.upper(),
            "path": path,
            "headers": sent,
            **({"body": body} if body else {}),
            **({"credential": credential} if credential else {}),
        }
        reply = self._of(world, "POST", "calls", provider, json=call)
        text = reply.get("body") or ""
        if len(text) > _LONGEST_BODY:
            left = f"... and {len(text) - _LONGEST_BODY} characters more"
            reply["body"] = text[:_LONGEST_BODY] + left
        return _text(reply)

    def read_journal(self, status: str = "", limit: int = 20, world: str = "") -> str:
        """List the latest calls in a line each; status="4xx" shows only refused ones."""
        query = {"limit": limit, "status": status or None}
        entries = self._of(world, "GET", "journal", query=query)
        return "\n".join(entry["line"] for entry in entries) or "no calls"

    def explain_call(self, exchange: int | None = None, world: str = "") -> str:
        """Explain a call of the journal step by step, by its number; without one, the latest."""
        if exchange is None:
            latest = self._of(world, "GET", "journal", query={"limit": 1})
            if not latest:
                return "no calls"
            exchange = latest[0]["id"]
        entry = self._of(world, "GET", "journal", str(exchange))
        return str(entry["explained"])

    def recipe(self, world: str = "") -> str:
        """Give a shell script that brings about again all that happened in a world."""
        script: bytes = self._of(world, "GET", "journal", "recipe")
        return script.decode()

    def verify_calls(
        self,
        operation: str = "",
        method: str = "",
        status: str = "",
        times: int | None = None,
        world: str = "",
    ) -> str:
        """Check that matching calls came: at least one, or exactly as many as times says."""
        question = _given(
            operation=operation, method=method, status=status, times=times
        )
        verdict = self._of(world, "POST", "journal", "verify", json=question)
        return f"passed: {verdict['passed']}\n{verdict['message']}"

    def create_world(
        self,
        id: str = "",
        frozen_at: str = "",
        scenario: str = "",
        seed: int | None = None,
    ) -> str:
        """Make an isolated world: its own records, clock, journal and credentials."""
        clock = {"set": frozen_at, "freeze": True} if frozen_at else None
        given = _given(id=id, rng_seed=seed, scenario=scenario, clock=clock)
        return self._addresses(self._admin("POST", "/worlds", given))

    def fork_world(self, id: str = "", world: str = "", at: int | None = None) -> str:
        """Make a world that goes on from where another stands, to try something in.

        `at` is the number of a call in its journal: it goes on from right after it."""
        given = _given(id=id, at=at)
        return self._addresses(self._of(world, "POST", "fork", json=given))

    def reset_world(self, world: str = "") -> str:
        """Have a world begin again: records, counters, faults, clock and journal."""
        return _text(self._of(world, "POST", "reset"))

    def delete_world(self, world: str) -> str:
        """Delete a world."""
        self._of(world, "DELETE")
        return f"{world}: it is gone"

    def _of(self, world: str, method: str, *path: str, **more: Any) -> Json:
        return self._admin(
            method, path_of("worlds", world or self._usual, *path), **more
        )

    def _addresses(self, made: Mapping[str, Json]) -> str:
        """The world that was made, without its credentials, which may be many."""
        urls = {name: each["base_url"] for name, each in made["providers"].items()}
        return _text({"id": made["id"], "clock": made["clock"], "base_urls": urls})


def _given(**arguments: Json) -> dict[str, Json]:
    """Those *arguments* that an agent gave: texts that say something, and what is not null."""
    return {name: value for name, value in arguments.items() if value not in ("", None)}


def _text(value: Mapping[str, Json]) -> str:
    """JSON with a line for each member, which costs an agent little to read."""
    lines = (f"{_json(name)}: {_json(member)}" for name, member in value.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def _rows(values: Iterable[Json]) -> str:
    """JSON with a line for each of *values*."""
    return "[\n" + ",\n".join(map(_json, values)) + "\n]"


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
