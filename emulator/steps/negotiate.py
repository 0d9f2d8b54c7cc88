"""Negotiate: do client and provider share a media type?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from emulator.compile.program import Operation, Program
from emulator.exchange import Exchange, Json, Refusal
from emulator.http.codings import KNOWN
from emulator.program.undeclared import CODING, Unknown, unknown_version
from emulator.step import Code, Step

_NOTHING = re.compile(r"q=0(\.0{0,3})?")


def negotiate(exchange: Exchange) -> Refusal | None:
    operation, call = exchange.operation, exchange.call
    http = exchange.program.http
    accept = call.headers.get("accept", "")
    version = _unknown_version(accept, http.version) if http.version else None
    if version is not None:
        found = unknown_version(exchange.program, version)
        exchange.is_unknown("negotiate", [found])
    if operation.accept == "enforce":
        if version is not None or exchange.forces("version_unknown"):
            return Refusal("version_unknown", {"version": version})
        wanted = bool(accept) and not _accepts(accept, operation.produces)
        if wanted or exchange.forces("not_acceptable"):
            return Refusal("not_acceptable", {"accept": accept})

    policy = operation.body
    if policy is None:
        return None
    media, taken = policy.media_type(
        call.headers.get("content-type", ""),
        empty=not call.body and not call.body_too_large,
        http=http,
    )
    exchange.media_type = media
    coding = call.unknown_coding or None
    if coding:
        exchange.is_unknown("negotiate", [Unknown(CODING, coding, None, KNOWN)])
    if coding or not taken or exchange.forces("unsupported_media"):
        return Refusal("unsupported_media", {"media_type": media, "coding": coding})
    return None


def _unknown_version(accept: str, policy: Mapping[str, Json]) -> str | None:
    """The first version that *accept* asks for, when it is none that is known."""
    before, _, behind = str(policy["media_type"]).partition("*")
    for part in accept.split(","):
        wanted = part.partition(";")[0].strip().lower()
        if wanted.startswith(before) and wanted.endswith(behind):
            version = wanted[len(before) : len(wanted) - len(behind)]
            return None if version in policy["known"] else version
    return None


def _accepts(accept: str, produced: tuple[str, ...]) -> bool:
    """Whether an Accept header (RFC 9110, 12.5.1) lets one of *produced* through."""
    if not produced:
        return True
    refused: dict[str, bool] = {}
    for part in accept.split(","):
        wanted, *parameters = (one.replace(" ", "").lower() for one in part.split(";"))
        refused[wanted] = any(_NOTHING.fullmatch(one) for one in parameters)
    for one in produced:
        # A parameter, as of a charset, makes no other type of it.
        media = one.partition(";")[0].strip().lower()
        # Of the ranges that a type is in, the narrowest says whether it is wanted.
        for wide in (media, media.partition("/")[0] + "/*", "*/*"):
            if wide in refused:
                if not refused[wide]:
                    return True
                break
    return False


def refusals(program: Program, operation: Operation) -> Iterator[str]:
    if operation.body is not None:
        yield "unsupported_media"
    if operation.accept == "enforce":
        yield "not_acceptable"
        if program.http.version:
            yield "version_unknown"


STEP = Step(
    name="negotiate",
    question="do client and provider share a media type?",
    decide=negotiate,
    codes={
        "not_acceptable": Code("no media type in common", ("accept",)),
        "version_unknown": Code(
            "the media type asks for a version there is not", ("version",)
        ),
        "unsupported_media": Code(
            "the body's type, or the coding it comes in, is not taken",
            ("media_type", "coding"),
        ),
    },
    refusals=refusals,
    keys=("http.accept", "http.version", "operations.{operation}.accept"),
)
