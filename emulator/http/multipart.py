"""Multipart: the parts of a form as they are sent, read as tolerantly as servers do.

RFC 2046 and 7578 say what a form is, and what has to be put up with: text before the
first boundary and behind the last, and padding behind any. Beyond that a line may end
without its CR, and a name or a text that is no UTF-8 is Latin-1: one odd part leaves the
others as they are. What is over a limit, or has no end, is no form.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from emulator.json_type import Json

MAX_PARTS = 1_000
MAX_HEAD = 16_384
"""The longest head of a part, in bytes."""
_MAX_BOUNDARY = 1_000

_BOUNDARY = re.compile(r';\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]+))', re.I)
_BLANK_LINE = re.compile(rb"(?:\A|\r?\n)\r?\n")
_LINE = re.compile(rb"\r?\n(?![ \t])")
_PARAMETER = re.compile(
    rb';\s*([^\s=;"]{1,60})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))', re.S
)
_QUOTED = re.compile(rb'\\(["\\])')


class BadForm(ValueError):
    """Why a form cannot be read."""


class Part(NamedTuple):
    """One field of a form; a *filename* makes a file of it."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes

    @property
    def text(self) -> str:
        """What the field says."""
        return _text(self.content)


def read_parts(content_type: str, body: bytes) -> list[Part]:
    """The fields of the form *body*, in their order. Raises `BadForm`."""
    parts = list(map(_part, _pieces(_boundary(content_type), body)))
    named = [field for field in parts if field is not None]
    if parts and not named:
        raise BadForm("none of its parts has a name")
    return named


def fields_of(parts: Iterable[Part], longest: int | None = None) -> dict[str, Json]:
    """*parts* to look at: texts, and of files what they are called and what they are.

    A name that comes again has a list. A text that is longer than *longest* is told
    like a file.
    """
    fields: dict[str, list[Json]] = {}
    for part in parts:
        long = longest is not None and len(part.content) > longest
        plain = part.filename is None and not long
        fields.setdefault(part.name, []).append(part.text if plain else _facts(part))
    return {name: many if len(many) > 1 else many[0] for name, many in fields.items()}


def digest(content: bytes) -> dict[str, Json]:
    """What tells *content* from another when it is not kept."""
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _facts(part: Part) -> dict[str, Json]:
    told = digest(part.content)
    if part.filename is None:
        return told
    named = {"filename": part.filename, "content_type": part.content_type}
    return {**named, **told}


def _boundary(content_type: str) -> bytes:
    match = _BOUNDARY.search(content_type)
    if match is None or not (match[1] or match[2]):
        raise BadForm("its Content-Type has no boundary")
    boundary = (match[1] or match[2]).encode("latin-1", "replace")
    if len(boundary) > _MAX_BOUNDARY:
        raise BadForm(f"its boundary is longer than {_MAX_BOUNDARY} characters")
    return boundary


def _pieces(boundary: bytes, body: bytes) -> Iterator[bytes]:
    """What stands between the lines of the boundary."""
    start, count = None, 0
    for before, after, last in _lines(b"--" + boundary, body):
        if start is not None:
            count += 1
            if count > MAX_PARTS:
                raise BadForm(f"it has more than {MAX_PARTS} fields")
            yield body[start : max(start, before)]
        if last:
            return
        start = after
    raise BadForm(
        "its boundary is nowhere in it"
        if start is None
        else "its last boundary is missing"
    )


def _lines(dashed: bytes, body: bytes) -> Iterator[tuple[int, int, bool]]:
    """The lines of a boundary: where what is before ends, where what follows begins,
    and whether it is the last."""
    at = body.find(dashed)
    while at >= 0:
        end = at + len(dashed)
        if at == 0 or body[at - 1] == 0x0A:
            last = body.startswith(b"--", end)
            after = _end_of_line(body, end + 2 if last else end)
            if after is not None:
                yield _end_of_content(body, at), after, last
                end = after
        at = body.find(dashed, end)


_PADDING = re.compile(rb"[ \t]*+(?:\r?\n|\Z)")


def _end_of_line(body: bytes, at: int) -> int | None:
    """Where the next line begins, when nothing but padding is left of this one."""
    match = _PADDING.match(body, at)
    return None if match is None else match.end()


def _end_of_content(body: bytes, at: int) -> int:
    """The end of the line before *at* belongs to the boundary."""
    return at - 2 if body[at - 2 : at] == b"\r\n" else max(0, at - 1)


def _part(piece: bytes) -> Part | None:
    """What a piece is; None for one without a name, of which nobody can say anything."""
    blank = _BLANK_LINE.search(piece, 0, MAX_HEAD + 4)
    if blank is None and len(piece) > MAX_HEAD:
        raise BadForm(f"the head of a part is longer than {MAX_HEAD} bytes")
    head = piece if blank is None else piece[: blank.start()]
    content = b"" if blank is None else piece[blank.end() :]
    fields: dict[bytes, bytes] = {}
    for line in _LINE.split(head):
        name, _, value = line.partition(b":")
        fields.setdefault(name.strip().lower(), value.strip())
    said = _parameters(fields.get(b"content-disposition", b""))
    if b"name" not in said:
        return None
    media = fields.get(b"content-type")
    return Part(
        _text(said[b"name"]),
        _filename(said),
        None if media is None else _text(media),
        _decoded(content, fields.get(b"content-transfer-encoding", b"").lower()),
    )


def _parameters(disposition: bytes) -> dict[bytes, bytes]:
    """form-data; name="cv"; filename="a.pdf"  ->  name and filename"""
    parameters: dict[bytes, bytes] = {}
    for name, quoted, plain in _PARAMETER.findall(disposition):
        value = _QUOTED.sub(rb"\1", quoted) if quoted else plain.strip()
        parameters.setdefault(name.lower(), value)
    return parameters


def _filename(said: dict[bytes, bytes]) -> str | None:
    """The plain name, or else the one in the way of RFC 8187, which .NET sends beside."""
    plain, extended = said.get(b"filename"), said.get(b"filename*")
    if plain is not None or extended is None:
        return None if plain is None else _text(plain)
    _, _, coded = extended.partition(b"'")
    return _text(unquote_to_bytes(coded.partition(b"'")[2] or extended))


def _decoded(content: bytes, coding: bytes) -> bytes:
    """RFC 7578 (4.7) has these two no more, and some clients still have."""
    if coding == b"base64":
        try:
            return binascii.a2b_base64(content)
        except binascii.Error:
            return content
    return binascii.a2b_qp(content) if coding == b"quoted-printable" else content


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
