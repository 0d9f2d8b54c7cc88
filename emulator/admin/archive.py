"""Archive: the files that keep what happened in a world, once it is gone."""

from __future__ import annotations

import re
from collections.abc import Mapping

FILES: Mapping[str, str] = {
    "world.json": "",
    "calls.har": "/journal/har?limit=10000",
    "explained.txt": "/journal?format=text&limit=10000",
    "recipe.sh": "/journal/recipe?secrets=own",
    "snapshot.json": "/snapshot",
}
"""Each file, and what it holds: what the admin API answers below a world's address.

`world.json` has the seed and the clock. There is no recipe of a world that does not know
all that has become of it.
"""


def folder_name(text: str) -> str:
    """*text* as the name of a folder: `test_a.py::test_b[x/y]`  ->  `test_a.py-test_b-x-y`"""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:150] or "world"
