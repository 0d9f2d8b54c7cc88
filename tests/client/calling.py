"""Calling a provider of a world, as client code does."""

from __future__ import annotations

from typing import Any

import requests

from emulator import Provider


def call(provider: Provider, path: str = "/jobs", key: str = "full") -> tuple[int, Any]:
    """Status and JSON of the answer to a GET."""
    answer = _answer(provider, path, key)
    return answer.status_code, answer.json()


def status(provider: Provider, path: str = "/jobs", key: str = "full") -> int:
    return _answer(provider, path, key).status_code


def _answer(provider: Provider, path: str, key: str) -> requests.Response:
    headers = provider.credentials[key].headers
    return requests.get(provider.url + path, headers=headers, timeout=10)
