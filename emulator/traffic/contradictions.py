"""Contradictions: what recorded calls show, and the document that is kept does not say.

The document counts: what it does not describe is not learnt, and must not be passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from emulator.http.media_types import media_type
from emulator.json_type import Json
from emulator.program.schemas import Schema
from emulator.spec.description import OpenAPI
from emulator.traffic.credentials import Credentials
from emulator.traffic.observing import Observed
from emulator.traffic.recorded import Recorded

_MOST = 20
"""So many sentences are written."""


def contradictions(
    found: list[Observed],
    known: list[Observed],
    credentials: tuple[Credentials, Credentials],
    openapi: OpenAPI,
) -> list[str]:
    """Sentences on what was *found* in calls, and is not *known* by the document.

    *credentials* are those that calls show, and those that the document describes.
    """
    every = [
        *_of_hosts(known, openapi),
        *_unknown(found, known),
        *_of_credentials(*credentials),
        *(text for one in known for text in _of_replies(one, openapi)),
    ]
    more = len(every) - _MOST
    return [*every[:_MOST], *([f"and {more} more of that kind"] if more > 0 else [])]


def _of_hosts(known: list[Observed], openapi: OpenAPI) -> Iterator[str]:
    hosts = dict.fromkeys(call.host for one in known for call in one.calls)
    servers = [url for url in openapi.server_urls if "://" in url and "{" not in url]
    named = {urlsplit(url).netloc.lower() for url in servers}
    if named and not named & hosts.keys():
        yield f"calls went to {', '.join(hosts)}: the document names {', '.join(servers)}"


def _unknown(found: list[Observed], known: list[Observed]) -> Iterator[str]:
    ours = {id(call) for one in known for call in one.calls}
    for one in found:
        if not any(id(call) in ours for call in one.calls):
            yield f"{one.method} {one.template.path}: the document has no such operation"


def _of_credentials(sent: Credentials, described: Credentials) -> Iterator[str]:
    used = [name for name, values in described.values.items() if values]
    shown = [p for name, p in sent.schemes.items() if sent.values.get(name)]
    if described.schemes and shown and not used:
        names = ", ".join(
            dict.fromkeys(f"{place.where} {place.name}" for place in shown)
        )
        wanted = ", ".join(described.schemes)
        yield f"calls send a credential in {names}: the document asks for {wanted}"


def _of_replies(one: Observed, openapi: OpenAPI) -> Iterator[str]:
    responses = openapi.operations[one.id].responses
    unknown = sorted(
        {call.answered for call in one.calls if _described(responses, call) is None}
    )
    if unknown:
        statuses = ", ".join(map(str, unknown))
        yield f"{one.id} answered {statuses}: the document has no such response"
    for call in one.good:
        wrong = _wrong(_described(responses, call) or {}, call)
        if wrong:
            yield f"{one.id} answered what the document does not describe: {wrong}"
            return


def _described(
    responses: Mapping[str, Mapping[str, Json]], call: Recorded
) -> Mapping[str, Json] | None:
    """The schemas of the response that a reply is, by media type; None for none."""
    status = str(call.answered)
    for name in (status, f"{status[0]}XX", "default"):
        if name in responses:
            return responses[name]
    return None


def _wrong(schemas: Mapping[str, Json], call: Recorded) -> str:
    """The first thing that is wrong with a reply; "" for nothing."""
    schema = schemas.get(media_type(call.reply.media))
    if call.reply.kind != "json" or not schema:
        return ""
    with suppress(
        ValueError
    ):  # a pattern that is none, of a document that is not sound
        for violation in Schema(schema).violations(call.reply.value):
            path = ".".join(map(str, violation["path"])) or "the whole"
            return f"{path} breaks `{violation['rule']}`"
    return ""
