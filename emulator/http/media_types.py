"""Media types: what a Content-Type or a part of an Accept header names (RFC 9110, 8.3)."""

from __future__ import annotations


def media_type(text: str) -> str:
    """The type without its parameters, in lower case.

    "Application/JSON; charset=utf-8"  ->  "application/json"
    """
    return text.partition(";")[0].strip().lower()


def is_xml(media: str) -> bool:
    """Whether a media type is XML (RFC 7303): `text/xml`, `application/atom+xml`."""
    name = media_type(media)
    return name.endswith(("/xml", "+xml", ".xml", "-xml"))
