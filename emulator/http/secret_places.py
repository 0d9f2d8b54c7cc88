"""Secret places: where secrets stand in calls: under which names, and where in a text.

The journal hides what stands there, and learning from archives replaces it. Nothing here
is tried twice, and nothing looks far ahead: a text of a megabyte that was made to be hard
to read takes no longer than another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus

PROOFS = frozenset(("authorization", "proxy-authorization"))
"""Headers whose value is a scheme and what proves the caller."""
COOKIES = frozenset(("cookie", "set-cookie", "set-cookie2", "cookie2"))

_SURELY = (
    r"pass(?:word|wd|phrase)|pwd|secret|(?:api|auth|access|private)_?key"
    r"|authorization|assertion|code_?verifier|token"
)
_PROBABLY = (
    r"pass(?:code)?|pin|credential|otp|cvc|cvv2?|nonce|jwt|key_?secret"
    r"|(?:secret|signing|encryption|account|app|application|client|subscription"
    r"|license|session|shared|master|service)_?key"
    r"|client_auth_key|code_?challenge|session(?:_?id)?|sid|csrf|xsrf|bearer"
    r"|auth|ssn|tax_?id|passport(?:_no)?"
)
_SECRET = re.compile(f"(?:{_SURELY})$")
_SIGNED = re.compile(r"(?:^|_)sig(?:nature)?$")
_GUARDED = re.compile(
    rf"(?:{_SURELY}|(?:^|_)(?:{_PROBABLY}|sig(?:nature)?))s?"
    r"(?:_(?:value|hash|plain|confirmation))?$|^key$"
)
_NO_SECRET = re.compile(
    r"(?:page|next|prev|previous|continuation|cursor)_?tokens?$"
    r"|(?:max|min|total|used|prompt|completion|input|output|cached|reasoning|audio)"
    r"_(?:\w{1,40}_)?tokens$"
)
"""Places in a list, and counts of words."""
_LONGEST_NAME = 200


class Place(NamedTuple):
    """A value in a text, and under which name it stands there."""

    start: int
    end: int
    name: str
    """"" for what stands before the host of an address."""


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")


def plain_name(name: str) -> str:
    """A name as the patterns have it: `clientSecret` and `Client-Secret`, `client_secret`."""
    return _plain(name[-_LONGEST_NAME:])


def is_secret(name: str) -> bool:
    """Whether what is called so is one: `clientSecret`, `X-Api-Key`, `user[password]`."""
    plain = plain_name(name)
    return _SECRET.search(plain) is not None and not _NO_SECRET.search(plain)


def is_secret_in_address(name: str) -> bool:
    """The same of a parameter: `sig`, `X-Amz-Signature`."""
    return is_secret(name) or _SIGNED.search(plain_name(name)) is not None


def may_be_secret(name: str) -> bool:
    """Whether it is better kept from others, for all that is known: `pin`, `session_id`."""
    plain = plain_name(name)
    return _GUARDED.search(plain) is not None and not _NO_SECRET.search(plain)


_USERINFO = re.compile(
    r"://(?:[^\s/?#@:\"'<>]*+:)?(?P<value>[^\s/?#@\"'<>]++)(?=@)"
)  # http://name:secret@host, or http://secret@host
_IN_QUERY = re.compile(r"[?&#](?P<name>[\w.%~\[\]-]{1,100}+)=(?P<value>[^&#\s\"'<>]++)")
_ASSIGNED = re.compile(
    r"(?P<name>[\w.-]{2,60}+)[\"']?+\s{0,9}+[:=]\s{0,9}+"
    r"(?:\"(?P<value>[^\"\r\n]{1,400}+)\"|'(?P<single>[^'\r\n]{1,400}+)'"
    r"|[\"']?+(?P<bare>[^\s\"'&,;<>{}]++))"
)
_PART = re.compile(
    r"\bname=\"(?P<name>[^\"\r\n]{1,99}+)\"[^\r\n]{0,300}+\r\n"
    r"(?:[^\r\n]{1,300}+\r\n){0,9}+\r\n(?P<value>[^\r\n]++)"
)
_ELEMENT = re.compile(r"<(?P<name>[\w.:-]{1,60}+)[^<>]*+>(?P<value>[^<>]++)")


def in_text(text: str) -> Iterator[Place]:
    """Values with a name in any text: `password: hunter2`, `<token>abc</token>`."""
    if "\n" in text and 'name="' in text:
        yield from (_value(match) for match in _PART.finditer(text))
    if "<" in text:
        yield from (_value(match) for match in _ELEMENT.finditer(text))
    if "=" in text or ":" in text:
        yield from (_value(match) for match in _ASSIGNED.finditer(text))


def in_addresses(text: str) -> Iterator[Place]:
    """What stands before hosts, and the parameters, of the addresses in any text."""
    if "@" in text:
        yield from (_value(match) for match in _USERINFO.finditer(text))
    if "=" in text:
        yield from (_value(match) for match in _IN_QUERY.finditer(text))


def _value(match: re.Match[str]) -> Place:
    groups = match.groupdict()
    which = next(name for name in ("value", "single", "bare") if groups.get(name))
    start, end = match.span(which)
    if which == "bare":  # of `login(token=abc)` the bracket is no part
        text = match[which]
        end -= len(text) - len(text.rstrip(")].")) if not set("([") & {*text} else 0
    return Place(start, max(end, start), unquote_plus(groups.get("name") or ""))


def replaced(text: str, places: Iterable[Place], by: Callable[[str], str]) -> str:
    """*text* with other values in *places*, the leftmost of those that overlap."""
    made, at = [], 0
    for place in sorted(places):
        if place.start >= at and place.end > place.start:
            made += [text[at : place.start], by(text[place.start : place.end])]
            at = place.end
    return "".join((*made, text[at:])) if made else text
