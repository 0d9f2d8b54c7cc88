"""Validators: which state does the reply show?"""

from __future__ import annotations

from collections.abc import Iterator

from emulator.exchange.exchange import Exchange
from emulator.language.scope import EMPTY
from emulator.program.headers import header_lines
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.step import Finish
from emulator.times import http_date

_OF_NOT_MODIFIED = ("cache-control", "content-location", "expires", "vary")
"""What a 304 has of the reply that it stands for, besides (RFC 9110, 15.4.5)."""


def validators(exchange: Exchange) -> None:
    operation = exchange.addressed.operation
    policy = None if operation is None else operation.validators
    if policy is None or exchange.repeated is not None:
        return
    if exchange.refusal is None:
        if exchange.operation.action.kind == "delete":
            return
    elif exchange.refusal.code != "not_modified":
        return
    lines = exchange.reply.headers
    said = {name.lower() for name, _ in lines}
    if exchange.refusal is not None:
        for line in _of_success(exchange):
            if line[0].lower() not in said:
                lines.append(line)
    tag, modified = policy.tag(exchange), policy.modified(exchange)
    if tag is not None and "etag" not in said:
        lines.append(("ETag", tag))
    if modified is not None and "last-modified" not in said:
        lines.append(("Last-Modified", http_date(min(modified, exchange.at))))


def _of_success(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """What the reply would have said that a cache has to know."""
    for name, template in exchange.operation.replies[0].headers:
        if name.lower() in _OF_NOT_MODIFIED:
            yield from header_lines(name, template, exchange, EMPTY)


def acts(program: Program, operation: Operation) -> bool:
    return operation.validators is not None


STEP = Finish(
    name="validators",
    question="which state does the reply show?",
    finish=validators,
    acts=acts,
    of_repeats=False,
    keys=("validators", "operations.{operation}.validators"),
)
