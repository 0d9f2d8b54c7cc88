"""Entry: one exchange as it is shown: request, reply, and each decision explained."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.admin.journal.credential_names import credential_of
from emulator.admin.journal.decisions import rows
from emulator.admin.journal.mask import Mask, reply_header_of
from emulator.exchange.entry import Entry
from emulator.json_type import Json
from emulator.program.program import Program
from emulator.times import moment


def shown(entry: Entry, program: Program, *, brief: bool = False) -> dict[str, Json]:
    """*entry* as JSON, without secrets; *program* is that of its provider.

    `credential` is the name that its fixture has for it, and masked where nobody has
    it. A parameter of the query that came more than once is a list. What is *brief* has
    no headers, bodies and steps.
    """
    mask = Mask(entry, program)
    return {
        "id": entry.id,
        "world": entry.world,
        "at": moment(entry.at),
        "real": moment(entry.real),
        "provider": entry.provider,
        "operation": entry.operation,
        "credential": credential_of(entry),
        "request": _request(entry, program, mask, brief=brief),
        "reply": {
            "status": entry.status,
            "headers": []
            if brief
            else [[n, mask.header(n, v)] for n, v in entry.reply_headers],
            "body": None
            if brief
            else mask.body(entry.reply_body, reply_header_of(entry, "content-type")),
        },
        "faults": [fault.text for fault in entry.faults],
        "refused_by": entry.refused_by,
        "refusal": entry.refusal,
        "stubbed": entry.stubbed,
        "steps": [] if brief else rows(entry, program, mask),
    }


def _request(
    entry: Entry, program: Program, mask: Mask, *, brief: bool
) -> dict[str, Json]:
    operation = program.operations.get(entry.operation or "")
    path = mask.path(entry.path, operation.path if operation else None)
    query = mask.query(entry.query)
    return {
        "method": entry.method,
        "path": path,
        "query": _by_name(mask.pairs(entry.query)),
        "url": f"{mask.text(entry.base_url)}{path}{'?' if query else ''}{query}",
        "headers": []
        if brief
        else [
            [name, mask.header(name, value)]
            for name, value in decoded(entry.request_headers)
        ],
        "body": None
        if brief
        else mask.of_kind(*entry.read_request(), entry.request_body),
        "size": entry.request_size,
    }


def decoded(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """The headers of a request as texts."""
    return [(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers]


def _by_name(pairs: list[tuple[str, str]]) -> dict[str, Json]:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return {name: many if len(many) > 1 else many[0] for name, many in values.items()}
