"""Fixtures of The Job Space's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from front_door import Api


@pytest.fixture
def jobspace(api_of: Callable[..., Api]) -> Api:
    return api_of("jobspace")
