"""Fixtures of JobSphere's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Api


@pytest.fixture
def jobsphere(api_of: Callable[..., Api]) -> Api:
    """JobSphere behind a proxy that says what the outer scheme is."""
    return api_of("jobsphere", trusted_proxies=("127.0.0.1",))
