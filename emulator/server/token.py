"""Token: the secret that the admin API needs where other machines reach the server."""

from __future__ import annotations

from dataclasses import replace

# A token that can be predicted lets others in: the only randomness without a seed.
from secrets import token_urlsafe  # noqa: TID251

from emulator.http.authority import is_loopback
from emulator.settings import Settings


def with_token(settings: Settings) -> Settings:
    """*settings*, with a new admin token where one is needed and none is given."""
    if settings.admin_token or is_loopback(settings.host.strip("[]")):
        return settings
    return replace(settings, admin_token=token_urlsafe(32))
