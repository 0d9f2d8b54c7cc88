"""Admin token: the secret that the admin API needs where other machines reach the server."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

# A token that can be predicted lets others in: the only randomness without a seed.
from secrets import token_urlsafe  # noqa: TID251

from emulator.http.authority import is_loopback
from emulator.settings import Settings


def with_token(settings: Settings) -> Settings:
    """*settings*, with a new admin token where one is needed and none is given.

    Raises `OSError` for a file that can be neither read nor written.
    """
    settings = _with_token_of_file(settings)
    if settings.admin_token or is_loopback(settings.host.strip("[]")):
        return settings
    return replace(settings, admin_token=token_urlsafe(32))


def _with_token_of_file(settings: Settings) -> Settings:
    """*settings* with the token of their file, which is written if it has none."""
    if settings.admin_token or not settings.admin_token_file:
        return settings
    file = Path(settings.admin_token_file)
    token = file.read_text("utf-8").strip() if file.exists() else ""
    if not token:
        token = token_urlsafe(32)
        _write(file, token)
    return replace(settings, admin_token=token)


def _write(file: Path, token: str) -> None:
    """Write what nobody but this user may read."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as target:
        target.write(f"{token}\n")
