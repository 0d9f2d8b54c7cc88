"""Stand-ins: what is written instead of a secret: of the same form, and about nobody.

A stand-in follows from the kind and from how many came before it, and not from what it
stands for: nobody can try values until one fits.
"""

from __future__ import annotations

import base64
import json
import re
from hashlib import sha256

from emulator.traffic.sensitive import iban_remainder, looks_random, luhn

_NAMES = [
    "Alex",
    "Brook",
    "Casey",
    "Dale",
    "Ember",
    "Frost",
    "Glen",
    "Harper",
    "Indigo",
    "Jules",
    "Kit",
    "Lane",
    "Marlow",
    "Noel",
    "Oak",
    "Perry",
    "Quinn",
    "Reed",
    "Sage",
    "Tatum",
    "Umber",
    "Vale",
    "Wren",
    "Yael",
    "Zephyr",
]
_SMALL, _LARGE, _DIGITS = (
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHJKMNPQRSTVWXYZ",
    "0123456789",
)
_PREFIX = re.compile(
    r"(?:(?:[A-Za-z]{2,6}[_-]){1,2}(?=[A-Za-z0-9_-]{16})|A[A-Z]{3}(?=[A-Z0-9]{16}$)|AIza)"
)
"""What says whose key a key is, and is no part of the secret."""
_MASKED = re.compile(r"(.{0,4})…\(#([0-9a-f]{4})\)")
"""What the emulator's own archives have for a secret."""


def stand_in(kind: str, text: str, number: int) -> str:
    """What stands for *text*, the *number*th of its *kind*.

    "jane.roe@corp.example", 3  ->  "user3@example.com"
    """
    draw = _Draw(f"{kind}\x1f{number}")
    masked = _MASKED.fullmatch(text)
    if masked:
        start = re.sub("[^A-Za-z0-9_-]", "", masked[1])
        return start + "".join(draw.of(_SMALL + _DIGITS) for _ in range(32))
    if kind == "name":
        again = (number - 1) // len(_NAMES)
        name = _NAMES[(number - 1) % len(_NAMES)] + (str(again) if again else "")
        return name.lower() if text.islower() else name
    if kind == "mail address":
        at = "\\u0040" if "\\u0040" in text else "@"
        return f"user{number}{at}example.com"
    if kind == "signed token":
        return _token(text, draw)
    if kind == "private key":
        return "-----BEGIN PRIVATE KEY-----\nremoved\n-----END PRIVATE KEY-----"
    if kind == "IBAN":
        return _iban(text, draw)
    if kind == "card number":
        return _card(text, draw)
    if kind == "IP address":
        number = number % 250 + 1
        return f"2001:db8::{number:x}" if ":" in text else f"192.0.2.{number}"
    if kind == "street":
        return f"Example Street {number}"
    if kind == "birthday":
        return re.sub(r"[0-9]{4}", "1970", text) if text else text
    if kind == "phone number":
        return _phone(text, draw)
    return _same_form(text, draw)


class _Draw:
    """Letters that follow from a text, one after the other."""

    def __init__(self, text: str) -> None:
        self._text, self._round, self._bytes = text, 0, b""

    def of(self, letters: str) -> str:
        if not self._bytes:
            self._bytes = sha256(f"{self._text}\x1f{self._round}".encode()).digest()
            self._round += 1
        byte, self._bytes = self._bytes[0], self._bytes[1:]
        return letters[byte % len(letters)]


def _same_form(text: str, draw: _Draw) -> str:
    """Letters for letters and digits for digits, behind the same prefix.

    "sk_live_4eC39HqLyjWDarjtT1zdp7dc"  ->  "sk_live_7bQ20XkTmpRErvxgZ5nha1uw"
    """
    start = _PREFIX.match(text) if looks_random(text) else None
    kept = start[0] if start else ""
    is_hex = re.fullmatch(r"[0-9a-f]+", text[len(kept) :]) is not None
    made = [kept]
    for letter in text[len(kept) :]:
        if letter in _DIGITS:
            made.append(draw.of(_DIGITS))
        elif "A" <= letter <= "Z":
            made.append(draw.of(_LARGE))
        elif letter in _SMALL:
            made.append(draw.of("abcdef" if is_hex else _SMALL))
        elif letter.isalnum():
            made.append(draw.of(_SMALL))
        else:
            made.append(letter)
    return "".join(made)


def _token(text: str, draw: _Draw) -> str:
    """A signed token of the same algorithm, about nobody."""
    parts = text.split(".")
    header = {"alg": "HS256", "typ": "JWT"}
    try:
        raw = json.loads(
            base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
        )
        if re.fullmatch(r"[A-Z]{2}\d{3}|EdDSA|none", str(raw.get("alg"))):
            header["alg"] = str(raw["alg"])
    except (ValueError, AttributeError):
        pass
    claims = {"sub": f"user-{''.join(draw.of(_DIGITS) for _ in range(6))}"}
    made = [
        base64.urlsafe_b64encode(json.dumps(part, separators=(",", ":")).encode())
        .decode()
        .rstrip("=")
        for part in (header, claims)
    ]
    letters = _SMALL + _LARGE + _DIGITS
    signature = "".join(draw.of(letters) for _ in (parts[2] if len(parts) > 2 else ""))
    return ".".join((*made, signature)) if len(parts) > 2 else ".".join(made)


def _filled(text: str, characters: str) -> str:
    """*text* with *characters* in the places of its letters and digits."""
    left = iter(characters)
    return "".join(
        next(left, letter) if letter.isalnum() else letter for letter in text
    )


def _iban(text: str, draw: _Draw) -> str:
    bare = re.sub("[^A-Z0-9]", "", text.upper())
    if len(bare) < 15 or not bare[:2].isalpha():
        return _same_form(text, draw)
    body = "".join(
        draw.of(_DIGITS if letter in _DIGITS else _LARGE) for letter in bare[4:]
    )
    check = 98 - iban_remainder(f"{bare[:2]}00{body}")
    return _filled(text, f"{bare[:2]}{check:02}{body}")


def _card(text: str, draw: _Draw) -> str:
    digits = re.sub("[^0-9]", "", text)
    if len(digits) < 2:
        return _same_form(text, draw)
    body = digits[0] + "".join(draw.of(_DIGITS) for _ in digits[1:-1])
    last = next(digit for digit in _DIGITS if luhn(body + digit))
    return _filled(text, body + last)


def _phone(text: str, draw: _Draw) -> str:
    """The same country, and other digits."""
    kept = re.match(r"(?:\+|%2B|00)?[0-9]{1,2}", text)
    start = kept[0] if kept else ""
    rest = text[len(start) :]
    return start + "".join(
        draw.of(_DIGITS) if letter.isdigit() else letter for letter in rest
    )
