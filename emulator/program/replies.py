"""Replies: what an operation answers when nothing refuses the call."""

from __future__ import annotations

from emulator.language.templates import Template
from emulator.program.headers import Headers
from emulator.program.media import MediaPolicy
from emulator.values import value


@value
class ReplyPolicy:
    """What an operation answers when nothing refuses the call, and when it does."""

    status: int
    headers: Headers
    body: Template | None
    media: tuple[MediaPolicy, ...] = ()
    """The types that it may have, the first by default; none: that of other replies."""
    every: float = 0.0
    """Seconds between the items of a stream."""
    ranges: bool = False
    """A call may ask for some of its bytes."""
    when: Template | None = None
    """The condition of this alternative; None: it holds for all calls that are left."""
