"""Mask: what keeps secrets out of everything that is shown of an exchange.

A secret is known by where it stands (a header that proves who calls, a member called
`password`), or by what it is: a value of a credential of the fixtures, what this call
claimed to be, and whatever stood in one of those places. The second kind is masked
wherever it occurs, in an address or in the words of an error as well.

"jrv_abc1a18b869b2e81c0c5"  ->  "jrv_…(#8d0b)": a beginning to recognise it by, and a
digest to tell it from others.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus

from emulator.exchange.entry import Entry
from emulator.http.bodies import read_body
from emulator.http.cookies import cookie_pairs
from emulator.http.query import query_pairs
from emulator.http.secret_places import (
    COOKIES,
    PROOFS,
    Place,
    in_addresses,
    in_text,
    is_secret,
    is_secret_in_address,
    replaced,
)
from emulator.json_type import Json
from emulator.program.authentication import PAIRS
from emulator.program.program import Program

_LEAST = 5
"""The shortest value that is masked wherever it occurs, when it is a credential's."""
_LEAST_CLAIMED = 8
"""The same of what nobody has: who sends `invalid` does not want all such words gone."""

_MASKED = "…("
_LONG = 12
"""From this length on a value is masked inside of other words as well."""
_BEGINS = r"(?:(?<![A-Za-z0-9])|(?<=%[0-9A-Fa-f]{2}))"


def masked(secret: str) -> str:
    """*secret* as it can be shown: at most a third of it, and a short digest."""
    digest = hashlib.blake2b(secret.encode("utf-8", "surrogateescape"), digest_size=2)
    return f"{secret[: min(4, len(secret) // 3)]}…(#{digest.hexdigest()})"


