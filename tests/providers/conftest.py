"""Fixtures of the providers' tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from replies import another

if TYPE_CHECKING:
    from tests.conftest import Api


@pytest.fixture
def elsewhere(api_of: Callable[..., Api]) -> Callable[[str], Api]:
    """Make an `Api` of one provider in a fresh world: `elsewhere("jobriver")`."""
    return lambda name: another(api_of(name))
