"""Headers: what goes with the reply: type, date, quota, links, and the provider's own.

Reads: reply, refusal, format, readings, page, program.headers, program.quota_headers
"""

from __future__ import annotations

from collections.abc import Iterable

from emulator.compile.functions import http_date, to_text
from emulator.compile.limits import QuotaHeaders
from emulator.compile.scope import EMPTY
from emulator.compile.templates import Template
from emulator.exchange import Exchange, Json

_DATES: dict[int, str] = {}


def headers(exchange: Exchange) -> None:
    program, reply = exchange.program, exchange.reply
    lines = reply.headers
    lines.append(("Date", _date(exchange.at)))
    content_type = program.http.content_type
    for name, template in program.headers:
        _add(lines, name, template.value(exchange))
    for dialect in program.quota_headers:
        if _carries(exchange, dialect):
            lines.extend(dialect.lines(exchange.readings or [], exchange.at))
    refusal = exchange.refusal
    if refusal is None:
        _templates(exchange, exchange.operation.reply.headers)
        page = exchange.operation.action.page
        if page is not None and page.link_header and exchange.page:
            _links(exchange, exchange.page["urls"])
    else:
        found = exchange.found
        policy = (found.errors if found else program.errors)[refusal.code]
        content_type = policy.content_type or content_type
        for name, template in policy.headers:
            _add(lines, name, template.value(exchange, refusal.facts))
        if refusal.code == "wrong_method":
            lines.append(("Allow", refusal.facts["allow"]))
    if exchange.format is not None:
        content_type = exchange.format.content_type
    if reply.body:
        lines.append(("Content-Type", content_type))
    exchange.reply.summary = (
        program.name,
        exchange.operation_id or "",
        exchange.refused or "",
    )


def _carries(exchange: Exchange, dialect: QuotaHeaders) -> bool:
    """Whether the reply has the headers of *dialect*; reads the quota where need be."""
    if dialect.on == "success" and exchange.refusal is not None:
        return False
    if dialect.on == "identified" and exchange.caller is None:
        return False
    if dialect.on == "authenticated" and not exchange.authenticated:
        return False
    if dialect.on == "limited":
        return exchange.refused == "rate_limited"
    if exchange.readings is None:
        # No call was charged: tell how the quota stands all the same.
        limits = exchange.found.limits if exchange.found else exchange.program.limits
        buckets = (limit.bucket(exchange) for limit in limits)
        exchange.readings = [
            (bucket.policy, bucket.read(exchange.at)) for bucket in buckets if bucket
        ]
    return bool(exchange.readings)


def _templates(exchange: Exchange, templates: Iterable[tuple[str, Template]]) -> None:
    for name, template in templates:
        _add(exchange.reply.headers, name, template.value(exchange, EMPTY))


def _add(lines: list[tuple[str, str]], name: str, value: Json) -> None:
    if value is not None:
        lines.append((name, to_text(value)))


def _links(exchange: Exchange, urls: dict[str, str]) -> None:
    """A Link header (RFC 8288) to the other pages."""
    if urls:
        value = ", ".join(f'<{url}>; rel="{name}"' for name, url in urls.items())
        exchange.reply.headers.append(("Link", value))


def _date(at: float) -> str:
    whole = int(at)
    text = _DATES.get(whole)
    if text is None:
        _DATES.clear()
        text = _DATES[whole] = http_date(at)
    return text
