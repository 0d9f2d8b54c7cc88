"""Webhooks: who is told of a provider's events, and what was sent, from the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from emulator.cli.answers import Answer
from emulator.cli.connection import Server, reaching
from emulator.cli.errors import Complaint
from emulator.cli.groups import Group
from emulator.cli.tables import table
from emulator.json_type import Json, present

_SUBSCRIBED = ("subscription", "sent to", "events", "signed")
_SENT = ("delivery", "event", "to", "state", "attempts", "latest")


@click.group(cls=Group)
def webhooks() -> None:
    """Subscribe to a provider's events, and see what was sent."""


@webhooks.command("list")
@click.argument("provider")
@click.option("--state", metavar="WORD", help="pending | delivered | failed")
@reaching()
def show_all(server: Server, provider: str, state: str | None) -> Answer:
    """List the subscriptions to PROVIDER, also those that are records, and deliveries."""
    found = server.of_world("GET", "webhooks", provider, query={"state": state})
    subscribed = table(map(_subscription, found["subscriptions"]), _SUBSCRIBED)
    sent = table(map(_delivery, found["deliveries"]), _SENT)
    return Answer(found, f"{subscribed}\n\n{sent}")


@webhooks.command()
@click.argument("provider")
@click.argument("address")
@click.option("--secret", metavar="TEXT", help="signs the deliveries")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="NAME",
    help="only this one (may be repeated)",
)
@reaching()
def subscribe(
    server: Server,
    provider: str,
    address: str,
    secret: str | None,
    events: tuple[str, ...],
) -> Answer:
    """Have the events of PROVIDER sent to ADDRESS."""
    sent = present(url=address, secret=secret, events=[*events] or None)
    made = server.of_world("POST", "webhooks", provider, json=sent)
    secret_said = f"\nsecret: {made['secret']}" if made["secret"] else ""
    return Answer(made, table([_subscription(made)], _SUBSCRIBED) + secret_said)


@webhooks.command()
@click.argument("provider")
@click.argument("delivery")
@reaching()
def redeliver(server: Server, provider: str, delivery: str) -> Answer:
    """Send a DELIVERY of PROVIDER again."""
    made = server.of_world("POST", "webhooks", provider, delivery, "redeliver")
    return Answer(made, table([_delivery(made)], _SENT))


@webhooks.command()
@click.argument("provider")
@click.argument("event")
@click.option("--payload", metavar="JSON", help="what is sent; by default generated")
@reaching()
def send(server: Server, provider: str, event: str, payload: str | None) -> Answer:
    """Bring about an EVENT of PROVIDER, for all who have subscribed to it."""
    sent: Json = {}
    if payload is not None:
        try:
            sent = {"payload": json.loads(payload)}
        except ValueError as error:
            raise Complaint(f"--payload is no JSON: {error}") from None
    made = server.of_world("POST", "webhooks", provider, "events", event, json=sent)
    return Answer(made, table(map(_delivery, made["deliveries"]), _SENT))


@webhooks.command()
@click.argument("provider")
@reaching()
def unsubscribe(server: Server, provider: str) -> Answer:
    """End the subscriptions to PROVIDER that were made here."""
    return server.done(f"nothing of {provider} is sent any more", "webhooks", provider)


def _subscription(found: Mapping[str, Json]) -> list[object]:
    events = found["events"]
    return [
        found["id"],
        found["url"],
        "all" if events is None else ", ".join(events),
        "yes" if found["secret"] else "no",
    ]


def _delivery(found: Mapping[str, Json]) -> list[object]:
    attempts = found["attempts"]
    latest = attempts[-1] if attempts else {}
    return [
        found["id"],
        found["event"],
        found["subscription"],
        found["state"],
        len(attempts),
        latest.get("error") or latest.get("status") or "",
    ]
