"""Sensitive: what secrets and personal details look like, by name and by shape.

Names of secrets, and where these stand in texts, are those of `http/secret_places`.
Whatever looks like one counts as one: a replacement has the same form, so that nothing
is lost where an ordinary id was taken for a key.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from itertools import pairwise
from typing import NamedTuple

from emulator.http.secret_places import may_be_secret, plain_name


class Match(NamedTuple):
    """A part of a text, and what it is."""

    start: int
    end: int
    kind: str


_PERSONAL = (
    (re.compile(r"(^|_)(e_?mail)(_?addr(ess)?)?$"), "mail address"),
    (re.compile(r"(^|_)(phone|mobile|telephone|fax|tel|msisdn)(_?(no|nr|number))?$"),
     "phone number"),
    (re.compile(r"(^|_)iban$"), "IBAN"),
    (re.compile(r"(^|_)((credit_?)?card_?(no|number)|pan)$"), "card number"),
    (re.compile(r"(^|_)(ip|ip_?addr(ess)?|remote_?addr|client_?ip)$"), "IP address"),
    (re.compile(
        r"(^|_)((first|last|given|family|sur|middle|maiden|full|display|legal|holder"
        r"|cardholder|contact|recruiter|customer|user|owner|author|recipient|sender)"
        r"_?names?|surname)$"), "name"),
    (re.compile(r"(^|_)(street|street_?address|address_?line_?\d?|address1|address2)$"),
     "street"),
    (re.compile(r"(^|_)(birth_?date|date_?of_?birth|dob|birthday)$"), "birthday"),
)  # fmt: skip
_OF_PERSONS = re.compile(
    r"(e_?mail|phone|mobile|first_?name|last_?name|surname|birth|login|username)"
)


def kind_by_name(name: str, siblings: Iterator[str] | tuple[str, ...] = ()) -> str:
    """What stands under *name*, beside *siblings*: `secret`, `name`...; "" for neither."""
    kind = _kind(name)
    if kind == "name?":
        of_person = any(_OF_PERSONS.search(plain_name(other)) for other in siblings)
        return "name" if of_person else ""
    return kind


@lru_cache(maxsize=4096)
def _kind(name: str) -> str:
    """The same of a name alone; `name?` where it depends on what stands beside it."""
    if may_be_secret(name):
        return "secret"
    plain = plain_name(name)
    for pattern, kind in _PERSONAL:
        if pattern.search(plain):
            return kind
    return "name?" if plain == "name" else ""


_IDENTIFIER = re.compile(r"[a-z]{2,20}(?:(?:[_.][a-z]{2,20})+|(?:[A-Z][a-z]{1,20})+)")
"""`apply_email`, `contact.phone`, `applyEmail`: how fields are called."""
_VAGUE = re.compile(r"(?:^|_)(?:key|auth|session)$")
_REMARK = re.compile(
    r"\b(?:is|are|was|be|must|may|not|should|cannot|can't|isn't|doesn't|required|requires"
    r"|invalid|missing|blank|empty|least|most|too|already|taken|unknown|allowed|expected"
    r"|wrong|muss|darf|fehlt|nicht|leer|obligatoire|requis)\b",
    re.IGNORECASE,
)


def fits(kind: str, name: str, value: str) -> bool:
    """Whether *value*, under *name*, can be of *kind* at all.

    `{"email": "apply_email"}` has the name of a field, and `{"key": "location"}` a word.
    """
    if kind == "secret":
        if not _VAGUE.search(plain_name(name)):
            return True
        return len(value) > 5 and re.search("[0-9]", value) is not None
    if _IDENTIFIER.fullmatch(value):
        return False
    if kind in ("phone number", "IBAN", "card number", "birthday"):
        return any(letter.isdecimal() for letter in value)
    return True


def is_remark(value: str) -> bool:
    """Whether a text says what is wrong with a value, and is none: `must be unique`."""
    return _REMARK.search(value) is not None


_JWT = re.compile(
    r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{4,}+\.[A-Za-z0-9_-]{4,}+(?:\.[A-Za-z0-9_-]*+)?"
)
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,40}KEY-----(?:[^-]|-(?!----)){0,20000}+"
    r"(?:-----END [A-Z ]{0,40}KEY-----)?"
)
_MAIL = re.compile(
    r"(?<![\w.%+'-])[\w.+'-]{1,64}+(?:@|\\u0040)"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}(?![\w-])"
)
_PREFIXED = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{2,12}[_-]){1,4}(?=[A-Za-z_-]{0,64}+[0-9])"
    r"[A-Za-z0-9][A-Za-z0-9_-]{15,}+"
)
_CLOUD_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:A[A-Z]{3}[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35})(?![A-Za-z0-9])"
)
_RUN = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}+={0,2}")
_PIECE = re.compile(r"[^/]{20,}+")
_MASKED = re.compile(r"[^\s\"'=&?/]{0,4}…\(#[0-9a-f]{4}\)")
"""What the emulator's own archives have instead of a secret."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?"
    r"(?![A-Za-z0-9])"
)
_CARD = re.compile(r"(?<![\w.-])[2-6](?:[ -]?[0-9]){13,18}(?![\w-])")
_PHONE = re.compile(
    r"(?<![\w.+])(?:\+|%2B|00)[1-9](?:[ ()./-]{0,2}[0-9]){7,14}(?![\w])"
    r"|(?<![\w.+-])(?:\((?:0[1-9][0-9]{0,4}|[1-9][0-9]{1,4})\)|0[1-9][0-9]{1,4})[ /-][ ]?[0-9](?:[ -]?[0-9]){4,9}(?![\w-])"
    r"|(?<![\w.+-])\(?[2-9][0-9]{2}\)?[ .-][0-9]{3}[.-][0-9]{4}(?![\w-])"
    r"|(?<![\w.+-])0[1-9](?:[ .-][0-9]{2}){4}(?![\w-]|\.[0-9])"
    r"|(?<![\w.+-])0[1-9]([ -])[0-9]{4}\1[0-9]{4}(?![\w-])"
)
_IPV4 = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.]*[\w])")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?![\w:.])")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]")


