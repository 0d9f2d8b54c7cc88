"""Fixtures of the admin API: two tiny providers, and the table that is shipped."""

from __future__ import annotations

import pytest
from asking import board_of

from emulator.admin.admin import Admin


@pytest.fixture
def admin() -> Admin:
    return Admin(board_of())
