"""Devices: a device without a browser asks, and its user allows it elsewhere (RFC 8628)."""

from __future__ import annotations

from emulator.exchange.exchange import Exchange
from emulator.grants.html import device_page, notice
from emulator.grants.issuing import changed, fresh, over, stored
from emulator.grants.people import anybody, logged_in
from emulator.grants.requests import (
    check_allowed,
    check_forced,
    client_of,
    form_of,
    query_of,
    resource_of,
    scope_of,
)
from emulator.program.oauth2 import GrantPolicy
from emulator.times import SECOND, iso

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""RFC 8628, 6.1: no vowels, so that no code is a word."""


def device(exchange: Exchange, policy: GrantPolicy) -> None:
    """Give a device its two codes, and the address where its user allows it."""
    server = policy.server
    form = form_of(exchange, server)
    check_forced(exchange, policy.codes)
    client = client_of(exchange, server, form)
    check_allowed(client, "device_code")
    scope = scope_of(server, client, form.get("scope"))
    text = fresh(exchange, 8, _LETTERS)
    made = stored(
        exchange,
        "devices",
        {
            "device_code": fresh(exchange),
            "user_code": f"{text[:4]}-{text[4:]}",
            "client_id": client["client_id"],
            "scope": scope,
            "resource": resource_of(server, form.get("resource")),
            "sub": None,
            "auth_time": None,
            "state": "active",
            "interval": server.interval,
            "polled_at": None,
            "expires_at": iso(exchange.at + server.device_for),
        },
    )
    user = anybody(exchange, None) if server.consent == "auto" else None
    if user is not None:
        sub = user[exchange.collection("users").key]
        time = exchange.at // SECOND
        made = changed(
            exchange, "devices", made, state="allowed", sub=sub, auth_time=time
        )
    address = server.url(exchange, "device_page")
    exchange.record = {
        **made,
        "expires_in": server.device_for // SECOND,
        "verification_uri": address,
        "verification_uri_complete": f"{address}?user_code={made['user_code']}",
    }


def device_page_of(exchange: Exchange, policy: GrantPolicy) -> None:
    """The form that asks for the code that the device shows."""
    code = query_of(exchange).get("user_code", [""])[-1]
    address = policy.server.url(exchange, "device_page")
    exchange.reply.body = device_page(address, code)


def device_consent(exchange: Exchange, policy: GrantPolicy) -> None:
    """What the user says of the device whose code it is."""
    form = form_of(exchange, policy.server)
    code, name = form.get("user_code", ""), form.get("username", "")
    address = policy.server.url(exchange, "device_page")
    plain = "".join(letter for letter in code.upper() if letter in _LETTERS)
    devices = exchange.collection("devices")
    found = devices.first("user_code", f"{plain[:4]}-{plain[4:]}")
    if (
        found is None
        or found["state"] != "active"
        or over(exchange, found["expires_at"])
    ):
        message = "There is no device with this code, or it has expired."
        exchange.reply.body = device_page(address, code, username=name, message=message)
        return
    if form.get("decision") != "allow":
        changed(exchange, "devices", found, state="denied")
        exchange.reply.body = notice("Denied", "The device has no access.")
        return
    user = logged_in(exchange, name, form.get("password", ""))
    if isinstance(user, str):
        exchange.note("grant", "not logged in", {"why": user})
        message = "The user name or the password is wrong."
        exchange.reply.body = device_page(address, code, username=name, message=message)
        return
    sub, time = user[exchange.collection("users").key], exchange.at // SECOND
    changed(exchange, "devices", found, state="allowed", sub=sub, auth_time=time)
    exchange.reply.body = notice("Connected", "You can go on with your device.")
