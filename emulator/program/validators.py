"""Validators: what tells one state of a record, or of a list, from another."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from emulator.http.conditional import entity_tag
from emulator.language.templates import Template
from emulator.language.texts import to_text
from emulator.program.views import View
from emulator.times import SECOND, time_of
from emulator.values import value


@value
class ValidatorPolicy:
    """How the replies of an operation say which state they show."""

    has_tag: bool
    etag: Template | None
    """The entity-tag; None: it is made of what is shown."""
    view: View | None
    """How a record is shown by those who read it."""
    weak: bool
    last_modified: Template | None
    required: bool
    """A write has to say which state it is about."""

    def tag(self, x: Any) -> str | None:
        """The entity-tag of the record, or of the list. Raises `ExpressionFailed`."""
        if not self.has_tag:
            return None
        if self.etag is None:
            return entity_tag(self._digest(x), weak=self.weak)
        written = self.etag.value(x, x.record)
        if written is None:
            return None
        try:
            return entity_tag(to_text(written), weak=self.weak)
        except ValueError as error:
            raise self.etag.unusable(str(error), x, x.record) from None

    def modified(self, x: Any) -> int | None:
        """When the record came to be as it is, as a world counts."""
        if self.last_modified is None or x.record is None:
            return None
        written = self.last_modified.value(x, x.record)
        if written is None:
            return None
        if type(written) in (int, float):
            return int(written * SECOND)
        try:
            return time_of(str(written))
        except ValueError:
            why = f"it is to be a time, and this is {written!r:.60}"
            raise self.last_modified.unusable(why, x, x.record) from None

    def _digest(self, x: Any) -> str:
        """What is shown, in a few letters."""
        said = hashlib.blake2b(digest_size=12)
        records = [x.record] if x.record is not None else x.results
        for record in records:
            shown = (
                orjson.dumps(record)
                if self.view is None
                else self.view.template.json(x, record)
            )
            said.update(len(shown).to_bytes(8, "big"))
            said.update(shown)
        if x.page is not None:
            said.update(orjson.dumps([x.page.get("total"), x.page.get("offset")]))
        return said.hexdigest()