def matches(text: str) -> list[Match]:
    """What in *text* looks sensitive, from left to right, without overlaps."""
    return [*(_matches(text) if len(text) > _REMEMBERED else _again(text))]


def _matches(text: str) -> tuple[Match, ...]:
    digits = _DIGIT.search(text) is not None
    found = [
        Match(shape.start(), shape.end(), kind)
        for kind, needs, pattern, holds in _SHAPES
        if (digits if needs == "0" else needs in text)
        for shape in pattern.finditer(text)
        if holds(shape[0])
    ]
    found += _in_paths(text)
    found.sort(key=lambda match: (match.start, -match.end))
    chosen: list[Match] = []
    for match in found:
        if not chosen or match.start >= chosen[-1].end:
            chosen.append(match)
    return tuple(chosen)


_REMEMBERED = 1_000
"""The longest text whose matches are remembered: archives repeat their short ones."""
_again = lru_cache(maxsize=20_000)(_matches)


def _in_paths(text: str) -> Iterator[Match]:
    """The drawn pieces of paths, which are no run as a whole: `/x/wV3...`."""
    for run in _RUN.finditer(text) if "/" in text else ():
        for piece in _PIECE.finditer(run[0]):
            if looks_random(piece[0]):
                start = run.start() + piece.start()
                yield Match(start, start + len(piece[0]), "key")


def looks_random(text: str) -> bool:
    """Whether a run of letters and digits has been drawn, and is no word and no uuid."""
    if _UUID.fullmatch(text) or _TIME.match(text):
        return False
    if "/" in text and any(map(_is_word, text.strip("/").split("/"))):
        return False  # a path
    if all(map(_is_word, re.split("[_/-]+", text.strip("_/-=")))):
        return False  # backend-developer-in-berlin-2
    bare = re.sub(r"[^A-Za-z0-9]", "", text)
    digits = sum(letter.isdigit() for letter in bare)
    if digits == len(bare) or len(bare) < 16:
        return False
    if not digits:
        return len(bare) >= 24 and _mixed(bare)
    return _entropy(bare) >= min(3.2, math.log2(len(bare)) * 0.68)


def _is_word(text: str) -> bool:
    """Whether *text* is a word, a number, or a version, as far as its form shows."""
    return (
        len(text) < 24
        and re.fullmatch(r"[a-z]*|[A-Z]?[a-z]+|[A-Z]+|[0-9]{1,12}|v[0-9]{1,3}", text)
        is not None
    )


def _mixed(text: str) -> bool:
    """Whether capitals stand anywhere in *text*, as in base64, and not before words."""
    changes = sum(a.islower() != b.islower() for a, b in pairwise(text))
    return changes * 3 > len(text) and _entropy(text) > 3.5


def _entropy(text: str) -> float:
    counts = Counter(text)
    return -sum(
        many / len(text) * math.log2(many / len(text)) for many in counts.values()
    )


def luhn(digits: str) -> bool:
    """Whether the last digit checks the others (ISO/IEC 7812-1)."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if at % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def iban_remainder(text: str) -> int:
    """97 into the number that an IBAN stands for (ISO 13616): 1 where it is in order."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97


def _is_iban(text: str) -> bool:
    bare = re.sub("[ -]", "", text)
    return 15 <= len(bare) <= 34 and iban_remainder(bare) == 1


def _is_card(text: str) -> bool:
    digits = re.sub("[ -]", "", text)
    return len(set(digits)) > 1 and luhn(digits)


def _is_address(text: str) -> bool:
    if text.count(":") == 2 and all(
        len(part) == 2 and part.isdecimal() for part in text.split(":")
    ):
        return False  # a time of day
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_loopback)


def _always(text: str) -> bool:
    return bool(text)


_DIGIT = re.compile("[0-9]")
_SHAPES = (
    # What it is, what every such text has ("0" is any digit), its form, and what holds.
    ("signed token", "eyJ", _JWT, _always),
    ("private key", "-----BEGIN ", _PEM, _always),
    ("masked secret", "…(#", _MASKED, _always),
    ("mail address", "@", _MAIL, _always),
    ("mail address", "\\u0040", _MAIL, _always),
    ("key", "A", _CLOUD_KEY, _always),
    ("key", "0", _PREFIXED, looks_random),
    ("key", "", _RUN, looks_random),
    ("IBAN", "0", _IBAN, _is_iban),
    ("card number", "0", _CARD, _is_card),
    ("phone number", "0", _PHONE, lambda text: not _TIME.match(text)),
    ("IP address", ".", _IPV4, _is_address),
    ("IP address", ":", _IPV6, _is_address),
)
