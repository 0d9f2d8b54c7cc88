"""Cursors: opaque texts that say a place in a list, and what else of a query they carry.

What they say is sealed, so that a cursor is only good for what it was given out for. The
seal is no secret: it tells a slip of a client from a cursor of the provider's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import NamedTuple

import orjson

from emulator.json_type import Json
from emulator.language.scope import EMPTY
from emulator.values import value

Texts = Mapping[str, list[str]]
"""The names of a query as they were sent, each with its texts."""


class NoCursor(ValueError):
    """A text that no provider has given out as a cursor."""


class Cursor(NamedTuple):
    """What an opaque cursor says."""

    place: Json
    """The record that the page ends with, or begins with: [key, when it came, values]."""
    made: int
    """When it was given out, in seconds since 1970."""
    back: bool = False
    """It leads to the records before that place."""
    carried: Texts = EMPTY
    """Parameters of the query that hold for the next page, too."""

    def text(self, question: Json) -> str:
        """The cursor as a client gets it, good for *question* alone."""
        said = self._said()
        seal = hashlib.blake2b(orjson.dumps([question, *said]), digest_size=6)
        text = orjson.dumps([*said[:2], seal.hexdigest(), *said[2:]])
        return base64.urlsafe_b64encode(text).decode().rstrip("=")

    def _said(self) -> list[Json]:
        more = [self.back, self.carried] if self.back or self.carried else []
        return [self.place, self.made, *more]


def read_cursor(sent: Json) -> Cursor:
    """What the cursor *sent* holds, even if a client has made it up.

    Raises `NoCursor`.
    """
    try:
        padded = str(sent) + "=" * (-len(str(sent)) % 4)
        place, made, _, *more = orjson.loads(base64.urlsafe_b64decode(padded))
        back, carried = more or (False, {})
    except (binascii.Error, ValueError, TypeError):
        raise NoCursor from None
    if type(made) is not int or type(back) is not bool or not _are_texts(carried):
        raise NoCursor
    return Cursor(place, made, back, carried)


def _are_texts(carried: Json) -> bool:
    return isinstance(carried, dict) and all(
        isinstance(texts, list)
        and texts
        and all(isinstance(text, str) for text in texts)
        for texts in carried.values()
    )


@value
class Carrying:
    """Which parameters of a query the cursors of a list carry."""

    cursors: tuple[str, ...]
    """The parameters that a cursor stands in."""
    named: frozenset[str]
    """Parameters that are carried."""
    others: bool
    """Whether those are carried as well that are neither *named* nor *apart*."""
    apart: frozenset[str]
    """Parameters that are sent with each call: cursors, credentials, what may differ."""

    def takes(self, name: str) -> bool:
        """Whether the parameter *name* is carried."""
        return name in self.named or (self.others and name not in self.apart)

    def of(self, texts: Texts) -> Texts:
        """What of the query *texts* a cursor carries."""
        return {name: sent for name, sent in texts.items() if self.takes(name)}

    def restored(self, texts: Texts) -> Texts:
        """The query *texts*, with what the cursor in it carries and they do not say."""
        for name in self.cursors:
            if texts.get(name, [""])[-1]:
                try:
                    carried = read_cursor(texts[name][-1]).carried
                except NoCursor:
                    return texts
                return {**self.of(carried), **texts}
        return texts
