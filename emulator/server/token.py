"""Token: the secret that the admin API asks for where others can reach the server."""

from __future__ import annotations

from dataclasses import replace

# Chance that could be foretold would let others in: the one place without a seed.
from secrets import token_urlsafe  # noqa: TID251

from emulator.http.authority import is_loopback
from emulator.settings import Settings


def with_token(settings: Settings) -> Settings:
    """*settings* with an admin token of its own where one is needed and none is given."""
    if settings.admin_token or is_loopback(settings.host.strip("[]")):
        return settings
    return replace(settings, admin_token=token_urlsafe(32))
