"""HTTP policy: how a provider treats what HTTP leaves open."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.json_type import Json
from emulator.program.cors import CorsPolicy
from emulator.values import value


@value
class HttpPolicy:
    """How a provider treats what HTTP leaves open."""

    trailing_slash: str = "ignore"
    repeated: str = "last"
    """Which value of a parameter that came more than once counts: `first` or `last`."""
    accept: str = "ignore"
    """Whether a request's Accept header is held against what the operation produces."""
    booleans: str = "numeric"
    """Whether 1 and 0 are booleans in a parameter, besides true and false."""
    https: str = "ignore"
    """`ignore`, or `required`: refuse when the outer scheme is known to be http."""
    content_type: str = "application/json"
    no_body: str = "refuse"
    """What a body that is required and missing is: refused, an `empty` object, or `missing`,
    which is a violation."""
    blank: str = "keep"
    """`drop`: blank texts and nulls in a body count as not sent."""
    json_texts: str = "keep"
    """`typed`: in JSON, too, a text that spells a number or a boolean counts as one."""
    max_body: int | None = None
    """The longest request body of operations that do not say, in bytes."""
    cors: CorsPolicy | None = None
    """What browsers are told of calls from other origins; None: nothing."""
    version: Mapping[str, Json] = {}
    """`media_type`, in which `*` stands for the version, and the `known`
    versions."""
