"""Inferred: the texts that were made from a document, and what was concluded for them."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """One kind of inference, which can be turned off by its name."""

    name: str
    from_what: str
    """What of the document it looks at."""
    gives: str
    """What it writes."""


class Finding(NamedTuple):
    """One conclusion."""

    kind: str
    where: str
    """The operation, the path or the part of the document that it is about."""
    confidence: str
    """`high`, `medium`, or `low`: then it is only a comment in the text."""
    reason: str


class Inferred(NamedTuple):
    """A provider in files, as texts."""

    behavior: str
    scenarios: str | None
    fixtures: dict[str, str]
    """The records that the provider begins with, by collection."""
    findings: tuple[Finding, ...]
