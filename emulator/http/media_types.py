"""Media types: what a Content-Type or a part of an Accept header names (RFC 9110, 8.3)."""

from __future__ import annotations

LINES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonl",
    "application/x-jsonlines",
    "application/json-lines",
    "application/stream+json",
)
"""Types of bodies that have a JSON text in each line."""
_SEQUENCE = ("/json-seq", "+json-seq")


def media_type(text: str) -> str:
    """The type without its parameters, in lower case.

    "Application/JSON; charset=utf-8"  ->  "application/json"
    """
    return text.partition(";")[0].strip().lower()


def is_sequence(media: str) -> bool:
    """Whether a media type is a sequence of JSON texts (RFC 7464, and 8091)."""
    return media_type(media).endswith(_SEQUENCE)


def is_sequential(media: str) -> bool:
    """Whether a body of this type is one item after the other."""
    name = media_type(media)
    return name in LINES or is_sequence(name) or name == "text/event-stream"


def is_xml(media: str) -> bool:
    """Whether a media type is XML (RFC 7303): `text/xml`, `application/atom+xml`."""
    name = media_type(media)
    return name.endswith(("/xml", "+xml", ".xml", "-xml"))
