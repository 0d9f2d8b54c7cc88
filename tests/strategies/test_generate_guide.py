"""The examples of the guide on test data work as they stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from front_door import Api
from hypothesis import settings

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "generate-test-data.md"
CODE = "\n".join(
    re.findall(r"^```python\n(.*?)^```", GUIDE.read_text("utf-8"), re.M | re.S)
)
settings.register_profile("guide", derandomize=True, database=None, deadline=None)
NAMES = re.findall(r"^def (test_\w+)", CODE, re.M)


class Below:
    """A client that sends to one provider, whatever its path."""

    def __init__(self, api: Api) -> None:
        self._client = api.client
        self._address = f"/{api.program.name}"

    def request(self, method: str, path: str, **rest: Any) -> Any:
        return self._client.request(method, self._address + path, **rest)

    def get(self, path: str, **rest: Any) -> Any:
        return self.request("GET", path, **rest)


@pytest.mark.parametrize("name", NAMES)
def test_an_example_of_the_guide_passes(name: str, jobriver: Api) -> None:
    """The blocks of code are one file; `client` is what the guide says it is."""
    names: dict[str, Any] = {"client": Below(jobriver)}
    before = settings.get_current_profile_name()
    settings.load_profile("guide")
    try:
        exec(compile(CODE, GUIDE.name, "exec"), names)
        example: Callable[[], None] = names[name]

        example()
    finally:
        settings.load_profile(before)
