"""Codecs: hashes and encodings, as functions of expressions.

Every function takes and gives texts. A text stands for its bytes in UTF-8; bytes that are
no text are written in one of the `FORMS`, and `text_as` or `key_as` says where a text that
goes in is written so. So what one function gives can go into the next one:

    hmac(hmac(caller.secret, '20260302'), 'aws4_request', key_as='hex')
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus

from emulator.json_type import Json
from emulator.language.sizes import TEXT, fits
from emulator.language.texts import to_text

ALGORITHMS = (
    "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512",
)  # fmt: skip
"""What `hash` and `hmac` can work out."""
_WRITE: Mapping[str, Callable[[bytes], str]] = {
    "hex": bytes.hex,
    "base64": lambda raw: base64.b64encode(raw).decode(),
    "base64url": lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
}
FORMS = tuple(_WRITE)
"""How bytes are written in a text: RFC 4648, base64url without its padding."""
READ_AS = ("text", *FORMS)
"""What a text that goes in can be."""
SPACES = ("%20", "+")
"""How a space is written in a query."""
_SHORT = 16
"""Characters of a `digest`."""


def hash_of(
    text: Json,
    algorithm: str = "sha256",
    encoding: str = "hex",
    *,
    text_as: str = "text",
) -> str | None:
    """The hash of *text*, by *algorithm*, written in *encoding*; null where *text* is null, or not what *text_as* says."""
    raw = _bytes(text, text_as)
    if raw is None:
        return None
    made = hashlib.new(_algorithm(algorithm), raw, usedforsecurity=False)
    return _written(made.digest(), encoding)


def hmac_of(
    key: Json,
    text: Json,
    algorithm: str = "sha256",
    encoding: str = "hex",
    *,
    key_as: str = "text",
    text_as: str = "text",
) -> str | None:
    """The HMAC (RFC 2104) of *text* with *key*, written in *encoding*; null where one of them is null, or *text* not what *text_as* says."""
    secret, raw = _bytes(key, key_as), _bytes(text, text_as)
    if secret is None and key is not None:
        # A key is the spec's own, so a slip must not pass for a wrong signature.
        raise ValueError(f"the key is not written in {key_as}")
    if secret is None or raw is None:
        return None
    return _written(hmac.digest(secret, raw, _algorithm(algorithm)), encoding)


def digest(value: Json) -> str:
    """A short text that is the same for the same JSON, and another for other JSON: for an `ETag`."""
    import orjson

    raw = orjson.dumps(value, default=list, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(raw).hexdigest()[:_SHORT]


def to_hex(text: Json) -> str:
    """*text* in hexadecimal; two of them, one after the other, are those of both."""
    raw = _utf8(text)
    fits(2 * len(raw), TEXT, "characters")
    return raw.hex()


def to_base64(text: Json, *, text_as: str = "text") -> str | None:
    """*text* in base64, padded; null for null, and where it is not what *text_as* says."""
    raw = _bytes(text, text_as)
    return None if raw is None else _written(raw, "base64")


def to_base64url(text: Json, *, text_as: str = "text") -> str | None:
    """The same in the base64 of addresses, without padding."""
    raw = _bytes(text, text_as)
    return None if raw is None else _written(raw, "base64url")


def from_base64(text: Json) -> Json:
    """The text that base64 of either kind stands for, padded or not; null where it is none."""
    raw = _bytes(text, "base64")
    try:
        return None if raw is None else raw.decode()
    except UnicodeDecodeError:
        return None


def url(text: Json, safe: str = "") -> str:
    """*text* percent-encoded, but for letters, digits, `-._~` and what is *safe*."""
    plain = to_text(text)
    made = quote(plain, safe, errors="replace")
    fits(len(made), TEXT, "characters")
    return made


def query_string(
    mapping: dict[str, Json] | None,
    *,
    sort: bool = False,
    space: str = "%20",
    safe: str = "",
) -> str:
    """The members of *mapping* as `a=1&b=2`, percent-encoded, in their order or sorted; a list has its name once for each item, null is left out."""
    encode = quote_plus if _one_of(space, SPACES, "a space") == "+" else quote
    pairs = [
        (encode(name, safe), encode(to_text(item), safe, errors="replace"))
        for name, value in (mapping or {}).items()
        for item in (value if isinstance(value, (list, tuple)) else (value,))
        if item is not None
    ]
    fits(sum(len(name) + len(text) + 2 for name, text in pairs), TEXT, "characters")
    ordered = sorted(pairs) if sort else pairs
    return "&".join(f"{name}={text}" for name, text in ordered)


def bytes_of(text: Json) -> bytes | None:
    """What *text* is the base64 of; None where it is none."""
    return _bytes(text, "base64")


def _bytes(text: Json, read_as: str) -> bytes | None:
    """What *text* stands for; None where it is not written so, and for null."""
    if _one_of(read_as, READ_AS, "a text that goes in") == "text":
        return None if text is None else _utf8(text)
    if not isinstance(text, str):
        return None
    fits(len(text), TEXT, "characters")
    try:
        if read_as == "hex":
            return binascii.unhexlify(text)
        plain = text.rstrip("=").translate(_PLAIN)
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:
        return None


_PLAIN = str.maketrans("-_", "+/")


def _utf8(text: Json) -> bytes:
    plain = to_text(text)
    fits(len(plain), TEXT, "characters")
    return plain.encode(errors="replace")


def _algorithm(name: str) -> str:
    return _one_of(name, ALGORITHMS, "an algorithm")


def _written(raw: bytes, encoding: str) -> str:
    _one_of(encoding, FORMS, "an encoding")
    fits(len(raw) // 3 * 4, TEXT, "characters")
    return _WRITE[encoding](raw)


def _one_of(word: str, known: tuple[str, ...], what: str) -> str:
    if word not in known:
        raise ValueError(f"{what} is one of {', '.join(known)}, and not {word!r}")
    return word
