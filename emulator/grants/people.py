"""People: the users of an authorization server, who log in and allow things."""

from __future__ import annotations

from emulator.exchange.exchange import Exchange, Record

_NAMES = ("username", "email")
"""The fields that a user may log in with, besides the key."""


def named(exchange: Exchange, name: str) -> Record | None:
    """The user who goes by this name."""
    users = exchange.collection("users")
    user = users.get(name)
    for field in _NAMES:
        user = user or users.first(field, name)
    return user


def logged_in(exchange: Exchange, name: str, password: str) -> Record | str:
    """The user who has this password; or why nobody is logged in."""
    user = named(exchange, name)
    if user is None:
        return f"there is no user {name[:60]!r}"
    if not password or password != user.get("password"):
        return "the password is wrong"
    if not active(user):
        return f"the user is {user['state']}"
    return user


def active(user: Record) -> bool:
    return bool(user.get("state", "active") == "active")


def anybody(exchange: Exchange, hint: str | None) -> Record | None:
    """Who has logged in where nobody is asked: the user of the hint, or the first one."""
    if hint is not None:
        user = named(exchange, hint)
        return user if user is not None and active(user) else None
    return next((user for user in exchange.collection("users") if active(user)), None)
