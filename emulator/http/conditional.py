"""Conditional requests: what the preconditions of a call come to (RFC 9110, 13)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from emulator.times import SECOND, counted

_TAG = re.compile(r'\s*(W/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*(?:,|$)')
_OPAQUE = re.compile(r"[\x21\x23-\x7e\x80-\xff]*")
NOT_MODIFIED = "not_modified"
FAILED = "precondition_failed"
_SAFE = ("GET", "HEAD")


def entity_tag(opaque: str, *, weak: bool) -> str:
    """`"abc"`, or `W/"abc"`. Raises `ValueError` for what no tag can hold (8.8.3)."""
    if not _OPAQUE.fullmatch(opaque):
        raise ValueError(f"an entity-tag cannot hold {opaque!r}")
    return f'W/"{opaque}"' if weak else f'"{opaque}"'


def outcome(
    method: str,
    headers: Mapping[str, str],
    tag: str | None,
    modified: int | None,
    exists: bool,
) -> tuple[str, str] | None:
    """How a call is refused, and by which header; None: it may go on (13.2.2).

    *headers* are by names in lower case. *tag* is the entity-tag of what there is now,
    and *modified* when that came to be, as a world counts; None where nothing says.
    """
    match, none_match = headers.get("if-match"), headers.get("if-none-match")
    if match is not None:
        if not _matches(match, tag, exists, strong=True):
            return FAILED, "If-Match"
    elif _is_newer(headers.get("if-unmodified-since"), modified) is True:
        return FAILED, "If-Unmodified-Since"
    if none_match is not None:
        if _matches(none_match, tag, exists, strong=False):
            refusal = NOT_MODIFIED if method in _SAFE else FAILED
            return refusal, "If-None-Match"
    elif (
        method in _SAFE
        and _is_newer(headers.get("if-modified-since"), modified) is False
    ):
        return NOT_MODIFIED, "If-Modified-Since"
    return None


def _matches(field: str, tag: str | None, exists: bool, *, strong: bool) -> bool:
    """Whether one of the tags in *field* is that of what there is (8.8.3.2)."""
    if field.strip() == "*":
        return exists
    if tag is None or (strong and tag.startswith("W/")):
        return False
    opaque = tag.removeprefix("W/")[1:-1]
    return any(
        opaque == other and not (strong and is_weak) for is_weak, other in _tags(field)
    )


def _tags(field: str) -> Iterator[tuple[bool, str]]:
    """The tags of a list, as far as it is one."""
    at = 0
    while at < len(field):
        tag = _TAG.match(field, at)
        if tag is None:
            return
        yield tag[1] is not None, tag[2]
        at = tag.end()


def _is_newer(field: str | None, modified: int | None) -> bool | None:
    """Whether what there is came to be after the date in *field*; None: nothing says.

    A date that cannot be read is as if it were not there (13.1.3, 13.1.4).
    """
    if field is None or modified is None:
        return None
    try:
        date = parsedate_to_datetime(field[:60])
        since = counted(date)
    except (TypeError, ValueError, OverflowError):
        return None
    return modified // SECOND * SECOND > since
