"""Fixtures of JobsPikr's tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Api


@pytest.fixture
def jobspikr(api_of: Callable[..., Api]) -> Api:
    return api_of("jobspikr")
