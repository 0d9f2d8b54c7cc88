"""Explain: everything that holds for one operation, and how well each part is known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import orjson

from emulator.explanation.excerpts import Excerpt, excerpt
from emulator.explanation.spec_parts import Files
from emulator.json_type import Json
from emulator.language.embedded import Spliced
from emulator.pipeline import REFUSALS
from emulator.program.errors import ErrorPolicy
from emulator.program.evidence import ASSUMED
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.spec.document import Document, Pointer
from emulator.times import SECOND


def explain(program: Program, operation: Operation) -> dict[str, Json]:
    """What its author wrote of *operation*, by step, and how it can be refused.

    Raises `SpecError` where the files have gone bad since they were loaded.
    """
    files = Files(program)
    questions: dict[str, str] = {}
    rules: dict[str, list[dict[str, Json]]] = {}
    for part in files.parts(operation):
        evidence_of = partial(files.evidence_of, part.document)
        facts = files.known_by if part.document is files.behavior else ()
        found = excerpt(part.document, part.pointer, evidence_of, facts)
        questions[part.step.name] = part.step.question
        told, rule = rules.setdefault(part.step.name, []), _rule(found)
        # Two keys that stand in one line are told by it once.
        if not any(_same_lines(rule, other) for other in told):
            told.append(rule)
    order = {step: at for at, step in enumerate(program.order)}
    possible = sorted(
        REFUSALS.of(program, operation).items(),
        key=lambda part: order.get(part[1], 99),
    )
    return {
        "provider": program.name,
        "operation": operation.id,
        "method": operation.method,
        "path": program.base_path + operation.path,
        "summary": operation.summary,
        "description": _description(program, operation),
        "at": str(operation.at),
        "steps": [
            {"step": name, "question": questions[name], "rules": found}
            for name, found in rules.items()
        ],
        "states": _states(program, operation),
        "refusals": [
            _refusal(program, operation, files.behavior, code, step)
            for code, step in possible
        ],
        "sources": dict(program.evidence.sources),
    }


def _rule(found: Excerpt) -> dict[str, Json]:
    return {
        "path": ".".join(map(str, found.pointer)),
        "at": str(found.at),
        "evidence": found.evidence,
        "lines": [line._asdict() for line in found.lines],
    }


def _same_lines(rule: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    """Whether both are told by the same lines of the same file."""
    files = {each["at"].rsplit(":", 2)[0] for each in (rule, other)}
    return len(files) == 1 and rule["lines"] == other["lines"]


def _states(program: Program, operation: Operation) -> list[dict[str, Json]]:
    """The states of the records that the operation creates or changes."""
    changed = [effect.collection for effect in operation.effects]
    if operation.action.kind in ("create", "update"):
        changed.insert(0, operation.action.collection)
    machines = {
        name: program.collections[name].machine
        for name in changed
        if name in program.collections
    }
    return [
        {
            "collection": name,
            "field": machine.field,
            "start": machine.start,
            "states": [*machine.states],
            "moves": [
                {
                    "name": move.name,
                    "from": [*move.sources],
                    "to": move.to,
                    "after": None if move.after is None else move.after / SECOND,
                    "conditional": move.when is not None,
                }
                for move in machine.moves.values()
            ],
        }
        for name, machine in machines.items()
        if machine is not None
    ]


def _description(program: Program, operation: Operation) -> str:
    """What `openapi.yaml` says of the operation, for people."""
    path = program.openapi.get("paths", {}).get(operation.path, {})
    described = path.get(operation.method.lower(), {}) if isinstance(path, dict) else {}
    return str(described.get("description", "")).strip()


def _refusal(
    program: Program,
    operation: Operation,
    document: Document,
    code: str,
    step: str,
) -> dict[str, Json]:
    policy = operation.errors.of(code, step) or program.errors[code]
    pointer = policy.at
    entry = _entry(document, pointer)
    return {
        "code": code,
        "step": step,
        "status": policy.status,
        "message": _message(entry, policy),
        "body": None if policy.body is None else _unspliced(policy.body.tree),
        "headers": {name: _compact(value.tree) for name, value in policy.headers},
        "evidence": ASSUMED if policy.assumed else program.evidence.of(pointer),
        "message_evidence": ASSUMED
        if policy.assumed
        else program.evidence.of((*pointer, "message")),
        "at": str(operation.behavior.locate(pointer, key=True)),
    }


def _message(entry: Mapping[str, Json], policy: ErrorPolicy) -> str:
    """The provider's words: the entry's `message`, or else the whole body."""
    if isinstance(entry.get("message"), str):
        return str(entry["message"])
    return "" if policy.body is None else _compact(policy.body.tree)


def _entry(document: Document, pointer: Pointer) -> Mapping[str, Json]:
    value: Json = document.data
    for part in pointer:
        if not isinstance(value, (dict, list)):
            return {}
        value = value.get(part) if isinstance(value, dict) else value[int(part)]
    return value if isinstance(value, dict) else {}


def _compact(tree: Json) -> str:
    """A text as it is, and anything else as JSON in one line."""
    plain = _unspliced(tree)
    return plain if isinstance(plain, str) else orjson.dumps(plain).decode()


def _unspliced(tree: Json) -> Json:
    """*tree* with what was written elsewhere in its place."""
    if isinstance(tree, Spliced):
        return _unspliced(tree.tree)
    if isinstance(tree, Mapping):
        return {key: _unspliced(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_unspliced(item) for item in tree]
    return tree
