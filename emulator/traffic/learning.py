"""Learning: archives to a provider's files, as texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from emulator.http.media_types import media_type
from emulator.json_type import Json
from emulator.spec.description import OpenAPI
from emulator.traffic.contradictions import contradictions
from emulator.traffic.credentials import Credentials, find_credentials
from emulator.traffic.describing import describe
from emulator.traffic.envelopes import unwrapped
from emulator.traffic.matching import credentials_described, observe_described
from emulator.traffic.observing import Observed, observe
from emulator.traffic.recorded import Recorded
from emulator.traffic.redaction import Redactor, Replaced
from emulator.traffic.templates import Templates, base_path

_ASSETS = ("text/html", "text/css", "text/javascript", "application/javascript")
_METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
_ODD = re.compile(r"[\x00-\x20{}\x7f-\x9f]")
"""What tools leave in paths that has to be encoded, or would be read as a parameter."""
_WORLD = re.compile(r"^/@[^/]+(?=/)")


class NoHost(ValueError):
    """It is not clear which calls are meant; its text says what to do."""


class Learnt(NamedTuple):
    """What the archives say of an API."""

    document: dict[str, Json]
    """The OpenAPI document."""
    observed: list[Observed]
    credentials: Credentials
    calls: list[Recorded]
    """Those of the host, without secrets."""
    replaced: list[Replaced]
    skipped: dict[str, int]
    contradictions: Sequence[str] = ()
    """What was seen, and a document that is kept does not say."""


def learn(
    calls: Iterable[Recorded], name: str, *, host: str = "", title: str = ""
) -> Learnt:
    """What *calls* say of the API at *host*. Raises `NoHost`."""
    redactor = Redactor()
    every = redactor.redact(calls)
    chosen = unwrapped(_of_host(every, host))
    kept, skipped = [], Counter[str]()
    skipped["to other hosts"] = len(every) - len(chosen)
    for call in chosen:
        if _is_asset(call):
            skipped["pages, scripts and pictures"] += 1
        elif call.method not in _METHODS:
            skipped["of methods that OpenAPI does not know"] += 1
        else:
            kept.append(call.with_path(_ODD.sub(_encoded, _WORLD.sub("", call.path))))
    if not kept:
        raise NoHost("there are no calls of an API in it")
    base = base_path([call.path for call in kept if call.status not in (404, 405)])
    own = [
        call for call in kept if call.path.startswith(base + "/") or call.path == base
    ]
    skipped["outside of " + base] += len(kept) - len(own)
    credentials = find_credentials(own)
    observed = observe(own, Templates(own, base))
    credentials.judge(
        (call, operation.id) for operation in observed for call in operation.calls
    )
    document = describe(
        observed, title or name.capitalize(), own[0].origin + base, credentials
    )
    return Learnt(document, observed, credentials, own, redactor.replaced(), +skipped)


def as_described(learnt: Learnt, openapi: OpenAPI) -> Learnt:
    """*learnt* as calls of the operations of *openapi*, which is kept as it is.

    Raises `NoHost` where none of the calls is of any.
    """
    observed = observe_described(learnt.calls, openapi)
    credentials = credentials_described(learnt.calls, openapi)
    credentials.judge(
        (call, operation.id) for operation in observed for call in operation.calls
    )
    ours = {id(call) for operation in observed for call in operation.calls}
    skipped = dict(learnt.skipped)
    unknown = sum(id(call) not in ours for call in learnt.calls)
    if not ours:
        base = base_path([call.path for call in learnt.calls])
        raise NoHost(
            f"no call is of an operation of the document: its paths begin with"
            f" {openapi.base_path or '/'}, and those of the calls with {base or '/'}"
        )
    if unknown:
        skipped["of no operation of the document"] = unknown
    told = contradictions(
        learnt.observed, observed, (learnt.credentials, credentials), openapi
    )
    return learnt._replace(
        document={},
        observed=observed,
        credentials=credentials,
        skipped=skipped,
        contradictions=told,
    )


def _encoded(match: re.Match[str]) -> str:
    return quote(match[0])


def hosts_of(calls: Iterable[Recorded]) -> Counter[str]:
    """How many calls of an API each host has."""
    return Counter(call.host for call in calls if not _is_asset(call))


def _of_host(calls: Sequence[Recorded], host: str) -> list[Recorded]:
    hosts = hosts_of(calls)
    if host:
        wanted = (
            host.lower().removeprefix("https://").removeprefix("http://").strip("/")
        )
        if wanted not in hosts:
            raise NoHost(f"no call went to {host!r}: {_listed(hosts)}")
        return [call for call in calls if call.host == wanted]
    if len(hosts) > 1:
        raise NoHost(
            f"calls went to several hosts: choose with --host: {_listed(hosts)}"
        )
    return [call for call in calls if call.host in hosts]


def _listed(hosts: Counter[str]) -> str:
    return (
        ", ".join(f"{host} ({many})" for host, many in hosts.most_common(10)) or "none"
    )


def _is_asset(call: Recorded) -> bool:
    """Whether a call is one for a page, and not for an API."""
    media = media_type(call.reply.media)
    if call.method != "GET":
        return False
    return media in _ASSETS or media.startswith(("image/", "font/", "video/", "audio/"))
