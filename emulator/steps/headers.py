"""Headers: what goes with the reply: type, date, quota, links, and the provider's own?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from emulator.exchange.exchange import Exchange, Record
from emulator.http.codings import KNOWN
from emulator.http.digest import challenge
from emulator.language.scope import EMPTY
from emulator.partial import CODE as RANGE
from emulator.partial import cut, unsatisfied
from emulator.program.cors import CorsPolicy, is_preflight
from emulator.program.headers import add_lines, header_lines
from emulator.program.pages import PagePolicy
from emulator.program.rate_limits import QuotaHeaders
from emulator.step import Finish
from emulator.times import SECOND, http_date
from emulator.world.kept_replies import KeptReply

_DATES: dict[int, tuple[str, str]] = {}
"""The header of the last second."""


def headers(exchange: Exchange) -> None:
    program, reply = exchange.program, exchange.reply
    operation = exchange.addressed.operation
    lines = reply.headers
    second = exchange.at // SECOND
    lines.append(_DATES.get(second) or _date(second))
    refusal, again = exchange.refusal, exchange.repeated
    own = () if again is not None else exchange.answer.headers
    facts = EMPTY if refusal is None else refusal.facts
    if program.http.cors is not None:
        lines.extend(_cors(exchange, program.http.cors))
    # What the reply itself says of a header holds, and nothing else of that name.
    said = {name.lower() for name, _ in own} if own else set()
    more: Sequence[tuple[str, str]] = ()
    if again is not None:
        more = _given_again(exchange, again)
        said = {name.lower() for name, _ in more}
    always = program.headers
    if said:
        always = tuple([line for line in always if line[0].lower() not in said])
    add_lines(lines, always, exchange, EMPTY)
    dialects = program.quota_headers
    for dialect in dialects:
        if _carries(exchange, dialect):
            quota = dialect.lines(exchange.standing, exchange)
            if said or len(dialects) > 1 or not dialect.alone:
                _add_once(lines, said, quota)
            else:
                lines += quota
    exchange.own_lines = len(lines)
    if more:
        lines += more
    if own:
        add_lines(lines, own, exchange, facts)
    if refusal is None:
        page = exchange.operation.action.page
        if page is not None and page.link_header and exchange.page:
            _add_once(lines, said, _links(page, exchange.page))
    elif refusal.code == RANGE:
        _add_once(lines, said, [unsatisfied(facts)])
    elif refusal.code == "wrong_method":
        _add_once(lines, said, [("Allow", facts["allow"])])
    elif refusal.code == "unsupported_media" and facts.get(
        "coding"
    ):  # RFC 9110, 15.5.16
        _add_once(lines, said, [("Accept-Encoding", ", ".join(KNOWN))])
    elif reply.status == 401 and operation is not None and operation.digests:
        lines.extend(_challenges(exchange, refusal.code == "nonce_stale"))
    if (reply.body or reply.parts is not None) and "content-type" not in said:
        content_type = exchange.content_type or program.http.content_type
        lines.append(("Content-Type", content_type))
    if refusal is None and exchange.operation.ranges:
        cut(exchange)
    code = "" if refusal is None else refusal.code
    reply.summary = program.name, "" if operation is None else operation.id, code
    reply.refused_by, reply.world = exchange.refused_by or "", exchange.world.id


def _given_again(exchange: Exchange, kept: KeptReply) -> list[tuple[str, str]]:
    """The headers of a reply of before that are its own, and those that tell of that."""
    lines = [*kept.lines[kept.own :]]
    policy = exchange.operation.idempotency
    if policy is not None:
        original = {
            "status": kept.status,
            "request_id": kept.request_id,
            "headers": dict(kept.lines),
        }
        for name, template in policy.headers:
            lines += header_lines(name, template, exchange, {"original": original})
    return lines


def _cors(exchange: Exchange, policy: CorsPolicy) -> Iterator[tuple[str, str]]:
    """What a browser is told of a call from a page of another origin."""
    call, methods = exchange.call, list[str]()
    if is_preflight(call.method, call.headers):
        match = exchange.addressed.match
        methods = sorted(match.by_method) if match else ["OPTIONS"]
    return policy.lines(call.headers, tuple(methods))


def _challenges(exchange: Exchange, stale: bool) -> Iterator[tuple[str, str]]:
    """What asks for a user and a password by HTTP Digest, where the operation takes it."""
    for policy in exchange.operation.digests:
        drawn = exchange.world.secrets.token(16, "0123456789abcdef")
        nonce = exchange.world.nonces.give(exchange.world.id, drawn, exchange.at)
        told = challenge(policy.realm, nonce, policy.algorithm, stale=stale)
        yield "WWW-Authenticate", told


def _add_once(
    lines: list[tuple[str, str]], said: set[str], more: Iterable[tuple[str, str]]
) -> None:
    """Add those of *more* of whose names nothing is *said*, which they then are."""
    for line in more:
        name = line[0].lower()
        if name not in said:
            said.add(name)
            lines.append(line)


def _carries(exchange: Exchange, dialect: QuotaHeaders) -> bool:
    """Whether the reply has the headers of *dialect*; reads the quota where need be."""
    if dialect.replies == "success" and exchange.refusal is not None:
        return False
    if dialect.replies == "identified" and exchange.caller is None:
        return False
    if dialect.replies == "authenticated" and not exchange.authenticated:
        return False
    if dialect.replies == "limited":
        return exchange.refused_by == "rate_limit"
    return bool(exchange.readings or exchange.standing)


def _links(policy: PagePolicy, page: Record) -> Iterator[tuple[str, str]]:
    """A Link header (RFC 8288) to the other pages that there are."""
    start, size, total = page["offset"], page["size"], page["total"]
    there = {
        "self": True,
        "first": start > 0,
        "prev": start - size < total,
        "next": True,
        "last": total > 0 and not start < total <= start + size,
    }
    if policy.link_ends == "always":
        there["first"] = there["last"] = True
    links = [
        f'<{url}>; rel="{policy.links[name]}"'
        for name, url in page["urls"].items()
        if there[name]
    ]
    if links:
        yield "Link", ", ".join(links)


def _date(second: int) -> tuple[str, str]:
    _DATES.clear()
    line = _DATES[second] = ("Date", http_date(second * SECOND))
    return line


STEP = Finish(
    name="headers",
    question="what goes with the reply: type, date, quota, links, and the provider's own?",
    finish=headers,
    keys=(
        "headers",
        "rate_limit_headers",
        "http.cors",
        "http.content_type",
        "operations.{operation}.reply.headers",
    ),
)
