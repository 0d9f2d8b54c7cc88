"""Fault: one thing that goes wrong on purpose, as a text names it and as a value.

Triggers, scenarios and the admin API write the same texts; `FORMS` has them all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from emulator.diagnostics import did_you_mean
from emulator.durations import seconds
from emulator.world.chance import Chance

FORMS: Mapping[str, str] = {
    "delay=2s": "the reply, two seconds late",
    "delay=1s-3s": "the reply after a random time between the two, all equally likely",
    "delay=200ms~0.5": "the reply after a random time around 200 ms: lognormal, with that"
    " median and a sigma of 0.5",
    "dribble=5s": "the body, spread over five seconds; the time can be random as well",
    "reset": "a connection reset (RST), without a byte",
    "empty": "a closed connection, without a byte",
    "truncate=0.5": "half of the body after the full `Content-Length`, then a closed connection",
    "truncate=3items": "the first three items of a stream, then a closed connection",
    "malformed": "a body whose second chunk is invalid",
    "garbage": "bytes that are not HTTP, then a closed connection",
    "gateway=502": "the HTML page of a gateway instead of the reply; 503 and 504 too",
    "status=503": "the provider's own error with this status",
    "repeat=Content-Type": "the reply with this header twice",
    "drop=Retry-After": "the reply without this header",
    "type=text/html": "the reply with another `Content-Type`",
    "retry-after=date": "the reply with `Retry-After` as a date instead of seconds",
}
"""What can go wrong: how it is written, and what the client sees."""

KINDS = tuple(dict.fromkeys(form.partition("=")[0] for form in FORMS))
"""What a fault can be."""

LONGEST = 3_600.0
_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_ITEMS = re.compile(r"=([0-9]{1,9})items?")
_HEADER = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,100}/[\w.+-]{1,100}(; ?[\w.+-]+=[\w.+-]+)*", re.A)
_FRAMING = ("connection", "content-length", "transfer-encoding")


class BadFault(ValueError):
    """A text that names no fault: *what* is wrong with it, and how to *fix* it."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}: {fix} (faults are written {', '.join(FORMS)})")
        self.what = what
        self.fix = fix


class Fault(NamedTuple):
    """Something that goes wrong on purpose: the reply is spoilt, or the wire fails."""

    kind: str
    """One of `KINDS`."""
    amount: float = 0.0
    """Seconds for `delay` and `dribble`, the share that is sent for `truncate`, the
    code for `status` and `gateway`."""
    most: float = 0.0
    """Seconds up to which a time is drawn evenly, from *amount* on; 0: it is not."""
    sigma: float = 0.0
    """How far a time is spread around its median *amount* (lognormal); 0: it is not."""
    name: str = ""
    """The header of `repeat` and `drop`, the media type of `type`, or `date`; of a
    `truncate` that counts, `3items`."""

    @property
    def text(self) -> str:
        """The fault as `read_fault` reads it."""
        if self.kind in _TIMED:
            length = _written(self.amount)
            if self.most:
                length += f"-{_written(self.most)}"
            elif self.sigma:
                length += f"~{_decimal(self.sigma)}"
            return f"{self.kind}={length}"
        if self.kind in _PLAIN:
            return self.kind
        return f"{self.kind}={self.name or _decimal(self.amount)}"

    def drawn(self, chance: Chance) -> Fault:
        """The same with a time that is a plain number, drawn where it was left open."""
        if self.most:
            seconds = chance.between(self.amount, self.most)
        elif self.sigma:
            seconds = min(chance.lognormal(self.amount, self.sigma), LONGEST)
        else:
            return self
        return Fault(kind=self.kind, amount=round(seconds, 6))


def read_fault(text: str) -> Fault:
    """A fault as a trigger, a scenario or the admin API names it. Raises `BadFault`.

    "delay=2s"  ->  Fault(kind="delay", amount=2.0)
    """
    kind, equals, written = text.partition("=")
    read = _READ.get(kind)
    if read is None:
        raise BadFault(f"{text[:60]!r} is no fault", did_you_mean(kind[:60], KINDS))
    return read(kind, equals + written)


def _plain(kind: str, rest: str) -> Fault:
    if rest:
        raise _bad(kind, rest, f"it takes no amount: write {kind}")
    return Fault(kind=kind)


