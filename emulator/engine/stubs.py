"""Stubs: answers a call by a stub of its world, and has the journal say so."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.exchange.addressed import Addressed
from emulator.exchange.call import Call, Reply
from emulator.exchange.exchange import Exchange
from emulator.http.bodies import read_body
from emulator.http.query import MalformedQuery
from emulator.http.url import host_name
from emulator.program.errors import Errors
from emulator.program.evidence import Evidence
from emulator.program.http_policy import HttpPolicy
from emulator.program.program import Program
from emulator.program.routes import Routes
from emulator.steps.journal import journal
from emulator.world.stubs import Asked
from emulator.world.world import World


def stubbed(addressed: Addressed) -> Reply | None:
    """The reply of a stub to the call that is *addressed*; None: there is none."""
    call, world = addressed.call, addressed.world
    is_foreign = isinstance(addressed.program, StubbedHost)
    found = world.stubs.answering(
        Asked(
            "" if is_foreign else addressed.program.name,
            host_of(call),
            call.method,
            addressed.path,
            lambda: _query(call),
            call.headers,
            lambda: read_body(call.body, call.headers.get("content-type", "")),
        )
    )
    if found is None:
        return None
    exchange = Exchange(addressed)
    exchange.note("stub", "answered", {"stub": found.id})
    stub = found.stub
    exchange.faults = tuple(fault.drawn(world.chance) for fault in stub.faults)
    reply = exchange.reply
    reply.status, reply.headers = stub.status, [*stub.reply_headers]
    reply.body, reply.faults = stub.reply_body, exchange.faults
    reply.summary = (addressed.program.name, exchange.operation_id or "", "")
    reply.world = world.id
    journal(exchange)
    return reply


def host_of(call: Call) -> str:
    return host_name(call.headers.get("host", "").partition(":")[0])


def _query(call: Call) -> Mapping[str, list[str]]:
    try:
        return call.query_texts
    except MalformedQuery:
        return {}


class StubbedHost(Program):
    """What stands for the provider of a host that has none: it answers by stubs alone."""


def stubbed_host(host: str) -> StubbedHost:
    return StubbedHost(
        name=host,
        title=host,
        hosts=(host,),
        base_path="",
        order=(),
        http=HttpPolicy(),
        schemes={},
        alternatives="any",
        keys={},
        lockout=None,
        limits=(),
        quota_headers=(),
        collections={},
        bases={},
        views={},
        headers=(),
        effects=(),
        operations={},
        routes=Routes(),
        errors=Errors({}),
        evidence=Evidence(sources={}, default="", paths={}),
        openapi={},
        files=(),
        formats=(),
        scenarios={},
        webhooks=None,
        minted={},
        hooks=None,
    )


def foreign(call: Call, world: World, program: StubbedHost) -> Addressed:
    """*call* to a host that no provider has."""
    return Addressed(call, program, world, call.path, call.base_url)