class Mask:
    """Hides the secrets of one exchange."""

    def __init__(
        self,
        entry: Entry,
        program: Program,
        instead: Callable[[str], str] = masked,
    ) -> None:
        """*instead* gives what stands there instead of a secret."""
        self._instead = instead
        self._headers, self._names, known = _known(program)
        operation = program.operations.get(entry.operation or "")
        if operation is not None:  # what is called so elsewhere may be no secret
            self._names = self._names.union(operation.secret_members)
            if operation.grant is not None:
                self._names |= {"code"}
        secrets = set(known)
        if entry.minted is not None:
            own = entry.minted.values.items()
            secrets.update(made for text, made in own if text in known)
        proven = entry.credential is not None
        least = _LEAST if proven else _LEAST_CLAIMED
        for value in _claimed(entry, program):
            if len(value) >= least:
                secrets.add(value)
        secrets.update(
            seen for seen in self._seen(entry) if len(seen) >= _LEAST_CLAIMED
        )
        self._patterns = _patterns(frozenset(secrets), frozenset(known))

    def is_secret(self, name: str) -> bool:
        return name in self._names or is_secret(name)

    def text(self, text: str) -> str:
        """*text* without the values that are known to be secret."""
        for pattern in self._patterns:
            text = pattern.sub(lambda match: self._masked(match[0]), text)
        return text

    def header(self, name: str, value: str) -> str:
        """The value of a header, as it can be shown."""
        name = name.lower()
        if name == "cookie":
            return "; ".join(self._cookie(part) for part in value.split(";"))
        if name in COOKIES:
            cookie, semicolon, attributes = value.partition(";")
            return self._cookie(cookie) + semicolon + self.text(attributes)
        if name in PROOFS:
            scheme, space, material = value.partition(" ")
            return (
                scheme + space + self._masked(material)
                if space
                else self._masked(value)
            )
        if name in self._headers or is_secret(name):
            return self._masked(value)
        return self._told(value)

    def path(self, path: str, template: str | None = None) -> str:
        """A path; *template* is its operation's, which names its parameters."""
        parts = path.split("/")
        names = (template or "").split("/")
        if len(names) <= len(parts):
            for at in range(1, len(names) + 1):
                name = names[-at]
                if name.startswith("{") and self.is_secret(name.strip("{}")):
                    parts[-at] = self._masked(parts[-at])
        return self.text("/".join(parts))

    def query(self, query: bytes) -> str:
        """A query string, in which only the values are changed that have to be."""
        parts = query.decode("latin-1").split("&")
        return self.text("&".join(map(self._parameter, parts)))

    def pairs(self, query: bytes) -> list[tuple[str, str]]:
        """The parameters of a query, or of a form, with their values decoded."""
        return [
            (name, self._masked(value) if self._is_signed(name) else self._told(value))
            for name, value in query_pairs(query)
        ]

    def json(self, value: Json, name: str = "") -> Json:
        """A JSON value; *name* is that of the member it stands in."""
        if isinstance(value, Mapping):
            # What is wrong with a field is told with the value that was sent.
            named = str(value.get("field") or "") if "rule" in value else ""
            return {
                key: self.json(
                    member, named if named and key in ("value", "sent") else str(key)
                )
                for key, member in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.json(item, name) for item in value]
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            if name and self.is_secret(name):
                return self._masked(str(value))
            return self._told(value) if isinstance(value, str) else value
        return value

    def body(self, body: bytes, media_type: str) -> Json:
        """A body: a JSON value, a text, or `{"base64": ...}`; None where there is none."""
        return self.of_kind(*read_body(body, media_type), body)

    def of_kind(self, kind: str, value: Json, body: bytes) -> Json:
        """The same of a body that is known to be of *kind*, and to hold *value*."""
        if kind in ("json", "parts"):
            return self.json(value)
        if kind == "form":
            return self.query(body)
        if kind == "text":
            places = (each for each in in_text(value) if self.is_secret(each.name))
            return self._told(replaced(value, places, self._masked))
        if kind == "bytes":
            plain = self.text(body.decode("latin-1")).encode("latin-1", "replace")
            return {"base64": base64.b64encode(plain).decode()}
        return None

    def _masked(self, secret: str) -> str:
        """What stands there instead of *secret*; where there was nothing, nothing."""
        return self._instead(secret) if secret else ""

    def _told(self, text: str) -> str:
        """*text* without secrets, those in addresses included."""
        return self.text(self._without_addresses(text))

    def _without_addresses(self, text: str) -> str:
        """*text* without the secrets that stand in addresses."""
        return replaced(text, self._secret_in_addresses(text), self._hidden)

    def _in_addresses(self, text: str) -> Iterator[str]:
        """Those secrets."""
        for place in self._secret_in_addresses(text):
            yield unquote_plus(text[place.start : place.end])

    def _secret_in_addresses(self, text: str) -> Iterator[Place]:
        for place in in_addresses(text):
            if not place.name or self._is_signed(place.name):
                yield place

    def _hidden(self, value: str) -> str:
        return value if _MASKED in value else self._masked(unquote_plus(value))

    def _is_signed(self, name: str) -> bool:
        return name in self._names or is_secret_in_address(name)

    def _cookie(self, text: str) -> str:
        name, equals, value = text.strip().partition("=")
        return f"{name}={self._masked(value)}" if equals else name

    def _parameter(self, part: str) -> str:
        known = parse_qsl(part, True)
        if "=" in part and known and self._is_signed(known[0][0]):
            return f"{part.partition('=')[0]}={self._masked(known[0][1])}"
        if "=" in part and known:
            plain = self._without_addresses(known[0][1])
            if plain != known[0][1]:
                return f"{part.partition('=')[0]}={quote(plain, safe='(#)')}"
        return part

    def _seen(self, entry: Entry) -> Iterator[str]:
        """The values that stand where secrets do, in the request and in the reply."""
        for raw_name, raw in entry.request_headers:
            yield from self._in_header(
                raw_name.decode("latin-1"), raw.decode("latin-1")
            )
        for name, value in entry.reply_headers:
            yield from self._in_header(name, value)
        for name, value in query_pairs(entry.query):
            if self._is_signed(name):
                yield value
            else:
                yield from self._in_addresses(value)
        media = reply_header_of(entry, "content-type")
        for kind, value in (entry.read_request(), read_body(entry.reply_body, media)):
            if kind in ("json", "parts"):
                yield from self._in_json(value)
            elif kind == "form":
                yield from (text for name, text in value if self.is_secret(name))

    def _in_header(self, name: str, value: str) -> Iterator[str]:
        name = name.lower()
        if name in COOKIES:
            header = value if name == "cookie" else value.partition(";")[0]
            yield from (text.strip().strip('"') for _, text in cookie_pairs(header))
        elif name in PROOFS:
            yield value.partition(" ")[2] or value
        elif name in self._headers or is_secret(name):
            yield value
        else:
            yield from self._in_addresses(value)

    def _in_json(self, value: Json, name: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for key, member in value.items():
                yield from self._in_json(member, key)
        elif isinstance(value, list):
            for item in value:
                yield from self._in_json(item, name)
        elif isinstance(value, str) and self.is_secret(name):
            yield value


def reply_header_of(entry: Entry, name: str) -> str:
    return next((v for n, v in entry.reply_headers if n.lower() == name), "")


@lru_cache(maxsize=64)
def _known(program: Program) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Headers, other names, and values that are secret with this provider."""
    headers, names, values = set(PROOFS | COOKIES), set[str](), set[str]()
    for scheme in program.schemes.values():
        if scheme.kind == "header":
            headers.add(scheme.parameter)
        elif scheme.kind == "body":
            names.add(scheme.parameter.rpartition(".")[2])
        elif scheme.kind in ("query", "cookie"):
            names.add(scheme.parameter)
        fields = {scheme.password if scheme.kind in PAIRS else scheme.field}
        fields.update(scheme.signing)
        if scheme.jwt is not None:
            fields = set()
        for record in program.bases[scheme.collection].records.values():
            fields |= {name for name in record if is_secret(name)}
            values |= {str(record[field]) for field in fields if record.get(field)}
    for base in program.bases.values():
        # Whom credentials act for may have passwords of their own.
        first = next(iter(base.records.values()), {})
        secret = [name for name in first if is_secret(name)]
        for record in base.records.values() if secret else ():
            values |= {str(record[member]) for member in secret if record.get(member)}
    long = frozenset(value for value in values if len(value) >= _LEAST)
    return frozenset(headers), frozenset(names), long


def _claimed(entry: Entry, program: Program) -> Iterator[str]:
    """What the call claimed with, but for the names of users."""
    if entry.claim is None:
        return
    for claim in (entry.claim, *entry.claim.beside):
        users = {
            scheme.field
            for scheme in map(program.schemes.get, claim.schemes)
            if scheme is not None and (scheme.kind in PAIRS or scheme.jwt is not None)
        }
        for field, value in claim.fields.items():
            if field not in users:
                yield value


@lru_cache(maxsize=256)
def _patterns(
    found: frozenset[str], known: frozenset[str]
) -> tuple[re.Pattern[str], ...]:
    """All of *found*, in patterns that are quick to make where most of it is *known*.

    A call that claims what nobody has would have all secrets of its provider put into a
    pattern of its own. Texts that are parts of one another stay in one, longest first.
    """
    own = found - known
    apart = known <= found and not any(
        text in other or other in text for text in own for other in known
    )
    if not (apart and own):
        return (_pattern(found),)
    return _pattern(known), _pattern(own)


@lru_cache(maxsize=256)
def _pattern(values: frozenset[str]) -> re.Pattern[str]:
    """Any of *values*, also as it stands in an address; a short one as its own word."""
    found: set[str] = set()
    for value in values:
        found |= {value, quote(value, safe=""), quote_plus(value)}
    words = sorted(found, key=lambda word: (-len(word), word))
    if not words:
        return re.compile(r"(?!)")
    long = [re.escape(word) for word in words if len(word) >= _LONG]
    short = [re.escape(word) for word in words if len(word) < _LONG]
    parts = long
    if short:
        parts = [*long, f"{_BEGINS}(?:{'|'.join(short)})(?![A-Za-z0-9])"]
    return re.compile("|".join(parts))
