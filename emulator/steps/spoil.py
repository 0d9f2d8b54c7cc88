"""Spoil: what goes wrong on purpose with the reply itself: its headers, or all of it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from emulator.exchange.call import Reply
from emulator.exchange.exchange import Exchange
from emulator.step import Finish
from emulator.times import LATEST, SECOND, http_date, whole_seconds
from emulator.world.fault import Fault


def spoil(exchange: Exchange) -> None:
    if not exchange.faults:
        return
    reply = exchange.reply
    # A gateway puts its own reply in the place of this one: headers come after that.
    for fault in sorted(exchange.faults, key=lambda each: each.kind != "gateway"):
        change = _CHANGES.get(fault.kind)
        if change is not None:
            changed = change(reply, fault, exchange.at)
            decision = "spoilt" if changed else "nothing to spoil"
            exchange.note("spoil", decision, {"fault": fault.text})
    reply.faults = tuple(kept for kept in exchange.faults if kept.kind not in _CHANGES)
    if reply.faults:
        texts = [fault.text for fault in reply.faults]
        exchange.note("spoil", "left to the wire", {"faults": texts})


def _gateway(reply: Reply, fault: Fault, _: int) -> bool:
    """Answer as a gateway does that got nothing fit to be passed on.

    The provider has done what it was asked: its client cannot know.
    """
    reply.status = int(fault.amount)
    title, sentence = _PAGES[reply.status]
    reply.parts = None
    reply.body = _PAGE.format(
        title=f"{reply.status} {title}", sentence=sentence
    ).encode()
    kept = [(name, value) for name, value in reply.headers if name.lower() == "date"]
    reply.headers[:] = [*kept, ("Content-Type", "text/html")]
    return True


def _repeat(reply: Reply, fault: Fault, _: int) -> bool:
    repeated = [line for line in reply.headers if line[0].lower() == fault.name.lower()]
    reply.headers.extend(repeated[:1])
    return bool(repeated)


def _drop(reply: Reply, fault: Fault, _: int) -> bool:
    kept = [line for line in reply.headers if line[0].lower() != fault.name.lower()]
    dropped = len(kept) < len(reply.headers)
    reply.headers[:] = kept
    return dropped


def _type(reply: Reply, fault: Fault, _: int) -> bool:
    """A reply without a body has no type that could be wrong."""
    return _rewrite(reply, "content-type", lambda _: fault.name)


def _retry_after(reply: Reply, _: Fault, at: int) -> bool:
    """The other form that RFC 9110, 10.2.3 allows; never earlier than the seconds say."""

    def dated(value: str) -> str:
        if not (value.isascii() and value.isdigit()):
            return value
        return http_date(min(whole_seconds(at) * SECOND + int(value) * SECOND, LATEST))

    return _rewrite(reply, "retry-after", dated)


def _rewrite(reply: Reply, header: str, new: Callable[[str], str]) -> bool:
    """Give every line of *header* a new value; whether one of them is another now."""
    lines = [
        (name, new(value) if name.lower() == header else value)
        for name, value in reply.headers
    ]
    changed = lines != reply.headers
    reply.headers[:] = lines
    return changed


_CHANGES: Mapping[str, Callable[[Reply, Fault, int], bool]] = {
    "gateway": _gateway,
    "repeat": _repeat,
    "drop": _drop,
    "type": _type,
    "retry-after": _retry_after,
}

_PAGES = {
    502: ("Bad Gateway", "What came from the server behind it was no answer."),
    503: ("Service Unavailable", "There is no server behind it that takes requests."),
    504: ("Gateway Timeout", "The server behind it did not answer in time."),
}
_PAGE = """<html>
<head><title>{title}</title></head>
<body>
<h1>{title}</h1>
<p>This is a gateway. {sentence}</p>
</body>
</html>
"""


STEP = Finish(
    name="spoil",
    question="what goes wrong on purpose with the reply itself: its headers, or all of it?",
    finish=spoil,
    keys=(),
)
