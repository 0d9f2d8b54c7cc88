"""Redaction: archives without secrets and personal details, before anything is learnt.

It goes over all calls twice. First it gathers what stands where secrets do: headers that
prove who calls, cookies, members called `password` or `email`. Then it rewrites every
text: what was gathered, wherever it occurs, also percent-encoded or in base64, and
whatever has the shape of a secret. The same value gets the same stand-in everywhere, so
that what referred to it still does.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from emulator.http.secret_places import (
    COOKIES,
    PROOFS,
    in_addresses,
    in_text,
    may_be_secret,
)
from emulator.json_type import Json
from emulator.traffic.recorded import Body, Pairs, Recorded
from emulator.traffic.sensitive import (
    fits,
    is_remark,
    kind_by_name,
    looks_random,
    matches,
)
from emulator.traffic.stand_ins import stand_in

_PARAMETER = re.compile(r"(?P<name>[\w-]+)=(?P<value>\"[^\"]*\"|[^\s,]+)")
_ENCODED = re.compile(
    r"(?<![^\s/?&=#;,\"'<>])[^\s/?&=#;,\"'<>]*%[0-9A-Fa-f]{2}[^\s/?&=#;,\"'<>]*"
)
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}+={0,2}")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DEEPEST = 4
"""So many encodings are taken off, one inside the other."""
_SHORTEST = 6
"""The shortest secret that is also looked for elsewhere."""
_SHORTEST_WORD = 4
"""The same of the words of a name."""
_BEGINNING = 4
_LONG = 12
"""From this length on it is looked for inside of other words as well."""
_FREE = (
    "optional",
    "required",
    "options",
    "none",
    "null",
    "true",
    "false",
    "undefined",
    "password",
    "secret",
)


_SHORT, _MOST_PLAIN = 200, 100_000
"""So long texts are remembered, and so many."""


class Replaced(NamedTuple):
    """What was replaced: how many different values of a kind, where, and how often."""

    kind: str
    place: str
    values: int
    times: int


class _Span(NamedTuple):
    start: int
    end: int
    text: str
    kind: str
    secret: str


class Redactor:
    """Replaces; remembers what by what, and where."""

    def __init__(self) -> None:
        self._stand_ins: dict[str, str] = {}
        self._made: set[str] = set()
        self._kinds: dict[str, str] = {}
        self._forms: dict[str, dict[str, str]] = {}
        self._numbers: Counter[str] = Counter()
        self._refused = False
        """Whether it is the reply to a refused call."""
        self._everywhere: dict[str, None] = {}
        """What is looked for wherever it may occur."""
        self._seen: dict[tuple[str, str], Counter[str]] = {}
        self._plain: set[str] = set()
        """Texts that nothing has to be replaced in, as far as is known by now."""

    def redact(self, calls: Iterable[Recorded]) -> list[Recorded]:
        """*calls* with stand-ins."""
        gathered = [*calls]
        for call in gathered:
            self._call(call)
        self._index()
        self._seen.clear()
        return [self._call(call) for call in gathered]

    def replaced(self) -> list[Replaced]:
        """What has been replaced, by kind and place; no place holds a value."""
        return sorted(
            Replaced(kind, self._safe(place), len(values), values.total())
            for (kind, place), values in self._seen.items()
        )

    def text(self, text: str, place: str = "", depth: int = 0) -> str:
        """*text* with stand-ins for all that is sensitive in it."""
        if len(text) < 3 or (text in self._plain and not depth):
            return text
        if text[0] in "[{" and text[-1] in "]}":
            with suppress(ValueError, RecursionError):
                value = json.loads(text)
                made = self.json(value, place)
                if made == value:
                    return text
                return json.dumps(made, ensure_ascii=False, separators=(",", ":"))
        spans = [*self._spans(text, depth)]
        if not spans:
            if not depth and len(text) <= _SHORT and len(self._plain) < _MOST_PLAIN:
                self._plain.add(text)
            return text
        spans.sort(key=lambda span: (span.start, -span.end))
        made, at = [], 0
        for span in spans:
            if span.start < at:
                continue
            made += [text[at : span.start], span.text]
            at = span.end
            if span.secret:
                self._note(span.kind, place, span.secret)
        return "".join((*made, text[at:]))

    def json(self, value: Json, place: str, name: str = "", kind: str = "") -> Json:
        """A JSON value; *kind* is what stands under *name*, where that says it."""
        if isinstance(value, dict):
            members = tuple(map(str, value))
            return {
                self.text(str(key), f"{place}, as a name"): self.json(
                    member,
                    f"{place}.{key}" if len(place) < 120 else place,
                    str(key),
                    kind_by_name(str(key), members),
                )
                for key, member in value.items()
            }
        if isinstance(value, list):
            return [self.json(item, place, name, kind) for item in value]
        if isinstance(value, str):
            # Of a refused field it is said what is wrong, and what was sent in it is
            # known by then.
            remark = self._refused and is_remark(value)
            if kind and value and fits(kind, name, value) and not remark:
                return self._replace(kind, value, place)
            return self.text(value, place)
        if isinstance(value, bool) or value is None:
            return value
        return self._number(value, place, kind)

    def _number(self, value: float, place: str, kind: str) -> float:
        if isinstance(value, int) and value.bit_length() > 63:
            value = float(value)  # as JSON is read by most: no file keeps it whole
        text = str(value)
        found = matches(text) if len(text) >= 14 else []
        if text in self._everywhere and not kind:
            kind = self._kinds[text]
        if not kind and not (found and found[0].kind == "card number"):
            return value
        made = self._replace(kind or "card number", text, place)
        with suppress(ValueError):
            return type(value)(made)
        return value

    def _call(self, call: Recorded) -> Recorded:
        at = f"{call.method} calls"
        made = replace(
            call,
            origin=self._origin(call.origin),
            path="/".join(
                quote(self.text(unquote(part), "paths"), safe="/:@!$&'()*+,;=-._~")
                if "%" in part
                else self.text(part, "paths")
                for part in call.path.split("/")
            ),
            query=self._pairs(call.query, "query"),
            headers=self._headers(call.headers, "requests"),
            body=self._body(call.body, f"body of {at}"),
            reply_headers=self._headers(call.reply_headers, "replies"),
        )
        self._refused = call.status >= 400
        reply = self._body(call.reply, "body of replies")
        self._refused = False
        return replace(made, reply=reply)

    def _origin(self, origin: str) -> str:
        scheme, separator, host = origin.partition("://")
        return f"{scheme}{separator}{self.text(host, 'addresses')}"

    def _pairs(self, pairs: Pairs, place: str) -> Pairs:
        names = tuple(name for name, _ in pairs)
        return tuple(
            (
                self.text(name, f"{place}, as a name"),
                self._of_kind(kind_by_name(name, names), value, f"{place} {name}"),
            )
            for name, value in pairs
        )

    def _of_kind(self, kind: str, value: str, place: str) -> str:
        return self._replace(kind, value, place) if kind else self.text(value, place)

    def _body(self, body: Body, place: str) -> Body:
        media = body.media
        if body.kind == "json":
            return Body(media, "json", self.json(body.value, place))
        if body.kind == "form":
            return Body(media, "form", list(self._pairs(tuple(body.value), place)))
        if body.kind == "parts":
            return Body(media.partition(";")[0], "parts", self.json(body.value, place))
        if body.kind == "text":
            return Body(media, "text", self.text(body.value, place))
        if body.kind == "bytes":
            return Body(media, "bytes", b"")  # nothing is learnt of them
        return body

    def _headers(self, headers: Pairs, of: str) -> Pairs:
        return tuple(
            (self.text(name, f"header of {of}"), self._header(name, value, of))
            for name, value in headers
        )

    def _header(self, name: str, value: str, of: str) -> str:
        place = f"header {name} of {of}"
        if name in PROOFS:
            return self._authorization(value, place)
        if name in COOKIES:
            first, *rest = value.split(";")
            attributes = rest if name.startswith("set-") else []
            cookies = [first] if name.startswith("set-") else [first, *rest]
            made = [self._cookie(text, place) for text in cookies]
            return ";".join((*made, *(self.text(text, place) for text in attributes)))
        if name == "www-authenticate":
            return self.text(value, place)
        return self._of_kind(kind_by_name(name), value, place)

    def _cookie(self, text: str, place: str) -> str:
        name, equals, value = text.partition("=")
        if not equals:
            return self.text(text, place)
        return (
            f"{self.text(name, place)}={self._replace('cookie', value.strip(), place)}"
        )

    def _authorization(self, value: str, place: str) -> str:
        scheme, space, rest = value.partition(" ")
        if not space:
            return self._replace("secret", value, place)
        if rest.strip().lower() in ("null", "undefined"):
            return value  # it is the mistake of a program, and tells of one
        if scheme.lower() == "basic":
            plain = _from_base64(rest)
            if plain is None or ":" not in plain:
                self._note("secret", place, rest)
                number = sum(map(ord, rest)) % 10_000
                plain = f"user{number}:{stand_in('secret', 'masked-secret-0', number)}"
                return f"{scheme} {base64.b64encode(plain.encode()).decode()}"
            user, _, password = plain.partition(":")
            user = self._replace("secret", user, place)
            password = self._replace("secret", password, place) if password else ""
            return (
                f"{scheme} {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
            )
        if "=" in rest.rstrip("=") and _PARAMETER.match(rest):

            def parameter(match: re.Match[str]) -> str:
                text = match["value"].strip('"')
                if match["name"].lower() in ("algorithm", "qop", "nc", "realm"):
                    return match[0]
                made = self._replace("secret", text, place) if text else text
                mark = '"' if match["value"].startswith('"') else ""
                return f"{match['name']}={mark}{made}{mark}"

            return f"{scheme} {_PARAMETER.sub(parameter, rest)}"
        return f"{scheme} {self._replace('secret', rest, place)}"

    def _replace(self, kind: str, value: str, place: str) -> str:
        """The stand-in for the whole of *value*, which is of *kind*."""
        if not value or value in self._made:
            return value
        self._note(kind, place, value)
        return self._stand_in(kind, value, gather=True)

    def _stand_in(self, kind: str, value: str, *, gather: bool = False) -> str:
        if value not in self._stand_ins:
            found = matches(value)
            shape = found[0] if found else None
            if shape and (shape.start, shape.end) == (0, len(value)):
                kind = kind if kind not in ("secret", "cookie") else shape.kind
            if kind == "name":
                made = _WORD.sub(lambda word: self._word(word[0]), value)
                made = made if made != value else self._word(value)
            else:
                self._numbers[kind] += 1
                made = stand_in(kind, value, self._numbers[kind])
                if made == value:  # nothing in it could be changed
                    made = f"{kind.replace(' ', '-')}-{self._numbers[kind]}"
            self._stand_ins[value], self._kinds[value] = made, kind
            self._made.add(made)
        if gather and _is_told_apart(value, self._kinds[value]):
            self._everywhere.setdefault(value)
            if "%" in value and (plain := unquote(value)) != value:
                self._stand_in(kind, plain, gather=True)
        return self._stand_ins[value]

    def _word(self, word: str) -> str:
        """The stand-in for one word of a name."""
        if word not in self._stand_ins:
            self._numbers["name"] += 1
            self._stand_ins[word] = stand_in("name", word, self._numbers["name"])
            self._kinds[word] = "name"
        if len(word) >= 4 and word[0].isupper():
            self._everywhere.setdefault(word)
        return self._stand_ins[word]

    def _note(self, kind: str, place: str, value: str) -> None:
        kind = self._kinds.get(value, kind)
        self._seen.setdefault((kind, place), Counter())[value] += 1

    def _safe(self, place: str) -> str:
        """The name of a place, which may hold what was replaced elsewhere."""
        seen, self._seen = self._seen, {}
        place = ".".join(map(self.text, place.split(".")))
        self._seen = seen
        return place

    def _index(self) -> None:
        """Note whatever was gathered, as it may stand in other texts, by its beginning."""
        self._plain.clear()
        for value in self._everywhere:
            for form in {
                value,
                quote(value, safe=""),
                quote_plus(value),
                json.dumps(value)[1:-1],
            }:
                self._forms.setdefault(form[:_BEGINNING], {})[form] = value
        for beginning, forms in self._forms.items():
            longest = sorted(forms.items(), key=lambda pair: -len(pair[0]))
            self._forms[beginning] = dict(longest)

    def _known(self, text: str) -> Iterator[_Span]:
        """What was gathered and stands in *text*."""
        forms = self._forms
        for at in range(len(text) - _SHORTEST_WORD + 1) if forms else ():
            beginning = text[at : at + _BEGINNING]
            if beginning not in forms:
                continue
            for form, value in forms[beginning].items():
                end = at + len(form)
                if not text.startswith(form, at):
                    continue
                if len(form) < _LONG and (
                    (at and text[at - 1].isalnum()) or text[end : end + 1].isalnum()
                ):
                    continue
                made = self._stand_ins[value]
                if form != value:
                    made = quote(made, safe="")
                yield _Span(at, end, made, self._kinds[value], value)
                break

    def _spans(self, text: str, depth: int) -> Iterator[_Span]:
        """The parts of *text* that are replaced, and by what; they may overlap."""
        yield from self._known(text)
        for match in matches(text):
            secret = text[match.start : match.end]
            made = self._stand_in(match.kind, secret)
            yield _Span(match.start, match.end, made, match.kind, secret)
        yield from self._named(text)
        if depth < _DEEPEST:
            yield from self._encoded(text, depth)

    def _named(self, text: str) -> Iterator[_Span]:
        """`password: hunter2` and `<token>abc</token>` and `//user:pass@host` in a text."""
        for place in in_text(text):
            value = text[place.start : place.end]
            if not may_be_secret(place.name) or value.lower() in _FREE:
                continue
            if len(value) < 4 or value.lower() in ("bearer", "basic"):
                continue
            made = self._stand_in("secret", value, gather=True)
            yield _Span(place.start, place.end, made, "secret", value)
        for place in in_addresses(text):
            if not place.name:
                start = text.rfind("://", 0, place.start) + 3
                value = text[start : place.end]
                made = self._stand_in("secret", value)
                self._stand_in("secret", text[place.start : place.end], gather=True)
                yield _Span(start, place.end, made, "secret", value)

    def _encoded(self, text: str, depth: int) -> Iterator[_Span]:
        """What is sensitive once it is decoded, encoded again."""
        for found in _ENCODED.finditer(text) if "%" in text else ():
            plain = unquote_plus(found[0])
            made = self.text(plain, "encoded texts", depth + 1)
            if made != plain:
                yield _Span(found.start(), found.end(), quote(made, safe=""), "", "")
        for found in _BASE64.finditer(text):
            decoded = _from_base64(found[0])
            if decoded is None:
                continue
            made = self.text(decoded, "base64", depth + 1)
            if made != decoded:
                again = base64.b64encode(made.encode()).decode()
                yield _Span(found.start(), found.end(), again, "", "")


def _from_base64(text: str) -> str | None:
    """The text that *text* encodes; None where it is none, or not one that people read."""
    bare = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        plain = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return plain if plain and plain.isprintable() else None


def _is_told_apart(value: str, kind: str) -> bool:
    """Whether *value* can be looked for elsewhere without changing other words."""
    if value.lower() in _FREE or len(value) < _SHORTEST:
        return False
    if kind in ("name", "birthday", "street"):
        return " " in value
    return len(value) >= _LONG or not value.isalpha() or looks_random(value)