def _timed(kind: str, rest: str) -> Fault:
    written = rest.removeprefix("=")
    low, dash, high = written.partition("-")
    median, tilde, spread = written.partition("~")
    if dash:
        first, last = _seconds(kind, rest, low), _seconds(kind, rest, high)
        if first > last:
            raise _bad(kind, rest, f"write the shorter time first: {kind}=1s-3s")
        return Fault(kind=kind, amount=first, most=last)
    seconds = _seconds(kind, rest, median)
    if not tilde:
        return Fault(kind=kind, amount=seconds)
    sigma = _number(spread)
    if not (seconds > 0 and 0 < sigma <= 5):
        fix = f"write a median above 0 and a sigma up to 5: {kind}=200ms~0.5"
        raise _bad(kind, rest, fix)
    return Fault(kind=kind, amount=seconds, sigma=sigma)


def _seconds(kind: str, rest: str, length: str) -> float:
    late = seconds(length)
    if late is None or late > LONGEST:
        forms = f"{kind}=2s, {kind}=1s-3s or {kind}=200ms~0.5"
        raise BadFault(
            f"{kind + rest[:60]!r} has no length of time up to an hour",
            f"write {forms}, in ms, s or m",
        )
    return late


def _share(kind: str, rest: str) -> Fault:
    items = _ITEMS.fullmatch(rest)
    if items is not None:
        return Fault(kind=kind, amount=float(items[1]), name=f"{int(items[1])}items")
    share = _number(rest.removeprefix("="))
    if not 0 <= share < 1:
        fix = (
            "write the share that is sent, below 1, or a number of items: truncate=0.5,"
        )
        raise _bad(kind, rest, f"{fix} truncate=3items")
    return Fault(kind=kind, amount=share)


def _status(kind: str, rest: str) -> Fault:
    status = _number(rest.removeprefix("="))
    if status not in range(500, 600):
        raise _bad(kind, rest, "write a status from 500 to 599: status=503")
    return Fault(kind=kind, amount=status)


def _gateway(kind: str, rest: str) -> Fault:
    status = _number(rest.removeprefix("="))
    if status not in (502, 503, 504):
        raise _bad(kind, rest, "write gateway=502, gateway=503 or gateway=504")
    return Fault(kind=kind, amount=status)


def _header(kind: str, rest: str) -> Fault:
    name = rest.removeprefix("=")
    if not _HEADER.fullmatch(name):
        raise _bad(kind, rest, f"write the name of a header: {kind}=Retry-After")
    if name.lower() in _FRAMING:
        fix = f"write truncate, malformed or empty: {name} is the wire's own"
        raise _bad(kind, rest, fix)
    return Fault(kind=kind, name=name)


def _media_type(kind: str, rest: str) -> Fault:
    name = rest.removeprefix("=")
    if not _MEDIA_TYPE.fullmatch(name):
        raise _bad(kind, rest, "write a media type: type=text/html")
    return Fault(kind=kind, name=name)


def _date(kind: str, rest: str) -> Fault:
    if rest != "=date":
        raise _bad(kind, rest, "write retry-after=date, or drop=Retry-After")
    return Fault(kind=kind, name="date")


def _bad(kind: str, rest: str, fix: str) -> BadFault:
    return BadFault(f"{kind + rest[:60]!r} is no fault", fix)


def _number(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def _written(seconds: float) -> str:
    if 0 < seconds < 1:
        return f"{_decimal(seconds * 1_000)}ms"
    return f"{_decimal(seconds)}s"


def _decimal(number: float) -> str:
    digits = f"{number:.9f}".rstrip("0").rstrip(".")
    return digits or "0"


_TIMED = ("delay", "dribble")
_PLAIN = ("reset", "empty", "malformed", "garbage")
_READ: Mapping[str, Callable[[str, str], Fault]] = {
    **dict.fromkeys(_TIMED, _timed),
    **dict.fromkeys(_PLAIN, _plain),
    "truncate": _share,
    "status": _status,
    "gateway": _gateway,
    "repeat": _header,
    "drop": _header,
    "type": _media_type,
    "retry-after": _date,
}
