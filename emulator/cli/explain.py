"""Explain: everything that holds for one operation, and how well each part is known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from textwrap import fill
from typing import Any

import orjson

from emulator.cli.errors import Complaint
from emulator.cli.excerpts import Excerpt, excerpt
from emulator.cli.spec_parts import Files
from emulator.cli.tables import printable, table
from emulator.diagnostics import Diagnostic, SpecError, did_you_mean
from emulator.engine.loading import known, programs, wanted
from emulator.language.templates import Spliced
from emulator.pipeline import REFUSALS
from emulator.program.errors import ErrorPolicy
from emulator.program.evidence import ASSUMED
from emulator.program.operation import Operation
from emulator.program.program import Program
from emulator.settings import Settings
from emulator.spec.document import Document, Pointer
from emulator.times import SECOND

Json = Any


def find(programs: Mapping[str, Program], name: str) -> tuple[Program, Operation]:
    """The operation called `listJobs` or `acme/listJobs`. Raises `Complaint`."""
    provider, slash, id = name.rpartition("/")
    if slash and provider not in programs:
        raise Complaint(f"no provider {provider!r}: {did_you_mean(provider, programs)}")
    among = [programs[provider]] if slash else [*programs.values()]
    found = [candidate for candidate in among if id in candidate.operations]
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
    `Complaint` and `SpecError`.
    """
    loaded: dict[str, Program] = {}
    wrong: list[Diagnostic] = []
    for name in wanted(settings) or known(settings):
        try:
            loaded |= programs(settings, [name])
        except SpecError as error:
            wrong += error.diagnostics
    if wrong and not any(id in program.operations for program in loaded.values()):
        raise SpecError(wrong)
    return find(loaded, id)


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
        key=lambda one: order.get(one[1], 99),
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


def text(explained: Mapping[str, Json]) -> str:
    """What `explain` found, for a terminal."""
    name = f"{explained['provider']}/{explained['operation']}"
    path = f"{explained['method']} {explained['path']}"
    heads = ("step", "evidence", "line", "status", "refusal", "message")
    refusals = [
        (
            refusal["step"],
            refusal["evidence"],
            refusal["at"].rsplit(":", 2)[1],
            refusal["status"],
            refusal["code"],
            refusal["message"] + _doubt(refusal),
        )
        for refusal in explained["refusals"]
    ]
    return "\n".join(
        [
            f"{name}  {path}  {explained['at']}",
            *([explained["summary"]] if explained["summary"] else []),
            *([_wrapped(explained["description"])] if explained["description"] else []),
            *_steps(explained["steps"]),
            *_drawn(explained["states"]),
            "",
            table(refusals, heads),
            "",
            *_sources(explained),
        ]
    )


def _steps(steps: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """The lines of each step, with their evidence and their numbers in the margin.

    Evidence stands where it begins, and holds for the lines that follow.
    """
    rules = [rule for step in steps for rule in step["rules"]]
    width = max(
        (len(source) for rule in rules for source in _evidence(rule)), default=0
    )
    last = max((rule["lines"][-1]["number"] for rule in rules), default=0)
    digits = len(str(last))
    for step in steps:
        yield f"\n{step['step']}: {step['question']}"
        above = ("", "")
        for rule in step["rules"]:
            file, line, _ = rule["at"].rsplit(":", 2)
            holder, _, _ = rule["path"].rpartition(".")
            if (file, holder) != above:
                yield f"  {file}:{line}  {holder}".rstrip()
            above = (file, holder)
            shown = ""
            for one in rule["lines"]:
                evidence = one["evidence"]
                margin = "" if evidence == shown else evidence
                shown = evidence or shown
                number = str(one["number"]).rjust(digits)
                yield f"    {margin:{width}}  {number}  {printable(one['text'])}".rstrip()
                for other, names in one["exceptions"].items():
                    if _says(one["text"], other, names):
                        continue
                    says = f"{other}: {', '.join(names)}"
                    yield f"    {'':{width}}  {'':{digits}}  └ {printable(says)}"


def _says(line: str, evidence: str, names: Sequence[str]) -> bool:
    """Whether *line* itself says of just these *names* where they are known from."""
    listed = re.search(rf"\b{re.escape(evidence)}: \[([^\[\]]*)\]", line)
    return listed is not None and {*re.split(r"\s*,\s*", listed[1])} == {*names}


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


def _drawn(machines: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """Each state, and where the moves from it lead."""
    for machine in machines:
        yield f"\nstates of {machine['collection']}, in {machine['field']!r}:"
        rows = []
        for state in machine["states"]:
            mark = "* " if state == machine["start"] else "  "
            moves = [move for move in machine["moves"] if state in move["from"]]
            if not moves:
                rows.append((f"{mark}{state}", "", "", ""))
            for move in moves:
                how = "" if move["after"] is None else f"after {move['after']:g} s"
                if move["conditional"]:
                    how = f"{how}, if its `when` holds".removeprefix(", ")
                rows.append((f"{mark}{state}", f"-> {move['to']}", move["name"], how))
                mark, state = "  ", ""
        yield table(rows, ("  state", "", "move", ""))


def _evidence(rule: Mapping[str, Json]) -> Iterator[str]:
    for line in rule["lines"]:
        yield from (line["evidence"], *line["exceptions"])


def _sources(explained: Mapping[str, Json]) -> Iterator[str]:
    """What the words for evidence that were used stand for."""
    rules = [rule for step in explained["steps"] for rule in step["rules"]]
    names = {origin for rule in rules for origin in _evidence(rule)}
    for refusal in explained["refusals"]:
        names |= {refusal["evidence"], refusal["message_evidence"]}
    rows = [
        (name, ", ".join(f"{source[key]}" for key in ("title", "url") if key in source))
        for name, source in explained["sources"].items()
        if name in names
    ]
    if ASSUMED in names:
        rows.append((ASSUMED, "documented nowhere: what the author takes to be so"))
    yield table(rows, ("evidence", "source"))


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
