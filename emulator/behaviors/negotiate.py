"""Negotiate: do client and provider share a media type?

Reads: operation.body, operation.produces, program.http, call.headers
Refuses: not_acceptable (accept), unsupported_media (media_type)
"""

from __future__ import annotations

import re

from emulator.exchange import Exchange, Refusal

_NOTHING = re.compile(r"q=0(\.0{0,3})?")


def negotiate(exchange: Exchange) -> Refusal | None:
    operation, call = exchange.operation, exchange.call
    accept = call.headers.get("accept", "")
    if exchange.program.http.accept == "enforce":
        wanted = bool(accept) and not _accepts(accept, operation.produces)
        if wanted or exchange.forces("not_acceptable"):
            return Refusal("not_acceptable", {"accept": accept})

    policy = operation.body
    if policy is None:
        return None
    sent = call.headers.get("content-type", "")
    exchange.media_type = media = sent.partition(";")[0].strip().lower()
    nothing = not call.body and not call.body_too_large and not policy.required
    unknown = not (nothing and not sent) and policy.schema(media) is None
    if unknown or exchange.forces("unsupported_media"):
        return Refusal("unsupported_media", {"media_type": media})
    return None


def _accepts(accept: str, produced: tuple[str, ...]) -> bool:
    """Whether an Accept header (RFC 9110, 12.5.1) lets one of *produced* through."""
    if not produced:
        return True
    refused: dict[str, bool] = {}
    for part in accept.split(","):
        wanted, *parameters = (one.replace(" ", "").lower() for one in part.split(";"))
        refused[wanted] = any(_NOTHING.fullmatch(one) for one in parameters)
    for media in produced:
        # Of the ranges that a type is in, the narrowest says whether it is wanted.
        for one in (media.lower(), media.lower().partition("/")[0] + "/*", "*/*"):
            if one in refused:
                if not refused[one]:
                    return True
                break
    return False
