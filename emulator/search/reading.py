"""Reading: the tokens of a query that is written as a text, within bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from emulator.json_type import Json
from emulator.search.fields import Fields
from emulator.search.predicate import BadQuery

MAX_TEXT = 16_384
MAX_DEPTH = 40
MAX_CLAUSES = 200
"""How long a query may be, how deep, and of how many comparisons and words."""


class Token(NamedTuple):
    """A piece of a query: its kind, as the dialect names it, and its text."""

    kind: str
    text: str


END = Token("end", "")


class Reader:
    """Reads one query, token by token; each dialect says what they are."""

    TOKEN: re.Pattern[str]
    """One token, after white space: the name of its group is its kind."""

    def __init__(self, text: Json, fields: Fields) -> None:
        if not isinstance(text, str):
            raise BadQuery("it is not a text")
        if len(text) > MAX_TEXT:
            raise BadQuery(f"it is longer than {MAX_TEXT} characters")
        self.fields = fields
        self._tokens = [*self._read(text.strip())]
        self._at = 0
        self._depth = 0
        self._clauses = 0

    def _read(self, text: str) -> Iterator[Token]:
        at = 0
        while at < len(text):
            match = self.TOKEN.match(text, at)
            if match is None:
                rest = text[at:].strip()[:20]
                raise BadQuery(f"it cannot be read from {rest!r} on")
            at = match.end()
            kind = str(match.lastgroup)
            yield Token(match[kind] if kind == "mark" else kind, match[kind])

    @property
    def next(self) -> Token:
        """The token that comes next."""
        return self.peek(0)

    def peek(self, further: int) -> Token:
        """The token that comes so much *further* on."""
        at = self._at + further
        return self._tokens[at] if at < len(self._tokens) else END

    def take(self) -> Token:
        """The next token, which has then been read."""
        token = self.next
        self._at += 1
        return token

    def takes(self, kind: str) -> bool:
        """Whether the next token is of this *kind*, which has then been read."""
        if self.next.kind != kind:
            return False
        self._at += 1
        return True

    def takes_word(self, *words: str) -> str:
        """The word of *words* that comes next, and has then been read; else nothing."""
        word = self.next.text.casefold()
        if self.next.kind != "word" or word not in words:
            return ""
        self._at += 1
        return word

    def expect(self, kind: str) -> Token:
        """The next token, which is of this *kind*. Raises `BadQuery`."""
        if self.next.kind != kind:
            raise BadQuery(f"{kind} is expected {self.where()}")
        return self.take()

    def where(self) -> str:
        """Where the reader is, in words."""
        return (
            f"before {self.next.text[:40]!r}" if self.next is not END else "at the end"
        )

    def count(self) -> None:
        """Count a comparison or a word."""
        self._clauses += 1
        if self._clauses > MAX_CLAUSES:
            raise BadQuery(f"it has more than {MAX_CLAUSES} clauses")

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """Count what is inside as one level deeper."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise BadQuery(f"it is nested more than {MAX_DEPTH} deep")
        yield
        self._depth -= 1

    def finish(self) -> None:
        """Make sure that all has been read."""
        if self.next is not END:
            raise BadQuery(f"the end is expected {self.where()}")
