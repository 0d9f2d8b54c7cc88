"""Own addresses: links of an API to itself, which lead to the emulator once it is learnt.

A client that follows `next` or `Location` must not end at the real service.
"""

from __future__ import annotations

import re

from emulator.inference.samples import literal
from emulator.json_type import Json


def with_own_addresses(value: Json, origin: str) -> Json:
    """*value* as a template, in which addresses at *origin* are those of this provider.

    "https://api.acme.test/jobs/7"  ->  "${base_url}/jobs/7"
    """
    if isinstance(value, str):
        own = re.compile(re.escape(origin) + r"(?=/|$)")
        return own.sub("${base_url}", str(literal(value)))
    if isinstance(value, list):
        return [with_own_addresses(item, origin) for item in value]
    if isinstance(value, dict):
        return {name: with_own_addresses(item, origin) for name, item in value.items()}
    return value
