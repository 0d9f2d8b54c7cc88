"""Negotiate: do client and provider share a media type?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.addressed import Addressed
from emulator.exchange.exchange import Exchange, Refusal
from emulator.exchange.notes import Notes, Words
from emulator.http.accept import preferred
from emulator.http.codings import KNOWN
from emulator.http.media_types import media_type
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.program.undeclared import CODING, Unknown, unknown_version
from emulator.step import Code, Step


def negotiate(exchange: Exchange) -> Refusal | None:
    operation, addressed = exchange.operation, exchange.addressed
    version = version_asked(addressed)
    if version is not None:
        unknown = unknown_version(exchange.program, version)
        exchange.is_unknown("negotiate", [unknown])
    if operation.accept == "enforce":
        if version is not None or exchange.forced == "version_unknown":
            return Refusal("version_unknown", {"version": version})
        accept = _accept(addressed)
        refused = not _accepts(accept, operation.produces)
        if refused or exchange.forced == "not_acceptable":
            return Refusal("not_acceptable", {"accept": accept})

    if operation.body is None:
        return None
    media, taken = addressed.media_type
    exchange.media_type = media
    coding = addressed.call.unknown_coding or None
    if coding:
        exchange.is_unknown("negotiate", [Unknown(CODING, coding, None, KNOWN)])
    if coding or not taken or exchange.forced == "unsupported_media":
        return Refusal("unsupported_media", {"media_type": media, "coding": coding})
    return None


def unknown_media(addressed: Addressed) -> list[Unknown]:
    """The version or the coding that the call asks for and nobody describes."""
    version, coding = version_asked(addressed), addressed.call.unknown_coding
    if version is not None:
        return [unknown_version(addressed.program, version)]
    takes_body = addressed.operation is not None and addressed.operation.body
    if coding and takes_body and _accepts_reply(addressed):
        return [Unknown(CODING, coding, None, KNOWN)]
    return []


def is_shared(addressed: Addressed) -> bool:
    """Whether client and provider share a media type, for the reply and for the body."""
    operation = addressed.operation
    if operation is None or not _accepts_reply(addressed):
        return False
    return operation.body is None or (
        addressed.media_type[1] and not addressed.call.unknown_coding
    )


def _accepts_reply(addressed: Addressed) -> bool:
    operation = addressed.operation
    if operation is None or operation.accept != "enforce":
        return True
    if version_asked(addressed) is not None:
        return False
    return _accepts(_accept(addressed), operation.produces)


def _accept(addressed: Addressed) -> str:
    return addressed.call.accept


def version_asked(addressed: Addressed) -> str | None:
    """The first version that the call asks for, where it is none that is known."""
    policy = addressed.program.http.version
    if not policy:
        return None
    before, _, behind = str(policy["media_type"]).partition("*")
    for part in _accept(addressed).split(","):
        wanted = media_type(part)
        if wanted.startswith(before) and wanted.endswith(behind):
            version = wanted[len(before) : len(wanted) - len(behind)]
            return None if version in policy["known"] else version
    return None


def _accepts(accept: str, produced: tuple[str, ...]) -> bool:
    """Whether an Accept header (RFC 9110, 12.5.1) lets one of *produced* through."""
    return not produced or not accept or preferred(accept, produced) is not None


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if operation.body is not None:
        yield "unsupported_media"
    if operation.accept == "enforce":
        yield "not_acceptable"
        if program.http.version:
            yield "version_unknown"


def tell(notes: Notes) -> Words:
    found, code, facts = notes.operation, notes.refusal, dict(notes.facts)
    taken = sorted(found.body.schemas) if found and found.body else []
    if code == "unsupported_media" and facts.get("coding"):
        coding = facts["coding"]
        return f"{coding} is not decoded; {' or '.join(KNOWN)} is", {"coding": coding}
    if code == "unsupported_media":
        media = facts.get("media_type")
        why = f"{media} is not taken" if media else "nothing says what the body is"
        facts = {"media_type": media, "taken": taken}
        return f"{why}; {' or '.join(taken)} is taken", facts
    if code == "not_acceptable":
        offered = list(found.produces) if found else []
        facts = {"accept": facts.get("accept"), "offered": offered}
        return f"wants {facts['accept']}; there is {' or '.join(offered)}", facts
    if code is not None:
        return f"there is no version {facts.get('version')!r}", facts
    media = notes.entry.media_type
    if media:
        return f"the body is {media}", {"media_type": media}
    return "nothing to agree on", {}


STEP = Step(
    name="negotiate",
    question="do client and provider share a media type?",
    decide=negotiate,
    by_schema=negotiate,
    tell=tell,
    codes={
        "not_acceptable": Code("no media type in common", ("accept",), 406),
        "version_unknown": Code("the media type has an unknown version", ("version",)),
        "unsupported_media": Code(
            "the type or the coding of the body is not accepted",
            ("media_type", "coding"),
            415,
        ),
    },
    refusals=refusals,
    acts=lambda program, __: bool(program.http.version),
    keys=("http.accept", "http.version", "operations.{operation}.accept"),
)
