"""Replies: what an operation answers when nothing refuses the call."""

from __future__ import annotations

from emulator.language.templates import Template
from emulator.program.headers import Headers
from emulator.values import value


@value
class ReplyPolicy:
    """What an operation answers when nothing refuses the call, and when it does."""

    status: int
    headers: Headers
    body: Template | None
    content_type: str = ""
    """That of this reply; empty: that of the provider's others."""
    when: Template | None = None
    """The condition of this alternative; None: it holds for all calls that are left."""
