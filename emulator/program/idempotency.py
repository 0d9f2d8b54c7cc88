"""Idempotency: which calls, when they come again, get the reply that was given before."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from emulator.language.templates import Template
from emulator.language.texts import to_text
from emulator.program.headers import Headers
from emulator.program.outcomes import Outcomes
from emulator.values import value


@value
class IdempotencyPolicy:
    """How calls that are the same say so, and for how long they are answered alike."""

    key: Template
    per: tuple[str, ...]
    """What has keys of its own: `credential`, `ip`, `operation` or `all`."""
    lasts: int
    takes: int
    """How long a call is in flight."""
    max_length: int
    required: bool
    keeps: Outcomes
    """The outcomes that are given again; others leave the key as if it had not been sent."""
    headers: Headers
    """What goes with a reply that is given again, besides its own."""

    def place_of(self, x: Any, key: str) -> tuple[str, ...]:
        """What tells this key from those of others."""
        parts = [x.program.name]
        for per in self.per:
            if per == "credential":
                parts.append(x.claim.subject if x.claim is not None else "")
            elif per == "ip":
                parts.append(x.client)
            elif per == "operation":
                parts.append(x.operation_id or "")
        return *parts, key


def fingerprint(x: Any) -> str:
    """What has to be the same about a call that comes again: all but its headers.

    A body is compared by what it says, so the order of its members, and the boundary
    of a form, make no difference.
    """
    said = hashlib.blake2b(digest_size=16)
    body = x.body
    whole = x.call.body if body is None else orjson.dumps(body, to_text, _SORTED)
    for part in (x.method.encode(), x.raw_path.encode(), x.call.query, whole):
        said.update(len(part).to_bytes(8, "big"))
        said.update(part)
    return said.hexdigest()


_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
