"""Explain: everything that holds for one operation, and how well each part is known."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill
from typing import Any

from emulator.cli.errors import BadSpecs, Complaint
from emulator.cli.formatting import compact, unspliced
from emulator.cli.loading import known, programs
from emulator.cli.rules import rules
from emulator.cli.tables import printable, table
from emulator.compile.errors import ErrorPolicy
from emulator.compile.program import Operation, Program
from emulator.compile.refusals import can_refuse
from emulator.compile.source import Pointer
from emulator.diagnostics import Diagnostic, SpecError, did_you_mean
from emulator.settings import Settings
from emulator.spec.document import Document

Json = Any


def find(programs: Mapping[str, Program], name: str) -> tuple[Program, Operation]:
    """The operation called `listJobs` or `acme/listJobs`. Raises `Complaint`."""
    provider, slash, id = name.rpartition("/")
    if slash and provider not in programs:
        raise Complaint(f"no provider {provider!r}: {did_you_mean(provider, programs)}")
    among = [programs[provider]] if slash else [*programs.values()]
    found = [one for one in among if id in one.operations]
    if not found:
        ids = {id for program in among for id in program.operations}
        raise Complaint(f"no operation {name!r}: {did_you_mean(id, ids)}")
    if len(found) > 1:
        names = " or ".join(f"{program.name}/{id}" for program in found)
        raise Complaint(f"{id!r} is an operation of several providers: write {names}")
    return found[0], found[0].operations[id]


def find_anywhere(settings: Settings, id: str) -> tuple[Program, Operation]:
    """The operation called *id*, of whichever provider has it.

    Those whose files are wrong are told of only where no other one has it. Raises
    `Complaint` and `BadSpecs`.
    """
    loaded: dict[str, Program] = {}
    wrong: list[Diagnostic] = []
    for name in known(settings):
        try:
            loaded |= programs(settings, [name])
        except BadSpecs as error:
            wrong += error.diagnostics
    if wrong and not any(id in one.operations for one in loaded.values()):
        raise BadSpecs(SpecError(wrong))
    return find(loaded, id)


def explain(program: Program, operation: Operation) -> dict[str, Json]:
    """The rules of *operation*, by step, and its refusals, in the order of the steps."""
    document = _document(program)
    steps: dict[str, list[dict[str, Json]]] = {}
    for step, (says, pointer) in rules(program, operation):
        steps.setdefault(step, []).append(
            {
                "says": says,
                "evidence": program.evidence.of(pointer),
                "at": _at(document, pointer, operation),
            }
        )
    order = {step: at for at, step in enumerate(program.order)}
    possible = can_refuse(program, operation).items()
    return {
        "provider": program.name,
        "operation": operation.id,
        "method": operation.method,
        "path": program.base_path + operation.path,
        "summary": operation.summary,
        "description": _description(program, operation),
        "at": str(operation.at),
        "steps": [{"step": step, "rules": found} for step, found in steps.items()],
        "refusals": [
            _refusal(program, operation, document, code, step)
            for code, step in sorted(possible, key=lambda one: order.get(one[1], 99))
        ],
    }


def text(explained: Mapping[str, Json]) -> str:
    """What `explain` found, for a terminal."""
    rows: list[tuple[object, ...]] = []
    for step in explained["steps"]:
        name = step["step"]
        for rule in step["rules"]:
            line = rule["at"].rsplit(":", 2)[1]
            rows.append((name, rule["evidence"], line, rule["says"]))
            name = ""
    refusals = [
        (
            one["step"],
            one["evidence"],
            one["at"].rsplit(":", 2)[1],
            one["status"],
            one["code"],
            one["message"] + _doubt(one),
        )
        for one in explained["refusals"]
    ]
    name = f"{explained['provider']}/{explained['operation']}"
    path = f"{explained['method']} {explained['path']}"
    heads = ("step", "evidence", "line", "status", "refusal", "message")
    return "\n".join(
        [
            f"{name}  {path}  {explained['at']}",
            *([explained["summary"]] if explained["summary"] else []),
            *([_wrapped(explained["description"])] if explained["description"] else []),
            "",
            table(rows, ("step", "evidence", "line", "rule")),
            "",
            table(refusals, heads),
        ]
    )


def _description(program: Program, operation: Operation) -> str:
    """What `openapi.yaml` says of the operation, for people."""
    path = program.openapi.get("paths", {}).get(operation.path, {})
    described = path.get(operation.method.lower(), {}) if isinstance(path, dict) else {}
    return str(described.get("description", "")).strip()


def _wrapped(text: str) -> str:
    """*text* in lines that a terminal shows whole."""
    lines = [fill(printable(line), 88) for line in text.splitlines()]
    return "\n".join(lines)


def _doubt(refusal: Mapping[str, Json]) -> str:
    """That the wording is less well known than the refusal itself."""
    wording = refusal["message_evidence"]
    return "" if wording == refusal["evidence"] else f"  ({wording})"


def _refusal(
    program: Program,
    operation: Operation,
    document: Document | None,
    code: str,
    step: str,
) -> dict[str, Json]:
    policy = operation.errors.get(code) or program.errors[code]
    pointer = policy.at
    entry = _entry(document, pointer)
    return {
        "code": code,
        "step": step,
        "status": policy.status,
        "message": _message(entry, policy),
        "body": None if policy.body is None else unspliced(policy.body.tree),
        "headers": {name: compact(one.tree) for name, one in policy.headers},
        "evidence": program.evidence.of(pointer),
        "message_evidence": program.evidence.of((*pointer, "message")),
        "at": _at(document, pointer, operation),
    }


def _message(entry: Mapping[str, Json], policy: ErrorPolicy) -> str:
    """The provider's words: the entry's `message`, or else the whole body."""
    if isinstance(entry.get("message"), str):
        return str(entry["message"])
    return "" if policy.body is None else compact(policy.body.tree)


def _entry(document: Document | None, pointer: Pointer) -> Mapping[str, Json]:
    value: Json = document.data if document is not None else None
    for part in pointer:
        if not isinstance(value, (dict, list)):
            return {}
        value = value.get(part) if isinstance(value, dict) else value[int(part)]
    return value if isinstance(value, dict) else {}


def _at(document: Document | None, pointer: Pointer, operation: Operation) -> str:
    if document is None:
        return str(operation.at)
    return str(document.locate(pointer, key=True))


def _document(program: Program) -> Document | None:
    """`behavior.yaml` with its places, which every template of it has at hand."""
    for policy in program.errors.values():
        if policy.body is not None and isinstance(policy.body.places, Document):
            return policy.body.places
    return None
